#include "broker/query_queues.h"

#include "broker/bytes.h"
#include "broker/keys.h"
#include "broker/values.h"

enum {
    TAIL_SIZE = 2, /* kind state, at the end of a total's key */
};

struct totals {
    struct queue_value *queues;
    bool is_kept; /* there are counters of all owners: those of each are not needed */
    bool damaged;
};

/* Those of all owners come first: their name is empty. */
static bool take_total(void *context, struct slice key, struct slice value)
{
    struct totals *totals = context;
    totals->damaged = key.size < 2 + TAIL_SIZE || value.size != BATCH_ADD_SIZE;
    if (totals->damaged) {
        return false;
    }
    bool of_all = key.data[1] == 0;
    uint8_t kind = key.data[key.size - TAIL_SIZE];
    uint8_t state = key.data[key.size - 1];
    totals->is_kept |= of_all;
    if (!of_all && totals->is_kept) {
        return false;
    }
    if (kind < JOB_KIND_COUNT && state < JOB_STATE_COUNT) {
        totals->queues[kind].ended[state] += bytes_get_64(value.data);
    }
    return true;
}

static bool take_paused(void *context, struct slice key, struct slice value)
{
    struct totals *totals = context;
    (void)value;
    totals->damaged = key.size != 2 || key.data[1] >= JOB_KIND_COUNT;
    if (!totals->damaged) {
        totals->queues[key.data[1]].paused = true;
    }
    return !totals->damaged;
}

static enum status scan(struct view *view, uint8_t prefix, view_visit *visit, struct totals *totals)
{
    const uint8_t from = prefix;
    const uint8_t to = (uint8_t)(prefix + 1);
    enum status status =
        view->methods->scan(view, slice_make(&from, 1), slice_make(&to, 1), visit, totals);
    return status == STATUS_OK && totals->damaged ? STATUS_MALFORMED : status;
}

/* Of deliveries that an older store did not count more may have gone than have ended since. */
static enum status settle(struct queue_value *queue, uint8_t kind, bool is_kept,
                          struct batch *batch)
{
    uint8_t key[KEY_BYTES_MAX];
    enum status status = STATUS_OK;
    for (uint8_t state = 0; state < JOB_STATE_COUNT && status == STATUS_OK; state++) {
        int64_t sum = (int64_t)queue->ended[state];
        queue->ended[state] = sum > 0 ? (uint64_t)sum : 0;
        if (!is_kept && sum > 0) {
            status = batch_add(batch, key_total(key, SLICE_EMPTY, kind, state), sum);
        }
    }
    return status;
}

enum status query_queues(struct view *view, struct queue_value out[JOB_KIND_COUNT],
                         struct batch *batch)
{
    struct totals totals = {.queues = out};
    for (uint32_t kind = 0; kind < JOB_KIND_COUNT; kind++) {
        out[kind] = (struct queue_value){0};
    }
    enum status status = scan(view, KEY_TOTAL, take_total, &totals);
    status = status == STATUS_OK ? scan(view, KEY_QUEUE, take_paused, &totals) : status;
    for (uint8_t kind = 0; kind < JOB_KIND_COUNT && status == STATUS_OK; kind++) {
        status = settle(&out[kind], kind, totals.is_kept, batch);
    }
    return status;
}

/* ---- workers ---- */

struct orders {
    query_orders_visit *visit;
    void *context;
    enum status status;
};

static bool take_orders(void *context, struct slice key, struct slice value)
{
    struct orders *orders = context;
    struct slice told;
    struct id worker;
    bool is_whole = key.size == 1 + ID_SIZE && plain_value_read(value, &told) == STATUS_OK &&
                    told.size == 2 && told.data[0] < JOB_KIND_COUNT &&
                    told.data[1] < WORKER_ORDERS_COUNT;
    orders->status = STATUS_MALFORMED;
    if (is_whole) {
        memcpy(worker.bytes, key.data + 1, ID_SIZE);
        orders->status = orders->visit(orders->context, &worker, (enum job_kind)told.data[0],
                                       (enum worker_orders)told.data[1]);
    }
    return orders->status == STATUS_OK;
}

enum status query_orders(struct view *view, query_orders_visit *visit, void *context)
{
    static const uint8_t from = KEY_WORKER;
    static const uint8_t to = KEY_WORKER + 1;
    struct orders orders = {.visit = visit, .context = context};
    enum status status =
        view->methods->scan(view, slice_make(&from, 1), slice_make(&to, 1), take_orders, &orders);
    return status == STATUS_OK ? orders.status : status;
}
