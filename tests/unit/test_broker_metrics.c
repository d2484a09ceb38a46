/* What each number of the broker is called for Prometheus. Method: the core, the recorder and the
 * store tell numbers that are all different (the linker sends what asks for them to the test), a
 * turn hands them over, and each line that comes of them is named here, in both formats. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>
#include "broker/broker.h"
#include "tests/unit/scrape.h"

enum {
    DOLLAR = 1000000, /* in micro-dollars */
    KINDS = JOB_KIND_COUNT,
};

static const char *const kinds[KINDS] = {"character", "image", "video", "webhook"};

/* ---- what is counted ---- */

static struct core_statistics statistics;
static struct meters meters[KINDS];
static struct broker broker;
static struct broker_options options = {.metrics_address = "127.0.0.1:9464"};
static struct broker_snapshot told; /* what the last turn has handed over */
static uint32_t told_count;
static metrics_render *render;
static void *render_context;

void __wrap_core_statistics(const struct core *core, struct core_statistics *out);
const struct meters *__wrap_core_meters(const struct core *core, enum job_kind kind);
uint32_t __wrap_core_providers(const struct core *core, int64_t now,
                               struct message_provider_state out[PROVIDERS_MAX]);
bool __wrap_core_provider_spent(const struct core *core, uint32_t place, struct slice *name,
                                uint64_t spent[JOB_KIND_COUNT]);
struct recorder_totals __wrap_recorder_totals(const struct recorder *recorder);
bool __wrap_store_number(const struct store *store, enum store_number number, uint64_t *out);
uint64_t __wrap_store_space_left(const struct store *store);
enum status __wrap_metrics_listener_new(const char *address, size_t size, metrics_render *function,
                                        void *context, struct metrics_listener **out);
void __wrap_metrics_listener_publish(struct metrics_listener *listener, const void *snapshot);

void __wrap_core_statistics(const struct core *core, struct core_statistics *out)
{
    (void)core;
    *out = statistics;
}

const struct meters *__wrap_core_meters(const struct core *core, enum job_kind kind)
{
    (void)core;
    return &meters[kind];
}

uint32_t __wrap_core_providers(const struct core *core, int64_t now,
                               struct message_provider_state out[PROVIDERS_MAX])
{
    (void)core;
    assert_int_equal(now, broker.now);
    out[0] = (struct message_provider_state){.provider = SLICE_LITERAL("alpha"),
                                             .account = SLICE_LITERAL("purse"),
                                             .uses = 1,
                                             .breaker = 2,
                                             .limit_second = 301,
                                             .used_second = 302,
                                             .limit_minute = 303,
                                             .used_minute = 304,
                                             .calls = 305,
                                             .errors = 306,
                                             .workers = 307,
                                             .waiting = 308,
                                             .limit_day = 309,
                                             .used_day = 310,
                                             .blocked_until = broker.now + 311500};
    out[1] = (struct message_provider_state){.provider = SLICE_LITERAL("beta"),
                                             .breaker = 1,
                                             .workers = 317,
                                             .waiting = 318,
                                             .limit_minute = 319,
                                             .used_day = 320};
    return 2;
}

bool __wrap_core_provider_spent(const struct core *core, uint32_t place, struct slice *name,
                                uint64_t spent[JOB_KIND_COUNT])
{
    (void)core;
    if (place != 3 && place != PROVIDERS_MAX - 1) {
        return false;
    }
    *name = place == 3 ? SLICE_LITERAL("alpha") : SLICE_LITERAL("beta");
    for (uint64_t kind = 0; kind < KINDS; kind++) {
        spent[kind] = place == 3 ? (401 + kind) * DOLLAR : 0;
    }
    spent[JOB_KIND_VIDEO] += DOLLAR / 4;
    return true;
}

struct recorder_totals __wrap_recorder_totals(const struct recorder *recorder)
{
    (void)recorder;
    return (struct recorder_totals){501, 502, 503, 504, 505};
}

bool __wrap_store_number(const struct store *store, enum store_number number, uint64_t *out)
{
    (void)store;
    *out = 601 + (uint64_t)number;
    return number != STORE_NUMBER_ERRORS; /* that one is not told */
}

uint64_t __wrap_store_space_left(const struct store *store)
{
    (void)store;
    return 650;
}

enum status __wrap_metrics_listener_new(const char *address, size_t size, metrics_render *function,
                                        void *context, struct metrics_listener **out)
{
    assert_string_equal(address, options.metrics_address);
    assert_int_equal(size, sizeof(struct broker_snapshot));
    render = function;
    render_context = context;
    *out = (struct metrics_listener *)&broker; /* nobody looks into it */
    return STATUS_OK;
}

void __wrap_metrics_listener_publish(struct metrics_listener *listener, const void *snapshot)
{
    assert_ptr_equal(listener, &broker);
    memcpy(&told, snapshot, sizeof told);
    told_count++;
}

static void fill_core(void)
{
    statistics = (struct core_statistics){
        .accepted = 201,
        .completed = 202,
        .failed = 203,
        .cancelled = 204,
        .retried = 205,
        .stalled = 206,
        .salvaged = 207,
        .wasted = 208,
        .stale = 209,
        .refused = 210,
        .expired = 211,
        .wasted_price = (uint64_t)212 * DOLLAR,
        .denied = 213,
        .spent = (uint64_t)214 * DOLLAR,
        .uncertain = (uint64_t)215 * DOLLAR,
        .over_budget = 216,
        .budget_warned = 217,
        .undelivered = 218,
        .revived = 219,
        .refused_records = 220,
        .sessionless = 221,
    };
    for (uint32_t kind = 0; kind < KINDS; kind++) {
        for (uint32_t state = 0; state < JOB_STATE_COUNT; state++) {
            statistics.live[kind][state] = 1000 + 10 * kind + state;
            meters[kind].ended[state] = 1100 + 10 * kind + state;
        }
        statistics.workers[kind] = 1200 + kind;
        statistics.credit[kind] = 1210 + kind;
        statistics.slots[kind] = 1220 + kind;
        statistics.draining[kind] = 1250 + kind;
        statistics.limit[kind] = kind == JOB_KIND_WEBHOOK ? 0 : 1230 + kind;
        statistics.limit_used[kind] = 1240 + kind;
        statistics.unattributed[kind] = (uint64_t)(1250 + kind) * DOLLAR;
        meters[kind].accepted = 1300 + kind;
        meters[kind].started = 1310 + kind;
        meters[kind].retried = 1320 + kind;
        meters[kind].stalled = 1330 + kind;
        meters[kind].waits = scrape_histogram_of(&HISTOGRAM_JOB, 1400 + kind);
        meters[kind].runs = scrape_histogram_of(&HISTOGRAM_JOB, 1500 + kind);
    }
}

static int set_up(void **state)
{
    (void)state;
    fill_core();
    broker = (struct broker){.options = &options,
                             .now = 1700000000125,
                             .store = (struct store *)&options, /* nobody looks into it */
                             .space_low = true};
    broker.gateways.peers.count = 701;
    broker.actors.peers.count = 702;
    broker.gateways.refused_count = 710;
    broker.actors.refused_count = 720;
    broker.gateways.sessionless_count = 711;
    broker.actors.sessionless_count = 721;
    broker.meters.commits = scrape_histogram_of(&HISTOGRAM_REQUEST, 730);
    broker.meters.commit_sizes = scrape_histogram_of(&HISTOGRAM_COUNT, 740);
    told_count = 0;
    assert_int_equal(broker_metrics_open(&broker), STATUS_OK);
    return 0;
}

/* ---- what is told of it ---- */

static void write_told(struct metrics_writer *writer)
{
    render(render_context, &told, writer);
}

/* A number of each queue: that of the first one, and its neighbours in their order. */
static void expect_of_queues(struct scrape *scrape, const char *family, const char *type,
                             uint32_t first, uint32_t count)
{
    scrape_family(scrape, family, type, NULL);
    for (uint32_t kind = 0; kind < count; kind++) {
        scrape_expect(scrape, "%s%s{queue=\"%s\"} %u", family,
                      strcmp(type, "counter") == 0 ? "_total" : "", kinds[kind], first + kind);
    }
}

static void expect_times(struct scrape *scrape, const char *family, uint64_t first)
{
    char labels[32];
    scrape_family(scrape, family, "histogram", "seconds");
    for (uint32_t kind = 0; kind < KINDS; kind++) {
        const struct histogram histogram = scrape_histogram_of(&HISTOGRAM_JOB, first + kind);
        snprintf(labels, sizeof labels, "queue=\"%s\"", kinds[kind]);
        scrape_histogram(scrape, family, labels, &HISTOGRAM_JOB, &histogram);
    }
}

static void expect_queues(struct scrape *scrape)
{
    static const char *const states[] = {"pending",   "waiting", "active",
                                         "completed", "failed",  "cancelled"};
    scrape_family(scrape, "troupe_queue_jobs", "gauge", NULL);
    scrape_family(scrape, "troupe_queue_ended_jobs", "counter", NULL);
    for (uint32_t kind = 0; kind < KINDS; kind++) {
        for (uint32_t state = 0; state < 3; state++) {
            scrape_expect(scrape, "troupe_queue_jobs{queue=\"%s\",state=\"%s\"} %u", kinds[kind],
                          states[state], 1000 + 10 * kind + state);
        }
        for (uint32_t state = 3; state < 6; state++) {
            scrape_expect(scrape, "troupe_queue_ended_jobs_total{queue=\"%s\",state=\"%s\"} %u",
                          kinds[kind], states[state], 1100 + 10 * kind + state);
        }
    }
    expect_of_queues(scrape, "troupe_queue_accepted_jobs", "counter", 1300, KINDS);
    expect_of_queues(scrape, "troupe_queue_started_attempts", "counter", 1310, KINDS);
    expect_of_queues(scrape, "troupe_queue_retried_attempts", "counter", 1320, KINDS);
    expect_of_queues(scrape, "troupe_queue_stalled_attempts", "counter", 1330, KINDS);
    expect_of_queues(scrape, "troupe_queue_actors", "gauge", 1200, KINDS);
    expect_of_queues(scrape, "troupe_queue_credit", "gauge", 1210, KINDS);
    expect_of_queues(scrape, "troupe_queue_draining_actors", "gauge", 1250, KINDS);
    expect_of_queues(scrape, "troupe_queue_slots", "gauge", 1220, KINDS);
    expect_of_queues(scrape, "troupe_queue_limit", "gauge", 1230, KINDS - 1);
    expect_of_queues(scrape, "troupe_queue_limit_used", "gauge", 1240, KINDS);
    scrape_family(scrape, "troupe_queue_leases", "gauge", NULL);
    for (uint32_t kind = 0; kind < KINDS; kind++) {
        scrape_expect(scrape, "troupe_queue_leases{queue=\"%s\"} %u", kinds[kind],
                      1000 + 10 * kind + JOB_STATE_ACTIVE);
    }
    expect_times(scrape, "troupe_queue_wait_seconds", 1400);
    expect_times(scrape, "troupe_queue_run_seconds", 1500);
}

static void expect_providers(struct scrape *scrape)
{
    static const struct {
        const char *family;
        int alpha;
        int beta; /* 0: not told */
    } gauges[] = {
        {"troupe_provider_breaker_state", 2, 1},
        {"troupe_provider_actors", 307, 317},
        {"troupe_provider_waiting_jobs", 308, 318},
    };
    for (size_t index = 0; index < sizeof gauges / sizeof gauges[0]; index++) {
        scrape_family(scrape, gauges[index].family, "gauge", NULL);
        scrape_expect(scrape, "%s{provider=\"alpha\"} %d", gauges[index].family,
                      gauges[index].alpha);
        if (gauges[index].beta > 0) {
            scrape_expect(scrape, "%s{provider=\"beta\"} %d", gauges[index].family,
                          gauges[index].beta);
        }
    }
}

/* Those of accounts: their pauses, and the windows that have a limit. */
static void expect_accounts(struct scrape *scrape)
{
    static const char *const samples[] = {
        "limit{provider=\"alpha\",window=\"second\"} 301",
        "limit{provider=\"alpha\",window=\"minute\"} 303",
        "limit{provider=\"alpha\",window=\"day\"} 309",
        "limit{provider=\"beta\",window=\"minute\"} 319",
        "limit_used{provider=\"alpha\",window=\"second\"} 302",
        "limit_used{provider=\"alpha\",window=\"minute\"} 304",
        "limit_used{provider=\"alpha\",window=\"day\"} 310",
        "limit_used{provider=\"beta\",window=\"minute\"} 0",
        "blocked_seconds{provider=\"alpha\"} 311.5",
        "blocked_seconds{provider=\"beta\"} 0.0",
    };
    scrape_family(scrape, "troupe_provider_limit", "gauge", NULL);
    scrape_family(scrape, "troupe_provider_limit_used", "gauge", NULL);
    scrape_family(scrape, "troupe_provider_blocked_seconds", "gauge", "seconds");
    for (size_t index = 0; index < sizeof samples / sizeof samples[0]; index++) {
        scrape_expect(scrape, "troupe_provider_%s", samples[index]);
    }
}

/* Every other one: a sample without labels, or those that are named. */
static const struct {
    const char *family;
    const char *type;
    const char *unit;
    const char *samples[8]; /* what follows the name; the rest NULL */
} others[] = {
    {"troupe_broker_turn_time_seconds", "gauge", "seconds", {" 1700000000.125"}},
    {"troupe_broker_salvaged_jobs", "counter", NULL, {"_total 207"}},
    {"troupe_broker_wasted_results", "counter", NULL, {"_total 208"}},
    {"troupe_broker_stale_records", "counter", NULL, {"_total 209"}},
    {"troupe_broker_refused_requests", "counter", NULL, {"_total 210"}},
    {"troupe_broker_expired_jobs", "counter", NULL, {"_total 211"}},
    {"troupe_wasted_usd", "counter", "usd", {"_total 212.0"}},
    {"troupe_cost_uncertain_usd", "counter", "usd", {"_total 215.0"}},
    {"troupe_budget_refused_requests", "counter", NULL, {"_total 216"}},
    {"troupe_budget_warned_requests", "counter", NULL, {"_total 217"}},
    {"troupe_broker_undelivered_events", "counter", NULL, {"_total 218"}},
    {"troupe_broker_revived_jobs", "counter", NULL, {"_total 219"}},
    {"troupe_broker_commit_bytes", "counter", "bytes", {"_total 503"}},
    {"troupe_broker_gateways", "gauge", NULL, {" 701"}},
    {"troupe_broker_actors", "gauge", NULL, {" 702"}},
    {"troupe_broker_refused_frames", "counter", NULL, {"_total 1650"}},
    {"troupe_broker_sessionless_frames", "counter", NULL, {"_total 1653"}},
    {"troupe_broker_disk_low", "gauge", NULL, {" 1"}},
    {"troupe_broker_disk_free_bytes", "gauge", "bytes", {" 650"}},
    {"troupe_rocksdb_keys", "gauge", NULL, {" 601"}},
    {"troupe_rocksdb_table_bytes", "gauge", "bytes", {" 602"}},
    {"troupe_rocksdb_live_bytes", "gauge", "bytes", {" 603"}},
    {"troupe_rocksdb_memtable_bytes", "gauge", "bytes", {" 604"}},
    {"troupe_rocksdb_block_cache_bytes", "gauge", "bytes", {" 605"}},
    {"troupe_rocksdb_pending_compaction_bytes", "gauge", "bytes", {" 606"}},
    {"troupe_rocksdb_running_compactions", "gauge", NULL, {" 607"}},
    {"troupe_rocksdb_write_stopped", "gauge", NULL, {" 608"}},
    {"troupe_provider_cost_usd",
     "counter",
     "usd",
     {"_total{provider=\"alpha\",queue=\"character\"} 401.0",
      "_total{provider=\"alpha\",queue=\"image\"} 402.0",
      "_total{provider=\"alpha\",queue=\"video\"} 403.25",
      "_total{provider=\"beta\",queue=\"video\"} 0.25",
      "_total{provider=\"\",queue=\"character\"} 1250.0",
      "_total{provider=\"\",queue=\"image\"} 1251.0",
      "_total{provider=\"\",queue=\"video\"} 1252.0"}},
};

static void expect_others(struct scrape *scrape)
{
    for (size_t index = 0; index < sizeof others / sizeof others[0]; index++) {
        scrape_family(scrape, others[index].family, others[index].type, others[index].unit);
        for (size_t at = 0; at < 8 && others[index].samples[at] != NULL; at++) {
            scrape_expect(scrape, "%s%s", others[index].family, others[index].samples[at]);
        }
    }
}

static void expect_commits(struct scrape *scrape)
{
    scrape_family(scrape, "troupe_broker_commit_seconds", "histogram", "seconds");
    scrape_histogram(scrape, "troupe_broker_commit_seconds", "", &HISTOGRAM_REQUEST,
                     &broker.meters.commits);
    scrape_family(scrape, "troupe_broker_commit_operations", "histogram", NULL);
    scrape_histogram(scrape, "troupe_broker_commit_operations", "", &HISTOGRAM_COUNT,
                     &broker.meters.commit_sizes);
}

static void expect_all(enum metrics_format format)
{
    struct scrape scrape;
    scrape_init(&scrape, format, write_told);
    expect_queues(&scrape);
    expect_providers(&scrape);
    expect_accounts(&scrape);
    expect_others(&scrape);
    expect_commits(&scrape);
    scrape_end(&scrape);
    scrape_fini(&scrape);
}

static void each_number_is_told_under_its_own_name(void **state)
{
    (void)state;
    broker_metrics_turn(&broker);
    assert_int_equal(told_count, 1);
    assert_ptr_equal(render_context, broker.store);
    expect_all(METRICS_TEXT);
    expect_all(METRICS_OPENMETRICS);
}

static void a_commit_is_counted_when_there_was_something_in_it(void **state)
{
    (void)state;
    broker.meters = (struct broker_meters){0};
    broker_metrics_commit(&broker, 300);
    assert_int_equal(histogram_count(&broker.meters.commits), 0);
    broker.batch.count = 7;
    broker_metrics_commit(&broker, 300);
    assert_int_equal(histogram_count(&broker.meters.commits), 1);
    assert_int_equal(broker.meters.commits.sum, 300);
    assert_int_equal(broker.meters.commit_sizes.sum, 7);
}

static void numbers_are_handed_over_once_a_second_to_who_listens(void **state)
{
    (void)state;
    broker_metrics_turn(&broker);
    broker.now += METRICS_PUBLISH_MS - 1;
    broker_metrics_turn(&broker);
    assert_int_equal(told_count, 1);
    broker.now++;
    broker_metrics_turn(&broker);
    assert_int_equal(told_count, 2);
    broker.metrics = NULL;
    broker.now += METRICS_PUBLISH_MS;
    broker_metrics_turn(&broker);
    assert_int_equal(told_count, 2);
}

static void without_an_address_nobody_listens(void **state)
{
    static struct broker_options none;
    (void)state;
    broker.options = &none;
    broker.metrics = NULL;
    assert_int_equal(broker_metrics_open(&broker), STATUS_OK);
    assert_null(broker.metrics);
}

#define TEST(function) cmocka_unit_test_setup(function, set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_number_is_told_under_its_own_name),
        TEST(a_commit_is_counted_when_there_was_something_in_it),
        TEST(numbers_are_handed_over_once_a_second_to_who_listens),
        TEST(without_an_address_nobody_listens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
