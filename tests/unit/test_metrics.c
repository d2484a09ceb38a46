/* The two text formats of Prometheus, byte for byte. */
#include "tests/unit/test.h"

#include "base/metrics.h"

static const uint64_t bound_values[] = {5, 1000};
static const struct histogram_bounds bounds = {bound_values, 2, 0.001};
static const struct metric jobs = {"jobs", METRIC_COUNTER, NULL, "Jobs.", {"queue", "state"}, NULL};
static const struct metric fill = {"fill_ratio", METRIC_GAUGE, "ratio", "Fill.", {0}, NULL};
static const struct metric build = {"build", METRIC_INFO, NULL, "Version.", {"version"}, NULL};
static const struct metric wait = {"wait_seconds", METRIC_HISTOGRAM, "seconds",
                                   "Wait.",        {"queue"},        &bounds};

static void write_all(enum metrics_format format, struct buffer *out)
{
    struct metrics_writer writer;
    struct histogram histogram = {0};
    histogram_add(&histogram, &bounds, 5);
    histogram_add(&histogram, &bounds, 6);
    histogram_add(&histogram, &bounds, 2000);
    metrics_init(&writer, format, out);
    metrics_begin(&writer, &jobs);
    metrics_integer(&writer, (const char *const[]){"a\"b\\c\nd", ""}, 7);
    metrics_begin(&writer, &fill);
    metrics_number(&writer, NULL, 0.25);
    metrics_begin(&writer, &build);
    metrics_integer(&writer, (const char *const[]){"1.0"}, 1);
    metrics_begin(&writer, &wait);
    metrics_histogram(&writer, (const char *const[]){"video"}, &histogram);
    assert_int_equal(metrics_end(&writer), STATUS_OK);
}

static void assert_text(const struct buffer *found, const char *expected)
{
    assert_int_equal(found->size, strlen(expected));
    assert_memory_equal(found->data, expected, found->size);
}

static void test_the_text_format_is_written(void **state)
{
    struct buffer out;
    (void)state;
    buffer_init(&out, METRICS_SIZE_MAX);
    write_all(METRICS_TEXT, &out);
    assert_text(&out, "# HELP jobs_total Jobs.\n"
                      "# TYPE jobs_total counter\n"
                      "jobs_total{queue=\"a\\\"b\\\\c\\nd\",state=\"\"} 7\n"
                      "# HELP fill_ratio Fill.\n"
                      "# TYPE fill_ratio gauge\n"
                      "fill_ratio 0.25\n"
                      "# HELP build_info Version.\n"
                      "# TYPE build_info gauge\n"
                      "build_info{version=\"1.0\"} 1\n"
                      "# HELP wait_seconds Wait.\n"
                      "# TYPE wait_seconds histogram\n"
                      "wait_seconds_bucket{queue=\"video\",le=\"0.005\"} 1\n"
                      "wait_seconds_bucket{queue=\"video\",le=\"1.0\"} 2\n"
                      "wait_seconds_bucket{queue=\"video\",le=\"+Inf\"} 3\n"
                      "wait_seconds_sum{queue=\"video\"} 2.011\n"
                      "wait_seconds_count{queue=\"video\"} 3\n");
    buffer_fini(&out);
}

static void test_openmetrics_is_written(void **state)
{
    struct buffer out;
    (void)state;
    buffer_init(&out, METRICS_SIZE_MAX);
    write_all(METRICS_OPENMETRICS, &out);
    assert_text(&out, "# HELP jobs Jobs.\n"
                      "# TYPE jobs counter\n"
                      "jobs_total{queue=\"a\\\"b\\\\c\\nd\",state=\"\"} 7\n"
                      "# HELP fill_ratio Fill.\n"
                      "# TYPE fill_ratio gauge\n"
                      "# UNIT fill_ratio ratio\n"
                      "fill_ratio 0.25\n"
                      "# HELP build Version.\n"
                      "# TYPE build info\n"
                      "build_info{version=\"1.0\"} 1\n"
                      "# HELP wait_seconds Wait.\n"
                      "# TYPE wait_seconds histogram\n"
                      "# UNIT wait_seconds seconds\n"
                      "wait_seconds_bucket{queue=\"video\",le=\"0.005\"} 1\n"
                      "wait_seconds_bucket{queue=\"video\",le=\"1.0\"} 2\n"
                      "wait_seconds_bucket{queue=\"video\",le=\"+Inf\"} 3\n"
                      "wait_seconds_sum{queue=\"video\"} 2.011\n"
                      "wait_seconds_count{queue=\"video\"} 3\n"
                      "# EOF\n");
    buffer_fini(&out);
}

static void test_accept_chooses_the_format(void **state)
{
    static const struct {
        const char *accept;
        enum metrics_format format;
    } cases[] = {
        {"", METRICS_TEXT},
        {"*/*", METRICS_TEXT},
        {"text/plain", METRICS_TEXT},
        {"application/openmetrics-text", METRICS_OPENMETRICS},
        {"application/openmetrics-text; version=1.0.0; charset=utf-8", METRICS_OPENMETRICS},
        {"application/openmetrics-text;version=2.0.0", METRICS_TEXT},
        {"application/openmetrics-text;version=2.0.0,application/openmetrics-text;version=0.0.1",
         METRICS_OPENMETRICS},
        {"application/openmetrics-text;q=0", METRICS_TEXT},
        {"application/openmetrics-text;q=0.2,text/plain;q=0.5", METRICS_TEXT},
        /* What Prometheus 2.42 sends. */
        {"application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;"
         "q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
         METRICS_OPENMETRICS},
    };
    (void)state;
    for (size_t index = 0; index < sizeof cases / sizeof cases[0]; index++) {
        assert_int_equal(metrics_format_of(slice_from_string(cases[index].accept)),
                         cases[index].format);
    }
}

static void test_the_first_failure_stays(void **state)
{
    struct buffer out;
    struct metrics_writer writer;
    (void)state;
    buffer_init(&out, 16);
    metrics_init(&writer, METRICS_TEXT, &out);
    metrics_one(&writer, &fill, 1);
    assert_int_equal(metrics_end(&writer), STATUS_TOO_LARGE);
    buffer_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_text_format_is_written),
        cmocka_unit_test(test_openmetrics_is_written),
        cmocka_unit_test(test_accept_chooses_the_format),
        cmocka_unit_test(test_the_first_failure_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
