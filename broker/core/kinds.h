#ifndef TROUPE_BROKER_CORE_KINDS_H
#define TROUPE_BROKER_CORE_KINDS_H

/* What differs between the queues: how often a job is tried, how long, and when again. One table;
 * constant. */

#include "broker/core/limits.h"
#include "proto/messages.h"

struct kind_rules {
    uint32_t attempts_max;                  /* executions that count */
    uint32_t workers_lost_max;              /* lost leases until a job is taken to be the cause */
    int64_t timeout_ms;                     /* of one attempt */
    int64_t deadline_ms;                    /* total, unless the request sets one */
    int64_t backoff_ms[ATTEMPTS_LIMIT - 1]; /* after the k-th counted failure: [k - 1] */
    const char *timeout_text;               /* for the owner */
};

/* The rules of a kind, which is one of enum job_kind. */
const struct kind_rules *kind_rules(uint8_t kind);

/* Whether jobs of this kind are made from a character that must be there. */
bool kind_needs_character(uint8_t kind);

/* The calls that a job of this kind makes, when all goes well: 1 << enum provider_use each. */
uint8_t kind_uses(uint8_t kind);

/* Whether they may make assets of one: those, and the jobs that make characters. */
bool kind_makes_assets(uint8_t kind);

#endif
