#include <assert.h>
#include <string.h>
#include "broker/query_queues.h"
#include "tests/sim/model.h"
#include "tests/sim/model_queue.h"
#include "tests/sim/world.h"

/* Queues as a whole: which are paused, and what is told of them. */

void model_queue_answer(struct world *world, const struct core_event *event,
                        const struct message_reply *reply)
{
    const struct message_set_queue *set = &event->message->set_queue;
    world_check(world, "one answer", reply->request == set->request, "to another request");
    world_check(world, "queues are paused when it is asked",
                reply->code == REPLY_CODE_OK && world->model.paused[set->kind] == set->paused,
                "%s: %s", job_kind_name((enum job_kind)set->kind), reply_code_name(reply->code));
}

static void queue_effect(struct world *world, const struct effect *effect)
{
    struct model *model = &world->model;
    assert(effect->kind < JOB_KIND_COUNT);
    world_check(world, "a queue is paused once", model->paused[effect->kind] != effect->paused,
                "%s", job_kind_name((enum job_kind)effect->kind));
    model->paused[effect->kind] = effect->paused;
    model->written = true;
    world_seen(world, effect->paused ? SEEN_PAUSED : SEEN_RESUMED_QUEUE);
}

/* ---- orders ---- */

static struct model_orders *orders_find(const struct model *model, const struct id *instance)
{
    for (uint32_t index = 0; index < model->orders_count; index++) {
        if (id_equal(&model->orders[index].instance, instance)) {
            return (struct model_orders *)&model->orders[index];
        }
    }
    return NULL;
}

uint8_t model_orders_of(const struct model *model, const struct id *instance)
{
    const struct model_orders *orders = orders_find(model, instance);
    return orders == NULL ? WORKER_ORDERS_WORK : orders->current;
}

void model_orders_before(struct world *world, const struct core_event *event)
{
    const struct message_set_worker *set = &event->message->set_worker;
    uint8_t now = model_orders_of(&world->model, &set->worker);
    bool ends = now == WORKER_ORDERS_STOP && set->orders != now;
    world->model.step.expected = ends ? REPLY_CODE_CONFLICT : REPLY_CODE_OK;
}

/* Whether a worker is known is for the core to say: it forgets those that are lost. */
void model_orders_answer(struct world *world, const struct core_event *event,
                         const struct message_reply *reply)
{
    const struct message_set_worker *set = &event->message->set_worker;
    const struct model_session *session = model_session_of(&world->model, &set->worker);
    bool is_there = session != NULL && session->open;
    bool is_gone = reply->code == REPLY_CODE_NOT_FOUND && !is_there;
    world_check(world, "orders are given to who is there",
                reply->request == set->request &&
                    (is_gone || reply->code == world->model.step.expected),
                "%s, should be %s", reply_code_name(reply->code),
                reply_code_name(world->model.step.expected));
    world_check(world, "orders are as they were given",
                reply->code != REPLY_CODE_OK ||
                    model_orders_of(&world->model, &set->worker) == set->orders,
                "%s", worker_orders_name((enum worker_orders)set->orders));
}

static void orders_seen(struct world *world, uint8_t before, uint8_t orders)
{
    if (orders == WORKER_ORDERS_DRAIN) {
        world_seen(world, SEEN_DRAINED);
    } else if (orders == WORKER_ORDERS_STOP) {
        world_seen(world, SEEN_STOPPED);
    } else {
        world_seen(world, before == WORKER_ORDERS_STOP || world->model.step.is_tick
                              ? SEEN_ORDERS_GONE
                              : SEEN_UNDRAINED);
    }
}

static void orders_effect(struct world *world, const struct effect *effect)
{
    struct model *model = &world->model;
    struct model_orders *orders = orders_find(model, &effect->id);
    if (orders == NULL) {
        assert(model->orders_count < MODEL_ORDERS_MAX);
        orders = &model->orders[model->orders_count++];
        *orders = (struct model_orders){.instance = effect->id};
    }
    world_check(world, "orders are given once", orders->current != effect->orders, "%s",
                worker_orders_name((enum worker_orders)effect->orders));
    orders_seen(world, orders->current, effect->orders);
    orders->current = effect->orders;
    model->written = true;
}

void model_steered_effect(struct world *world, const struct effect *effect)
{
    if (effect->type == EFFECT_AUDIT) {
        model_audit_effect(world, effect);
    } else if (effect->type == EFFECT_QUEUE) {
        queue_effect(world, effect);
    } else {
        orders_effect(world, effect);
    }
}

void model_queue_committed(struct model *model)
{
    memcpy(model->paused_durable, model->paused, sizeof(model->paused));
    for (uint32_t index = 0; index < model->orders_count; index++) {
        model->orders[index].durable = model->orders[index].current;
    }
}

void model_queue_crashed(struct model *model)
{
    memcpy(model->paused, model->paused_durable, sizeof(model->paused));
    for (uint32_t index = 0; index < model->orders_count; index++) {
        model->orders[index].current = model->orders[index].durable;
    }
}

bool model_queue_is_durable(const struct model *model)
{
    for (uint32_t index = 0; index < model->orders_count; index++) {
        if (model->orders[index].durable != model->orders[index].current) {
            return false;
        }
    }
    return memcmp(model->paused_durable, model->paused, sizeof(model->paused)) == 0;
}

void model_queue_dispatch(struct world *world, const struct model_job *job,
                          const struct effect *effect)
{
    const struct model_session *session = model_session(&world->model, effect->session);
    world_check(world, "a paused queue starts nothing", !world->model.paused[job->kind], "job %u",
                model_job_number(&world->model, job));
    world_check(world, "a drained worker gets nothing",
                model_orders_of(&world->model, &session->instance) == WORKER_ORDERS_WORK, "job %u",
                model_job_number(&world->model, job));
}

/* ---- what is told ---- */

static void count_jobs(const struct model *model, bool durable,
                       uint64_t counts[JOB_KIND_COUNT][JOB_STATE_COUNT])
{
    memset(counts, 0, JOB_KIND_COUNT * sizeof(counts[0]));
    for (uint32_t index = 0; index < model->job_count; index++) {
        const struct model_job *job = &model->jobs[index];
        const struct model_state *state = durable ? &job->durable : &job->current;
        if (state->exists && !state->expired) {
            counts[job->kind][state->state]++;
        }
    }
}

static void check_told(struct world *world, const struct message_queue *queue,
                       const uint64_t counts[JOB_STATE_COUNT])
{
    const uint64_t told[JOB_STATE_COUNT] = {
        [JOB_STATE_PENDING] = queue->pending, [JOB_STATE_WAITING] = queue->waiting,
        [JOB_STATE_ACTIVE] = queue->active,   [JOB_STATE_COMPLETED] = queue->completed,
        [JOB_STATE_FAILED] = queue->failed,   [JOB_STATE_CANCELLED] = queue->cancelled,
    };
    for (uint32_t state = 0; state < JOB_STATE_COUNT; state++) {
        world_check(world, "queues are counted", told[state] == counts[state],
                    "%s: %llu are %s, should be %llu", job_kind_name((enum job_kind)queue->kind),
                    (unsigned long long)told[state], job_state_name((enum job_state)state),
                    (unsigned long long)counts[state]);
    }
    world_check(world, "queues are told as they are",
                queue->paused == world->model.paused[queue->kind] &&
                    queue->oldest_waiting_at <= world->now &&
                    (queue->oldest_waiting_at == 0 || queue->waiting > 0),
                "%s", job_kind_name((enum job_kind)queue->kind));
}

void model_check_queues(struct world *world)
{
    struct message_queue queues[JOB_KIND_COUNT];
    uint64_t counts[JOB_KIND_COUNT][JOB_STATE_COUNT];
    count_jobs(&world->model, false, counts);
    core_queues(world->shell.core, world->now, queues);
    for (uint32_t kind = 0; kind < JOB_KIND_COUNT; kind++) {
        check_told(world, &queues[kind], counts[kind]);
    }
}

static enum status compare_orders(void *context, const struct id *instance, enum job_kind kind,
                                  enum worker_orders orders)
{
    struct world *world = context;
    const struct model_orders *known = orders_find(&world->model, instance);
    (void)kind;
    world_check(world, "the store replayed is the memory",
                known != NULL && known->durable == (uint8_t)orders, "%s",
                worker_orders_name(orders));
    return STATUS_OK;
}

static enum status count_orders(void *context, const struct id *instance, enum job_kind kind,
                                enum worker_orders orders)
{
    (void)instance;
    (void)kind;
    (void)orders;
    (*(uint32_t *)context)++;
    return STATUS_OK;
}

void model_check_stored_queues(struct world *world)
{
    struct queue_value queues[JOB_KIND_COUNT];
    uint64_t counts[JOB_KIND_COUNT][JOB_STATE_COUNT];
    struct store_view view;
    struct batch mend;
    batch_init(&mend);
    count_jobs(&world->model, true, counts);
    store_view_init(&view, &world->store, world->store.synced, world->store.synced);
    enum status status = query_queues(&view.view, queues, &mend);
    world_check(world, "the store replayed is the memory", status == STATUS_OK, "queues: %s",
                status_name(status));
    for (uint32_t kind = 0; kind < JOB_KIND_COUNT; kind++) {
        world_check(world, "the store replayed is the memory",
                    queues[kind].paused == world->model.paused_durable[kind], "%s is %spaused",
                    job_kind_name((enum job_kind)kind), queues[kind].paused ? "" : "not ");
        for (uint32_t state = JOB_STATE_COMPLETED; state < JOB_STATE_COUNT; state++) {
            world_check(
                world, "the store replayed is the memory",
                queues[kind].ended[state] == counts[kind][state], "%s: %llu are %s, should be %llu",
                job_kind_name((enum job_kind)kind), (unsigned long long)queues[kind].ended[state],
                job_state_name((enum job_state)state), (unsigned long long)counts[kind][state]);
        }
    }
    uint32_t count = 0;
    status = query_orders(&view.view, compare_orders, world);
    world_check(world, "the store replayed is the memory", status == STATUS_OK, "orders: %s",
                status_name(status));
    status = query_orders(&view.view, count_orders, &count);
    assert(status == STATUS_OK);
    for (uint32_t index = 0; index < world->model.orders_count; index++) {
        count -= world->model.orders[index].durable != WORKER_ORDERS_WORK;
    }
    world_check(world, "the store replayed is the memory", count == 0, "orders of %u workers",
                count);
    world_check(world, "counters of all are kept", mend.count == 0, "%u to be mended", mend.count);
    batch_fini(&mend);
}
