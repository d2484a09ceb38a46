#ifndef TROUPE_GATEWAY_GATEWAY_H
#define TROUPE_GATEWAY_GATEWAY_H

/* Everything that one gateway process owns. main makes one and hands it down; handlers reach it
 * through their exchange. */

#include <h2o.h>
#include "base/clock.h"
#include "gateway/assets.h"
#include "gateway/audit.h"
#include "gateway/auth.h"
#include "gateway/broker_link.h"
#include "gateway/bucket_line.h"
#include "gateway/cache.h"
#include "gateway/http_meter.h"
#include "gateway/hub.h"
#include "gateway/overview.h"
#include "gateway/metrics_access.h"
#include "gateway/rates.h"
#include "gateway/removals.h"
#include "gateway/requests.h"
#include "gateway/session.h"
#include "gateway/streams.h"
#include "gateway/sweeps.h"
#include "gateway/waits.h"
#include "gateway/walks.h"
#include "gateway/watch.h"
#include "s3/settings.h"

struct gateway_settings {
    const char *broker_endpoint;
    const char *assets_path; /* a directory, unless has_bucket */
    bool has_bucket;
    struct s3_settings s3;
    bool assets_redirect; /* clients are sent to the bucket */
    bool assets_auth;
    int64_t unused_age_ms;    /* assets that nobody uses go at this age; 0: they stay */
    bool webhook_private;     /* webhooks may name http and addresses of private networks */
    const char *cors_origins; /* NULL: pages of other origins read nothing */
    struct rate_policy submit_rate;
    enum metrics_access metrics_access;
    struct slice secret;
    const char *host_name;
};

/* What the server has at the door, for the metrics. */
struct traffic {
    size_t connections;
    size_t connections_max;
    uint64_t refused; /* requests, since the start */
};

struct gateway {
    struct gateway_settings settings;
    struct clock clock;
    int64_t started_at;
    h2o_context_t *context; /* borrowed */
    struct broker_link *link;
    struct session session;
    struct requests requests;
    struct cache *cache;
    struct hub hub;
    struct auth auth;
    struct assets assets;
    struct bucket_line bucket_line;
    struct streams streams;
    struct waits waits;
    struct removals removals;
    struct sweeps sweeps;
    struct rates rates;
    struct walks walks;
    struct overview overview;
    struct watch watch;
    struct audit audit;
    struct http_meter http_meter;
    struct traffic traffic; /* of the last tick */
    uint32_t export_count;  /* exports of jobs that go on */
    uint32_t request_id_prefix;
    uint32_t request_id_count;
};

/* Opens everything but the listening socket. settings' texts must live as long. Returns OK, or
 * what failed, after logging. */
enum status gateway_init(struct gateway *gateway, const struct gateway_settings *settings,
                         h2o_context_t *context);
void gateway_fini(struct gateway *gateway);

/* To be called every TICK_MS, in a callback of the loop. */
void gateway_tick(struct gateway *gateway);

/* Asks the broker; see requests_add. */
enum status gateway_ask(struct gateway *gateway, struct request *request);

/* The time now. */
int64_t gateway_now_ms(const struct gateway *gateway);

#endif
