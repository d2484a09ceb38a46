#ifndef TROUPE_BROKER_OUTBOX_H
#define TROUPE_BROKER_OUTBOX_H

/*
 * What is to be sent to one peer, or to many, after the commit: encoded records, in parts that each
 * fit into one frame. Several outboxes go out together, in as few frames as possible. Pure;
 * embedded by peers and the publication.
 */

#include "proto/codec.h"

enum {
    OUTBOX_PARTS_MAX = 64,
    OUTBOX_SIZE_MAX = 16 << 20, /* bytes waiting for one peer within one turn */
    OUTBOX_KEPT_MAX = 64 << 10, /* bytes of memory that an emptied one keeps */
};

/* Records that stand together in one frame. */
struct outbox_part {
    size_t end; /* offset behind its last byte */
    uint32_t count;
};

struct outbox {
    struct buffer records;
    struct outbox_part parts[OUTBOX_PARTS_MAX];
    uint32_t part_count;
};

void outbox_init(struct outbox *outbox);
void outbox_fini(struct outbox *outbox);
void outbox_clear(struct outbox *outbox);
bool outbox_is_empty(const struct outbox *outbox);

/* Each adds to the end. Return OK, TOO_LARGE or NO_MEMORY; a failure changes nothing. */

enum status outbox_add(struct outbox *outbox, const struct message *message);

/* Adds a record, and encoded records behind it in the same frame. head may be NULL. */
enum status outbox_add_group(struct outbox *outbox, const struct message *head,
                             struct slice records, uint32_t count);

/* Adds the records of a whole frame, together. */
enum status outbox_add_frame(struct outbox *outbox, struct slice frame);

/* Takes one whole frame; returns a status other than OK to stop. */
typedef enum status outbox_sink(void *context, struct slice frame);

/* Sends the outboxes one after the other. frame: scratch space. Returns what sink returned last, or
 * NO_MEMORY. Nothing is cleared. */
enum status outbox_send(const struct outbox *const *outboxes, uint32_t outbox_count,
                        uint64_t session, struct buffer *frame, outbox_sink *sink, void *context);

#endif
