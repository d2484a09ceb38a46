#include "broker/core/state.h"

/* Workers as those who run them see and steer them. */

static void emit_orders(struct core *core, const struct worker *worker, uint8_t orders)
{
    struct effect *effect = emit(core, EFFECT_WORKER);
    effect->id = worker->instance;
    effect->kind = worker->kind;
    effect->orders = orders;
}

void worker_forget_orders(struct core *core, const struct worker *worker)
{
    if (worker->orders != WORKER_ORDERS_WORK) {
        emit_orders(core, worker, WORKER_ORDERS_WORK);
    }
}

void worker_stop(struct core *core, uint32_t index)
{
    const struct worker *worker = core_worker(core, index);
    struct effect *effect = emit(core, EFFECT_STOP);
    assert(worker->session != 0);
    effect->peer = worker->peer;
    effect->session = worker->session;
}

static enum reply_code judge(const struct core *core, const struct message_set_worker *set,
                             uint32_t index)
{
    if (set->orders >= WORKER_ORDERS_COUNT) {
        return REPLY_CODE_INVALID;
    }
    if (index == JOB_NONE || core_worker(core, index)->state == WORKER_STATE_GONE) {
        return REPLY_CODE_NOT_FOUND;
    }
    bool is_ending = core_worker(core, index)->orders == WORKER_ORDERS_STOP;
    return is_ending && set->orders != WORKER_ORDERS_STOP ? REPLY_CODE_CONFLICT : REPLY_CODE_OK;
}

static void change(struct core *core, uint32_t index, uint8_t orders)
{
    struct worker *worker = core_worker(core, index);
    if (worker->orders != orders) {
        worker->orders = orders;
        emit_orders(core, worker, orders);
        session_offer(core, index);
    }
    if (orders == WORKER_ORDERS_STOP && worker->state == WORKER_STATE_OPEN) {
        worker_stop(core, index);
    }
    session_settle(core, index);
}

void core_set_worker(struct core *core, const struct core_event *event)
{
    const struct message_set_worker *set = &event->message->set_worker;
    uint32_t index = workers_find_instance(&core->workers, &set->worker);
    enum reply_code code = judge(core, set, index);
    if (code == REPLY_CODE_OK) {
        change(core, index, set->orders);
    }
    emit_reply(core, event, set->request, (struct message_reply){.code = (uint8_t)code});
}

/* ---- what there is ---- */

bool core_worker_next(const struct core *core, uint32_t *place, struct worker_told *out)
{
    while (*place < core->workers.capacity) {
        const struct worker *worker = core_worker(core, (*place)++);
        if (worker->state == WORKER_STATE_FREE || worker->state == WORKER_STATE_GONE) {
            continue;
        }
        bool is_lost = worker->state == WORKER_STATE_LOST;
        *out = (struct worker_told){
            .peer = is_lost ? 0 : worker->peer,
            .first = worker->leases,
            .next = worker->leases,
            .later = worker->returning,
            .worker = {.worker = worker->instance,
                       .kind = worker->kind,
                       .connected_at = worker->opened_at,
                       .last_seen_at = worker->heard_at,
                       .lost = is_lost,
                       .orders = worker->orders,
                       .slots = worker->slots,
                       .busy = worker->lease_count},
        };
        return true;
    }
    return false;
}

const struct job *core_worker_job(const struct core *core, struct worker_told *told)
{
    if (told->next == JOB_NONE) {
        told->first = told->later;
        told->next = told->later;
        told->later = JOB_NONE;
    }
    if (told->next == JOB_NONE) {
        return NULL;
    }
    const struct job *job = core_job(core, told->next);
    told->next = job->chain_next == told->first ? JOB_NONE : job->chain_next;
    return job;
}

/* ---- restart ---- */

enum status core_restore_worker(struct core *core, const struct id *instance, enum job_kind kind,
                                enum worker_orders orders, int64_t now)
{
    uint32_t index;
    assert(!core->started);
    core->now = now;
    if (workers_find_instance(&core->workers, instance) != JOB_NONE) {
        return STATUS_MALFORMED;
    }
    enum status status = workers_take(&core->workers, instance, (uint8_t)kind, &index);
    if (status == STATUS_OK) {
        core_worker(core, index)->orders = (uint8_t)orders;
        core_worker(core, index)->deadline = core->now + LEASE_MS;
        workers_list_put(&core->workers, WORKER_LIST_EXPIRY, &core->workers.expiry, index);
    }
    return status;
}
