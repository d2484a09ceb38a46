#include "base/clock.h"

#include <stdio.h>
#include <time.h>

static int64_t read_ms(clockid_t id)
{
    struct timespec time;
    clock_gettime(id, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

void clock_init(struct clock *clock, int64_t floor_ms)
{
    int64_t wall_ms = read_ms(CLOCK_REALTIME);
    clock->wall_start_ms = wall_ms < floor_ms ? floor_ms : wall_ms;
    clock->monotonic_start_ms = clock_monotonic_ms();
}

int64_t clock_now_ms(const struct clock *clock)
{
    return clock->wall_start_ms + (clock_monotonic_ms() - clock->monotonic_start_ms);
}

int64_t clock_monotonic_ms(void)
{
    return read_ms(CLOCK_MONOTONIC);
}

int64_t clock_monotonic_us(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

void clock_format(int64_t time_ms, char out[CLOCK_TEXT_SIZE])
{
    static const int64_t last_ms = 253402300799999; /* 9999-12-31T23:59:59.999Z */
    struct tm parts;
    time_ms = time_ms < 0 ? 0 : time_ms > last_ms ? last_ms : time_ms;
    time_t seconds = time_ms / 1000;
    gmtime_r(&seconds, &parts);
    /* The clamp above bounds every number; the compiler cannot see it. */
    snprintf(out, CLOCK_TEXT_SIZE, "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ",
             (unsigned)(parts.tm_year + 1900) % 10000, (unsigned)(parts.tm_mon + 1) % 100,
             (unsigned)parts.tm_mday % 100, (unsigned)parts.tm_hour % 100,
             (unsigned)parts.tm_min % 100, (unsigned)parts.tm_sec % 100,
             (unsigned)(time_ms % 1000));
}
