#ifndef TROUPE_BROKER_READERS_H
#define TROUPE_BROKER_READERS_H

/*
 * Threads that read the store while the loop goes on: requests of gateways, facts for the core, and
 * what dispatched jobs need. The loop takes a read, fills it in and pushes it; it comes back, done,
 * through readers_done. Opaque; owned by main.
 */

#include "base/clock.h"
#include "broker/read.h"
#include "broker/store.h"

enum {
    READERS_COUNT = 2,       /* threads: a slow list does not hold up the rest */
    SCANNERS_COUNT = 1,      /* threads for reads that look at very many jobs, and nothing else */
    SCANNER_NICE = 5,        /* they get a quarter of a processor for which another has work */
    SCANS_MAX = 64,          /* such reads that wait: fewer than are done in SCAN_WAIT_MS */
    SCANS_EACH_MAX = 16,     /* of them for one searcher: others find places, too */
    SCAN_WAIT_MS = 10000,    /* as a gateway's BROKER_TIMEOUT_MS; later ones are not made */
    READS_MAX = 9216,        /* reads under way; a request above is answered by BUSY */
    READS_RESERVED = 1024,   /* of them for facts and dispatch, which clients' reads do not take */
    READ_KEPT_MAX = 4 << 10, /* bytes of memory that a read keeps for the next one */
    READ_BATCH = 16,         /* reads that one thread takes at a time, with one view */
    READ_URGENT_BATCHES = 8, /* of what jobs need, before what clients ask has a turn */
    REQUESTS_SIZE_MAX = 64 << 20, /* bytes of requests under way; one above is answered by BUSY */
    ANSWERS_SIZE_MAX = 32 << 20,  /* bytes of answers; above, the threads wait for the loop */
};

struct readers;
struct backups;

/* Starts the threads. store, backups, clock and retention must outlive them. Returns OK, NO_MEMORY
 * or IO. */
enum status readers_new(struct store *store, struct backups *backups, const struct clock *clock,
                        const struct retention *retention, struct readers **out);

/* Ends the threads; what is under way is dropped. */
void readers_destroy(struct readers **readers);

/* A descriptor that can be read when something is done. */
int readers_descriptor(const struct readers *readers);

/* Gives a read with a copy of the request (empty for a dispatch), or NULL when too much is under
 * way. Clients' reads (READ_REQUEST) are refused earlier than the others. */
struct read *readers_take(struct readers *readers, enum read_type type, struct slice request);

/* Whether one more read of this length, of this searcher (a number that stands for it), may be
 * pushed: of scans no more than SCANS_MAX wait, of them SCANS_EACH_MAX of one searcher, and a
 * client's above that is answered by BUSY. */
bool readers_have_room(struct readers *readers, enum read_length length, uint64_t searcher);

/* Hands a read over. What jobs need (facts, dispatches) goes before what clients ask. Reads that
 * are soon done are taken several at once; one that may take long is taken alone, so that what jobs
 * need waits for one of them at most. Scans have a thread of their own, which gives way to all
 * others where processors are short: searches, however many, slow no queue. One that has waited for
 * more than SCAN_WAIT_MS is not made, and its status is TIMEOUT. */
void readers_push(struct readers *readers, struct read *read);

/* Gives one read that is done, or NULL; it goes back by readers_give. */
struct read *readers_done(struct readers *readers);
void readers_give(struct readers *readers, struct read *read);

#endif
