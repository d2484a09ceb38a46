#include "broker/publication.h"

#include "broker/batch.h"

enum {
    BATCH_EVENTS_MAX = FRAME_RECORDS_MAX / 2, /* events in one published batch */
    BATCH_BYTES_MAX = FRAME_SIZE_TARGET / 2,  /* answers of the turn share its frame */
};

/* A turn's events are no more than a batch of the store, so they always fit. */
_Static_assert(BATCH_SIZE_MAX / BATCH_BYTES_MAX * 2 <= OUTBOX_PARTS_MAX, "parts for a turn");
_Static_assert(BATCH_SIZE_MAX <= OUTBOX_SIZE_MAX / 2, "bytes for a turn");

void publication_init(struct publication *publication)
{
    *publication = (struct publication){0};
    buffer_init(&publication->records, BATCH_SIZE_MAX);
    outbox_init(&publication->outbox);
}

void publication_fini(struct publication *publication)
{
    buffer_fini(&publication->records);
    outbox_fini(&publication->outbox);
}

enum status publication_add(struct publication *publication, struct slice event)
{
    struct outbox_part *last =
        publication->part_count == 0 ? NULL : &publication->parts[publication->part_count - 1];
    size_t start = publication->part_count < 2 ? 0 : last[-1].end;
    bool fits = last != NULL && last->count < BATCH_EVENTS_MAX &&
                last->end - start + event.size <= BATCH_BYTES_MAX;
    if (!fits && publication->part_count == OUTBOX_PARTS_MAX) {
        return STATUS_TOO_LARGE;
    }
    enum status status = buffer_append_slice(&publication->records, event);
    if (status != STATUS_OK) {
        return status;
    }
    if (!fits) {
        last = &publication->parts[publication->part_count++];
        last->count = 0;
    }
    last->count++;
    last->end = publication->records.size;
    return STATUS_OK;
}

enum status publication_close(struct publication *publication, uint64_t event_last, bool tick)
{
    enum status status = STATUS_OK;
    size_t start = 0;
    struct message head = {.type = MESSAGE_TYPE_EVENTS, .events = {.event_last = event_last}};
    if (publication->part_count == 0 && tick) {
        head.events.batch = publication->batch;
        return outbox_add(&publication->outbox, &head);
    }
    for (uint32_t index = 0; index < publication->part_count && status == STATUS_OK; index++) {
        const struct outbox_part *part = &publication->parts[index];
        head.events.batch = ++publication->batch;
        head.events.count = part->count;
        status = outbox_add_group(&publication->outbox, &head,
                                  slice_make(publication->records.data + start, part->end - start),
                                  part->count);
        start = part->end;
    }
    return status;
}

void publication_clear(struct publication *publication)
{
    buffer_clear(&publication->records);
    publication->part_count = 0;
    outbox_clear(&publication->outbox);
}
