#include "gateway/metrics_write.h"

#include "base/process_metrics.h"

#define METRIC(name, type, unit, help)    \
    {                                     \
        name, type, unit, help, {0}, NULL \
    }

static const struct metric refused = METRIC(
    "troupe_http_refused_requests", METRIC_COUNTER, NULL,
    "Requests that were refused before their route was known: malformed, too large or too slow.");
static const struct metric connections =
    METRIC("troupe_http_connections", METRIC_GAUGE, NULL, "Open connections of clients.");
static const struct metric connections_max =
    METRIC("troupe_http_connections_max", METRIC_GAUGE, NULL, "Connections that may be open.");
static const struct metric streams = METRIC("troupe_gateway_streams", METRIC_GAUGE, NULL,
                                            "Open event streams (SSE clients), of dashboards too.");
static const struct metric waits =
    METRIC("troupe_gateway_waits", METRIC_GAUGE, NULL, "Requests that wait for a job's change.");
static const struct metric cached =
    METRIC("troupe_gateway_cache_jobs", METRIC_GAUGE, NULL, "Jobs in the cache.");
static const struct metric connected = METRIC("troupe_gateway_broker_connected", METRIC_GAUGE, NULL,
                                              "1 while there is a session with the broker.");
static const struct metric current =
    METRIC("troupe_gateway_broker_current", METRIC_GAUGE, NULL,
           "1 while the broker was heard lately: the gateway is ready.");
static const struct metric asked = METRIC("troupe_gateway_broker_requests", METRIC_GAUGE, NULL,
                                          "Requests that wait for the broker's answer.");
static const struct metric unanswered =
    METRIC("troupe_gateway_broker_unanswered_requests", METRIC_COUNTER, NULL,
           "Requests that the broker did not answer in time.");
static const struct metric unasked =
    METRIC("troupe_gateway_broker_refused_requests", METRIC_COUNTER, NULL,
           "Requests that were not asked of the broker: too many waited.");
static const struct metric lookups = {
    "troupe_gateway_cache_lookups", METRIC_COUNTER, NULL,
    "Jobs looked up in the cache.", {"outcome"},    NULL,
};

static const struct metric swept = {
    "troupe_gateway_assets_swept",
    METRIC_COUNTER,
    NULL,
    "Assets that a look for unused ones has come to: kept (used, or young), left (nobody can "
    "tell), foreign (other names), removed.",
    {"outcome"},
    NULL,
};
static const struct metric swept_bytes =
    METRIC("troupe_gateway_assets_swept_bytes", METRIC_COUNTER, "bytes",
           "Bytes of assets that nobody used and that were removed.");

static void write_cache(const struct cache *cache, struct metrics_writer *writer)
{
    struct cache_totals totals = cache_totals(cache);
    metrics_begin(writer, &lookups);
    metrics_integer(writer, (const char *const[]){"hit"}, totals.hits);
    metrics_integer(writer, (const char *const[]){"miss"}, totals.misses);
    metrics_one(writer, &cached, cache_count(cache));
}

static void write_broker(const struct gateway *gateway, struct metrics_writer *writer)
{
    metrics_one(writer, &connected, gateway->session.number != 0);
    metrics_one(writer, &current, session_is_current(&gateway->session, gateway_now_ms(gateway)));
    metrics_one(writer, &asked, requests_count(&gateway->requests));
    metrics_one(writer, &unanswered, gateway->requests.expired);
    metrics_one(writer, &unasked, gateway->requests.refused);
}

static void write_swept(const struct unused_counts *counts, struct metrics_writer *writer)
{
    metrics_begin(writer, &swept);
    metrics_integer(writer, (const char *const[]){"kept"}, counts->kept);
    metrics_integer(writer, (const char *const[]){"left"}, counts->left);
    metrics_integer(writer, (const char *const[]){"foreign"}, counts->foreign);
    metrics_integer(writer, (const char *const[]){"removed"}, counts->removed);
    metrics_one(writer, &swept_bytes, counts->removed_bytes);
}

void gateway_metrics_write(const struct gateway *gateway, struct metrics_writer *writer)
{
    process_metrics_write(writer, "troupe-gateway");
    http_meter_write(&gateway->http_meter, writer);
    metrics_one(writer, &refused, gateway->traffic.refused);
    metrics_one(writer, &connections, gateway->traffic.connections);
    metrics_one(writer, &connections_max, gateway->traffic.connections_max);
    metrics_one(writer, &streams, gateway->streams.count + gateway->watch.count);
    metrics_one(writer, &waits, gateway->waits.count);
    write_cache(gateway->cache, writer);
    write_broker(gateway, writer);
    write_swept(&gateway->sweeps.unused.totals, writer);
}
