#ifndef TROUPE_GATEWAY_STREAM_QUEUE_H
#define TROUPE_GATEWAY_STREAM_QUEUE_H

/*
 * Events on their way to one reader: bounded, in the order of their numbers. When there is no room
 * progress reports that a later one has overtaken may go; nothing else is ever dropped: the reader
 * must read from the broker later. Pure but for allocation; an empty one holds no memory. Embedded
 * by its owner; zeroed is empty.
 */

#include "base/buffer.h"
#include "proto/messages.h"

struct stream_item {
    uint64_t event;
    struct id job;
    bool progress;
    uint32_t size; /* bytes of its text; items stand in the order of their texts */
};

struct stream_queue {
    struct buffer text;
    struct stream_item *items; /* owned */
    size_t item_count;
    size_t item_capacity;
};

void stream_queue_fini(struct stream_queue *queue);

/* Appends a copy of text. Returns OK, FULL (STREAM_QUEUE_*_MAX) or NO_MEMORY; otherwise nothing
 * changed. */
enum status stream_queue_push(struct stream_queue *queue, const struct message_event *event,
                              struct slice text);

/* Appends text that is no event (a comment, a reset). Returns as stream_queue_push. */
enum status stream_queue_push_text(struct stream_queue *queue, struct slice text);

/* Drops every progress report that the job's next event, another one, has overtaken. Returns
 * whether at least half of the room is free then: otherwise it is not worth to go on so. */
bool stream_queue_coalesce(struct stream_queue *queue);

bool stream_queue_is_empty(const struct stream_queue *queue);

/* Appends to target what comes after event number after, in order. Returns as stream_queue_push;
 * *last is the number of the last one appended, unchanged when there was none. */
enum status stream_queue_move(struct stream_queue *queue, struct stream_queue *target,
                              uint64_t after, uint64_t *last);

/* Hands over the texts: *out, which must hold nothing, owns them then. The queue is empty. */
void stream_queue_take(struct stream_queue *queue, struct buffer *out);

#endif
