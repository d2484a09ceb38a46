#include <string.h>
#include "tests/sim/model.h"
#include "tests/sim/world.h"

/*
 * The providers that all actors of a world share: when each may be called. Its breaker is told
 * again from the list of reports; limits are counted from the list of grants, which outlives the
 * broker.
 */

enum {
    PART_MS = 3000, /* reports are counted in parts of this, eleven of them */
    PARTS = 11,
    WINDOW_MS = 60000, /* the longest of an account that is not stored */
    DAY = MODEL_WINDOWS - 1,
    DAY_MS = 86400000,
    DAY_PARTS = 61, /* sixty, and the one that is just beginning */
};

static const int64_t window_ms[MODEL_WINDOWS] = {1000, 60000, DAY_MS};

/* The broker forgets breakers and pauses, not how often it has let calls through. */
static struct model_provider *provider_now(struct world *world, uint8_t index)
{
    struct model_providers *providers = &world->model.providers;
    if (providers->run_at != world->model.restarted_at) {
        providers->run_at = world->model.restarted_at;
        memset(providers->paced_until, 0, sizeof(providers->paced_until));
        for (uint8_t each = 0; each < world->settings.providers; each++) {
            struct model_provider *provider = &providers->items[each];
            provider->state = MODEL_CLOSED;
            provider->report_first = provider->report_count;
            provider->open_ms = 0;
            provider->failed_until = 0;
            provider->failed_count = 0;
            provider->blocked_until = 0;
            provider->tight_until = 0;
            provider->spent_until = 0;
        }
    }
    return &providers->items[index];
}

static const struct terms *terms_of(const struct world *world,
                                    const struct model_provider *provider)
{
    return &world->settings.terms[provider - world->model.providers.items];
}

/* Whether something is so of each of them: a job goes to whom it is not. */
typedef bool provider_question(const struct world *world, const struct model_provider *provider);

static bool is_so_of_all(struct world *world, provider_question *question)
{
    bool is_so = true;
    for (uint8_t index = 0; index < world->settings.providers; index++) {
        is_so &= question(world, provider_now(world, index));
    }
    return is_so;
}

static void open(struct world *world, struct model_provider *provider, int64_t wait_ms)
{
    int64_t doubled = provider->open_ms == 0 ? BREAKER_OPEN_MS : provider->open_ms * 2;
    provider->open_ms = doubled > BREAKER_OPEN_MS_MAX ? BREAKER_OPEN_MS_MAX : doubled;
    provider->state = MODEL_OPEN;
    provider->until = world->now + (wait_ms > provider->open_ms ? wait_ms : provider->open_ms);
    provider->report_first = provider->report_count;
    world_seen(world, SEEN_BREAKER_OPEN);
}

/* Whether what was reported since it closed, in the last parts, is enough to open it. */
static bool is_too_much(const struct world *world, const struct model_provider *provider)
{
    uint64_t good = 0;
    uint64_t bad = 0;
    for (uint64_t index = provider->report_first; index < provider->report_count; index++) {
        const struct model_report *report = &provider->reports[index % MODEL_REPORTS_MAX];
        if (report->at / PART_MS > world->now / PART_MS - PARTS) {
            good += report->successes;
            bad += report->failures;
        }
    }
    return bad >= BREAKER_FAILURES_MIN && bad >= good;
}

static void count(struct world *world, struct model_provider *provider, uint32_t good, uint32_t bad)
{
    provider->reports[provider->report_count % MODEL_REPORTS_MAX] =
        (struct model_report){world->now, good, bad};
    provider->report_count++;
    if (provider->report_count - provider->report_first > MODEL_REPORTS_MAX) {
        provider->report_first = provider->report_count - MODEL_REPORTS_MAX;
    }
    if (bad > 0 && is_too_much(world, provider)) {
        open(world, provider, 0);
    }
}

/* A first answer after its time, or to the probe: it may be called, or is down again. */
static void settle(struct world *world, struct model_provider *provider, bool is_good, bool is_bad)
{
    if (is_bad) {
        open(world, provider, 0);
    } else if (is_good) {
        provider->state = MODEL_CLOSED;
        provider->open_ms = 0;
        provider->report_first = provider->report_count;
        world_seen(world, SEEN_BREAKER_CLOSED);
    }
}

/* Whether the last failures are as many as a breaker needs, in the time that it looks at. */
static bool has_failed_enough(const struct world *world, struct model_provider *provider,
                              uint32_t failures)
{
    for (uint32_t left = failures < BREAKER_FAILURES_MIN ? failures : BREAKER_FAILURES_MIN;
         left > 0; left--) {
        provider->failed_at[provider->failed_count++ % BREAKER_FAILURES_MIN] = world->now;
    }
    int64_t first = provider->failed_at[provider->failed_count % BREAKER_FAILURES_MIN];
    return provider->failed_count >= BREAKER_FAILURES_MIN && world->now - first < PARTS * PART_MS;
}

/* Whether a report may keep the provider down from now on: it is refused, fails often enough, or
 * fails again when it is asked after its time, which is ten seconds at least. */
static bool may_be_down(const struct world *world, struct model_provider *provider,
                        const struct message_report *report)
{
    if (report->fault >= PROVIDER_FAULT_CREDENTIALS) {
        return true;
    }
    if (report->fault != PROVIDER_FAULT_DOWN || report->failures == 0) {
        return false;
    }
    bool is_enough = has_failed_enough(world, provider, report->failures);
    return world->now < provider->failed_until ? world->now >= provider->down_at + BREAKER_OPEN_MS
                                               : is_enough;
}

/* Told without the breaker: who answers is not taken for down unless what was told since it
 * answered last is reason enough, and not longer ago than it can be open. */
static void check_alive(struct world *world, struct model_provider *provider, bool is_good,
                        const struct message_report *report)
{
    int64_t wait_ms = (int64_t)report->retry_after_ms;
    int64_t until = world->now + (wait_ms > BREAKER_OPEN_MS_MAX ? wait_ms : BREAKER_OPEN_MS_MAX);
    if (may_be_down(world, provider, report)) {
        provider->failed_until = until > provider->failed_until ? until : provider->failed_until;
        provider->down_at = world->now;
    }
    bool is_closed = provider->state == MODEL_CLOSED;
    world_check(world, "a provider that answers is not down for ever",
                !is_good || is_closed || world->now < provider->failed_until,
                "no reason was told for %lld ms", (long long)(world->now - provider->down_at));
    if (is_good && is_closed) {
        provider->failed_until = 0;
    }
}

static void block(const struct world *world, struct model_provider *provider, int64_t ms)
{
    int64_t until = world->now + ms;
    provider->blocked_until = until > provider->blocked_until ? until : provider->blocked_until;
}

void model_provider_report(struct world *world, const struct id *worker,
                           const struct message_report *report)
{
    uint8_t index = provider_of(world, report->provider);
    if (index == PROVIDER_UNKNOWN) {
        return;
    }
    struct model_provider *provider = provider_now(world, index);
    int64_t wait_ms = (int64_t)report->retry_after_ms;
    uint32_t bad = report->fault == PROVIDER_FAULT_DOWN ? report->failures : 0;
    uint32_t good = report->successes;
    if (report->fault == PROVIDER_FAULT_THROTTLED) {
        good += report->failures;
        block(world, provider, wait_ms > THROTTLE_MIN_MS ? wait_ms : THROTTLE_MIN_MS);
    } else if (report->fault == PROVIDER_FAULT_DOWN) {
        block(world, provider, wait_ms < PROVIDER_PAUSE_MS_MAX ? wait_ms : PROVIDER_PAUSE_MS_MAX);
    } else if (report->fault >= PROVIDER_FAULT_CREDENTIALS) {
        int64_t until = world->now + wait_ms;
        if (provider->state != MODEL_OPEN || provider->until <= world->now) {
            open(world, provider, wait_ms);
        } else if (until > provider->until) {
            provider->until = until;
        }
    }
    if (provider->state == MODEL_CLOSED) {
        count(world, provider, good, bad);
    } else if (provider->until <= world->now) {
        settle(world, provider, good > 0, bad > 0);
    } else if (provider->state == MODEL_PROBING) {
        bool is_prober = id_equal(worker, &provider->prober);
        settle(world, provider, good > 0, bad > 0 && is_prober);
    }
    check_alive(world, provider, good > 0, report);
}

static bool is_down(const struct world *world, const struct model_provider *provider)
{
    return provider->state != MODEL_CLOSED && provider->until > world->now;
}

int64_t model_provider_down_until(struct world *world)
{
    int64_t until = world->settings.declares ? INT64_MAX : world->now;
    for (uint8_t index = 0; index < world->settings.providers; index++) {
        const struct model_provider *provider = provider_now(world, index);
        int64_t at = is_down(world, provider) ? provider->until : world->now;
        until = at < until ? at : until;
    }
    return until;
}

/* How many calls were granted in the last ms. */
static uint32_t granted(const struct world *world, const struct model_provider *provider,
                        int64_t ms)
{
    uint32_t found = 0;
    for (uint64_t index = provider->grant_count; index > 0 && found < MODEL_GRANTS_MAX; index--) {
        if (world->now - provider->grants[(index - 1) % MODEL_GRANTS_MAX] > ms) {
            break;
        }
        found++;
    }
    return found;
}

/* Whether the account may be at its limit: the broker may take a sixtieth of a window more for it,
 * and a window after a restart counts as full. */
static bool may_be_limited(const struct world *world, const struct model_provider *provider)
{
    int64_t run_at = world->model.providers.run_at;
    bool is_limited = provider->blocked_until > world->now;
    for (int window = 0; window < MODEL_WINDOWS; window++) {
        uint32_t limit = terms_of(world, provider)->limits[window];
        int64_t longest = 61 * ((window_ms[window] + 59) / 60);
        bool is_new = window != DAY && world->now <= run_at + window_ms[window];
        is_limited |= limit > 0 && (is_new || granted(world, provider, longest) >= limit);
    }
    return is_limited;
}

static bool is_tight(const struct world *world, const struct model_provider *provider)
{
    return world->now < provider->tight_until || world->now < provider->spent_until;
}

/* Whether the day is used up, by calls of which an earlier run of the broker granted some. */
static bool is_spent_since_before(const struct world *world, const struct model_provider *provider)
{
    uint32_t limit = terms_of(world, provider)->limits[DAY];
    return limit > 0 && granted(world, provider, DAY_MS) >= limit &&
           provider->grants[(provider->grant_count - limit) % MODEL_GRANTS_MAX] <
               world->model.providers.run_at;
}

/* Between when a call surely counts in its day and when it may yet: a broker counts a day by its
 * parts, and takes one for used up whose next call is more than a moment away. */
static bool may_be_spent(const struct world *world, const struct model_provider *provider)
{
    uint32_t limit = terms_of(world, provider)->limits[DAY];
    return limit > 0 && granted(world, provider, DAY_MS + DAY_PART_MS) >= limit;
}

static bool is_spent(const struct world *world, const struct model_provider *provider)
{
    uint32_t limit = terms_of(world, provider)->limits[DAY];
    return limit > 0 && granted(world, provider, DAY_MS - SPENT_PACE_MS) >= limit;
}

enum model_day model_provider_day(struct world *world)
{
    if (!world->settings.declares || !is_so_of_all(world, may_be_spent)) {
        return MODEL_DAY_LEFT;
    }
    return is_so_of_all(world, is_spent) ? MODEL_DAY_SPENT : MODEL_DAY_UNSURE;
}

static bool is_held(const struct world *world, const struct model_provider *provider)
{
    return provider->state != MODEL_CLOSED || is_tight(world, provider) ||
           may_be_limited(world, provider);
}

static bool is_paced(const struct world *world, uint8_t kind)
{
    return world->now < world->model.providers.paced_until[kind];
}

bool model_provider_holds(struct world *world, uint8_t kind)
{
    bool are_held = is_so_of_all(world, is_held);
    if (world->settings.declares && is_spent_since_before(world, provider_now(world, 0))) {
        world_seen(world, SEEN_DAY_RESTART);
    }
    return kind != JOB_KIND_WEBHOOK && world->settings.declares &&
           (are_held || is_paced(world, kind));
}

bool model_provider_limits(struct world *world, uint8_t kind)
{
    bool is_any = is_paced(world, kind);
    for (uint8_t index = 0; index < world->settings.providers; index++) {
        const struct model_provider *provider = provider_now(world, index);
        is_any |= may_be_limited(world, provider) || is_tight(world, provider);
    }
    return world->settings.declares && is_any;
}

/* A queue whose providers are all shut, or denying, starts no faster than it may probe them. */
static bool is_slow(const struct world *world, const struct model_provider *provider)
{
    return provider->state != MODEL_CLOSED || is_tight(world, provider);
}

void model_provider_dispatch(struct world *world, uint8_t kind)
{
    const struct model_provider *first = provider_now(world, 0);
    world_check(world, "nothing starts while its providers are down", !is_so_of_all(world, is_down),
                "the first is down for %lld ms", (long long)(first->until - world->now));
    if (is_so_of_all(world, is_slow)) {
        world->model.providers.paced_until[kind] = world->now + PROBE_PACE_MS;
    }
    if (world->settings.declares && is_down(world, first)) {
        world_seen(world, SEEN_SECOND_ALONE);
    }
}

void model_provider_granted(struct world *world, const struct id *worker, struct slice name)
{
    struct model_provider *provider = provider_now(world, provider_of(world, name));
    world_check(world, "nobody calls a provider that is down", !is_down(world, provider),
                "it is down for %lld ms", (long long)(provider->until - world->now));
    world_check(world, "pauses are kept", provider->blocked_until <= world->now,
                "there are %lld ms left", (long long)(provider->blocked_until - world->now));
    if (provider->state != MODEL_CLOSED) {
        provider->state = MODEL_PROBING;
        provider->prober = *worker;
        provider->until = world->now + BREAKER_PROBE_MS;
        world_seen(world, SEEN_PROBE);
    }
    provider->grants[provider->grant_count++ % MODEL_GRANTS_MAX] = world->now;
    for (int window = 0; window < MODEL_WINDOWS; window++) {
        uint32_t limit = terms_of(world, provider)->limits[window];
        uint32_t calls = granted(world, provider, window_ms[window]);
        world_check(world, "limits of an account", limit == 0 || calls <= limit,
                    "%u calls in %lld ms", calls, (long long)window_ms[window]);
    }
}

void model_provider_denied(struct world *world, const struct effect *effect)
{
    uint8_t index = provider_of(world, effect->operation.provider);
    world_check(world, "a denial is true", index != PROVIDER_UNKNOWN, "of whom nobody declared");
    struct model_provider *provider = provider_now(world, index);
    int64_t until = world->now + (int64_t)effect->retry_after_ms;
    int64_t latest = world->now + 3 * WINDOW_MS; /* turns are given for a window ahead */
    latest = provider->blocked_until > latest ? provider->blocked_until : latest;
    int64_t probed = world->now + PROBE_RETRY_MS;
    bool is_soon = provider->state == MODEL_PROBING && probed < provider->until;
    bool is_true = effect->denial == DENIAL_DOWN
                       ? is_down(world, provider) && until == (is_soon ? probed : provider->until)
                       : !is_down(world, provider) && until > world->now && until <= latest &&
                             may_be_limited(world, provider);
    world_check(world, "a denial is true", world->settings.declares && is_true, "%s for %lld ms",
                denial_name((enum denial)effect->denial), (long long)effect->retry_after_ms);
    world_check(world, "a denial changes nothing", world->model.step.writes == 0, "%u effects",
                world->model.step.writes);
    if (effect->denial == DENIAL_LIMITED) {
        provider->tight_until = until + 2 * WINDOW_MS; /* and the pace of the last that starts */
        if (terms_of(world, provider)->limits[DAY] > 0) {
            provider->spent_until = world->now + (DAY_PARTS + 2) * DAY_PART_MS;
        }
    }
    world_seen(world, effect->denial == DENIAL_DOWN ? SEEN_DENIED_DOWN : SEEN_DENIED_LIMITED);
}

/* Calls are counted in parts of the day, and told until all of a part is over. */
static uint64_t granted_in_parts(const struct world *world, const struct model_provider *provider)
{
    uint64_t found = 0;
    for (uint64_t back = 1; back <= provider->grant_count && back <= MODEL_GRANTS_MAX; back++) {
        int64_t at = provider->grants[(provider->grant_count - back) % MODEL_GRANTS_MAX];
        found += at / DAY_PART_MS > world->now / DAY_PART_MS - DAY_PARTS;
    }
    return found;
}

static void check_day(struct world *world, const struct model_provider *provider,
                      const struct message_provider_state *told)
{
    uint64_t used = granted_in_parts(world, provider);
    world_check(world, "the calls of a day are told over restarts",
                told->limit_day == 0 || told->used_day == used, "%llu, should be %llu",
                (unsigned long long)told->used_day, (unsigned long long)used);
    world_check(world, "who is at its limit is told until when",
                told->limit_day == 0 || used < told->limit_day || told->limited_until > world->now,
                "until %lld", (long long)told->limited_until);
}

void model_provider_committed(struct model *model)
{
    for (uint8_t index = 0; index < WORLD_PROVIDERS_MAX; index++) {
        struct model_provider *provider = &model->providers.items[index];
        provider->grant_count_durable = provider->grant_count;
    }
}

void model_provider_crashed(struct model *model)
{
    for (uint8_t index = 0; index < WORLD_PROVIDERS_MAX; index++) {
        struct model_provider *provider = &model->providers.items[index];
        provider->grant_count = provider->grant_count_durable;
    }
}

/* What those who run the stack are told of one. */
static void check_told(struct world *world, const struct message_provider_state *told)
{
    static const uint8_t as_told[] = {
        [MODEL_CLOSED] = BREAKER_TOLD_CLOSED,
        [MODEL_OPEN] = BREAKER_TOLD_OPEN,
        [MODEL_PROBING] = BREAKER_TOLD_HALF_OPEN,
    };
    uint8_t index = provider_of(world, told->provider);
    world_check(world, "providers are those that were declared", index != PROVIDER_UNKNOWN,
                "there is another");
    const struct model_provider *provider = provider_now(world, index);
    bool is_over = provider->until <= world->now;
    uint8_t breaker = is_over && provider->state == MODEL_OPEN ? BREAKER_TOLD_HALF_OPEN
                                                               : as_told[provider->state];
    world_check(world, "a breaker is told as it is", told->breaker == breaker, "%s, should be %s",
                breaker_told_name((enum breaker_told)told->breaker),
                breaker_told_name((enum breaker_told)breaker));
    world_check(world, "a pause is told as it is",
                told->blocked_until ==
                    (provider->blocked_until > world->now ? provider->blocked_until : 0),
                "until %lld, should be %lld", (long long)told->blocked_until,
                (long long)provider->blocked_until);
    check_day(world, provider, told);
}

void model_provider_told(struct world *world)
{
    struct message_provider_state told[PROVIDERS_MAX];
    uint32_t count = core_providers(world->shell.core, world->now, told);
    world_check(world, "providers are those that were declared", count <= world->settings.providers,
                "%u", count);
    for (uint32_t index = 0; index < count; index++) {
        check_told(world, &told[index]);
    }
}
