#include "broker/batch.h"

#include <assert.h>
#include "broker/bytes.h"

enum {
    ENTRY_HEAD_SIZE = 12, /* operation, key size, value size */
};

void batch_init(struct batch *batch)
{
    *batch = (struct batch){0};
    buffer_init(&batch->bytes, BATCH_SIZE_MAX);
}

void batch_fini(struct batch *batch)
{
    buffer_fini(&batch->bytes);
    batch->count = 0;
}

void batch_clear(struct batch *batch, uint64_t number)
{
    buffer_clear(&batch->bytes);
    batch->count = 0;
    batch->number = number;
}

static enum status append(struct batch *batch, enum batch_operation operation, struct slice key,
                          struct slice value)
{
    uint8_t *out;
    assert(key.size > 0 && key.size <= KEY_BYTES_MAX);
    if (value.size > BATCH_SIZE_MAX) {
        return STATUS_TOO_LARGE;
    }
    size_t size = ENTRY_HEAD_SIZE + key.size + value.size;
    enum status status = buffer_reserve(&batch->bytes, size, &out);
    if (status != STATUS_OK) {
        return status;
    }
    out = bytes_put_32(out, operation);
    out = bytes_put_32(out, (uint32_t)key.size);
    out = bytes_put_32(out, (uint32_t)value.size);
    out = bytes_put(out, key.data, key.size);
    bytes_put(out, value.data, value.size);
    buffer_commit(&batch->bytes, size);
    batch->count++;
    return STATUS_OK;
}

enum status batch_put(struct batch *batch, struct slice key, struct slice value)
{
    return append(batch, BATCH_PUT, key, value);
}

enum status batch_delete(struct batch *batch, struct slice key)
{
    return append(batch, BATCH_DELETE, key, SLICE_EMPTY);
}

enum status batch_add(struct batch *batch, struct slice key, int64_t amount)
{
    uint8_t value[BATCH_ADD_SIZE];
    bytes_put_64(value, (uint64_t)amount);
    return append(batch, BATCH_ADD, key, slice_make(value, sizeof value));
}

enum status batch_append(struct batch *batch, struct slice operations, uint32_t count)
{
    enum status status = buffer_append_slice(&batch->bytes, operations);
    batch->count += status == STATUS_OK ? count : 0;
    return status;
}

size_t batch_size(const struct batch *batch)
{
    return batch->bytes.size - (size_t)batch->count * ENTRY_HEAD_SIZE;
}

bool batch_next(const struct batch *batch, size_t *position, struct batch_entry *out)
{
    if (*position == batch->bytes.size) {
        return false;
    }
    assert(batch->bytes.size - *position > ENTRY_HEAD_SIZE);
    const uint8_t *from = batch->bytes.data + *position;
    size_t key_size = bytes_get_32(from + 4);
    size_t value_size = bytes_get_32(from + 8);
    out->operation = (enum batch_operation)bytes_get_32(from);
    out->key = slice_make(from + ENTRY_HEAD_SIZE, key_size);
    out->value = slice_make(from + ENTRY_HEAD_SIZE + key_size, value_size);
    *position += ENTRY_HEAD_SIZE + key_size + value_size;
    assert(*position <= batch->bytes.size);
    return true;
}
