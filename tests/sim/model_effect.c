#include <assert.h>
#include <string.h>
#include "tests/sim/model.h"
#include "tests/sim/model_queue.h"
#include "tests/sim/model_session.h"
#include "tests/sim/model_stop.h"
#include "tests/sim/world.h"

/* What each effect claims, against what was true before it. */

static int number_of(struct world *world, const struct model_job *job)
{
    return (int)model_job_number(&world->model, job);
}

static void effect_accept(struct world *world, const struct effect *effect)
{
    struct model *model = &world->model;
    const struct message_submit *submit = effect->submit;
    struct model_job *job =
        submit == NULL ? model_webhook_accept(world, effect) : model_job_of(world, &effect->id);
    world_check(world, "accepted once", !job->current.exists, "job %d was accepted before",
                number_of(world, job));
    world_check(world, "accepted as asked",
                (submit == NULL || id_equal(&submit->job, &job->id)) && !job->invalid &&
                    effect->job->kind == job->kind &&
                    id_equal(&effect->job->character, &job->character) &&
                    id_equal(&effect->job->media, &job->media) &&
                    id_equal(&effect->job->source, &job->source) &&
                    effect->job->start_by == job->start_by && effect->job->deadline > world->now,
                "job %d is not what was asked for", number_of(world, job));
    memset(&job->current, 0, sizeof(job->current));
    job->current.exists = true;
    job->current.state = STATE_NONE;
    model_money_accepted(world, job, effect->job);
    job->accepted_at = world->now;
    job->event_first = model->event_last + 1;
    model_touch(model, job);
    if (job->key != 0) {
        model->keys[job->user][job->key] =
            (struct model_key){model_job_number(model, job), world->now};
    }
    model_dedupe_accepted(world, job);
    world->coverage->jobs++;
}

/* A new life under the old history: the event that follows makes it live. */
static void effect_revive(struct world *world, const struct core_event *event,
                          const struct effect *effect)
{
    struct model_job *job = model_job_of(world, &effect->id);
    struct model_state *state = &job->current;
    bool may = state->state == JOB_STATE_FAILED || state->state == JOB_STATE_CANCELLED ||
               (state->state == JOB_STATE_COMPLETED && job->kind == JOB_KIND_WEBHOOK);
    model_bulk_touch(world, event, job);
    world_check(world, "ended deliveries, failed and cancelled jobs are retried",
                may && !state->expired && state->state == effect->state_before, "job %d is %s",
                number_of(world, job), job_state_name(state->state));
    world_check(world, "a retried job has its time again",
                effect->job->deadline > world->now && effect->job->start_by == 0 &&
                    effect->job->completed_at == 0,
                "job %d", number_of(world, job));
    state->retries++;
    state->retried_at = world->now;
    state->workers_lost = 0;
    state->progress = 0;
    state->cancel_asked = false;
    state->was_dropped = false;
    state->stop_by = 0;
    state->url = false;
    state->error = 0;
    model_money_accepted(world, job, effect->job);
    world->model.step.revived = job;
    model_touch(&world->model, job);
}

/* ---- events ---- */

static bool kind_fits_state(enum event_kind kind, int from, enum job_state to)
{
    switch (kind) {
    case EVENT_KIND_QUEUED:
        return to <= JOB_STATE_WAITING && (from == STATE_NONE || from == (int)JOB_STATE_PENDING);
    case EVENT_KIND_WAITING:
        return to == JOB_STATE_WAITING;
    case EVENT_KIND_ACTIVE:
        return from == JOB_STATE_WAITING && to == JOB_STATE_ACTIVE;
    case EVENT_KIND_PROGRESS:
        return from == JOB_STATE_ACTIVE && to == JOB_STATE_ACTIVE;
    case EVENT_KIND_CANCEL_REQUESTED: /* one that waits has a task to be dropped */
    case EVENT_KIND_PROVIDER:
        return from == (int)to && (to == JOB_STATE_ACTIVE || to == JOB_STATE_WAITING);
    case EVENT_KIND_RETRY_SCHEDULED:
    case EVENT_KIND_STALLED:
        return from == JOB_STATE_ACTIVE && to == JOB_STATE_WAITING;
    case EVENT_KIND_COMPLETED:
        return to == JOB_STATE_COMPLETED;
    case EVENT_KIND_FAILED:
        return to == JOB_STATE_FAILED;
    case EVENT_KIND_CANCELLED:
        return to == JOB_STATE_CANCELLED;
    }
    return false;
}

static void check_event(struct world *world, const struct model_job *job,
                        const struct message_event *event)
{
    const struct model_state *state = &job->current;
    int number = number_of(world, job);
    world_check(world, "events are gapless", event->event == world->model.event_last + 1,
                "event %llu follows %llu", (unsigned long long)event->event,
                (unsigned long long)world->model.event_last);
    world_check(world, "versions are gapless", event->version == state->version + 1,
                "job %d: version %u follows %u", number, event->version, state->version);
    bool is_revived = world->model.step.revived == job;
    world_check(world, "one terminal state", !model_is_terminal(state) || is_revived,
                "job %d is %s, and has an event %s", number, job_state_name(state->state),
                event_kind_name(event->kind));
    world_check(world, "allowed moves", coverage_move_allowed(state->state, event->state),
                "job %d: from %d to %s", number, state->state, job_state_name(event->state));
    world_check(world, "retries are told",
                event->retries == state->retries && (!is_revived || event->attempts_made == 0),
                "job %d: %u retries, should be %u", number, event->retries, state->retries);
    world_check(world, "events fit states",
                kind_fits_state(event->kind, state->state, event->state),
                "job %d: %s from %d to %s", number, event_kind_name(event->kind), state->state,
                job_state_name(event->state));
    world_check(world, "events say who and when",
                event->at == world->now && model_user_of(event->owner) == job->user &&
                    event->job_kind == job->kind,
                "job %d: %s", number, event_kind_name(event->kind));
    world_check(world, "counted attempts", event->attempts_made <= model_attempts_max(job->kind),
                "job %d: %u attempts", number, event->attempts_made);
    world_check(world, "progress never falls",
                event->kind == EVENT_KIND_ACTIVE || event->progress >= state->progress,
                "job %d: %u after %u", number, event->progress, state->progress);
    bool is_cancelled = event->kind == EVENT_KIND_CANCELLED;
    world_check(world, "cancel is asked once and stays",
                is_cancelled || event->cancel_requested >= state->cancel_asked, "job %d: %s",
                number, event_kind_name(event->kind));
}

/* What the broker does by itself, at the end of a turn, needs its time to have come. */
static void check_time(struct world *world, const struct model_job *job, struct slice code)
{
    const struct model_state *state = &job->current;
    bool is_due = true;
    if (slice_equal(code, SLICE_LITERAL("deadline"))) {
        is_due = world->now >= model_deadline(&world->model, job);
        world_seen(world, SEEN_DEADLINE);
    } else if (slice_equal(code, SLICE_LITERAL("start_deadline"))) {
        is_due = job->start_by != 0 && world->now >= job->start_by && state->lease == 0 &&
                 state->retries == 0;
        world_seen(world, SEEN_START_BY);
    } else if (slice_equal(code, SLICE_LITERAL("timeout"))) {
        is_due = state->stop_by != 0 || model_session_is_overdue(world, job);
        world_seen(world, SEEN_TIMED_OUT);
    } else if (slice_equal(code, SLICE_LITERAL("stalled"))) {
        is_due = state->workers_lost == model_workers_lost_max(job->kind) - 1;
        world_seen(world, SEEN_STALLED_OUT);
    }
    world_check(world, "nothing ends before its time", is_due, "job %d: %.*s",
                number_of(world, job), SLICE_PRINT(code));
}

/* A cancel without its worker, or the end of a wait. */
static void check_turn_event(struct world *world, const struct model_job *job,
                             const struct message_event *event, const struct job *head)
{
    const struct model_state *state = &job->current;
    check_time(world, job, event->error_code);
    bool is_back = model_session_gave_back(world, job);
    bool is_over = is_back ||
                   (world->now >= state->stop_by && !model_session_may_tell(world, job)) ||
                   model_session_silence(world, &state->worker) >= LEASE_MS;
    world_check(
        world, "nothing ends before its time",
        event->kind != EVENT_KIND_CANCELLED ||
            (state->cancel_asked &&
             (state->state == JOB_STATE_ACTIVE ? is_over : model_stop_has_waited(world, job))),
        "job %d is cancelled by itself", number_of(world, job));
    world_check(world, "nothing ends before its time",
                event->kind != EVENT_KIND_WAITING || state->state != JOB_STATE_ACTIVE || is_back ||
                    head->stop_by != 0,
                "job %d is taken back", number_of(world, job));
    bool has_started = event->kind == EVENT_KIND_WAITING && state->state == JOB_STATE_PENDING;
    world_check(world, "nothing starts before its time", !has_started || world->now >= job->run_at,
                "job %d", number_of(world, job));
}

/* A lease was lost: only after its worker was silent for its whole time, or since a restart. */
static void check_lost(struct world *world, struct model_job *job)
{
    int64_t silence = model_session_silence(world, &job->current.worker);
    world_check(
        world, "leases get their full time", silence >= LEASE_MS || job->current.stop_by != 0,
        "job %d: its worker is lost after %lld ms", number_of(world, job), (long long)silence);
    job->current.workers_lost++;
    world_seen(world, SEEN_WORKER_LOST);
}

static void event_seen(struct world *world, struct model_job *job,
                       const struct message_event *event, const struct job *head)
{
    bool in_tick = world->model.step.is_tick;
    bool was_active = job->current.state == JOB_STATE_ACTIVE;
    if (in_tick) {
        check_turn_event(world, job, event, head);
    }
    if (event->kind == EVENT_KIND_STALLED ||
        slice_equal(event->error_code, SLICE_LITERAL("stalled"))) {
        check_lost(world, job);
    } else if (event->kind == EVENT_KIND_WAITING && was_active && in_tick) {
        world_seen(world, SEEN_NEVER_RECEIVED);
    } else if (event->kind == EVENT_KIND_COMPLETED && job->current.cancel_asked) {
        world_seen(world, SEEN_CANCEL_TOO_LATE);
    } else if (event->kind == EVENT_KIND_CANCELLED && was_active) {
        world_seen(world, in_tick ? SEEN_CANCEL_FORCED : SEEN_CANCEL_OBEYED);
    }
}

/* What went wrong is told with all that happens to a job until it is tried again, or ends of it. */
static void take_error(struct world *world, struct model_job *job,
                       const struct message_event *event)
{
    struct model_state *state = &job->current;
    uint64_t error = model_error(event->error_code, event->error_message);
    bool still_waits = state->state == JOB_STATE_WAITING && event->state == JOB_STATE_WAITING;
    bool ends_of_it = state->ends_failed && state->last_error != 0 &&
                      (event->state == JOB_STATE_ACTIVE || event->state == JOB_STATE_FAILED);
    /* Whose worker does not comply may end of something else. */
    bool is_kept = still_waits || (ends_of_it && !world->model.step.is_refused);
    world_check(world, "a job that waits, or ends of it, has its last error",
                !is_kept || error == state->last_error, "job %d: %s", number_of(world, job),
                event_kind_name(event->kind));
    if (still_waits && error != 0) {
        world_seen(world, SEEN_ERROR_KEPT);
    }
    if (ends_of_it && event->state == JOB_STATE_FAILED) {
        world_seen(world, SEEN_FAILED_DROPPED);
    }
    state->last_error = event->state == JOB_STATE_WAITING || ends_of_it ? error : 0;
}

static void effect_event(struct world *world, const struct effect *effect)
{
    struct model *model = &world->model;
    const struct message_event *event = &effect->event;
    struct model_job *job = model_job_of(world, &event->job);
    struct model_state *state = &job->current;
    check_event(world, job, event);
    take_error(world, job, event);
    model_parent_event(world, job, event);
    event_seen(world, job, event, effect->job);
    world->coverage->events[event->kind]++;
    world->coverage->moves[state->state][event->state] += state->state != event->state;
    bool was_waiting = state->state == JOB_STATE_WAITING;
    if (state->state == JOB_STATE_ACTIVE && event->state != JOB_STATE_ACTIVE) {
        struct model_step *step = &model->step;
        step->left[step->left_count].job = job;
        step->left[step->left_count].lease = state->lease;
        step->left[step->left_count++].session = state->session;
    }
    if (model->step.revived == job) {
        model->step.revived = NULL;
    }
    if (state->state != event->state) {
        job->waiting_turn = model->turn;
    }
    model_event_note(model, event->event, model_job_number(model, job));
    state->state = event->state;
    state->version = event->version;
    state->progress = event->progress;
    state->cancel_asked = event->cancel_requested;
    state->attempts_made = event->attempts_made;
    state->attempt = event->attempt;
    state->next_attempt_at = event->next_attempt_at;
    state->priority = event->priority != 0 ? event->priority : state->priority;
    state->promoted |= event->kind == EVENT_KIND_WAITING && event->next_attempt_at == 0;
    state->event_last = event->event;
    model_stop_take(world, job, effect->job);
    state->ended_at = model_is_terminal(state) ? world->now : 0;
    job->ended_turn = model_is_terminal(state) ? model->turn + 1 : 0;
    model_touch(model, job);
    model_live_update(model, job);
    model_group_event(world, job, event);
    if (was_waiting && state->state != JOB_STATE_WAITING) {
        model_limits_waiting(world, job);
    }
    world_trace(world, ".event job version event", event_kind_name(event->kind),
                number_of(world, job), event->version, (int64_t)event->event, 0);
}

/* ---- the rest ---- */

static void effect_dispatch(struct world *world, const struct effect *effect)
{
    struct model_job *job = model_job_of(world, &effect->id);
    struct model_state *state = &job->current;
    const struct model_session *session = model_session(&world->model, effect->session);
    int number = number_of(world, job);
    world_check(world, "one live lease",
                state->state == JOB_STATE_ACTIVE && effect->job->state == JOB_STATE_ACTIVE,
                "job %d is dispatched and not active", number);
    world_check(world, "lease numbers grow by one", effect->job->lease == state->lease + 1,
                "job %d: lease %u after %u", number, effect->job->lease, state->lease);
    world_check(world, "sessions",
                session != NULL && session->open && session->peer == effect->peer &&
                    model_session_is_complete(session) && session->kind == job->kind,
                "job %d is sent to a worker that is not there", number);
    world_check(world, "not before its time",
                job->run_at <= world->now || state->retries > 0 || state->promoted, "job %d",
                number);
    state->lease = effect->job->lease;
    state->worker = session->instance;
    state->session = session->session;
    model_stop_sent(world, job);
    state->lease_at = world->now;
    model_touch(&world->model, job);
    model_limits_dispatch(world, job, effect);
    world_trace(world, ".dispatch job lease peer", NULL, number, state->lease,
                (int64_t)effect->peer, 0);
}

static void effect_operation(struct world *world, const struct effect *effect)
{
    struct model_job *job = model_job_of(world, &effect->id);
    struct model_state *state = &job->current;
    const struct message_operation *operation = &effect->operation;
    assert(operation->operation < OPERATIONS_MAX);
    model_ledger_operation(world, job, effect);
    model_money_operation(world, job, effect);
    state->operation_lease[operation->operation] = operation->lease;
    state->operation_state[operation->operation] = operation->state;
    if (operation->state == OPERATION_STATE_INTENT && operation->lease > state->paid_lease) {
        state->paid_lease = operation->lease;
    }
    model_touch(&world->model, job);
}

static void effect_saved(struct world *world, const struct effect *effect)
{
    struct model_job *job = model_job_of(world, &effect->id);
    model_stop_take(world, job, effect->job);
    if (effect->type == EFFECT_DRAFT) {
        job->current.draft = model_digest(effect->document);
    }
    model_touch(&world->model, job);
}

static void effect_end(struct world *world, const struct effect *effect)
{
    struct model_job *job = model_job_of(world, &effect->id);
    bool completed = effect->job->state == JOB_STATE_COMPLETED;
    world_check(world, "documents exist iff completed",
                job->kind == JOB_KIND_WEBHOOK ||
                    (completed ? effect->document.size > 0
                               : effect->document.size == 0 && effect->media.size == 0),
                "job %d ends %s", number_of(world, job), job_state_name(effect->job->state));
    world_check(world, "every end has its time", effect->job->completed_at == world->now, "job %d",
                number_of(world, job));
    model_ledger_end(world, job, effect);
    model_money_end(world, job, effect);
    job->current.document = model_digest(effect->document);
    job->current.media = model_digest(effect->media);
    if (completed || !model_draft_is_kept(effect->error_code)) {
        job->current.draft = 0;
    }
    job->current.url = effect->url.size > 0;
    if (effect->job->state == JOB_STATE_FAILED) {
        model_bulk_failed(job, effect);
    }
    model_touch(&world->model, job);
}

/* What a message about a job may not cause when it counts for nothing. A session takes the orders
 * of its worker with it. */
static bool is_write(enum effect_type type)
{
    return type <= EFFECT_EVENT && type != EFFECT_KEY && type != EFFECT_WORKER &&
           type != EFFECT_AUDIT;
}

static void count_effect(struct world *world, const struct effect *effect)
{
    world->coverage->effects[effect->type]++;
    world->coverage->errors[effect->error_code_number] += effect->type == EFFECT_ERROR;
    world->model.step.writes += is_write(effect->type);
}

void model_effect(struct world *world, const struct core_event *event, const struct effect *effect)
{
    count_effect(world, effect);
    switch (effect->type) {
    case EFFECT_ACCEPT:
        effect_accept(world, effect);
        break;
    case EFFECT_GROUP:
        model_group_effect(world, effect);
        break;
    case EFFECT_REVIVE:
        effect_revive(world, event, effect);
        break;
    case EFFECT_SAVE:
    case EFFECT_DRAFT:
        effect_saved(world, effect);
        break;
    case EFFECT_OPERATION:
        effect_operation(world, effect);
        break;
    case EFFECT_END:
        effect_end(world, effect);
        break;
    case EFFECT_KEY:
        model_keyed_effect(world, effect);
        break;
    case EFFECT_PUT_ENDPOINT:
    case EFFECT_DELETE_ENDPOINT:
    case EFFECT_DISABLE_ENDPOINT:
        model_webhook_effect(world, effect);
        break;
    case EFFECT_QUEUE:
    case EFFECT_WORKER:
    case EFFECT_AUDIT:
        model_steered_effect(world, effect);
        break;
    case EFFECT_EXPIRE:
        model_expire(world, event, effect);
        break;
    case EFFECT_BULK:
    case EFFECT_BULK_GONE:
        model_bulk_effect(world, event, effect);
        break;
    case EFFECT_DELETE:
        model_delete_effect(world, effect);
        break;
    case EFFECT_EVENT:
        model_delete_event(world, event, model_job_of(world, &effect->event.job),
                           effect->event.error_code);
        effect_event(world, effect);
        break;
    case EFFECT_DISPATCH:
        effect_dispatch(world, effect);
        break;
    case EFFECT_WELCOME:
        model_session_welcome(world, event, effect);
        break;
    case EFFECT_ERROR:
    case EFFECT_REMOVED:
    case EFFECT_REPLY:
    case EFFECT_CANCEL:
    case EFFECT_ACK:
    case EFFECT_OPERATION_ACK:
    case EFFECT_OPERATION_DENIED:
    case EFFECT_STOP:
    case EFFECT_RESOLVE:
        break;
    }
}
