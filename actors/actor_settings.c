#include "actors/actor_settings.h"

#include <stdio.h>
#include <stdlib.h>
#include "actors/host_list.h"
#include "actors/limits.h"
#include "base/file.h"
#include "base/log.h"
#include "base/settings.h"

const char actor_settings_help[] =
    "Settings (environment):\n"
    "  TROUPE_ACTOR_ENDPOINT   where the broker takes actors, e.g. ipc:///run/troupe/actors "
    "(required)\n"
    "  QUEUE_CONCURRENCY       jobs at once, 1 to 100000 (5)\n"
    "  TROUPE_PROVIDER         local (the studio), live (hosted), null or null:MS (required)\n"
    "  TROUPE_STUDIO_URL       the studio's address; with local\n"
    "  TROUPE_CHAT_URL, TROUPE_CHAT_MODEL, TROUPE_CHAT_KEY or TROUPE_CHAT_KEY_FILE,\n"
    "  TROUPE_IMAGE_..., TROUPE_VIDEO_...\n"
    "                          base address, model and key of each hosted provider; with live\n"
    "  TROUPE_REPEAT_AFTER     seconds from a paid call whose outcome is not known to its one\n"
    "                          repetition, 0 to 240; with live (60)\n"
    "  TROUPE_RESULT_HOSTS     the only hosts that pictures and videos are fetched from, "
    "redirects\n"
    "                          included: names and *.domain, with commas; with live (any)\n"
    "  TROUPE_RESULT_PRIVATE   on: they may be fetched from private addresses and every port; "
    "with\n"
    "                          live (off)\n"
    "  TROUPE_ASSETS           directory of pictures and videos (required but with null)\n"
    "  TROUPE_WEBHOOK_CONCURRENCY\n"
    "                          of the webhook actor, in place of QUEUE_CONCURRENCY (100)\n"
    "  TROUPE_WEBHOOK_PRIVATE  on: the webhook actor may call private addresses and every port "
    "(off)\n"
    "  TROUPE_GRACE_MS         time for jobs to end after SIGTERM, milliseconds (10000)\n"
    "  TROUPE_LOG_LEVEL        debug, info, warn or error (info); a SIGUSR2 makes it debug, the "
    "next\n"
    "                          sets it back\n"
    "  TROUPE_LOG_FORMAT       logfmt or json (logfmt)\n";

enum {
    POLL_LOCAL_MS_MIN = 200, /* the studio takes a second or two and minds no polls */
    POLL_LOCAL_MS_MAX = 1000,
    POLL_LIVE_MS_MIN = 5000, /* the vendor's own advice for videos */
    POLL_LIVE_MS_MAX = 15000,
};

static enum status missing(const char *name)
{
    log_error("setting is missing", "name=%s", name);
    return STATUS_INVALID;
}

/* ---- hosted providers ---- */

static enum status read_key(const char *prefix, char **out)
{
    char name[64];
    struct buffer content;
    buffer_init(&content, PROVIDER_KEY_SIZE_MAX);
    snprintf(name, sizeof(name), "TROUPE_%s_KEY", prefix);
    const char *key = settings_text(name, NULL);
    snprintf(name, sizeof(name), "TROUPE_%s_KEY_FILE", prefix);
    const char *path = settings_text(name, NULL);
    enum status status = STATUS_OK;
    if (path != NULL) {
        status = file_read(path, &content);
    } else if (key != NULL) {
        status = buffer_append(&content, key, strlen(key));
    }
    while (content.size > 0 && content.data[content.size - 1] <= ' ') {
        content.size--;
    }
    if (status == STATUS_OK) {
        *out = strndup(content.size > 0 ? (const char *)content.data : "", content.size);
    } else {
        log_error("provider key cannot be read", "name=%s status=%s", name, status_name(status));
    }
    buffer_fini(&content);
    return status == STATUS_OK && *out != NULL ? STATUS_OK : STATUS_INVALID;
}

/* A provider's name in records is its host: what was submitted there can be resumed there only. */
static char *host_of(const char *url)
{
    const char *start = strstr(url, "://");
    start = start == NULL ? url : start + 3;
    size_t size = strcspn(start, "/?#");
    return strndup(start, size < PROVIDER_SIZE_MAX ? size : PROVIDER_SIZE_MAX);
}

static enum status check_url(const char *name, const char *url)
{
    bool is_http = strncmp(url, "http://", 7) == 0 || strncmp(url, "https://", 8) == 0;
    size_t size = strlen(url);
    if (!is_http || size > 1024 || url[size - 1] == '/') {
        log_error("setting is no base address (http or https, no slash at its end)", "name=%s",
                  name);
        return STATUS_INVALID;
    }
    return STATUS_OK;
}

/* Logs everything that is wrong. */
static enum status read_hosted(const char *prefix, struct provider_endpoint *endpoint, char **key,
                               char **host)
{
    char name[64];
    snprintf(name, sizeof(name), "TROUPE_%s_MODEL", prefix);
    endpoint->model = settings_text(name, NULL);
    enum status status = endpoint->model == NULL ? missing(name) : STATUS_OK;
    snprintf(name, sizeof(name), "TROUPE_%s_URL", prefix);
    endpoint->url = settings_text(name, NULL);
    if (endpoint->url == NULL) {
        return missing(name);
    }
    if (check_url(name, endpoint->url) != STATUS_OK) {
        return STATUS_INVALID;
    }
    *host = host_of(endpoint->url);
    endpoint->name = *host;
    if (*host == NULL || read_key(prefix, key) != STATUS_OK) {
        return STATUS_INVALID;
    }
    endpoint->key = *key;
    return status;
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

static enum status read_live(struct actor_settings *settings)
{
    struct providers *providers = &settings->providers;
    providers->poll_ms_min = POLL_LIVE_MS_MIN;
    providers->poll_ms_max = POLL_LIVE_MS_MAX;
    enum status chat =
        read_hosted("CHAT", &providers->chat, &settings->chat_key, &settings->hosts[0]);
    enum status image =
        read_hosted("IMAGE", &providers->image, &settings->image_key, &settings->hosts[1]);
    enum status video =
        read_hosted("VIDEO", &providers->video, &settings->video_key, &settings->hosts[2]);
    enum status results = read_results(providers);
    enum status repetition = read_repetition(providers);
    bool good = chat == STATUS_OK && image == STATUS_OK && video == STATUS_OK &&
                results == STATUS_OK && repetition == STATUS_OK;
    return good ? STATUS_OK : STATUS_INVALID;
}

/* ---- the others ---- */

static enum status read_local(struct actor_settings *settings)
{
    struct providers *providers = &settings->providers;
    const char *url = settings_text("TROUPE_STUDIO_URL", NULL);
    if (url == NULL) {
        return missing("TROUPE_STUDIO_URL");
    }
    struct provider_endpoint studio = {.name = "studio", .url = url};
    providers->result_private = true;
    providers->poll_ms_min = POLL_LOCAL_MS_MIN;
    providers->poll_ms_max = POLL_LOCAL_MS_MAX;
    providers->chat = studio;
    providers->chat.model = "studio-chat";
    providers->image = studio;
    providers->image.model = "studio-image";
    providers->video = studio;
    providers->video.model = "wavespeed-ai/wan-2.2/image-to-video";
    return check_url("TROUPE_STUDIO_URL", url);
}

static void set_null(struct providers *providers)
{
    struct provider_endpoint nobody = {.name = "null", .url = "", .model = ""};
    providers->is_null = true;
    providers->chat = nobody;
    providers->image = nobody;
    providers->video = nobody;
}

static enum status read_provider(struct actor_settings *settings)
{
    const char *provider = settings_text("TROUPE_PROVIDER", NULL);
    if (provider == NULL) {
        return missing("TROUPE_PROVIDER");
    }
    if (strcmp(provider, "live") == 0) {
        return read_live(settings);
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

static enum status read_generation(struct actor_settings *settings)
{
    enum status status =
        settings_integer("QUEUE_CONCURRENCY", 1, SLOTS_MAX, SLOTS_DEFAULT, &settings->slots);
    return status == STATUS_OK ? read_provider(settings) : status;
}

enum status actor_settings_read(const struct role *role, struct actor_settings *settings)
{
    *settings = (struct actor_settings){0};
    settings->endpoint = settings_text("TROUPE_ACTOR_ENDPOINT", NULL);
    if (settings->endpoint == NULL) {
        return missing("TROUPE_ACTOR_ENDPOINT");
    }
    enum status status =
        settings_integer("TROUPE_GRACE_MS", 0, GRACE_MS_MAX, GRACE_MS_DEFAULT, &settings->grace_ms);
    if (status == STATUS_OK) {
        status =
            role->kind == JOB_KIND_WEBHOOK ? read_webhook(settings) : read_generation(settings);
    }
    if (status != STATUS_OK || settings->providers.is_null) {
        return status;
    }
    settings->assets = settings_text("TROUPE_ASSETS", NULL);
    return settings->assets == NULL ? missing("TROUPE_ASSETS") : STATUS_OK;
}

static void forget(char **secret)
{
    if (*secret != NULL) {
        explicit_bzero(*secret, strlen(*secret));
        free(*secret);
        *secret = NULL;
    }
}

void actor_settings_fini(struct actor_settings *settings)
{
    forget(&settings->chat_key);
    forget(&settings->image_key);
    forget(&settings->video_key);
    for (size_t index = 0; index < 3; index++) {
        free(settings->hosts[index]);
        settings->hosts[index] = NULL;
    }
}
