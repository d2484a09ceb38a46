#include "cli/sse.h"

#include <stdio.h>

void sse_init(struct sse *sse, sse_visit *visit, void *context)
{
    *sse = (struct sse){.visit = visit, .context = context};
    buffer_init(&sse->line, SSE_LINE_SIZE_MAX);
    buffer_init(&sse->data, SSE_LINE_SIZE_MAX);
}

void sse_fini(struct sse *sse)
{
    buffer_fini(&sse->line);
    buffer_fini(&sse->data);
}

void sse_reset(struct sse *sse)
{
    buffer_clear(&sse->line);
    buffer_clear(&sse->data);
    sse->name[0] = '\0';
    sse->has_data = false;
    sse->after_return = false;
}

static void dispatch(struct sse *sse)
{
    if (sse->has_data) {
        struct sse_event event = {
            .id = sse->id,
            .name = sse->name[0] == '\0' ? "message" : sse->name,
            .data = buffer_slice(&sse->data),
        };
        sse->visit(sse->context, &event);
    }
    buffer_clear(&sse->data);
    sse->name[0] = '\0';
    sse->has_data = false;
}

static void copy_value(char *out, size_t capacity, struct slice value)
{
    if (value.size < capacity) {
        snprintf(out, capacity, "%.*s", SLICE_PRINT(value));
    }
}

static enum status take_field(struct sse *sse, struct slice name, struct slice value)
{
    enum status status = STATUS_OK;
    if (slice_equal(name, SLICE_LITERAL("data"))) {
        status = sse->has_data ? buffer_append_byte(&sse->data, '\n') : STATUS_OK;
        sse->has_data = true;
        if (status == STATUS_OK) {
            status = buffer_append_slice(&sse->data, value);
        }
    } else if (slice_equal(name, SLICE_LITERAL("event"))) {
        copy_value(sse->name, sizeof sse->name, value);
    } else if (slice_equal(name, SLICE_LITERAL("id"))) {
        copy_value(sse->id, sizeof sse->id, value);
    }
    return status;
}

static enum status take_line(struct sse *sse)
{
    struct slice line = buffer_slice(&sse->line);
    if (line.size == 0) {
        dispatch(sse);
        return STATUS_OK;
    }
    const uint8_t *colon = memchr(line.data, ':', line.size);
    struct slice name =
        slice_make(line.data, colon == NULL ? line.size : (size_t)(colon - line.data));
    struct slice value = SLICE_EMPTY;
    if (colon != NULL) {
        size_t skip = name.size + 1;
        skip += skip < line.size && line.data[skip] == ' ';
        value = slice_make(line.data + skip, line.size - skip);
    }
    enum status status = take_field(sse, name, value);
    buffer_clear(&sse->line);
    return status;
}

enum status sse_feed(struct sse *sse, struct slice bytes)
{
    enum status status = STATUS_OK;
    for (size_t index = 0; index < bytes.size && status == STATUS_OK; index++) {
        uint8_t byte = bytes.data[index];
        if (byte == '\n' && sse->after_return) {
            sse->after_return = false;
            continue;
        }
        sse->after_return = byte == '\r';
        status =
            byte == '\n' || byte == '\r' ? take_line(sse) : buffer_append_byte(&sse->line, byte);
    }
    return status;
}
