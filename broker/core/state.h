#ifndef TROUPE_BROKER_CORE_STATE_H
#define TROUPE_BROKER_CORE_STATE_H

/*
 * The inside of the core: its state, and what its files call of one another. Not for anybody else.
 * Jobs are named by their index in the slab, workers and users by theirs. `now` and `effects` are
 * those of the step that is running.
 */

#include <assert.h>
#include "broker/core/changes.h"
#include "broker/core/core.h"
#include "broker/core/ended.h"
#include "broker/core/endpoints.h"
#include "broker/core/groups.h"
#include "broker/core/kinds.h"
#include "broker/core/last_errors.h"
#include "broker/core/limiter.h"
#include "broker/core/meters.h"
#include "broker/core/minute.h"
#include "broker/core/order.h"
#include "broker/core/pace.h"
#include "broker/core/providers.h"
#include "broker/core/rounds.h"
#include "broker/core/slab.h"
#include "broker/core/table.h"
#include "broker/core/timers.h"
#include "broker/core/users.h"
#include "broker/core/uses.h"
#include "broker/core/waiting.h"
#include "broker/core/workers.h"

struct queue {
    struct limiter limiter;
    uint32_t users;       /* ring of those whose turn may come: who is next, or JOB_NONE */
    uint32_t workers;     /* first of WORKER_LIST_CREDIT: who gets the next job, or JOB_NONE */
    uint32_t active;      /* leased jobs */
    uint32_t open;        /* workers that take jobs, now or when they have credit again */
    uint64_t credit;      /* jobs that they would take now */
    struct rounds rounds; /* of the jobs in the users' orders */
    struct pace pace;
    int64_t paced_until; /* no job starts before: its provider is probed, or at its limit */
    struct minute minute;
    uint64_t ended[JOB_STATE_COUNT];       /* jobs that ended so and are still kept */
    uint32_t waiting[WAITING_CLASS_COUNT]; /* those that wait their turn: waiting.h */
    bool paused;                           /* it starts nothing */
    struct meters meters;
};

/* Users that have spent money today, those of an earlier day first. */
struct spenders {
    uint32_t first, last; /* or JOB_NONE */
    uint32_t count;
};

/* The money of all users together, in micro-dollars. */
struct purse {
    uint64_t reserved;
    uint64_t spent; /* on spent_day, in days since 1970 */
    uint32_t spent_day;
};

struct core {
    struct core_options options;
    int64_t now;     /* of this step or the last */
    uint64_t commit; /* of this turn */
    uint64_t event_last;
    uint64_t audit_last; /* lines of the audit log */
    uint64_t session_last;
    uint32_t delivered; /* deliveries made in this step */
    uint32_t live;      /* jobs that are not in a terminal state */
    uint32_t ended;     /* jobs that ended in this step, chained by hash_next */
    uint8_t kind_first; /* the queue that hands out first in the next tick */
    bool started;       /* the first step has been made ... */
    int64_t started_at; /* ... at this time */
    bool space_low;
    bool unfinished; /* the last tick ran out of room for effects */
    struct effects *effects;
    struct slab slab;
    struct table jobs; /* by id */
    struct timers timers;
    struct users users;
    struct groups groups;
    struct workers workers;
    struct endpoints endpoints;
    struct spenders spenders;
    struct purse everybody;
    struct uses uses;
    struct queue queues[JOB_KIND_COUNT];
    struct providers providers;
    struct bulks bulks;
    struct changes changes;
    struct ended ended_lately;
    struct last_errors last_errors;
    struct core_statistics statistics; /* workers and credit are counted when asked for */
};

static inline struct job *core_job(const struct core *core, uint32_t index)
{
    return slab_job(&core->slab, index);
}

static inline struct worker *core_worker(const struct core *core, uint32_t index)
{
    return workers_worker(&core->workers, index);
}

static inline struct endpoint *core_endpoint(const struct core *core, uint32_t index)
{
    return endpoints_endpoint(&core->endpoints, index);
}

/* Live jobs that somebody asked for: deliveries have a limit of their own. */
static inline uint64_t core_asked(const struct core *core)
{
    const uint64_t *deliveries = core->statistics.live[JOB_KIND_WEBHOOK];
    return core->live - deliveries[JOB_STATE_WAITING] - deliveries[JOB_STATE_ACTIVE];
}

static inline struct user_queue *core_user_queue(const struct core *core, const struct job *job)
{
    return &users_user(&core->users, job->owner)->queues[job->kind];
}

static inline const struct kind_rules *job_rules(const struct job *job)
{
    return kind_rules(job->kind);
}

/* What went wrong with a job, for its owner. */
struct failure {
    struct slice code;
    struct slice message;
    struct call call; /* that it came of, or that ended with it */
};
#define FAILURE_NONE ((struct failure){.code = SLICE_EMPTY})
#define FAILURE(code_text, message_text) \
    ((struct failure){.code = SLICE_LITERAL(code_text), .message = SLICE_LITERAL(message_text)})

/* ---- core.c ---- */

/* Returns the slab index of a live job, or JOB_NONE. */
uint32_t core_index(const struct core *core, const struct id *id);

/* ---- emit.c: effects ---- */

/* Appends an effect; zeroed but for its type. */
struct effect *emit(struct core *core, enum effect_type type);

/* Appends one about a job: job, owner, id, lease. */
struct effect *emit_job(struct core *core, enum effect_type type, uint32_t index);

/* Appends one for a worker about a lease; it has a session. */
struct effect *emit_to_worker(struct core *core, enum effect_type type, const struct worker *worker,
                              const struct id *job, uint32_t lease);

/* Counts and appends an event of the job as it is, with its deliveries. Callers may add to it. */
struct message_event *emit_event(struct core *core, uint32_t index, enum event_kind kind,
                                 struct failure failure);

/* Appends SAVE. What a job failed of that waits to be tried again is kept, and told with everything
 * that changes of it until then. */
void emit_save(struct core *core, uint32_t index, struct failure failure);

/* Appends SAVE and an event: every change that is seen outside has both. Of failure: see above. */
struct message_event *emit_change(struct core *core, uint32_t index, enum event_kind kind,
                                  struct failure failure);

/* Answers a gateway's request, by its number, and counts it when it is refused. */
void emit_reply(struct core *core, const struct core_event *event, uint64_t request,
                struct message_reply reply);

/* Refuses what a peer sent. */
void emit_error(struct core *core, uint64_t peer, enum error_code code);

/* Whether another job's change fits into this step, of which `most` effects may be used. */
bool emit_has_room(const struct core *core, uint32_t most);

/* ---- transition.c: the only place that writes a job's state ---- */

/* Reserves everything that one more job of this kind and owner needs, or so many of each kind, or
 * nothing; *user gets a reference. Returns OK or NO_MEMORY. */
enum status job_reserve(struct core *core, uint8_t kind, struct slice owner, uint32_t *user);
enum status jobs_reserve(struct core *core, const uint32_t counts[JOB_KIND_COUNT],
                         struct slice owner, uint32_t *user);

/* Puts a new job, complete but for its place in orders and lists, into its first state. */
void job_begin(struct core *core, uint32_t index, enum job_state state);

/* Puts an ended job that was read from the store, complete likewise, among the waiting ones. Its
 * state is still the one that it ended in. */
void job_revive(struct core *core, uint32_t index);

/* Moves a live job to another state, with everything that hangs on it: counts, order, lease, timer.
 * To ACTIVE: worker_index and attempt_at are set. To WAITING: next_attempt_at is set. */
void job_transition(struct core *core, uint32_t index, enum job_state state);

/* Ends a job: the transition, END and the event. */
void job_end(struct core *core, uint32_t index, enum job_state state, struct result result,
             struct failure failure);

/* The event that tells of it. */
enum event_kind job_end_event(enum job_state state);

/* Puts a waiting job whose delay is over into its owner's order. */
void job_offer(struct core *core, uint32_t index);

/* Puts a job that waits its turn among those of its class, after its class has changed. */
void job_classify(struct core *core, uint32_t index);

/* Whether the job's user may have one more at work in its queue. */
bool job_is_below_cap(const struct core *core, const struct job *job);

/* When something happens to the job by its times alone. */
int64_t job_due(const struct core *core, const struct job *job);

/* Sets the job's timer by that. */
void job_watch(struct core *core, uint32_t index);

/* ---- submit.c, cancel.c, retry.c: requests of gateways ---- */

void core_submit(struct core *core, const struct core_event *event);
void core_cancel(struct core *core, const struct core_event *event);
void core_retry(struct core *core, const struct core_event *event);

/* Whether what a job is made from, looked up at `commit`, may have changed since. */
bool submit_documents_changed(const struct core *core, uint8_t kind, const struct id *character,
                              const struct id *source, uint64_t commit);

/* Whether every field of a request for a job is in its range. */
bool submit_is_valid(const struct message_submit *submit, int64_t now);

/* Why a job cannot be made of these documents; OK when it can. */
enum reply_code submit_judge_documents(uint8_t kind, enum fact_owned character,
                                       enum fact_owned source);

/* Accepts a job for which room has been reserved: ACCEPT and its first event. links may be NULL.
 * Returns its index. */
uint32_t submit_begin(struct core *core, const struct message_submit *submit, uint32_t user,
                      const struct job_links *links);

/* What a request that a live job stands for is answered. */
struct message_reply submit_reply(const struct job *job);

/* Cancels a live job: at once, or by asking its worker. */
void cancel_job(struct core *core, uint32_t index);

/* ---- dedupe.c ---- */

bool dedupe_is_valid(const struct message_submit *submit);

/* Whether the key may have passed to another job since it was looked up, or that job may have
 * ended, been tried again or gone. */
bool dedupe_changed(const struct core *core, const struct message_submit *submit,
                    const struct facts *facts);

/* The key is this new job's from now on. */
void dedupe_note(struct core *core, const struct message_submit *submit);

/* Gives the answer to a SUBMIT, whose facts are resolved, when another job stands for its own. */
bool dedupe_find(const struct core *core, const struct core_event *event,
                 struct message_reply *out);

/* ---- dependants.c: jobs that wait for another one ---- */

static inline bool job_waits_for_parent(const struct core *core, const struct job *job)
{
    return job->member != JOB_NONE && groups_waits(&core->groups, job->member);
}

/* Makes a new or restored job a member of its group; room has been reserved. A pending one waits
 * for its parent. */
void dependants_join(struct core *core, uint32_t index, const struct job_links *links,
                     enum job_state state);

/* A job has ended: those that wait for it may start, or are listed to be failed. */
void dependants_settle(struct core *core, uint32_t index);

/* Fails those that wait for what will never be, as many as a step's effects have room for. */
void dependants_fail(struct core *core);

/* ---- group_judge.c ---- */

/* Whether a job of a group is made from what must be there already. */
bool group_needs_documents(const struct message_submit *item);

/* Why a new group is refused, and for which of its jobs (from 1; 0: none of them); OK when it is
 * not. Its facts are resolved. */
enum reply_code group_judge(const struct core *core, const struct core_event *event,
                            uint32_t *item);

/* ---- group.c: requests of gateways for groups ---- */

void core_submit_group(struct core *core, const struct core_event *event);
void core_cancel_group(struct core *core, const struct core_event *event);

/* ---- delete.c: documents that are to go ---- */

void core_delete_document(struct core *core, const struct core_event *event);
void core_removed(struct core *core, const struct core_event *event);

/* ---- webhook.c: endpoints, and the deliveries of events ---- */

void core_put_endpoint(struct core *core, const struct core_event *event);
void core_delete_endpoint(struct core *core, const struct core_event *event);

/* Makes the deliveries of an event, which stays where it is until the step's effects go. */
void webhook_notify(struct core *core, uint32_t index, const struct message_event *event);

/* Disables the endpoint of a delivery. */
void webhook_disable(struct core *core, uint32_t job_index);

/* Whether the owner has this endpoint, disabled or not. */
bool webhook_is_known(const struct core *core, struct slice owner, const struct id *endpoint);

/* Whether there is room for one more delivery of an owner, who may have nothing live. */
bool webhook_has_room(const struct core *core, struct slice owner);

/* ---- queue.c: queues as a whole ---- */

void core_set_queue(struct core *core, const struct core_event *event);

/* ---- worker.c: the orders of workers ---- */

void core_set_worker(struct core *core, const struct core_event *event);

/* Tells a worker with an open session to end. */
void worker_stop(struct core *core, uint32_t worker);

/* The worker is gone: what it was told is forgotten. */
void worker_forget_orders(struct core *core, const struct worker *worker);

/* ---- change.c: what those who run the stack do with one job ---- */

void core_change(struct core *core, const struct core_event *event);

/* ---- bulk.c: the same with many ---- */

void core_start_bulk(struct core *core, const struct core_event *event);
void core_stop_bulk(struct core *core, const struct core_event *event);
void core_page(struct core *core, const struct bulk_page *page);
/* ---- audit.c: who did what ---- */

/* Takes a line about what the gateway or the shell has decided. */
void core_note_audit(struct core *core, const struct core_event *event);

/* Emits the line of a request that this step has answered, when it was made with an action. */
void audit_request(struct core *core, const struct core_event *event);

/* ---- sweep.c: what is kept no longer ---- */

/* Lets go of it: EXPIRE. */
struct effect *sweep_expire(struct core *core, const struct swept *swept);

void core_sweep(struct core *core, const struct sweep *sweep);

/* ---- session.c: sessions and their messages ---- */

void core_actor(struct core *core, const struct core_event *event);
void session_peer_lost(struct core *core, uint64_t peer);

/* Ends the session of a worker or the wait for one: its leases are taken back as lost. */
void session_expire(struct core *core, uint32_t worker);

/* Puts a worker into the turn for jobs, or out of it, by its credit, and counts what it takes;
 * after each change of its state, credit or dispatched. */
void session_offer(struct core *core, uint32_t worker);

/* Forgets a worker that has neither session nor leases. */
void session_settle(struct core *core, uint32_t worker);

/* ---- gate.c: what jobs may ask of providers ---- */

/* Counts how a declared provider's calls went; what the session has not declared is passed over. */
void gate_report(struct core *core, uint32_t worker, const struct message_report *report);

struct permit {
    bool is_granted;
    enum denial denial; /* it is not */
    uint64_t retry_after_ms;
    struct slice account; /* it is: that it counts for, or empty; valid until the next step */
};

/* Whether a worker may make a call, which counts when it may; otherwise why not, and for how long.
 * A provider that its session has not declared may always be called. */
struct permit gate_permit(struct core *core, const struct worker *worker, struct slice provider);

/* Counts what a job of this kind has spent with a provider, which may be none. */
void gate_spent(struct core *core, struct slice provider, uint8_t kind, uint64_t amount);

/* What the providers that a queue's jobs need allow. */
struct providers_gate gate_of(const struct core *core, uint8_t kind, int64_t now);

/* Until when none of the providers may be called that jobs of this kind need for one of their
 * calls, because they are down; INT64_MIN while that is so of none. */
int64_t gate_outage(const struct core *core, uint8_t kind);

/* ---- costs.c: money ---- */

struct estimate {
    uint64_t amount; /* micro-dollars */
    bool is_known;   /* actors have told of a provider for each call */
};

/* What a job of this kind will cost, when each of its calls is made once, with the provider that is
 * asked first. */
struct estimate costs_estimate(const struct core *core, uint8_t kind);
void costs_add(struct estimate *sum, struct estimate estimate);

/* Whether the owner's budget allows for jobs of this estimate; a refusal is counted. Jobs that are
 * known to cost nothing are always allowed, those of which nothing is known while there is
 * something left. */
bool costs_permit(struct core *core, struct slice owner, struct estimate estimate);

/* What such a refusal is answered. */
struct message_reply costs_refusal(const struct core *core, struct slice owner,
                                   struct estimate estimate);

/* Adds the warning to the answer when accepted jobs have brought their owner above where it
 * begins. */
void costs_warn(struct core *core, struct slice owner, uint64_t estimate,
                struct message_reply *reply);

/* A job begins to live: its owner's reserve. */
void costs_begin(struct core *core, uint32_t index);

/* An operation is recorded: opens it, or counts it. before_lease: the job's paid_lease before. */
void costs_operation(struct core *core, uint32_t index, const struct message_operation *operation,
                     uint32_t before_lease, struct spend *out);

/* A job is about to end: counts what is open, and releases the reserve. */
void costs_end(struct core *core, uint32_t index, bool is_success, struct slice provider,
               struct spend *out);

uint64_t costs_spent_today(const struct core *core, const struct user *user);

/* Forgets those whose day is over. */
void costs_tick(struct core *core);

/* ---- lease.c, result.c: messages about leases ---- */

enum lease_standing {
    LEASE_STANDING_CURRENT, /* this worker holds it */
    LEASE_STANDING_OLD,     /* lost, but its success could still be used */
    LEASE_STANDING_DEAD,    /* nothing can come of it */
};

/* Says what a lease number of a worker is worth; *index is the live job, or JOB_NONE. */
enum lease_standing lease_look(const struct core *core, const struct worker *worker,
                               const struct id *job, uint32_t lease, uint32_t *index);

/* Tells the holder of a job's lease to forget it, if it can be told. */
void lease_stop(struct core *core, uint32_t index);

/* Asks the holder of a job's lease to stop, if it can be told. */
void lease_cancel(struct core *core, uint32_t index);

void lease_hold(struct core *core, uint32_t worker, const struct message_hold *hold);
void lease_progress(struct core *core, uint32_t worker, const struct message_progress *progress);
void lease_operation(struct core *core, uint32_t worker, const struct message_operation *operation);
void lease_done(struct core *core, uint32_t worker, const struct message_done *done);
void lease_fail(struct core *core, uint32_t worker, const struct message_fail *fail);

/* The shell could not read a job, which has not reached its worker and counts as no run. */
void lease_unread(struct core *core, uint32_t worker, const struct message_fail *fail);
void lease_release(struct core *core, uint32_t worker, const struct message_release *release);

/* ---- attempt.c: ends of an attempt that are no success; the job waits again or ends ---- */

void attempt_handed_back(struct core *core, uint32_t index, int64_t delay_ms);
void attempt_not_received(struct core *core, uint32_t index);

/* A disk failed to read what is to stop, which waits a while: it may be read the next time. */
void attempt_unread(struct core *core, uint32_t index);
void attempt_lost(struct core *core, uint32_t index);

/* The broker ends it: by its time, or since the job is to stop and its worker does not comply. */
void attempt_timed_out(struct core *core, uint32_t index);
void attempt_cut(struct core *core, uint32_t index);
void attempt_throttled(struct core *core, uint32_t index, struct failure failure,
                       uint64_t retry_after_ms);
void attempt_failed(struct core *core, uint32_t index, struct failure failure,
                    uint64_t retry_after_ms);

/* ---- tick.c, dispatch.c: the end of a turn ---- */

void core_tick(struct core *core);

/* Hands out jobs; sets core->unfinished when there was no room for all effects. */
void core_dispatch(struct core *core);

/* When a queue can hand out its next job; INT64_MAX while it waits for something else. */
int64_t core_dispatch_at(const struct core *core, enum job_kind kind);

#endif
