#include <assert.h>
#include <string.h>
#include "tests/sim/model.h"
#include "tests/sim/model_queue.h"
#include "tests/sim/model_session.h"
#include "tests/sim/world.h"

struct model_session *model_session(struct model *model, uint64_t session)
{
    for (uint32_t index = model->session_count; session != 0 && index > 0; index--) {
        if (model->sessions[index - 1].session == session) {
            return &model->sessions[index - 1];
        }
    }
    return NULL;
}

/* The last session of an instance, open or not. */
struct model_session *model_session_of(const struct model *model, const struct id *instance)
{
    for (uint32_t index = model->session_count; index > 0; index--) {
        if (id_equal(&model->sessions[index - 1].instance, instance)) {
            return &model->sessions[index - 1];
        }
    }
    return NULL;
}

static struct model_session *session_of_peer(struct model *model, uint64_t peer)
{
    for (uint32_t index = model->session_count; index > 0; index--) {
        if (model->sessions[index - 1].peer == peer && model->sessions[index - 1].open) {
            return &model->sessions[index - 1];
        }
    }
    return NULL;
}

void model_session_close(struct model *model, const struct id *instance, uint64_t peer)
{
    for (uint32_t index = 0; index < model->session_count; index++) {
        struct model_session *session = &model->sessions[index];
        bool is_it = instance != NULL && id_equal(&session->instance, instance);
        if (session->open && (is_it || session->peer == peer)) {
            session->open = false;
        }
    }
}

static void contact(struct world *world, struct model_session *session)
{
    session->contact_at = world->now;
    session->contact_late = world->model.late;
}

int64_t model_session_silence(const struct world *world, const struct id *instance)
{
    const struct model *model = &world->model;
    const struct model_session *session = model_session_of(model, instance);
    int64_t restarted = world->now - model->restarted_at - (model->late - model->restarted_late);
    if (session == NULL) {
        return restarted;
    }
    int64_t heard = world->now - session->contact_at - (model->late - session->contact_late);
    return heard < restarted ? heard : restarted;
}

bool model_session_has_left(const struct world *world, const struct model_job *job)
{
    const struct model_session *session = model_session_of(&world->model, &job->current.worker);
    return session != NULL && session->bye;
}

bool model_session_gave_back(const struct world *world, const struct model_job *job)
{
    const struct model_session *session = model_session_of(&world->model, &job->current.worker);
    return session != NULL && (session->bye || session->opened_at >= job->current.lease_at);
}

/* However often the worker comes back. */
static bool is_out_of_time(const struct world *world, const struct model_job *job)
{
    const struct model_state *state = &job->current;
    int64_t attempt_until = state->lease_at + model_timeout(job->kind) + TIMEOUT_SLACK_MS;
    int64_t deadline = model_deadline(&world->model, job);
    int64_t due = attempt_until < deadline ? attempt_until : deadline;
    due = state->stop_by != 0 ? state->stop_by : due;
    due = due > world->model.first_at ? due : world->model.first_at;
    return world->now >= due + LEASE_MS + CANCEL_MS;
}

bool model_session_may_tell(const struct world *world, const struct model_job *job)
{
    const struct model_state *state = &job->current;
    const struct model_session *session = model_session_of(&world->model, &state->worker);
    bool is_there = session != NULL && session->open && model_session_is_complete(session);
    if (is_out_of_time(world, job)) {
        return false;
    }
    if (is_there) {
        return world->now < session->opened_at + CANCEL_MS;
    }
    return state->stop_by != 0 ? world->now < world->model.first_at + CANCEL_MS
                               : model_session_silence(world, &state->worker) < LEASE_MS;
}

bool model_session_told_late(const struct world *world, const struct model_job *job)
{
    const struct model_state *state = &job->current;
    const struct model_session *session = model_session_of(&world->model, &state->worker);
    int64_t wait_ms = state->stop_by != 0 ? CANCEL_MS : LEASE_MS;
    return model_session_may_tell(world, job) ||
           (session != NULL && world->now < session->opened_at + wait_ms);
}

void model_session_turn(struct world *world)
{
    struct model *model = &world->model;
    for (uint32_t index = 0; index < model->session_count; index++) {
        struct model_session *session = &model->sessions[index];
        int64_t silence = world->now - session->contact_at - (model->late - session->contact_late);
        if (session->open && silence >= LEASE_MS) {
            session->open = false;
        }
    }
}

void model_session_welcome(struct world *world, const struct core_event *event,
                           const struct effect *effect)
{
    struct model *model = &world->model;
    world_check(world, "sessions",
                event->type == CORE_EVENT_ACTOR && event->message->type == MESSAGE_TYPE_HELLO &&
                    effect->peer == event->peer && effect->session != 0,
                "WELCOME without HELLO");
    world_check(world, "sessions", model_session(model, effect->session) == NULL,
                "session %llu was there before", (unsigned long long)effect->session);
    const struct message_hello *hello = &event->message->hello;
    model_session_close(model, &hello->instance, event->peer);
    assert(model->session_count < MODEL_SESSIONS_MAX);
    struct model_session *session = &model->sessions[model->session_count++];
    *session = (struct model_session){
        .session = effect->session,
        .peer = event->peer,
        .instance = hello->instance,
        .kind = hello->kind,
        .open = true,
        .providers_left = hello->provider_count,
        .holds_left = hello->hold_count,
        .opened_at = world->now,
        .slots = hello->slots,
        .credit = hello->credit < hello->slots ? hello->credit : hello->slots,
        .credit_handed_back = UINT64_MAX,
    };
    contact(world, session);
    if (model_orders_of(model, &hello->instance) != WORKER_ORDERS_WORK) {
        world_seen(world, SEEN_ORDERS_KEPT);
    }
}

/* ---- what a message is worth ---- */

static void step_lease(struct world *world, const struct model_session *session,
                       const struct id *id, uint32_t lease)
{
    struct model_step *step = &world->model.step;
    struct model_job *job = model_find(&world->model, id);
    step->job = job;
    step->lease = lease;
    step->standing = STANDING_DEAD;
    if (lease == 0 || job == NULL || !job->current.exists || model_is_terminal(&job->current)) {
        return;
    }
    const struct model_state *state = &job->current;
    step->before = *state;
    bool is_active = state->state == JOB_STATE_ACTIVE;
    bool is_last = lease == state->lease;
    bool is_its_own = id_equal(&state->worker, &session->instance);
    bool is_lost = is_last ? !is_active && is_its_own : lease < state->lease;
    if (is_active && is_last && is_its_own) {
        step->standing = STANDING_CURRENT;
    } else if (is_lost && lease >= state->paid_lease && session->kind == job->kind) {
        step->standing = STANDING_OLD;
    }
}

/* Cumulative: it never falls, and never allows more than the slots at once. */
static void session_grant(struct model_session *session, uint64_t credit)
{
    uint64_t most = session->dispatched + session->slots;
    uint64_t wanted = credit < most ? credit : most;
    session->credit = wanted > session->credit ? wanted : session->credit;
}

void model_session_handed_back(struct world *world)
{
    const struct model_step *step = &world->model.step;
    struct model_session *session = model_session_of(&world->model, &step->before.worker);
    bool works = model_orders_of(&world->model, &session->instance) == WORKER_ORDERS_WORK;
    bool stays = works && session->credit > session->credit_handed_back;
    int64_t at = step->job->current.next_attempt_at;
    int64_t until = stays ? world->now + THROTTLE_MIN_MS : 0;
    world_check(world, "what is handed back goes out at once, unless its worker stays",
                step->before.stop_by != 0 || at == until, "it waits until %lld, should until %lld",
                (long long)at, (long long)until);
    world_seen(world, stays ? SEEN_HANDED_BACK_STAYING : SEEN_HANDED_BACK);
    session->credit_handed_back = session->credit;
}

static void session_work(struct world *world, struct model_session *session,
                         const struct message *message)
{
    if (message->type == MESSAGE_TYPE_HEARTBEAT) {
        session_grant(session, message->heartbeat.credit);
    } else if (message->type == MESSAGE_TYPE_PROGRESS) {
        const struct message_progress *progress = &message->progress;
        session_grant(session, progress->credit);
        step_lease(world, session, &progress->job, progress->lease);
    } else if (message->type == MESSAGE_TYPE_OPERATION) {
        const struct message_operation *operation = &message->operation;
        session_grant(session, operation->credit);
        step_lease(world, session, &operation->job, operation->lease);
    } else if (message->type == MESSAGE_TYPE_DONE) {
        const struct message_done *done = &message->done;
        session_grant(session, done->credit);
        step_lease(world, session, &done->job, done->lease);
    } else if (message->type == MESSAGE_TYPE_FAIL) {
        const struct message_fail *fail = &message->fail;
        session_grant(session, fail->credit);
        step_lease(world, session, &fail->job, fail->lease);
    } else if (message->type == MESSAGE_TYPE_RELEASE) {
        const struct message_release *release = &message->release;
        step_lease(world, session, &release->job, release->lease);
    } else if (message->type == MESSAGE_TYPE_REPORT) {
        model_provider_report(world, &session->instance, &message->report);
    } else if (message->type != MESSAGE_TYPE_ERROR) {
        world->model.step.standing = STANDING_REFUSED;
    }
}

/* A job never left the broker: nothing was heard of the worker, and it may have another one. */
static void session_unread(struct world *world, struct model_session *session,
                           const struct message_fail *fail)
{
    session->dispatched--;
    uint64_t most = session->dispatched + session->slots;
    session->credit = session->credit < most ? session->credit : most;
    step_lease(world, session, &fail->job, fail->lease);
}

static void session_hold(struct world *world, const struct core_event *event)
{
    struct model_session *session = session_of_peer(&world->model, event->peer);
    if (session == NULL || session->providers_left > 0 || session->holds_left == 0) {
        world->model.step.standing = STANDING_REFUSED;
        return;
    }
    contact(world, session);
    session->holds_left--;
    const struct message_hold *hold = &event->message->hold;
    step_lease(world, session, &hold->job, hold->lease);
    if (world->model.step.standing == STANDING_CURRENT) {
        world->model.step.job->current.session = session->session;
        world->model.step.job->durable.session = session->session; /* nothing to be written */
        bool is_restarted = world->model.step.job->current.lease_at < world->model.restarted_at;
        world_seen(world, is_restarted ? SEEN_READOPTED_RESTART : SEEN_READOPTED);
    }
}

static void session_provider(struct world *world, const struct core_event *event)
{
    struct model_session *session = session_of_peer(&world->model, event->peer);
    if (session == NULL || session->providers_left == 0) {
        world->model.step.standing = STANDING_REFUSED;
        return;
    }
    contact(world, session);
    session->providers_left--;
}

void model_session_message(struct world *world, const struct core_event *event)
{
    struct model *model = &world->model;
    const struct message *message = event->message;
    if (message->type == MESSAGE_TYPE_HELLO) {
        return; /* its answer says what became of it */
    }
    if (message->type == MESSAGE_TYPE_PROVIDER) {
        session_provider(world, event);
        return;
    }
    if (message->type == MESSAGE_TYPE_HOLD) {
        session_hold(world, event);
        return;
    }
    struct model_session *session = model_session(model, event->session);
    if (session == NULL || !session->open || session->peer != event->peer ||
        !model_session_is_complete(session)) {
        model->step.standing = event->unread ? STANDING_NONE : STANDING_REFUSED;
        return;
    }
    if (event->unread) {
        session_unread(world, session, &event->message->fail);
        return;
    }
    contact(world, session);
    if (message->type == MESSAGE_TYPE_BYE) {
        session->open = false;
        session->bye = true;
        return;
    }
    session_work(world, session, message);
    if (model->step.standing == STANDING_REFUSED) {
        session->open = false; /* what no actor sends ends the session */
    }
}
