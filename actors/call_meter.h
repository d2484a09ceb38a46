#ifndef TROUPE_ACTORS_CALL_METER_H
#define TROUPE_ACTORS_CALL_METER_H

/*
 * Counts what an actor asked of providers and receivers: who, what for, what became of it, and how
 * long it took. Names are settings' and literals, so their number is small; beyond CALL_SERIES_MAX
 * calls count as one more, without names. Pure. Embedded by the runtime, and copied as it is.
 */

#include "actors/http.h"
#include "base/metrics.h"

enum {
    CALL_SERIES_MAX = 32, /* pairs of a name and a purpose */
};

enum call_outcome {
    CALL_OUTCOME_SUCCESS,   /* an answer of 2xx */
    CALL_OUTCOME_THROTTLED, /* 429 */
    CALL_OUTCOME_REFUSED,   /* any other answer below 500 */
    CALL_OUTCOME_FAILED,    /* 5xx */
    CALL_OUTCOME_NOT_SENT,  /* nobody there, or not to be called */
    CALL_OUTCOME_BROKEN,    /* the answer did not come, or cannot be used */
    CALL_OUTCOME_TIMEOUT,
    CALL_OUTCOME_ABORTED, /* by us: the attempt ended */
};
enum {
    CALL_OUTCOME_COUNT = CALL_OUTCOME_ABORTED + 1,
};

struct call_series {
    const char *provider; /* both live as long as the program */
    const char *purpose;
    uint64_t outcomes[CALL_OUTCOME_COUNT];
    struct histogram durations; /* HISTOGRAM_CALL, milliseconds */
};

struct call_meter {
    uint32_t count;
    struct call_series series[CALL_SERIES_MAX + 1];
};

/* What a response is. */
enum call_outcome call_outcome_of(const struct http_response *response);

/* Counts a call. provider and purpose live as long as the program. */
void call_meter_count(struct call_meter *meter, const char *provider, const char *purpose,
                      enum call_outcome outcome, int64_t took_ms);

void call_meter_write(const struct call_meter *meter, struct metrics_writer *writer);

#endif
