#include "broker/core/state.h"

/*
 * What jobs cost. An operation is open from its intent until its outcome is told; then it is
 * counted, for its job and for the owner's day, unless it is certain that it was not charged. What
 * is counted stays counted. A live job holds a reserve: what it was estimated to cost and has not
 * yet, or its open operations when they are more.
 */

enum {
    OPEN_PRICE_MAX = OPERATIONS_MAX * PRICE_MAX,
};
_Static_assert((uint64_t)OPERATIONS_MAX *PRICE_MAX <= INT32_MAX, "open operations are summed up");
_Static_assert(OPERATIONS_MAX <= 16, "open operations are a bit set");

enum {
    DAY_MS = 86400000,
};

/* What becomes of an operation's price. */
enum settlement {
    SETTLEMENT_NONE, /* it is still open */
    SETTLEMENT_FREE,
    SETTLEMENT_CHARGED,
    SETTLEMENT_UNCERTAIN, /* counted: it may have been charged */
};

static enum settlement settlement_of(const struct message_operation *operation)
{
    enum settlement by_charge[CHARGE_COUNT] = {
        [CHARGE_UNKNOWN] = SETTLEMENT_UNCERTAIN,
        [CHARGE_YES] = SETTLEMENT_CHARGED,
        [CHARGE_NO] = SETTLEMENT_FREE,
    };
    switch ((enum operation_state)operation->state) {
    case OPERATION_STATE_INTENT:
    case OPERATION_STATE_SUBMITTED:
        return SETTLEMENT_NONE;
    case OPERATION_STATE_FINISHED:
        by_charge[CHARGE_UNKNOWN] = SETTLEMENT_CHARGED;
        break;
    case OPERATION_STATE_REFUSED:
        by_charge[CHARGE_UNKNOWN] = SETTLEMENT_FREE;
        break;
    case OPERATION_STATE_UNKNOWN:
    case OPERATION_STATE_CANCELLED:
    case OPERATION_STATE_ABANDONED:
    case OPERATION_STATE_WASTED:
        break;
    }
    return by_charge[operation->charged];
}

static uint32_t today(const struct core *core)
{
    return (uint32_t)(core->now / DAY_MS);
}

/* ---- reserves ---- */

uint64_t job_reserved(const struct job *job)
{
    return job->expected > job->open_price ? job->expected : job->open_price;
}

void costs_begin(struct core *core, uint32_t index)
{
    const struct job *job = core_job(core, index);
    users_user(&core->users, job->owner)->reserved += job_reserved(job);
    core->everybody.reserved += job_reserved(job);
}

static void reserve(struct core *core, struct job *job, uint32_t expected, uint32_t open_price)
{
    struct user *user = users_user(&core->users, job->owner);
    assert(user->reserved >= job_reserved(job));
    user->reserved -= job_reserved(job);
    core->everybody.reserved -= job_reserved(job);
    job->expected = expected;
    job->open_price = open_price;
    user->reserved += job_reserved(job);
    core->everybody.reserved += job_reserved(job);
}

/* ---- what was spent today ---- */

static void spender_remove(struct core *core, uint32_t index)
{
    struct user *user = users_user(&core->users, index);
    uint32_t *before = user->spender_previous == JOB_NONE
                           ? &core->spenders.first
                           : &users_user(&core->users, user->spender_previous)->spender_next;
    uint32_t *after = user->spender_next == JOB_NONE
                          ? &core->spenders.last
                          : &users_user(&core->users, user->spender_next)->spender_previous;
    *before = user->spender_next;
    *after = user->spender_previous;
    core->spenders.count--;
}

static void spender_append(struct core *core, uint32_t index)
{
    struct user *user = users_user(&core->users, index);
    user->spender_next = JOB_NONE;
    user->spender_previous = core->spenders.last;
    if (core->spenders.last == JOB_NONE) {
        core->spenders.first = index;
    } else {
        users_user(&core->users, core->spenders.last)->spender_next = index;
    }
    core->spenders.last = index;
    core->spenders.count++;
}

/* Those who have spent today stay, with a reference of their own, in the order of their days. */
static void spend(struct core *core, uint32_t index, uint64_t amount)
{
    struct user *user = users_user(&core->users, index);
    if (user->spent_day != today(core)) {
        if (user->spent_day == DAY_NONE) {
            user->references++;
        } else {
            spender_remove(core, index);
        }
        user->spent = 0;
        user->spent_day = today(core);
        spender_append(core, index);
    }
    user->spent += amount;
    if (core->everybody.spent_day != today(core)) {
        core->everybody.spent_day = today(core);
        core->everybody.spent = 0;
    }
    core->everybody.spent += amount;
}

uint64_t costs_spent_today(const struct core *core, const struct user *user)
{
    return user->spent_day == today(core) ? user->spent : 0;
}

void costs_tick(struct core *core)
{
    for (uint32_t left = SPENDERS_TICK_MAX; left > 0 && core->spenders.first != JOB_NONE; left--) {
        uint32_t index = core->spenders.first;
        struct user *user = users_user(&core->users, index);
        if (user->spent_day == today(core)) {
            return;
        }
        spender_remove(core, index);
        user->spent = 0;
        user->spent_day = DAY_NONE;
        users_give(&core->users, index);
    }
}

enum status core_restore_spent(struct core *core, uint32_t day, struct slice owner, uint64_t amount)
{
    uint32_t index;
    assert(!core->started);
    if (day != today(core)) {
        return STATUS_OK;
    }
    if (owner.size == 0 || owner.size > OWNER_SIZE_MAX || amount > INT64_MAX) {
        return STATUS_MALFORMED;
    }
    enum status status = users_take(&core->users, owner, &index);
    if (status == STATUS_OK) {
        spend(core, index, amount);
        users_give(&core->users, index);
    }
    return status;
}

/* ---- settlements ---- */

/* Counts money for the job and its owner. */
static void count(struct core *core, struct job *job, uint32_t amount, enum settlement settlement,
                  struct spend *out)
{
    bool is_uncertain = settlement == SETTLEMENT_UNCERTAIN;
    out->day = today(core);
    out->is_first = job->spent == 0;
    out->amount = amount;
    out->uncertain = is_uncertain ? amount : 0;
    job->spent += out->amount;
    job->uncertain += out->uncertain;
    spend(core, job->owner, amount);
    core->statistics.spent += out->amount;
    core->statistics.uncertain += out->uncertain;
}

static void settle(struct core *core, struct job *job, uint32_t price, enum settlement settlement,
                   struct spend *out)
{
    bool is_counted = settlement != SETTLEMENT_FREE;
    uint32_t counted = is_counted && price < job->expected ? price : is_counted * job->expected;
    reserve(core, job, job->expected - counted, job->open_price - price);
    job->open = job->open_price == 0 ? 0 : job->open; /* what they were said to cost was less */
    job->open_before &= job->open;
    if (is_counted && price > 0) {
        count(core, job, price, settlement, out);
    }
}

/* The price of one of the open operations: the only one has all that is open. */
static uint32_t price_of(const struct job *job, uint8_t number, uint32_t price)
{
    bool is_only = job->open == 1u << number;
    return is_only || price > job->open_price ? job->open_price : price;
}

/* Says the same again, or, under a later lease, begins anew what nobody has told the outcome of:
 * whatever that lease has announced first. */
static void open(struct core *core, struct job *job, const struct message_operation *operation,
                 uint32_t before_lease, struct spend *out)
{
    uint16_t bit = (uint16_t)(1u << operation->operation);
    bool is_open = (job->open & bit) != 0;
    job->open_before = operation->lease > before_lease ? job->open : job->open_before;
    if (is_open && (job->open_before & bit) == 0) {
        return;
    }
    job->open_before &= (uint16_t)~bit;
    if (is_open) {
        settle(core, job, price_of(job, operation->operation, operation->price),
               SETTLEMENT_UNCERTAIN, out);
        out->operations = out->amount > 0;
    }
    if (operation->price > 0) {
        /* More comes of a worker only that told of lower prices than it had announced. */
        uint32_t room = OPEN_PRICE_MAX - job->open_price;
        uint32_t price = operation->price < room ? operation->price : room;
        job->open |= bit;
        reserve(core, job, job->expected, job->open_price + price);
    } else {
        job->open &= (uint16_t)~bit;
    }
}

/* A call without a task is told of by who makes it: what costs nothing is the call of this lease,
 * which was denied or not made, and not the one that an earlier lease has announced. */
static bool is_of_another(const struct job *job, const struct message_operation *operation,
                          uint32_t before_lease)
{
    bool was_before = (job->open_before & 1u << operation->operation) != 0;
    return operation->operation >= OPERATIONS_WITH_TASKS &&
           (operation->lease > before_lease || was_before);
}

void costs_operation(struct core *core, uint32_t index, const struct message_operation *operation,
                     uint32_t before_lease, struct spend *out)
{
    struct job *job = core_job(core, index);
    uint16_t bit = (uint16_t)(1u << operation->operation);
    enum settlement settlement = settlement_of(operation);
    *out = (struct spend){0};
    if (settlement == SETTLEMENT_FREE && is_of_another(job, operation, before_lease)) {
        settlement = SETTLEMENT_UNCERTAIN;
    }
    if (operation->state == OPERATION_STATE_INTENT) {
        open(core, job, operation, before_lease, out);
    } else if (settlement != SETTLEMENT_NONE && (job->open & bit) != 0) {
        uint32_t price = price_of(job, operation->operation, operation->price);
        job->open &= (uint16_t)~bit;
        settle(core, job, price, settlement, out);
        out->operations = out->amount > 0;
    }
    job->open_before &= job->open;
    gate_spent(core, operation->provider, job->kind, out->amount);
    assert((job->open == 0) == (job->open_price == 0));
}

static uint32_t count_open(const struct job *job)
{
    uint32_t count = 0;
    for (int number = 0; number < OPERATIONS_MAX; number++) {
        count += (job->open & 1u << number) != 0;
    }
    return count;
}

void costs_end(struct core *core, uint32_t index, bool is_success, struct slice provider,
               struct spend *out)
{
    struct job *job = core_job(core, index);
    *out = (struct spend){0};
    if (job->open != 0) {
        out->operations = count_open(job);
        job->open = 0;
        job->open_before = 0;
        settle(core, job, job->open_price, is_success ? SETTLEMENT_CHARGED : SETTLEMENT_UNCERTAIN,
               out);
        gate_spent(core, provider, job->kind, out->amount);
    }
    reserve(core, job, 0, 0);
}

/* ---- estimates and questions ---- */

struct estimate costs_estimate(const struct core *core, uint8_t kind)
{
    struct estimate estimate = {.is_known = true};
    for (int use = 0; use < PROVIDER_USE_COUNT; use++) {
        uint32_t price = 0;
        if ((kind_uses(kind) & 1u << use) != 0) {
            estimate.is_known &= providers_price(&core->providers, (enum provider_use)use, &price);
            estimate.amount += price;
        }
    }
    return estimate;
}

void costs_add(struct estimate *sum, struct estimate estimate)
{
    sum->amount += estimate.amount;
    sum->is_known &= estimate.is_known;
}

bool costs_permit(struct core *core, struct slice owner, struct estimate estimate)
{
    struct spending spending;
    bool is_free = estimate.is_known && estimate.amount == 0;
    if (core->options.budget == 0 || is_free) {
        return true;
    }
    core_spending(core, owner, core->now, &spending);
    uint64_t sum = spending.spent + spending.reserved + estimate.amount;
    bool is_over =
        sum > core->options.budget || (!estimate.is_known && sum == core->options.budget);
    core->statistics.over_budget += is_over;
    return !is_over;
}

static void tell(const struct core *core, const struct spending *spending, uint64_t estimate,
                 struct message_reply *reply)
{
    reply->spent = spending->spent;
    reply->reserved = spending->reserved;
    reply->estimate = estimate;
    reply->budget = core->options.budget;
    reply->budget_soft = core->options.budget_soft;
    reply->budget_until = ((int64_t)spending->day + 1) * DAY_MS;
}

struct message_reply costs_refusal(const struct core *core, struct slice owner,
                                   struct estimate estimate)
{
    struct message_reply reply = {.code = REPLY_CODE_OVER_BUDGET};
    struct spending spending;
    core_spending(core, owner, core->now, &spending);
    tell(core, &spending, estimate.amount, &reply);
    return reply;
}

void costs_warn(struct core *core, struct slice owner, uint64_t estimate,
                struct message_reply *reply)
{
    struct spending spending;
    core_spending(core, owner, core->now, &spending);
    uint64_t sum = spending.spent + spending.reserved;
    if (core->options.budget_soft > 0 && estimate > 0 && sum > core->options.budget_soft) {
        tell(core, &spending, estimate, reply);
        core->statistics.budget_warned++;
    }
}

void core_spending(const struct core *core, struct slice owner, int64_t now, struct spending *out)
{
    const struct purse *everybody = &core->everybody;
    uint32_t index = users_find(&core->users, owner);
    *out = (struct spending){.day = (uint32_t)(now / DAY_MS)};
    if (owner.size == 0) {
        out->reserved = everybody->reserved;
        out->spent = everybody->spent_day == out->day ? everybody->spent : 0;
        return;
    }
    out->budget = core->options.budget;
    out->budget_soft = core->options.budget_soft;
    if (index != JOB_NONE) {
        const struct user *user = users_user(&core->users, index);
        out->reserved = user->reserved;
        out->spent = user->spent_day == out->day ? user->spent : 0;
    }
}
