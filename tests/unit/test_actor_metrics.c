/* What each number of an actor is called for Prometheus. Method: a runtime whose numbers are all
 * different hands them over (the linker sends that to the test), and each line that comes of them
 * is named here, in both formats. */
#include "tests/unit/test.h"

#include <string.h>
#include "actors/metrics.h"
#include "actors/runtime.h"
#include "tests/unit/scrape.h"

static const struct role role = {.name = "image", .kind = JOB_KIND_IMAGE};
static struct runtime runtime;
static struct actor_snapshot told;
static uint32_t told_count;
static metrics_render *render;

int64_t __wrap_clock_now_ms(const struct clock *clock);
void __wrap_loop_timer_start(struct loop *loop, struct timer *timer, int64_t delay_ms);
void __wrap_loop_timer_stop(struct loop *loop, struct timer *timer);
enum status __wrap_metrics_listener_new(const char *address, size_t size, metrics_render *function,
                                        void *context, struct metrics_listener **out);
void __wrap_metrics_listener_destroy(struct metrics_listener **listener);
void __wrap_metrics_listener_publish(struct metrics_listener *listener, const void *snapshot);

int64_t __wrap_clock_now_ms(const struct clock *clock)
{
    assert_ptr_equal(clock, &runtime.clock);
    return 1700000000125;
}

void __wrap_loop_timer_start(struct loop *loop, struct timer *timer, int64_t delay_ms)
{
    (void)loop;
    assert_ptr_equal(timer, &runtime.tell);
    assert_int_equal(delay_ms, METRICS_PUBLISH_MS);
}

void __wrap_loop_timer_stop(struct loop *loop, struct timer *timer)
{
    (void)loop;
    assert_ptr_equal(timer, &runtime.tell);
}

enum status __wrap_metrics_listener_new(const char *address, size_t size, metrics_render *function,
                                        void *context, struct metrics_listener **out)
{
    assert_string_equal(address, "127.0.0.1:9464");
    assert_int_equal(size, sizeof(struct actor_snapshot));
    assert_null(context);
    render = function;
    *out = (struct metrics_listener *)&runtime; /* nobody looks into it */
    return STATUS_OK;
}

void __wrap_metrics_listener_destroy(struct metrics_listener **listener)
{
    *listener = NULL;
}

void __wrap_metrics_listener_publish(struct metrics_listener *listener, const void *snapshot)
{
    assert_ptr_equal(listener, &runtime);
    memcpy(&told, snapshot, sizeof told);
    told_count++;
}

/* ---- what is counted ---- */

static void fill_calls(struct call_meter *calls)
{
    static const char *const purposes[] = {"chat", "image"};
    calls->count = 2;
    for (uint32_t index = 0; index < 2; index++) {
        struct call_series *series = &calls->series[index];
        series->provider = "studio";
        series->purpose = purposes[index];
        for (uint32_t outcome = 0; outcome < CALL_OUTCOME_COUNT; outcome++) {
            series->outcomes[outcome] = 41 + 10 * index + outcome;
        }
        series->durations = scrape_histogram_of(&HISTOGRAM_CALL, 100 + 50 * index);
    }
}

static int set_up(void **state)
{
    (void)state;
    runtime = (struct runtime){.options = {.role = &role}};
    runtime.session.state = SESSION_STATE_OPEN;
    runtime.leases.slots = 11;
    runtime.leases.working = 3;
    runtime.leases.count = 8;
    runtime.frames_refused = 12;
    runtime.meters.started = 13;
    runtime.meters.completed = 14;
    runtime.meters.released = 15;
    for (uint32_t kind = 0; kind < FAIL_KIND_COUNT; kind++) {
        runtime.meters.failed[kind] = 21 + kind;
    }
    fill_calls(&runtime.meters.calls);
    told_count = 0;
    return actor_metrics_open(&runtime, "127.0.0.1:9464") == STATUS_OK ? 0 : -1;
}

/* ---- what is told of it ---- */

static const struct {
    const char *family;
    const char *type;
    const char *unit;
    const char *samples[8]; /* what follows the name; the rest NULL */
} families[] = {
    {"troupe_actor_turn_time_seconds", "gauge", "seconds", {"{role=\"image\"} 1700000000.125"}},
    {"troupe_actor_connected", "gauge", NULL, {"{role=\"image\"} 1"}},
    {"troupe_actor_slots", "gauge", NULL, {"{role=\"image\"} 11"}},
    {"troupe_actor_refused_frames", "counter", NULL, {"_total{role=\"image\"} 12"}},
    {"troupe_actor_started_attempts", "counter", NULL, {"_total{role=\"image\"} 13"}},
    {"troupe_actor_jobs",
     "gauge",
     NULL,
     {"{role=\"image\",state=\"working\"} 3", "{role=\"image\",state=\"unacknowledged\"} 5"}},
    {"troupe_actor_ended_attempts",
     "counter",
     NULL,
     {"_total{role=\"image\",outcome=\"completed\"} 14",
      "_total{role=\"image\",outcome=\"released\"} 15",
      "_total{role=\"image\",outcome=\"permanent\"} 21",
      "_total{role=\"image\",outcome=\"retry\"} 22",
      "_total{role=\"image\",outcome=\"throttled\"} 23",
      "_total{role=\"image\",outcome=\"cancelled\"} 24",
      "_total{role=\"image\",outcome=\"gone\"} 25"}},
};

static void expect_calls(struct scrape *scrape)
{
    static const char *const outcomes[CALL_OUTCOME_COUNT] = {
        "success", "throttled", "refused", "failed", "not_sent", "broken", "timeout", "aborted",
    };
    const struct histogram chats = scrape_histogram_of(&HISTOGRAM_CALL, 100);
    const struct histogram images = scrape_histogram_of(&HISTOGRAM_CALL, 150);
    scrape_family(scrape, "troupe_provider_calls", "counter", NULL);
    for (int outcome = 0; outcome < CALL_OUTCOME_COUNT; outcome++) {
        scrape_expect(scrape,
                      "troupe_provider_calls_total{provider=\"studio\",operation=\"chat\","
                      "outcome=\"%s\"} %d",
                      outcomes[outcome], 41 + outcome);
        scrape_expect(scrape,
                      "troupe_provider_calls_total{provider=\"studio\",operation=\"image\","
                      "outcome=\"%s\"} %d",
                      outcomes[outcome], 51 + outcome);
    }
    scrape_family(scrape, "troupe_provider_call_duration_seconds", "histogram", "seconds");
    scrape_histogram(scrape, "troupe_provider_call_duration_seconds",
                     "provider=\"studio\",operation=\"chat\"", &HISTOGRAM_CALL, &chats);
    scrape_histogram(scrape, "troupe_provider_call_duration_seconds",
                     "provider=\"studio\",operation=\"image\"", &HISTOGRAM_CALL, &images);
}

static void write_told(struct metrics_writer *writer)
{
    render(NULL, &told, writer);
}

static void expect_all(enum metrics_format format)
{
    struct scrape scrape;
    scrape_init(&scrape, format, write_told);
    for (size_t index = 0; index < sizeof families / sizeof families[0]; index++) {
        scrape_family(&scrape, families[index].family, families[index].type, families[index].unit);
        for (size_t at = 0; at < 8 && families[index].samples[at] != NULL; at++) {
            scrape_expect(&scrape, "%s%s", families[index].family, families[index].samples[at]);
        }
    }
    expect_calls(&scrape);
    scrape_end(&scrape);
    scrape_fini(&scrape);
}

static void each_number_is_told_under_its_own_name(void **state)
{
    (void)state;
    assert_int_equal(told_count, 1); /* at once */
    expect_all(METRICS_TEXT);
    expect_all(METRICS_OPENMETRICS);
}

static void without_a_session_it_is_not_connected(void **state)
{
    struct scrape scrape;
    (void)state;
    runtime.session.state = SESSION_STATE_GREETED;
    runtime.tell.fire(runtime.tell.context);
    assert_int_equal(told_count, 2);
    scrape_init(&scrape, METRICS_TEXT, write_told);
    scrape_expect(&scrape, "troupe_actor_connected{role=\"image\"} 0");
    scrape_fini(&scrape);
    actor_metrics_close(&runtime);
    assert_null(runtime.metrics);
    actor_metrics_close(&runtime);
}

#define TEST(function) cmocka_unit_test_setup(function, set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_number_is_told_under_its_own_name),
        TEST(without_a_session_it_is_not_connected),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
