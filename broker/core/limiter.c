#include "broker/core/limiter.h"

#include <assert.h>
#include <stdlib.h>
#include "broker/core/limits.h"

enum status limiter_init(struct limiter *limiter, uint32_t rate, int64_t now)
{
    assert(rate <= RATE_MAX);
    *limiter = (struct limiter){.rate = rate};
    if (rate == 0) {
        return STATUS_OK;
    }
    limiter->starts = malloc(rate * sizeof(*limiter->starts));
    if (limiter->starts == NULL) {
        return STATUS_NO_MEMORY;
    }
    for (uint32_t index = 0; index < rate; index++) {
        limiter->starts[index] = now;
    }
    return STATUS_OK;
}

void limiter_fini(struct limiter *limiter)
{
    free(limiter->starts);
    *limiter = (struct limiter){0};
}

int64_t limiter_next(const struct limiter *limiter)
{
    if (limiter->rate == 0) {
        return INT64_MIN;
    }
    return limiter->starts[limiter->next] + LIMITER_WINDOW_MS + 1;
}

uint32_t limiter_used(const struct limiter *limiter, int64_t now)
{
    uint32_t used = 0;
    for (uint32_t index = 0; index < limiter->rate; index++) {
        used += now - limiter->starts[index] <= LIMITER_WINDOW_MS;
    }
    return used;
}

void limiter_start(struct limiter *limiter, int64_t now)
{
    assert(now >= limiter_next(limiter));
    if (limiter->rate == 0) {
        return;
    }
    limiter->starts[limiter->next] = now;
    limiter->next = (limiter->next + 1) % limiter->rate;
}
