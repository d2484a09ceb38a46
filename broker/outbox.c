#include "broker/outbox.h"

#include <assert.h>

enum {
    PART_SIZE_MAX = FRAME_SIZE_MAX - 64, /* bytes: a frame has a head as well */
};

void outbox_init(struct outbox *outbox)
{
    *outbox = (struct outbox){0};
    buffer_init(&outbox->records, OUTBOX_SIZE_MAX);
}

void outbox_fini(struct outbox *outbox)
{
    buffer_fini(&outbox->records);
    outbox->part_count = 0;
}

void outbox_clear(struct outbox *outbox)
{
    if (outbox->records.capacity > OUTBOX_KEPT_MAX) {
        buffer_fini(&outbox->records);
    }
    buffer_clear(&outbox->records);
    outbox->part_count = 0;
}

bool outbox_is_empty(const struct outbox *outbox)
{
    return outbox->part_count == 0;
}

static size_t part_start(const struct outbox *outbox, uint32_t part)
{
    return part == 0 ? 0 : outbox->parts[part - 1].end;
}

/* Counts the records that were appended since size_before as part of the last part, or as a new
 * one. */
static enum status count_records(struct outbox *outbox, size_t size_before, uint32_t count)
{
    size_t size = outbox->records.size;
    struct outbox_part *last =
        outbox->part_count == 0 ? NULL : &outbox->parts[outbox->part_count - 1];
    if (size - size_before > PART_SIZE_MAX) {
        return STATUS_TOO_LARGE;
    }
    if (last != NULL && size - part_start(outbox, outbox->part_count - 1) <= FRAME_SIZE_TARGET &&
        last->count + count <= FRAME_RECORDS_MAX) {
        *last = (struct outbox_part){size, last->count + count};
        return STATUS_OK;
    }
    if (outbox->part_count == OUTBOX_PARTS_MAX) {
        return STATUS_TOO_LARGE;
    }
    outbox->parts[outbox->part_count++] = (struct outbox_part){size, count};
    return STATUS_OK;
}

enum status outbox_add_group(struct outbox *outbox, const struct message *head,
                             struct slice records, uint32_t count)
{
    size_t size_before = outbox->records.size;
    enum status status = STATUS_OK;
    assert(count < FRAME_RECORDS_MAX);
    if (head != NULL) {
        status = record_write(&outbox->records, head);
    }
    if (status == STATUS_OK) {
        status = buffer_append_slice(&outbox->records, records);
    }
    if (status == STATUS_OK) {
        status = count_records(outbox, size_before, count + (head != NULL));
    }
    if (status != STATUS_OK) {
        outbox->records.size = size_before;
    }
    return status;
}

enum status outbox_add(struct outbox *outbox, const struct message *message)
{
    return outbox_add_group(outbox, message, SLICE_EMPTY, 0);
}

enum status outbox_add_frame(struct outbox *outbox, struct slice frame)
{
    struct frame_reader reader;
    enum status status = frame_open(&reader, frame);
    assert(status == STATUS_OK);
    struct slice records = slice_make(reader.position, (size_t)(reader.end - reader.position));
    return outbox_add_group(outbox, NULL, records, reader.left);
}

/* A frame that is being filled. */
struct filling {
    struct buffer *frame;
    struct frame_writer writer;
    uint64_t session;
    outbox_sink *sink;
    void *context;
};

static enum status begin(struct filling *filling)
{
    buffer_clear(filling->frame);
    return frame_begin(&filling->writer, filling->frame, filling->session);
}

static enum status finish(struct filling *filling)
{
    if (filling->writer.count == 0) {
        return STATUS_OK;
    }
    frame_end(&filling->writer);
    return filling->sink(filling->context, buffer_slice(filling->frame));
}

static enum status put_part(struct filling *filling, struct slice records, uint32_t count)
{
    enum status status = STATUS_OK;
    bool fits = filling->frame->size + records.size <= FRAME_SIZE_TARGET &&
                filling->writer.count + count <= FRAME_RECORDS_MAX;
    if (!fits && filling->writer.count > 0) {
        status = finish(filling);
        if (status == STATUS_OK) {
            status = begin(filling);
        }
    }
    return status == STATUS_OK ? frame_splice(&filling->writer, records, count) : status;
}

enum status outbox_send(const struct outbox *const *outboxes, uint32_t outbox_count,
                        uint64_t session, struct buffer *frame, outbox_sink *sink, void *context)
{
    struct filling filling = {.frame = frame, .session = session, .sink = sink, .context = context};
    enum status status = begin(&filling);
    for (uint32_t index = 0; index < outbox_count; index++) {
        const struct outbox *outbox = outboxes[index];
        for (uint32_t part = 0; part < outbox->part_count && status == STATUS_OK; part++) {
            size_t start = part_start(outbox, part);
            struct slice records =
                slice_make(outbox->records.data + start, outbox->parts[part].end - start);
            status = put_part(&filling, records, outbox->parts[part].count);
        }
    }
    return status == STATUS_OK ? finish(&filling) : status;
}
