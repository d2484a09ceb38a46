#ifndef TROUPE_ACTORS_RUNTIME_H
#define TROUPE_ACTORS_RUNTIME_H

/*
 * What an actor process is made of: one loop, one connection, the session on it, the leases held
 * and their tasks. It knows no role but through role.h. The struct is visible to the runtime's own
 * files (runtime, inbox, task, stop); main makes the one instance.
 */

#include "actors/leases.h"
#include "actors/limits.h"
#include "actors/metrics.h"
#include "actors/outbox.h"
#include "actors/role.h"
#include "actors/session.h"
#include "base/clock.h"

enum {
    TIMERS_OF_RUNTIME = 10 + STORE_CLEANUPS_MAX, /* its own and those of its parts */
    TIMERS_OF_TASK = 3, /* its own two, and that of what it writes to or reads from the store */
};

typedef void runtime_ready_function(void *context);

struct runtime_options {
    const struct role *role;
    const char *endpoint;
    size_t slots;
    int64_t grace_ms;
    int64_t paid_grace_ms;         /* after that, for paid calls that would be made again */
    const char *metrics_address;   /* NULL: nothing is told */
    struct providers *providers;   /* borrowed; for the role */
    struct asset_store *assets;    /* borrowed; for the role; NULL with the null provider */
    runtime_ready_function *ready; /* called at the first WELCOME */
    void *ready_context;
};

enum runtime_phase {
    RUNTIME_PHASE_WORKING,
    RUNTIME_PHASE_DRAINING, /* no more jobs; those at work may end within the grace period */
    RUNTIME_PHASE_PAID,     /* that is over; only paid calls under way are waited for */
    RUNTIME_PHASE_OVER,     /* BYE was said */
};

struct runtime {
    struct runtime_options options;
    struct loop *loop;
    struct link *link;
    struct http *http;
    struct clock clock;
    struct session session;
    struct leases leases;
    struct outbox outbox;
    struct id instance;
    char host[HOST_SIZE_MAX + 1];
    enum runtime_phase phase;
    bool was_ready;
    struct timer duty;   /* of the session */
    struct timer grace;  /* of draining */
    struct timer idle;   /* hands back who has no paid call under way any more */
    struct timer report; /* calls that went well are told together */
    struct timer reopen; /* of a connection whose sockets could not be made again */
    struct task *ended;  /* freed at the turn's end */
    uint64_t frames_refused;
    struct actor_meters meters;
    struct metrics_listener *metrics; /* NULL without an address */
    struct timer tell;                /* hands the numbers to it */
    int64_t error_sent_ms;
};

/* Returns OK, NO_MEMORY, INVALID (the endpoint) or IO. */
enum status runtime_init(struct runtime *runtime, const struct runtime_options *options);
void runtime_fini(struct runtime *runtime);

/* Works until a stop is over. */
void runtime_run(struct runtime *runtime);

/* Takes no more jobs, finishes what ends within the grace period, hands the rest back, but for paid
 * calls under way, which have their own, and ends runtime_run. */
void runtime_stop(struct runtime *runtime, const char *reason);

/* Waits no longer for paid calls: hands them back. Only in RUNTIME_PHASE_PAID. */
void runtime_hurry(struct runtime *runtime);

/* ---- for the runtime's own files ---- */

/* Sends a record in the session that is open; without one it is dropped: WELCOME makes
 * everything be told again. */
void runtime_write(struct runtime *runtime, const struct message *message);

/* The credit to tell in a record that is written now. */
uint64_t runtime_credit(struct runtime *runtime);

/* Hands a lease back. */
void runtime_release(struct runtime *runtime, const struct id *job, uint32_t lease);

/* Keeps a DONE or FAIL for its ACK and sends it. record: an OPERATION that is told before it, each
 * time that it is sent; NULL for none. The lease ends, or is handed back when there is no memory.
 */
void runtime_end_lease(struct runtime *runtime, struct lease *lease, struct message *message,
                       const struct message *record);

/* Sends the result of a lease that has ended. */
void runtime_send_result(struct runtime *runtime, const struct lease *lease);

/* Tells the broker how a provider's call went: failures at once, successes once a second. */
void runtime_report_success(struct runtime *runtime, struct provider_endpoint *endpoint);
void runtime_report_failure(struct runtime *runtime, const struct provider_endpoint *endpoint,
                            enum provider_fault fault, uint32_t failures, int64_t retry_after_ms);

/* Takes one frame of the broker (inbox.c). */
void runtime_take_frame(struct runtime *runtime, struct slice frame);

/* Tells a WELCOME's session everything that it must know (runtime.c). */
void runtime_repeat(struct runtime *runtime);

/* A task has no longer the paid call under way that it had, or may make no more (stop.c). */
void runtime_call_is_over(struct runtime *runtime);

/* Ends the process's work when draining is over (stop.c). Called once a turn. */
void runtime_stop_if_drained(struct runtime *runtime);

#endif
