#include "broker/core/breaker.h"

#include <assert.h>
#include <string.h>
#include "broker/core/limits.h"

int64_t breaker_next(const struct breaker *breaker)
{
    return breaker->state == BREAKER_CLOSED ? INT64_MIN : breaker->until;
}

int64_t breaker_retry(const struct breaker *breaker, int64_t now)
{
    int64_t next = breaker_next(breaker);
    bool may_end_soon = breaker->state == BREAKER_PROBING && next > now + PROBE_RETRY_MS;
    return may_end_soon ? now + PROBE_RETRY_MS : next;
}

void breaker_call(struct breaker *breaker, const struct id *caller, int64_t now)
{
    assert(breaker_next(breaker) <= now);
    if (breaker->state != BREAKER_CLOSED) {
        breaker->state = BREAKER_PROBING;
        breaker->prober = *caller;
        breaker->until = now + BREAKER_PROBE_MS;
    }
}

static void forget_counts(struct breaker *breaker)
{
    memset(breaker->successes, 0, sizeof(breaker->successes));
    memset(breaker->failures, 0, sizeof(breaker->failures));
}

static void open(struct breaker *breaker, int64_t wait_ms, int64_t now)
{
    int64_t doubled = breaker->open_ms == 0 ? BREAKER_OPEN_MS : 2 * breaker->open_ms;
    breaker->open_ms = doubled < BREAKER_OPEN_MS_MAX ? doubled : BREAKER_OPEN_MS_MAX;
    breaker->since = breaker->state == BREAKER_CLOSED ? now : breaker->since;
    breaker->state = BREAKER_OPEN;
    breaker->until = now + (wait_ms > breaker->open_ms ? wait_ms : breaker->open_ms);
    forget_counts(breaker);
}

static void close(struct breaker *breaker, int64_t now)
{
    breaker->state = BREAKER_CLOSED;
    breaker->since = now;
    breaker->open_ms = 0;
    forget_counts(breaker);
}

static void advance(struct breaker *breaker, int64_t now)
{
    int64_t number = now / BREAKER_PART_MS;
    assert(number >= breaker->part_last);
    for (int index = 0; index < BREAKER_PARTS && breaker->part_last < number; index++) {
        breaker->part_last++;
        breaker->successes[breaker->part_last % BREAKER_PARTS] = 0;
        breaker->failures[breaker->part_last % BREAKER_PARTS] = 0;
    }
    breaker->part_last = number;
}

static void count(struct breaker *breaker, uint64_t successes, uint64_t failures, int64_t now)
{
    uint64_t successes_all = 0;
    uint64_t failures_all = 0;
    advance(breaker, now);
    breaker->successes[breaker->part_last % BREAKER_PARTS] += successes;
    breaker->failures[breaker->part_last % BREAKER_PARTS] += failures;
    for (int index = 0; index < BREAKER_PARTS; index++) {
        successes_all += breaker->successes[index];
        failures_all += breaker->failures[index];
    }
    if (failures > 0 && failures_all >= BREAKER_FAILURES_MIN && failures_all >= successes_all) {
        open(breaker, 0, now);
    }
}

static void decide(struct breaker *breaker, uint64_t successes, uint64_t failures, int64_t now)
{
    if (failures > 0) {
        open(breaker, 0, now);
    } else if (successes > 0) {
        close(breaker, now);
    }
}

void breaker_report(struct breaker *breaker, const struct id *caller, uint64_t successes,
                    uint64_t failures, int64_t now)
{
    bool is_over = breaker_next(breaker) <= now;
    switch (breaker->state) {
    case BREAKER_CLOSED:
        count(breaker, successes, failures, now);
        break;
    case BREAKER_OPEN:
        if (is_over) {
            decide(breaker, successes, failures, now);
        }
        break;
    case BREAKER_PROBING:
        if (is_over || id_equal(caller, &breaker->prober)) {
            decide(breaker, successes, failures, now);
        } else {
            decide(breaker, successes, 0, now);
        }
        break;
    }
}

void breaker_refuse(struct breaker *breaker, int64_t retry_after_ms, int64_t now)
{
    if (breaker->state != BREAKER_OPEN || breaker->until <= now) {
        open(breaker, retry_after_ms, now);
    } else if (now + retry_after_ms > breaker->until) {
        breaker->until = now + retry_after_ms;
    }
}
