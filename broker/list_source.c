#include "broker/list_source.h"

#include <assert.h>
#include "broker/bytes.h"
#include "broker/values.h"

enum {
    TAIL_SIZE = 8 + ID_SIZE, /* ~accepted job */
    SCAN_MAX = 4096,         /* entries looked at by one scan, those of other kinds included */
    CURSOR_FORMAT = 1,
};

void list_cursor_write(uint8_t out[LIST_CURSOR_SIZE], uint64_t accepted)
{
    out[0] = CURSOR_FORMAT;
    bytes_put_64(out + 1, accepted);
}

bool list_cursor_read(struct slice cursor, uint64_t *before)
{
    if (cursor.size == 0) {
        *before = UINT64_MAX;
        return true;
    }
    if (cursor.size != LIST_CURSOR_SIZE || cursor.data[0] != CURSOR_FORMAT) {
        return false;
    }
    *before = bytes_get_64(cursor.data + 1);
    return true;
}

enum status list_count(struct view *view, struct slice key, struct buffer *buffer, uint64_t *total)
{
    enum status status = view->methods->get(view, key, buffer);
    if (status == STATUS_NOT_FOUND) {
        return STATUS_OK;
    }
    if (status == STATUS_OK && buffer->size != BATCH_ADD_SIZE) {
        status = STATUS_IO;
    }
    if (status == STATUS_OK) {
        uint64_t sum = *total + bytes_get_64(buffer->data);
        *total = (int64_t)sum > 0 ? sum : 0;
    }
    return status;
}

void source_init(struct source *source, struct slice key, uint8_t kinds, bool live, uint64_t before)
{
    assert(key.size > TAIL_SIZE && key.size <= KEY_BYTES_MAX);
    source->prefix_size = key.size - TAIL_SIZE;
    memcpy(source->prefix, key.data, source->prefix_size);
    source->kinds = kinds;
    source->live = live;
    source->before = before;
    source->count = 0;
    source->position = 0;
    source->exhausted = false;
    source->scanned = 0;
    source->damaged = false;
}

/* One chunk's scan. */
struct scan {
    struct source *source;
    uint32_t seen;
};

static bool gather(void *context, struct slice key, struct slice value)
{
    struct scan *scan = context;
    struct source *source = scan->source;
    uint8_t kind;
    struct source_entry *entry = &source->entries[source->count];
    source->damaged = key.size != source->prefix_size + TAIL_SIZE ||
                      !key_read_tail(key, &entry->accepted, &entry->job) ||
                      index_value_read(value, &kind) != STATUS_OK;
    if (source->damaged) {
        return false;
    }
    scan->seen++;
    source->before = entry->accepted;
    if ((source->kinds & (1u << kind)) != 0) {
        source->count++;
    }
    return source->count < SOURCE_CHUNK && scan->seen < SCAN_MAX;
}

static struct slice bound(const struct source *source, uint8_t *out, uint64_t accepted)
{
    uint8_t *at = bytes_put(out, source->prefix, source->prefix_size);
    at = bytes_put_big_64(at, ~accepted);
    return slice_make(out, (size_t)(at - out));
}

static enum status read_chunk(struct source *source, struct view *view)
{
    uint8_t from[KEY_BYTES_MAX];
    uint8_t to[KEY_BYTES_MAX];
    struct scan scan = {.source = source};
    source->count = 0;
    source->position = 0;
    if (source->before <= 1) { /* the first event of a shard has number 1 */
        source->exhausted = true;
        return STATUS_OK;
    }
    enum status status = view->methods->scan(view, bound(source, from, source->before - 1),
                                             bound(source, to, 0), gather, &scan);
    source->scanned += scan.seen;
    source->exhausted = source->count < SOURCE_CHUNK && scan.seen < SCAN_MAX;
    return status == STATUS_OK && source->damaged ? STATUS_IO : status;
}

enum status source_peek(struct source *source, struct view *view, const struct source_entry **out)
{
    enum status status = STATUS_OK;
    while (status == STATUS_OK && source->position == source->count && !source->exhausted) {
        status = read_chunk(source, view);
    }
    *out = source->position < source->count ? &source->entries[source->position] : NULL;
    return status;
}

void source_take(struct source *source)
{
    assert(source->position < source->count);
    source->position++;
}
