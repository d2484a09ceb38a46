#ifndef TROUPE_TESTS_SIM_MODEL_PROVIDER_H
#define TROUPE_TESTS_SIM_MODEL_PROVIDER_H

/* The part of the model (model.h, which includes it) that is about the providers that all call. */

#include "broker/core/core.h"
#include "tests/sim/provider.h"

enum {
    MODEL_WINDOWS = 3,        /* second, minute and day */
    MODEL_REPORTS_MAX = 4096, /* of the last half minute, at most */
    MODEL_GRANTS_MAX = 256,   /* more than any limit */
};

enum model_breaker {
    MODEL_CLOSED = 0,
    MODEL_OPEN,
    MODEL_PROBING,
};

enum model_day {
    MODEL_DAY_LEFT,
    MODEL_DAY_UNSURE,
    MODEL_DAY_SPENT,
};

struct model_report {
    int64_t at;
    uint32_t successes, failures;
};

/* One provider, of all kinds; model_provider.c. */
struct model_provider {
    enum model_breaker state;
    int64_t until;
    int64_t open_ms;
    int64_t blocked_until;
    struct id prober;
    int64_t failed_until; /* what was told of it may keep it open until then ... */
    int64_t down_at;      /* ... since then */
    int64_t failed_at[BREAKER_FAILURES_MIN]; /* the last failures */
    uint64_t failed_count;
    int64_t tight_until; /* calls were denied for a limit: queues start their jobs at its pace */
    int64_t spent_until; /* likewise for that of a day */
    struct model_report reports[MODEL_REPORTS_MAX];
    uint64_t report_first; /* since it closed */
    uint64_t report_count;
    int64_t grants[MODEL_GRANTS_MAX];
    uint64_t grant_count;
    uint64_t grant_count_durable; /* others are not told, and lost in a crash */
};

struct model_providers {
    int64_t run_at;                      /* of the broker that this was learned in */
    int64_t paced_until[JOB_KIND_COUNT]; /* a queue starts nothing: it has just sent a probe */
    struct model_provider items[WORLD_PROVIDERS_MAX];
};

#endif
