#include "broker/core/providers.h"

#include <assert.h>
#include <string.h>

enum {
    MINUTE_MS = 60000,
    DAY_MS = 86400000,
};
_Static_assert(DAY_PART_MS *(WINDOW_PARTS - 1) == DAY_MS, "what is stored is a window's part");

static const int64_t window_ms[ACCOUNT_WINDOW_COUNT] = {
    [ACCOUNT_WINDOW_SECOND] = 1000,
    [ACCOUNT_WINDOW_MINUTE] = MINUTE_MS,
    [ACCOUNT_WINDOW_DAY] = DAY_MS,
};

void providers_init(struct providers *providers, int64_t started_at)
{
    memset(providers, 0, sizeof(*providers));
    providers->started_at = started_at;
}

static struct slice provider_name(const struct provider *provider)
{
    return slice_make(provider->name, provider->name_size);
}

uint32_t providers_find(const struct providers *providers, struct slice name)
{
    for (uint32_t index = 0; index < PROVIDERS_MAX; index++) {
        const struct provider *provider = &providers->items[index];
        if (provider->name_size > 0 && slice_equal(provider_name(provider), name)) {
            return index;
        }
    }
    return PROVIDER_NONE;
}

/* ---- places ---- */

static void account_leave(struct providers *providers, const struct provider *provider)
{
    assert(providers->accounts[provider->account].references > 0);
    providers->accounts[provider->account].references--;
}

static int64_t called_at(const struct providers *providers, uint32_t index)
{
    return providers->accounts[providers->items[index].account].granted_at;
}

/* Finds or makes a free place: one that no session holds is given up, the one whose account was
 * called last the longest ago. */
static uint32_t take_place(struct providers *providers)
{
    uint32_t unheld = PROVIDER_NONE;
    for (uint32_t index = 0; index < PROVIDERS_MAX; index++) {
        const struct provider *provider = &providers->items[index];
        if (provider->name_size == 0) {
            return index;
        }
        bool is_older =
            unheld == PROVIDER_NONE || called_at(providers, index) < called_at(providers, unheld);
        if (provider->sessions == 0 && is_older) {
            unheld = index;
        }
    }
    if (unheld != PROVIDER_NONE) {
        account_leave(providers, &providers->items[unheld]);
        providers->items[unheld].name_size = 0;
    }
    return unheld;
}

/* Whether the place is free, or forgetting its account cannot let more calls through than its
 * limits of a second and a minute; that of a day is kept by forgotten_at. */
static bool account_is_idle(const struct account *account, int64_t now)
{
    bool is_empty = account->granted_at == 0 || now - account->granted_at > MINUTE_MS;
    return account->references == 0 && is_empty && account->blocked_until <= now;
}

/* The account of this name, or else the place of the one that was called last the longest ago. */
static uint32_t find_account(const struct providers *providers, struct slice name, int64_t now)
{
    uint32_t place = PROVIDER_NONE;
    for (uint32_t index = 0; index < PROVIDERS_MAX; index++) {
        const struct account *account = &providers->accounts[index];
        if (account->name_size > 0 &&
            slice_equal(slice_make(account->name, account->name_size), name)) {
            return index;
        }
        bool is_older =
            place == PROVIDER_NONE || account->granted_at < providers->accounts[place].granted_at;
        if (account_is_idle(account, now) && is_older) {
            place = index;
        }
    }
    return place;
}

static void forget_calls(struct providers *providers, int64_t until)
{
    providers->forgotten_at = until > providers->forgotten_at ? until : providers->forgotten_at;
}

/* What an earlier run has called in it is not known. */
static void begin_window(const struct providers *providers, struct window *window, int64_t ms)
{
    if (providers->started_at > 0) {
        window_init(window, ms, providers->started_at);
    } else {
        window_init_known(window, ms);
    }
}

/* Takes the place of another one, if it is not free. */
static void account_begin(struct providers *providers, struct account *account, struct slice name)
{
    forget_calls(providers, account->granted_at);
    *account = (struct account){.name_size = (uint8_t)name.size};
    memcpy(account->name, name.data, name.size);
    for (uint32_t window = 0; window < ACCOUNT_WINDOW_DAY; window++) {
        begin_window(providers, &account->windows[window], window_ms[window]);
    }
    if (providers->forgotten_at > 0) {
        window_init(&account->windows[ACCOUNT_WINDOW_DAY], DAY_MS, providers->forgotten_at);
    } else {
        window_init_known(&account->windows[ACCOUNT_WINDOW_DAY], DAY_MS);
    }
}

/* Finds or makes the account of this name. */
static uint32_t take_account(struct providers *providers, struct slice name, int64_t now)
{
    uint32_t index = find_account(providers, name, now);
    if (index == PROVIDER_NONE) {
        return PROVIDER_NONE;
    }
    struct account *account = &providers->accounts[index];
    if (!slice_equal(slice_make(account->name, account->name_size), name)) {
        account_begin(providers, account, name);
    }
    return index;
}

/* ---- declarations ---- */

/* An account has the strictest limits of all declarations of it that sessions hold: one for another
 * use may have none of its own. */
static void account_settle(struct providers *providers, uint32_t account)
{
    uint32_t *limits = providers->accounts[account].limits;
    memset(limits, 0, sizeof(providers->accounts[account].limits));
    for (uint32_t index = 0; index < PROVIDERS_MAX; index++) {
        const struct provider *provider = &providers->items[index];
        bool is_of_it = provider->sessions > 0 && provider->account == account;
        for (int use = 0; is_of_it && use < PROVIDER_USE_COUNT; use++) {
            bool is_held = provider->holders[use] > 0;
            for (int window = 0; is_held && window < ACCOUNT_WINDOW_COUNT; window++) {
                uint32_t limit = provider->limits[use][window];
                bool is_stricter = limit > 0 && (limits[window] == 0 || limit < limits[window]);
                limits[window] = is_stricter ? limit : limits[window];
            }
        }
    }
}

static void provider_begin(struct provider *provider, struct slice name, int64_t now)
{
    *provider = (struct provider){.name_size = (uint8_t)name.size, .breaker = {.since = now}};
    memcpy(provider->name, name.data, name.size);
}

bool providers_is_held(const uint64_t held[PROVIDER_USE_COUNT], uint32_t index)
{
    uint64_t all = 0;
    assert(index < PROVIDERS_MAX);
    for (int use = 0; use < PROVIDER_USE_COUNT; use++) {
        all |= held[use];
    }
    return (all & UINT64_C(1) << index) != 0;
}

uint8_t providers_uses(const struct provider *provider)
{
    uint8_t uses = 0;
    for (int use = 0; use < PROVIDER_USE_COUNT; use++) {
        uses |= (uint8_t)((provider->holders[use] > 0) << use);
    }
    return uses;
}

static void hold(struct providers *providers, uint32_t index, uint8_t use,
                 uint64_t held[PROVIDER_USE_COUNT])
{
    struct provider *provider = &providers->items[index];
    if (!providers_is_held(held, index)) {
        providers->count += provider->sessions == 0;
        provider->sessions++;
    }
    if ((held[use] & UINT64_C(1) << index) == 0) {
        provider->holders[use]++;
        held[use] |= UINT64_C(1) << index;
    }
    provider->uses |= (uint8_t)(1u << use);
}

enum status providers_declare(struct providers *providers, const struct message_provider *declared,
                              uint64_t held[PROVIDER_USE_COUNT], int64_t now)
{
    assert(declared->name.size > 0);
    assert(declared->name.size <= PROVIDER_SIZE_MAX);
    assert(declared->account.size <= PROVIDER_SIZE_MAX);
    uint32_t index = providers_find(providers, declared->name);
    bool is_new = index == PROVIDER_NONE;
    index = is_new ? take_place(providers) : index;
    struct slice name = declared->account.size > 0 ? declared->account : declared->name;
    uint32_t account = index == PROVIDER_NONE ? index : take_account(providers, name, now);
    if (account == PROVIDER_NONE) {
        return STATUS_FULL;
    }
    struct provider *provider = &providers->items[index];
    providers->accounts[account].references++;
    if (is_new) {
        provider_begin(provider, declared->name, now);
    } else {
        account_leave(providers, provider);
    }
    uint32_t account_before = is_new ? account : provider->account;
    provider->account = (uint8_t)account;
    hold(providers, index, declared->use, held);
    provider->ranks[declared->use] = declared->rank;
    provider->prices[declared->use] = declared->price;
    provider->limits[declared->use][ACCOUNT_WINDOW_SECOND] = declared->limit_second;
    provider->limits[declared->use][ACCOUNT_WINDOW_MINUTE] = declared->limit_minute;
    provider->limits[declared->use][ACCOUNT_WINDOW_DAY] = declared->limit_day;
    account_settle(providers, account);
    account_settle(providers, account_before);
    return STATUS_OK;
}

static void let_go(struct providers *providers, uint32_t index, uint64_t held[PROVIDER_USE_COUNT])
{
    struct provider *provider = &providers->items[index];
    for (int use = 0; use < PROVIDER_USE_COUNT; use++) {
        bool is_held = (held[use] & UINT64_C(1) << index) != 0;
        assert(provider->holders[use] >= is_held);
        provider->holders[use] -= is_held;
        held[use] &= ~(UINT64_C(1) << index);
    }
    assert(provider->sessions > 0);
    provider->sessions--;
    providers->count -= provider->sessions == 0;
}

void providers_release(struct providers *providers, uint64_t held[PROVIDER_USE_COUNT])
{
    for (uint32_t index = 0; index < PROVIDERS_MAX; index++) {
        if (providers_is_held(held, index)) {
            let_go(providers, index, held);
        }
    }
}

/* ---- calls ---- */

int64_t providers_limits_next(const struct account *account, int64_t now)
{
    int64_t next = INT64_MIN;
    for (uint32_t window = 0; window < ACCOUNT_WINDOW_COUNT; window++) {
        uint32_t limit = account->limits[window];
        int64_t at = limit == 0 ? now : window_next(&account->windows[window], limit, now);
        next = at > now && at > next ? at : next;
    }
    return next;
}

void providers_pause(struct provider *provider, int64_t wait_ms, int64_t now)
{
    assert(wait_ms >= 0);
    int64_t until = now + (wait_ms < PROVIDER_PAUSE_MS_MAX ? wait_ms : PROVIDER_PAUSE_MS_MAX);
    provider->paused_until = until > provider->paused_until ? until : provider->paused_until;
}

int64_t providers_account_next(const struct providers *providers, uint32_t index, int64_t now)
{
    const struct provider *provider = &providers->items[index];
    const struct account *account = &providers->accounts[provider->account];
    int64_t next = providers_limits_next(account, now);
    int64_t paused_until = account->blocked_until > provider->paused_until ? account->blocked_until
                                                                           : provider->paused_until;
    return paused_until > now && paused_until > next ? paused_until : next;
}

void providers_count(struct providers *providers, uint32_t index, int64_t now)
{
    struct account *account = &providers->accounts[providers->items[index].account];
    account->granted_at = now;
    for (uint32_t window = 0; window < ACCOUNT_WINDOW_COUNT; window++) {
        window_count(&account->windows[window], now);
    }
}

struct slice providers_account(const struct providers *providers, uint32_t index)
{
    const struct account *account = &providers->accounts[providers->items[index].account];
    return slice_make(account->name, account->name_size);
}

uint32_t providers_day_part(int64_t now)
{
    assert(now / DAY_PART_MS <= UINT32_MAX);
    return (uint32_t)(now / DAY_PART_MS);
}

void providers_restore(struct providers *providers, struct slice account, uint32_t part,
                       uint64_t count, int64_t now)
{
    int64_t end = ((int64_t)part + 1) * DAY_PART_MS - 1;
    int64_t latest = end < now ? end : now;
    uint32_t index = take_account(providers, account, now);
    if (index == PROVIDER_NONE) {
        forget_calls(providers, latest);
        return;
    }
    struct account *found = &providers->accounts[index];
    window_restore(&found->windows[ACCOUNT_WINDOW_DAY], part, count, now);
    found->granted_at = latest > found->granted_at ? latest : found->granted_at;
}

/* How far apart calls are when as many are made as the limits allow, all the time; 0: no limit. A
 * day's allowance may be used as it comes until it is used up. */
static int64_t account_pace_ms(const struct account *account, int64_t now)
{
    int64_t pace_ms = 0;
    for (uint32_t window = 0; window < ACCOUNT_WINDOW_COUNT; window++) {
        int64_t limit = account->limits[window];
        bool counts = limit > 0 && (window != ACCOUNT_WINDOW_DAY || account->spent_until > now);
        int64_t apart_ms = counts ? (window_ms[window] + limit - 1) / limit : 0;
        pace_ms = apart_ms > pace_ms ? apart_ms : pace_ms;
    }
    return pace_ms < MINUTE_MS ? pace_ms : MINUTE_MS;
}

static int64_t day_next(const struct account *account, int64_t now)
{
    uint32_t limit = account->limits[ACCOUNT_WINDOW_DAY];
    return limit == 0 ? now : window_next(&account->windows[ACCOUNT_WINDOW_DAY], limit, now);
}

/* A day's limit denies for hours: those that it denies come back to their queue, which is held. */
static int64_t deny_for_day(struct account *account, int64_t until, int64_t now)
{
    int64_t next = day_next(account, now);
    if (next <= now) {
        return until;
    }
    account->spent_until = next + DAY_PART_MS;
    return next == until && until > now + MINUTE_MS ? now + MINUTE_MS : until;
}

int64_t providers_turn(struct providers *providers, uint32_t index, int64_t until, int64_t now)
{
    struct account *account = &providers->accounts[providers->items[index].account];
    until = deny_for_day(account, until, now);
    int64_t turn = account->turn_at + account_pace_ms(account, now);
    turn = turn > until ? turn : until;
    account->turn_at = turn < until + MINUTE_MS ? turn : until + MINUTE_MS;
    account->tight_until = account->turn_at + MINUTE_MS;
    assert(account->turn_at >= now);
    return account->turn_at;
}

bool providers_price(const struct providers *providers, enum provider_use use, uint32_t *price)
{
    bool is_held = false;
    uint32_t rank = UINT32_MAX;
    *price = 0;
    for (uint32_t index = 0; index < PROVIDERS_MAX; index++) {
        const struct provider *provider = &providers->items[index];
        bool is_its = provider->holders[use] > 0;
        bool is_worse = (is_held && !is_its) || (is_held == is_its && provider->ranks[use] > rank);
        if (provider->name_size == 0 || (provider->uses & 1u << use) == 0 || is_worse) {
            continue;
        }
        bool is_like = is_held == is_its && provider->ranks[use] == rank;
        *price = is_like && *price > provider->prices[use] ? *price : provider->prices[use];
        rank = provider->ranks[use];
        is_held = is_its;
    }
    return rank != UINT32_MAX;
}

/* A provider of which calls are denied again and again sets the pace. */
static int64_t pace_ms_of(const struct providers *providers, uint32_t index, int64_t now)
{
    const struct provider *provider = &providers->items[index];
    const struct account *account = &providers->accounts[provider->account];
    if (provider->breaker.state != BREAKER_CLOSED) {
        return PROBE_PACE_MS;
    }
    bool is_tight = account->tight_until > now || account->spent_until > now;
    return is_tight ? account_pace_ms(account, now) : 0;
}

static bool is_spent(const struct account *account, int64_t now)
{
    return account->blocked_until <= now && day_next(account, now) > now + SPENT_PACE_MS;
}

struct providers_gate providers_gate(const struct providers *providers, enum provider_use use,
                                     int64_t now)
{
    struct providers_gate gate = {
        .at = INT64_MAX, .is_down = true, .down_until = INT64_MAX, .pace_ms = INT64_MAX};
    bool is_found = false;
    for (uint32_t index = 0; index < PROVIDERS_MAX && providers->count > 0; index++) {
        const struct provider *provider = &providers->items[index];
        if (provider->holders[use] == 0) {
            continue;
        }
        int64_t down_until = breaker_next(&provider->breaker);
        int64_t limited_until = providers_account_next(providers, index, now);
        int64_t at = down_until > limited_until ? down_until : limited_until;
        int64_t pace_ms = pace_ms_of(providers, index, now);
        is_found = true;
        gate.at = at < gate.at ? at : gate.at;
        gate.pace_ms = pace_ms < gate.pace_ms ? pace_ms : gate.pace_ms;
        gate.is_down = gate.is_down && down_until > now;
        gate.down_until = down_until < gate.down_until ? down_until : gate.down_until;
        gate.is_spent |=
            down_until <= now && is_spent(&providers->accounts[provider->account], now);
    }
    gate.is_spent = gate.is_spent && gate.at > now + SPENT_PACE_MS;
    gate.tasks_pass = gate.is_spent;
    return is_found ? gate : (struct providers_gate){.at = INT64_MIN};
}
