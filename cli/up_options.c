#include "cli/up_options.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/settings.h"
#include "cli/command.h"

const char usage_up[] =
    "usage: troupe up [--port 5000] [--data DIR] [--provider local|live|null[:MS]]\n"
    "                 [--rate off] [--actors N] [--metrics PORT]\n"
    "                 [--assets DIR|s3:BUCKET[/PREFIX]] [--json]\n"
    "  --port      where the API listens, on this machine only; 0 takes a free one\n"
    "  --data      what is kept: jobs, pictures, videos, the secret (TROUPE_DATA, or\n"
    "              ~/.local/share/troupe)\n"
    "  --provider  local: the studio, offline; live: the hosted providers that\n"
    "              TROUPE_CHAT_URL, TROUPE_IMAGE_URL, TROUPE_VIDEO_URL and their\n"
    "              _MODEL and _KEY name, or those of TROUPE_PROVIDERS_FILE; null:\n"
    "              nothing is made, at once or in MS milliseconds a job\n"
    "              (TROUPE_PROVIDER, or local)\n"
    "  --rate off  starts as many jobs a second as there are workers for; otherwise\n"
    "              10 characters, 5 pictures and 3 videos (TROUPE_RATE_CHARACTER,\n"
    "              _IMAGE, _VIDEO)\n"
    "  --actors    processes of each role (1), with QUEUE_CONCURRENCY jobs at once\n"
    "              each (5)\n"
    "  --assets    where pictures and videos go (DIR/assets of --data); a bucket\n"
    "              needs TROUPE_S3_ENDPOINT, TROUPE_S3_KEY_ID and the other\n"
    "              TROUPE_S3_...\n"
    "  --metrics   where the broker serves /metrics for Prometheus, on this machine\n"
    "              only; the actors on the ports after it, or all on free ones with\n"
    "              0. The gateway has its own\n"
    "  --json      tells what happens, one object a line: started, ended, ready,\n"
    "              restarting, restarted, stopping and stopped, each with its time\n"
    "It restarts what dies, and ends everything on Ctrl-C or SIGTERM. SIGUSR1, and\n"
    "`troupe restart`, restart the programs one after another without failing a\n"
    "request; SIGUSR2 makes all their logs' level debug, and the next one sets it\n"
    "back. Settings are those of the programs, which tell them by --help:\n"
    "troupe-broker, troupe-gateway, troupe-actor-image.\n";

bool up_options_is_local(const struct up_options *options)
{
    return strcmp(options->provider, "local") == 0;
}

/* What does not fit into a child's setting. Says so. */
static bool is_too_long(const char *name, const char *word)
{
    bool is_long = word != NULL && strlen(word) > UP_WORD_SIZE_MAX;
    if (is_long) {
        fprintf(stderr, "troupe: what %s names is longer than %d bytes\n", name, UP_WORD_SIZE_MAX);
    }
    return is_long;
}

int up_options_read(struct up_options *options, int count, char **words)
{
    const char *port = "5000";
    const char *data = NULL;
    const char *actors = "1";
    const struct option_rule rules[] = {
        {"--port", &port, NULL},
        {"--data", &data, NULL},
        {"--provider", &options->provider, NULL},
        {"--rate", &options->rate, NULL},
        {"--actors", &actors, NULL},
        {"--metrics", &options->metrics, NULL},
        {"--assets", &options->assets, NULL},
        {"--json", NULL, &options->json},
    };
    options->provider = settings_text("TROUPE_PROVIDER", "local");
    int others = options_take(count, words, rules, sizeof rules / sizeof rules[0]);
    if (others != 0) {
        return options_words(usage_up, "", 0, 0, others, words);
    }
    if (!options_number("--port", port, 0, 65535, &options->port) ||
        !options_number("--actors", actors, 0, UP_ACTORS_MAX, &options->actors)) {
        return EXIT_CODE_USAGE;
    }
    int64_t metrics_max = 65535 - options->actors * UP_ROLES;
    if (options->metrics != NULL &&
        !options_number("--metrics", options->metrics, 0, metrics_max, &options->metrics_port)) {
        return EXIT_CODE_USAGE;
    }
    if (options->rate != NULL && strcmp(options->rate, "off") != 0) {
        fprintf(stderr, "troupe: --rate takes only off; TROUPE_RATE_CHARACTER, _IMAGE and _VIDEO "
                        "set a number\n");
        return EXIT_CODE_USAGE;
    }
    if (is_too_long("--assets", options->assets) || is_too_long("--provider", options->provider)) {
        return EXIT_CODE_USAGE;
    }
    if (!up_options_is_local(options) && strcmp(options->provider, "live") != 0 &&
        strcmp(options->provider, "null") != 0 && strncmp(options->provider, "null:", 5) != 0) {
        fprintf(stderr, "troupe: --provider is local, live, null or null:MS\n");
        return EXIT_CODE_USAGE;
    }
    return stack_data_directory(data, options->data) == STATUS_OK ? EXIT_CODE_OK : EXIT_CODE_USAGE;
}

bool up_options_are_quiet(void)
{
    return isatty(STDERR_FILENO) == 1 && settings_text("TROUPE_LOG_LEVEL", NULL) == NULL;
}
