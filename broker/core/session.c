#include "broker/core/state.h"

/*
 * Sessions: HELLO opens one, PROVIDERs say whom the actor calls, HOLDs what it still works on, any
 * message renews it, and it ends with BYE, a lost connection or its deadline. WELCOME answers HELLO
 * at once, so that what follows a HOLD (ACK, CANCEL) finds the actor in its session; jobs are
 * handed out and other messages taken only when all PROVIDERs and HOLDs have come.
 */

/* ---- a worker's place in lists ---- */

/* Keeps the queue's sums of open workers and their credit. */
static void count_open(struct queue *queue, struct worker *worker)
{
    bool is_open = worker_takes_jobs(worker);
    uint64_t credit = is_open ? worker->credit - worker->dispatched : 0;
    queue->open += (uint32_t)is_open - (uint32_t)worker->is_counted;
    queue->credit += credit - worker->counted;
    worker->is_counted = is_open;
    worker->counted = credit;
}

void session_offer(struct core *core, uint32_t index)
{
    struct worker *worker = core_worker(core, index);
    count_open(&core->queues[worker->kind], worker);
    uint32_t *first = &core->queues[worker->kind].workers;
    bool is_wanted = worker_takes_jobs(worker) && worker->credit > worker->dispatched;
    bool is_in = worker_is_listed(worker, WORKER_LIST_CREDIT);
    if (is_wanted && !is_in) {
        workers_list_put(&core->workers, WORKER_LIST_CREDIT, first, index);
    }
    if (!is_wanted) {
        workers_list_remove(&core->workers, WORKER_LIST_CREDIT, first, index);
    }
}

/* Puts the worker into the drain while it has leases to be taken back. */
static void drain_update(struct core *core, uint32_t index)
{
    struct worker *worker = core_worker(core, index);
    bool is_gone = worker->state == WORKER_STATE_GONE && worker->leases != JOB_NONE;
    bool is_wanted =
        is_gone || (worker->state != WORKER_STATE_OPENING && worker->returning != JOB_NONE);
    bool is_in = worker_is_listed(worker, WORKER_LIST_DRAIN);
    if (is_wanted && !is_in) {
        workers_list_put(&core->workers, WORKER_LIST_DRAIN, &core->workers.drain, index);
    }
    if (!is_wanted) {
        workers_list_remove(&core->workers, WORKER_LIST_DRAIN, &core->workers.drain, index);
    }
}

static void renew(struct core *core, uint32_t index)
{
    struct worker *worker = core_worker(core, index);
    worker->deadline = core->now + LEASE_MS;
    worker->heard_at = core->now;
    workers_list_remove(&core->workers, WORKER_LIST_EXPIRY, &core->workers.expiry, index);
    workers_list_put(&core->workers, WORKER_LIST_EXPIRY, &core->workers.expiry, index);
}

void session_settle(struct core *core, uint32_t index)
{
    struct worker *worker = core_worker(core, index);
    drain_update(core, index);
    bool is_awaited = worker->state == WORKER_STATE_LOST && worker->orders != WORKER_ORDERS_WORK;
    bool is_over = worker->state == WORKER_STATE_LOST || worker->state == WORKER_STATE_GONE;
    if (is_over && !is_awaited && worker->leases == JOB_NONE && worker->returning == JOB_NONE) {
        worker_forget_orders(core, worker);
        workers_list_remove(&core->workers, WORKER_LIST_EXPIRY, &core->workers.expiry, index);
        workers_give(&core->workers, index);
    }
}

/* Takes the session away; the leases stay. */
static void detach(struct core *core, uint32_t index, enum worker_state state)
{
    struct worker *worker = core_worker(core, index);
    if (worker->state == WORKER_STATE_OPENING) {
        worker_leases_move(&core->slab, &worker->returning, &worker->leases);
    }
    if (worker->session != 0) {
        workers_detach(&core->workers, index);
    }
    providers_release(&core->providers, worker->providers);
    worker->state = (uint8_t)state;
    session_offer(core, index);
}

/* Ends a session whose instance may come back for its leases. */
static void lose(struct core *core, uint32_t index)
{
    detach(core, index, WORKER_STATE_LOST);
    session_settle(core, index);
}

void session_expire(struct core *core, uint32_t index)
{
    detach(core, index, WORKER_STATE_GONE);
    workers_list_remove(&core->workers, WORKER_LIST_EXPIRY, &core->workers.expiry, index);
    session_settle(core, index);
}

void session_peer_lost(struct core *core, uint64_t peer)
{
    uint32_t index = workers_find_peer(&core->workers, peer);
    if (index != JOB_NONE) {
        lose(core, index);
    }
}

/* ---- HELLO, PROVIDER and HOLD ---- */

/* Returns whether a HELLO can open a session; otherwise *code says why not. */
static bool judge_hello(const struct core *core, const struct message_hello *hello,
                        enum error_code *code)
{
    if (hello->kind >= JOB_KIND_COUNT || id_is_zero(&hello->instance)) {
        *code = ERROR_CODE_MALFORMED;
        return false;
    }
    uint32_t index = workers_find_instance(&core->workers, &hello->instance);
    if (index != JOB_NONE && core_worker(core, index)->kind != hello->kind) {
        *code = ERROR_CODE_FORBIDDEN;
        return false;
    }
    bool has_slot = index != JOB_NONE || core->workers.count < WORKERS_MAX;
    *code = ERROR_CODE_LIMIT;
    return has_slot && hello->slots <= SLOTS_MAX && hello->hold_count <= HOLDS_MAX &&
           hello->provider_count <= PROVIDERS_ACTOR_MAX;
}

static void open_when_complete(struct core *core, uint32_t index)
{
    struct worker *worker = core_worker(core, index);
    if (worker->providers_left > 0 || worker->holds_left > 0) {
        return;
    }
    worker->state = WORKER_STATE_OPEN;
    session_offer(core, index);
    if (worker->orders == WORKER_ORDERS_STOP) {
        worker_stop(core, index);
    }
    session_settle(core, index);
}

static void open(struct core *core, uint32_t index, uint64_t peer,
                 const struct message_hello *hello)
{
    struct worker *worker = core_worker(core, index);
    worker_leases_move(&core->slab, &worker->leases, &worker->returning);
    worker->state = WORKER_STATE_OPENING;
    worker->slots = hello->slots;
    worker->providers_left = hello->provider_count;
    worker->holds_left = hello->hold_count;
    worker->credit = hello->credit < hello->slots ? hello->credit : hello->slots;
    worker->dispatched = 0;
    worker->credit_handed_back = UINT64_MAX;
    worker->opened_at = core->now;
    core->session_last++;
    workers_attach(&core->workers, index, core->session_last, peer);
    session_offer(core, index);
    drain_update(core, index);
    renew(core, index);
    struct effect *effect = emit(core, EFFECT_WELCOME);
    effect->peer = peer;
    effect->session = worker->session;
    open_when_complete(core, index);
}

static void hello(struct core *core, const struct core_event *event)
{
    const struct message_hello *hello = &event->message->hello;
    enum error_code code;
    if (!judge_hello(core, hello, &code)) {
        emit_error(core, event->peer, code);
        return;
    }
    uint32_t index = workers_find_instance(&core->workers, &hello->instance);
    uint32_t before = workers_find_peer(&core->workers, event->peer);
    if (index == JOB_NONE &&
        workers_take(&core->workers, &hello->instance, hello->kind, &index) != STATUS_OK) {
        emit_error(core, event->peer, ERROR_CODE_LIMIT);
        return;
    }
    if (before != JOB_NONE && before != index) {
        lose(core, before); /* another process speaks on this connection now */
    }
    detach(core, index, WORKER_STATE_LOST);
    open(core, index, event->peer, hello);
}

/* The session of a peer that has yet to say more, or JOB_NONE. */
static uint32_t find_opening(const struct core *core, uint64_t peer)
{
    uint32_t index = workers_find_peer(&core->workers, peer);
    bool is_opening = index != JOB_NONE && core_worker(core, index)->state == WORKER_STATE_OPENING;
    return is_opening ? index : JOB_NONE;
}

static void declare(struct core *core, const struct core_event *event)
{
    const struct message_provider *declared = &event->message->provider;
    uint32_t index = find_opening(core, event->peer);
    if (index == JOB_NONE || core_worker(core, index)->providers_left == 0) {
        emit_error(core, event->peer, ERROR_CODE_SESSION);
        return;
    }
    struct worker *worker = core_worker(core, index);
    bool is_sane = declared->name.size > 0 && declared->name.size <= PROVIDER_SIZE_MAX &&
                   declared->account.size <= PROVIDER_SIZE_MAX &&
                   declared->use < PROVIDER_USE_COUNT && declared->price <= PRICE_MAX;
    renew(core, index);
    if (!is_sane) {
        emit_error(core, event->peer, ERROR_CODE_MALFORMED);
        lose(core, index);
    } else if (providers_declare(&core->providers, declared, worker->providers, core->now) !=
               STATUS_OK) {
        emit_error(core, event->peer, ERROR_CODE_LIMIT);
        lose(core, index);
    } else {
        worker->providers_left--;
        open_when_complete(core, index);
    }
}

static void hold(struct core *core, const struct core_event *event)
{
    uint32_t index = find_opening(core, event->peer);
    if (index == JOB_NONE || core_worker(core, index)->providers_left > 0) {
        emit_error(core, event->peer, ERROR_CODE_SESSION);
        return;
    }
    renew(core, index);
    lease_hold(core, index, &event->message->hold);
    core_worker(core, index)->holds_left--;
    open_when_complete(core, index);
}

/* ---- messages in a session ---- */

/* Takes the credit of any message: a cumulative grant that never falls and never allows more than
 * the worker's slots at once. */
static void grant(struct core *core, uint32_t index, uint64_t credit)
{
    struct worker *worker = core_worker(core, index);
    uint64_t credit_max = worker->dispatched + worker->slots;
    uint64_t wanted = credit < credit_max ? credit : credit_max;
    if (wanted > worker->credit) {
        worker->credit = wanted;
        session_offer(core, index);
    }
    assert(worker->dispatched <= worker->credit);
}

/* A job that was given to the worker never left the broker. Nothing was heard of the worker. */
static void take_back(struct core *core, uint32_t index, const struct message_fail *message)
{
    struct worker *worker = core_worker(core, index);
    assert(worker->dispatched > 0);
    worker->dispatched--;
    uint64_t credit_max = worker->dispatched + worker->slots;
    worker->credit = worker->credit < credit_max ? worker->credit : credit_max;
    session_offer(core, index);
    lease_unread(core, index, message);
}

static void bye(struct core *core, uint32_t index)
{
    struct worker *worker = core_worker(core, index);
    detach(core, index, WORKER_STATE_GONE);
    worker_leases_move(&core->slab, &worker->leases, &worker->returning);
    workers_list_remove(&core->workers, WORKER_LIST_EXPIRY, &core->workers.expiry, index);
    session_settle(core, index);
}

/* Whether a record that the codec has decoded keeps to what the core's arrays can hold. */
static bool is_sane(const struct message *message)
{
    if (message->type == MESSAGE_TYPE_PROGRESS) {
        return message->progress.progress <= 100 && message->progress.step.size <= STEP_SIZE_MAX;
    }
    if (message->type == MESSAGE_TYPE_OPERATION) {
        return message->operation.operation < OPERATIONS_MAX &&
               message->operation.state < OPERATION_STATE_WASTED &&
               message->operation.charged < CHARGE_COUNT && message->operation.price <= PRICE_MAX;
    }
    if (message->type == MESSAGE_TYPE_FAIL) {
        return message->fail.kind < FAIL_KIND_COUNT &&
               message->fail.retry_after_ms <= DEADLINE_MAX_MS;
    }
    if (message->type == MESSAGE_TYPE_REPORT) {
        return message->report.fault < PROVIDER_FAULT_COUNT &&
               message->report.retry_after_ms <= DEADLINE_MAX_MS;
    }
    return true;
}

/* Handles a message of an open session. Returns false for one that actors do not send. */
static bool take(struct core *core, uint32_t index, const struct core_event *event)
{
    const struct message *message = event->message;
    switch ((int)message->type) {
    case MESSAGE_TYPE_HEARTBEAT:
        grant(core, index, message->heartbeat.credit);
        return true;
    case MESSAGE_TYPE_PROGRESS:
        grant(core, index, message->progress.credit);
        lease_progress(core, index, &message->progress);
        return true;
    case MESSAGE_TYPE_OPERATION:
        grant(core, index, message->operation.credit);
        lease_operation(core, index, &message->operation);
        return true;
    case MESSAGE_TYPE_DONE:
        grant(core, index, message->done.credit);
        lease_done(core, index, &message->done);
        return true;
    case MESSAGE_TYPE_FAIL:
        grant(core, index, message->fail.credit);
        lease_fail(core, index, &message->fail);
        return true;
    case MESSAGE_TYPE_RELEASE:
        lease_release(core, index, &message->release);
        return true;
    case MESSAGE_TYPE_REPORT:
        gate_report(core, index, &message->report);
        return true;
    case MESSAGE_TYPE_BYE:
        bye(core, index);
        return true;
    case MESSAGE_TYPE_ERROR:
        return true; /* the shell has logged it */
    default:         /* the enum lists both directions and the gateways' messages */
        return false;
    }
}

/* The open session that a message came under, or JOB_NONE. */
static uint32_t find_session(const struct core *core, const struct core_event *event)
{
    uint32_t index = workers_find_session(&core->workers, event->session);
    if (event->session == 0 || index == JOB_NONE) {
        return JOB_NONE;
    }
    const struct worker *worker = core_worker(core, index);
    bool is_its_own = worker->state == WORKER_STATE_OPEN && worker->peer == event->peer;
    return is_its_own ? index : JOB_NONE;
}

void core_actor(struct core *core, const struct core_event *event)
{
    const struct message *message = event->message;
    if (message->type == MESSAGE_TYPE_HELLO) {
        hello(core, event);
        return;
    }
    if (message->type == MESSAGE_TYPE_PROVIDER) {
        declare(core, event);
        return;
    }
    if (message->type == MESSAGE_TYPE_HOLD) {
        hold(core, event);
        return;
    }
    uint32_t index = find_session(core, event);
    if (event->unread) {
        if (index != JOB_NONE) {
            take_back(core, index, &message->fail);
        }
        return;
    }
    if (index == JOB_NONE) {
        emit_error(core, event->peer, ERROR_CODE_SESSION);
        return;
    }
    renew(core, index);
    if (!is_sane(message)) {
        emit_error(core, event->peer, ERROR_CODE_MALFORMED);
        lose(core, index);
    } else if (!take(core, index, event)) {
        emit_error(core, event->peer, ERROR_CODE_FORBIDDEN);
        lose(core, index);
    }
}
