#include "gateway/http_meter.h"

#include <assert.h>
#include <stdlib.h>

static const struct metric requests = {
    "troupe_http_requests",
    METRIC_COUNTER,
    NULL,
    "Requests answered, by the route's template.",
    {"method", "route", "code"},
    NULL,
};
static const struct metric durations = {
    "troupe_http_request_duration_seconds",
    METRIC_HISTOGRAM,
    "seconds",
    "Time from a whole request to its answer's head, but for those that asked to wait.",
    {"method", "route"},
    &HISTOGRAM_REQUEST,
};

enum status http_meter_init(struct http_meter *meter, const struct route *routes, size_t count)
{
    *meter = (struct http_meter){.routes = routes, .count = count};
    meter->items = calloc(count + 1, sizeof(meter->items[0]));
    return meter->items == NULL ? STATUS_NO_MEMORY : STATUS_OK;
}

void http_meter_fini(struct http_meter *meter)
{
    free(meter->items);
    *meter = (struct http_meter){0};
}

void http_meter_count(struct http_meter *meter, const struct route *route, int status,
                      int64_t took_us)
{
    size_t index = route == NULL ? meter->count : (size_t)(route - meter->routes);
    struct http_meter_route *item = &meter->items[index];
    int class = status / 100 - 2;
    assert(index <= meter->count);
    assert(class >= 0 && class < HTTP_CLASSES);
    item->counts[class]++;
    if (took_us >= 0) {
        histogram_add(&item->durations, &HISTOGRAM_REQUEST, (uint64_t)took_us);
    }
}

static const char *method_of(const struct http_meter *meter, size_t index)
{
    return index == meter->count ? "" : meter->routes[index].method;
}

static const char *pattern_of(const struct http_meter *meter, size_t index)
{
    return index == meter->count ? "" : meter->routes[index].pattern;
}

void http_meter_write(const struct http_meter *meter, struct metrics_writer *writer)
{
    static const char *const classes[HTTP_CLASSES] = {"2xx", "3xx", "4xx", "5xx"};
    metrics_begin(writer, &requests);
    for (size_t index = 0; index <= meter->count; index++) {
        for (size_t class = 0; class < HTTP_CLASSES; class ++) {
            const char *const labels[] = {method_of(meter, index), pattern_of(meter, index),
                                          classes[class]};
            if (meter->items[index].counts[class] > 0) {
                metrics_integer(writer, labels, meter->items[index].counts[class]);
            }
        }
    }
    metrics_begin(writer, &durations);
    for (size_t index = 0; index <= meter->count; index++) {
        const char *const labels[] = {method_of(meter, index), pattern_of(meter, index)};
        if (histogram_count(&meter->items[index].durations) > 0) {
            metrics_histogram(writer, labels, &meter->items[index].durations);
        }
    }
}
