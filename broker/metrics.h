#ifndef TROUPE_BROKER_METRICS_H
#define TROUPE_BROKER_METRICS_H

/*
 * What the broker tells Prometheus. The loop hands over a copy of its numbers once a second;
 * everything else is done by the listener's thread (base/metrics_listener.h). Part of the shell.
 */

#include "base/metrics_listener.h"
#include "broker/core/core.h"
#include "broker/core/providers.h"
#include "broker/recorder.h"

struct broker;

/* What the shell itself counts. */
struct broker_meters {
    struct histogram commits; /* HISTOGRAM_REQUEST: microseconds of a commit that is not empty */
    struct histogram commit_sizes; /* HISTOGRAM_COUNT: operations in it */
};

/* What was spent at a provider; micro-dollars. */
struct provider_money {
    uint8_t name_size; /* 0: there is none in this place */
    char name[PROVIDER_SIZE_MAX + 1];
    uint64_t spent[JOB_KIND_COUNT];
};

/* Calls of a provider's account in one of its windows. */
struct provider_window {
    uint32_t limit; /* 0: there is none */
    uint64_t used;
};

/* A provider, with a copy of its name. */
struct provider_meter {
    char name[PROVIDER_SIZE_MAX + 1];
    uint8_t breaker; /* enum breaker_told */
    uint32_t workers;
    uint64_t waiting;
    int64_t blocked_ms; /* of a pause that its account was asked for are left */
    struct provider_window windows[ACCOUNT_WINDOW_COUNT];
};

/* Everything that is shown and is not asked of the system or the store. */
struct broker_snapshot {
    int64_t now; /* of the turn */
    struct core_statistics core;
    struct meters queues[JOB_KIND_COUNT];
    uint32_t provider_count;
    struct provider_meter providers[PROVIDERS_MAX];
    struct provider_money money[PROVIDERS_MAX];
    struct recorder_totals recorder;
    struct broker_meters shell;
    uint32_t gateways; /* peers */
    uint32_t actors;
    uint64_t refused; /* frames and records */
    uint64_t sessionless;
    bool space_low;
};

/* Opens the listener when there is an address for it. Returns as metrics_listener_new, or OK. */
enum status broker_metrics_open(struct broker *broker);

/* Counts a commit that took so long. */
void broker_metrics_commit(struct broker *broker, int64_t took_us);

/* The end of a turn: hands over the numbers when it is time to. */
void broker_metrics_turn(struct broker *broker);

/* Writes a snapshot (struct broker_snapshot), and what the store and the system say; context: the
 * store, or NULL. Any thread. */
void broker_metrics_write(void *context, const void *snapshot, struct metrics_writer *writer);

#endif
