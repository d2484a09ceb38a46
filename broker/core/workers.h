#ifndef TROUPE_BROKER_CORE_WORKERS_H
#define TROUPE_BROKER_CORE_WORKERS_H

/*
 * The workers: actor instances with a session, or with leases that may still come back with one.
 * There is one entry for an instance, found by instance, session or peer. It lives until its
 * session has ended and its last lease is gone; one with orders is waited for as long as a lease
 * lasts, so that it finds them when it comes back.
 */

#include <assert.h>
#include "broker/core/slab.h"
#include "broker/core/table.h"

enum worker_state {
    WORKER_STATE_FREE = 0, /* the slot is not in use */
    WORKER_STATE_OPENING, /* said HELLO; PROVIDERs or HOLDs are missing: no jobs, no messages yet */
    WORKER_STATE_OPEN,
    WORKER_STATE_LOST, /* without a session: its leases wait for it until `deadline` */
    WORKER_STATE_GONE, /* said BYE or expired: its leases are being taken back */
};

/* Lists that a worker can be in, each at most once. */
enum worker_list {
    WORKER_LIST_EXPIRY, /* by deadline, earliest first: opening, open, lost */
    WORKER_LIST_CREDIT, /* of a queue: open ones that take another job, in turn */
    WORKER_LIST_DRAIN,  /* with leases to be taken back */
};
enum {
    WORKER_LIST_COUNT = 3
};

/* How a worker is found. */
enum worker_table {
    WORKER_TABLE_INSTANCE,
    WORKER_TABLE_SESSION, /* opening and open ones */
    WORKER_TABLE_PEER,    /* opening and open ones */
};
enum {
    WORKER_TABLE_COUNT = 3
};

struct worker_link {
    uint32_t next, previous; /* circular; JOB_NONE: not in this list */
};

struct worker {
    struct id instance;
    uint64_t session; /* 0: none */
    uint64_t peer;    /* valid with a session */
    uint64_t credit;  /* jobs allowed in this session, so far */
    uint64_t dispatched;
    uint64_t credit_handed_back; /* when it handed a job back; UINT64_MAX: never in this session */
    int64_t deadline;            /* the session or its leases end then */
    uint32_t slots;
    uint32_t providers_left;
    uint32_t holds_left;
    uint64_t providers[PROVIDER_USE_COUNT]; /* that its session has declared, see providers.h */
    uint32_t lease_count;                   /* of both lists */
    uint32_t leases;    /* slab index: circular list of the jobs that it holds, or JOB_NONE */
    uint32_t returning; /* opening: leases that it has not said it holds; later: to be taken back */
    uint32_t hash_next[WORKER_TABLE_COUNT];
    struct worker_link links[WORKER_LIST_COUNT];
    int64_t opened_at; /* its session began */
    int64_t heard_at;  /* its last message */
    uint64_t counted;  /* of its queue's credit */
    uint8_t kind;      /* enum job_kind */
    uint8_t state;     /* enum worker_state */
    uint8_t orders;    /* enum worker_orders */
    bool is_counted;   /* as one of its queue's open workers */
};

/* Embedded by the core. */
struct workers {
    struct worker *items;
    uint32_t count; /* in use */
    uint32_t capacity;
    uint32_t free_first; /* chained by hash_next[0] */
    struct table tables[WORKER_TABLE_COUNT];
    uint32_t expiry; /* first of WORKER_LIST_EXPIRY, or JOB_NONE */
    uint32_t drain;  /* first of WORKER_LIST_DRAIN */
};

/* Whether it may be given jobs, now or when it has credit again. */
static inline bool worker_takes_jobs(const struct worker *worker)
{
    return worker->state == WORKER_STATE_OPEN && worker->orders == WORKER_ORDERS_WORK;
}

/* Whether it has handed a job back before, in this session, and stays: who leaves lets its credit
 * be as it is. */
static inline bool worker_stays(const struct worker *worker)
{
    return worker_takes_jobs(worker) && worker->credit > worker->credit_handed_back;
}

/* Returns OK or NO_MEMORY; workers_fini is due in either case. */
enum status workers_init(struct workers *workers);
void workers_fini(struct workers *workers);

/* Makes an entry for an instance that has none. Returns OK or NO_MEMORY. Entries move. */
enum status workers_take(struct workers *workers, const struct id *instance, uint8_t kind,
                         uint32_t *out);

/* Gives an entry back that is in no list and holds no lease; takes it out of the tables. */
void workers_give(struct workers *workers, uint32_t index);

/* Gives the entry a session with a peer, or takes it away. Both have been reserved by take. */
void workers_attach(struct workers *workers, uint32_t index, uint64_t session, uint64_t peer);
void workers_detach(struct workers *workers, uint32_t index);

/* Return an index or JOB_NONE. */
uint32_t workers_find_instance(const struct workers *workers, const struct id *instance);
uint32_t workers_find_session(const struct workers *workers, uint64_t session);
uint32_t workers_find_peer(const struct workers *workers, uint64_t peer);

/* Appends to a list, or removes from it; `first` is the list's head. Removing one that is not in
 * the list changes nothing. */
void workers_list_put(struct workers *workers, enum worker_list list, uint32_t *first,
                      uint32_t index);
void workers_list_remove(struct workers *workers, enum worker_list list, uint32_t *first,
                         uint32_t index);

static inline struct worker *workers_worker(const struct workers *workers, uint32_t index)
{
    assert(index < workers->capacity);
    return &workers->items[index];
}

static inline bool worker_is_listed(const struct worker *worker, enum worker_list list)
{
    return worker->links[list].next != JOB_NONE;
}

/* ---- a worker's leases ---- */

void worker_lease_put(struct worker *worker, struct slab *slab, uint32_t job);

/* Removes the job from whichever of the two lists it is in. */
void worker_lease_remove(struct worker *worker, struct slab *slab, uint32_t job);

/* Moves all jobs of one of the lists to the end of the other. */
void worker_leases_move(struct slab *slab, uint32_t *from, uint32_t *to);

#endif
