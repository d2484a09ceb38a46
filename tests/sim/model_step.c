#include "tests/sim/model.h"
#include "tests/sim/model_fail.h"
#include "tests/sim/model_session.h"
#include "tests/sim/model_stop.h"
#include "tests/sim/model_told.h"
#include "tests/sim/world.h"

/* What a step may do, by what was handed in. */

static void trace_step(struct world *world, const struct core_event *event)
{
    const struct model_step *step = &world->model.step;
    int64_t job = step->job == NULL ? -1 : (int64_t)model_job_number(&world->model, step->job);
    switch (event->type) {
    case CORE_EVENT_ACTOR:
        world_trace(world, "step peer session job lease", message_type_name(event->message->type),
                    (int64_t)event->peer, (int64_t)event->session, job, step->lease);
        break;
    case CORE_EVENT_GATEWAY: {
        if (step->group != NULL) {
            job = step->group->first;
        }
        world_trace(world, "step peer job facts commit", message_type_name(event->message->type),
                    (int64_t)event->peer, job, event->facts != NULL,
                    event->facts == NULL ? 0 : (int64_t)event->facts->commit);
        break;
    }
    case CORE_EVENT_PEER_LOST:
        world_trace(world, "step peer", "lost", (int64_t)event->peer, 0, 0, 0);
        break;
    case CORE_EVENT_SPACE:
        world_trace(world, "step low", "space", event->space_low, 0, 0, 0);
        break;
    case CORE_EVENT_SWEEP:
        world_trace(world, "step count commit", "sweep", event->sweep->count,
                    (int64_t)event->sweep->commit, 0, 0);
        break;
    case CORE_EVENT_PAGE:
        world_trace(world, "step count place end", "page", event->page->count,
                    (int64_t)event->page->place, (int64_t)event->page->place_end, 0);
        break;
    case CORE_EVENT_TICK:
        world_trace(world, "step commit", "tick", (int64_t)core_commit(world->shell.core), 0, 0, 0);
        break;
    }
}

void model_before_step(struct world *world, const struct core_event *event)
{
    struct model *model = &world->model;
    int64_t gap = world->now - model->step_at;
    model->late += gap > LATE_MS ? gap : 0;
    model->step_at = world->now;
    model->first_at = model->first_at == 0 ? world->now : model->first_at;
    model->step.is_tick = event->type == CORE_EVENT_TICK;
    model->step.is_refused = model_stop_is_refusal(event);
    model->step.standing = STANDING_NONE;
    model->step.job = NULL;
    model->step.first = NULL;
    model->step.group = NULL;
    model->step.revived = NULL;
    model->step.lease = 0;
    model->step.writes = model->step.left_count = 0;
    if (event->type == CORE_EVENT_ACTOR) {
        model_session_message(world, event);
    } else if (event->type == CORE_EVENT_GATEWAY) {
        model_request_before(world, event);
        model_audit_before(world, event);
    } else if (event->type == CORE_EVENT_PEER_LOST) {
        model_session_close(model, NULL, event->peer);
    } else if (event->type == CORE_EVENT_SPACE) {
        model->space_low = event->space_low;
    }
    trace_step(world, event);
}

/* ---- messages about leases ---- */

static const struct effect *find_effect(const struct effects *effects, enum effect_type type,
                                        const struct core_event *event)
{
    for (uint32_t index = 0; index < effects->count; index++) {
        const struct effect *effect = &effects->items[index];
        if (effect->type == type && effect->peer == event->peer) {
            return effect;
        }
    }
    return NULL;
}

static void check_done(struct world *world, const struct message_done *done)
{
    const struct model_step *step = &world->model.step;
    const struct model_state *state = &step->job->current;
    world_check(world, "a success completes",
                state->state == JOB_STATE_COMPLETED && state->progress == 100 &&
                    state->attempts_made == step->before.attempts_made + 1 &&
                    state->document == model_digest(done->document) &&
                    state->media == model_digest(done->media),
                "job %u is %s", model_job_number(&world->model, step->job),
                job_state_name(state->state));
    if (step->standing == STANDING_OLD) {
        world_seen(world, SEEN_SALVAGE);
    }
}

static void check_progress(struct world *world, const struct message_progress *progress)
{
    const struct model_step *step = &world->model.step;
    const struct model_state *state = &step->job->current;
    uint8_t expected =
        progress->progress > step->before.progress ? progress->progress : step->before.progress;
    world_check(world, "progress", state->progress == expected && state->state == JOB_STATE_ACTIVE,
                "progress is %u, should be %u", state->progress, expected);
    world_check(world, "drafts",
                state->draft ==
                    (progress->draft.size > 0 ? model_digest(progress->draft) : step->before.draft),
                "the draft is another one");
}

/* A success that cannot be used any more, for another attempt may have paid: told once a lease. */
static bool is_wasted(struct world *world, const struct core_event *event,
                      const struct effects *effects)
{
    const struct message_event *told = NULL;
    for (uint32_t index = 0; index < effects->count && told == NULL; index++) {
        const struct effect *effect = &effects->items[index];
        told = effect->type == EFFECT_EVENT && effect->event.kind == EVENT_KIND_PROVIDER
                   ? &effect->event
                   : NULL;
    }
    if (event->message->type != MESSAGE_TYPE_DONE || told == NULL) {
        return false;
    }
    const struct model_job *job = model_job_of(world, &told->job);
    world_check(world, "a waste is told of a lease before one that paid",
                told->operation_state == OPERATION_STATE_WASTED &&
                    event->message->done.lease < job->current.paid_lease &&
                    told->price == event->message->done.price,
                "lease %u", event->message->done.lease);
    world_seen(world, SEEN_WASTED);
    return true;
}

static void check_dead(struct world *world, const struct core_event *event,
                       const struct effects *effects)
{
    bool changes = world->model.step.writes > 0 && !is_wasted(world, event, effects);
    world_check(world, "stale messages change nothing",
                !changes && find_effect(effects, EFFECT_OPERATION_ACK, event) == NULL,
                "%s, not the sender's", message_type_name(event->message->type));
    world_check(world, "stale messages are answered",
                find_effect(effects, EFFECT_ACK, event) != NULL, "%s",
                message_type_name(event->message->type));
    world_seen(world, SEEN_STALE);
}

/* A message under a lease that is live and the sender's. */
static void check_current(struct world *world, const struct core_event *event,
                          const struct effects *effects)
{
    const struct message *message = event->message;
    const struct model_job *job = world->model.step.job;
    if (message->type == MESSAGE_TYPE_DONE) {
        check_done(world, &message->done);
    } else if (message->type == MESSAGE_TYPE_FAIL) {
        model_fail_check(world, &message->fail);
        model_ledger_failed(world, job, &message->fail);
    } else if (message->type == MESSAGE_TYPE_RELEASE) {
        if (world->model.step.before.stop_by != 0) {
            model_stop_handed_back(world);
        } else {
            model_fail_handed_back(world);
        }
        model_session_handed_back(world);
    } else if (message->type == MESSAGE_TYPE_PROGRESS) {
        check_progress(world, &message->progress);
    } else if (message->type == MESSAGE_TYPE_OPERATION) {
        const struct message_operation *operation = &message->operation;
        const struct effect *denied = find_effect(effects, EFFECT_OPERATION_DENIED, event);
        bool is_asked = operation->state == OPERATION_STATE_INTENT;
        if (world->model.step.before.is_untold && operation->operation < OPERATIONS_WITH_TASKS) {
            check_dead(world, event, effects);
            return;
        }
        if (is_asked && denied != NULL) {
            model_provider_denied(world, denied);
            return;
        }
        if (is_asked && world->settings.declares &&
            provider_of(world, operation->provider) != PROVIDER_UNKNOWN) {
            model_provider_granted(world, &job->current.worker, operation->provider);
        }
        world_check(world, "operations are recorded and acknowledged",
                    job->current.operation_lease[operation->operation] == operation->lease &&
                        job->current.operation_state[operation->operation] == operation->state &&
                        find_effect(effects, EFFECT_OPERATION_ACK, event) != NULL,
                    "operation %u", operation->operation);
        model_told_check(world, operation, effects);
    }
}

/* A message under a lost lease whose success may still be used: nothing else of it counts, but
 * the number of a task that was paid for. */
static void check_old(struct world *world, const struct core_event *event,
                      const struct effects *effects)
{
    const struct message *message = event->message;
    if (message->type == MESSAGE_TYPE_DONE) {
        check_done(world, &message->done);
        return;
    }
    bool is_paid = message->type == MESSAGE_TYPE_OPERATION &&
                   message->operation.state == OPERATION_STATE_SUBMITTED;
    world_check(world, "stale messages change nothing",
                (is_paid || world->model.step.writes == 0) &&
                    find_effect(effects, EFFECT_OPERATION_ACK, event) == NULL,
                "%s", message_type_name(message->type));
    world_check(world, "a task that is told late is recorded",
                world->model.step.writes > 0 || !is_paid, "of lease %u", world->model.step.lease);
    if (is_paid) {
        model_told_check(world, &message->operation, effects);
        model_stop_late(world, message->operation.operation);
    }
    world_seen(world, SEEN_STALE);
}

static void check_actor(struct world *world, const struct core_event *event,
                        const struct effects *effects)
{
    enum message_type type = event->message->type;
    switch (world->model.step.standing) {
    case STANDING_CURRENT:
        check_current(world, event, effects);
        break;
    case STANDING_OLD:
        check_old(world, event, effects);
        break;
    case STANDING_DEAD:
        check_dead(world, event, effects);
        break;
    case STANDING_REFUSED:
        world_check(world, "refusals are told",
                    world->model.step.writes == 0 &&
                        find_effect(effects, EFFECT_ERROR, event) != NULL,
                    "%s", message_type_name(type));
        return;
    case STANDING_NONE:
        world_check(world, "sessions change no job", world->model.step.writes == 0, "%s",
                    message_type_name(type));
        return;
    }
    bool ends =
        type == MESSAGE_TYPE_DONE || type == MESSAGE_TYPE_FAIL || type == MESSAGE_TYPE_RELEASE;
    world_check(world, "ends are acknowledged",
                !ends || find_effect(effects, EFFECT_ACK, event) != NULL, "%s",
                message_type_name(type));
}

/* A worker that is there is told of every lease that ends under its hands. */
static void check_left(struct world *world, const struct effects *effects)
{
    struct model_step *step = &world->model.step;
    for (uint32_t left = 0; left < step->left_count; left++) {
        const struct model_job *job = step->left[left].job;
        const struct model_session *session =
            model_session(&world->model, step->left[left].session);
        bool told = session == NULL || !session->open || model_session_gave_back(world, job) ||
                    model_session_silence(world, &session->instance) >= LEASE_MS;
        for (uint32_t index = 0; index < effects->count && !told; index++) {
            const struct effect *effect = &effects->items[index];
            bool is_end = effect->type == EFFECT_ACK ||
                          (effect->type == EFFECT_CANCEL && model_is_terminal(&job->current));
            told = is_end && effect->peer == session->peer &&
                   effect->lease == step->left[left].lease && id_equal(&effect->id, &job->id);
        }
        world_check(world, "workers are told of the end of a lease", told, "job %u",
                    model_job_number(&world->model, job));
    }
}

/* ---- the state that effects show is the one after the step ---- */

static void check_head(struct world *world, const struct effect *effect)
{
    const struct model_job *job = model_job_of(world, &effect->id);
    const struct model_state *state = &job->current;
    const struct job *head = effect->job;
    world_check(world, "effects and events agree",
                head->state == state->state && head->version == state->version &&
                    head->lease == state->lease && head->progress == state->progress &&
                    head->attempts_made == state->attempts_made &&
                    head->next_attempt_at == state->next_attempt_at &&
                    head->paid_lease == state->paid_lease && head->retries == state->retries &&
                    head->priority == model_priority(job) &&
                    model_user_of(effect->owner) == job->user,
                "job %u: %s version %u lease %u", model_job_number(&world->model, job),
                job_state_name(head->state), head->version, head->lease);
    world_check(world, "counted attempts",
                head->attempts_made <= model_attempts_max(job->kind) &&
                    head->workers_lost <= model_workers_lost_max(job->kind),
                "job %u", model_job_number(&world->model, job));
    world_check(world, "only lost workers are counted as lost",
                model_is_terminal(state) || head->workers_lost == state->workers_lost,
                "job %u: %u lost workers, should be %u", model_job_number(&world->model, job),
                head->workers_lost, state->workers_lost);
    world_check(world, "the attempt is the one after those made",
                model_is_terminal(state) ||
                    (head->attempt == state->attempts_made + 1 && head->attempt == state->attempt),
                "job %u: attempt %u after %u", model_job_number(&world->model, job), head->attempt,
                state->attempts_made);
}

void model_after_step(struct world *world, const struct core_event *event,
                      const struct effects *effects)
{
    for (uint32_t index = 0; index < effects->count; index++) {
        model_effect(world, event, &effects->items[index]);
    }
    for (uint32_t index = 0; index < effects->count; index++) {
        const struct effect *effect = &effects->items[index];
        if (effect->type == EFFECT_ACCEPT || effect->type == EFFECT_REVIVE ||
            effect->type == EFFECT_SAVE || effect->type == EFFECT_END) {
            check_head(world, effect);
        }
    }
    check_left(world, effects);
    model_webhook_check(world, effects);
    switch (event->type) {
    case CORE_EVENT_GATEWAY:
        model_request(world, event, effects);
        break;
    case CORE_EVENT_ACTOR:
        check_actor(world, event, effects);
        break;
    case CORE_EVENT_PEER_LOST:
    case CORE_EVENT_SPACE:
        world_check(world, "nothing to write", world->model.step.writes == 0, "%u effects",
                    world->model.step.writes);
        break;
    case CORE_EVENT_SWEEP:
        world_check(world, "sweeps only let go", world->model.step.writes == effects->count,
                    "%u effects", effects->count);
        break;
    case CORE_EVENT_PAGE:
        model_bulk_page(world, event);
        break;
    case CORE_EVENT_TICK:
        break;
    }
}

/* A lease is taken back when its worker is lost, has said BYE, or is there and does not hold it. */
static void check_held(struct world *world, const struct model_job *job)
{
    const struct model *model = &world->model;
    const struct model_state *state = &job->current;
    const struct model_session *session = model_session_of(model, &state->worker);
    bool is_lost = model_session_silence(world, &state->worker) >= LEASE_MS;
    bool is_back = session != NULL && session->opened_at >= model->restarted_at && session->bye;
    bool is_other = session != NULL && session->open && model_session_is_complete(session) &&
                    session->session != state->session;
    world_check(world, "leases are taken back", !is_lost && !is_back && !is_other,
                "job %u is active and nobody works on it", model_job_number(model, job));
}

/* Cancels and timeouts are carried out in time, once the broker runs. */
static void check_times(struct world *world, const struct model_job *job)
{
    const struct model_state *state = &job->current;
    model_parent_turn(world, job);
    uint32_t number = model_job_number(&world->model, job);
    bool is_stopping = state->stop_by != 0;
    world_check(world, "deadlines are kept",
                is_stopping || world->now < model_deadline(&world->model, job), "job %u", number);
    model_stop_turn(world, job);
    if (state->state != JOB_STATE_ACTIVE) {
        return;
    }
    check_held(world, job);
    int64_t timeout = model_timeout(job->kind);
    bool is_over = is_stopping ? world->now >= state->stop_by
                               : world->now >= state->lease_at + timeout + TIMEOUT_SLACK_MS;
    world_check(world, "attempts end in time", !is_over || model_session_told_late(world, job),
                "job %u", number);
    if (is_over) {
        world_seen(world, SEEN_OVERDUE);
    }
}

void model_turn_ends(struct world *world)
{
    struct model *model = &world->model;
    model_session_turn(world);
    bool unfinished = core_wake(world->shell.core) <= world->now; /* no room for all effects */
    for (uint32_t index = 0; index < model->live_count && !unfinished; index++) {
        check_times(world, &model->jobs[model->live[index]]);
    }
    model_limits_turn(world);
    model->turn++;
    model->turn_before = world->now;
}
