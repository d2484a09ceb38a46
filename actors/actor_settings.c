#include "actors/actor_settings.h"

#include <stdio.h>
#include <stdlib.h>
#include "actors/host_list.h"
#include "actors/limits.h"
#include "base/log.h"
#include "base/metrics_listener.h"
#include "base/money.h"
#include "base/secret.h"
#include "base/settings.h"

const char actor_settings_help[] =
    "settings (environment):\n"
    "  TROUPE_ACTOR_ENDPOINT    where the broker takes actors, e.g.\n"
    "                           ipc:///run/troupe/actors (required)\n"
    "  QUEUE_CONCURRENCY        jobs at once, 1 to 100000 (5)\n"
    "  TROUPE_PROVIDER          local (the studio), live (hosted), null or null:MS\n"
    "                           (required)\n"
    "  TROUPE_STUDIO_URL        the studio's address; with local\n"
    "  TROUPE_CHAT_URL, TROUPE_CHAT_MODEL, TROUPE_CHAT_KEY or TROUPE_CHAT_KEY_FILE,\n"
    "  TROUPE_IMAGE_..., TROUPE_VIDEO_...\n"
    "                           base address, model and key of each hosted provider;\n"
    "                           with live\n"
    "  TROUPE_IMAGE_API         openai, or wavespeed: the API of who draws; with live\n"
    "                           (openai)\n"
    "  TROUPE_CHAT_PRICE, TROUPE_IMAGE_PRICE, TROUPE_VIDEO_PRICE\n"
    "                           what a call of each costs, US dollars; with live and\n"
    "                           local (0)\n"
    "  TROUPE_PROVIDERS_FILE    a JSON file in place of those: several providers in\n"
    "                           their order, with accounts, limits and idempotency\n"
    "                           (docs/providers.md)\n"
    "  TROUPE_REPEAT_AFTER      seconds from a paid call whose outcome is not known\n"
    "                           to its one repetition, 0 to 240; with live (60)\n"
    "  TROUPE_RESULT_HOSTS      the only hosts that pictures and videos are fetched\n"
    "                           from, redirects included: names and *.domain, with\n"
    "                           commas; with live (any)\n"
    "  TROUPE_RESULT_PRIVATE    on: they may be fetched from private addresses and\n"
    "                           every port; with live (off)\n"
    "  TROUPE_ASSETS            directory of pictures and videos, or\n"
    "                           s3:BUCKET[/PREFIX] (required but with null)\n"
    "  TROUPE_WEBHOOK_CONCURRENCY\n"
    "                           of the webhook actor, in place of QUEUE_CONCURRENCY\n"
    "                           (100)\n"
    "  TROUPE_WEBHOOK_PRIVATE   on: the webhook actor may call private addresses and\n"
    "                           every port (off)\n"
    "  TROUPE_GRACE_MS          time for jobs to end after SIGTERM, milliseconds\n"
    "                           (10000)\n"
    "  TROUPE_PAID_GRACE_MS     more time after that for calls that are paid for and\n"
    "                           would be made again, as of pictures (240000)\n"
    "  TROUPE_METRICS           address and port of /metrics, as 127.0.0.1:9464 (off)\n"
    "  TROUPE_LOG_LEVEL         debug, info, warn or error (info)\n"
    "  TROUPE_LOG_FORMAT        logfmt or json (logfmt)\n";

enum {
    POLL_LOCAL_MS = 200, /* the studio takes a second or two and minds no polls */
    POLL_LIVE_MS = 5000, /* the vendor's own advice for videos */
};

static enum status missing(const char *name)
{
    log_error("setting is missing", "name=%s", name);
    return STATUS_INVALID;
}

/* ---- hosted providers ---- */

static enum status read_key(const char *prefix, char **out)
{
    char text_name[64];
    char path_name[64];
    snprintf(text_name, sizeof(text_name), "TROUPE_%s_KEY", prefix);
    snprintf(path_name, sizeof(path_name), "TROUPE_%s_KEY_FILE", prefix);
    const char *path = settings_text(path_name, NULL);
    return secret_read(path != NULL ? path_name : text_name, path, settings_text(text_name, NULL),
                       out);
}

/* Logs what is wrong. */
static enum status read_price(const char *prefix, uint32_t *out)
{
    char name[64];
    uint64_t price;
    snprintf(name, sizeof(name), "TROUPE_%s_PRICE", prefix);
    const char *text = settings_text(name, "0");
    if (!money_parse(text, PRICE_MAX, &price)) {
        log_error("bad setting",
                  "name=%s value=%s need=\"0 to 100 (US dollars), at most six "
                  "places\"",
                  name, text);
        return STATUS_INVALID;
    }
    *out = (uint32_t)price;
    return STATUS_OK;
}

/* A provider's name in records is its host: what was submitted there can be resumed there only. */
static char *host_of(const char *url)
{
    const char *start = strstr(url, "://");
    start = start == NULL ? url : start + 3;
    size_t size = strcspn(start, "/?#");
    return strndup(start, size < PROVIDER_SIZE_MAX ? size : PROVIDER_SIZE_MAX);
}

static const char *const prefixes[PROVIDER_USE_COUNT] = {
    [PROVIDER_USE_CHAT] = "CHAT",
    [PROVIDER_USE_IMAGE] = "IMAGE",
    [PROVIDER_USE_VIDEO] = "VIDEO",
};

/* Logs what is wrong. Only for pictures there are two. */
static enum status read_api(enum provider_use use, enum provider_api *out)
{
    const char *text = settings_text("TROUPE_IMAGE_API", NULL);
    *out = provider_api_usual(use);
    if (use == PROVIDER_USE_IMAGE && text != NULL && !provider_api_find(text, use, out)) {
        log_error("bad setting", "name=TROUPE_IMAGE_API value=%s need=\"openai or wavespeed\"",
                  text);
        return STATUS_INVALID;
    }
    return STATUS_OK;
}

/* Logs everything that is wrong. */
static enum status read_hosted(enum provider_use use, struct actor_settings *settings)
{
    struct provider_list *list = &settings->providers.lists[use];
    struct provider_endpoint *endpoint = &list->items[0];
    const char *prefix = prefixes[use];
    char name[64];
    list->count = 1;
    enum status api_status = read_api(use, &endpoint->api);
    snprintf(name, sizeof(name), "TROUPE_%s_MODEL", prefix);
    endpoint->model = settings_text(name, NULL);
    enum status status = endpoint->model == NULL ? missing(name) : STATUS_OK;
    snprintf(name, sizeof(name), "TROUPE_%s_URL", prefix);
    endpoint->url = settings_text(name, NULL);
    if (endpoint->url == NULL) {
        return missing(name);
    }
    if (!provider_url_is_valid(name, endpoint->url)) {
        return STATUS_INVALID;
    }
    settings->hosts[use] = host_of(endpoint->url);
    settings->urls[use] = strndup(endpoint->url, provider_url_base(endpoint->url, endpoint->api));
    endpoint->name = settings->hosts[use];
    endpoint->url = settings->urls[use];
    if (endpoint->name == NULL || endpoint->url == NULL ||
        read_key(prefix, &settings->keys[use]) != STATUS_OK) {
        return STATUS_INVALID;
    }
    endpoint->key = settings->keys[use];
    status = status == STATUS_OK ? api_status : status;
    return status == STATUS_OK ? read_price(prefix, &endpoint->price) : status;
}

static enum status read_results(struct providers *providers)
{
    providers->result_hosts = settings_text("TROUPE_RESULT_HOSTS", NULL);
    if (providers->result_hosts != NULL && !host_list_is_valid(providers->result_hosts)) {
        log_error("setting is no list of host names in lower case and *.domain",
                  "name=TROUPE_RESULT_HOSTS");
        return STATUS_INVALID;
    }
    return settings_flag("TROUPE_RESULT_PRIVATE", false, &providers->result_private);
}

static enum status read_repetition(struct providers *providers)
{
    int64_t seconds = 0;
    enum status status = settings_integer("TROUPE_REPEAT_AFTER", 0, REPEAT_AFTER_S_MAX,
                                          REPEAT_AFTER_S_DEFAULT, &seconds);
    providers->repeat_after_ms = seconds * 1000;
    return status;
}

/* Logs everything that is wrong. */
static enum status read_three(struct actor_settings *settings)
{
    enum status status = STATUS_OK;
    for (int use = 0; use < PROVIDER_USE_COUNT; use++) {
        if (read_hosted((enum provider_use)use, settings) != STATUS_OK) {
            status = STATUS_INVALID;
        }
    }
    return status;
}

/* A role does without the providers of others, but not without its own. Those that are there can be
 * checked all the same. */
static void check_lists(const struct role *role, const char *path, struct actor_settings *settings)
{
    for (int use = 0; use < PROVIDER_USE_COUNT; use++) {
        if ((role->uses & 1u << use) != 0 && settings->providers.lists[use].count == 0) {
            log_error("providers file names nobody for a use", "path=%s use=%s", path,
                      provider_use_name((enum provider_use)use));
            settings->lacks_provider = true;
        }
    }
}

static enum status read_file(const struct role *role, const char *path,
                             struct actor_settings *settings)
{
    enum status status = providers_file_read(path, settings->providers.lists, &settings->file);
    if (status == STATUS_OK) {
        check_lists(role, path, settings);
    }
    return status;
}

static enum status read_live(const struct role *role, struct actor_settings *settings)
{
    struct providers *providers = &settings->providers;
    const char *path = settings_text("TROUPE_PROVIDERS_FILE", NULL);
    providers->poll_ms = POLL_LIVE_MS;
    enum status hosted = path == NULL ? read_three(settings) : read_file(role, path, settings);
    enum status results = read_results(providers);
    enum status repetition = read_repetition(providers);
    bool good = hosted == STATUS_OK && results == STATUS_OK && repetition == STATUS_OK;
    return good ? STATUS_OK : STATUS_INVALID;
}

/* ---- the others ---- */

static enum status read_local(struct actor_settings *settings)
{
    static const char *const models[PROVIDER_USE_COUNT] = {
        [PROVIDER_USE_CHAT] = "studio-chat",
        [PROVIDER_USE_IMAGE] = "studio-image",
        [PROVIDER_USE_VIDEO] = "wavespeed-ai/wan-2.2/image-to-video",
    };
    struct providers *providers = &settings->providers;
    const char *url = settings_text("TROUPE_STUDIO_URL", NULL);
    if (url == NULL) {
        return missing("TROUPE_STUDIO_URL");
    }
    providers->result_private = true;
    providers->poll_ms = POLL_LOCAL_MS;
    for (int use = 0; use < PROVIDER_USE_COUNT; use++) {
        providers->lists[use] = (struct provider_list){
            .count = 1,
            .items = {{.name = "studio",
                       .url = url,
                       .model = models[use],
                       .api = provider_api_usual((enum provider_use)use)}},
        };
        if (read_price(prefixes[use], &providers->lists[use].items[0].price) != STATUS_OK) {
            return STATUS_INVALID;
        }
    }
    return provider_url_is_valid("TROUPE_STUDIO_URL", url) ? STATUS_OK : STATUS_INVALID;
}

static void set_null(struct providers *providers)
{
    const struct provider_list nobody = {
        .count = 1,
        .items = {{.name = "null", .url = "", .model = ""}},
    };
    providers->is_null = true;
    for (int use = 0; use < PROVIDER_USE_COUNT; use++) {
        providers->lists[use] = nobody;
    }
}

static enum status read_provider(const struct role *role, struct actor_settings *settings)
{
    const char *provider = settings_text("TROUPE_PROVIDER", NULL);
    if (provider == NULL) {
        return missing("TROUPE_PROVIDER");
    }
    if (strcmp(provider, "live") == 0) {
        return read_live(role, settings);
    }
    if (strcmp(provider, "local") == 0) {
        return read_local(settings);
    }
    set_null(&settings->providers);
    if (strncmp(provider, "null:", 5) == 0) {
        return settings_parse_integer("TROUPE_PROVIDER", provider + 5, 0, NULL_MS_MAX,
                                      &settings->providers.null_ms);
    }
    if (strcmp(provider, "null") == 0) {
        return STATUS_OK;
    }
    log_error("setting is not local, live, null or null:MS", "name=TROUPE_PROVIDER");
    return STATUS_INVALID;
}

/* Deliveries need no provider. */
static enum status read_webhook(struct actor_settings *settings)
{
    set_null(&settings->providers);
    enum status status = settings_integer("TROUPE_WEBHOOK_CONCURRENCY", 1, SLOTS_MAX,
                                          SLOTS_WEBHOOK_DEFAULT, &settings->slots);
    return status == STATUS_OK ? settings_flag("TROUPE_WEBHOOK_PRIVATE", false,
                                               &settings->providers.webhook_private)
                               : status;
}

static enum status read_generation(const struct role *role, struct actor_settings *settings)
{
    enum status status =
        settings_integer("QUEUE_CONCURRENCY", 1, SLOTS_MAX, SLOTS_DEFAULT, &settings->slots);
    return status == STATUS_OK ? read_provider(role, settings) : status;
}

enum status actor_settings_read(const struct role *role, struct actor_settings *settings)
{
    *settings = (struct actor_settings){0};
    settings->metrics_address = settings_text("TROUPE_METRICS", NULL);
    bool is_reached = settings_endpoint("TROUPE_ACTOR_ENDPOINT", &settings->endpoint) == STATUS_OK;
    bool is_metered = settings->metrics_address == NULL ||
                      metrics_address_check(settings->metrics_address) == STATUS_OK;
    if (!is_reached || !is_metered) {
        return STATUS_INVALID;
    }
    enum status status =
        settings_integer("TROUPE_GRACE_MS", 0, GRACE_MS_MAX, GRACE_MS_DEFAULT, &settings->grace_ms);
    if (status == STATUS_OK) {
        status = settings_integer("TROUPE_PAID_GRACE_MS", 0, GRACE_MS_MAX, PAID_GRACE_MS_DEFAULT,
                                  &settings->paid_grace_ms);
    }
    if (status == STATUS_OK) {
        status = role->kind == JOB_KIND_WEBHOOK ? read_webhook(settings)
                                                : read_generation(role, settings);
    }
    if (status != STATUS_OK || settings->providers.is_null) {
        return status;
    }
    const char *location = NULL;
    settings->assets = settings_text("TROUPE_ASSETS", NULL);
    if (settings->assets == NULL) {
        return missing("TROUPE_ASSETS");
    }
    settings->has_bucket = s3_is_location(settings->assets, &location);
    return settings->has_bucket ? s3_settings_read(location, &settings->s3) : STATUS_OK;
}

void actor_settings_fini(struct actor_settings *settings)
{
    s3_settings_fini(&settings->s3);
    for (size_t use = 0; use < PROVIDER_USE_COUNT; use++) {
        secret_forget(&settings->keys[use]);
        free(settings->hosts[use]);
        free(settings->urls[use]);
        settings->hosts[use] = NULL;
        settings->urls[use] = NULL;
    }
    providers_file_fini(&settings->file);
}
