/* The graceful stop: no new jobs, time for those at work, the rest handed back, BYE. A paid call
 * that would be made again by who gets the job has more time. */

#include <assert.h>
#include "actors/limits.h"
#include "actors/runtime.h"
#include "actors/task.h"
#include "base/log.h"

/* Whether a paid call is under way, or what came of one is not on record or told yet. */
static bool is_paying(const struct task *task)
{
    return task->calls != 0 || task->pending.waiting || task->closing;
}

/* but_paid: those with a paid call under way stay. */
static void hand_back(struct runtime *runtime, bool but_paid)
{
    size_t count = 0;
    size_t cursor = 0;
    for (struct lease *lease = leases_next(&runtime->leases, &cursor); lease != NULL;
         lease = leases_next(&runtime->leases, &cursor)) {
        bool stays = but_paid && lease->task != NULL && is_paying(lease->task);
        if (lease->state == LEASE_STATE_WORKING && !stays) {
            runtime_release(runtime, &lease->job, lease->number);
            task_abandon(lease->task);
            cursor--; /* another lease may have moved into its cell */
            count++;
        }
    }
    if (count > 0) {
        log_info("jobs handed back", "count=%zu", count);
    }
}

static void say_bye(struct runtime *runtime)
{
    struct message message = {.type = MESSAGE_TYPE_BYE};
    message.bye.reason = SLICE_LITERAL("stopped");
    runtime_write(runtime, &message);
    runtime->phase = RUNTIME_PHASE_OVER;
    log_info("stopped", "unacknowledged=%zu", runtime->leases.count);
    loop_stop(runtime->loop);
}

void runtime_hurry(struct runtime *runtime)
{
    assert(runtime->phase == RUNTIME_PHASE_PAID);
    loop_timer_start(runtime->loop, &runtime->grace, 0);
}

static void on_paid_grace_over(void *context)
{
    struct runtime *runtime = context;
    loop_timer_stop(runtime->loop, &runtime->idle);
    hand_back(runtime, false);
    say_bye(runtime);
}

static void on_idle(void *context)
{
    struct runtime *runtime = context;
    hand_back(runtime, true);
}

void runtime_call_is_over(struct runtime *runtime)
{
    if (runtime->phase == RUNTIME_PHASE_PAID) {
        loop_timer_start(runtime->loop, &runtime->idle, 0);
    }
}

static void on_grace_over(void *context)
{
    struct runtime *runtime = context;
    hand_back(runtime, true);
    if (runtime->leases.working == 0) {
        say_bye(runtime);
        return;
    }
    log_info("waiting for paid calls", "working=%zu grace_ms=%lld", runtime->leases.working,
             (long long)runtime->options.paid_grace_ms);
    runtime->phase = RUNTIME_PHASE_PAID;
    runtime->idle = (struct timer){.fire = on_idle, .context = runtime};
    runtime->grace.fire = on_paid_grace_over;
    loop_timer_start(runtime->loop, &runtime->grace, runtime->options.paid_grace_ms);
}

void runtime_stop(struct runtime *runtime, const char *reason)
{
    if (runtime->phase != RUNTIME_PHASE_WORKING) {
        return;
    }
    log_info("stopping: no more jobs are taken", "reason=\"%s\" working=%zu grace_ms=%lld", reason,
             runtime->leases.working, (long long)runtime->options.grace_ms);
    runtime->phase = RUNTIME_PHASE_DRAINING;
    session_drain(&runtime->session);
    runtime->grace = (struct timer){.fire = on_grace_over, .context = runtime};
    loop_timer_start(runtime->loop, &runtime->grace, runtime->options.grace_ms);
}

void runtime_stop_if_drained(struct runtime *runtime)
{
    bool is_stopping =
        runtime->phase == RUNTIME_PHASE_DRAINING || runtime->phase == RUNTIME_PHASE_PAID;
    if (is_stopping && runtime->leases.count == 0) {
        loop_timer_stop(runtime->loop, &runtime->grace);
        loop_timer_stop(runtime->loop, &runtime->idle);
        say_bye(runtime);
    }
}
