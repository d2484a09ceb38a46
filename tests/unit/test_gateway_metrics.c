/* What each number of a gateway is called for Prometheus. Method: a gateway whose numbers are all
 * different (the linker sends what must be asked for to the test), and each line that comes of them
 * is named here, in both formats. */
#include "tests/unit/test.h"

#include "gateway/metrics_write.h"
#include "tests/unit/scrape.h"

static const struct route routes[] = {
    {"GET", "/jobs/:id", NULL, ROUTE_AUTH_NONE},
    {"POST", "/jobs", NULL, ROUTE_AUTH_NONE},
};
static struct gateway gateway;
static struct histogram durations;
static bool is_current;

size_t __wrap_cache_count(const struct cache *cache);
struct cache_totals __wrap_cache_totals(const struct cache *cache);
size_t __wrap_requests_count(const struct requests *requests);
bool __wrap_session_is_current(const struct session *session, int64_t now_ms);

/* gateway.c's; the rest of that is not here. */
int64_t gateway_now_ms(const struct gateway *asked)
{
    assert_ptr_equal(asked, &gateway);
    return 17;
}

size_t __wrap_cache_count(const struct cache *cache)
{
    assert_ptr_equal(cache, gateway.cache);
    return 101;
}

struct cache_totals __wrap_cache_totals(const struct cache *cache)
{
    assert_ptr_equal(cache, gateway.cache);
    return (struct cache_totals){.hits = 102, .misses = 103};
}

size_t __wrap_requests_count(const struct requests *requests)
{
    assert_ptr_equal(requests, &gateway.requests);
    return 104;
}

bool __wrap_session_is_current(const struct session *session, int64_t now_ms)
{
    assert_ptr_equal(session, &gateway.session);
    assert_int_equal(now_ms, 17);
    return is_current;
}

static int set_up(void **state)
{
    (void)state;
    gateway = (struct gateway){.cache = (struct cache *)&routes}; /* nobody looks into it */
    gateway.session.number = 105;
    gateway.requests.expired = 106;
    gateway.requests.refused = 107;
    gateway.traffic.connections = 108;
    gateway.traffic.connections_max = 109;
    gateway.traffic.refused = 110;
    gateway.streams.count = 1100;
    gateway.streams.read_count = 111;
    gateway.watch.count = 12;
    gateway.waits.count = 113;
    gateway.sweeps.unused.totals = (struct unused_counts){
        .seen = 120,
        .kept = 121,
        .left = 122,
        .removed = 123,
        .removed_bytes = 124,
        .foreign = 125,
    };
    is_current = true;
    assert_int_equal(http_meter_init(&gateway.http_meter, routes, 2), STATUS_OK);
    for (uint64_t class = 0; class < HTTP_CLASSES; class ++) {
        gateway.http_meter.items[0].counts[class] = 131 + class;
        gateway.http_meter.items[1].counts[class] = 141 + class;
        gateway.http_meter.items[2].counts[class] = 151 + class;
    }
    durations = scrape_histogram_of(&HISTOGRAM_REQUEST, 200);
    gateway.http_meter.items[1].durations = durations;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    http_meter_fini(&gateway.http_meter);
    return 0;
}

static void write_gateway(struct metrics_writer *writer)
{
    gateway_metrics_write(&gateway, writer);
}

static const struct {
    const char *family;
    const char *type;
    const char *unit;
    const char *samples[5]; /* what follows the name; the rest NULL */
} families[] = {
    {"troupe_gateway_cache_jobs", "gauge", NULL, {" 101"}},
    {"troupe_gateway_cache_lookups",
     "counter",
     NULL,
     {"_total{outcome=\"hit\"} 102", "_total{outcome=\"miss\"} 103"}},
    {"troupe_gateway_broker_requests", "gauge", NULL, {" 104"}},
    {"troupe_gateway_broker_connected", "gauge", NULL, {" 1"}},
    {"troupe_gateway_broker_current", "gauge", NULL, {" 1"}},
    {"troupe_gateway_broker_unanswered_requests", "counter", NULL, {"_total 106"}},
    {"troupe_gateway_broker_refused_requests", "counter", NULL, {"_total 107"}},
    {"troupe_http_connections", "gauge", NULL, {" 108"}},
    {"troupe_http_connections_max", "gauge", NULL, {" 109"}},
    {"troupe_http_refused_requests", "counter", NULL, {"_total 110"}},
    {"troupe_gateway_streams", "gauge", NULL, {" 1112"}},
    {"troupe_gateway_waits", "gauge", NULL, {" 113"}},
    {"troupe_gateway_assets_swept",
     "counter",
     NULL,
     {"_total{outcome=\"kept\"} 121", "_total{outcome=\"left\"} 122",
      "_total{outcome=\"removed\"} 123", "_total{outcome=\"foreign\"} 125"}},
    {"troupe_gateway_assets_swept_bytes", "counter", "bytes", {"_total 124"}},
};

static void expect_routes(struct scrape *scrape)
{
    static const char *const labels[] = {"method=\"GET\",route=\"/jobs/:id\"",
                                         "method=\"POST\",route=\"/jobs\"",
                                         "method=\"\",route=\"\""};
    scrape_family(scrape, "troupe_http_requests", "counter", NULL);
    for (int index = 0; index < 3; index++) {
        for (int class = 2; class <= 5; class ++) {
            scrape_expect(scrape, "troupe_http_requests_total{%s,code=\"%dxx\"} %d", labels[index],
                          class, 131 + 10 * index + class - 2);
        }
    }
    scrape_family(scrape, "troupe_http_request_duration_seconds", "histogram", "seconds");
    scrape_histogram(scrape, "troupe_http_request_duration_seconds", labels[1], &HISTOGRAM_REQUEST,
                     &durations);
}

static void expect_all(enum metrics_format format)
{
    struct scrape scrape;
    scrape_init(&scrape, format, write_gateway);
    for (size_t index = 0; index < sizeof families / sizeof families[0]; index++) {
        scrape_family(&scrape, families[index].family, families[index].type, families[index].unit);
        for (size_t at = 0; at < 5 && families[index].samples[at] != NULL; at++) {
            scrape_expect(&scrape, "%s%s", families[index].family, families[index].samples[at]);
        }
    }
    expect_routes(&scrape);
    scrape_end(&scrape);
    scrape_fini(&scrape);
}

static void each_number_is_told_under_its_own_name(void **state)
{
    (void)state;
    expect_all(METRICS_TEXT);
    expect_all(METRICS_OPENMETRICS);
}

static void a_broker_that_is_silent_is_not_one_that_is_away(void **state)
{
    static const struct {
        uint64_t session;
        bool is_current;
    } cases[] = {{0, false}, {105, false}, {0, true}};
    (void)state;
    for (size_t index = 0; index < sizeof cases / sizeof cases[0]; index++) {
        struct scrape scrape;
        gateway.session.number = cases[index].session;
        is_current = cases[index].is_current;
        scrape_init(&scrape, METRICS_TEXT, write_gateway);
        scrape_expect(&scrape, "troupe_gateway_broker_connected %d", cases[index].session != 0);
        scrape_expect(&scrape, "troupe_gateway_broker_current %d", is_current);
        scrape_fini(&scrape);
    }
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_number_is_told_under_its_own_name),
        TEST(a_broker_that_is_silent_is_not_one_that_is_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
