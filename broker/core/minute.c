#include "broker/core/minute.h"

#include <assert.h>
#include <string.h>

static uint32_t place_of(int64_t second)
{
    return (uint32_t)(second % MINUTE_SECONDS);
}

void minute_add(struct minute *minute, enum minute_thing thing, uint32_t count, int64_t now)
{
    int64_t second = now / 1000;
    assert(second >= minute->second);
    if (second - minute->second >= MINUTE_SECONDS) {
        memset(minute->counts, 0, sizeof(minute->counts));
        minute->second = second;
    }
    while (minute->second < second) {
        minute->second++;
        memset(minute->counts[place_of(minute->second)], 0, sizeof(minute->counts[0]));
    }
    uint32_t *counted = &minute->counts[place_of(second)][thing];
    *counted = count < UINT32_MAX - *counted ? *counted + count : UINT32_MAX;
}

void minute_count(struct minute *minute, enum minute_thing thing, int64_t now)
{
    minute_add(minute, thing, 1, now);
}

uint64_t minute_sum(const struct minute *minute, enum minute_thing thing, int64_t now)
{
    uint64_t sum = 0;
    int64_t first = now / 1000 - MINUTE_SECONDS + 1;
    int64_t kept = minute->second - MINUTE_SECONDS + 1; /* the first second that is there */
    for (int64_t second = first > kept ? first : kept; second <= minute->second; second++) {
        sum += second < 0 ? 0 : minute->counts[place_of(second)][thing];
    }
    return sum;
}
