#ifndef TROUPE_TESTS_SIM_MODEL_H
#define TROUPE_TESTS_SIM_MODEL_H

/*
 * What must be true of the broker, told a second time and simply: every job that a gateway ever
 * asked for, its state as the core's effects say it, and the same as of the last durable commit.
 * The checks compare each step of the core with it (model_step.c), the limits (model_limits.c), the
 * store (model_store.c) and its queries (model_query.c). It shares no code with the core.
 */

#include "tests/sim/ledger.h"
#include "tests/sim/model_audit.h"
#include "tests/sim/model_bulk.h"
#include "tests/sim/model_money.h"
#include "tests/sim/model_provider.h"

struct world;
struct outgoing;

enum {
    MODEL_JOBS_MAX = 1 << 15,   /* in one run, deliveries included */
    MODEL_ASKED_MAX = 1 << 13,  /* beyond which none are asked for, without endpoints */
    MODEL_TABLE_SIZE = 1 << 17, /* ids: three or fewer of a job, and room */
    MODEL_GROUPS_MAX = 1 << 10,
    MODEL_SESSIONS_MAX = 1 << 12,
    MODEL_ENDPOINTS_MAX = 256,  /* webhook endpoints made in one run */
    MODEL_ORDERS_MAX = 1 << 12, /* workers that ever got orders */
    MODEL_DEDUPES = 3,          /* different dedupe keys of a user */
    MODEL_KEYS = 8,             /* different idempotency keys of a user */
    USERS_MODEL_MAX = 8,
    SWEPT_LIFE_MS_MAX = 600000, /* retention up to which a world waits for all to be swept */
    STARTS_MAX = 16,            /* the highest rate in settings.c, and room */
    JOB_UNKNOWN = UINT32_MAX,
};

/* What changes in a job's life. */
struct model_state {
    bool exists; /* accepted */
    uint8_t state, progress;
    bool cancel_asked;
    bool was_dropped;              /* it went to a worker only so that its task is dropped ... */
    bool ends_failed, is_returned; /* and ends of its last failure; its worker gave it back */
    int64_t stop_by, drop_at;      /* it is to stop by then; 0: it is not; read again at drop_at */
    uint32_t version;
    uint32_t lease;
    uint32_t attempts_made;
    uint32_t workers_lost;
    uint32_t attempt;
    struct id worker; /* instance that holds or last held the lease */
    uint64_t session; /* in which it got it, or last said that it holds it */
    int64_t lease_at; /* when the lease was given */
    int64_t next_attempt_at;
    uint64_t draft; /* digests of bytes; 0 for none */
    uint64_t document, media;
    uint64_t told; /* digest of its last operation, in this run of the broker (model_told.c) */
    bool url;      /* the result has one */
    bool character_gone; /* that it made */
    bool media_gone;     /* that it made or would make */
    uint64_t event_last;
    uint64_t error; /* what it failed of: the queue, the code, words without digits; 0 for none */
    struct id error_group; /* the broker's number of that */
    int64_t ended_at;
    int64_t expired_at;
    bool expired;                             /* kept no longer, but for its tombstone */
    bool forgotten;                           /* nor that */
    uint32_t operation_lease[OPERATIONS_MAX]; /* that announced it; 0 for none */
    uint8_t operation_state[OPERATIONS_MAX];
    uint32_t paid_lease;                 /* the highest of them */
    uint32_t intent_lease[CALL_NUMBERS]; /* of the call under way, or the last */
    uint8_t provider[CALL_NUMBERS];      /* on record */
    uint32_t task[CALL_NUMBERS];         /* likewise; 0 for none */
    uint32_t call[CALL_NUMBERS];         /* likewise */
    uint32_t told_price[CALL_NUMBERS];   /* likewise */
    bool is_untold, is_asked; /* who has it knows of no task; was asked to drop it, and is silent */
    uint32_t told_lease;      /* that told something of the first call last ... */
    int64_t told_at;          /* ... and when; and the same of an attempt before that */
    int64_t told_before;
    uint32_t price[OPERATIONS_MAX], payee[OPERATIONS_MAX]; /* of those whose outcome is not told */
    uint32_t expected;                                     /* of the estimate, what is not spent */
    uint64_t spent, uncertain, spent_with[MODEL_PAYEES], uncertain_with[MODEL_PAYEES];
    uint8_t retries;     /* explicit ones */
    int64_t retried_at;  /* the last of them */
    uint8_t priority;    /* set anew; 0: as it was asked for */
    bool promoted;       /* it need not wait for its time */
    uint64_t last_error; /* while it waits: digest of what its last attempt failed of; 0: none */
};

struct model_job {
    struct id id;
    struct id character;
    struct id media;
    struct id source;
    uint32_t group;  /* number of its group + 1; 0 for none */
    uint32_t parent; /* number of the job that must complete first + 1; 0 for none */
    uint8_t kind;
    uint8_t user;
    uint8_t key; /* 1..MODEL_KEYS; 0 for none */
    uint8_t key_hash;
    uint8_t dedupe; /* 1..MODEL_DEDUPES; 0 for none */
    uint32_t dedupe_ttl_ms;
    bool invalid;       /* the request breaks a rule on purpose */
    bool acknowledged;  /* a gateway has its OK */
    bool dirty;         /* current differs from durable */
    bool is_lied_about; /* a liar worked on it, or said something of it */
    uint16_t payload_size;
    uint8_t priority;
    uint16_t webhook_events; /* of its own webhook */
    uint64_t reported;       /* by a delivery: the event's number ... */
    uint32_t reporter;       /* ... and the number + 1 of its job */
    int64_t accepted_at;
    uint64_t event_first; /* its age */
    int64_t ended_turn;   /* turn + 1 in which it ended; 0: it did not */
    int64_t deleted_turn; /* turn + 1 in which what it made was deleted; 0: it was not */
    int64_t waiting_turn; /* turn of its last change of state */
    int64_t run_at;
    int64_t start_by;
    int64_t deadline;
    uint32_t live_index; /* in model.live */
    struct model_state current;
    struct model_state durable;
};

/* Jobs that are asked for as one: first and those after it. The key is the group's. */
struct model_group {
    struct id id;
    uint32_t first;
    uint32_t count;
    uint8_t user;
    uint8_t key;
    uint8_t key_hash;
    bool pipeline;
    bool acknowledged;
};

/* A user's webhook endpoint. */
struct model_endpoint_state {
    bool exists;
    bool disabled;
    uint32_t version;
    uint32_t events;
};

struct model_endpoint {
    struct id id;
    uint8_t user;
    bool dirty;
    struct model_endpoint_state current;
    struct model_endpoint_state durable;
};

/* What a worker was told: enum worker_orders. */
struct model_orders {
    struct id instance;
    uint8_t current;
    uint8_t durable;
};

/* A worker's session as its messages and the core's answers tell it. */
struct model_session {
    uint64_t session;
    uint64_t peer;
    struct id instance;
    uint8_t kind;
    bool open;
    uint32_t providers_left; /* announced and not come: no other message counts before */
    uint32_t holds_left;     /* likewise, and after those */
    uint32_t slots;
    uint64_t credit; /* the most that it ever granted */
    uint64_t dispatched;
    uint64_t credit_handed_back; /* when it handed a job back; UINT64_MAX: never */
    int64_t contact_at;          /* when it last sent anything that counts */
    int64_t contact_late;        /* the broker's lateness up to then */
    int64_t opened_at;
    bool bye; /* it has handed everything back */
};

static inline bool model_session_is_complete(const struct model_session *session)
{
    return session->providers_left == 0 && session->holds_left == 0;
}

/* What a step's message is worth by the rules, found before the step. */
enum standing {
    STANDING_NONE,    /* not about a lease */
    STANDING_CURRENT, /* its lease is live and the sender's */
    STANDING_OLD,     /* a lost lease; by the salvage rule its success may be used */
    STANDING_DEAD,    /* must change nothing */
    STANDING_REFUSED, /* not even in a session */
};

/* What the idempotency key of a change stands for. */
enum keyed_answer {
    KEYED_ANSWER_NEW, /* or there is none */
    KEYED_ANSWER_REPEATED,
    KEYED_ANSWER_REUSED,
};

struct model_step {
    bool is_tick, is_refused; /* or an attempt fails for good */
    enum standing standing;
    struct model_job *job; /* that the message is about; NULL for none that is known */
    struct model_state before;
    struct model_job *first;   /* of the request's idempotency key; NULL for none */
    struct model_job *holder;  /* that has its dedupe key; NULL for none */
    struct model_group *group; /* that the message is about; NULL for none that is known */
    struct model_bulk *bulk;   /* that the message is about */
    struct model_bulk_state bulk_before;
    bool group_existed;
    bool group_lived;
    enum keyed_answer keyed;   /* what a change's idempotency key says */
    uint32_t keys;             /* written in this step */
    bool allowed;              /* nothing stands against accepting the request */
    struct model_job *revived; /* whose next event makes it live again */
    uint32_t lease;
    enum reply_code expected; /* of a request about an endpoint */
    uint32_t writes;          /* effects to be made durable, so far in this step */
    uint32_t left_count;
    struct {
        struct model_job *job;
        uint32_t lease;
        uint64_t session;
    } left[EFFECTS_MAX]; /* leases that ended in this step */
};

/* Which job an idempotency key stands for. */
struct model_key {
    uint32_t job; /* JOB_UNKNOWN for none */
    int64_t at;
};

/* What a change's key was used for. */
struct model_change_key {
    int64_t at; /* 0: not used */
    uint8_t hash[HASH_SIZE];
};

struct model {
    struct model_job *jobs;
    uint32_t job_count;
    struct model_group *groups;
    uint32_t group_count;
    uint32_t *table; /* of ids: job index * 4 + which of its ids + 1; 0 for an empty slot */
    uint32_t live[MODEL_JOBS_MAX];
    uint32_t live_count;
    uint32_t dirty[MODEL_JOBS_MAX];
    uint32_t dirty_count;
    bool written; /* the turn has anything to write */
    struct model_endpoint endpoints[MODEL_ENDPOINTS_MAX];
    uint32_t endpoint_count;
    struct model_session *sessions;
    uint32_t session_count;
    struct model_key keys[USERS_MODEL_MAX][MODEL_KEYS + 1];
    struct model_change_key change_keys[USERS_MODEL_MAX][MODEL_KEYS + 1];
    struct model_change_key change_keys_durable[USERS_MODEL_MAX][MODEL_KEYS + 1];
    bool change_keys_dirty;
    /* Number + 1 of the last job with a dedupe key; 0 for none. */
    uint32_t holders[USERS_MODEL_MAX][JOB_KIND_COUNT][MODEL_DEDUPES + 1];
    uint32_t holders_durable[USERS_MODEL_MAX][JOB_KIND_COUNT][MODEL_DEDUPES + 1];
    struct model_money money[USERS_MODEL_MAX][MODEL_DAYS_MAX][MODEL_PAYEES];
    struct model_money money_durable[USERS_MODEL_MAX][MODEL_DAYS_MAX][MODEL_PAYEES];
    bool money_dirty;
    uint64_t event_last, event_durable;
    uint32_t *event_jobs; /* by event number: the job that it is of */
    uint64_t event_capacity;
    struct model_bulk bulks[MODEL_BULKS_MAX];
    uint32_t bulk_count;
    struct model_orders orders[MODEL_ORDERS_MAX];
    uint32_t orders_count;
    bool paused[JOB_KIND_COUNT], paused_durable[JOB_KIND_COUNT];
    bool space_low;
    int64_t turn;
    int64_t turn_before; /* time of the turn before this one */
    int64_t step_at;     /* time of the last step */
    int64_t first_at;    /* time of the first one since the restart; 0: there was none */
    int64_t late;        /* sum of late starts: lease deadlines move by as much */
    int64_t restarted_at;
    int64_t restarted_late;
    uint32_t restarted_live; /* jobs restored then */
    struct model_providers providers;
    struct model_audit audit;
    int64_t starts[JOB_KIND_COUNT][STARTS_MAX];
    uint64_t start_count[JOB_KIND_COUNT];
    uint32_t passed[JOB_KIND_COUNT][USERS_MODEL_MAX][USERS_MODEL_MAX]; /* fairness */
    int64_t key_turn[USERS_MODEL_MAX][MODEL_KEYS + 1]; /* turn that last saw the key */
    const struct model_job *key_last[USERS_MODEL_MAX][MODEL_KEYS + 1]; /* that used it */
    struct model_step step;
};

void model_init(struct model *model);
void model_fini(struct model *model);

/* ---- jobs ---- */

/* Adds a job that a gateway is about to ask for; the caller fills in its request. */
struct model_job *model_job_new(struct world *world);
/* Makes its ids findable once they are set. */
void model_job_index(struct model *model, struct model_job *job);
uint32_t model_job_number(const struct model *model, const struct model_job *job);

/* model_group.c: adds a group that a gateway is about to ask for. */
struct model_group *model_group_new(struct world *world);
struct model_group *model_group_find(const struct model *model, const struct id *id);
/* The group of a job; NULL for none. */
struct model_group *model_group_of(const struct model *model, const struct model_job *job);
void model_group_acknowledged(struct world *world, const struct id *id);

/* Finds by job id, or by the id of a document that the job makes; NULL when there is none. */
struct model_job *model_find(const struct model *model, const struct id *id);
struct model_job *model_find_document(const struct model *model, const struct id *id);

/* When the job must have ended, as its request or its last retry set it. */
int64_t model_deadline(const struct model *model, const struct model_job *job);

uint64_t model_digest(struct slice bytes);
uint64_t model_error(struct slice code, struct slice message); /* 0: none */
struct slice model_user(uint32_t user);
int model_user_of(struct slice owner);
bool model_is_terminal(const struct model_state *state);
bool model_document_exists(const struct model_job *job, const struct model_state *state,
                           const struct id *id);

/* Puts all live jobs and open sessions into the trace, for the report of a failure. */
void model_trace_live(struct world *world);

/* ---- hooks of the shell ---- */

void model_before_step(struct world *world, const struct core_event *event);
void model_after_step(struct world *world, const struct core_event *event,
                      const struct effects *effects);
void model_turn_ends(struct world *world);
bool model_dirty(const struct model *model);
void model_committed(struct world *world);
void model_crashed(struct world *world);
void model_restarted(struct world *world);
void model_sending(struct world *world, const struct outgoing *outgoing);

/* ---- between its files ---- */

void model_touch(struct model *model, struct model_job *job);
/* The next event is of this job. */
void model_event_note(struct model *model, uint64_t event, uint32_t job);
/* Takes it in or out of the list of live jobs, as its state says. */
void model_live_update(struct model *model, struct model_job *job);
struct model_session *model_session(struct model *model, uint64_t session);
struct model_session *model_session_of(const struct model *model, const struct id *instance);
struct model_job *model_job_of(struct world *world, const struct id *id);

/* Live jobs that were asked for. */
uint32_t model_asked(const struct model *model);

/* model_request.c: requests of gateways. */
void model_request_before(struct world *world, const struct core_event *event);
void model_request(struct world *world, const struct core_event *event,
                   const struct effects *effects);

/* Why a job may not be accepted; whether such a refusal is true. */
bool model_refusal_is_true(const struct world *world, const struct model_job *job,
                           enum reply_code code);
bool model_may_accept(const struct world *world, const struct model_job *job);

/* The job, or the first of the group, that an idempotency key of a user stands for; NULL for
 * none. */
struct model_job *model_key_first(struct world *world, uint8_t user, uint8_t key);
/* Notes that a turn sees the key. */
void model_key_seen(struct world *world, const struct model_job *job, uint8_t key);

/* model_delete.c. A job is asked for: perhaps of a character that was deleted in this turn. */
void model_delete_races(struct world *world, const struct model_job *job);
void model_delete_before(struct world *world, const struct core_event *event);
void model_delete_answer(struct world *world, const struct core_event *event,
                         const struct message_reply *reply);
void model_delete_effect(struct world *world, const struct effect *effect);
void model_delete_event(struct world *world, const struct core_event *event,
                        const struct model_job *job, struct slice code);
void model_delete_end(struct world *world);

/* model_dedupe.c: the job that stands for a request with its dedupe key; NULL for none. */
struct model_job *model_dedupe_holder(struct world *world, const struct model_job *job);
/* A request finds a job that has its dedupe key. holder may be NULL. */
void model_dedupe_seen(struct world *world, const struct model_job *holder);
/* A job is accepted: the key is its own. */
void model_dedupe_accepted(struct world *world, const struct model_job *job);
void model_dedupe_answer(struct world *world, const struct model_job *holder,
                         const struct message_reply *reply);
void model_dedupe_committed(struct model *model);
void model_dedupe_crashed(struct model *model);

/* model_keyed.c: the idempotency keys of retries and of changes of endpoints. */
void model_keyed_before(struct world *world, const struct core_event *event);
/* Whether the answer was decided by the key, and checked. */
bool model_keyed_answer(struct world *world, const struct core_event *event,
                        const struct message_reply *reply);
void model_keyed_effect(struct world *world, const struct effect *effect);
void model_keyed_committed(struct model *model);
void model_keyed_crashed(struct model *model);

/* model_group.c: requests about groups, and what is true of groups after a step or a restart. */
void model_group_before(struct world *world, const struct core_event *event);
void model_group_answer(struct world *world, const struct core_event *event,
                        const struct message_reply *reply);
void model_group_effect(struct world *world, const struct effect *effect);
void model_group_event(struct world *world, const struct model_job *job,
                       const struct message_event *event);
void model_groups_whole(struct world *world);
/* A job moves on that may wait for another one. */
void model_parent_event(struct world *world, const struct model_job *job,
                        const struct message_event *event);
/* At the end of a turn: nothing waits for what will never be. */
void model_parent_turn(struct world *world, const struct model_job *job);
uint32_t model_group_live(const struct model *model, const struct model_group *group);

/* model_group_told.c: compares a group as clients see it with the model. */
void model_group_check(struct world *world, const struct model_group *group);

/* model_effect.c: one effect. */
void model_effect(struct world *world, const struct core_event *event, const struct effect *effect);

/* model_sweep.c: what is kept no longer. */
void model_expire(struct world *world, const struct core_event *event, const struct effect *effect);
/* Whether this world's jobs are to be swept before it ends, and are not yet; after that nothing is
 * left of any. */
bool model_must_sweep(const struct world *world);
void model_check_swept(struct world *world);

/* model_session.c: sessions and the standing of an actor's message. */
void model_session_message(struct world *world, const struct core_event *event);
void model_session_welcome(struct world *world, const struct core_event *event,
                           const struct effect *effect);
void model_session_close(struct model *model, const struct id *instance, uint64_t peer);
/* Whether the worker of a job has handed it back, or begun a session without it. */
bool model_session_gave_back(const struct world *world, const struct model_job *job);
/* At the end of a turn: sessions that were silent too long are over. */
void model_session_turn(struct world *world);
/* How long the broker could have heard of a worker and did not. */
int64_t model_session_silence(const struct world *world, const struct id *instance);

/* model_limits.c */
void model_limits_dispatch(struct world *world, struct model_job *job, const struct effect *effect);
/* The end of a turn: what could start has started. */
void model_limits_turn(struct world *world);

/* Whether a worker, but not this one if any is given, could take one more job of a kind. */
bool model_limits_has_place(const struct model *model, uint8_t kind, const struct id *but);
/* The user's jobs in this queue changed: one without any that could start waits for nothing. */
void model_limits_waiting(struct world *world, const struct model_job *job);

/* model_provider.c */
void model_provider_report(struct world *world, const struct id *worker,
                           const struct message_report *report);
void model_provider_granted(struct world *world, const struct id *worker, struct slice name);
void model_provider_denied(struct world *world, const struct effect *effect);
void model_provider_dispatch(struct world *world, uint8_t kind);
void model_provider_told(struct world *world);
void model_provider_committed(struct model *model);
void model_provider_crashed(struct model *model);
int64_t model_provider_down_until(struct world *world); /* the first that may be probed; now */
bool model_provider_limits(struct world *world, uint8_t kind); /* an account may be at one */
enum model_day model_provider_day(struct world *world);        /* what is left of its day */
bool model_provider_holds(struct world *world, uint8_t kind);  /* a job may wait for all */

/* What the broker's table says of the kinds, told again. */
uint32_t model_attempts_max(uint8_t kind);
uint32_t model_workers_lost_max(uint8_t kind);
int64_t model_timeout(uint8_t kind);
int64_t model_backoff(uint8_t kind, uint32_t attempts_made);

/* model_webhook.c: endpoints and deliveries. */
struct model_endpoint *model_endpoint_new(struct world *world, uint32_t user); /* or NULL */
struct model_endpoint *model_endpoint_find(struct model *model, const struct id *id);

/* The place of the endpoint that a retry of this job names: a delivery's, sometimes another's; of
 * other jobs usually none (MODEL_ENDPOINTS_MAX). */
uint32_t model_endpoint_named(struct world *world, uint32_t job);
/* Number + 1 of the job whose own webhook a retry says that the job is a delivery of; 0: none. */
uint32_t model_reporter_named(struct world *world, uint32_t job);
void model_webhook_request_before(struct world *world, const struct core_event *event);
void model_webhook_request(struct world *world, const struct core_event *event,
                           const struct message_reply *reply);
void model_webhook_effect(struct world *world, const struct effect *effect);
struct model_job *model_webhook_accept(struct world *world, const struct effect *effect);
void model_webhook_check(struct world *world, const struct effects *effects);
void model_webhook_check_queries(struct world *world, uint32_t user);
void model_webhook_committed(struct model *model);
void model_webhook_crashed(struct model *model);

/* ---- model_store.c, model_query.c: between two turns ---- */

/* Compares the store with the memory by restoring a second core from it. */
void model_check_restore(struct world *world);
bool model_draft_is_kept(struct slice error_code); /* for who tries the job again */
/* Compares what jobs are told that they wait for with all that wait. */
void model_check_positions(struct world *world);
/* Compares lists, job states, events and documents with the model. */
void model_check_queries(struct world *world);
/* model_documents.c: compares the lists of documents with the model. */
void model_check_documents(struct world *world);
/* Everything has ended: every job's record, documents and events. */
void model_check_end(struct world *world);

#endif
