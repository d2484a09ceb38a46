#include "tests/sim/settings.h"
#include <string.h>

/* Off in half of all worlds, otherwise up to max. */
static uint32_t draw_chance(struct prng *prng, uint32_t max)
{
    return prng_chance(prng, 500) ? 0 : 1 + prng_below(prng, max);
}

static uint32_t draw_one_of(struct prng *prng, const uint32_t *choices, uint32_t count)
{
    return choices[prng_below(prng, count)];
}

static void draw_limits(struct settings *settings, struct prng *prng)
{
    static const uint32_t rates[] = {10, 5, 3, 1, 2, 0, 10, 0};
    static const uint32_t caps[] = {0, 0, 0, 1, 2, 3};
    for (int kind = 0; kind < JOB_KIND_COUNT; kind++) {
        settings->rate[kind] = draw_one_of(prng, rates, 8);
        settings->active_max[kind] = draw_one_of(prng, caps, 6);
        settings->user_active_max[kind] = draw_one_of(prng, caps, 6);
    }
    settings->declares = prng_chance(prng, 600);
    settings->jobs_max = prng_chance(prng, 150) ? 5 + prng_below(prng, 20) : 5000;
    settings->slots_max = 6;
    settings->live_max = 60;
    settings->drain_max = prng_chance(prng, 300) ? 1 + prng_below(prng, 8) : 512;
}

/* Usual in most worlds; in the others jobs go while there is much going on. */
static void draw_retention(struct retention *retention, struct prng *prng)
{
    struct core_options usual;
    core_options_default(&usual);
    *retention = usual.retention;
    if (prng_chance(prng, 400)) {
        for (int state = JOB_STATE_COMPLETED; state < JOB_STATE_COUNT; state++) {
            retention->ended_ms[state] = prng_between(prng, 1, 60000);
        }
        retention->tombstone_ms = prng_between(prng, 60000, 180000);
    }
}

static void draw_pace(struct settings *settings, struct prng *prng)
{
    settings->tick_ms = prng_between(prng, 50, TICK_MS);
    settings->delay_ms = prng_between(prng, 0, prng_chance(prng, 200) ? 400 : 20);
    settings->commit_ms = prng_between(prng, 0, 5);
    settings->read_ms = prng_between(prng, 0, prng_chance(prng, 300) ? 200 : 10);
    settings->client_ms = prng_between(prng, 20, prng_chance(prng, 300) ? 8000 : 1200);
    settings->step_ms = prng_between(prng, 5, prng_chance(prng, 300) ? 4000 : 500);
    settings->fault_ms = prng_between(prng, 500, 10000);
}

static void draw_faults(struct settings *settings, struct prng *prng)
{
    settings->crash = draw_chance(prng, 200);
    settings->commit_crash = draw_chance(prng, 20);
    settings->outage = prng_chance(prng, 100) ? 300 : 0;
    settings->stall = draw_chance(prng, 300);
    settings->slow_disk = draw_chance(prng, 50);
    settings->space = prng_chance(prng, 150) ? 200 : 0;
    settings->drop = draw_chance(prng, 700);
    settings->partition = draw_chance(prng, 500);
    settings->given_up = draw_chance(prng, 200);
    settings->late = draw_chance(prng, 800);
    settings->actor_crash = draw_chance(prng, 300);
    settings->actor_hang = draw_chance(prng, 300);
    settings->late_task = settings->actor_hang > 0 ? 400 : 0;
    settings->late_drop = settings->late_task;
    settings->actor_drain = draw_chance(prng, 150);
    settings->liars = prng_chance(prng, 400) ? 100 + prng_below(prng, 400) : 0;
    settings->lie = 300 + prng_below(prng, 600);
    settings->fail = draw_chance(prng, 150);
    settings->slow = draw_chance(prng, 150);
    settings->hang = draw_chance(prng, 60);
    settings->deaf = draw_chance(prng, 500);
    settings->provider_down = draw_chance(prng, 400);
    settings->view_behind = draw_chance(prng, 500);
    settings->read_fails = prng_chance(prng, 150) ? 1 + prng_below(prng, 50) : 0;
}

static void draw_terms(struct terms *terms, struct prng *prng)
{
    static const enum charge dropped[] = {CHARGE_UNKNOWN, CHARGE_UNKNOWN, CHARGE_YES, CHARGE_NO};
    terms->limits[0] = prng_chance(prng, 500) ? 1 + prng_below(prng, 5) : 0;
    terms->limits[1] = prng_chance(prng, 300) ? 20 + prng_below(prng, 60) : 0;
    terms->limits[2] = prng_chance(prng, 400) ? 10 + prng_below(prng, 60) : 0;
    terms->keys = prng_chance(prng, 300);
    terms->lists = prng_chance(prng, 300);
    terms->dropped = dropped[prng_below(prng, 4)];
    terms->refunds = prng_chance(prng, 500);
}

static void draw_providers(struct settings *settings, struct prng *prng)
{
    settings->providers = prng_chance(prng, 300) ? 2 : 1;
    for (uint32_t provider = 0; provider < settings->providers; provider++) {
        draw_terms(&settings->terms[provider], prng);
    }
}

static void draw_provider(struct settings *settings, struct prng *prng)
{
    static const int64_t waits[] = {0, 1000, 5000, 30000, 60000};
    for (int mishap = 1; mishap < MISHAP_COUNT; mishap++) {
        settings->mishaps[mishap] = prng_chance(prng, 650) ? 0 : 1 + prng_below(prng, 120);
    }
    settings->provider_tasks = prng_chance(prng, 500);
    settings->repeat_after_ms = waits[prng_below(prng, 5)];
    settings->provider_timeout_ms = 1000 + prng_between(prng, 4, 10) * settings->step_ms;
}

/* A few worlds are so full that one turn's effects do not hold all that is due. */
static void draw_crowd(struct settings *settings, struct prng *prng)
{
    settings->jobs_max = 5000;
    settings->live_max = 900;
    settings->slots_max = 700;
    settings->flood = 900;
    settings->client_ms = 20;
    settings->cancel = 0;
    settings->endpoints = 0; /* each event of so many jobs would become deliveries */
    settings->webhook = 0;
    settings->step_ms = 20000;
    settings->provider_timeout_ms = 200000;
    settings->actors = JOB_KIND_COUNT;
    settings->user_active_max[JOB_KIND_CHARACTER] = 0;
    settings->rate[JOB_KIND_CHARACTER] = 0;
    settings->active_max[JOB_KIND_CHARACTER] = 0;
    settings->stall = prng_below(prng, 500);
}

/* Where each event becomes deliveries, these go as fast as they come, and no job makes events for
 * minutes or hours because its provider is at its limit: otherwise thousands would wait for one
 * worker. */
static void draw_deliveries(struct settings *settings)
{
    if (settings->endpoints > 0 || settings->webhook > 0) {
        settings->rate[JOB_KIND_WEBHOOK] = 0;
        settings->active_max[JOB_KIND_WEBHOOK] = 0;
        settings->user_active_max[JOB_KIND_WEBHOOK] = 0;
        for (uint32_t provider = 0; provider < settings->providers; provider++) {
            settings->terms[provider].limits[1] = 0;
            settings->terms[provider].limits[2] = 0;
        }
    }
}

static void draw_money(struct settings *settings, struct prng *prng)
{
    bool has_prices = prng_chance(prng, 700);
    for (uint32_t provider = 0; has_prices && provider < settings->providers; provider++) {
        bool is_free = prng_chance(prng, 100);
        settings->terms[provider].price = is_free ? 0 : 1 + prng_below(prng, 50000);
    }
    uint32_t price = settings->terms[0].price;
    if (price > 0 && prng_chance(prng, 400)) {
        settings->budget = (uint64_t)price * (20 + prng_below(prng, 300));
        settings->budget_soft = settings->budget / 2;
    }
}

void settings_draw(struct settings *settings, struct prng *prng)
{
    memset(settings, 0, sizeof(*settings));
    settings->gateways = 1 + prng_below(prng, GATEWAYS_MAX);
    settings->actors = JOB_KIND_COUNT + prng_below(prng, ACTORS_MAX - JOB_KIND_COUNT + 1);
    settings->users = 1 + prng_below(prng, USERS_MAX);
    draw_limits(settings, prng);
    draw_pace(settings, prng);
    settings->flood = draw_chance(prng, 80);
    settings->keyed = draw_chance(prng, 900);
    settings->media = draw_chance(prng, 700);
    settings->grouped = draw_chance(prng, 300);
    settings->cancel = draw_chance(prng, 300);
    settings->retry = draw_chance(prng, 400);
    settings->deletes = draw_chance(prng, 60);
    settings->steers = draw_chance(prng, 60);
    settings->manages = draw_chance(prng, 60);
    if (prng_chance(prng, 30)) {
        settings->manages = 900; /* so many bulks that the oldest are forgotten */
    }
    settings->timed = draw_chance(prng, 200);
    settings->endpoints = draw_chance(prng, 100);
    settings->webhook = draw_chance(prng, 300);
    settings->deduped = draw_chance(prng, 600);
    draw_providers(settings, prng);
    draw_deliveries(settings);
    draw_money(settings, prng);
    draw_faults(settings, prng);
    draw_provider(settings, prng);
    draw_retention(&settings->retention, prng);
    settings->drop_unread = prng_chance(prng, 400) ? 300 + prng_below(prng, 650) : 0;
    if (prng_chance(prng, 30)) {
        draw_crowd(settings, prng);
    }
}

void settings_calm(struct settings *settings)
{
    struct settings calm = {
        .gateways = settings->gateways,
        .actors = settings->actors,
        .users = settings->users,
        .jobs_max = settings->jobs_max,
        .slots_max = settings->slots_max,
        .live_max = settings->live_max,
        .retention = settings->retention,
        .declares = settings->declares,
        .providers = settings->providers,
        .provider_tasks = settings->provider_tasks,
        .provider_timeout_ms = settings->provider_timeout_ms,
        .repeat_after_ms = settings->repeat_after_ms,
        .budget = settings->budget,
        .budget_soft = settings->budget_soft,
        .drain_max = 512,
        .tick_ms = 900, /* just below LATE_MS: the fewest steps that are no stall */
        .delay_ms = 2,
        .commit_ms = 1,
        .read_ms = 1,
        .client_ms = 1000,
        .step_ms = 100,
        .fault_ms = 1000,
    };
    memcpy(calm.rate, settings->rate, sizeof(calm.rate));
    memcpy(calm.terms, settings->terms, sizeof(calm.terms));
    for (uint32_t provider = 0; provider < settings->providers; provider++) {
        calm.terms[provider].limits[2] = 0; /* what is left over would wait for a day */
    }
    memcpy(calm.active_max, settings->active_max, sizeof(calm.active_max));
    memcpy(calm.user_active_max, settings->user_active_max, sizeof(calm.user_active_max));
    *settings = calm;
}
