#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "actors/studio/options.h"
#include "actors/studio/pool.h"
#include "base/settings.h"

enum {
    LATENCY_MS_MAX = 600000, /* ten minutes: longer than any client waits */
    MEMORY_MIB = 512,        /* a thousand films */
    MEMORY_MIB_MAX = 65536,
    CONNECTION_COUNT = 512,
    CONNECTION_COUNT_MAX = 8192, /* below a usual limit of open files */
    THREAD_COUNT = 4,            /* at most, unless said otherwise */
};

void options_print_help(void)
{
    fputs("usage: troupe-studio [--listen ADDRESS:PORT] [--check-settings] [--help]\n"
          "                     [--version]\n"
          "\n"
          "The embedded provider: OpenAI-compatible chat and pictures, WaveSpeed-compatible\n"
          "films, drawn on this machine. --check-settings says what is wrong with settings,\n"
          "and ends.\n"
          "\n"
          "settings (environment):\n"
          "  TROUPE_STUDIO_LISTEN     address and port; port 0 takes a free one\n"
          "                           (127.0.0.1:8188)\n"
          "  TROUPE_STUDIO_KEY        bearer key that requests must carry (all are let in)\n"
          "  TROUPE_STUDIO_PUBLIC_URL\n"
          "                           what links to files begin with (the request's Host)\n"
          "  TROUPE_STUDIO_THREADS    threads that draw and encode, 1 to 32 (as many as\n"
          "                           processors, 4 at most)\n"
          "  TROUPE_STUDIO_MEMORY_MIB\n"
          "                           MiB of uploads, pictures and films that are kept, 64\n"
          "                           to 65536 (512)\n"
          "  TROUPE_STUDIO_CONNECTIONS\n"
          "                           connections at once, 1 to 8192 (512)\n"
          "  TROUPE_STUDIO_LATENCY_MS\n"
          "                           least time to answer any step (0)\n"
          "  TROUPE_STUDIO_LATENCY_CHAT_MS\n"
          "                           the same of one, and so for IMAGE, UPLOAD, SUBMIT,\n"
          "                           POLL, DOWNLOAD, CANCEL and LIST (the former)\n"
          "  TROUPE_STUDIO_FILM_LATENCY_MS\n"
          "                           least time from submit to the film's end (0)\n"
          "  TROUPE_STUDIO_FAULTS     on: /studio/faults and /studio/ledger exist (off)\n"
          "  TROUPE_STUDIO_FAULT_RULES\n"
          "                           rules in force from the start (docs/studio.md)\n"
          "  TROUPE_STUDIO_FAULT_SEED\n"
          "                           seed of the rules' chances (1)\n"
          "  TROUPE_LOG_LEVEL         debug, info, warn or error (info)\n"
          "  TROUPE_LOG_FORMAT        logfmt or json (logfmt)\n"
          "\n"
          "signals: SIGTERM and SIGINT stop it, SIGUSR2 makes the log level debug, and sets\n"
          "it back. SIGUSR1 does nothing.\n"
          "exit codes: 0 stopped, 1 failed, 2 bad usage or settings\n",
          stdout);
}

static enum status parse_listen(const char *text, struct options *out)
{
    const char *colon = strrchr(text, ':');
    size_t host_size = colon == NULL ? 0 : (size_t)(colon - text);
    if (host_size == 0 || host_size >= OPTIONS_HOST_SIZE) {
        fprintf(stderr, "troupe-studio: listen: want ADDRESS:PORT, not %.80s\n", text);
        return STATUS_INVALID;
    }
    int64_t port;
    struct in_addr address;
    memcpy(out->host, text, host_size);
    out->host[host_size] = '\0';
    if (inet_pton(AF_INET, out->host, &address) != 1) {
        fprintf(stderr, "troupe-studio: listen: %s is not a numeric IPv4 address\n", out->host);
        return STATUS_INVALID;
    }
    enum status status = settings_parse_integer("listen port", colon + 1, 0, 65535, &port);
    out->port = status == STATUS_OK ? (uint16_t)port : 0;
    return status;
}

static enum status read_latencies(struct options *out)
{
    static const char *const NAMES[] = {
        [STEP_CHAT] = "TROUPE_STUDIO_LATENCY_CHAT_MS",
        [STEP_IMAGE] = "TROUPE_STUDIO_LATENCY_IMAGE_MS",
        [STEP_UPLOAD] = "TROUPE_STUDIO_LATENCY_UPLOAD_MS",
        [STEP_SUBMIT] = "TROUPE_STUDIO_LATENCY_SUBMIT_MS",
        [STEP_POLL] = "TROUPE_STUDIO_LATENCY_POLL_MS",
        [STEP_DOWNLOAD] = "TROUPE_STUDIO_LATENCY_DOWNLOAD_MS",
        [STEP_CANCEL] = "TROUPE_STUDIO_LATENCY_CANCEL_MS",
        [STEP_LIST] = "TROUPE_STUDIO_LATENCY_LIST_MS",
    };
    int64_t all;
    enum status status = settings_integer("TROUPE_STUDIO_LATENCY_MS", 0, LATENCY_MS_MAX, 0, &all);
    for (int step = 0; status == STATUS_OK && step < STEP_COUNT; step++) {
        status = settings_integer(NAMES[step], 0, LATENCY_MS_MAX, all, &out->latency_ms[step]);
    }
    if (status == STATUS_OK) {
        status = settings_integer("TROUPE_STUDIO_FILM_LATENCY_MS", 0, LATENCY_MS_MAX, 0,
                                  &out->film_latency_ms);
    }
    return status;
}

static enum status read_limits(struct options *out)
{
    int64_t processors = sysconf(_SC_NPROCESSORS_ONLN);
    int64_t threads = processors < 1 ? 1 : processors > THREAD_COUNT ? THREAD_COUNT : processors;
    enum status status =
        settings_integer("TROUPE_STUDIO_THREADS", 1, POOL_THREAD_COUNT_MAX, threads, &threads);
    out->thread_count = (int)threads;
    if (status == STATUS_OK) {
        int64_t mebibytes;
        status = settings_integer("TROUPE_STUDIO_MEMORY_MIB", 64, MEMORY_MIB_MAX, MEMORY_MIB,
                                  &mebibytes);
        out->memory_size_max = status == STATUS_OK ? mebibytes * 1024 * 1024 : 0;
    }
    if (status == STATUS_OK) {
        status = settings_integer("TROUPE_STUDIO_CONNECTIONS", 1, CONNECTION_COUNT_MAX,
                                  CONNECTION_COUNT, &out->connection_count_max);
    }
    return status;
}

static enum status read_environment(struct options *out)
{
    int64_t seed = 1;
    out->key = settings_text("TROUPE_STUDIO_KEY", NULL);
    out->public_url = settings_text("TROUPE_STUDIO_PUBLIC_URL", NULL);
    out->fault_rules = settings_text("TROUPE_STUDIO_FAULT_RULES", NULL);
    enum status status = settings_flag("TROUPE_STUDIO_FAULTS", false, &out->faults);
    if (status == STATUS_OK) {
        status = settings_integer("TROUPE_STUDIO_FAULT_SEED", 0, INT64_MAX, 1, &seed);
    }
    out->fault_seed = (uint64_t)seed;
    if (status == STATUS_OK) {
        status = read_latencies(out);
    }
    if (status == STATUS_OK) {
        status = read_limits(out);
    }
    return status == STATUS_OK
               ? parse_listen(settings_text("TROUPE_STUDIO_LISTEN", "127.0.0.1:8188"), out)
               : status;
}

enum status options_read(int count, char **arguments, struct options *out, enum options_wish *wish)
{
    *out = (struct options){0};
    *wish = OPTIONS_SERVE;
    enum status status = read_environment(out);
    for (int index = 1; status == STATUS_OK && index < count; index++) {
        const char *argument = arguments[index];
        if (strcmp(argument, "--help") == 0 || strcmp(argument, "-h") == 0) {
            *wish = OPTIONS_HELP;
        } else if (strcmp(argument, "--version") == 0) {
            *wish = OPTIONS_VERSION;
        } else if (strcmp(argument, "--check-settings") == 0) {
            *wish = OPTIONS_CHECK;
        } else if (strcmp(argument, "--listen") == 0 && index + 1 < count) {
            status = parse_listen(arguments[++index], out);
        } else {
            fprintf(stderr, "troupe-studio: unknown argument %.80s (try --help)\n", argument);
            status = STATUS_INVALID;
        }
    }
    return status;
}
