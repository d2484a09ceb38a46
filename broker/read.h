#ifndef TROUPE_BROKER_READ_H
#define TROUPE_BROKER_READ_H

/*
 * One look into the store, made by a thread of the readers: what is asked, by whom, and the answer.
 * Owned by the readers, and lent to who takes it.
 */

#include "base/clock.h"
#include "broker/query.h"

struct store;
struct backups;

enum {
    READ_ASKERS_SIZE_MAX = SWEEP_JOBS_MAX * (REQUEST_ID_MAX + 1), /* bytes of a read's askers */
};

/* How much a read looks at. */
enum read_length {
    READ_SHORT, /* a job or a few: some go together */
    READ_LONG,  /* many: no other is to wait for it */
    READ_SCAN,  /* as many as its time allows: jobs do not wait for it */
};

enum read_type {
    READ_REQUEST, /* request: a gateway's GET or LIST; answer: records */
    READ_FACTS,   /* request: what the core decides; answer: facts, with those of items in answer */
    READ_SWEEP,   /* sweep: what is due */
    READ_BULK,    /* bulk: its next jobs, in page */
    READ_DISPATCH,  /* job and lease; answer: JOB and what follows it */
    READ_LEFTOVERS, /* answer: operations of a batch (query_leftovers) */
};

struct read {
    enum read_type type;
    enum status status; /* of the answer */
    uint64_t peer;      /* who asked, or the actor, and the session */
    uint64_t session;
    enum read_length length;  /* a REQUEST's is set by who asks */
    int64_t pushed_at;        /* a scan's */
    uint64_t searcher;        /* likewise: a number for who asks */
    struct buffer request;    /* one record, or a group and its jobs, or with what is known */
    struct live_counts live;  /* LIST_JOBS */
    struct spending spending; /* GET_USAGE */
    int64_t live_since;       /* GET_ASSETS */
    struct id job;
    uint32_t lease;
    struct facts facts;
    struct sweep *sweep;       /* borrowed while the read is under way */
    const struct bulk *bulk;   /* likewise */
    struct bulk_page *page;    /* likewise */
    uint32_t operations;       /* LEFTOVERS: in the answer */
    struct view_damage damage; /* what was passed over on the way */
    struct buffer answer;      /* a frame of the answer's records */
    struct buffer askers;      /* see read_asker */
    struct read *next;
};

/* The id of the HTTP request that asked for a job that could not be read, for the log: the job of a
 * DISPATCH (0), or a damaged one of a SWEEP by its index. Empty when that cannot be read either,
 * and of a delivery. Borrowed. */
struct slice read_asker(const struct read *read, uint32_t index);

/* What reads are made of. Borrowed. */
struct read_sources {
    struct store *store;
    struct backups *backups;
    const struct retention *retention;
};

/* Answers it, with its status; now: of the clock. Blocks for the disk. */
void read_perform(const struct read_sources *sources, struct view *view, struct read *read,
                  int64_t now);

#endif
