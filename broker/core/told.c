#include "broker/core/state.h"

/* Users and providers as those who run the stack see them. */

/* ---- users ---- */

static void add_queue(const struct user_queue *own, struct user_told *out)
{
    out->waiting += own->counts[JOB_STATE_WAITING];
    out->active += own->counts[JOB_STATE_ACTIVE];
    out->delayed += own->counts[JOB_STATE_PENDING];
}

struct user_told core_user(const struct core *core, struct slice owner, uint32_t kind)
{
    uint32_t place = users_find(&core->users, owner);
    struct user_told told = {.owner = owner};
    assert(kind < JOB_KIND_ASKED_COUNT);
    if (place != JOB_NONE) {
        const struct user *user = users_at(&core->users, place);
        told.spent = costs_spent_today(core, user);
        add_queue(&user->queues[kind], &told);
    }
    return told;
}

bool core_users(const struct core *core, uint32_t *place, uint32_t places, core_user_visit *visit,
                void *context)
{
    for (; places > 0 && *place < core->users.count; places--) {
        const struct user *user = users_at(&core->users, (*place)++);
        if (user == NULL) {
            continue;
        }
        struct user_told told = {.owner = user_owner(user), .spent = costs_spent_today(core, user)};
        for (uint32_t kind = 0; kind < JOB_KIND_ASKED_COUNT; kind++) {
            add_queue(&user->queues[kind], &told);
        }
        if (told.waiting + told.active + told.delayed + told.spent > 0) {
            visit(context, &told);
        }
    }
    return *place < core->users.count;
}

/* ---- providers ---- */

static enum breaker_told breaker_of(const struct breaker *breaker, int64_t now)
{
    switch (breaker->state) {
    case BREAKER_CLOSED:
        return BREAKER_TOLD_CLOSED;
    case BREAKER_OPEN:
        return breaker->until > now ? BREAKER_TOLD_OPEN : BREAKER_TOLD_HALF_OPEN;
    case BREAKER_PROBING:
        break;
    }
    return BREAKER_TOLD_HALF_OPEN;
}

/* Jobs of the queues that need it and may call none of their providers. */
static uint64_t held_by(const struct core *core, uint8_t uses, int64_t now)
{
    static const uint8_t waits_for[JOB_KIND_COUNT] = {
        [JOB_KIND_CHARACTER] = 1 << PROVIDER_USE_CHAT,
        [JOB_KIND_IMAGE] = 1 << PROVIDER_USE_IMAGE,
        [JOB_KIND_VIDEO] = 1 << PROVIDER_USE_CHAT | 1 << PROVIDER_USE_VIDEO,
    };
    uint8_t shut = 0;
    uint64_t held = 0;
    for (int use = 0; use < PROVIDER_USE_COUNT; use++) {
        bool is_shut = providers_gate(&core->providers, (enum provider_use)use, now).at > now;
        shut |= (uint8_t)(is_shut << use);
    }
    for (uint32_t kind = 0; kind < JOB_KIND_COUNT; kind++) {
        bool is_held = (uses & shut & waits_for[kind]) != 0;
        held += is_held ? core->statistics.live[kind][JOB_STATE_WAITING] : 0;
    }
    return held;
}

static uint64_t used_of(const struct account *account, enum account_window window, int64_t now)
{
    uint32_t limit = account->limits[window];
    return limit == 0 ? 0 : window_used(&account->windows[window], limit, now);
}

static void fill(const struct core *core, const struct provider *provider, int64_t now,
                 struct message_provider_state *out)
{
    const struct account *account = &core->providers.accounts[provider->account];
    const struct breaker *breaker = &provider->breaker;
    uint64_t failed = minute_sum(&provider->minute, MINUTE_FAILED, now);
    enum breaker_told state = breaker_of(breaker, now);
    bool is_used = provider->sessions > 0;
    int64_t limited_until = providers_limits_next(account, now);
    int64_t paused_until = account->blocked_until > provider->paused_until ? account->blocked_until
                                                                           : provider->paused_until;
    *out = (struct message_provider_state){
        .provider = slice_make(provider->name, provider->name_size),
        .account = slice_make(account->name, account->name_size),
        .uses = is_used ? providers_uses(provider) : provider->uses,
        .breaker = (uint8_t)state,
        .since = breaker->since,
        .until = state == BREAKER_TOLD_OPEN ? breaker->until : 0,
        .limit_second = account->limits[ACCOUNT_WINDOW_SECOND],
        .used_second = used_of(account, ACCOUNT_WINDOW_SECOND, now),
        .limit_minute = account->limits[ACCOUNT_WINDOW_MINUTE],
        .used_minute = used_of(account, ACCOUNT_WINDOW_MINUTE, now),
        .limit_day = account->limits[ACCOUNT_WINDOW_DAY],
        .used_day = used_of(account, ACCOUNT_WINDOW_DAY, now),
        .limited_until = limited_until > now ? limited_until : 0,
        .blocked_until = paused_until > now ? paused_until : 0,
        .calls = minute_sum(&provider->minute, MINUTE_COMPLETED, now) + failed,
        .errors = failed,
        .workers = provider->sessions,
        .waiting = held_by(core, providers_uses(provider), now),
    };
}

uint32_t core_providers(const struct core *core, int64_t now,
                        struct message_provider_state out[PROVIDERS_MAX])
{
    uint32_t count = 0;
    for (uint32_t index = 0; index < PROVIDERS_MAX; index++) {
        const struct provider *provider = &core->providers.items[index];
        if (provider->name_size > 0) {
            fill(core, provider, now, &out[count++]);
        }
    }
    return count;
}
