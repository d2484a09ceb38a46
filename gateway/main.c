/* troupe-gateway: the HTTP API of Troupe. This file reads the settings and owns everything. */

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/build.h"
#include "base/log.h"
#include "base/secret.h"
#include "base/setting_names.h"
#include "base/settings.h"
#include "gateway/cors.h"
#include "gateway/server.h"
#include "proto/messages.h"

enum {
    EXIT_OK = 0,
    EXIT_FAILED = 1,
    EXIT_USAGE = 2,
    EXIT_IN_USE = 3,
};

static void help_print(void)
{
    printf("usage: troupe-gateway [--check-settings] [--help] [--version]\n"
           "\n"
           "Serves the HTTP API and the assets; asks the broker for everything else.\n"
           "--check-settings says what is wrong with settings, and ends.\n"
           "\n"
           "settings (environment):\n"
           "  TROUPE_GATEWAY_ENDPOINT  the broker's ZeroMQ endpoint for gateways, ipc:// or\n"
           "                           tcp://\n"
           "  TROUPE_JWT_SECRET_FILE   file of mode 0600 with the tokens' secret, 32 bytes\n"
           "                           or more\n"
           "  TROUPE_ASSETS            directory of pictures and videos, or\n"
           "                           s3:BUCKET[/PREFIX]\n"
           "  TROUPE_ASSETS_AUTH       on: assets need a bearer token too (off)\n"
           "  TROUPE_ASSETS_SWEEP      assets that nobody uses go at this age (7d), or off\n"
           "  TROUPE_WEBHOOK_PRIVATE   on: webhooks may name http and private addresses\n"
           "                           (off)\n"
           "  TROUPE_SUBMIT_RATE       jobs/seconds that a user may submit through this\n"
           "                           gateway (off)\n"
           "  TROUPE_CORS_ORIGINS      origins whose pages may read answers, or * (none)\n"
           "  TROUPE_METRICS_ACCESS    who may read /metrics: loopback, admin (and an\n"
           "                           administrator's token from anywhere), any or off\n"
           "                           (loopback)\n"
           "  TROUPE_HTTP_LISTEN       host:port, port 0 for any (127.0.0.1:5000)\n"
           "  TROUPE_WRITE_TIMEOUT     a client that takes nothing for so long is cut off\n"
           "                           (30s)\n"
           "  LISTEN_PID, LISTEN_FDS   a socket that listens already, of systemd\n"
           "                           (sd_listen_fds(3))\n"
           "  TROUPE_LOG_LEVEL         debug, info, warn or error (info)\n"
           "  TROUPE_LOG_FORMAT        logfmt or json (logfmt)\n"
           "  TROUPE_ASSETS_S3         proxy: what is in a bucket is passed on; redirect:\n"
           "                           clients are sent there (proxy)\n"
           "  TROUPE_S3_PUBLIC_ENDPOINT\n"
           "                           with redirect: the store's address as clients see it\n"
           "                           (TROUPE_S3_ENDPOINT)\n"
           "%s"
           "\n"
           "signals: SIGTERM and SIGINT stop it, SIGUSR2 makes the log level debug, and sets\n"
           "it back. SIGUSR1 does nothing.\n"
           "exit codes: 0 stopped, 1 failed, 2 bad usage or settings, 3 address in use\n",
           s3_settings_help);
}

/* What the server is made with. */
struct connections {
    const char *address; /* host:port */
    int listener;        /* one that is inherited, or -1 */
    int64_t write_timeout_ms;
};

/* Reads the secret without the newlines at its end: a file made by hand has one, and
 * every program that reads it cuts them off. */
static enum status token_secret_read(const char *path, struct buffer *out)
{
    enum status status = secret_file_read(path, out);
    if (status == STATUS_INVALID) {
        log_error("the secret's file is open to others; it must have mode 0600, or be on a "
                  "read-only mount",
                  "file=%s", path);
        return status;
    }
    if (status != STATUS_OK) {
        log_error("cannot read the secret", "file=%s problem=\"%s\"", path, status_text(status));
        return STATUS_INVALID;
    }
    while (out->size > 0 && out->data[out->size - 1] == '\n') {
        out->size--;
    }
    if (out->size < TOKEN_SECRET_SIZE_MIN) {
        log_error("the secret is too short", "file=%s bytes_min=%d", path, TOKEN_SECRET_SIZE_MIN);
        return STATUS_INVALID;
    }
    return STATUS_OK;
}

static const char *required_text(const char *name)
{
    const char *value = settings_text(name, NULL);
    if (value == NULL) {
        log_error("a setting is missing", "name=%s", name);
    }
    return value;
}

/* The settings of who may do how much. Logs everything that is wrong. */
static bool access_read(struct gateway_settings *settings)
{
    const char *rate = settings_text("TROUPE_SUBMIT_RATE", "off");
    const char *metrics = settings_text("TROUPE_METRICS_ACCESS", "loopback");
    bool good = true;
    settings->cors_origins = settings_text("TROUPE_CORS_ORIGINS", NULL);
    if (!metrics_access_parse(metrics, &settings->metrics_access)) {
        log_error("bad setting",
                  "name=TROUPE_METRICS_ACCESS value=\"%s\" need=\"loopback, admin, any or off\"",
                  metrics);
        good = false;
    }
    if (rate_policy_parse(rate, &settings->submit_rate) != STATUS_OK) {
        log_error(
            "bad setting",
            "name=TROUPE_SUBMIT_RATE value=\"%s\" need=\"jobs/seconds, at most %d/%d, or off\"",
            rate, RATE_JOBS_MAX, RATE_WINDOW_S_MAX);
        good = false;
    }
    if (settings->cors_origins != NULL && cors_check(settings->cors_origins) != STATUS_OK) {
        log_error(
            "bad setting",
            "name=TROUPE_CORS_ORIGINS value=\"%s\" need=\"* or a list of scheme://host[:port]\"",
            settings->cors_origins);
        good = false;
    }
    good &= settings_flag("TROUPE_ASSETS_AUTH", false, &settings->assets_auth) == STATUS_OK;
    good &= settings_flag("TROUPE_WEBHOOK_PRIVATE", false, &settings->webhook_private) == STATUS_OK;
    return good;
}

/* When assets that nobody uses go. Logs what is wrong. */
static bool sweep_read(struct gateway_settings *settings)
{
    const char *age = settings_text("TROUPE_ASSETS_SWEEP", "");
    settings->unused_age_ms = 0;
    return strcmp(age, "off") == 0 ||
           settings_duration("TROUPE_ASSETS_SWEEP", UNUSED_AGE_MS_MIN,
                             UNUSED_AGE_DAYS_MAX * INT64_C(86400000), UNUSED_AGE_MS,
                             &settings->unused_age_ms) == STATUS_OK;
}

/* Where assets are, and how they get to clients. Logs everything that is wrong. */
static bool assets_read(struct gateway_settings *settings)
{
    const char *location = NULL;
    const char *path = required_text("TROUPE_ASSETS");
    const char *way = settings_text("TROUPE_ASSETS_S3", "proxy");
    bool good = sweep_read(settings);
    settings->assets_redirect = strcmp(way, "redirect") == 0;
    if (!settings->assets_redirect && strcmp(way, "proxy") != 0) {
        log_error("bad setting", "name=TROUPE_ASSETS_S3 value=\"%s\" need=\"proxy or redirect\"",
                  way);
        good = false;
    }
    if (path == NULL) {
        return false;
    }
    settings->has_bucket = s3_is_location(path, &location);
    settings->assets_path = s3_directory_of(path);
    good &= !settings->has_bucket || s3_settings_read(location, &settings->s3) == STATUS_OK;
    return good;
}

/* Reads everything but what the server is made with. Logs all that is wrong, not only the first. */
static bool settings_read(struct gateway_settings *settings, struct buffer *secret)
{
    const char *secret_path = required_text("TROUPE_JWT_SECRET_FILE");
    bool good = secret_path != NULL && token_secret_read(secret_path, secret) == STATUS_OK;
    settings->secret = buffer_slice(secret);
    good &= settings_endpoint("TROUPE_GATEWAY_ENDPOINT", &settings->broker_endpoint) == STATUS_OK;
    good &= assets_read(settings);
    good &= access_read(settings);
    return good;
}

/* The signals that end the process come through the loop. SIGPIPE is an error of write. */
static void signals_block(void)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGUSR1, SIG_IGN); /* meant for the broker or `troupe up`, and sent to all */
}

/* The socket that systemd or `troupe up` has opened for this process (sd_listen_fds(3)), or -1.
 * Returns OK, or INVALID after logging. */
static enum status listener_read(int *fd)
{
    enum {
        FIRST = 3
    };
    int64_t pid = 0;
    int64_t count = 0;
    *fd = -1;
    if (settings_integer("LISTEN_PID", 0, INT32_MAX, 0, &pid) != STATUS_OK ||
        settings_integer("LISTEN_FDS", 0, INT32_MAX, 0, &count) != STATUS_OK) {
        return STATUS_INVALID;
    }
    if (pid != getpid() || count == 0) {
        return STATUS_OK;
    }
    if (count != 1) {
        log_error("more than one socket is inherited", "LISTEN_FDS=%d", (int)count);
        return STATUS_INVALID;
    }
    *fd = FIRST;
    return STATUS_OK;
}

static int exit_code_of(enum status status)
{
    if (status == STATUS_BUSY) {
        return EXIT_IN_USE;
    }
    return status == STATUS_INVALID ? EXIT_USAGE : EXIT_FAILED;
}

static void ready_print(const char *address, uint16_t port)
{
    const char *colon = strrchr(address, ':');
    printf("troupe-gateway: ready http://%.*s:%u\n", (int)(colon - address), address, port);
    fflush(stdout);
}

/* Where it listens; a socket that is inherited is told of by this address, too. */
static bool listen_read(struct connections *connections)
{
    connections->address = settings_text("TROUPE_HTTP_LISTEN", "127.0.0.1:5000");
    if (!server_address_is_good(connections->address)) {
        log_error("bad setting", "name=TROUPE_HTTP_LISTEN value=\"%s\" need=\"host:port\"",
                  connections->address);
        return false;
    }
    return true;
}

/* Logs everything that is wrong. */
static bool connections_read(struct connections *out)
{
    bool good = listener_read(&out->listener) == STATUS_OK;
    good &= listen_read(out);
    good &= settings_duration("TROUPE_WRITE_TIMEOUT", WRITE_TIMEOUT_MS_MIN, WRITE_TIMEOUT_MS_MAX,
                              WRITE_TIMEOUT_MS, &out->write_timeout_ms) == STATUS_OK;
    return good;
}

static int serve(const struct gateway_settings *settings, const struct connections *connections)
{
    struct server *server = NULL;
    struct gateway gateway;
    uint16_t port = 0;
    int listener = connections->listener;
    enum status status = server_new(connections->write_timeout_ms, &server);
    if (status != STATUS_OK) {
        return EXIT_FAILED;
    }
    status = gateway_init(&gateway, settings, server_context(server));
    if (status == STATUS_OK) {
        status = listener < 0 ? server_listen(server, &gateway, connections->address, &port)
                              : server_inherit(server, &gateway, listener, &port);
        if (status == STATUS_OK) {
            ready_print(connections->address, port);
            server_run(server);
        }
        gateway_fini(&gateway);
    }
    server_destroy(&server);
    return status == STATUS_OK ? EXIT_OK : exit_code_of(status);
}

int main(int count, char **words)
{
    struct gateway_settings settings = {0};
    struct connections connections;
    struct buffer secret;
    char host_name[HOST_SIZE_MAX + 1] = "";
    const struct build_library libraries[] = {server_library(), broker_link_library(),
                                              http_client_library()};
    if (count == 2 && (strcmp(words[1], "--help") == 0 || strcmp(words[1], "-h") == 0)) {
        help_print();
        return EXIT_OK;
    }
    if (count == 2 && strcmp(words[1], "--version") == 0) {
        build_print("troupe-gateway", libraries, sizeof libraries / sizeof libraries[0]);
        return EXIT_OK;
    }
    bool is_check = count == 2 && strcmp(words[1], "--check-settings") == 0;
    if (count > 1 && !is_check) {
        fprintf(stderr, "troupe-gateway: bad usage: --help tells it, and the settings\n");
        return EXIT_USAGE;
    }
    if (settings_log("troupe-gateway") != STATUS_OK) {
        return EXIT_USAGE;
    }
    if (!is_check) {
        build_log(libraries, sizeof libraries / sizeof libraries[0]);
    }
    settings_unknown_log();
    signals_block();
    gethostname(host_name, sizeof(host_name) - 1);
    settings.host_name = host_name;
    buffer_init(&secret, SECRET_SIZE_MAX);
    int code = EXIT_USAGE;
    bool good = settings_read(&settings, &secret);
    good &= connections_read(&connections);
    if (good) {
        code = is_check ? EXIT_OK : serve(&settings, &connections);
    }
    s3_settings_fini(&settings.s3);
    secret_buffer_fini(&secret);
    return code;
}
