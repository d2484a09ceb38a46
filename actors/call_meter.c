#include "actors/call_meter.h"

static const struct metric calls = {
    "troupe_provider_calls",
    METRIC_COUNTER,
    NULL,
    "Calls of providers and of webhooks' receivers, by what became of them.",
    {"provider", "operation", "outcome"},
    NULL,
};
static const struct metric durations = {
    "troupe_provider_call_duration_seconds",
    METRIC_HISTOGRAM,
    "seconds",
    "How long the calls took.",
    {"provider", "operation"},
    &HISTOGRAM_CALL,
};

enum call_outcome call_outcome_of(const struct http_response *response)
{
    switch (response->outcome) {
    case HTTP_OUTCOME_ANSWERED:
        break;
    case HTTP_OUTCOME_NOT_MADE:
    case HTTP_OUTCOME_NOT_SENT:
    case HTTP_OUTCOME_FORBIDDEN:
        return CALL_OUTCOME_NOT_SENT;
    case HTTP_OUTCOME_TIMEOUT:
        return CALL_OUTCOME_TIMEOUT;
    case HTTP_OUTCOME_BROKEN:
    case HTTP_OUTCOME_TOO_LARGE:
    case HTTP_OUTCOME_REFUSED:
        return CALL_OUTCOME_BROKEN;
    }
    if (response->status >= 200 && response->status < 300) {
        return CALL_OUTCOME_SUCCESS;
    }
    if (response->status == 429) {
        return CALL_OUTCOME_THROTTLED;
    }
    return response->status < 500 ? CALL_OUTCOME_REFUSED : CALL_OUTCOME_FAILED;
}

static struct call_series *find(struct call_meter *meter, const char *provider, const char *purpose)
{
    for (uint32_t index = 0; index < meter->count; index++) {
        struct call_series *series = &meter->series[index];
        if (strcmp(series->provider, provider) == 0 && strcmp(series->purpose, purpose) == 0) {
            return series;
        }
    }
    bool has_room = meter->count < CALL_SERIES_MAX;
    struct call_series *series = &meter->series[meter->count];
    series->provider = has_room ? provider : "";
    series->purpose = has_room ? purpose : "";
    meter->count += has_room;
    return series;
}

void call_meter_count(struct call_meter *meter, const char *provider, const char *purpose,
                      enum call_outcome outcome, int64_t took_ms)
{
    struct call_series *series = find(meter, provider, purpose);
    series->outcomes[outcome]++;
    histogram_add(&series->durations, &HISTOGRAM_CALL, (uint64_t)(took_ms > 0 ? took_ms : 0));
}

void call_meter_write(const struct call_meter *meter, struct metrics_writer *writer)
{
    static const char *const names[CALL_OUTCOME_COUNT] = {
        [CALL_OUTCOME_SUCCESS] = "success",   [CALL_OUTCOME_THROTTLED] = "throttled",
        [CALL_OUTCOME_REFUSED] = "refused",   [CALL_OUTCOME_FAILED] = "failed",
        [CALL_OUTCOME_NOT_SENT] = "not_sent", [CALL_OUTCOME_BROKEN] = "broken",
        [CALL_OUTCOME_TIMEOUT] = "timeout",   [CALL_OUTCOME_ABORTED] = "aborted",
    };
    metrics_begin(writer, &calls);
    for (uint32_t index = 0; index <= CALL_SERIES_MAX; index++) {
        const struct call_series *series = &meter->series[index];
        for (int outcome = 0; outcome < CALL_OUTCOME_COUNT && series->provider != NULL; outcome++) {
            const char *const labels[] = {series->provider, series->purpose, names[outcome]};
            metrics_integer(writer, labels, series->outcomes[outcome]);
        }
    }
    metrics_begin(writer, &durations);
    for (uint32_t index = 0; index <= CALL_SERIES_MAX; index++) {
        const struct call_series *series = &meter->series[index];
        if (series->provider != NULL) {
            metrics_histogram(writer, (const char *const[]){series->provider, series->purpose},
                              &series->durations);
        }
    }
}
