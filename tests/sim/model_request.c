#include <string.h>
#include "tests/sim/model.h"
#include "tests/sim/model_queue.h"
#include "tests/sim/model_stop.h"
#include "tests/sim/world.h"

/* What a gateway's request must be answered, as all effects so far have it. */

static bool owns(const struct model_job *maker, const struct id *id, uint8_t user)
{
    return maker != NULL && model_document_exists(maker, &maker->current, id) &&
           maker->user == user;
}

static bool is_character(const struct world *world, const struct id *id, uint8_t user)
{
    const struct model_job *maker = model_find_document(&world->model, id);
    return owns(maker, id, user) && maker->kind == JOB_KIND_CHARACTER &&
           id_equal(&maker->character, id);
}

/* Any media entry of the user's. */
static bool is_media(const struct world *world, const struct id *id, uint8_t user)
{
    const struct model_job *maker = model_find_document(&world->model, id);
    return owns(maker, id, user) && id_equal(&maker->media, id);
}

/* A picture of a deleted character: what is left of that goes by and by, and suits no other one. */
static bool is_left(const struct world *world, const struct model_job *job)
{
    const struct model_job *maker = model_find_document(&world->model, &job->source);
    return maker != NULL && maker->user == job->user && maker->current.media_gone &&
           !is_character(world, &maker->character, job->user);
}

static bool is_image_of(const struct world *world, const struct model_job *job)
{
    const struct model_job *maker = model_find_document(&world->model, &job->source);
    return is_media(world, &job->source, job->user) && maker->kind != JOB_KIND_VIDEO &&
           id_equal(&maker->character, &job->character);
}

/* Whether a refusal is true. */
bool model_refusal_is_true(const struct world *world, const struct model_job *job,
                           enum reply_code code)
{
    const struct model *model = &world->model;
    /* A new job waits for what it is made from; one that is tried again needs it at once. */
    bool waits = job->parent != 0 && !job->current.exists;
    switch (code) {
    case REPLY_CODE_CHARACTER_NOT_FOUND:
        return !waits && (job->kind == JOB_KIND_IMAGE || job->kind == JOB_KIND_VIDEO) &&
               !is_character(world, &job->character, job->user);
    case REPLY_CODE_MEDIA_NOT_FOUND:
        return !waits && job->kind == JOB_KIND_VIDEO && !is_media(world, &job->source, job->user);
    case REPLY_CODE_SOURCE_UNSUITABLE:
        return !waits && job->kind == JOB_KIND_VIDEO &&
               (is_media(world, &job->source, job->user) || is_left(world, job)) &&
               !is_image_of(world, job);
    case REPLY_CODE_DISK_FULL:
        return model->space_low;
    case REPLY_CODE_TOO_MANY_JOBS:
        return job->kind != JOB_KIND_WEBHOOK && model_asked(model) >= world->settings.jobs_max;
    case REPLY_CODE_INVALID:
        return job->invalid || (job->start_by != 0 && job->start_by <= world->now) ||
               (job->deadline != 0 && job->deadline <= world->now) || job->run_at > 0;
    case REPLY_CODE_OVER_BUDGET:
        return job->kind != JOB_KIND_WEBHOOK && model_money_may_refuse(world, job->user, 1);
    case REPLY_CODE_OK:
    case REPLY_CODE_NOT_FOUND:
    case REPLY_CODE_ALREADY_ENDED:
    case REPLY_CODE_KEY_REUSED:
    case REPLY_CODE_BUSY:
    case REPLY_CODE_CONFLICT:
    case REPLY_CODE_TOO_MANY_ENDPOINTS:
    case REPLY_CODE_NOT_RETRYABLE:
    case REPLY_CODE_EXPIRED:
    case REPLY_CODE_NOT_DELAYED:
    case REPLY_CODE_STARTED:
    case REPLY_CODE_NOT_ENDED:
    case REPLY_CODE_TOO_MANY_BULKS:
        return false;
    }
    return false;
}

/* Whether nothing stands against a new job. */
bool model_may_accept(const struct world *world, const struct model_job *job)
{
    for (int code = 0; code < REPLY_CODE_COUNT; code++) {
        bool is_open = (code == REPLY_CODE_INVALID && !job->invalid) || /* of its times */
                       code == REPLY_CODE_OVER_BUDGET; /* of what is declared at the moment */
        if (!is_open && model_refusal_is_true(world, job, (enum reply_code)code)) {
            return false;
        }
    }
    return true;
}

/* The live key's job, or NULL. */
struct model_job *model_key_first(struct world *world, uint8_t user, uint8_t name)
{
    struct model *model = &world->model;
    const struct model_key *key = &model->keys[user][name];
    if (name == 0 || key->job == JOB_UNKNOWN) {
        return NULL;
    }
    if (world->now - key->at >= KEY_LIFE_MS) {
        world_seen(world, SEEN_KEY_EXPIRED);
        return NULL;
    }
    return &model->jobs[key->job];
}

static void check_new(struct world *world, struct model_job *job, const struct message_reply *reply)
{
    struct model *model = &world->model;
    int number = (int)model_job_number(model, job);
    const struct model_step *step = &model->step;
    if (reply->code != REPLY_CODE_OK) {
        world_check(world, "refusals are true",
                    step->writes == 0 &&
                        model_refusal_is_true(world, job, (enum reply_code)reply->code),
                    "job %d is refused: %s", number, reply_code_name(reply->code));
        return;
    }
    world_check(world, "accepted jobs exist",
                job->current.exists && id_equal(&reply->job, &job->id) && !reply->replayed &&
                    !reply->deduplicated && reply->version == 1,
                "job %d", number);
    enum job_state expected = job->run_at > world->now ? JOB_STATE_PENDING : JOB_STATE_WAITING;
    world_check(world, "first states", job->current.state == expected, "job %d is %s", number,
                job_state_name(job->current.state));
}

static void check_known(struct world *world, const struct model_job *job,
                        const struct message_reply *reply)
{
    world_check(world, "a known job gets its first answer",
                reply->code == REPLY_CODE_OK && id_equal(&reply->job, &job->id) &&
                    world->model.step.writes == 0,
                "job %u: %s", model_job_number(&world->model, job), reply_code_name(reply->code));
}

static void check_submit(struct world *world, const struct core_event *event,
                         const struct message_reply *reply, bool existed, bool allowed,
                         struct model_job *first)
{
    struct model *model = &world->model;
    struct model_job *job = model_job_of(world, &event->message->submit.job);
    if (existed) {
        check_known(world, job, reply);
    } else if (first != NULL && first->key_hash != job->key_hash) {
        world_check(world, "one body for an idempotency key",
                    reply->code == REPLY_CODE_KEY_REUSED && model->step.writes == 0, "job %u: %s",
                    model_job_number(model, job), reply_code_name(reply->code));
    } else if (first != NULL) {
        check_known(world, first, reply);
        world_check(world, "replays are marked", reply->replayed, "job %u",
                    model_job_number(model, job));
        world_seen(world, SEEN_REPLAYED);
    } else if (model->step.holder != NULL) {
        model_dedupe_answer(world, model->step.holder, reply);
    } else {
        world_check(world, "refusals are true", reply->code != REPLY_CODE_OK || allowed,
                    "job %u is accepted", model_job_number(model, job));
        check_new(world, job, reply);
    }
}

static void check_cancel(struct world *world, const struct core_event *event,
                         const struct effects *effects, const struct message_reply *reply,
                         const struct model_state *before, int user)
{
    const struct message_cancel_job *cancel = &event->message->cancel_job;
    const struct model_job *job = model_find(&world->model, &cancel->job);
    const struct model_state *now = job == NULL ? NULL : &job->current;
    bool may = cancel->admin || model_user_of(cancel->owner) == user;
    enum reply_code expected = REPLY_CODE_OK;
    if (job == NULL || !before->exists || before->forgotten || !may) {
        expected = REPLY_CODE_NOT_FOUND;
    } else if (before->expired) {
        expected = REPLY_CODE_EXPIRED;
    } else if (model_is_terminal(before)) {
        expected = REPLY_CODE_ALREADY_ENDED;
    }
    world_check(world, "cancels are answered",
                reply->code == expected && id_equal(&reply->job, &cancel->job), "%s, should be %s",
                reply_code_name(reply->code), reply_code_name(expected));
    if (expected != REPLY_CODE_OK) {
        world_check(world, "cancels are answered", world->model.step.writes == 0, "it changed");
        return;
    }
    bool was_active = before->state == JOB_STATE_ACTIVE;
    bool is_closed = before->state == JOB_STATE_WAITING && now->state == JOB_STATE_ACTIVE;
    bool waits = before->state == JOB_STATE_WAITING && model_stop_waits(now);
    world_check(world, "cancels are carried out",
                was_active || is_closed || waits ? (now->state == JOB_STATE_ACTIVE || waits) &&
                                                       now->cancel_asked && reply->cancel_requested
                                                 : now->state == JOB_STATE_CANCELLED,
                "job %u is %s", model_job_number(&world->model, job), job_state_name(now->state));
    const struct model_session *session =
        was_active ? model_session_of(&world->model, &now->worker) : NULL;
    bool told = false;
    for (uint32_t index = 0; index < effects->count; index++) {
        const struct effect *effect = &effects->items[index];
        told |= effect->type == EFFECT_CANCEL && id_equal(&effect->id, &job->id) &&
                effect->lease == now->lease;
    }
    world_check(world, "workers are told of a cancel",
                told || session == NULL || !session->open || before->stop_by != 0, "job %u",
                model_job_number(&world->model, job));
    world_check(world, "versions are told", reply->version == now->version, "%u, should be %u",
                reply->version, now->version);
}

/* Whether it is a delivery of that job's own webhook. */
static bool retry_finds_own(struct world *world, const struct message_retry_job *retry,
                            const struct model_job *job, const struct model_state *before)
{
    bool is_found = job != NULL && before->exists && !before->forgotten && !before->expired &&
                    job->kind == JOB_KIND_WEBHOOK && id_is_zero(&job->source) &&
                    (retry->admin || model_user_of(retry->owner) == job->user) &&
                    id_equal(&retry->reporter, &world->model.jobs[job->reporter - 1].id);
    if (is_found) {
        world_seen(world, SEEN_REPLAY_OWN);
    }
    return is_found;
}

/* Whether the request is about this job: a delivery is named with its endpoint. */
static bool retry_finds(struct world *world, const struct message_retry_job *retry,
                        const struct model_job *job, const struct model_state *before)
{
    if (!id_is_zero(&retry->reporter)) {
        return retry_finds_own(world, retry, job, before);
    }
    bool may = job != NULL && before->exists && !before->forgotten &&
               (retry->admin || model_user_of(retry->owner) == job->user);
    if (!may || job->kind != JOB_KIND_WEBHOOK) {
        return may && id_is_zero(&retry->endpoint);
    }
    if (id_is_zero(&retry->endpoint)) {
        world_seen(world, retry->admin ? SEEN_REPLAY_ADMIN : SEEN_REPLAY_REFUSED);
        return retry->admin;
    }
    const struct model_endpoint *endpoint = model_endpoint_find(&world->model, &job->source);
    return endpoint != NULL && id_equal(&retry->endpoint, &job->source) &&
           endpoint->current.exists && endpoint->user == model_user_of(retry->owner);
}

/* Whether there is nothing left to do. */
static bool retry_was_done(const struct message_retry_job *retry, const struct model_job *job,
                           const struct model_state *before)
{
    bool was_done = job->kind == JOB_KIND_WEBHOOK
                        ? !model_is_terminal(before)
                        : retry->resent && before->retries > retry->retries;
    return was_done && !before->expired;
}

/* What the store has done with the request's job decides, and then what would stand against a new
 * one. */
static enum reply_code retry_expected(const struct message_retry_job *retry,
                                      const struct model_job *job, const struct model_state *before)
{
    if (before->expired) {
        return REPLY_CODE_EXPIRED;
    }
    if (retry_was_done(retry, job, before)) {
        return REPLY_CODE_OK;
    }
    bool is_fit = before->state == JOB_STATE_FAILED || before->state == JOB_STATE_CANCELLED ||
                  job->kind == JOB_KIND_WEBHOOK;
    return is_fit && before->retries < RETRIES_MAX ? REPLY_CODE_OK : REPLY_CODE_NOT_RETRYABLE;
}

static void check_retry(struct world *world, const struct core_event *event,
                        const struct message_reply *reply)
{
    const struct message_retry_job *retry = &event->message->retry_job;
    const struct model_step *step = &world->model.step;
    const struct model_job *job = step->job;
    bool is_found = retry_finds(world, retry, job, &step->before);
    enum reply_code expected =
        is_found ? retry_expected(retry, job, &step->before) : REPLY_CODE_NOT_FOUND;
    bool is_repeated = is_found && retry_was_done(retry, job, &step->before);
    world_check(world, "retries are answered", id_equal(&reply->job, &retry->job), "another job");
    if (expected == REPLY_CODE_OK && !is_repeated && reply->code != REPLY_CODE_OK) {
        world_check(world, "refusals are true",
                    step->writes == 0 &&
                        model_refusal_is_true(world, job, (enum reply_code)reply->code),
                    "the retry of job %u is refused: %s", model_job_number(&world->model, job),
                    reply_code_name(reply->code));
        return;
    }
    world_check(world, "retries are answered", reply->code == expected, "%s, should be %s",
                reply_code_name(reply->code), reply_code_name(expected));
    bool is_done = expected == REPLY_CODE_OK && !is_repeated;
    world_check(world, "retries are carried out",
                is_done ? step->allowed && job->current.state == JOB_STATE_WAITING &&
                              job->current.retries == step->before.retries + 1
                        : step->writes == 0,
                "job %u", model_job_number(&world->model, job));
    world_check(world, "versions are told",
                expected == REPLY_CODE_NOT_FOUND || expected == REPLY_CODE_EXPIRED ||
                    reply->version == job->current.version,
                "version %u", reply->version);
    if (is_repeated) {
        world_seen(world,
                   job->kind == JOB_KIND_WEBHOOK ? SEEN_REPLAY_UNDER_WAY : SEEN_RETRY_REPEATED);
    }
}

void model_key_seen(struct world *world, const struct model_job *job, uint8_t key)
{
    struct model *model = &world->model;
    int64_t *turn = &model->key_turn[job->user][key];
    if (key != 0 && model->key_last[job->user][key] != job && *turn == model->turn + 1) {
        world_fault(world, FAULT_KEY_SAME_TURN);
    }
    *turn = model->turn + 1;
    model->key_last[job->user][key] = job;
}

/* A cancel or retry: what races with it in this turn. */
static void change_before(struct world *world, const struct core_event *event)
{
    struct model *model = &world->model;
    struct model_step *step = &model->step;
    bool is_cancel = event->message->type == MESSAGE_TYPE_CANCEL_JOB;
    step->job = model_find(model, is_cancel ? &event->message->cancel_job.job
                                            : &event->message->retry_job.job);
    if (step->job == NULL) {
        return;
    }
    step->before = step->job->current;
    step->allowed = model_may_accept(world, step->job);
    if (step->job->ended_turn == model->turn + 1) {
        world_fault(world, is_cancel ? FAULT_CANCEL_RACES_END : FAULT_RETRY_RACES_END);
    }
    if (!is_cancel && step->before.retries > 0 && step->before.retried_at == world->now) {
        world_fault(world, FAULT_RETRY_SAME_TURN);
    }
}

void model_request_before(struct world *world, const struct core_event *event)
{
    struct model_step *step = &world->model.step;
    model_keyed_before(world, event);
    if (event->message->type == MESSAGE_TYPE_SUBMIT) {
        step->job = model_job_of(world, &event->message->submit.job);
        step->before = step->job->current;
        step->first = model_key_first(world, step->job->user, step->job->key);
        step->holder = model_dedupe_holder(world, step->job);
        step->allowed = model_may_accept(world, step->job);
        model_dedupe_seen(world, step->holder);
        model_key_seen(world, step->job, step->job->key);
        model_delete_races(world, step->job);
    } else if (event->message->type == MESSAGE_TYPE_SUBMIT_GROUP ||
               event->message->type == MESSAGE_TYPE_CANCEL_GROUP) {
        model_group_before(world, event);
    } else if (event->message->type == MESSAGE_TYPE_DELETE_DOCUMENT) {
        model_delete_before(world, event);
    } else if (event->message->type == MESSAGE_TYPE_SET_WORKER) {
        model_orders_before(world, event);
    } else if (event->message->type == MESSAGE_TYPE_CHANGE_JOB) {
        model_change_before(world, event);
    } else if (event->message->type == MESSAGE_TYPE_START_BULK ||
               event->message->type == MESSAGE_TYPE_STOP_BULK) {
        model_bulk_before(world, event);
    } else if (event->message->type == MESSAGE_TYPE_REMOVED ||
               event->message->type == MESSAGE_TYPE_NOTE_AUDIT ||
               event->message->type == MESSAGE_TYPE_SET_QUEUE) {
        step->allowed = true;
    } else if (event->message->type != MESSAGE_TYPE_CANCEL_JOB &&
               event->message->type != MESSAGE_TYPE_RETRY_JOB) {
        model_webhook_request_before(world, event);
    } else {
        change_before(world, event);
    }
}

static const struct message_reply *the_answer(struct world *world, const struct core_event *event,
                                              const struct effects *effects)
{
    const struct effect *answer = NULL;
    for (uint32_t index = 0; index < effects->count; index++) {
        if (effects->items[index].type == EFFECT_REPLY) {
            world_check(world, "one answer", answer == NULL, "two answers");
            answer = &effects->items[index];
        }
    }
    world_check(world, "one answer", answer != NULL && answer->peer == event->peer, "no answer");
    return &answer->reply;
}

void model_request(struct world *world, const struct core_event *event,
                   const struct effects *effects)
{
    const struct model_step *step = &world->model.step;
    const struct effect *last = effects->count == 0 ? NULL : &effects->items[effects->count - 1];
    if (last != NULL && last->type == EFFECT_RESOLVE) {
        model_audit_answer(world, event, NULL);
        world_check(world, "resolving does nothing else", effects->count == 1, "%u effects",
                    effects->count);
        return;
    }
    const struct message_reply *reply = the_answer(world, event, effects);
    model_audit_answer(world, event, reply);
    world->coverage->replies[reply->code]++;
    world_trace(world, ".reply request", reply_code_name(reply->code), (int64_t)reply->request, 0,
                0, 0);
    if (step->job != NULL) {
        model_money_reply(world, reply, step->job->user);
    } else if (step->group != NULL) {
        model_money_reply(world, reply, step->group->user);
    }
    bool is_change = event->message->type == MESSAGE_TYPE_RETRY_JOB ||
                     event->message->type == MESSAGE_TYPE_PUT_ENDPOINT ||
                     (event->message->type == MESSAGE_TYPE_START_BULK && !step->bulk_before.exists);
    if (is_change && model_keyed_answer(world, event, reply)) {
        return;
    }
    if (event->message->type == MESSAGE_TYPE_SUBMIT) {
        world_check(world, "one answer", reply->request == event->message->submit.request,
                    "to another request");
        check_submit(world, event, reply, step->before.exists, step->allowed, step->first);
    } else if (event->message->type == MESSAGE_TYPE_SUBMIT_GROUP ||
               event->message->type == MESSAGE_TYPE_CANCEL_GROUP) {
        model_group_answer(world, event, reply);
    } else if (event->message->type == MESSAGE_TYPE_RETRY_JOB) {
        world_check(world, "one answer", reply->request == event->message->retry_job.request,
                    "to another request");
        check_retry(world, event, reply);
    } else if (event->message->type == MESSAGE_TYPE_DELETE_DOCUMENT) {
        model_delete_answer(world, event, reply);
    } else if (event->message->type == MESSAGE_TYPE_REMOVED) {
        world_check(world, "one answer", reply->request == event->message->removed.request,
                    "to another request");
    } else if (event->message->type == MESSAGE_TYPE_CHANGE_JOB) {
        model_change_answer(world, event, reply);
    } else if (event->message->type == MESSAGE_TYPE_START_BULK ||
               event->message->type == MESSAGE_TYPE_STOP_BULK) {
        model_bulk_answer(world, event, reply);
    } else if (event->message->type == MESSAGE_TYPE_NOTE_AUDIT) {
        world_check(world, "one answer", reply->request == event->message->note_audit.request,
                    "to another request");
    } else if (event->message->type == MESSAGE_TYPE_SET_QUEUE) {
        model_queue_answer(world, event, reply);
    } else if (event->message->type == MESSAGE_TYPE_SET_WORKER) {
        model_orders_answer(world, event, reply);
    } else if (event->message->type != MESSAGE_TYPE_CANCEL_JOB) {
        model_webhook_request(world, event, reply);
    } else {
        world_check(world, "one answer", reply->request == event->message->cancel_job.request,
                    "to another request");
        check_cancel(world, event, effects, reply, &step->before,
                     step->job == NULL ? -1 : step->job->user);
    }
}
