#include "tests/sim/ledger.h"
#include <assert.h>
#include <stdlib.h>
#include "tests/sim/world.h"

enum {
    ORDERS_FIRST = 64,
};

void ledger_init(struct ledger *ledger)
{
    *ledger = (struct ledger){.last = calloc(MODEL_JOBS_MAX, sizeof(*ledger->last))};
    assert(ledger->last != NULL);
}

void ledger_fini(struct ledger *ledger)
{
    free(ledger->orders);
    free(ledger->uploads);
    free(ledger->last);
    *ledger = (struct ledger){0};
}

uint32_t ledger_take(struct world *world, const struct order *order)
{
    struct ledger *ledger = &world->ledger;
    if (ledger->count == ledger->capacity) {
        ledger->capacity = ledger->capacity == 0 ? ORDERS_FIRST : 2 * ledger->capacity;
        ledger->orders = realloc(ledger->orders, ledger->capacity * sizeof(*ledger->orders));
        assert(ledger->orders != NULL);
    }
    struct order *taken = &ledger->orders[ledger->count++];
    *taken = *order;
    taken->before = ledger->last[order->job];
    ledger->last[order->job] = ledger->count;
    model_ledger_taken(world, taken);
    return ledger->count;
}

uint32_t ledger_upload(struct world *world, uint32_t job, uint8_t provider)
{
    struct ledger *ledger = &world->ledger;
    if (ledger->upload_count == ledger->upload_capacity) {
        ledger->upload_capacity =
            ledger->upload_capacity == 0 ? ORDERS_FIRST : 2 * ledger->upload_capacity;
        ledger->uploads =
            realloc(ledger->uploads, ledger->upload_capacity * sizeof(*ledger->uploads));
        assert(ledger->uploads != NULL);
    }
    ledger->uploads[ledger->upload_count++] = (struct upload){.job = job, .provider = provider};
    world_seen(world, SEEN_UPLOAD);
    return ledger->upload_count;
}

struct order *ledger_order(struct ledger *ledger, uint32_t task)
{
    assert(task > 0 && task <= ledger->count);
    return &ledger->orders[task - 1];
}

uint32_t ledger_find_key(const struct ledger *ledger, uint32_t job, uint8_t provider, uint32_t key)
{
    uint32_t task = ledger->last[job];
    while (task != 0) {
        const struct order *order = &ledger->orders[task - 1];
        bool is_its = order->provider == provider && order->key == key;
        if (is_its && !order->is_copy && order->number != CHAT_NUMBER) {
            return task;
        }
        task = order->before;
    }
    return 0;
}

uint32_t ledger_find_job(const struct ledger *ledger, uint32_t job, uint8_t provider, int64_t now)
{
    uint32_t task = ledger->last[job];
    while (task != 0) {
        const struct order *order = &ledger->orders[task - 1];
        bool is_asked_for =
            order->provider == provider && !order->is_copy && order->number != CHAT_NUMBER;
        if (is_asked_for && order->state == ORDER_TAKEN && order_is_charged(order, now)) {
            return task;
        }
        task = order->before;
    }
    return 0;
}

bool order_is_charged(const struct order *order, int64_t now)
{
    bool has_failed =
        order->fate == FATE_FAILED && order->state == ORDER_TAKEN && now >= order->ends_at;
    return !order->refunded && !has_failed;
}

uint32_t ledger_price(const struct world *world, uint32_t job, uint8_t number, uint8_t provider)
{
    uint32_t price = world->settings.terms[provider].price;
    return number == CHAT_NUMBER ? price / 2 + price % 2 : price * (1 + job % 3);
}
