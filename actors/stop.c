/* The graceful stop: no new jobs, time for those at work, the rest handed back, BYE. */

#include <assert.h>
#include "actors/limits.h"
#include "actors/runtime.h"
#include "actors/task.h"
#include "base/log.h"

static void hand_back(struct runtime *runtime)
{
    size_t count = 0;
    size_t cursor = 0;
    for (struct lease *lease = leases_next(&runtime->leases, &cursor); lease != NULL;
         lease = leases_next(&runtime->leases, &cursor)) {
        if (lease->state == LEASE_STATE_WORKING) {
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

static void on_grace_over(void *context)
{
    struct runtime *runtime = context;
    hand_back(runtime);
    say_bye(runtime);
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
    if (runtime->phase == RUNTIME_PHASE_DRAINING && runtime->leases.count == 0) {
        loop_timer_stop(runtime->loop, &runtime->grace);
        say_bye(runtime);
    }
}
