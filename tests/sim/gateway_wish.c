#include <assert.h>
#include <stdio.h>
#include <string.h>
#include "tests/sim/gateway_model.h"
#include "tests/sim/world.h"

/* What clients ask for: good requests, and ones that must be refused. */

static struct id new_id(struct world *world, uint32_t user)
{
    uint8_t random[ID_SIZE];
    prng_fill(&world->prng, random, ID_SIZE);
    return id_make((uint16_t)(user * 512), random);
}

/* A job that makes or would make a document of the wanted kind, or NULL. */
static const struct model_job *pick_maker(struct world *world, uint8_t kind, int user)
{
    const struct model *model = &world->model;
    for (int tries = 0; tries < 12 && model->job_count > 1; tries++) {
        const struct model_job *job = &model->jobs[prng_below(&world->prng, model->job_count - 1)];
        bool finished = job->current.exists && job->current.state == JOB_STATE_COMPLETED;
        bool wanted = finished || job->current.progress >= 80 || prng_chance(&world->prng, 50);
        if (job->kind == kind && wanted && (user < 0 || job->user == user)) {
            return job;
        }
    }
    return NULL;
}

static void wish_character(struct world *world, struct model_job *job)
{
    job->kind = JOB_KIND_CHARACTER;
    job->character = new_id(world, job->user);
}

/* An image of somebody's character: usually one's own and finished. */
static bool wish_image(struct world *world, struct model_job *job)
{
    int owner = prng_chance(&world->prng, 100) ? -1 : job->user;
    const struct model_job *maker = pick_maker(world, JOB_KIND_CHARACTER, owner);
    if (maker == NULL) {
        return false;
    }
    job->kind = JOB_KIND_IMAGE;
    job->character = maker->character;
    return true;
}

static bool wish_video(struct world *world, struct model_job *job)
{
    int owner = prng_chance(&world->prng, 100) ? -1 : job->user;
    uint8_t kind = JOB_KIND_IMAGE;
    if (prng_chance(&world->prng, 300)) {
        kind = prng_chance(&world->prng, 700) ? JOB_KIND_CHARACTER : JOB_KIND_VIDEO;
    }
    const struct model_job *maker = pick_maker(world, kind, owner);
    if (maker == NULL) {
        return false;
    }
    job->kind = JOB_KIND_VIDEO;
    job->character = maker->character;
    job->source = maker->media;
    if (prng_chance(&world->prng, 50)) {
        const struct model_job *other = pick_maker(world, JOB_KIND_CHARACTER, owner);
        job->character = other == NULL ? maker->character : other->character;
    }
    return true;
}

static void wish_times(struct world *world, struct model_job *job)
{
    if (!prng_chance(&world->prng, world->settings.timed)) {
        return;
    }
    switch (prng_below(&world->prng, 4)) {
    case 0:
        job->run_at = world->now + prng_between(&world->prng, -2000, 20000);
        break;
    case 1:
        job->start_by = world->now + prng_between(&world->prng, -500, 15000);
        break;
    case 2:
        job->deadline = world->now + prng_between(&world->prng, -500, 60000);
        break;
    case 3:
        job->run_at = world->now + prng_between(&world->prng, 0, 5000);
        job->deadline = job->run_at + prng_between(&world->prng, 1000, 60000);
        break;
    }
}

static struct model_job *begin_job(struct world *world, uint32_t user)
{
    struct model_job *job = model_job_new(world);
    job->user = (uint8_t)user;
    job->id = new_id(world, user);
    job->media = new_id(world, user);
    job->payload_size = (uint16_t)(20 + prng_below(&world->prng, 60));
    return job;
}

struct model_job *gateway_new_use(struct world *world, const struct model_job *maker, bool of_media)
{
    struct model_job *job = begin_job(world, maker->user);
    job->kind = of_media ? JOB_KIND_VIDEO : JOB_KIND_IMAGE;
    job->character = maker->character;
    if (of_media) {
        job->source = maker->media;
    }
    model_job_index(&world->model, job);
    return job;
}

struct model_job *gateway_new_job(struct world *world, uint32_t user)
{
    struct model_job *job = begin_job(world, user);
    bool media = prng_chance(&world->prng, world->settings.media);
    bool video = media && prng_chance(&world->prng, 500);
    if (!(video && wish_video(world, job)) && !(media && wish_image(world, job))) {
        wish_character(world, job);
    }
    wish_times(world, job);
    if (prng_chance(&world->prng, world->settings.keyed)) {
        job->key = (uint8_t)(1 + prng_below(&world->prng, MODEL_KEYS));
        /* The hash stands for the body: usually one for a key. */
        job->key_hash = (uint8_t)(prng_chance(&world->prng, 200) ? 1 : 0);
        if (job->key_hash != 0) {
            world_fault(world, FAULT_KEY_OTHER_BODY);
        }
    }
    if (prng_chance(&world->prng, world->settings.deduped)) {
        job->dedupe = (uint8_t)(1 + prng_below(&world->prng, MODEL_DEDUPES));
        job->dedupe_ttl_ms =
            prng_chance(&world->prng, 500) ? 1 + prng_below(&world->prng, 60000) : 0;
    }
    if (prng_chance(&world->prng, world->settings.webhook)) {
        job->webhook_events = (uint16_t)(prng_below(&world->prng, WEBHOOK_EVENTS) & WEBHOOK_EVENTS);
    }
    job->priority = (uint8_t)(prng_chance(&world->prng, 200) ? prng_below(&world->prng, 256) : 0);
    job->invalid = prng_chance(&world->prng, 10);
    model_job_index(&world->model, job);
    return job;
}

/* Makes a job of a pipeline depend on an earlier one, if that makes what it can be made from. */
static void wish_parent(struct world *world, const struct model_group *group, struct model_job *job)
{
    const struct model *model = &world->model;
    uint32_t before = model_job_number(model, job) - group->first;
    uint32_t number = group->first + prng_below(&world->prng, before);
    const struct model_job *parent = &model->jobs[number];
    if (parent->kind == JOB_KIND_VIDEO) {
        return;
    }
    job->kind = parent->kind == JOB_KIND_CHARACTER ? JOB_KIND_IMAGE : JOB_KIND_VIDEO;
    job->parent = number + 1;
    job->character = parent->character;
    job->source = job->kind == JOB_KIND_VIDEO ? parent->media : (struct id){{0}};
    job->run_at = 0;
}

struct model_job *gateway_new_group(struct world *world, uint32_t user)
{
    struct model *model = &world->model;
    struct model_group *group = model_group_new(world);
    group->user = (uint8_t)user;
    group->id = new_id(world, user);
    group->first = model->job_count;
    group->count = 1 + prng_below(&world->prng, GROUP_MODEL_MAX);
    if (prng_chance(&world->prng, world->settings.keyed)) {
        group->key = (uint8_t)(1 + prng_below(&world->prng, MODEL_KEYS));
        /* Another body than any single job's. */
        group->key_hash = (uint8_t)(2 + prng_below(&world->prng, 2));
    }
    group->pipeline = prng_chance(&world->prng, 500);
    for (uint32_t index = 0; index < group->count; index++) {
        struct model_job *job = gateway_new_job(world, user);
        job->group = (uint32_t)(group - model->groups) + 1;
        job->key = 0;
        job->dedupe = 0;
        job->key_hash = group->key_hash;
        job->invalid = prng_chance(&world->prng, 4);
        if (group->pipeline && index > 0) {
            wish_parent(world, group, job);
        }
    }
    return &model->jobs[group->first];
}

struct job_input gateway_input(const struct model_job *job, uint32_t number,
                               struct input_text *text)
{
    snprintf(text->payload, sizeof(text->payload), "{\"job\":%u,\"kind\":%u,\"fill\":\"%0*u\"}",
             number, job->kind, job->payload_size, 0);
    snprintf(text->trace, sizeof(text->trace), "00-%032x-%016x-01", number + 1, job->kind + 1U);
    if (number % 3 == 0) {
        text->trace[0] = '\0'; /* most clients have none */
    }
    snprintf(text->request_id, sizeof(text->request_id), "request-%u", number);
    return (struct job_input){
        .payload = slice_from_string(text->payload),
        .trace = slice_from_string(text->trace),
        .request_id = slice_from_string(text->request_id),
    };
}

struct slice gateway_labels(uint32_t number, char text[LABELS_MODEL_SIZE])
{
    int size = snprintf(text, LABELS_MODEL_SIZE, "{\"tags\":[],\"metadata\":{\"job\":%u}}", number);
    return slice_make(text, number % 4 == 1 ? (size_t)size : 0);
}

static const char *const keys[MODEL_KEYS + 1] = {"",      "key-1", "key-2", "key-3", "key-4",
                                                 "key-5", "key-6", "key-7", "key-8"};
static const uint8_t hashes[4][HASH_SIZE] = {{1, 2, 3}, {4, 5, 6}, {7, 8, 9}, {10, 11, 12}};

void gateway_group_message(const struct world *world, uint32_t number, struct message *out)
{
    const struct model_group *group = model_group_of(&world->model, &world->model.jobs[number]);
    memset(out, 0, sizeof(*out));
    out->type = MESSAGE_TYPE_SUBMIT_GROUP;
    out->submit_group.group = group->id;
    out->submit_group.owner = model_user(group->user);
    out->submit_group.kind = group->pipeline ? GROUP_KIND_PIPELINE : GROUP_KIND_BATCH;
    out->submit_group.count = group->count;
    if (group->key != 0) {
        out->submit_group.key = slice_from_string(keys[group->key]);
        out->submit_group.key_hash = slice_make(hashes[group->key_hash], HASH_SIZE);
    }
}

static const uint8_t secret[WEBHOOK_SECRET_SIZE_MAX] = {7, 8, 9};

void gateway_submit_message(const struct world *world, uint32_t number, struct input_text *text,
                            struct message *out)
{
    const struct model_job *job = &world->model.jobs[number];
    memset(out, 0, sizeof(*out));
    out->type = MESSAGE_TYPE_SUBMIT;
    struct message_submit *submit = &out->submit;
    submit->job = job->id;
    submit->kind = job->kind;
    submit->owner = model_user(job->user);
    submit->character = job->character;
    if (!job->invalid) {
        submit->media = job->media;
    }
    submit->source = job->source;
    submit->display_id = job->kind == JOB_KIND_CHARACTER ? SLICE_LITERAL("ABCDEFGH") : SLICE_EMPTY;
    submit->priority = job->priority;
    submit->run_at = job->run_at;
    submit->start_by = job->start_by;
    submit->deadline = job->deadline;
    if (job->webhook_events != 0) {
        submit->webhook_url = SLICE_LITERAL("https://receiver.test/own");
        submit->webhook_secret = slice_make(secret, sizeof(secret));
        submit->webhook_events = job->webhook_events;
    }
    if (job->key != 0) {
        submit->key = slice_from_string(keys[job->key]);
        submit->key_hash = slice_make(hashes[job->key_hash], HASH_SIZE);
    }
    if (job->dedupe != 0) {
        submit->dedupe_key = slice_from_string(keys[job->dedupe]);
        submit->dedupe_ttl_ms = job->dedupe_ttl_ms;
    }
    if (job->group != 0) {
        submit->group = model_group_of(&world->model, job)->id;
    }
    if (job->parent != 0) {
        submit->parent = world->model.jobs[job->parent - 1].id;
    }
    const struct job_input input = gateway_input(job, number, text);
    submit->payload = input.payload;
    submit->trace = input.trace;
    submit->request_id = input.request_id;
    submit->labels = gateway_labels(number, text->labels);
}
