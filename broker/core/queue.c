#include "broker/core/position.h"
#include "broker/core/state.h"

/* Queues as those who run them see and steer them. */

void core_set_queue(struct core *core, const struct core_event *event)
{
    const struct message_set_queue *set = &event->message->set_queue;
    bool is_valid = set->kind < JOB_KIND_COUNT;
    if (is_valid && core->queues[set->kind].paused != set->paused) {
        core->queues[set->kind].paused = set->paused;
        struct effect *effect = emit(core, EFFECT_QUEUE);
        effect->kind = set->kind;
        effect->paused = set->paused;
    }
    emit_reply(core, event, set->request,
               (struct message_reply){.code = is_valid ? REPLY_CODE_OK : REPLY_CODE_INVALID});
}

/* ---- what there is ---- */

static void fill(const struct core *core, const struct queue *queue, enum job_kind kind,
                 int64_t now, struct message_queue *out)
{
    const uint64_t *live = core->statistics.live[kind];
    *out = (struct message_queue){
        .kind = (uint8_t)kind,
        .paused = queue->paused,
        .pending = live[JOB_STATE_PENDING],
        .waiting = live[JOB_STATE_WAITING],
        .active = live[JOB_STATE_ACTIVE],
        .completed = queue->ended[JOB_STATE_COMPLETED],
        .failed = queue->ended[JOB_STATE_FAILED],
        .cancelled = queue->ended[JOB_STATE_CANCELLED],
        .rate = queue->limiter.rate,
        .rate_used = limiter_used(&queue->limiter, now),
        .minute_started = minute_sum(&queue->minute, MINUTE_STARTED, now),
        .minute_completed = minute_sum(&queue->minute, MINUTE_COMPLETED, now),
        .minute_failed = minute_sum(&queue->minute, MINUTE_FAILED, now),
    };
    for (uint32_t class = 0; class < WAITING_CLASS_COUNT; class ++) {
        if (queue->waiting[class] != JOB_NONE) {
            int64_t at = core_job(core, queue->waiting[class])->waiting_at;
            bool is_older = out->oldest_waiting_at == 0 || at < out->oldest_waiting_at;
            out->oldest_waiting_at = is_older ? at : out->oldest_waiting_at;
        }
    }
    if (out->waiting > 0) {
        out->wait_reason = (uint8_t)position_held(core, (uint8_t)kind, now);
    }
}

/* A number that is another one when the worker is, or has been given or has ended a job. */
static uint64_t mark(uint64_t before, const struct worker *worker)
{
    uint64_t instance;
    memcpy(&instance, worker->instance.bytes + ID_SIZE - sizeof instance, sizeof instance);
    const uint64_t parts[] = {instance,      worker->session, worker->dispatched, worker->slots,
                              worker->state, worker->orders,  worker->lease_count};
    for (size_t index = 0; index < sizeof parts / sizeof parts[0]; index++) {
        before = (before ^ parts[index]) * 0x9e3779b97f4a7c15u; /* odd: no part is lost */
        before ^= before >> 29;
    }
    return before & INT64_MAX;
}

void core_queues(const struct core *core, int64_t now, struct message_queue out[JOB_KIND_COUNT])
{
    for (uint32_t kind = 0; kind < JOB_KIND_COUNT; kind++) {
        fill(core, &core->queues[kind], (enum job_kind)kind, now, &out[kind]);
    }
    for (uint32_t index = 0; index < core->workers.capacity; index++) {
        const struct worker *worker = core_worker(core, index);
        if (worker->state != WORKER_STATE_FREE && worker->state != WORKER_STATE_GONE) {
            out[worker->kind].workers_mark = mark(out[worker->kind].workers_mark, worker);
        }
        if (worker->state == WORKER_STATE_OPEN) {
            bool takes_jobs = worker_takes_jobs(worker);
            out[worker->kind].workers++;
            out[worker->kind].workers_draining += !takes_jobs;
            out[worker->kind].slots += takes_jobs ? worker->slots : worker->lease_count;
            out[worker->kind].slots_busy += worker->lease_count;
        }
    }
}

/* ---- restart ---- */

void core_restore_queue(struct core *core, enum job_kind kind, bool paused,
                        const uint64_t ended[JOB_STATE_COUNT])
{
    assert(!core->started);
    assert((uint32_t)kind < JOB_KIND_COUNT);
    struct queue *queue = &core->queues[kind];
    queue->paused = paused;
    memcpy(queue->ended, ended, sizeof(queue->ended));
}
