#include "actors/metrics.h"

#include <stdio.h>
#include "actors/runtime.h"
#include "base/process_metrics.h"

enum {
    PROGRAM_SIZE_MAX = 32,
};

#define METRIC(name, type, unit, help)         \
    {                                          \
        name, type, unit, help, {"role"}, NULL \
    }

static const struct metric turn_at =
    METRIC("troupe_actor_turn_time_seconds", METRIC_GAUGE, "seconds",
           "When the loop last told its numbers, in seconds since 1970: long ago if it stands.");
static const struct metric connected = METRIC("troupe_actor_connected", METRIC_GAUGE, NULL,
                                              "1 while there is a session with the broker.");
static const struct metric slots =
    METRIC("troupe_actor_slots", METRIC_GAUGE, NULL, "Jobs that it can have at once.");
static const struct metric refused = METRIC("troupe_actor_refused_frames", METRIC_COUNTER, NULL,
                                            "Frames of the broker that could not be read.");
static const struct metric started =
    METRIC("troupe_actor_started_attempts", METRIC_COUNTER, NULL, "Attempts that were started.");
static const struct metric jobs = {
    "troupe_actor_jobs",
    METRIC_GAUGE,
    NULL,
    "Jobs that are held: at work, or ended and not yet confirmed by the broker.",
    {"role", "state"},
    NULL,
};
static const struct metric ended = {
    "troupe_actor_ended_attempts",  METRIC_COUNTER,      NULL,
    "Attempts that ended, by how.", {"role", "outcome"}, NULL,
};

static void fire(void *context)
{
    struct runtime *runtime = context;
    const struct actor_snapshot snapshot = {
        .now = clock_now_ms(&runtime->clock),
        .role = runtime->options.role->name,
        .connected = runtime->session.state == SESSION_STATE_OPEN,
        .slots = runtime->leases.slots,
        .working = runtime->leases.working,
        .unacknowledged = runtime->leases.count - runtime->leases.working,
        .frames_refused = runtime->frames_refused,
        .meters = runtime->meters,
    };
    metrics_listener_publish(runtime->metrics, &snapshot);
    loop_timer_start(runtime->loop, &runtime->tell, METRICS_PUBLISH_MS);
}

enum status actor_metrics_open(struct runtime *runtime, const char *address)
{
    enum status status = metrics_listener_new(address, sizeof(struct actor_snapshot),
                                              actor_metrics_write, NULL, &runtime->metrics);
    if (status == STATUS_OK) {
        runtime->tell = (struct timer){.fire = fire, .context = runtime};
        fire(runtime);
    }
    return status;
}

void actor_metrics_close(struct runtime *runtime)
{
    if (runtime->metrics != NULL) {
        loop_timer_stop(runtime->loop, &runtime->tell);
        metrics_listener_destroy(&runtime->metrics);
    }
}

static void write_attempts(const struct actor_snapshot *actor, struct metrics_writer *writer)
{
    metrics_begin(writer, &jobs);
    metrics_integer(writer, (const char *const[]){actor->role, "working"}, actor->working);
    metrics_integer(writer, (const char *const[]){actor->role, "unacknowledged"},
                    actor->unacknowledged);
    metrics_begin(writer, &started);
    metrics_integer(writer, &actor->role, actor->meters.started);
    metrics_begin(writer, &ended);
    metrics_integer(writer, (const char *const[]){actor->role, "completed"},
                    actor->meters.completed);
    metrics_integer(writer, (const char *const[]){actor->role, "released"}, actor->meters.released);
    for (int kind = 0; kind < FAIL_KIND_COUNT; kind++) {
        const char *const labels[] = {actor->role, fail_kind_name((enum fail_kind)kind)};
        metrics_integer(writer, labels, actor->meters.failed[kind]);
    }
}

void actor_metrics_write(void *context, const void *snapshot, struct metrics_writer *writer)
{
    const struct actor_snapshot *actor = snapshot;
    char program[PROGRAM_SIZE_MAX];
    (void)context;
    snprintf(program, sizeof(program), "troupe-actor-%s", actor->role);
    process_metrics_write(writer, program);
    metrics_begin(writer, &turn_at);
    metrics_number(writer, &actor->role, (double)actor->now / 1000);
    metrics_begin(writer, &connected);
    metrics_integer(writer, &actor->role, actor->connected);
    metrics_begin(writer, &slots);
    metrics_integer(writer, &actor->role, actor->slots);
    metrics_begin(writer, &refused);
    metrics_integer(writer, &actor->role, actor->frames_refused);
    write_attempts(actor, writer);
    call_meter_write(&actor->meters.calls, writer);
}
