#include <assert.h>
#include <string.h>
#include "broker/query_spent.h"
#include "tests/sim/model.h"
#include "tests/sim/world.h"

/*
 * Money, told a second time: what each operation was announced to cost, what its outcome makes of
 * that, and sums by user and day. The core keeps one sum for all of a job's open operations; here
 * each has its own.
 */

enum {
    DAY_MS = 86400000,
    ANSWER_SIZE = 1 << 16,
};

static uint32_t day_of(int64_t now)
{
    return (uint32_t)(now / DAY_MS);
}

static uint32_t payee_of(const struct world *world, struct slice provider)
{
    uint8_t found = provider_of(world, provider);
    return found == PROVIDER_UNKNOWN ? MODEL_PAYEES - 1 : found;
}

/* By payee. */
static struct model_money *money_of(struct world *world, uint8_t user, uint32_t day)
{
    uint32_t place = day - day_of(WORLD_START_MS);
    world_check(world, "worlds end in time", place < MODEL_DAYS_MAX, "day %u", place);
    return world->model.money[user][place];
}

static uint64_t spent_by(struct world *world, uint8_t user, uint32_t day)
{
    const struct model_money *money = money_of(world, user, day);
    uint64_t sum = 0;
    for (uint32_t payee = 0; payee < MODEL_PAYEES; payee++) {
        sum += money[payee].spent;
    }
    return sum;
}

static uint64_t open_of(const struct model_state *state)
{
    uint64_t sum = 0;
    for (int index = 0; index < OPERATIONS_MAX; index++) {
        sum += state->price[index];
    }
    return sum;
}

static uint64_t reserved_of(const struct model_state *state)
{
    uint64_t open = open_of(state);
    return open > state->expected ? open : state->expected;
}

/* What live jobs of a user hold, as of the last commit or now. */
static uint64_t reserved(const struct model *model, uint8_t user, bool is_durable)
{
    uint64_t sum = 0;
    for (uint32_t index = 0; index < model->job_count; index++) {
        const struct model_job *job = &model->jobs[index];
        const struct model_state *state = is_durable ? &job->durable : &job->current;
        if (job->user == user && state->exists && !model_is_terminal(state)) {
            sum += reserved_of(state);
        }
    }
    return sum;
}

/* ---- operations ---- */

struct sum {
    uint64_t amount, uncertain;
    uint32_t operations;
    uint32_t payee; /* of the last */
};

static void settle(struct model_state *state, int number, bool is_counted, bool is_uncertain,
                   struct sum *sum)
{
    uint32_t price = state->price[number];
    state->price[number] = 0;
    if (is_counted && price > 0) {
        state->expected -= state->expected > price ? price : state->expected;
        sum->amount += price;
        sum->uncertain += is_uncertain ? price : 0;
        sum->payee = state->payee[number];
        state->spent_with[sum->payee] += price;
        state->uncertain_with[sum->payee] += is_uncertain ? price : 0;
        sum->operations++;
    }
}

static void take_outcome(struct world *world, struct model_state *state,
                         const struct message_operation *operation, struct sum *sum)
{
    bool is_open = state->price[operation->operation] > 0;
    bool is_free = operation->charged == CHARGE_NO || (operation->charged == CHARGE_UNKNOWN &&
                                                       operation->state == OPERATION_STATE_REFUSED);
    bool is_sure = operation->charged == CHARGE_YES || operation->state == OPERATION_STATE_FINISHED;
    if (is_free && is_open && operation->operation >= OPERATIONS_WITH_TASKS &&
        state->operation_lease[operation->operation] < operation->lease) {
        world_seen(world, SEEN_PRICE_OF_BEFORE);
        is_free = false;
    }
    if (is_open) {
        world_seen(world, is_free   ? SEEN_PRICE_RELEASED
                          : is_sure ? SEEN_PRICE_CHARGED
                                    : SEEN_PRICE_UNCERTAIN);
    }
    settle(state, operation->operation, !is_free, !is_sure, sum);
}

static void take_intent(struct world *world, struct model_state *state,
                        const struct message_operation *operation, struct sum *sum)
{
    uint8_t number = operation->operation;
    bool is_again = state->price[number] > 0 && state->operation_lease[number] == operation->lease;
    if (is_again) {
        world_seen(world, SEEN_INTENT_AGAIN);
        return;
    }
    if (state->price[number] > 0 && state->paid_lease == operation->lease) {
        world_seen(world, SEEN_INTENT_BEHIND);
    }
    settle(state, number, true, true, sum);
    state->price[number] = operation->price;
    state->payee[number] = payee_of(world, operation->provider);
}

static void count(struct world *world, struct model_job *job, const struct effect *effect,
                  const struct sum *sum)
{
    struct model_state *state = &job->current;
    const struct spend *spend = &effect->spend;
    world_check(world, "money is counted once",
                spend->amount == sum->amount && spend->uncertain == sum->uncertain,
                "job %u: %llu of which %llu are uncertain, should be %llu and %llu",
                model_job_number(&world->model, job), (unsigned long long)spend->amount,
                (unsigned long long)spend->uncertain, (unsigned long long)sum->amount,
                (unsigned long long)sum->uncertain);
    if (sum->amount == 0) {
        return;
    }
    world_check(world, "money is counted once",
                spend->operations == sum->operations && spend->is_first == (state->spent == 0) &&
                    spend->day == day_of(world->now),
                "job %u: %u operations", model_job_number(&world->model, job), spend->operations);
    /* What is left open at a job's end is counted as one sum, whoever was asked. */
    uint32_t payee = payee_of(world, effect->operation.provider);
    world_check(world, "money is counted with who was asked",
                effect->type == EFFECT_END || job->is_lied_about || payee == sum->payee,
                "job %u: %u, should be %u", model_job_number(&world->model, job), payee,
                sum->payee);
    struct model_money *money = &money_of(world, job->user, spend->day)[payee];
    money->spent += sum->amount;
    money->uncertain += sum->uncertain;
    money->operations += sum->operations;
    money->jobs += state->spent == 0;
    world->model.money_dirty = true;
    state->spent += sum->amount;
    state->uncertain += sum->uncertain;
    if (spend->day > day_of(WORLD_START_MS)) {
        world_seen(world, SEEN_SPENT_NEXT_DAY);
    }
}

void model_money_operation(struct world *world, struct model_job *job, const struct effect *effect)
{
    const struct message_operation *operation = &effect->operation;
    struct sum sum = {0};
    if (operation->state == OPERATION_STATE_INTENT) {
        take_intent(world, &job->current, operation, &sum);
    } else if (operation->state != OPERATION_STATE_SUBMITTED) {
        take_outcome(world, &job->current, operation, &sum);
    }
    count(world, job, effect, &sum);
}

void model_money_end(struct world *world, struct model_job *job, const struct effect *effect)
{
    struct sum sum = {0};
    bool is_sure = effect->job->state == JOB_STATE_COMPLETED;
    for (int index = 0; index < OPERATIONS_MAX; index++) {
        settle(&job->current, index, true, !is_sure, &sum);
    }
    job->current.expected = 0;
    if (sum.amount > 0) {
        world_seen(world, is_sure ? SEEN_PRICE_WITH_JOB : SEEN_PRICE_LEFT_OPEN);
    }
    count(world, job, effect, &sum);
}

/* ---- estimates and budgets ---- */

uint32_t model_price_of_use(const struct world *world, uint8_t provider, enum provider_use use)
{
    return world->settings.terms[provider].price * (1 + (uint32_t)use);
}

/* Each use counts when an actor has told of it, and actors come and go: as the provider that is
 * asked first costs. */
void model_money_accepted(struct world *world, struct model_job *job, const struct job *head)
{
    uint32_t first =
        job->kind == JOB_KIND_IMAGE ? 0 : model_price_of_use(world, 0, PROVIDER_USE_CHAT);
    uint32_t second = model_price_of_use(
        world, 0, job->kind == JOB_KIND_VIDEO ? PROVIDER_USE_VIDEO : PROVIDER_USE_IMAGE);
    bool is_delivery = job->kind == JOB_KIND_WEBHOOK;
    bool is_plausible =
        head->expected == 0 ||
        (!is_delivery && world->settings.declares &&
         (head->expected == first || head->expected == second || head->expected == first + second));
    world_check(world, "estimates are of what was declared", is_plausible, "job %u: %u",
                model_job_number(&world->model, job), head->expected);
    job->current.expected = head->expected;
    if (head->expected > 0) {
        world_seen(world, SEEN_ESTIMATED);
    }
}

static uint64_t dearest(const struct world *world, uint32_t jobs)
{
    return (uint64_t)jobs * world->settings.terms[0].price * 4;
}

bool model_money_may_refuse(const struct world *world, uint8_t user, uint32_t jobs)
{
    struct world *same = (struct world *)world;
    uint64_t sum = spent_by(same, user, day_of(world->now)) + reserved(&world->model, user, false);
    return world->settings.budget > 0 && sum + dearest(world, jobs) >= world->settings.budget;
}

void model_money_reply(struct world *world, const struct message_reply *reply, uint8_t user)
{
    uint64_t budget = world->settings.budget;
    uint64_t spent = spent_by(world, user, day_of(world->now));
    if (reply->budget_until == 0) {
        return;
    }
    world_check(world, "a budget's numbers are true",
                reply->budget == budget && reply->spent == spent &&
                    reply->reserved == reserved(&world->model, user, false) &&
                    reply->budget_until > world->now && reply->budget_until <= world->now + DAY_MS,
                "%llu spent, should be %llu; %llu reserved", (unsigned long long)reply->spent,
                (unsigned long long)spent, (unsigned long long)reply->reserved);
    uint64_t sum = reply->spent + reply->reserved;
    if (reply->code == REPLY_CODE_OVER_BUDGET) {
        world_check(world, "a budget refuses what is above it",
                    sum + reply->estimate > budget || sum + reply->estimate == budget,
                    "%llu and %llu", (unsigned long long)sum, (unsigned long long)reply->estimate);
    } else {
        world_check(world, "who is warned is above the warning",
                    sum > world->settings.budget_soft && reply->code == REPLY_CODE_OK, "%llu",
                    (unsigned long long)sum);
        world_check(world, "a budget holds", budget == 0 || sum <= budget || reply->estimate == 0,
                    "%llu of %llu", (unsigned long long)sum, (unsigned long long)budget);
        world_seen(world, SEEN_BUDGET_WARNED);
    }
}

/* ---- what is told and stored ---- */

void model_check_money(struct world *world)
{
    struct spending all = {0};
    struct spending found;
    for (uint8_t user = 0; user < world->settings.users; user++) {
        struct spending spending;
        core_spending(world->shell.core, model_user(user), world->now, &spending);
        uint64_t spent = spent_by(world, user, spending.day);
        uint64_t held = reserved(&world->model, user, false);
        world_check(world, "money of a user", spending.spent == spent && spending.reserved == held,
                    "user %u: %llu spent and %llu reserved, should be %llu and %llu", user,
                    (unsigned long long)spending.spent, (unsigned long long)spending.reserved,
                    (unsigned long long)spent, (unsigned long long)held);
        all.spent += spent;
        all.reserved += held;
    }
    core_spending(world->shell.core, SLICE_EMPTY, world->now, &found);
    world_check(world, "money of all users",
                found.spent == all.spent && found.reserved == all.reserved,
                "%llu spent and %llu reserved, should be %llu and %llu",
                (unsigned long long)found.spent, (unsigned long long)found.reserved,
                (unsigned long long)all.spent, (unsigned long long)all.reserved);
}

static enum status restore_spent(void *context, uint32_t day, struct slice owner, uint64_t amount)
{
    return core_restore_spent(context, day, owner, amount);
}

void model_money_restore(struct world *world, struct core *other, struct view *view)
{
    enum status status = query_spent(view, day_of(world->now), restore_spent, other);
    world_check(world, "the store replayed is the memory", status == STATUS_OK, "money: %s",
                status_name(status));
}

void model_money_compare(struct world *world, const struct core *other)
{
    for (uint8_t user = 0; user < world->settings.users; user++) {
        struct spending memory;
        struct spending store;
        core_spending(world->shell.core, model_user(user), world->now, &memory);
        core_spending(other, model_user(user), world->now, &store);
        world_check(world, "the store replayed is the memory",
                    memory.spent == store.spent && memory.reserved == store.reserved,
                    "user %u: %llu spent in the store, %llu in memory", user,
                    (unsigned long long)store.spent, (unsigned long long)memory.spent);
    }
}

static void check_days(struct world *world, struct slice owner,
                       const struct model_money wanted[MODEL_DAYS_MAX][MODEL_PAYEES],
                       struct frame_reader *reader)
{
    struct message message;
    struct model_money found[MODEL_DAYS_MAX][MODEL_PAYEES] = {{{0}}};
    enum status status = frame_next(reader, &message);
    assert(status == STATUS_OK && message.type == MESSAGE_TYPE_USAGE);
    uint32_t left = message.usage.count;
    for (; left > 0; left--) {
        status = frame_next(reader, &message);
        assert(status == STATUS_OK && message.type == MESSAGE_TYPE_USAGE_DAY);
        const struct message_usage_day *told = &message.usage_day;
        uint32_t payee = payee_of(world, told->provider);
        struct model_money *day = &found[told->day - day_of(WORLD_START_MS)][payee];
        day->spent += told->spent;
        day->uncertain += told->uncertain;
        day->operations += told->operations;
        day->jobs += told->jobs;
    }
    world_check(world, "usage is what was spent", memcmp(found, wanted, sizeof(found)) == 0,
                "of '%.*s'", (int)owner.size, (const char *)owner.data);
}

static void check_usage(struct world *world, struct slice owner,
                        const struct model_money wanted[MODEL_DAYS_MAX][MODEL_PAYEES])
{
    struct buffer answer;
    struct store_view view;
    struct frame_writer writer;
    struct frame_reader reader;
    const struct spending spending = {.day = day_of(world->now)};
    const struct message_get_usage request = {.request = 1, .owner = owner, .days = USAGE_DAYS_MAX};
    buffer_init(&answer, ANSWER_SIZE);
    store_view_init(&view, &world->store, world->store.synced, world->store.synced);
    enum status status = frame_begin(&writer, &answer, 0);
    assert(status == STATUS_OK);
    status = query_usage(&view.view, &request, &spending, &writer);
    assert(status == STATUS_OK);
    frame_end(&writer);
    status = frame_open(&reader, buffer_slice(&answer));
    assert(status == STATUS_OK);
    check_days(world, owner, wanted, &reader);
    buffer_fini(&answer);
}

/* Of one user, and of all together. */
void model_check_usage(struct world *world, uint8_t user)
{
    struct model_money sums[MODEL_DAYS_MAX][MODEL_PAYEES] = {{{0}}};
    for (uint32_t index = 0; index < world->settings.users; index++) {
        for (uint32_t each = 0; each < MODEL_DAYS_MAX * MODEL_PAYEES; each++) {
            const struct model_money *one = &world->model.money_durable[index][0][0] + each;
            struct model_money *sum = &sums[0][0] + each;
            sum->spent += one->spent;
            sum->uncertain += one->uncertain;
            sum->operations += one->operations;
            sum->jobs += one->jobs;
        }
    }
    check_usage(world, model_user(user), world->model.money_durable[user]);
    check_usage(world, SLICE_EMPTY, sums);
    world_seen(world, SEEN_USAGE);
}

/* ---- commits ---- */

void model_money_committed(struct model *model)
{
    if (model->money_dirty) {
        memcpy(model->money_durable, model->money, sizeof(model->money));
        model->money_dirty = false;
    }
}

void model_money_crashed(struct model *model)
{
    memcpy(model->money, model->money_durable, sizeof(model->money));
    model->money_dirty = false;
}
