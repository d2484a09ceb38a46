/* Answers counted by route, method and class. */
#include "tests/unit/test.h"

#include "gateway/http_meter.h"
#include "tests/unit/memory.h"

static const struct route routes[] = {
    {"GET", "/jobs/:id", NULL, ROUTE_AUTH_NONE},
    {"POST", "/jobs", NULL, ROUTE_AUTH_NONE},
};

static void test_only_what_was_asked_for_is_written(void **state)
{
    struct http_meter meter;
    struct buffer out;
    struct metrics_writer writer;
    (void)state;
    buffer_init(&out, METRICS_SIZE_MAX);
    assert_int_equal(http_meter_init(&meter, routes, 2), STATUS_OK);
    http_meter_count(&meter, &routes[0], 200, 150);
    http_meter_count(&meter, &routes[0], 204, 300);
    http_meter_count(&meter, &routes[0], 503, -1);
    http_meter_count(&meter, NULL, 404, 50);
    metrics_init(&writer, METRICS_TEXT, &out);
    http_meter_write(&meter, &writer);
    assert_int_equal(metrics_end(&writer), STATUS_OK);
    assert_int_equal(buffer_append_byte(&out, '\0'), STATUS_OK);
    const char *text = (const char *)out.data;
    static const char *const lines[] = {
        "\ntroupe_http_requests_total{method=\"GET\",route=\"/jobs/:id\",code=\"2xx\"} 2\n",
        "\ntroupe_http_requests_total{method=\"GET\",route=\"/jobs/:id\",code=\"5xx\"} 1\n",
        "\ntroupe_http_requests_total{method=\"\",route=\"\",code=\"4xx\"} 1\n",
        "\ntroupe_http_request_duration_seconds_count{method=\"GET\",route=\"/jobs/:id\"} 2\n",
        "\ntroupe_http_request_duration_seconds_bucket{method=\"\",route=\"\",le=\"0.0001\"} 1\n",
    };
    for (size_t index = 0; index < sizeof lines / sizeof lines[0]; index++) {
        assert_non_null(strstr(text, lines[index]));
    }
    assert_null(strstr(text, "POST"));
    http_meter_fini(&meter);
    http_meter_fini(&meter);
    buffer_fini(&out);
}

static void test_want_of_memory_is_told(void **state)
{
    struct http_meter meter;
    (void)state;
    memory_fail_at(1);
    assert_int_equal(http_meter_init(&meter, routes, 2), STATUS_NO_MEMORY);
    memory_fail_never();
    http_meter_fini(&meter);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_what_was_asked_for_is_written),
        cmocka_unit_test(test_want_of_memory_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
