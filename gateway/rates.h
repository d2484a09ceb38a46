#ifndef TROUPE_GATEWAY_RATES_H
#define TROUPE_GATEWAY_RATES_H

/*
 * How many jobs a user may submit: in any sliding window no more than the policy says, exactly, by
 * the times of what was let through. It counts what goes through this gateway; several count apart.
 * Pure but for allocation; bounded: at the bound those whose window is over are forgotten, and when
 * there is none, users that are not known are refused. Embedded by the gateway.
 */

#include "base/slice.h"
#include "base/status.h"
#include "gateway/list.h"

struct rate_policy {
    uint32_t jobs;     /* 0: no limit */
    uint32_t window_s; /* seconds */
};

/* Where a user stands. */
struct rate_state {
    uint32_t remaining; /* jobs that may be submitted now */
    uint32_t reset_s;   /* until there are more, or until the refused ones may be tried again */
};

struct rates {
    struct rate_policy policy;
    uint64_t seed;
    struct list *buckets; /* owned, RATE_BUCKETS; NULL without a limit */
    struct list idle;     /* all users, the longest unseen first */
    size_t user_count;
    size_t size; /* bytes of all users */
};

/* Reads "JOBS/SECONDS" or "off". Returns OK, or INVALID. */
enum status rate_policy_parse(const char *text, struct rate_policy *out);

/* seed is random: nobody can choose names that crowd one bucket. Returns OK or NO_MEMORY. */
enum status rates_init(struct rates *rates, const struct rate_policy *policy, uint64_t seed);
void rates_fini(struct rates *rates);

/* Takes so many jobs (at least 1) of owner, all or none; now_ms never goes back. Returns OK; AGAIN
 * (over the limit); or FULL (no room to count for another user). *out is set but for FULL. */
enum status rates_take(struct rates *rates, struct slice owner, uint32_t jobs, int64_t now_ms,
                       struct rate_state *out);

#endif
