#include "actors/store_health.h"

#include <stdio.h>
#include "actors/limits.h"

void store_health_failed(struct store_health *health, const char *words, int64_t now_ms)
{
    bool is_longer = health->is_bad && health->is_probed;
    snprintf(health->words, sizeof(health->words), "%s", words);
    if (health->is_bad && !is_longer) {
        return;
    }
    health->pause_ms = is_longer ? 2 * health->pause_ms : STORE_PROBE_MS_MIN;
    if (health->pause_ms > STORE_PROBE_MS_MAX) {
        health->pause_ms = STORE_PROBE_MS_MAX;
    }
    health->is_bad = true;
    health->is_probed = false;
    health->probe_ms = now_ms + health->pause_ms;
}

void store_health_succeeded(struct store_health *health)
{
    *health = (struct store_health){0};
}

bool store_health_begin_probe(struct store_health *health, int64_t now_ms)
{
    bool is_due = health->is_bad && !health->is_probed && now_ms >= health->probe_ms;
    health->is_probed = health->is_probed || is_due;
    return is_due;
}

int64_t store_health_wait_ms(const struct store_health *health, int64_t now_ms)
{
    bool is_soon = health->is_probed || health->probe_ms <= now_ms + STORE_PROBE_MS_MIN;
    return is_soon ? STORE_PROBE_MS_MIN : health->probe_ms - now_ms;
}
