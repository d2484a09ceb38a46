#ifndef TROUPE_BROKER_CORE_CORE_H
#define TROUPE_BROKER_CORE_CORE_H

/*
 * The queue itself: (state, event, now) -> effects. Pure: no I/O, no clock, no randomness, no
 * threads. It decides everything about live jobs and holds nothing of ended ones. The shell
 * (broker/main.c) and the simulator (tests/sim) drive it alike: they hand in one event at a time,
 * write the effects that claim something durable in one batch, and send the others only after that
 * batch is durable. An end of turn (CORE_EVENT_TICK) closes every batch: it runs the timers and
 * hands out jobs.
 *
 * What the core cannot know because it is on disk (an idempotency key, whose a character is, a job
 * that ended) comes in as facts with the event. A request whose facts are missing, or older than
 * what changed since, is answered by EFFECT_RESOLVE: look (again) and hand it in once more.
 */

#include "broker/core/bulks.h"
#include "broker/core/job.h"
#include "broker/core/limits.h"
#include "broker/core/meters.h"
#include "broker/core/retention.h"

struct core;

#define BUDGET_MAX INT64_C(1000000000000000) /* micro-dollars: a billion dollars */

struct core_options {
    uint64_t session_base;         /* sessions are numbered from here; never the same in two runs */
    uint64_t event_last;           /* number of the last event in the store */
    uint64_t commit_last;          /* number of the last batch in the store */
    uint64_t audit_last;           /* number of the last line of the audit log there */
    uint32_t rate[JOB_KIND_COUNT]; /* started jobs in any sliding second; 0: no limit */
    uint32_t jobs_max;             /* live jobs; SUBMIT is refused above */
    struct retention retention;    /* of ended jobs */
    uint64_t budget;               /* micro-dollars that a user may spend on a day (UTC); 0: any */
    uint64_t budget_soft;          /* above which jobs are accepted with a warning; 0: none */
    uint32_t active_max[JOB_KIND_COUNT];      /* leases of a queue at once; 0: no limit */
    uint32_t user_active_max[JOB_KIND_COUNT]; /* leases of one user at once in a queue; 0: no limit
                                               */
};

/* Fills in the spec's limits: rates 10, 5 and 3 a second, JOBS_MAX. */
void core_options_default(struct core_options *options);

/* Returns OK, or NO_MEMORY with *out NULL. now: the first moment; limiters count as full for the
 * second before it. */
enum status core_new(const struct core_options *options, int64_t now, struct core **out);
void core_destroy(struct core **core);

/* ---- events ---- */

enum core_event_type {
    CORE_EVENT_GATEWAY,   /* of gateway `peer`, message SUBMIT, CANCEL_JOB, RETRY_JOB,
                             SUBMIT_GROUP, CANCEL_GROUP, PUT_ENDPOINT, CHANGE_JOB, START_BULK or
                             DELETE_DOCUMENT, with or without facts; or DELETE_ENDPOINT, STOP_BULK,
                             REMOVED, SET_QUEUE, SET_WORKER or NOTE_AUDIT; or MAKE_BACKUP, which has
                             been answered by `code` and is only written down */
    CORE_EVENT_ACTOR,     /* any message of an actor, under the `session` of its frame */
    CORE_EVENT_PEER_LOST, /* an actor's connection is gone or takes no more: its session ends, its
                             leases live on until they expire or it says HELLO again */
    CORE_EVENT_SPACE,     /* `space_low` changed */
    CORE_EVENT_SWEEP,     /* what a reader found to be kept for long enough: `sweep` */
    CORE_EVENT_PAGE,      /* the next jobs of a bulk, as a reader found them: `page` */
    CORE_EVENT_TICK,      /* the end of a turn */
};

/* A character as the store knows it. */
enum fact_owned {
    FACT_UNKNOWN = 0, /* there is none, or another owner's */
    FACT_OWNED = 1,
    FACT_UNSUITABLE = 2, /* media: not a finished image of that character */
};

/* A document that is to be deleted. */
struct document_facts {
    bool found;          /* it exists, and the requester may delete it */
    uint8_t type;        /* enum document_type */
    struct id character; /* of a media entry */
    struct id portrait;  /* of a character; all zero for none */
    uint64_t number;     /* in the listing index */
    uint8_t owner_size;
    uint8_t owner[OWNER_SIZE_MAX];
    uint16_t url_size;
    uint8_t url[URL_SIZE_MAX]; /* of a media entry's asset */
};

static inline struct slice document_facts_owner(const struct document_facts *facts)
{
    return slice_make(facts->owner, facts->owner_size);
}

static inline struct slice document_facts_url(const struct document_facts *facts)
{
    return slice_make(facts->url, facts->url_size);
}

/* What a job of a group is made from. */
struct item_facts {
    uint8_t character; /* enum fact_owned */
    uint8_t source;
};

/* The last job that was accepted with a dedupe key, if the store still has it. */
struct holder_facts {
    bool found;
    struct id job;
    int64_t at;     /* when it was accepted */
    int64_t ttl_ms; /* how long it keeps the key at least */
    uint8_t state;  /* as it is in the store, like version */
    uint32_t version;
};

/* What was read from disk for one request, at commit `commit`. */
struct facts {
    uint64_t commit;             /* the batch whose effects the reader saw at least */
    bool key_found;              /* the idempotency key is known and not expired */
    struct id key_job;           /* the job or group it was first used for */
    uint8_t key_hash[HASH_SIZE]; /* of its request */
    struct holder_facts holder;  /* of the dedupe key */
    bool job_found;              /* the job is in the store, and the requester may see it */
    bool is_reported;            /* RETRY_JOB: the delivery is of the reporter's own webhook */
    bool job_expired;   /* it is not, but it was, likewise: head has its state and version */
    uint8_t owner_size; /* of its owner, who is not always the requester */
    uint8_t owner[OWNER_SIZE_MAX];
    struct job head;           /* as it is there; memory-only fields are zero */
    enum fact_owned character; /* of the request, or of the job that is to be retried */
    enum fact_owned source;
    bool is_linked; /* the job is, by links */
    struct job_links links;
    struct document_facts document; /* DELETE_DOCUMENT */
    bool group_found;               /* the group is in the store, and the requester may see it */
    const struct item_facts *items; /* SUBMIT_GROUP: one for each of its jobs; borrowed */
    const struct swept *swept;      /* CHANGE_JOB: an ended job, with what there is of it, or NULL;
                                       borrowed */
};

/* The next jobs of a bulk, in its order. Each has its own facts, so that one that has changed since
 * ends the page before it: the next page begins there. */
struct bulk_item {
    struct id job;
    bool found;         /* there is such a job */
    bool damaged;       /* its record is, or what else must be known of it: refused */
    uint64_t place;     /* where the bulk goes on behind it */
    uint64_t scanned;   /* jobs that the reader looked at up to it */
    struct facts facts; /* RETRY, REMOVE */
};

struct bulk_page {
    struct id bulk;
    uint64_t place; /* where the look began */
    uint64_t place_end;
    uint64_t scanned;
    uint32_t count;
    struct bulk_item items[BULK_PAGE_MAX];
    struct sweep sweep; /* REMOVE: what the items' facts have of their jobs */
};

struct core_event {
    enum core_event_type type;
    uint64_t peer;                 /* the shell's number of the connection, never used again */
    uint64_t session;              /* ACTOR: from the frame's envelope; 0 before WELCOME */
    const struct message *message; /* GATEWAY, ACTOR; borrowed, with its slices, until the effects
                                      are consumed */
    bool unread; /* ACTOR: the shell's own FAIL of a DISPATCH that it could not carry out, also of
                    a lease that is over: the worker has its credit back */
    const struct message_submit *items; /* SUBMIT_GROUP: its jobs, as many as it says; borrowed
                                           likewise */
    const struct facts *facts;          /* GATEWAY; NULL when nothing was looked up */
    bool space_low;
    enum reply_code code;
    const struct sweep *sweep;    /* SWEEP; borrowed until the effects are consumed */
    const struct bulk_page *page; /* PAGE; likewise */
};

/* ---- effects ---- */

enum effect_type {
    /* To be written in the turn's batch. */
    EFFECT_ACCEPT, /* a new job: job, submit; a new delivery: job, reported */
    EFFECT_GROUP,  /* a new group, all of whose jobs are accepted in this step: group, items */
    EFFECT_REVIVE, /* an ended job waits again: job, state_before */
    EFFECT_SAVE,  /* the job's head changed: job, error_code, error_message (of a failed attempt, or
                     empty) */
    EFFECT_DRAFT, /* the job's draft: job, document, is_first */
    EFFECT_OPERATION,    /* a recorded operation: job, operation, account, day_part */
    EFFECT_END,          /* the job is in a terminal state and leaves memory after this step: job,
                         number, url, document, media, error_code, error_message, keeps_draft */
    EFFECT_DELETE,       /* a document is gone: id, deleted */
    EFFECT_REMOVED,      /* what deleted documents left behind is gone: document (their ids) */
    EFFECT_KEY,          /* an idempotency key of its own: owner, id, key, key_hash */
    EFFECT_PUT_ENDPOINT, /* a webhook endpoint as it is now: owner, id, endpoint, version */
    EFFECT_DELETE_ENDPOINT,  /* owner, id */
    EFFECT_DISABLE_ENDPOINT, /* owner, id */
    EFFECT_QUEUE,            /* a queue is paused or goes on: kind, paused */
    EFFECT_WORKER,           /* the orders of a worker, WORK when there are none (any more): id,
                                kind, orders */
    EFFECT_EXPIRE,    /* something is kept no longer: job (its head, as it ended), swept; of a job
                      that somebody removed: event, to be published after the commit */
    EFFECT_BULK,      /* a bulk as it is now: bulk; of a new one: start */
    EFFECT_BULK_GONE, /* one that is known no longer: id */
    EFFECT_AUDIT,     /* a line of the audit log: line */
    EFFECT_EVENT, /* event: to be stored, and, but for a delivery's, published after the commit */
    /* To be sent after the commit. */
    EFFECT_REPLY,    /* to gateway `peer`: reply */
    EFFECT_DISPATCH, /* to actor `peer` under `session`: job, with its input, documents, draft and
                        operations */
    EFFECT_CANCEL,   /* to actor `peer`: id, lease */
    EFFECT_ACK,      /* to actor `peer`: id, lease */
    EFFECT_OPERATION_ACK,    /* to actor `peer`: id, lease, operation (its index and state) */
    EFFECT_OPERATION_DENIED, /* to actor `peer`: id, lease, operation, denial, retry_after_ms */
    EFFECT_STOP,             /* to actor `peer`: finish, and end */
    EFFECT_WELCOME,          /* to actor `peer`: session */
    EFFECT_ERROR, /* to actor `peer`: error_code_number; its session, if any, has ended */
    /* To be looked up by a reader, after this turn's commit. It is the last effect of its step, and
     * the only one, but for a deletion that has ended as many jobs as a step may: their effects
     * come before it. Pages never have one. */
    EFFECT_RESOLVE, /* gateway `peer`'s: hand the event's request in again with facts */
};

/* Money that was counted in a step, in micro-dollars; all zero for none. */
struct spend {
    uint32_t day;        /* since 1970, UTC */
    uint32_t operations; /* that it was spent on */
    uint64_t amount;
    uint64_t uncertain; /* of it, what may not have been charged */
    bool is_first;      /* the job had cost nothing before */
};

struct effect {
    enum effect_type type;
    uint64_t peer;
    uint64_t session;
    const struct job *job;         /* as it is after the step; valid until the next step */
    struct slice owner;            /* of job; valid until the next step */
    const struct job_links *links; /* of job, likewise; NULL when it has none */
    struct id id;
    uint32_t lease;
    uint8_t state_before; /* enum job_state */
    uint8_t kind;         /* QUEUE, WORKER: enum job_kind */
    uint8_t orders;       /* enum worker_orders */
    bool paused;
    enum error_code error_code_number;
    bool is_first;    /* DRAFT: the store has none yet */
    bool keeps_draft; /* END: who tries the job again goes on from its draft */
    const struct message_submit *submit;
    const struct message_submit_group *group;
    const struct message_submit *items;
    const struct message_event *reported; /* of a delivery; that of an earlier effect */
    const struct message_put_endpoint *endpoint;
    struct slice key;
    struct slice key_hash;
    uint32_t version; /* of the endpoint */
    const struct swept *swept;
    const struct bulk *bulk; /* valid until the next step */
    const struct message_start_bulk *start;
    struct message_operation operation;
    struct spend spend;   /* OPERATION, END */
    struct slice account; /* whose call was granted, or empty; valid until the next step */
    uint32_t day_part;    /* that it is counted in, see core_restore_calls */
    uint8_t denial;       /* enum denial */
    uint64_t retry_after_ms;
    const struct document_facts *deleted; /* of the event's facts; valid as long */
    uint64_t number; /* END: of the event that tells of it: the age of what the job made */
    struct slice url;
    struct slice document;
    struct slice media;
    struct slice error_code;
    struct slice error_message;
    struct message_reply reply;
    struct message_event event;     /* a snapshot: a step may make several of one job */
    char step[STEP_SIZE_MAX + 1];   /* what event.step points at */
    struct message_audit_line line; /* borrows from the event */
    char target[ID_TEXT_SIZE];      /* what line.target points at, when it is an id */
};

/* Embedded by the shell and reused; filled by core_step. */
struct effects {
    uint32_t count;
    struct effect items[EFFECTS_MAX];
};

/*
 * Takes one event at `now` (never less than before) and replaces *effects by what follows, in
 * order. Total: any event in any state has a decided answer; what a peer sends wrongly is refused,
 * counted and answered. A tick that has more to do than EFFECTS_MAX allows leaves the rest for the
 * next one, and core_wake is then `now`.
 */
void core_step(struct core *core, const struct core_event *event, int64_t now,
               struct effects *effects);

/* After the step that took a sweep: what it left, because something had changed, is looked at
 * again. */
void sweep_settle(struct sweep *sweep, const struct effects *effects);

/* The number of the batch that effects of the current turn belong to. A TICK ends the turn: the
 * next effects belong to the next number, whether or not the batch had anything in it. */
uint64_t core_commit(const struct core *core);

/* The number of the last line of the audit log. */
uint64_t core_audit_last(const struct core *core);

/* When the next TICK is needed at the latest; INT64_MAX when nothing is due. */
int64_t core_wake(const struct core *core);

/* ---- restart ---- */

/* Takes a live job's head as the store has it; before the first step. A leased one keeps its lease
 * number and waits a full lease for its worker to say HELLO. Returns OK, NO_MEMORY, or MALFORMED
 * for a head that breaks an invariant (the store is damaged: do not go on). links: NULL when it has
 * none. */
enum status core_restore(struct core *core, const struct job *head, struct slice owner,
                         const struct job_links *links, int64_t now);

/* Takes what a job that was restored failed of, before the first step. Nothing comes of it for one
 * that neither waits nor ends of it. */
void core_restore_error(struct core *core, const struct id *job, struct slice code,
                        struct slice message);

/* Takes a webhook endpoint as the store has it; before the first step. Returns as above. */
enum status core_restore_endpoint(struct core *core, const struct message_put_endpoint *put,
                                  bool disabled);

/* Takes what the store has of a queue: whether it is paused, and how many of its jobs ended in each
 * state and are still kept; before the first step. */
void core_restore_queue(struct core *core, enum job_kind kind, bool paused,
                        const uint64_t ended[JOB_STATE_COUNT]);

/* Takes money that an owner spent on a day; before the first step. What was not today is passed
 * over. Returns OK, NO_MEMORY or MALFORMED. */
enum status core_restore_spent(struct core *core, uint32_t day, struct slice owner,
                               uint64_t amount);

/* The first part of the day that is ending now in which calls are of interest to a start. Calls of
 * an account are counted in sixtieths of a day, numbered since 1970. */
uint32_t core_calls_first(const struct core *core);

/* Takes the calls that were granted to an account in a part of a day; before the first step. Those
 * of parts that are over are passed over. Returns OK or MALFORMED. */
enum status core_restore_calls(struct core *core, uint32_t part, struct slice account,
                               uint64_t count);

/* Takes the orders of a worker, before all jobs: it may say HELLO again within a full lease.
 * Returns OK, NO_MEMORY or MALFORMED. */
enum status core_restore_worker(struct core *core, const struct id *instance, enum job_kind kind,
                                enum worker_orders orders, int64_t now);

/* Takes a bulk as the store has it; before the first step. Returns OK or MALFORMED. */
enum status core_restore_bulk(struct core *core, const struct message_bulk *stored);

/* ---- questions ---- */

/* The bulks, the oldest first. */
const struct bulks *core_bulks(const struct core *core);

/* The bulk whose turn it is to go on; NULL when none does. */
const struct bulk *core_bulk_next(struct core *core);

/* Finds a live job; NULL when there is none. Valid until the next step. */
const struct job *core_find(const struct core *core, const struct id *id);
struct slice core_owner(const struct core *core, const struct job *job);

/* What ties a live job to others, or NULL. */
const struct job_links *core_links(const struct core *core, const struct job *job);

/* How many live jobs an owner has, by kind and state (pending, waiting, active). */
uint64_t core_count(const struct core *core, struct slice owner, enum job_kind kind,
                    enum job_state state);

/* When the oldest of the live jobs that may make assets of a character was made; 0: there is none,
 * 1: there are more than LIVE_SINCE_JOBS_MAX. */
int64_t core_live_since(const struct core *core, const struct id *character);

/* What a job waits for, where it stands in its queue, and when it may start. */
struct position {
    enum wait_reason reason; /* NONE: it is at work, or not live */
    uint32_t position;    /* from 1: the sum over all users of min(their waiting jobs, its own place
                                among its user's), which is how many of them have started when it
                                has, at most; 0 while it has no place (scheduled, backoff) */
    uint32_t eta_seconds; /* until it starts, from 1: by the mean of the queue's last attempts, its
                                workers, rate and caps; scheduled or in backoff: until that is over.
                                0: not known (paused, no worker, nothing ended in the last hour) */
};

/* Computes it from the state as it is, in O(log jobs). */
void core_position(const struct core *core, const struct id *id, int64_t now, struct position *out);

/* An owner's money, in micro-dollars; that of all owners together for an empty name, which has no
 * budget. */
struct spending {
    uint32_t day;      /* since 1970, UTC */
    uint64_t spent;    /* on it so far */
    uint64_t reserved; /* for live jobs */
    uint64_t budget;   /* of a day, and where the warning begins; 0: none */
    uint64_t budget_soft;
};
void core_spending(const struct core *core, struct slice owner, int64_t now, struct spending *out);

/* What a live job holds of its owner's money. */
uint64_t job_reserved(const struct job *job);

/* What was spent with a declared provider since the start, by kind of job; the name borrows. False
 * for a place (below PROVIDERS_MAX) without one. */
bool core_provider_spent(const struct core *core, uint32_t place, struct slice *name,
                         uint64_t spent[JOB_KIND_COUNT]);

/* All queues as they are, by kind, in O(workers). */
void core_queues(const struct core *core, int64_t now, struct message_queue out[JOB_KIND_COUNT]);

/* A worker as it is; valid until the next step. */
struct worker_told {
    struct message_worker worker; /* but for what the shell knows: host, pid, version */
    uint64_t peer;                /* 0: it has no session */
    uint32_t first, next, later;  /* slab indexes of its jobs, for core_worker_job */
};

/* Walks all workers, those that are lost included: *place starts at 0. False at the end. */
bool core_worker_next(const struct core *core, uint32_t *place, struct worker_told *out);

/* Walks the jobs of one, those that it holds first; NULL at the end. */
const struct job *core_worker_job(const struct core *core, struct worker_told *told);

/* What a user has in all queues but that of deliveries. */
struct user_told {
    struct slice owner; /* valid until the next step */
    uint64_t waiting;   /* for their turn, or between two attempts */
    uint64_t active;
    uint64_t delayed; /* pending: they may not start yet */
    uint64_t spent;   /* today, micro-dollars */
};

/* What one user has in one of these queues (kind: below JOB_KIND_ASKED_COUNT), and has spent in all
 * today; nothing of one that there is not. */
struct user_told core_user(const struct core *core, struct slice owner, uint32_t kind);

/* Calls visit with each user that has such jobs or has spent today, in so many places from *place
 * (0 at first), which moves on. Returns whether there are more. Users that come or go between two
 * calls may be passed over. */
typedef void core_user_visit(void *context, const struct user_told *user);
bool core_users(const struct core *core, uint32_t *place, uint32_t places, core_user_visit *visit,
                void *context);

/* The providers that somebody has declared, in the order of their places. Returns how many. Texts
 * are valid until the next step. */
uint32_t core_providers(const struct core *core, int64_t now,
                        struct message_provider_state out[PROVIDERS_MAX]);

struct core_statistics {
    uint64_t live[JOB_KIND_COUNT]
                 [JOB_STATE_COUNT]; /* pending, waiting, active; delayed ones count as waiting */
    uint64_t accepted, completed, failed, cancelled, retried, stalled, salvaged, wasted, stale,
        refused, expired;
    uint64_t wasted_price;                 /* micro-dollars that wasted results have cost */
    uint64_t denied;                       /* calls of providers that were not allowed */
    uint64_t spent;                        /* micro-dollars, of all owners ... */
    uint64_t uncertain;                    /* ... of which nobody knows whether they were charged */
    uint64_t over_budget;                  /* requests that were refused for a budget */
    uint64_t budget_warned;                /* that were accepted with a warning */
    uint64_t unattributed[JOB_KIND_COUNT]; /* of spent: with no provider that is declared */
    uint64_t undelivered;                  /* deliveries that were not made for want of room */
    uint64_t revived;                      /* ended jobs that were made to wait again */
    uint64_t refused_records;              /* of actors: malformed, forbidden, above a limit */
    uint64_t sessionless;                  /* records of actors under no session that is open */
    uint32_t workers[JOB_KIND_COUNT];
    uint32_t draining[JOB_KIND_COUNT];   /* of them, those that take no more jobs */
    uint64_t credit[JOB_KIND_COUNT];     /* jobs that the workers would take now */
    uint64_t slots[JOB_KIND_COUNT];      /* jobs that they can have at once: one that takes no more,
                                            those that it has */
    uint32_t limit[JOB_KIND_COUNT];      /* starts in a second; 0: no limit */
    uint32_t limit_used[JOB_KIND_COUNT]; /* of them, in the last second */
};
void core_statistics(const struct core *core, struct core_statistics *out);

/* What happened in a queue since the start; borrowed. */
const struct meters *core_meters(const struct core *core, enum job_kind kind);

/* Walks all live jobs in no order. */
typedef void core_visit(void *context, const struct job *job, struct slice owner);
void core_each(const struct core *core, core_visit *visit, void *context);

/* Asserts every invariant that can be seen from the state alone (docs/architecture.md); for the
 * simulator and tests: its cost grows with the number of jobs. */
void core_check(const struct core *core);

#endif
