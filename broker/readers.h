#ifndef TROUPE_BROKER_READERS_H
#define TROUPE_BROKER_READERS_H

/*
 * Threads that read the store for the loop: facts for the core, answers to gateways, what a
 * dispatched job needs. The loop hands requests over and takes answers when the event descriptor
 * says so; nothing else is shared.
 */

#include "broker/query.h"
#include "broker/store.h"

enum {
    READERS = 2,                       /* threads */
    READS_WAITING_MAX = 8192,          /* requests; above, a gateway is told BUSY */
    READS_WAITING_SIZE_MAX = 64 << 20, /* bytes of them; above, likewise */
    READS_DONE_SIZE_MAX = 32 << 20,    /* bytes of answers; above, the threads wait for the loop */
    READ_ANSWER_SIZE_MAX = FRAME_SIZE_MAX,
};

enum read_type {
    READ_FACTS,    /* request: SUBMIT or CANCEL_JOB; answer: facts, with the request again */
    READ_ANSWER,   /* request: GET_JOB, LIST_JOBS, GET_EVENTS, GET_DOCUMENT; answer: records */
    READ_DISPATCH, /* head and owner; answer: records */
};

/* One request and, later, its answer. Owned by the readers until readers_take, then by the caller.
 */
struct read {
    struct read *next;
    enum read_type type;
    uint64_t peer;
    uint64_t session;
    struct buffer request; /* one record */
    struct live_counts live;
    struct job head;
    struct buffer owner;
    enum status status;
    struct facts facts;
    struct buffer answer;
    struct slice records; /* of the answer, when status is OK; they belong in one frame */
    uint32_t records_count;
};

struct readers;

/* Returns OK, NO_MEMORY or IO. store must outlive the readers. */
enum status readers_new(struct store *store, struct readers **out);

/* Ends the threads and drops what waits. */
void readers_destroy(struct readers **readers);

/* Readable when there are answers. */
int readers_descriptor(const struct readers *readers);

/* Makes a request to be filled in; NULL without memory. read_free accepts NULL. */
struct read *read_new(enum read_type type, uint64_t peer, uint64_t session);
void read_free(struct read *read);

/* Hands a request over. A DISPATCH is always taken, and goes before the others: a worker's time
 * runs. Returns OK, or FULL: the caller keeps it. */
enum status readers_give(struct readers *readers, struct read *read, int64_t now);

/* Takes one answer, or NULL. */
struct read *readers_take(struct readers *readers);

/* Bytes that a request and its answer take. */
size_t read_size(const struct read *read);

#endif
