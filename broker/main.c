/* troupe-broker: settings, signals, and the shell. */

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/file.h"
#include "base/log.h"
#include "base/settings.h"
#include "broker/context.h"
#include "broker/health.h"
#include "broker/shell.h"

enum {
    EXIT_CODE_FAILED = 1,
    EXIT_CODE_SETTINGS = 2,
    EXIT_CODE_IN_USE = 3,
    DIRECTORY_SIZE_MAX = 4096,
    SPACE_FLOOR_DEFAULT = 512 << 20, /* bytes */
};

static const char help_text[] =
    "usage: troupe-broker [--help | --version | --health]\n"
    "\n"
    "The queue: takes jobs from gateways, hands them to actors, records everything.\n"
    "--health exits with 0 when a running broker answers at TROUPE_GATEWAY_ENDPOINT.\n"
    "\n"
    "Settings (environment):\n"
    "  TROUPE_DATA               data directory; the store is in its broker/ (required)\n"
    "  TROUPE_GATEWAY_ENDPOINT   where gateways connect: ipc://PATH or tcp://127.0.0.1:PORT "
    "(required)\n"
    "  TROUPE_ACTOR_ENDPOINT     where actors connect (required)\n"
    "  TROUPE_RATE               off: no limits of started jobs a second\n"
    "  TROUPE_RATE_CHARACTER, TROUPE_RATE_IMAGE, TROUPE_RATE_VIDEO\n"
    "                            off, or started jobs a second (10, 5, 3)\n"
    "  TROUPE_SPACE_FLOOR        bytes of free disk below which new jobs are refused (536870912)\n"
    "  TROUPE_LOG_LEVEL          debug, info, warn or error (info)\n";

static enum status read_rate(const char *name, bool all_off, uint32_t *rate)
{
    const char *text = settings_text(name, NULL);
    int64_t value = all_off ? 0 : *rate;
    if (text != NULL && strcmp(text, "off") == 0) {
        value = 0;
    } else if (text != NULL && settings_integer(name, 1, RATE_MAX, 1, &value) != STATUS_OK) {
        return STATUS_INVALID;
    }
    *rate = (uint32_t)value;
    return STATUS_OK;
}

static enum status read_rates(struct core_options *options)
{
    static const char *const names[JOB_KIND_COUNT] = {"TROUPE_RATE_CHARACTER", "TROUPE_RATE_IMAGE",
                                                      "TROUPE_RATE_VIDEO"};
    const char *all = settings_text("TROUPE_RATE", NULL);
    if (all != NULL && strcmp(all, "off") != 0) {
        log_error("bad setting", "name=TROUPE_RATE value=%s need=off", all);
        return STATUS_INVALID;
    }
    for (int kind = 0; kind < JOB_KIND_COUNT; kind++) {
        if (read_rate(names[kind], all != NULL, &options->rate[kind]) != STATUS_OK) {
            return STATUS_INVALID;
        }
    }
    return STATUS_OK;
}

/* Without encryption only this host may be spoken to. */
static enum status read_endpoint(const char *name, const char **out)
{
    static const char *const allowed[] = {"ipc://", "tcp://127.",
                                          "tcp://localhost:", "tcp://[::1]:"};
    *out = settings_text(name, NULL);
    for (size_t index = 0; *out != NULL && index < sizeof allowed / sizeof allowed[0]; index++) {
        if (strncmp(*out, allowed[index], strlen(allowed[index])) == 0) {
            return STATUS_OK;
        }
    }
    log_error("bad setting",
              "name=%s value=%s need=\"ipc://PATH or tcp://127.0.0.1:PORT: other hosts "
              "would need encryption, which there is none of yet\"",
              name, *out == NULL ? "" : *out);
    return STATUS_INVALID;
}

static enum status read_settings(struct shell_options *options, char *directory)
{
    const char *data = settings_text("TROUPE_DATA", NULL);
    core_options_default(&options->core);
    if (data == NULL ||
        snprintf(directory, DIRECTORY_SIZE_MAX, "%s/broker", data) >= DIRECTORY_SIZE_MAX) {
        log_error("bad setting", "name=TROUPE_DATA need=\"a directory\"");
        return STATUS_INVALID;
    }
    options->directory = directory;
    enum status status = read_endpoint("TROUPE_GATEWAY_ENDPOINT", &options->gateway_endpoint);
    if (status == STATUS_OK) {
        status = read_endpoint("TROUPE_ACTOR_ENDPOINT", &options->actor_endpoint);
    }
    if (status == STATUS_OK) {
        status = read_rates(&options->core);
    }
    if (status == STATUS_OK) {
        status = settings_integer("TROUPE_SPACE_FLOOR", 0, INT64_MAX, SPACE_FLOOR_DEFAULT,
                                  &options->space_floor);
    }
    return status;
}

/* Blocks the stop signals in every thread to come. */
static int open_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN); /* a log that nobody reads is no reason to end */
    return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

/* Each connection is a descriptor, and so is each of the store's files. */
static void raise_descriptors(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static int exit_code_of(enum status status)
{
    switch ((int)status) {
    case STATUS_OK:
        return 0;
    case STATUS_BUSY:
        return EXIT_CODE_IN_USE;
    case STATUS_INVALID:
        return EXIT_CODE_SETTINGS;
    default:
        return EXIT_CODE_FAILED;
    }
}

static int run(const struct shell_options *options)
{
    struct shell *shell = NULL;
    enum status status = shell_new(options, &shell);
    if (status != STATUS_OK) {
        return exit_code_of(status);
    }
    printf("troupe-broker: ready\n");
    fflush(stdout);
    status = shell_run(shell);
    shell_destroy(&shell);
    return status == STATUS_OK ? 0 : EXIT_CODE_FAILED;
}

static int ask_health(void)
{
    const char *endpoint = NULL;
    if (read_endpoint("TROUPE_GATEWAY_ENDPOINT", &endpoint) != STATUS_OK) {
        return EXIT_CODE_SETTINGS;
    }
    enum status status = health_check(endpoint);
    if (status != STATUS_OK) {
        log_error("broker is not well", "endpoint=%s status=%s", endpoint, status_name(status));
    }
    return status == STATUS_OK ? 0 : EXIT_CODE_FAILED;
}

int main(int count, char **words)
{
    struct shell_options options = {0};
    char directory[DIRECTORY_SIZE_MAX];
    const char *word = count == 2 ? words[1] : "";
    if (strcmp(word, "--version") == 0) {
        printf("troupe-broker %s\n", TROUPE_VERSION);
        return 0;
    }
    if (strcmp(word, "--help") == 0) {
        fputs(help_text, stdout);
        return 0;
    }
    log_init("troupe-broker", log_level_parse(settings_text("TROUPE_LOG_LEVEL", NULL), LOG_INFO));
    if (strcmp(word, "--health") == 0) {
        return ask_health();
    }
    if (count > 1) {
        fputs(help_text, stderr);
        return EXIT_CODE_SETTINGS;
    }
    raise_descriptors();
    umask(0077); /* sockets and files are for this user alone */
    options.signals = open_signals();
    if (options.signals < 0 || read_settings(&options, directory) != STATUS_OK) {
        return EXIT_CODE_SETTINGS;
    }
    options.context = context_open();
    int code = options.context == NULL ? EXIT_CODE_FAILED : run(&options);
    context_close();
    close(options.signals);
    return code;
}
