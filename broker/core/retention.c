#include "broker/core/retention.h"

#include <assert.h>

static const enum retained all[RETAINED_COUNT] = {RETAINED_COMPLETED, RETAINED_FAILED,
                                                  RETAINED_CANCELLED, RETAINED_TOMBSTONE};

enum retained retained_at(uint32_t place)
{
    assert(place < RETAINED_COUNT);
    return all[place];
}

uint32_t retained_place(enum retained retained)
{
    uint32_t place = 0;
    while (all[place] != retained) {
        place++;
        assert(place < RETAINED_COUNT);
    }
    return place;
}

int64_t retention_of(const struct retention *retention, enum retained retained)
{
    switch (retained) {
    case RETAINED_COMPLETED:
    case RETAINED_FAILED:
    case RETAINED_CANCELLED:
        return retention->ended_ms[retained];
    case RETAINED_TOMBSTONE:
        return retention->tombstone_ms;
    }
    assert(false);
    return 0;
}

int64_t retention_end(const struct retention *retention, uint8_t state, int64_t completed_at)
{
    assert(state < JOB_STATE_COUNT);
    return job_state_is_terminal((enum job_state)state) ? completed_at + retention->ended_ms[state]
                                                        : 0;
}
