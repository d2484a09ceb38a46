#ifndef TROUPE_ACTORS_TASK_H
#define TROUPE_ACTORS_TASK_H

/*
 * One attempt at one job, as the runtime sees it; what a role sees is role.h. A task that has ended
 * is freed at the end of the turn, so that a role may still return through it.
 */

#include "actors/leases.h"
#include "actors/role.h"

struct runtime;

/* An operation whose OPERATION_ACK is awaited. */
struct pending_operation {
    bool waiting;
    uint8_t operation;
    enum operation_state state;
    enum charge charged;
    bool repeats;
    uint32_t call;
    uint32_t price;
    const char *provider; /* lives as long as the program */
    uint8_t task_size;
    uint8_t task[TASK_SIZE_MAX];
    task_function *callback;
    task_denied_function *denied;
    void *context;
    bool resent; /* in another session: the broker may have taken it twice */
};

/* What is said when the attempt has been closed. */
struct task_failure {
    enum fail_kind kind;
    const char *code; /* a literal */
    char message[ERROR_TEXT_SIZE_MAX + 1];
    int64_t retry_after_ms;
};

/* A provider's call, until it is told. */
struct task_call {
    enum call_purpose purpose; /* NONE: there is none */
    bool is_over;
    bool is_told; /* with the last report, and with that when it is repeated */
    const char *provider;
    int64_t began_at_ms;
    uint32_t took_ms;
    uint32_t price; /* micro-dollars */
};

struct task {
    struct runtime *runtime;
    const struct role *role;
    struct lease *lease; /* NULL once the task has ended */
    struct message_job job;
    struct recorded_operation *operations;
    size_t operation_count;
    int64_t started_ms;         /* of the loop's clock */
    uint32_t price;             /* micro-dollars of the calls that this attempt has announced */
    const char *creditor;       /* of the paid call that was told last; NULL: none was ... */
    uint8_t creditor_operation; /* ... and its number */
    uint16_t calls; /* announced, and the outcome is not told: bit set of their numbers */
    void *state;

    size_t step;     /* index of the current one */
    bool step_ready; /* it is to be run */
    bool stepping;   /* task_run is at work: a task_next within it must not recurse */
    uint8_t percent; /* the last report */
    const char *step_name;
    struct buffer draft;
    bool draft_is_news;
    struct task_call call;

    struct timer timeout;
    struct timer delay;
    task_function *on_delay;
    void *delay_context;
    struct http_transfer *transfer;
    const char *provider; /* of the transfer, as the next two */
    const char *purpose;
    int64_t requested_at_ms;
    task_response_function *on_response;
    void *response_context;
    struct pending_operation pending;
    bool closing; /* the role is told of the failure that follows */
    struct task_failure failure;
    struct task *next_ended;
};

/* Makes a task for a lease from a JOB and its RECORDED operations, all copied. Returns OK or
 * NO_MEMORY. */
enum status task_new(struct runtime *runtime, struct lease *lease, const struct message_job *job,
                     const struct message_recorded *recorded, size_t recorded_count,
                     struct task **out);

/* Frees a task that has ended. */
void task_destroy(struct task **task);

/* Starts the clock of the attempt and the first step. */
void task_start(struct task *task);

/* The record that waits for its acknowledgement (task_operation.c); sends it, perhaps again. */
struct message task_pending_message(const struct task *task);
void task_send_pending(struct task *task);

/* OPERATION_ACK came. */
void task_operation_is_durable(struct task *task, uint8_t operation, enum operation_state state);

/* OPERATION_DENIED came. */
void task_operation_is_denied(struct task *task, uint8_t operation, enum denial reason,
                              uint64_t retry_after_ms);

/* Adds the call that is over, and the one that the attempt ends with (task_operation.c). */
void task_call_tell(struct task *task, struct message_progress *progress);
void task_call_tell_failed(struct task *task, struct message_fail *fail);

/* Tells the broker again what this session has not heard: the last report with the draft, and an
 * operation that waits. */
void task_repeat(struct task *task);

/* Stops the work and ends the attempt as CANCELLED. */
void task_cancel(struct task *task);

/* Stops the work without a result: the lease is no longer this process's. Frees the lease. */
void task_abandon(struct task *task);

/* The lease is over: abandons the work. What a cancel has begun to close is closed all the same,
 * though nothing of it is recorded any more: the provider would go on for nobody. */
void task_lease_over(struct task *task);

#endif
