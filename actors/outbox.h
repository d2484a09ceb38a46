#ifndef TROUPE_ACTORS_OUTBOX_H
#define TROUPE_ACTORS_OUTBOX_H

/*
 * What goes to the broker: records are gathered into one frame until the turn ends. Nothing is kept
 * beyond that: all that must not be lost can be told again from the lease table, so a frame that
 * cannot leave is dropped and the session with it. The runtime owns the one instance.
 */

#include "actors/link.h"
#include "proto/codec.h"

struct outbox {
    struct link *link; /* borrowed */
    struct buffer bytes;
    struct frame_writer writer;
    uint64_t session; /* of the frames that begin from now on */
    bool open;        /* a frame has begun */
    bool failed;      /* a frame could not leave: the connection must be made again */
};

void outbox_init(struct outbox *outbox, struct link *link);
void outbox_fini(struct outbox *outbox);

/* Drops what was not sent; later frames belong to session. */
void outbox_restart(struct outbox *outbox, uint64_t session);

/* Appends a record; sends the frame before it when that is full. */
void outbox_write(struct outbox *outbox, const struct message *message);

/* Sends the frame that has begun. Returns whether there was one and it left. */
bool outbox_flush(struct outbox *outbox);

#endif
