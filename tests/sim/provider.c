#include "tests/sim/provider.h"
#include <assert.h>
#include <stdlib.h>
#include "tests/sim/world.h"

enum {
    EXCHANGES_FIRST = 32,
    LATE_MS_MAX = 20000,        /* after nobody waits for an answer, an order may still be taken */
    RETRY_AFTER_MS_LONG = 5000, /* what 429 asks for, at most */
    LOCKED_OF_DOWN = 50,        /* in a thousand calls while it is down */
};

struct exchange {
    struct ask ask;
    enum mishap mishap;
    struct provider_answer answer;
    int64_t asked_at;
    uint32_t left; /* wakes on their way; 0: not used */
    uint32_t next_free;
};

/* Which mishaps a request can have, as bits. */
#define CAN(name) (1u << MISHAP_##name)
enum {
    CAN_FAIL = CAN(CONFLICT) | CAN(ERROR) | CAN(GATEWAY) | CAN(UNREACHABLE) | CAN(HANG_BEFORE) |
               CAN(HANG_AFTER) | CAN(RESET_BEFORE) | CAN(RESET_AFTER) | CAN(DRIP) | CAN(NONSENSE),
    CAN_BE_LIMITED = CAN(THROTTLED) | CAN(LOCKED),
    CAN_BE_TASK = CAN(LOST) | CAN(FAILED) | CAN(NEVER),
};

static const uint32_t can[] = {
    [ASK_ORDER] = CAN_FAIL | CAN_BE_LIMITED | CAN(REFUSED) | CAN(HANG_LATE) | CAN(DUPLICATE),
    [ASK_CHAT] = CAN_FAIL | CAN_BE_LIMITED | CAN(REFUSED) | CAN(HANG_LATE),
    [ASK_UPLOAD] = CAN_FAIL | CAN_BE_LIMITED | CAN(REFUSED),
    [ASK_LIST] = CAN_FAIL | CAN(THROTTLED),
    [ASK_POLL] = CAN_FAIL | CAN_BE_LIMITED | CAN(LOST),
    [ASK_FETCH] = CAN_FAIL,
    [ASK_DROP] = CAN_FAIL | CAN(THROTTLED),
};

static const enum fault order_faults[MISHAP_COUNT] = {
    [MISHAP_REFUSED] = FAULT_PROVIDER_REFUSED,
    [MISHAP_THROTTLED] = FAULT_PROVIDER_THROTTLED,
    [MISHAP_LOCKED] = FAULT_PROVIDER_LOCKED,
    [MISHAP_CONFLICT] = FAULT_PROVIDER_CONFLICT,
    [MISHAP_ERROR] = FAULT_PROVIDER_ERROR,
    [MISHAP_GATEWAY] = FAULT_PROVIDER_GATEWAY,
    [MISHAP_UNREACHABLE] = FAULT_PROVIDER_UNREACHABLE,
    [MISHAP_HANG_BEFORE] = FAULT_PROVIDER_HANG_BEFORE,
    [MISHAP_HANG_LATE] = FAULT_PROVIDER_HANG_LATE,
    [MISHAP_HANG_AFTER] = FAULT_PROVIDER_HANG_AFTER,
    [MISHAP_RESET_BEFORE] = FAULT_PROVIDER_RESET_BEFORE,
    [MISHAP_RESET_AFTER] = FAULT_PROVIDER_RESET_AFTER,
    [MISHAP_DRIP] = FAULT_PROVIDER_DRIP,
    [MISHAP_NONSENSE] = FAULT_PROVIDER_NONSENSE,
    [MISHAP_DUPLICATE] = FAULT_PROVIDER_DUPLICATE,
    [MISHAP_LOST] = FAULT_PROVIDER_LOST,
    [MISHAP_FAILED] = FAULT_PROVIDER_FAILED,
    [MISHAP_NEVER] = FAULT_PROVIDER_NEVER,
};

/* What failures of the others are counted as. */
static const enum fault ask_faults[] = {
    [ASK_CHAT] = FAULT_PROVIDER_CHAT_FAILS,    [ASK_UPLOAD] = FAULT_PROVIDER_UPLOAD_FAILS,
    [ASK_LIST] = FAULT_PROVIDER_LIST_FAILS,    [ASK_POLL] = FAULT_PROVIDER_POLL_FAILS,
    [ASK_FETCH] = FAULT_PROVIDER_RESULT_FAILS, [ASK_DROP] = FAULT_PROVIDER_DROP_FAILS,
};

void exchanges_init(struct exchanges *exchanges)
{
    *exchanges = (struct exchanges){0};
}

void exchanges_fini(struct exchanges *exchanges)
{
    free(exchanges->items);
    exchanges_init(exchanges);
}

static uint32_t exchange_new(struct exchanges *exchanges)
{
    if (exchanges->free != 0) {
        uint32_t index = exchanges->free - 1;
        exchanges->free = exchanges->items[index].next_free;
        return index;
    }
    if (exchanges->count == exchanges->capacity) {
        exchanges->capacity = exchanges->capacity == 0 ? EXCHANGES_FIRST : 2 * exchanges->capacity;
        exchanges->items =
            realloc(exchanges->items, exchanges->capacity * sizeof(*exchanges->items));
        assert(exchanges->items != NULL);
    }
    return exchanges->count++;
}

static void wake_at(struct world *world, uint32_t index, int64_t at, bool is_answer)
{
    world->exchanges.items[index].left++;
    schedule_add(&world->schedule, at, WAKE_PROVIDER, index, is_answer, 0);
}

/* ---- what goes wrong ---- */

bool provider_is_up(const struct world *world, uint8_t provider)
{
    return world->now >= world->provider_down_until[provider];
}

struct slice provider_name(uint8_t provider)
{
    return provider == 0 ? SLICE_LITERAL("studio") : SLICE_LITERAL("second");
}

uint8_t provider_of(const struct world *world, struct slice name)
{
    for (uint8_t provider = 0; provider < world->settings.providers; provider++) {
        if (slice_equal(provider_name(provider), name)) {
            return provider;
        }
    }
    return PROVIDER_UNKNOWN;
}

bool says_may_pass(enum says says)
{
    return says == SAYS_THROTTLED || says == SAYS_ERROR || says == SAYS_BUSY ||
           says == SAYS_GATEWAY || says == SAYS_UNREACHABLE || says == SAYS_NOTHING ||
           says == SAYS_BROKEN;
}

static enum mishap draw_down(struct world *world)
{
    static const enum mishap ways[] = {MISHAP_UNREACHABLE, MISHAP_ERROR, MISHAP_HANG_BEFORE,
                                       MISHAP_RESET_BEFORE};
    if (prng_chance(&world->prng, LOCKED_OF_DOWN)) {
        return MISHAP_LOCKED;
    }
    return ways[prng_below(&world->prng, 4)];
}

static enum mishap draw_of(struct world *world, uint32_t which)
{
    for (int mishap = 1; mishap < MISHAP_COUNT; mishap++) {
        uint32_t chance = world->settings.mishaps[mishap];
        if (chance > 0 && (which & 1u << mishap) != 0 && prng_chance(&world->prng, chance)) {
            return (enum mishap)mishap;
        }
    }
    return MISHAP_NONE;
}

static enum mishap draw(struct world *world, const struct ask *ask)
{
    enum ask_kind kind = ask->kind;
    bool is_up = provider_is_up(world, ask->provider);
    enum mishap mishap = is_up ? draw_of(world, can[kind]) : draw_down(world);
    if (mishap != MISHAP_NONE) {
        world_fault(world, kind == ASK_ORDER ? order_faults[mishap] : ask_faults[kind]);
    }
    return mishap;
}

/* ---- what it does ---- */

static uint32_t take(struct world *world, const struct ask *ask, bool is_copy)
{
    struct order order = {
        .job = ask->job,
        .lease = ask->lease,
        .key = ask->key,
        .provider = ask->provider,
        .upload = ask->upload,
        .number = ask->number,
        .is_task = ask->is_task,
        .is_copy = is_copy,
        .ends_at = world->now,
    };
    enum mishap mishap = ask->is_task ? draw_of(world, CAN_BE_TASK) : MISHAP_NONE;
    if (ask->is_task) {
        order.ends_at += prng_wait(&world->prng, 8 * world->settings.step_ms);
    }
    if (mishap != MISHAP_NONE) {
        world_fault(world, order_faults[mishap]);
        order.state = mishap == MISHAP_LOST ? ORDER_LOST : ORDER_TAKEN;
        order.fate = mishap == MISHAP_FAILED  ? FATE_FAILED
                     : mishap == MISHAP_NEVER ? FATE_NEVER
                                              : FATE_MADE;
    }
    return ledger_take(world, &order);
}

static struct provider_answer take_order(struct world *world, const struct exchange *exchange)
{
    const struct ask *ask = &exchange->ask;
    uint32_t known = world->settings.terms[ask->provider].keys
                         ? ledger_find_key(&world->ledger, ask->job, ask->provider, ask->key)
                         : 0;
    /* The call that is made again may be under way still. */
    if (known != 0 && world->settings.mishaps[MISHAP_CONFLICT] > 0 &&
        prng_chance(&world->prng, 500)) {
        world_fault(world, FAULT_PROVIDER_CONFLICT);
        return (struct provider_answer){.says = SAYS_CONFLICT};
    }
    if (known != 0) {
        world_seen(world, SEEN_KEY_KNOWN);
        return (struct provider_answer){.says = SAYS_OK, .task = known};
    }
    uint32_t task = take(world, ask, false);
    if (exchange->mishap == MISHAP_DUPLICATE) {
        take(world, ask, true);
    }
    return (struct provider_answer){.says = SAYS_OK, .task = task};
}

static struct provider_answer look_at(struct world *world, const struct exchange *exchange)
{
    struct order *order = ledger_order(&world->ledger, exchange->ask.task);
    struct provider_answer answer = {.says = SAYS_RUNNING, .task = exchange->ask.task};
    if (exchange->mishap == MISHAP_LOST && order->state == ORDER_TAKEN) {
        order->state = ORDER_LOST;
    }
    bool is_over = order->fate != FATE_NEVER && world->now >= order->ends_at;
    if (order->state != ORDER_TAKEN) {
        answer.says = SAYS_GONE;
    } else if (is_over) {
        answer.says = order->fate == FATE_FAILED ? SAYS_FAILED : SAYS_OK;
    }
    return answer;
}

/* Whether a task that is dropped just now costs nothing: as its actors are told, or, when they are
 * told nothing, what was made is paid for, and what was not as the provider likes. */
static bool is_refunded(const struct world *world, const struct order *order)
{
    const struct terms *terms = &world->settings.terms[order->provider];
    bool is_made = order->fate == FATE_MADE && world->now >= order->ends_at;
    bool has_failed = !order_is_charged(order, world->now);
    return terms->dropped == CHARGE_UNKNOWN ? has_failed || (terms->refunds && !is_made)
                                            : terms->dropped == CHARGE_NO;
}

static struct provider_answer drop(struct world *world, const struct exchange *exchange)
{
    struct order *order = ledger_order(&world->ledger, exchange->ask.task);
    struct provider_answer answer = {.says = SAYS_GONE, .task = exchange->ask.task};
    if (order->state == ORDER_TAKEN) {
        order->refunded = is_refunded(world, order);
        order->was_made = order->fate == FATE_MADE && world->now >= order->ends_at;
        order->state = ORDER_DROPPED;
        answer.says = SAYS_OK;
        world_fault(world, FAULT_PROVIDER_DROPPED);
    }
    return answer;
}

static struct provider_answer perform(struct world *world, const struct exchange *exchange)
{
    struct provider_answer answer = {.says = SAYS_GONE};
    switch (exchange->ask.kind) {
    case ASK_ORDER:
        return take_order(world, exchange);
    case ASK_CHAT:
        return (struct provider_answer){.says = SAYS_OK,
                                        .task = take(world, &exchange->ask, false)};
    case ASK_UPLOAD:
        answer.task = ledger_upload(world, exchange->ask.job, exchange->ask.provider);
        answer.says = SAYS_OK;
        return answer;
    case ASK_LIST:
        answer.task =
            ledger_find_job(&world->ledger, exchange->ask.job, exchange->ask.provider, world->now);
        answer.says = answer.task == 0 ? SAYS_GONE : SAYS_OK;
        return answer;
    case ASK_POLL:
        return look_at(world, exchange);
    case ASK_FETCH:
        return (struct provider_answer){.says = SAYS_OK, .task = exchange->ask.task};
    case ASK_DROP:
        return drop(world, exchange);
    }
    return answer;
}

/* ---- one request ---- */

/* What is said in place of doing anything; SAYS_OK: it is done. */
static enum says refusal(struct world *world, uint8_t provider, enum mishap mishap)
{
    static const enum says said[MISHAP_COUNT] = {
        [MISHAP_REFUSED] = SAYS_REFUSED,
        [MISHAP_THROTTLED] = SAYS_THROTTLED,
        [MISHAP_LOCKED] = SAYS_LOCKED,
        [MISHAP_ERROR] = SAYS_ERROR,
    };
    if (mishap == MISHAP_GATEWAY) {
        return prng_chance(&world->prng, 500) ? SAYS_GATEWAY : SAYS_OK;
    }
    if (mishap == MISHAP_CONFLICT) {
        bool is_refused = world->settings.terms[provider].keys || prng_chance(&world->prng, 500);
        return is_refused ? SAYS_CONFLICT : SAYS_OK;
    }
    return said[mishap];
}

/* What is said in place of what was done. */
static enum says distortion(enum mishap mishap, enum says said)
{
    static const enum says other[MISHAP_COUNT] = {
        [MISHAP_CONFLICT] = SAYS_CONFLICT,  [MISHAP_GATEWAY] = SAYS_GATEWAY,
        [MISHAP_HANG_AFTER] = SAYS_NOTHING, [MISHAP_HANG_LATE] = SAYS_NOTHING,
        [MISHAP_RESET_AFTER] = SAYS_BROKEN, [MISHAP_NONSENSE] = SAYS_NONSENSE,
    };
    return other[mishap] == SAYS_OK ? said : other[mishap];
}

/* Some of those that fail ask for more than is ever given them, and some of those that ask have
 * failed otherwise (500). */
static int64_t draw_retry_after(struct world *world, enum says refused)
{
    if (refused == SAYS_THROTTLED) {
        return prng_below(&world->prng, RETRY_AFTER_MS_LONG);
    }
    bool may_pause = refused == SAYS_ERROR || refused == SAYS_CONFLICT;
    if (!may_pause || !prng_chance(&world->prng, 300)) {
        return 0;
    }
    world_seen(world, SEEN_FAILURE_PAUSES);
    uint32_t most = prng_chance(&world->prng, 20) ? 3 * PROVIDER_PAUSE_MS_MAX : RETRY_AFTER_MS_LONG;
    return prng_below(&world->prng, most);
}

static struct provider_answer refuse(struct world *world, enum says refused)
{
    int64_t wait_ms = draw_retry_after(world, refused);
    bool is_busy = refused == SAYS_ERROR && wait_ms > 0 && prng_chance(&world->prng, 700);
    return (struct provider_answer){
        .says = is_busy ? SAYS_BUSY : refused,
        .retry_after_ms = wait_ms,
    };
}

static void arrive(struct world *world, uint32_t index)
{
    struct exchange *exchange = &world->exchanges.items[index];
    int64_t give_up_at = exchange->asked_at + exchange->ask.timeout_ms;
    int64_t answer_at = world->now + 1 + prng_wait(&world->prng, world->settings.step_ms / 2);
    enum says refused = refusal(world, exchange->ask.provider, exchange->mishap);
    if (exchange->mishap == MISHAP_DRIP) {
        answer_at += prng_below(&world->prng, (uint32_t)(2 * exchange->ask.timeout_ms));
    }
    if (refused != SAYS_OK) {
        exchange->answer = refuse(world, refused);
    } else {
        struct provider_answer answer = perform(world, exchange);
        exchange = &world->exchanges.items[index];
        answer.says = distortion(exchange->mishap, answer.says);
        exchange->answer = answer;
    }
    if (exchange->mishap == MISHAP_HANG_LATE) {
        return; /* who asked has given up */
    }
    if (exchange->answer.says == SAYS_NOTHING || answer_at > give_up_at) {
        exchange->answer.says = SAYS_NOTHING;
        answer_at = give_up_at > world->now ? give_up_at : world->now + 1;
    }
    wake_at(world, index, answer_at, true);
}

void provider_ask(struct world *world, const struct ask *ask)
{
    uint32_t index = exchange_new(&world->exchanges);
    struct exchange *exchange = &world->exchanges.items[index];
    int64_t way = 1 + prng_wait(&world->prng, world->settings.step_ms / 2);
    int64_t timeout = ask->timeout_ms;
    way = way < timeout ? way : timeout; /* nobody waits for longer */
    *exchange = (struct exchange){
        .ask = *ask,
        .asked_at = world->now,
        .mishap = draw(world, ask),
    };
    if (ask->kind == ASK_POLL || ask->kind == ASK_FETCH || ask->kind == ASK_DROP) {
        world_check(world, "a task is asked for where it was ordered",
                    ledger_order(&world->ledger, ask->task)->provider == ask->provider,
                    "job %u: task %u", ask->job, ask->task);
    }
    if (ask->kind == ASK_ORDER) {
        model_ledger_asked(world, ask);
    }
    model_closing_asked(world, ask);
    bool is_lost =
        exchange->mishap == MISHAP_UNREACHABLE || exchange->mishap == MISHAP_RESET_BEFORE;
    bool is_late = exchange->mishap == MISHAP_HANG_LATE;
    if (is_lost) {
        exchange->answer.says =
            exchange->mishap == MISHAP_UNREACHABLE ? SAYS_UNREACHABLE : SAYS_BROKEN;
        wake_at(world, index, world->now + way, true);
    } else if (is_late || exchange->mishap == MISHAP_HANG_BEFORE) {
        exchange->answer.says = SAYS_NOTHING;
        wake_at(world, index, world->now + timeout, true);
    }
    if (is_late) {
        way = timeout + 1 + prng_below(&world->prng, LATE_MS_MAX);
    }
    if (!is_lost && exchange->mishap != MISHAP_HANG_BEFORE) {
        wake_at(world, index, world->now + way, false);
    }
}

void provider_wake(struct world *world, uint32_t index, bool is_answer)
{
    struct exchange *exchange = &world->exchanges.items[index];
    assert(exchange->left > 0);
    exchange->left--;
    if (is_answer) {
        const struct ask *ask = &exchange->ask;
        const struct actor *actor = &world->actors[ask->actor];
        if (actor->state != ACTOR_DOWN && world->now < actor->hung_until) {
            wake_at(world, index, actor->hung_until + 1, true);
            return;
        }
        const struct exchange copy = *exchange;
        model_closing_answered(world, &copy.ask, copy.answer.says);
        actor_answer(world, &copy.ask, &copy.answer);
    } else {
        arrive(world, index);
    }
    exchange = &world->exchanges.items[index];
    if (exchange->left == 0) {
        exchange->next_free = world->exchanges.free;
        world->exchanges.free = index + 1;
    }
}
