#include "broker/query.h"

#include <stdlib.h>
#include "broker/keys.h"

enum {
    LIVE_CHUNK = 1024, /* keys gathered by one scan before their records are read */
};

struct live_chunk {
    struct id jobs[LIVE_CHUNK];
    uint32_t count;
    uint8_t from[KEY_BYTES_MAX]; /* behind the last key */
    size_t from_size;
    bool damaged;
};

static bool gather(void *context, struct slice key, struct slice value)
{
    struct live_chunk *chunk = context;
    uint64_t accepted;
    (void)value;
    chunk->damaged =
        !key_read_tail(key, &accepted, &chunk->jobs[chunk->count]) || key.size >= KEY_BYTES_MAX;
    if (chunk->damaged) {
        return false;
    }
    chunk->count++;
    memcpy(chunk->from, key.data, key.size);
    chunk->from[key.size] = 0;
    chunk->from_size = key.size + 1;
    return chunk->count < LIVE_CHUNK;
}

static enum status visit_chunk(struct view *view, const struct live_chunk *chunk,
                               struct buffer *buffer, query_visit *visit, void *context)
{
    struct job_value value;
    for (uint32_t index = 0; index < chunk->count; index++) {
        enum status status = query_record(view, &chunk->jobs[index], buffer, &value);
        if (status == STATUS_NOT_FOUND ||
            (status == STATUS_OK && job_state_is_terminal((enum job_state)value.head.state))) {
            status = STATUS_MALFORMED;
        }
        if (status == STATUS_OK) {
            status = visit(context, &value);
        }
        if (status != STATUS_OK) {
            return status;
        }
    }
    return STATUS_OK;
}

enum status query_live(struct view *view, query_visit *visit, void *context)
{
    static const uint8_t end = KEY_LIVE + 1;
    struct buffer buffer;
    enum status status;
    struct live_chunk *chunk = malloc(sizeof *chunk);
    if (chunk == NULL) {
        return STATUS_NO_MEMORY;
    }
    buffer_init(&buffer, VALUE_SIZE_MAX);
    chunk->from[0] = KEY_LIVE;
    chunk->from_size = 1;
    do {
        chunk->count = 0;
        chunk->damaged = false;
        status = view->methods->scan(view, slice_make(chunk->from, chunk->from_size),
                                     slice_make(&end, 1), gather, chunk);
        if (status == STATUS_OK && chunk->damaged) {
            status = STATUS_MALFORMED;
        }
        if (status == STATUS_OK) {
            status = visit_chunk(view, chunk, &buffer, visit, context);
        }
    } while (status == STATUS_OK && chunk->count == LIVE_CHUNK);
    buffer_fini(&buffer);
    free(chunk);
    return status;
}

enum status query_meta(struct view *view, struct meta *out)
{
    uint8_t key[KEY_BYTES_MAX];
    struct buffer buffer;
    buffer_init(&buffer, VALUE_SIZE_MAX);
    enum status status = view->methods->get(view, key_meta(key), &buffer);
    if (status == STATUS_OK) {
        status = meta_read(buffer_slice(&buffer), out);
    }
    buffer_fini(&buffer);
    return status;
}
