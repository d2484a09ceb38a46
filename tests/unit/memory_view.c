#include "tests/unit/memory_view.h"

#include <assert.h>
#include <stdlib.h>
#include "broker/bytes.h"

struct memory_pair {
    struct slice key; /* owned, as is the value */
    struct slice value;
};

static struct slice copy(struct slice slice)
{
    uint8_t *data = malloc(slice.size + 1);
    assert(data != NULL);
    bytes_put(data, slice.data, slice.size);
    return slice_make(data, slice.size);
}

static int compare(struct slice left, struct slice right)
{
    size_t size = left.size < right.size ? left.size : right.size;
    int order = size == 0 ? 0 : memcmp(left.data, right.data, size);
    return order != 0 ? order : (left.size > right.size) - (left.size < right.size);
}

/* The first pair whose key is not before the given one. */
static size_t lower_bound(const struct memory_view *memory, struct slice key)
{
    size_t low = 0;
    size_t high = memory->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (compare(memory->pairs[middle].key, key) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool is_at(const struct memory_view *memory, size_t index, struct slice key)
{
    return index < memory->count && compare(memory->pairs[index].key, key) == 0;
}

void memory_view_put(struct memory_view *memory, struct slice key, struct slice value)
{
    size_t index = lower_bound(memory, key);
    if (is_at(memory, index, key)) {
        free((void *)memory->pairs[index].value.data);
        memory->pairs[index].value = copy(value);
        return;
    }
    if (memory->count == memory->capacity) {
        memory->capacity = memory->capacity == 0 ? 64 : memory->capacity * 2;
        memory->pairs = realloc(memory->pairs, memory->capacity * sizeof memory->pairs[0]);
        assert(memory->pairs != NULL);
    }
    memmove(memory->pairs + index + 1, memory->pairs + index,
            (memory->count - index) * sizeof memory->pairs[0]);
    memory->pairs[index] = (struct memory_pair){copy(key), copy(value)};
    memory->count++;
}

static void delete_pair(struct memory_view *memory, struct slice key)
{
    size_t index = lower_bound(memory, key);
    if (is_at(memory, index, key)) {
        free((void *)memory->pairs[index].key.data);
        free((void *)memory->pairs[index].value.data);
        memory->count--;
        memmove(memory->pairs + index, memory->pairs + index + 1,
                (memory->count - index) * sizeof memory->pairs[0]);
    }
}

void memory_view_forget(struct memory_view *memory, const struct forgetting *forgetting)
{
    size_t index = 0;
    while (index < memory->count) {
        const struct memory_pair *pair = &memory->pairs[index];
        if (forget_is_over(forgetting, pair->key, pair->value)) {
            delete_pair(memory, pair->key);
        } else {
            index++;
        }
    }
}

static void add(struct memory_view *memory, struct slice key, struct slice amount)
{
    uint8_t sum[BATCH_ADD_SIZE];
    struct slice stored;
    uint64_t number = bytes_get_64(amount.data);
    if (memory_view_get(memory, key, &stored)) {
        number += bytes_get_64(stored.data);
    }
    bytes_put_64(sum, number);
    memory_view_put(memory, key, slice_make(sum, sizeof sum));
}

void memory_view_apply(struct memory_view *memory, const struct batch *batch)
{
    size_t position = 0;
    struct batch_entry entry;
    while (batch_next(batch, &position, &entry)) {
        switch (entry.operation) {
        case BATCH_PUT:
            memory_view_put(memory, entry.key, entry.value);
            break;
        case BATCH_DELETE:
            delete_pair(memory, entry.key);
            break;
        case BATCH_ADD:
            add(memory, entry.key, entry.value);
            break;
        }
    }
    memory->view.commit = batch->number;
}

bool memory_view_get(const struct memory_view *memory, struct slice key, struct slice *value)
{
    size_t index = lower_bound(memory, key);
    if (!is_at(memory, index, key)) {
        return false;
    }
    *value = memory->pairs[index].value;
    return true;
}

size_t memory_view_count(const struct memory_view *memory, struct slice prefix)
{
    size_t count = 0;
    for (size_t index = 0; index < memory->count; index++) {
        struct slice key = memory->pairs[index].key;
        count += key.size >= prefix.size && memcmp(key.data, prefix.data, prefix.size) == 0;
    }
    return count;
}

void memory_view_damage(struct memory_view *memory, struct slice prefix)
{
    assert(prefix.size <= sizeof memory->damaged);
    memory->damaged_size = prefix.size;
    bytes_put(memory->damaged, prefix.data, prefix.size);
}

static bool is_damaged(const struct memory_view *memory, struct slice key)
{
    return memory->damaged_size > 0 && key.size >= memory->damaged_size &&
           memcmp(key.data, memory->damaged, memory->damaged_size) == 0;
}

static bool fails(struct memory_view *memory)
{
    return ++memory->reads == memory->fail_at;
}

static enum status get(struct view *view, struct slice key, struct buffer *value)
{
    struct memory_view *memory = (struct memory_view *)view;
    struct slice stored;
    if (fails(memory)) {
        return STATUS_IO;
    }
    buffer_clear(value);
    if (is_damaged(memory, key)) {
        return STATUS_MALFORMED;
    }
    return memory_view_get(memory, key, &stored) ? buffer_append_slice(value, stored)
                                                 : STATUS_NOT_FOUND;
}

static enum status scan(struct view *view, struct slice from, struct slice to, view_visit *visit,
                        void *context)
{
    struct memory_view *memory = (struct memory_view *)view;
    enum status status = STATUS_OK;
    if (fails(memory)) {
        return STATUS_IO;
    }
    for (size_t index = lower_bound(memory, from);
         index < memory->count && compare(memory->pairs[index].key, to) < 0; index++) {
        if (is_damaged(memory, memory->pairs[index].key)) {
            status = STATUS_MALFORMED;
        } else if (!visit(context, memory->pairs[index].key, memory->pairs[index].value)) {
            break;
        }
    }
    return status;
}

void memory_view_init(struct memory_view *memory)
{
    static const struct view_methods methods = {get, scan};
    *memory = (struct memory_view){.view = {.methods = &methods}};
}

void memory_view_fini(struct memory_view *memory)
{
    for (size_t index = 0; index < memory->count; index++) {
        free((void *)memory->pairs[index].key.data);
        free((void *)memory->pairs[index].value.data);
    }
    free(memory->pairs);
    memory_view_init(memory);
}
