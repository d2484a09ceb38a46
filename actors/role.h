#ifndef TROUPE_ACTORS_ROLE_H
#define TROUPE_ACTORS_ROLE_H

/*
 * How to write a role.
 *
 * A role is a table of steps, read from top to bottom: what a job of this kind does, and how far it
 * is after each step. The runtime does everything else: it takes jobs, keeps their leases, reports
 * progress, aborts what is cancelled or too late, keeps the result until the broker has it. One
 * task is one attempt at one job; thousands run at once on one thread.
 *
 *     static const struct step steps[] = {
 *         {20, "character_loaded", load},      // calls task_next before it returns
 *         {60, "image_started", ask_provider}, // starts something; calls task_next later
 *         {100, "completed", finish},          // calls task_done
 *     };
 *     const struct role role_image = {"image", JOB_KIND_IMAGE, sizeof(struct image), steps, 3,
 *                                    end};
 *
 * - A step ends by exactly one of task_next, task_done and task_fail, in the step itself or in a
 *   callback of something that it started. After task_done and task_fail the role is not called
 *   again, but for its close and end functions.
 * - task_next reports the step's percentage and name to the broker, then runs the next one. The
 *   last step's percentage is never sent: DONE says it.
 * - What a task keeps between steps is its state: state_size zeroed bytes that come with the task.
 *   end releases what it owns; it is called once, however the task ends, and with state in any
 *   condition that a step can leave it in.
 * - A task may be aborted (cancelled, timed out, lease lost, process stopping) whenever it waits:
 *   its request and timer are stopped, no callback follows, end is called. A role need not know.
 * - An attempt that is to end without success (task_fail, a cancel, its time) is closed first, if
 *   the role has a close: there it tells the provider what is wanted no longer, and records what
 *   became of it. It ends by task_closed, within CLOSE_MS; the attempt's end is told after that.
 * - One thing at a time: a task has at most one operation, one request and one delay under way, of
 *   each kind.
 * - Never block. Never pay twice: task_operation with INTENT, and only in its callback the request
 *   that costs money.
 * - A draft (task_set_draft) goes to the broker with the next report, and to the next attempt as
 *   input: put finished results into it, so that they are not done again.
 */

#include "actors/http.h"
#include "proto/messages.h"

struct task;
struct providers;
struct asset_store;

/* How an attempt is to end. */
struct ending {
    enum fail_kind kind;
    bool is_final;   /* the job ends with it, as far as is known: it may be another's already */
    bool is_timeout; /* its time is over; likewise */
};

typedef void step_function(struct task *task);
typedef void close_function(struct task *task, const struct ending *ending);
typedef void task_function(struct task *task, void *context);
typedef void task_response_function(struct task *task, void *context,
                                    const struct http_response *response);

struct step {
    uint8_t percent;  /* 0..100, rising */
    const char *name; /* of at most STEP_SIZE_MAX bytes */
    step_function *run;
};

struct role {
    const char *name; /* of the program's name and the logs */
    enum job_kind kind;
    size_t state_size;
    const struct step *steps;
    size_t step_count;     /* 1..STEPS_MAX */
    uint8_t uses;          /* of providers: bit set of enum provider_use */
    step_function *end;    /* may be NULL */
    close_function *close; /* may be NULL: see above */
};

/* What the broker knows of an operation of this job, from this or an earlier attempt. */
struct recorded_operation {
    uint8_t operation;
    enum operation_state state;
    uint32_t lease;
    uint32_t call;  /* the lease under which the call was made first */
    int64_t at_ms;  /* of that state, since 1970; 0: not told */
    uint32_t price; /* micro-dollars */
    struct slice provider;
    struct slice task;
};

/* ---- what a task is given; all slices live as long as the task ---- */

/* The job as the broker sent it: ids, owner, payload, character_document, source_document,
 * draft, attempt. */
const struct message_job *task_job(const struct task *task);

/* The recorded operations, at most OPERATIONS_MAX. */
const struct recorded_operation *task_operations(const struct task *task, size_t *count_out);

void *task_state(struct task *task);
struct providers *task_providers(struct task *task);
struct asset_store *task_assets(struct task *task);

/* Milliseconds since 1970. */
int64_t task_now_ms(const struct task *task);

/* Milliseconds until the attempt's time is over; not above 0 when it is. */
int64_t task_left_ms(const struct task *task);

/* ---- what a task can do ---- */

/* The current step is over. */
void task_next(struct task *task);

/* Reports progress within the current step, if it is news. percent never falls: a lower one counts
 * as the highest so far. step is a literal. */
void task_progress(struct task *task, uint8_t percent, const char *step);

/* Replaces the draft by a copy; at most DOCUMENT_SIZE_MAX bytes (a larger one is not kept: the
 * next attempt does more). */
void task_set_draft(struct task *task, struct slice draft);

/* The broker does not let a call be made, for retry_after_ms. may_be_recorded: an earlier copy of
 * the intent may be on record all the same. */
typedef void task_denied_function(struct task *task, void *context, enum denial reason,
                                  int64_t retry_after_ms, bool may_be_recorded);

/* What a role records of an operation. */
struct operation_record {
    uint8_t operation;
    enum operation_state state;
    enum charge charged;
    bool repeats;                 /* one whose outcome is unknown */
    uint32_t call;                /* the lease under which the call was made first; 0: this one */
    uint32_t price;               /* micro-dollars of the call, when it is charged */
    const char *provider;         /* lives as long as the program */
    struct slice task;            /* the provider's id; may be empty */
    task_denied_function *denied; /* of an INTENT: called in place of the callback */
};

/* Records the state of an operation, copied, and calls back once that is durable. */
void task_operation(struct task *task, const struct operation_record *record,
                    task_function *callback, void *context);

/* Tells the state of an operation, which nothing waits for: it is lost with its session. */
void task_tell_operation(struct task *task, const struct operation_record *record);

/* A provider is called, since began_at_ms: what the next report tells of (PROGRESS's when the call
 * has ended well, FAIL's otherwise). provider lives as long as the program. */
void task_call_begins(struct task *task, const char *provider, enum call_purpose purpose,
                      int64_t began_at_ms);

/* The call under way has an answer that is taken; price: of it, in micro-dollars, 0 for none. */
void task_call_ends(struct task *task, uint32_t price);

/* Tells the broker how a call went; retry_after_ms is the provider's wish. failures is 0 when only
 * that is to be told. */
struct provider_endpoint;
void task_report_success(struct task *task, struct provider_endpoint *endpoint);
void task_report_failure(struct task *task, const struct provider_endpoint *endpoint,
                         enum provider_fault fault, uint32_t failures, int64_t retry_after_ms);

/* Performs a request and calls back with what became of it: later, or from within when it cannot
 * even be started (HTTP_OUTCOME_NOT_MADE, without memory), so that nothing of the caller's may be
 * undone behind it. What request points to may go at once, but its write_context, which must live
 * as long as the task's state. */
void task_request(struct task *task, const struct http_request *request,
                  task_response_function *callback, void *context);

/* Goes on with the request whose write function said AGAIN. */
void task_resume(struct task *task);

/* Ends the request that is under way, if there is one. Not from its write function. */
void task_request_abort(struct task *task);

/* Calls back delay_ms from now, always later. */
void task_after(struct task *task, int64_t delay_ms, task_function *callback, void *context);

/* Calls back no more, if it was to. */
void task_after_stop(struct task *task);

/* The job is completed. document: the character or the media entry. media: a character job's
 * portrait entry, or empty. url: the result's asset. All are copied. */
void task_done(struct task *task, struct slice url, struct slice document, struct slice media);

/* What close began is over. */
void task_closed(struct task *task);

/* The attempt failed. message is cut to the wire's limit and cleaned of what is not text. */
void task_fail(struct task *task, enum fail_kind kind, const char *code, struct slice message,
               int64_t retry_after_ms);

#endif
