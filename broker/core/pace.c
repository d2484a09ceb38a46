#include "broker/core/pace.h"

#include <assert.h>

void pace_end(struct pace *pace, int64_t run_ms, int64_t now)
{
    assert(run_ms >= 0);
    assert(now >= pace->ended_at);
    int64_t *run = &pace->runs[pace->next];
    pace->sum += run_ms - *run;
    *run = run_ms;
    pace->next = (pace->next + 1) % PACE_RUNS;
    pace->count += pace->count < PACE_RUNS;
    pace->ended_at = now;
}

int64_t pace_run_ms(const struct pace *pace, int64_t now)
{
    if (pace->count == 0 || now - pace->ended_at > PACE_KEPT_MS) {
        return 0;
    }
    int64_t mean = pace->sum / pace->count;
    return mean > 0 ? mean : 1;
}
