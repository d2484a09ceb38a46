#ifndef TROUPE_BROKER_CORE_BREAKER_H
#define TROUPE_BROKER_CORE_BREAKER_H

/*
 * The circuit breaker of one provider. Closed, it counts the calls of the last 30 seconds (up to
 * 33: in parts of three), and opens at BREAKER_FAILURES_MIN failures that are at least half of
 * them, or at once when the provider refuses the account. Open, it allows nothing for 10 seconds,
 * twice as long each time that it opens again, up to 5 minutes. Then it is half open: one call is
 * the probe, and only its caller can say that it failed. One that nothing is heard of is lost after
 * BREAKER_PROBE_MS, and another one may go. Calls that nobody asks for (chat) decide as well: while
 * no probe is under way, the first outcome does, and a success always closes it. Successes are of
 * orders alone (PROTOCOL.md, "Providers"): it stays half open until one comes, however well tasks
 * are polled. Embedded by its owner.
 */

#include <stdbool.h>
#include <stdint.h>
#include "base/id.h"

enum {
    BREAKER_PARTS = 11, /* ten for the window, and the one that is just beginning */
    BREAKER_PART_MS = 3000,
};

enum breaker_state {
    BREAKER_CLOSED = 0,
    BREAKER_OPEN,    /* until `until`; then half open, while nobody has asked or told */
    BREAKER_PROBING, /* half open, the probe is under way; taken for lost at `until` */
};

struct breaker {
    enum breaker_state state;
    int64_t since; /* when it last opened or closed */
    int64_t until;
    struct id prober; /* who made the call, when probing */
    int64_t open_ms;  /* how long it was open last; 0 since it closed */
    int64_t part_last;
    uint64_t successes[BREAKER_PARTS];
    uint64_t failures[BREAKER_PARTS];
};

/* The first moment at which a call is allowed; INT64_MIN while it is closed. */
int64_t breaker_next(const struct breaker *breaker);

/* When to ask again, of a call that is not allowed now: a probe may be over long before it would be
 * taken for lost. */
int64_t breaker_retry(const struct breaker *breaker, int64_t now);

/* A call is made by `caller`; breaker_next must allow it. */
void breaker_call(struct breaker *breaker, const struct id *caller, int64_t now);

/* Outcomes of a caller's calls, at `now`, which is never before an earlier one. An answer is a
 * success unless any other call would get it, too (such a model is not there). While it is open,
 * and of others than the prober while one is awaited, failures are of calls from before and change
 * nothing. */
void breaker_report(struct breaker *breaker, const struct id *caller, uint64_t successes,
                    uint64_t failures, int64_t now);

/* Opens it whatever was counted, for retry_after_ms if that is longer. One whose time is not over
 * only waits longer. */
void breaker_refuse(struct breaker *breaker, int64_t retry_after_ms, int64_t now);

#endif
