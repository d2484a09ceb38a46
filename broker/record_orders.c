#include "broker/record_orders.h"

#include "broker/keys.h"
#include "broker/values.h"

static enum status put(struct batch *batch, struct buffer *value, struct slice key,
                       struct slice bytes)
{
    buffer_clear(value);
    enum status status = plain_value_write(value, bytes);
    return status == STATUS_OK ? batch_put(batch, key, buffer_slice(value)) : status;
}

enum status record_queue(struct batch *batch, struct buffer *value, const struct effect *effect)
{
    uint8_t key[KEY_BYTES_MAX];
    struct slice name = key_queue(key, effect->kind);
    return effect->paused ? put(batch, value, name, SLICE_EMPTY) : batch_delete(batch, name);
}

enum status record_worker(struct batch *batch, struct buffer *value, const struct effect *effect)
{
    uint8_t key[KEY_BYTES_MAX];
    const uint8_t orders[] = {effect->kind, effect->orders};
    struct slice name = key_worker(key, &effect->id);
    return effect->orders == WORKER_ORDERS_WORK
               ? batch_delete(batch, name)
               : put(batch, value, name, slice_make(orders, sizeof orders));
}
