#include "broker/core/kinds.h"

#include <assert.h>

#define SECONDS(count) ((int64_t)(count)*1000)
#define MINUTES(count) (SECONDS(60) * (count))
#define HOURS(count)   (MINUTES(60) * (count))

/* Of what generates: the specification's retry policy. */
#define GENERATION(timeout, text)                                                                \
    .attempts_max = ATTEMPTS_MAX, .workers_lost_max = WORKERS_LOST_MAX, .timeout_ms = (timeout), \
    .deadline_ms = DEADLINE_MS, .backoff_ms = {BACKOFF_BASE_MS, 2 * BACKOFF_BASE_MS},            \
    .timeout_text = "the attempt took longer than " text " seconds"

_Static_assert(ATTEMPTS_MAX == 3, "two pauses above");
_Static_assert(TIMEOUT_CHARACTER_MS == 300000, "the texts below say so");
_Static_assert(TIMEOUT_IMAGE_MS == 300000, "the texts below say so");
_Static_assert(TIMEOUT_VIDEO_MS == 600000, "the texts below say so");
_Static_assert(TIMEOUT_WEBHOOK_MS == 20000, "the texts below say so");

static const struct kind_rules rules[JOB_KIND_COUNT] = {
    [JOB_KIND_CHARACTER] = {GENERATION(TIMEOUT_CHARACTER_MS, "300")},
    [JOB_KIND_IMAGE] = {GENERATION(TIMEOUT_IMAGE_MS, "300")},
    [JOB_KIND_VIDEO] = {GENERATION(TIMEOUT_VIDEO_MS, "600")},
    /* The schedule that the Standard Webhooks specification suggests, 1.0.0. */
    [JOB_KIND_WEBHOOK] = {.attempts_max = ATTEMPTS_WEBHOOK_MAX,
                          .workers_lost_max = WORKERS_LOST_WEBHOOK_MAX,
                          .timeout_ms = TIMEOUT_WEBHOOK_MS,
                          .deadline_ms = DEADLINE_WEBHOOK_MS,
                          .backoff_ms = {SECONDS(5), MINUTES(5), MINUTES(30), HOURS(2), HOURS(5),
                                         HOURS(10), HOURS(14), HOURS(20), HOURS(24)},
                          .timeout_text = "the attempt took longer than 20 seconds"},
};

const struct kind_rules *kind_rules(uint8_t kind)
{
    assert(kind < JOB_KIND_COUNT);
    return &rules[kind];
}

bool kind_needs_character(uint8_t kind)
{
    return kind == JOB_KIND_IMAGE || kind == JOB_KIND_VIDEO;
}

uint8_t kind_uses(uint8_t kind)
{
    static const uint8_t uses[JOB_KIND_COUNT] = {
        [JOB_KIND_CHARACTER] = 1 << PROVIDER_USE_CHAT | 1 << PROVIDER_USE_IMAGE,
        [JOB_KIND_IMAGE] = 1 << PROVIDER_USE_IMAGE,
        [JOB_KIND_VIDEO] = 1 << PROVIDER_USE_CHAT | 1 << PROVIDER_USE_VIDEO,
    };
    assert(kind < JOB_KIND_COUNT);
    return uses[kind];
}

bool kind_makes_assets(uint8_t kind)
{
    return kind != JOB_KIND_WEBHOOK;
}
