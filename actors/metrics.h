#ifndef TROUPE_ACTORS_METRICS_H
#define TROUPE_ACTORS_METRICS_H

/* What an actor tells Prometheus: a copy of its numbers once a second, for the listener's thread
 * (base/metrics_listener.h). Part of the runtime. */

#include "actors/call_meter.h"
#include "base/metrics_listener.h"
#include "proto/codes.h"

struct runtime;

/* What a runtime counts. */
struct actor_meters {
    uint64_t started; /* attempts */
    uint64_t completed;
    uint64_t failed[FAIL_KIND_COUNT];
    uint64_t released; /* leases handed back */
    struct call_meter calls;
};

struct actor_snapshot {
    int64_t now; /* of the wall clock */
    const char *role;
    bool connected; /* there is a session with the broker */
    uint64_t slots;
    uint64_t working;
    uint64_t unacknowledged; /* results that the broker has not confirmed */
    uint64_t frames_refused;
    struct actor_meters meters;
};

/* Opens the listener and starts to tell. Returns as metrics_listener_new. */
enum status actor_metrics_open(struct runtime *runtime, const char *address);
void actor_metrics_close(struct runtime *runtime);

/* Writes a struct actor_snapshot. Any thread. */
void actor_metrics_write(void *context, const void *snapshot, struct metrics_writer *writer);

#endif
