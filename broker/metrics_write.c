#include "base/process_metrics.h"
#include "broker/metrics.h"
#include "broker/store.h"

/* ---- queues ---- */

/* A number of each queue. */
struct queue_metric {
    struct metric metric;
    uint64_t (*value)(const struct broker_snapshot *snapshot, int kind);
};

#define QUEUE_METRIC(name, type, help, value)            \
    {                                                    \
        {name, type, NULL, help, {"queue"}, NULL}, value \
    }

static uint64_t accepted(const struct broker_snapshot *snapshot, int kind)
{
    return snapshot->queues[kind].accepted;
}

static uint64_t started(const struct broker_snapshot *snapshot, int kind)
{
    return snapshot->queues[kind].started;
}

static uint64_t retried(const struct broker_snapshot *snapshot, int kind)
{
    return snapshot->queues[kind].retried;
}

static uint64_t stalled(const struct broker_snapshot *snapshot, int kind)
{
    return snapshot->queues[kind].stalled;
}

static uint64_t leases(const struct broker_snapshot *snapshot, int kind)
{
    return snapshot->core.live[kind][JOB_STATE_ACTIVE];
}

static uint64_t workers(const struct broker_snapshot *snapshot, int kind)
{
    return snapshot->core.workers[kind];
}

static uint64_t draining(const struct broker_snapshot *snapshot, int kind)
{
    return snapshot->core.draining[kind];
}

static uint64_t slots(const struct broker_snapshot *snapshot, int kind)
{
    return snapshot->core.slots[kind];
}

static uint64_t credit(const struct broker_snapshot *snapshot, int kind)
{
    return snapshot->core.credit[kind];
}

static uint64_t limit_used(const struct broker_snapshot *snapshot, int kind)
{
    return snapshot->core.limit_used[kind];
}

static const struct queue_metric queue_metrics[] = {
    QUEUE_METRIC("troupe_queue_accepted_jobs", METRIC_COUNTER, "Jobs that were accepted.",
                 accepted),
    QUEUE_METRIC("troupe_queue_started_attempts", METRIC_COUNTER,
                 "Attempts that were started: leases given to actors.", started),
    QUEUE_METRIC("troupe_queue_retried_attempts", METRIC_COUNTER,
                 "Attempts that failed or were throttled, with another one to come.", retried),
    QUEUE_METRIC("troupe_queue_stalled_attempts", METRIC_COUNTER, "Attempts whose actor was lost.",
                 stalled),
    QUEUE_METRIC("troupe_queue_leases", METRIC_GAUGE, "Leases that are held.", leases),
    QUEUE_METRIC("troupe_queue_actors", METRIC_GAUGE, "Actors with a session.", workers),
    QUEUE_METRIC("troupe_queue_draining_actors", METRIC_GAUGE,
                 "Actors with a session that take no more jobs: drained or stopping.", draining),
    QUEUE_METRIC("troupe_queue_slots", METRIC_GAUGE,
                 "Jobs that the actors can have at once; a drained one, those that it has.", slots),
    QUEUE_METRIC("troupe_queue_credit", METRIC_GAUGE, "Jobs that the actors would take now.",
                 credit),
    QUEUE_METRIC("troupe_queue_limit_used", METRIC_GAUGE,
                 "Starts in the last second, of those that the limit allows.", limit_used),
};

static const struct metric jobs = {
    "troupe_queue_jobs", METRIC_GAUGE, NULL, "Live jobs, by state.", {"queue", "state"}, NULL,
};
static const struct metric ended = {
    "troupe_queue_ended_jobs",    METRIC_COUNTER,     NULL,
    "Jobs that ended, by state.", {"queue", "state"}, NULL,
};
static const struct metric limit = {
    "troupe_queue_limit",
    METRIC_GAUGE,
    NULL,
    "Starts that are allowed in a second; not there for a queue without a limit.",
    {"queue"},
    NULL,
};
static const struct metric waits = {
    "troupe_queue_wait_seconds",
    METRIC_HISTOGRAM,
    "seconds",
    "How long jobs waited, from when they could start until they did.",
    {"queue"},
    &HISTOGRAM_JOB,
};
static const struct metric runs = {
    "troupe_queue_run_seconds",
    METRIC_HISTOGRAM,
    "seconds",
    "How long attempts took, however they ended.",
    {"queue"},
    &HISTOGRAM_JOB,
};

static const char *name_of(int kind)
{
    return job_kind_name((enum job_kind)kind);
}

static void write_states(const struct broker_snapshot *snapshot, struct metrics_writer *writer)
{
    metrics_begin(writer, &jobs);
    for (int kind = 0; kind < JOB_KIND_COUNT; kind++) {
        for (int state = 0; state < JOB_STATE_COUNT; state++) {
            const char *const labels[] = {name_of(kind), job_state_name((enum job_state)state)};
            if (!job_state_is_terminal((enum job_state)state)) {
                metrics_integer(writer, labels, snapshot->core.live[kind][state]);
            }
        }
    }
    metrics_begin(writer, &ended);
    for (int kind = 0; kind < JOB_KIND_COUNT; kind++) {
        for (int state = 0; state < JOB_STATE_COUNT; state++) {
            const char *const labels[] = {name_of(kind), job_state_name((enum job_state)state)};
            if (job_state_is_terminal((enum job_state)state)) {
                metrics_integer(writer, labels, snapshot->queues[kind].ended[state]);
            }
        }
    }
}

static void write_times(const struct broker_snapshot *snapshot, struct metrics_writer *writer)
{
    metrics_begin(writer, &waits);
    for (int kind = 0; kind < JOB_KIND_COUNT; kind++) {
        metrics_histogram(writer, (const char *const[]){name_of(kind)},
                          &snapshot->queues[kind].waits);
    }
    metrics_begin(writer, &runs);
    for (int kind = 0; kind < JOB_KIND_COUNT; kind++) {
        metrics_histogram(writer, (const char *const[]){name_of(kind)},
                          &snapshot->queues[kind].runs);
    }
}

static void write_queues(const struct broker_snapshot *snapshot, struct metrics_writer *writer)
{
    write_states(snapshot, writer);
    for (size_t index = 0; index < sizeof queue_metrics / sizeof queue_metrics[0]; index++) {
        metrics_begin(writer, &queue_metrics[index].metric);
        for (int kind = 0; kind < JOB_KIND_COUNT; kind++) {
            metrics_integer(writer, (const char *const[]){name_of(kind)},
                            queue_metrics[index].value(snapshot, kind));
        }
    }
    metrics_begin(writer, &limit);
    for (int kind = 0; kind < JOB_KIND_COUNT; kind++) {
        if (snapshot->core.limit[kind] > 0) {
            metrics_integer(writer, (const char *const[]){name_of(kind)},
                            snapshot->core.limit[kind]);
        }
    }
    write_times(snapshot, writer);
}

/* ---- providers ---- */

static const struct metric breaker_state = {
    "troupe_provider_breaker_state",
    METRIC_GAUGE,
    NULL,
    "Whether a provider is asked: 0 yes (closed), 1 no (open), 2 a probe is (half open).",
    {"provider"},
    NULL,
};
static const struct metric provider_workers = {
    "troupe_provider_actors",
    METRIC_GAUGE,
    NULL,
    "Actors with a session that have declared the provider.",
    {"provider"},
    NULL,
};
static const struct metric provider_waiting = {
    "troupe_provider_waiting_jobs",
    METRIC_GAUGE,
    NULL,
    "Jobs that wait because none of the providers that they need may be called.",
    {"provider"},
    NULL,
};

static const struct metric account_limit = {
    "troupe_provider_limit",
    METRIC_GAUGE,
    NULL,
    "Calls that the account of the provider allows in a second, a minute or any 24 hours; not "
    "there "
    "without such a limit.",
    {"provider", "window"},
    NULL,
};
static const struct metric account_used = {
    "troupe_provider_limit_used",
    METRIC_GAUGE,
    NULL,
    "Calls of that account that were granted in the window, of those that the limit allows.",
    {"provider", "window"},
    NULL,
};
static const struct metric blocked = {
    "troupe_provider_blocked_seconds",
    METRIC_GAUGE,
    "seconds",
    "How long the account of the provider is not called yet because it was told to wait (429).",
    {"provider"},
    NULL,
};

static void write_windows(const struct broker_snapshot *snapshot, const struct metric *metric,
                          struct metrics_writer *writer)
{
    static const char *const names[ACCOUNT_WINDOW_COUNT] = {
        [ACCOUNT_WINDOW_SECOND] = "second",
        [ACCOUNT_WINDOW_MINUTE] = "minute",
        [ACCOUNT_WINDOW_DAY] = "day",
    };
    metrics_begin(writer, metric);
    for (uint32_t index = 0; index < snapshot->provider_count; index++) {
        const struct provider_meter *meter = &snapshot->providers[index];
        for (int place = 0; place < ACCOUNT_WINDOW_COUNT; place++) {
            const struct provider_window *window = &meter->windows[place];
            const char *const labels[] = {meter->name, names[place]};
            if (window->limit > 0) {
                metrics_integer(writer, labels,
                                metric == &account_limit ? window->limit : window->used);
            }
        }
    }
}

static void write_accounts(const struct broker_snapshot *snapshot, struct metrics_writer *writer)
{
    write_windows(snapshot, &account_limit, writer);
    write_windows(snapshot, &account_used, writer);
    metrics_begin(writer, &blocked);
    for (uint32_t index = 0; index < snapshot->provider_count; index++) {
        const struct provider_meter *meter = &snapshot->providers[index];
        metrics_number(writer, (const char *const[]){meter->name},
                       (double)meter->blocked_ms / 1000);
    }
}

static void write_providers(const struct broker_snapshot *snapshot, struct metrics_writer *writer)
{
    metrics_begin(writer, &breaker_state);
    for (uint32_t index = 0; index < snapshot->provider_count; index++) {
        const struct provider_meter *meter = &snapshot->providers[index];
        metrics_integer(writer, (const char *const[]){meter->name}, meter->breaker);
    }
    metrics_begin(writer, &provider_workers);
    for (uint32_t index = 0; index < snapshot->provider_count; index++) {
        const struct provider_meter *meter = &snapshot->providers[index];
        metrics_integer(writer, (const char *const[]){meter->name}, meter->workers);
    }
    metrics_begin(writer, &provider_waiting);
    for (uint32_t index = 0; index < snapshot->provider_count; index++) {
        const struct provider_meter *meter = &snapshot->providers[index];
        metrics_integer(writer, (const char *const[]){meter->name}, meter->waiting);
    }
    write_accounts(snapshot, writer);
}

/* ---- the broker itself ---- */

#define METRIC(name, type, unit, help)    \
    {                                     \
        name, type, unit, help, {0}, NULL \
    }
#define HISTOGRAM(name, unit, help, bounds)             \
    {                                                   \
        name, METRIC_HISTOGRAM, unit, help, {0}, bounds \
    }

static const struct metric turn_at =
    METRIC("troupe_broker_turn_time_seconds", METRIC_GAUGE, "seconds",
           "When the loop last told its numbers, in seconds since 1970: long ago if it stands.");
static const struct metric revived =
    METRIC("troupe_broker_revived_jobs", METRIC_COUNTER, NULL, "Ended jobs that were tried again.");
static const struct metric wasted =
    METRIC("troupe_broker_wasted_results", METRIC_COUNTER, NULL,
           "Late successes that could not be used: another attempt had "
           "paid for its own, or the job had ended.");
static const struct metric salvaged = METRIC("troupe_broker_salvaged_jobs", METRIC_COUNTER, NULL,
                                             "Jobs completed by the late success of a lost lease.");
static const struct metric expired =
    METRIC("troupe_broker_expired_jobs", METRIC_COUNTER, NULL, "Ended jobs that were let go.");
static const struct metric stale = METRIC("troupe_broker_stale_records", METRIC_COUNTER, NULL,
                                          "Records of actors under a lease that was over.");
static const struct metric undelivered =
    METRIC("troupe_broker_undelivered_events", METRIC_COUNTER, NULL,
           "Deliveries of webhooks that were not made for want of room.");
static const struct metric refused_requests = METRIC(
    "troupe_broker_refused_requests", METRIC_COUNTER, NULL, "Requests that the queue refused.");
static const struct metric refused_frames = METRIC(
    "troupe_broker_refused_frames", METRIC_COUNTER, NULL,
    "Frames and records of peers that were refused: malformed, unknown, forbidden or above a "
    "limit.");
static const struct metric sessionless_frames =
    METRIC("troupe_broker_sessionless_frames", METRIC_COUNTER, NULL,
           "Frames and records of peers under a session that was not open (any more), as after a "
           "start of the broker, or that come too often or too early while it opens: they open "
           "another one.");
static const struct metric gateways =
    METRIC("troupe_broker_gateways", METRIC_GAUGE, NULL, "Connections of gateways.");
static const struct metric actors =
    METRIC("troupe_broker_actors", METRIC_GAUGE, NULL, "Connections of actors.");
static const struct metric commit_bytes = METRIC("troupe_broker_commit_bytes", METRIC_COUNTER,
                                                 "bytes", "Keys and values that were committed.");
static const struct metric commits =
    HISTOGRAM("troupe_broker_commit_seconds", "seconds",
              "Time of a commit, from the turn's end until it is on disk.", &HISTOGRAM_REQUEST);
static const struct metric commit_sizes =
    HISTOGRAM("troupe_broker_commit_operations", NULL, "Operations in a commit.", &HISTOGRAM_COUNT);
static const struct metric space_low =
    METRIC("troupe_broker_disk_low", METRIC_GAUGE, NULL,
           "1 while new work is refused for want of space on the disk.");
static const struct metric space_left = METRIC("troupe_broker_disk_free_bytes", METRIC_GAUGE,
                                               "bytes", "Free space on the disk of the store.");

static void write_broker(const struct broker_snapshot *snapshot, struct metrics_writer *writer)
{
    metrics_begin(writer, &turn_at);
    metrics_number(writer, NULL, (double)snapshot->now / 1000);
    metrics_one(writer, &revived, snapshot->core.revived);
    metrics_one(writer, &salvaged, snapshot->core.salvaged);
    metrics_one(writer, &wasted, snapshot->core.wasted);
    metrics_one(writer, &expired, snapshot->core.expired);
    metrics_one(writer, &stale, snapshot->core.stale);
    metrics_one(writer, &undelivered, snapshot->core.undelivered);
    metrics_one(writer, &refused_requests, snapshot->core.refused);
    metrics_one(writer, &refused_frames, snapshot->refused);
    metrics_one(writer, &sessionless_frames, snapshot->sessionless);
    metrics_one(writer, &gateways, snapshot->gateways);
    metrics_one(writer, &actors, snapshot->actors);
    metrics_one(writer, &commit_bytes, snapshot->recorder.bytes);
    metrics_begin(writer, &commits);
    metrics_histogram(writer, NULL, &snapshot->shell.commits);
    metrics_begin(writer, &commit_sizes);
    metrics_histogram(writer, NULL, &snapshot->shell.commit_sizes);
    metrics_one(writer, &space_low, snapshot->space_low);
}

/* ---- money ---- */

static const struct metric cost = {
    "troupe_provider_cost_usd",
    METRIC_COUNTER,
    "usd",
    "What was spent on operations, also when it is not certain that they were charged; without the "
    "name of a provider what no declared one was told for.",
    {"provider", "queue"},
    NULL,
};
static const struct metric uncertain =
    METRIC("troupe_cost_uncertain_usd", METRIC_COUNTER, "usd",
           "Of all that was spent, what may not have been charged.");
static const struct metric over_budget =
    METRIC("troupe_budget_refused_requests", METRIC_COUNTER, NULL,
           "Requests for jobs that a user's budget did not allow.");
static const struct metric warned =
    METRIC("troupe_budget_warned_requests", METRIC_COUNTER, NULL,
           "Requests that were accepted while a user's budget was nearly spent.");

static const struct metric wasted_cost =
    METRIC("troupe_wasted_usd", METRIC_COUNTER, "usd",
           "US dollars for results that came too late to be used, in the cost or uncertain too.");

static double dollars(uint64_t amount)
{
    return (double)amount / 1000000;
}

static void write_cost(struct metrics_writer *writer, const char *provider,
                       const uint64_t spent[JOB_KIND_COUNT])
{
    for (int kind = 0; kind < JOB_KIND_ASKED_COUNT; kind++) {
        const char *const labels[] = {provider, name_of(kind)};
        if (spent[kind] > 0) {
            metrics_number(writer, labels, dollars(spent[kind]));
        }
    }
}

static void write_money(const struct broker_snapshot *snapshot, struct metrics_writer *writer)
{
    metrics_begin(writer, &cost);
    for (int place = 0; place < PROVIDERS_MAX; place++) {
        const struct provider_money *money = &snapshot->money[place];
        if (money->name_size > 0) {
            write_cost(writer, money->name, money->spent);
        }
    }
    write_cost(writer, "", snapshot->core.unattributed);
    metrics_begin(writer, &uncertain);
    metrics_number(writer, NULL, dollars(snapshot->core.uncertain));
    metrics_one(writer, &over_budget, snapshot->core.over_budget);
    metrics_one(writer, &warned, snapshot->core.budget_warned);
    metrics_begin(writer, &wasted_cost);
    metrics_number(writer, NULL, dollars(snapshot->core.wasted_price));
}

/* ---- the store ---- */

static const struct metric store_metrics[STORE_NUMBER_COUNT] = {
    [STORE_NUMBER_KEYS] =
        METRIC("troupe_rocksdb_keys", METRIC_GAUGE, NULL, "Keys, as RocksDB estimates them."),
    [STORE_NUMBER_TABLE_BYTES] =
        METRIC("troupe_rocksdb_table_bytes", METRIC_GAUGE, "bytes", "Size of the live tables."),
    [STORE_NUMBER_LIVE_BYTES] = METRIC("troupe_rocksdb_live_bytes", METRIC_GAUGE, "bytes",
                                       "Live data in them, as RocksDB estimates it."),
    [STORE_NUMBER_MEMTABLE_BYTES] =
        METRIC("troupe_rocksdb_memtable_bytes", METRIC_GAUGE, "bytes", "Memory of memtables."),
    [STORE_NUMBER_CACHE_BYTES] = METRIC("troupe_rocksdb_block_cache_bytes", METRIC_GAUGE, "bytes",
                                        "Memory of cached blocks."),
    [STORE_NUMBER_PENDING_BYTES] = METRIC("troupe_rocksdb_pending_compaction_bytes", METRIC_GAUGE,
                                          "bytes", "Bytes that compactions have still to rewrite."),
    [STORE_NUMBER_COMPACTIONS] = METRIC("troupe_rocksdb_running_compactions", METRIC_GAUGE, NULL,
                                        "Compactions that are running."),
    [STORE_NUMBER_STOPPED] =
        METRIC("troupe_rocksdb_write_stopped", METRIC_GAUGE, NULL, "1 while writes are stopped."),
    [STORE_NUMBER_ERRORS] = METRIC("troupe_rocksdb_background_errors", METRIC_GAUGE, NULL,
                                   "Errors of background work since the start."),
};

static void write_store(struct store *store, struct metrics_writer *writer)
{
    uint64_t left = store_space_left(store);
    for (int number = 0; number < STORE_NUMBER_COUNT; number++) {
        uint64_t value;
        if (store_number(store, (enum store_number)number, &value)) {
            metrics_one(writer, &store_metrics[number], value);
        }
    }
    if (left != UINT64_MAX) {
        metrics_one(writer, &space_left, left);
    }
}

void broker_metrics_write(void *context, const void *snapshot, struct metrics_writer *writer)
{
    process_metrics_write(writer, "troupe-broker");
    write_queues(snapshot, writer);
    write_providers(snapshot, writer);
    write_broker(snapshot, writer);
    write_money(snapshot, writer);
    if (context != NULL) {
        write_store(context, writer);
    }
}
