#include "gateway/gateway.h"

#include "base/log.h"
#include "base/random.h"
#include "gateway/routes.h"

static enum status frame_send(void *owner, struct slice frame)
{
    struct gateway *gateway = owner;
    return broker_link_send(gateway->link, frame);
}

static void on_frame(void *owner, struct slice frame)
{
    struct gateway *gateway = owner;
    session_receive(&gateway->session, frame, gateway_now_ms(gateway));
}

static void on_change(void *owner, bool connected)
{
    struct gateway *gateway = owner;
    session_connection(&gateway->session, connected, gateway_now_ms(gateway));
}

static void on_turn(void *owner)
{
    struct gateway *gateway = owner;
    session_flush(&gateway->session);
}

static void session_open(struct gateway *gateway)
{
    uint8_t random[ID_SIZE];
    random_bytes(random, sizeof(random));
    gateway->session = (struct session){
        .requests = &gateway->requests,
        .cache = gateway->cache,
        .hub = &gateway->hub,
        .send = frame_send,
        .owner = gateway,
        .instance = id_make(0, random),
        .host = gateway->settings.host_name,
    };
    session_init(&gateway->session);
}

static enum status link_open(struct gateway *gateway)
{
    const struct broker_link_options options = {
        .context = gateway->context,
        .endpoint = gateway->settings.broker_endpoint,
        .on_frame = on_frame,
        .on_change = on_change,
        .on_turn = on_turn,
        .owner = gateway,
    };
    return broker_link_new(&options, &gateway->link);
}

static enum status assets_open_all(struct gateway *gateway)
{
    const struct gateway_settings *settings = &gateway->settings;
    if (!settings->has_bucket) {
        return assets_init(&gateway->assets, settings->assets_path);
    }
    assets_init_bucket(&gateway->assets, &settings->s3.bucket,
                       settings->assets_redirect ? &settings->s3.visitors : NULL);
    return bucket_line_open(&gateway->bucket_line, &settings->s3.bucket, &gateway->clock,
                            gateway->context);
}

enum status gateway_init(struct gateway *gateway, const struct gateway_settings *settings,
                         h2o_context_t *context)
{
    uint64_t seeds[6];
    random_bytes(seeds, sizeof(seeds));
    *gateway = (struct gateway){.settings = *settings, .context = context};
    gateway->request_id_prefix = (uint32_t)seeds[3];
    gateway->assets.root = -1;
    clock_init(&gateway->clock, 0);
    gateway->started_at = gateway_now_ms(gateway);
    waits_init(&gateway->waits);
    streams_init(&gateway->streams, gateway);
    removals_init(&gateway->removals, gateway);
    sweeps_init(&gateway->sweeps, gateway);
    watch_init(&gateway->watch, gateway);
    audit_init(&gateway->audit, gateway);
    enum status status = requests_init(&gateway->requests);
    if (status == STATUS_OK) {
        status = cache_new(seeds[0], &gateway->cache);
    }
    if (status == STATUS_OK) {
        status = hub_init(&gateway->hub, seeds[1]);
    }
    if (status == STATUS_OK) {
        status = auth_init(&gateway->auth, settings->secret, seeds[2]);
    }
    if (status == STATUS_OK) {
        status = rates_init(&gateway->rates, &settings->submit_rate, seeds[4]);
    }
    if (status == STATUS_OK) {
        status = walks_init(&gateway->walks, seeds[5]);
    }
    if (status == STATUS_OK) {
        size_t count = 0;
        const struct route *routes = routes_all(&count);
        status = http_meter_init(&gateway->http_meter, routes, count);
    }
    if (status == STATUS_OK) {
        status = assets_open_all(gateway);
    }
    if (status == STATUS_OK) {
        session_open(gateway);
        status = link_open(gateway);
    }
    if (status != STATUS_OK) {
        gateway_fini(gateway);
    }
    return status;
}

void gateway_fini(struct gateway *gateway)
{
    broker_link_destroy(&gateway->link);
    streams_fini(&gateway->streams);
    watch_fini(&gateway->watch);
    audit_fini(&gateway->audit);
    session_fini(&gateway->session);
    removals_fini(&gateway->removals);
    sweeps_fini(&gateway->sweeps);
    bucket_line_close(&gateway->bucket_line);
    assets_fini(&gateway->assets);
    http_meter_fini(&gateway->http_meter);
    walks_fini(&gateway->walks);
    rates_fini(&gateway->rates);
    auth_fini(&gateway->auth);
    hub_fini(&gateway->hub);
    cache_destroy(&gateway->cache);
    requests_fini(&gateway->requests);
}

void gateway_tick(struct gateway *gateway)
{
    int64_t now_ms = gateway_now_ms(gateway);
    session_tick(&gateway->session, now_ms);
    waits_tick(&gateway->waits, now_ms);
    streams_tick(&gateway->streams, now_ms);
    watch_tick(&gateway->watch, now_ms);
    removals_tick(&gateway->removals, now_ms);
    sweeps_tick(&gateway->sweeps, now_ms);
    bucket_line_tick(&gateway->bucket_line, now_ms);
    audit_tick(&gateway->audit, now_ms);
    broker_link_wake(gateway->link);
}

enum status gateway_ask(struct gateway *gateway, struct request *request)
{
    enum status status = requests_add(&gateway->requests, request, gateway_now_ms(gateway));
    if (status == STATUS_OK) {
        broker_link_wake(gateway->link);
    }
    return status;
}

int64_t gateway_now_ms(const struct gateway *gateway)
{
    return clock_now_ms(&gateway->clock);
}
