#include "broker/core/state.h"

/*
 * What jobs may ask of providers. A queue is held while none of the declared providers that its
 * jobs need may be called, and each call is allowed or denied when its intent is told. Both look at
 * the same breakers and windows: the first saves attempts that could only wait, the second is
 * exact.
 */

void gate_report(struct core *core, uint32_t worker, const struct message_report *report)
{
    uint32_t index = providers_find(&core->providers, report->provider);
    const struct worker *caller = core_worker(core, worker);
    if (index == PROVIDER_NONE || !providers_is_held(caller->providers, index)) {
        core->statistics.stale++;
        return;
    }
    struct provider *provider = &core->providers.items[index];
    struct account *account = &core->providers.accounts[provider->account];
    int64_t wait_ms = (int64_t)report->retry_after_ms;
    uint64_t successes = report->successes;
    uint64_t failures = 0;
    switch ((enum provider_fault)report->fault) {
    case PROVIDER_FAULT_NONE:
        break;
    case PROVIDER_FAULT_DOWN:
        failures = report->failures;
        providers_pause(provider, wait_ms, core->now);
        break;
    case PROVIDER_FAULT_THROTTLED:
        successes += report->failures; /* it answers: it is not down */
        wait_ms = wait_ms > THROTTLE_MIN_MS ? wait_ms : THROTTLE_MIN_MS;
        if (core->now + wait_ms > account->blocked_until) {
            account->blocked_until = core->now + wait_ms;
        }
        break;
    case PROVIDER_FAULT_CREDENTIALS:
    case PROVIDER_FAULT_QUOTA:
        breaker_refuse(&provider->breaker, wait_ms, core->now);
        break;
    }
    minute_add(&provider->minute, MINUTE_COMPLETED, report->successes, core->now);
    minute_add(&provider->minute, MINUTE_FAILED, report->failures, core->now);
    breaker_report(&provider->breaker, &caller->instance, successes, failures, core->now);
}

/* When to ask again for a call of a declared provider; now or earlier when it is granted. */
static int64_t denied_until(struct core *core, uint32_t index, enum denial *denial)
{
    int64_t down_until = breaker_retry(&core->providers.items[index].breaker, core->now);
    int64_t limited_until = providers_account_next(&core->providers, index, core->now);
    if (down_until > core->now) {
        *denial = DENIAL_DOWN;
        return down_until;
    }
    *denial = DENIAL_LIMITED;
    bool is_paused = core->providers.items[index].paused_until >= limited_until;
    if (limited_until <= core->now || is_paused) {
        return limited_until; /* no turn of its account's, whose others may be called */
    }
    return providers_turn(&core->providers, index, limited_until, core->now);
}

struct permit gate_permit(struct core *core, const struct worker *worker, struct slice name)
{
    uint32_t index = providers_find(&core->providers, name);
    struct permit permit = {.is_granted = true};
    if (index == PROVIDER_NONE) {
        return permit;
    }
    if (providers_is_held(worker->providers, index)) {
        int64_t until = denied_until(core, index, &permit.denial);
        if (until > core->now) {
            permit.is_granted = false;
            permit.retry_after_ms = (uint64_t)(until - core->now);
            return permit;
        }
        breaker_call(&core->providers.items[index].breaker, &worker->instance, core->now);
    }
    providers_count(&core->providers, index, core->now);
    permit.account = providers_account(&core->providers, index);
    return permit;
}

uint32_t core_calls_first(const struct core *core)
{
    uint32_t part = providers_day_part(core->now);
    return part < WINDOW_PARTS ? 0 : part - WINDOW_PARTS + 1;
}

enum status core_restore_calls(struct core *core, uint32_t part, struct slice account,
                               uint64_t count)
{
    assert(!core->started);
    if (account.size == 0 || account.size > PROVIDER_SIZE_MAX || count > INT64_MAX) {
        return STATUS_MALFORMED;
    }
    providers_restore(&core->providers, account, part, count, core->now);
    return STATUS_OK;
}

void gate_spent(struct core *core, struct slice name, uint8_t kind, uint64_t amount)
{
    uint32_t index = providers_find(&core->providers, name);
    if (index == PROVIDER_NONE) {
        core->statistics.unattributed[kind] += amount;
    } else {
        core->providers.items[index].spent[kind] += amount;
    }
}

bool core_provider_spent(const struct core *core, uint32_t place, struct slice *name,
                         uint64_t spent[JOB_KIND_COUNT])
{
    assert(place < PROVIDERS_MAX);
    const struct provider *provider = &core->providers.items[place];
    *name = slice_make(provider->name, provider->name_size);
    memcpy(spent, provider->spent, sizeof(provider->spent));
    return provider->name_size > 0;
}

/* What is filmed needs its words first: the later of the two counts, and the slower pace. What has
 * a task needs none any more. */
static struct providers_gate with_words(struct providers_gate film, struct providers_gate words,
                                        int64_t now)
{
    bool is_held_for_words = words.at > now && film.at <= now;
    bool is_spent = (film.is_spent || words.is_spent) && !film.is_down;
    return (struct providers_gate){
        .at = film.at > words.at ? film.at : words.at,
        .is_down = film.is_down || words.is_down,
        .is_spent = is_spent,
        .tasks_pass = is_spent || is_held_for_words,
        .pace_ms = film.pace_ms > words.pace_ms ? film.pace_ms : words.pace_ms,
    };
}

struct providers_gate gate_of(const struct core *core, uint8_t kind, int64_t now)
{
    const struct providers *providers = &core->providers;
    switch ((enum job_kind)kind) {
    case JOB_KIND_CHARACTER: /* without its picture it has begun */
        return providers_gate(providers, PROVIDER_USE_CHAT, now);
    case JOB_KIND_IMAGE:
        return providers_gate(providers, PROVIDER_USE_IMAGE, now);
    case JOB_KIND_VIDEO:
        return with_words(providers_gate(providers, PROVIDER_USE_VIDEO, now),
                          providers_gate(providers, PROVIDER_USE_CHAT, now), now);
    case JOB_KIND_WEBHOOK:
        break;
    }
    return (struct providers_gate){.at = INT64_MIN};
}

int64_t gate_outage(const struct core *core, uint8_t kind)
{
    int64_t until = INT64_MIN;
    for (int use = 0; use < PROVIDER_USE_COUNT; use++) {
        bool is_needed = (kind_uses(kind) & 1u << use) != 0;
        struct providers_gate gate =
            providers_gate(&core->providers, (enum provider_use)use, core->now);
        if (is_needed && gate.is_down && gate.down_until > until) {
            until = gate.down_until;
        }
    }
    return until;
}
