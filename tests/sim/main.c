/*
 * The simulator: the broker's core with its records and queries in a hostile world of one thread
 * and virtual time. A seed decides everything. The run ends at the first broken invariant, with the
 * last actions and how to replay them; otherwise it prints how often everything happened, and fails
 * when something never did.
 *
 *   sim [--seeds A..B] [--seed N] [--steps N] [--minutes M] [--verbose] [--replay]
 */

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "tests/sim/world.h"

enum {
    STEPS_USUAL = 2000,    /* of a seed, before its faults end */
    SEEDS_COMPLETE = 1000, /* from so many on, everything must have happened */
};

struct options {
    uint64_t first;
    uint64_t last;
    uint64_t steps;
    double minutes;
    bool verbose;
    bool replay; /* run each seed twice and compare */
};

static const char usage_text[] =
    "usage: sim [OPTIONS]\n"
    "  --seeds A..B   run these seeds, 1..1000 without an option\n"
    "  --seed N       run one\n"
    "  --steps N      steps of a seed before its faults end, 2000\n"
    "  --minutes M    go on from A until this much time has passed\n"
    "  --verbose      print every action\n"
    "  --replay       run each seed twice: both runs must be the same\n";

static _Noreturn void usage(void)
{
    fputs(usage_text, stderr);
    exit(2);
}

static uint64_t number_of(const char *text, const char **rest)
{
    char *end;
    unsigned long long number = strtoull(text, &end, 10);
    if (end == text) {
        usage();
    }
    *rest = end;
    return number;
}

static void take_seeds(struct options *options, const char *text, bool range)
{
    options->first = options->last = number_of(text, &text);
    if (range && strncmp(text, "..", 2) == 0) {
        options->last = number_of(text + 2, &text);
    }
    if (*text != '\0' || options->last < options->first) {
        usage();
    }
}

static void take_options(struct options *options, int count, char **values)
{
    static const struct option known[] = {
        {"seeds", required_argument, NULL, 'r'},
        {"seed", required_argument, NULL, 's'},
        {"steps", required_argument, NULL, 'n'},
        {"minutes", required_argument, NULL, 'm'},
        {"verbose", no_argument, NULL, 'v'},
        {"replay", no_argument, NULL, 'p'},
        {NULL, 0, NULL, 0},
    };
    int option;
    const char *rest = "";
    while ((option = getopt_long(count, values, "", known, NULL)) != -1) {
        if (option == 'r' || option == 's') {
            take_seeds(options, optarg, option == 'r');
        } else if (option == 'n') {
            options->steps = number_of(optarg, &rest);
        } else if (option == 'm') {
            options->minutes = (double)number_of(optarg, &rest);
        } else if (option == 'v') {
            options->verbose = true;
        } else if (option == 'p') {
            options->replay = true;
        } else {
            usage();
        }
        if (*rest != '\0') {
            usage();
        }
    }
    if (optind != count) {
        usage();
    }
}

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static bool run_seed(const struct options *options, uint64_t seed, struct coverage *coverage)
{
    uint64_t digest = world_run(seed, options->steps, options->verbose, coverage);
    if (options->verbose) {
        printf("seed %llu: digest %016llx\n", (unsigned long long)seed, (unsigned long long)digest);
    }
    if (options->replay && world_run(seed, options->steps, false, coverage) != digest) {
        printf("FAILED: seed %llu does not replay the same\n", (unsigned long long)seed);
        return false;
    }
    return true;
}

int main(int count, char **values)
{
    static struct coverage coverage;
    struct options options = {.first = 1, .last = 1000, .steps = STEPS_USUAL};
    take_options(&options, count, values);
    double start = seconds_now();
    double end = start + options.minutes * 60;
    uint64_t seed = options.first;
    while (options.minutes > 0 ? seconds_now() < end : seed <= options.last) {
        if (!run_seed(&options, seed++, &coverage)) {
            return 1;
        }
    }
    coverage_print(&coverage, seconds_now() - start);
    if (coverage.seeds >= SEEDS_COMPLETE && coverage_missing(&coverage) > 0) {
        return 1;
    }
    return 0;
}
