#include <assert.h>
#include <string.h>
#include "broker/error_shape.h"
#include "tests/sim/model.h"
#include "tests/sim/world.h"

/* Bulks: each job that there was is come to once, whatever dies meanwhile. */

struct model_bulk *model_bulk_new(struct world *world)
{
    struct model *model = &world->model;
    if (model->bulk_count == MODEL_BULKS_MAX) {
        return NULL;
    }
    struct model_bulk *bulk = &model->bulks[model->bulk_count++];
    *bulk = (struct model_bulk){0};
    prng_fill(&world->prng, bulk->id.bytes, ID_SIZE);
    return bulk;
}

struct model_bulk *model_bulk_find(struct model *model, const struct id *id)
{
    for (uint32_t index = 0; index < model->bulk_count; index++) {
        if (id_equal(&model->bulks[index].id, id)) {
            return &model->bulks[index];
        }
    }
    return NULL;
}

struct slice model_bulk_where(const struct model_bulk *bulk)
{
    return bulk->owner == 0 ? SLICE_EMPTY : model_user(bulk->owner - 1u);
}

static uint32_t live_bulks(const struct model *model)
{
    uint32_t count = 0;
    for (uint32_t index = 0; index < model->bulk_count; index++) {
        const struct model_bulk_state *state = &model->bulks[index].current;
        count += state->exists && state->state == BULK_STATE_RUNNING;
    }
    return count;
}

bool model_bulks_run(const struct world *world)
{
    return live_bulks(&world->model) > 0;
}

/* ---- one job ---- */

void model_change_before(struct world *world, const struct core_event *event)
{
    struct model_step *step = &world->model.step;
    step->job = model_find(&world->model, &event->message->change_job.job);
    if (step->job != NULL) {
        step->before = step->job->current;
    }
}

static enum reply_code change_expected(const struct world *world,
                                       const struct message_change_job *change)
{
    const struct model_step *step = &world->model.step;
    const struct model_state *before = &step->before;
    if (step->job == NULL || !before->exists || before->forgotten) {
        return REPLY_CODE_NOT_FOUND;
    }
    if (before->expired) {
        return REPLY_CODE_EXPIRED;
    }
    if (model_is_terminal(before)) {
        return change->action == JOB_ACTION_REMOVE ? REPLY_CODE_OK : REPLY_CODE_ALREADY_ENDED;
    }
    if (change->action == JOB_ACTION_REMOVE) {
        return REPLY_CODE_NOT_ENDED;
    }
    if (change->action == JOB_ACTION_PRIORITY) {
        return before->state == JOB_STATE_ACTIVE ? REPLY_CODE_STARTED : REPLY_CODE_OK;
    }
    bool is_delayed = before->state == JOB_STATE_PENDING
                          ? step->job->parent == 0
                          : before->state == JOB_STATE_WAITING && before->next_attempt_at != 0;
    return is_delayed ? REPLY_CODE_OK : REPLY_CODE_NOT_DELAYED;
}

/* The end of the time that it waited for may have come, and not been seen. */
static bool is_just_due(const struct world *world, const struct message_change_job *change,
                        enum reply_code code)
{
    const struct model_state *before = &world->model.step.before;
    return change->action == JOB_ACTION_PROMOTE && code == REPLY_CODE_NOT_DELAYED &&
           before->state == JOB_STATE_WAITING && before->next_attempt_at <= world->now;
}

static void check_changed(struct world *world, const struct message_change_job *change)
{
    const struct model_job *job = world->model.step.job;
    const struct model_state *state = &job->current;
    uint32_t number = model_job_number(&world->model, job);
    switch ((enum job_action)change->action) {
    case JOB_ACTION_PROMOTE:
        world_check(world, "a promoted job may start",
                    state->state == JOB_STATE_WAITING && state->next_attempt_at == 0, "job %u",
                    number);
        world_seen(world, SEEN_PROMOTED);
        break;
    case JOB_ACTION_PRIORITY:
        world_check(world, "a priority is as it was set", model_priority(job) == change->priority,
                    "job %u has %u", number, model_priority(job));
        world_seen(world, SEEN_PRIORITY);
        break;
    case JOB_ACTION_REMOVE:
        world_check(world, "a removed job is gone", state->expired, "job %u", number);
        world_seen(world, SEEN_REMOVED);
        break;
    case JOB_ACTION_RETRY:
    case JOB_ACTION_CANCEL:
        assert(!"another message");
    }
}

void model_change_answer(struct world *world, const struct core_event *event,
                         const struct message_reply *reply)
{
    const struct message_change_job *change = &event->message->change_job;
    enum reply_code expected = change_expected(world, change);
    world_check(world, "one answer",
                reply->request == change->request && id_equal(&reply->job, &change->job),
                "to another request");
    world_check(world, "changes are answered",
                reply->code == expected || is_just_due(world, change, (enum reply_code)reply->code),
                "%s, should be %s", reply_code_name(reply->code), reply_code_name(expected));
    if (reply->code == REPLY_CODE_OK) {
        check_changed(world, change);
    } else {
        world_check(world, "what is refused changes nothing", world->model.step.writes == 0,
                    "%u effects", world->model.step.writes);
    }
}

bool model_removes(const struct world *world, const struct core_event *event, const struct id *job)
{
    if (event->type == CORE_EVENT_PAGE) {
        const struct model_bulk *bulk =
            model_bulk_find((struct model *)&world->model, &event->page->bulk);
        return bulk != NULL && bulk->action == JOB_ACTION_REMOVE;
    }
    return event->type == CORE_EVENT_GATEWAY && event->message->type == MESSAGE_TYPE_CHANGE_JOB &&
           event->message->change_job.action == JOB_ACTION_REMOVE &&
           id_equal(&event->message->change_job.job, job);
}

/* ---- START_BULK, STOP_BULK ---- */

void model_bulk_before(struct world *world, const struct core_event *event)
{
    struct model_step *step = &world->model.step;
    const struct message *message = event->message;
    bool is_stop = message->type == MESSAGE_TYPE_STOP_BULK;
    step->bulk = model_bulk_find(&world->model,
                                 is_stop ? &message->stop_bulk.bulk : &message->start_bulk.bulk);
    assert(step->bulk != NULL);
    step->bulk_before = step->bulk->current;
    step->allowed = live_bulks(&world->model) < BULKS_LIVE_MAX;
}

static void check_start(struct world *world, const struct message_reply *reply)
{
    const struct model_step *step = &world->model.step;
    const struct model_bulk_state *state = &step->bulk->current;
    if (step->bulk_before.exists) {
        world_check(world, "a bulk begins once",
                    reply->code == REPLY_CODE_OK && reply->replayed && step->writes == 0, "%s",
                    reply_code_name(reply->code));
        return;
    }
    bool is_refused = step->bulk->action == JOB_ACTION_RETRY && world->model.space_low;
    enum reply_code expected = is_refused ? REPLY_CODE_DISK_FULL : REPLY_CODE_OK;
    expected = step->allowed ? expected : REPLY_CODE_TOO_MANY_BULKS;
    world_check(world, "bulks are answered", reply->code == expected, "%s, should be %s",
                reply_code_name(reply->code), reply_code_name(expected));
    world_check(world, "bulks begin when it is asked", state->exists == (expected == REPLY_CODE_OK),
                "bulk %d", (int)(step->bulk - world->model.bulks));
}

static void check_stop(struct world *world, const struct message_reply *reply)
{
    const struct model_step *step = &world->model.step;
    const struct model_bulk_state *before = &step->bulk_before;
    enum reply_code expected = REPLY_CODE_OK;
    if (!before->exists) {
        expected = REPLY_CODE_NOT_FOUND;
    } else if (before->state == BULK_STATE_COMPLETED) {
        expected = REPLY_CODE_ALREADY_ENDED;
    }
    world_check(world, "stops of bulks are answered", reply->code == expected, "%s, should be %s",
                reply_code_name(reply->code), reply_code_name(expected));
    world_check(world, "bulks are stopped",
                expected != REPLY_CODE_OK || step->bulk->current.state == BULK_STATE_CANCELLED,
                "bulk %d", (int)(step->bulk - world->model.bulks));
}

void model_bulk_answer(struct world *world, const struct core_event *event,
                       const struct message_reply *reply)
{
    if (event->message->type == MESSAGE_TYPE_START_BULK) {
        check_start(world, reply);
    } else {
        check_stop(world, reply);
    }
}

/* ---- what jobs failed of ---- */

enum {
    WORDS_SIZE = 512,
};

static bool has_digit(struct slice word)
{
    for (size_t index = 0; index < word.size; index++) {
        if (word.data[index] >= '0' && word.data[index] <= '9') {
            return true;
        }
    }
    return false;
}

/* The words of a message that have no digits: what errors of one cause have in common, as long as
 * nobody quotes anything. */
static uint64_t digest_of(struct slice message)
{
    uint8_t words[WORDS_SIZE];
    size_t size = 0;
    assert(message.size < WORDS_SIZE);
    for (size_t from = 0, to = 0; from < message.size; from = to + 1) {
        for (to = from; to < message.size && message.data[to] != ' ';) {
            to++;
        }
        struct slice word = slice_make(message.data + from, to - from);
        word = has_digit(word) ? SLICE_LITERAL("#") : word;
        memcpy(words + size, word.data, word.size);
        size += word.size;
        words[size++] = ' ';
    }
    return model_digest(slice_make(words, size));
}

void model_bulk_failed(struct model_job *job, const struct effect *effect)
{
    uint8_t shape[ERROR_SHAPE_SIZE_MAX];
    size_t size = error_shape_write(effect->error_message, shape);
    uint64_t parts[] = {job->kind, model_digest(effect->error_code),
                        digest_of(effect->error_message)};
    job->current.error = model_digest(slice_make(parts, sizeof(parts)));
    job->current.error_group =
        error_shape_group(job->kind, effect->error_code, slice_make(shape, size));
}

void model_bulk_touch(struct world *world, const struct core_event *event,
                      const struct model_job *job)
{
    const struct model_bulk *bulk =
        event->type == CORE_EVENT_PAGE ? model_bulk_find(&world->model, &event->page->bulk) : NULL;
    if (bulk == NULL || bulk->error == 0) {
        return;
    }
    world_check(world, "a bulk of one failure meets no other job",
                job->current.state == JOB_STATE_FAILED && job->current.error == bulk->error,
                "job %u is %s", model_job_number(&world->model, job),
                job_state_name((enum job_state)job->current.state));
    world_seen(world,
               bulk->action == JOB_ACTION_RETRY ? SEEN_FAILURES_RETRIED : SEEN_FAILURES_REMOVED);
}

/* ---- how far it is ---- */

/* Whether it was to come to this job, as the job has been since before it began. */
static bool is_meant(const struct world *world, const struct model_bulk *bulk,
                     const struct model_job *job)
{
    const struct model_state *state = &job->current;
    uint32_t number = model_job_number(&world->model, job);
    bool is_named = false;
    for (uint32_t index = 0; index < bulk->job_count; index++) {
        is_named |= bulk->jobs[index] == number;
    }
    if (bulk->job_count > 0) {
        return is_named && job->accepted_at < bulk->current.started_at;
    }
    return job->event_first < bulk->current.first && state->exists &&
           (bulk->kinds & 1u << job->kind) != 0 && bulk->states == 0 &&
           (bulk->error == 0 || bulk->error == state->error) &&
           (bulk->owner == 0 || bulk->owner - 1 == job->user);
}

/* A bulk that has come to its end has left out no job that stayed as it was. */
static void check_completed(struct world *world, const struct model_bulk *bulk)
{
    const struct model *model = &world->model;
    for (uint32_t index = 0; index < model->job_count; index++) {
        const struct model_job *job = &model->jobs[index];
        const struct model_state *state = &job->current;
        if (!state->exists || !is_meant(world, bulk, job) ||
            state->retried_at >= bulk->current.started_at) {
            continue;
        }
        bool is_live = !model_is_terminal(state);
        bool is_old = !is_live && state->ended_at < bulk->current.started_at;
        world_check(world, "a bulk leaves nothing out",
                    bulk->action != JOB_ACTION_CANCEL || !is_live || state->cancel_asked,
                    "job %u is not cancelled", index);
        world_check(world, "a bulk leaves nothing out",
                    bulk->action != JOB_ACTION_REMOVE || !is_old || state->expired,
                    "job %u is not removed", index);
        world_check(world, "a bulk leaves nothing out",
                    bulk->action != JOB_ACTION_RETRY || bulk->error == 0 || !is_old ||
                        state->expired || bulk->current.matched > bulk->current.done,
                    "job %u is not tried again", index);
    }
    world_seen(world, bulk->current.done > 0 ? SEEN_BULK_DONE : SEEN_BULK_EMPTY);
}

static void check_gone(struct world *world, const struct id *id)
{
    struct model_bulk *bulk = model_bulk_find(&world->model, id);
    world_check(world, "only ended bulks are forgotten",
                bulk != NULL && bulk->current.exists && bulk->current.state != BULK_STATE_RUNNING,
                "one that goes on");
    bulk->current.exists = false;
    bulk->dirty = true;
}

void model_bulk_effect(struct world *world, const struct core_event *event,
                       const struct effect *effect)
{
    world->model.written = true;
    if (effect->type == EFFECT_BULK_GONE) {
        check_gone(world, &effect->id);
        return;
    }
    const struct message_bulk told = bulk_told(effect->bulk);
    struct model_bulk *bulk = model_bulk_find(&world->model, &told.bulk);
    assert(bulk != NULL);
    struct model_bulk_state *state = &bulk->current;
    bool is_new = effect->start != NULL;
    world_check(world, "bulks begin once", is_new != state->exists, "one begins again");
    world_check(world, "bulks are what was asked for",
                told.action == bulk->action && told.priority == bulk->priority &&
                    model_user_of(told.user) == bulk->user && told.total == bulk->job_count &&
                    slice_equal(told.where, model_bulk_where(bulk)),
                "action %u", told.action);
    world_check(world, "a bulk only goes forwards",
                told.matched == told.done + told.refused &&
                    (is_new || (told.place <= state->place && told.matched >= state->matched &&
                                told.scanned >= state->scanned && told.done >= state->done)),
                "place %llu after %llu", (unsigned long long)told.place,
                (unsigned long long)state->place);
    bool is_for_failed = told.action == JOB_ACTION_RETRY || told.action == JOB_ACTION_REMOVE;
    world_check(world, "a bulk of one failure meets no live job",
                bulk->error == 0 || is_for_failed || told.done == 0, "action %u", told.action);
    *state = (struct model_bulk_state){
        .exists = true,
        .state = told.state,
        .first = told.first,
        .place = told.place,
        .matched = told.matched,
        .done = told.done,
        .scanned = told.scanned,
        .started_at = told.started_at,
    };
    bulk->dirty = true;
    if (told.state == BULK_STATE_COMPLETED) {
        check_completed(world, bulk);
    } else if (told.state == BULK_STATE_CANCELLED) {
        world_seen(world, SEEN_BULK_STOPPED);
    }
    (void)event;
}

void model_bulk_page(struct world *world, const struct core_event *event)
{
    const struct bulk_page *page = event->page;
    const struct model_bulk *bulk = model_bulk_find(&world->model, &page->bulk);
    assert(bulk != NULL);
    if (page->place != bulk->current.place && bulk->current.place > page->place_end) {
        world_seen(world, SEEN_BULK_CUT);
    }
}

/* ---- what is durable ---- */

void model_bulks_committed(struct model *model)
{
    for (uint32_t index = 0; index < model->bulk_count; index++) {
        model->bulks[index].durable = model->bulks[index].current;
        model->bulks[index].dirty = false;
    }
}

void model_bulks_crashed(struct model *model)
{
    for (uint32_t index = 0; index < model->bulk_count; index++) {
        model->bulks[index].current = model->bulks[index].durable;
        model->bulks[index].dirty = false;
    }
}

void model_bulks_restarted(struct world *world)
{
    const struct model *model = &world->model;
    const struct bulks *bulks = core_bulks(world->shell.core);
    uint32_t known = 0;
    for (uint32_t index = 0; index < model->bulk_count; index++) {
        known += model->bulks[index].current.exists;
    }
    world_check(world, "bulks go on after a restart", known == bulks->count, "%u, should be %u",
                bulks->count, known);
    for (uint32_t index = 0; index < bulks->count; index++) {
        const struct message_bulk *told = &bulks->items[index].told;
        const struct model_bulk *bulk = model_bulk_find((struct model *)model, &told->bulk);
        world_check(world, "bulks go on after a restart",
                    bulk != NULL && bulk->current.place == told->place &&
                        bulk->current.state == told->state && bulk->current.done == told->done &&
                        bulk->current.matched == told->matched,
                    "one is at another place");
        if (told->state == BULK_STATE_RUNNING && told->place < told->first) {
            world_seen(world, SEEN_BULK_RESTART);
        }
    }
}

bool model_bulk_is_durable(const struct model *model, const struct id *id)
{
    const struct model_bulk *bulk = model_bulk_find((struct model *)model, id);
    return bulk == NULL || !bulk->dirty;
}
