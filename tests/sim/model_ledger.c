#include "tests/sim/ledger.h"
#include "tests/sim/model_stop.h"
#include "tests/sim/world.h"

/*
 * The provider's books against what the broker records: nothing is paid twice but what nobody
 * knows, once; what is said of money is so; who ends tells the provider. What a liar has said
 * something of is left out.
 */

static bool is_over(uint8_t state)
{
    return state == OPERATION_STATE_REFUSED || state == OPERATION_STATE_CANCELLED ||
           state == OPERATION_STATE_ABANDONED;
}

/* Nobody knows what became of the call, and no task is there to be asked for. */
static bool is_unknown(const struct model_state *state, int number)
{
    uint8_t said = state->operation_state[number];
    return state->operation_lease[number] != 0 &&
           (said == OPERATION_STATE_UNKNOWN ||
            (said == OPERATION_STATE_FINISHED && state->task[number] == 0));
}

static bool knows_keys(const struct world *world, uint8_t provider)
{
    return provider < world->settings.providers && world->settings.terms[provider].keys;
}

/* Whether the call of an operation is charged. */
static bool is_charged_itself(const struct world *world, uint32_t job, uint8_t number,
                              uint32_t lease)
{
    const struct ledger *ledger = &world->ledger;
    for (uint32_t task = ledger->last[job]; task != 0; task = ledger->orders[task - 1].before) {
        const struct order *order = &ledger->orders[task - 1];
        bool is_it = order->number == number && order->lease == lease && !order->is_copy;
        if (is_it && !order->is_over && order_is_charged(order, world->now)) {
            return true;
        }
    }
    return false;
}

/* Or the one that it repeats, for a provider that knows it again. */
static bool is_charged(const struct world *world, uint32_t job, uint8_t number,
                       const struct model_state *state)
{
    uint8_t provider = number < CALL_NUMBERS ? state->provider[number] : PROVIDER_UNKNOWN;
    return is_charged_itself(world, job, number, state->intent_lease[number]) ||
           (knows_keys(world, provider) && number > 0 && number < PAID_NUMBERS &&
            provider == state->provider[0] &&
            is_charged_itself(world, job, 0, state->intent_lease[0]));
}

/* ---- the provider's side ---- */

void model_ledger_call(struct world *world, uint32_t job, uint32_t lease)
{
    const struct model_state *state = &world->model.jobs[job].durable;
    world_check(world, "paid calls are announced first", state->paid_lease >= lease,
                "job %u: lease %u, announced under %u", job, lease, state->paid_lease);
}

void model_ledger_met(struct world *world, const struct ask *ask)
{
    uint32_t known = ledger_find_key(&world->ledger, ask->job, ask->provider, ask->key);
    if (knows_keys(world, ask->provider) && known != 0) {
        ledger_order(&world->ledger, known)->met_lease = ask->lease;
    }
}

void model_ledger_asked(struct world *world, const struct ask *ask)
{
    struct ledger *ledger = &world->ledger;
    const struct model_job *job = &world->model.jobs[ask->job];
    if (job->kind != JOB_KIND_VIDEO || job->is_lied_about) {
        return;
    }
    bool is_there = ask->upload > 0 && ask->upload <= ledger->upload_count;
    world_check(world, "a video is ordered of its picture",
                is_there && ledger->uploads[ask->upload - 1].job == ask->job &&
                    ledger->uploads[ask->upload - 1].provider == ask->provider,
                "job %u: upload %u", ask->job, ask->upload);
    for (uint32_t upload = 1; upload <= ledger->upload_count; upload++) {
        const struct upload *other = &ledger->uploads[upload - 1];
        bool is_other = upload != ask->upload && other->job == ask->job &&
                        other->provider == ask->provider && other->key == ask->key;
        world_check(world, "a repetition is word for word",
                    !is_other || !knows_keys(world, ask->provider),
                    "job %u: upload %u, was %u, key %u", ask->job, ask->upload, upload, ask->key);
    }
    ledger->uploads[ask->upload - 1].key = ask->key;
}

void model_ledger_taken(struct world *world, const struct order *order)
{
    const struct ledger *ledger = &world->ledger;
    bool is_twice = false;
    world_trace(world, "order job number lease key", NULL, order->job, order->number, order->lease,
                order->key);
    bool is_chat = order->number == CHAT_NUMBER;
    if (order->is_copy || is_chat || world->model.jobs[order->job].is_lied_about) {
        return;
    }
    for (uint32_t task = order->before; task != 0; task = ledger->orders[task - 1].before) {
        const struct order *other = &ledger->orders[task - 1];
        bool is_counted = !other->is_copy && !other->is_over && other->number != CHAT_NUMBER;
        if (!is_counted || !order_is_charged(other, world->now)) {
            continue;
        }
        world_check(world, "never pay twice", other->number != order->number,
                    "job %u: operation %u under lease %u, and under %u", order->job, order->number,
                    other->lease, order->lease);
        bool is_known = knows_keys(world, order->provider) && other->state == ORDER_TAKEN &&
                        other->provider == order->provider;
        world_check(world, "a repetition has the key of its call", !is_known,
                    "job %u: key %u, should be %u", order->job, order->key, other->key);
        if (other->provider != order->provider) { /* the call that is repeated may come later */
            const struct order *first = other->number < order->number ? other : order;
            world_check(world, "who knows its calls is asked again",
                        !knows_keys(world, first->provider) &&
                            !(order->is_task && world->settings.terms[first->provider].lists),
                        "job %u: provider %u, and %u", order->job, other->provider,
                        order->provider);
            world_seen(world, SEEN_PAID_ELSEWHERE);
        }
        is_twice = true;
    }
    if (is_twice) {
        world_seen(world, SEEN_PAID_TWICE);
    }
}

/* ---- what the broker records ---- */

/* When an operation was last heard of by an attempt before this lease. */
static int64_t heard_at(const struct model_state *state, uint32_t lease)
{
    return state->told_lease < lease ? state->told_at : state->told_before;
}

static void check_repetition(struct world *world, const struct model_job *job,
                             const struct message_operation *operation)
{
    const struct model_state *state = &job->current;
    uint32_t number = model_job_number(&world->model, job);
    world_check(world, "only what nobody knows is repeated", is_unknown(state, 0),
                "job %u: the first call is %s", number,
                operation_state_name((enum operation_state)state->operation_state[0]));
    int64_t waited = world->now - heard_at(state, operation->lease);
    world_check(world, "a repetition waits", waited >= world->settings.repeat_after_ms,
                "job %u: %lld ms", number, (long long)waited);
    world_check(world, "repetitions are marked", operation->repeats, "job %u", number);
    world_check(world, "what replaces a task has another key",
                state->task[0] == 0 || operation->call == 0, "job %u: that of lease %u", number,
                operation->call);
}

/* What its provider knows by its key is charged with the call that it repeats. */
static void check_price(struct world *world, const struct model_job *job,
                        const struct message_operation *operation)
{
    uint32_t number = model_job_number(&world->model, job);
    uint8_t provider = provider_of(world, operation->provider);
    bool is_covered = knows_keys(world, provider) && operation->operation > 0 &&
                      operation->call != 0 && provider == job->current.provider[0];
    uint32_t usual = ledger_price(world, number, operation->operation, provider);
    uint32_t price = is_covered ? 0 : usual;
    world_check(world, "a call costs once under its key", operation->price == price,
                "job %u: operation %u: %u, should be %u", number, operation->operation,
                operation->price, price);
    if (is_covered && usual > 0) {
        world_seen(world, SEEN_REPEAT_COVERED);
    }
}

/* A chat is made as often as its job is tried. */
static void note_chat(struct world *world, struct model_state *state,
                      const struct message_operation *operation)
{
    world_check(world, "repetitions are marked", !operation->repeats && operation->call == 0,
                "a chat under lease %u", operation->lease);
    world_seen(world, state->intent_lease[CHAT_NUMBER] == 0 ? SEEN_CHAT_PAID : SEEN_CHAT_AGAIN);
    state->intent_lease[CHAT_NUMBER] = operation->lease;
}

static void check_intent(struct world *world, struct model_job *job,
                         const struct message_operation *operation)
{
    struct model_state *state = &job->current;
    uint8_t number = operation->operation;
    uint8_t before = state->operation_state[number];
    bool is_new = state->operation_lease[number] == 0;
    if (!is_new && state->operation_lease[number] == operation->lease &&
        before == OPERATION_STATE_INTENT) {
        return; /* said again */
    }
    check_price(world, job, operation);
    if (number == CHAT_NUMBER) {
        note_chat(world, state, operation);
        return;
    }
    world_check(world, "an operation is granted once", is_new || is_over(before),
                "job %u: operation %u is %s", model_job_number(&world->model, job), number,
                operation_state_name((enum operation_state)before));
    if (number > 0) {
        check_repetition(world, job, operation);
    } else {
        world_check(world, "repetitions are marked", !operation->repeats, "job %u",
                    model_job_number(&world->model, job));
    }
    state->intent_lease[number] = operation->lease;
}

/* Whether this attempt was told that the call which it repeats is under way. */
static bool has_met(const struct world *world, uint32_t job, uint32_t lease)
{
    const struct ledger *ledger = &world->ledger;
    uint32_t task = ledger->last[job];
    while (task != 0 && ledger->orders[task - 1].met_lease != lease) {
        task = ledger->orders[task - 1].before;
    }
    return task != 0;
}

/* Whoever asks for it again orders another one. */
static void note_over(struct world *world, uint32_t job, uint8_t number)
{
    struct ledger *ledger = &world->ledger;
    for (uint32_t task = ledger->last[job]; task != 0; task = ledger->orders[task - 1].before) {
        struct order *order = &ledger->orders[task - 1];
        order->is_over |= order->number == number;
    }
}

/* What is on record of a call stays with whom it was made with. */
static void check_provider(struct world *world, const struct model_job *job,
                           const struct message_operation *operation)
{
    const struct model_state *state = &job->current;
    uint8_t number = operation->operation;
    uint8_t provider = provider_of(world, operation->provider);
    bool is_open = state->operation_lease[number] != 0 && !is_over(state->operation_state[number]);
    world_check(world, "a call keeps its provider",
                !is_open || number == CHAT_NUMBER || provider == state->provider[number],
                "job %u: operation %u: %u, was %u", model_job_number(&world->model, job), number,
                provider, state->provider[number]);
}

static void check_outcome(struct world *world, const struct model_job *job,
                          const struct message_operation *operation)
{
    const struct model_state *state = &job->current;
    uint8_t number = operation->operation;
    uint32_t index = model_job_number(&world->model, job);
    bool is_open = state->price[number] > 0;
    bool is_sure = operation->charged == CHARGE_YES || operation->state == OPERATION_STATE_FINISHED;
    bool is_free = operation->charged == CHARGE_NO || operation->state == OPERATION_STATE_REFUSED;
    bool charged = is_charged(world, index, number, state);
    world_check(world, "what is said to be paid for is", !is_open || !is_sure || charged,
                "job %u: operation %u", index, number);
    /* A chat's outcome is told by who has made it, also when its intent is not on record. */
    uint32_t lease = number == CHAT_NUMBER ? operation->lease : state->intent_lease[number];
    bool is_own = is_charged_itself(world, index, number, lease);
    world_check(world, "what is said to cost nothing does", !is_free || !is_own,
                "job %u: operation %u under lease %u", index, number, lease);
    if (is_open && !is_sure && !is_free) {
        world_seen(world, charged ? SEEN_UNKNOWN_CHARGED : SEEN_UNKNOWN_FREE);
    }
    if (is_over(operation->state)) {
        note_over(world, index, number);
    }
}

void model_ledger_operation(struct world *world, struct model_job *job, const struct effect *effect)
{
    const struct message_operation *operation = &effect->operation;
    struct model_state *state = &job->current;
    uint8_t number = operation->operation;
    bool is_late = world->model.step.standing == STANDING_OLD;
    if (number >= CALL_NUMBERS) {
        return;
    }
    if (!job->is_lied_about) {
        check_provider(world, job, operation);
    }
    if (!job->is_lied_about && operation->state == OPERATION_STATE_INTENT) {
        check_intent(world, job, operation);
    } else if (!job->is_lied_about && operation->state != OPERATION_STATE_SUBMITTED) {
        check_outcome(world, job, operation);
    }
    if (is_late && number != CHAT_NUMBER) {
        world_seen(world, SEEN_TASK_LATE);
    }
    if (number == 0 && !is_late) {
        state->told_before =
            state->told_lease < operation->lease ? state->told_at : state->told_before;
        state->told_lease = operation->lease;
        state->told_at = operation->at;
    }
    state->provider[number] = provider_of(world, operation->provider);
    state->task[number] = task_number(operation->task);
    state->call[number] = operation->call;
    state->told_price[number] = operation->price;
}

void model_ledger_committed(struct world *world, uint32_t job)
{
    struct ledger *ledger = &world->ledger;
    for (uint32_t task = ledger->last[job]; task != 0; task = ledger->orders[task - 1].before) {
        struct order *order = &ledger->orders[task - 1];
        order->is_over_durable = order->is_over;
    }
}

void model_ledger_crashed(struct world *world, uint32_t job)
{
    struct ledger *ledger = &world->ledger;
    for (uint32_t task = ledger->last[job]; task != 0; task = ledger->orders[task - 1].before) {
        struct order *order = &ledger->orders[task - 1];
        order->is_over = order->is_over_durable;
    }
}

/* ---- ends ---- */

static bool is_running(struct world *world, const struct order *order)
{
    bool is_over = order->fate != FATE_NEVER && world->now >= order->ends_at;
    return order->state == ORDER_TAKEN && !is_over && !order->drop_sent;
}

/* Whether nobody could have dropped a task: a worker was asked to and did not, none has had a
 * place for long enough, or what the job was made from is gone. */
static bool may_leave(const struct world *world, const struct model_job *job,
                      const struct effect *effect)
{
    const struct model_state *state = &job->current;
    bool by_attempt = world->model.step.standing == STANDING_CURRENT;
    bool is_deleted = slice_equal(effect->error_code, SLICE_LITERAL("character_deleted")) ||
                      slice_equal(effect->error_code, SLICE_LITERAL("media_deleted"));
    bool is_late = effect->job->state == JOB_STATE_COMPLETED && !by_attempt;
    if (state->was_dropped || is_deleted || is_late) {
        return true;
    }
    /* One that complies has said what became of it; all else goes to another worker. */
    bool is_untold = world->model.step.before.is_untold;
    bool was_asked = state->stop_by != 0 && by_attempt && !is_untold;
    return was_asked || model_stop_has_waited(world, job);
}

/* Tasks that run on, and of which somebody knew. */
static void check_left(struct world *world, const struct model_job *job,
                       const struct effect *effect)
{
    const struct model_state *state = &job->current;
    for (int number = 0; number < PAID_NUMBERS; number++) {
        bool is_known =
            state->operation_state[number] == OPERATION_STATE_SUBMITTED && state->task[number] != 0;
        if (!is_known || !is_running(world, ledger_order(&world->ledger, state->task[number]))) {
            continue;
        }
        world_check(world, "no task is forgotten", may_leave(world, job, effect),
                    "job %u: task %u runs on", model_job_number(&world->model, job),
                    state->task[number]);
        world_seen(world, SEEN_TASK_LEFT);
    }
}

static bool has_result(const struct world *world, uint32_t job)
{
    const struct ledger *ledger = &world->ledger;
    for (uint32_t task = ledger->last[job]; task != 0; task = ledger->orders[task - 1].before) {
        if (ledger->orders[task - 1].is_used) {
            return true;
        }
    }
    return false;
}

static void check_success(struct world *world, const struct model_job *job)
{
    const struct model_state *state = &job->current;
    uint32_t index = model_job_number(&world->model, job);
    world_check(world, "a result was ordered", has_result(world, index), "job %u", index);
    for (uint8_t number = 0; number < CALL_NUMBERS; number++) {
        world_check(world, "what a success counts was charged",
                    state->price[number] == 0 || is_charged(world, index, number, state),
                    "job %u: operation %u", index, number);
    }
}

void model_ledger_end(struct world *world, const struct model_job *job, const struct effect *effect)
{
    if (job->kind == JOB_KIND_WEBHOOK || job->is_lied_about) {
        return;
    }
    check_left(world, job, effect);
    if (effect->job->state == JOB_STATE_COMPLETED) {
        check_success(world, job);
    }
}

void model_ledger_failed(struct world *world, const struct model_job *job,
                         const struct message_fail *fail)
{
    const struct model_state *state = &job->current;
    uint32_t index = model_job_number(&world->model, job);
    if (job->kind == JOB_KIND_WEBHOOK || job->is_lied_about) {
        return;
    }
    model_closing_failed(world, index, fail->lease);
    for (int number = 0; number < PAID_NUMBERS; number++) { /* a chat's success is told once */
        bool is_open = state->operation_state[number] == OPERATION_STATE_INTENT &&
                       state->operation_lease[number] == fail->lease;
        world_check(world, "who fails says what became of its call", !is_open,
                    "job %u: operation %u", index, number);
    }
    if (slice_equal(fail->code, SLICE_LITERAL("outcome_unknown"))) {
        world_check(world, "two calls of unknown outcome are enough",
                    is_unknown(state, 0) && is_unknown(state, 1), "job %u", index);
        world_check(world, "a call that is under way is waited for",
                    !has_met(world, index, fail->lease), "job %u: lease %u", index, fail->lease);
        world_seen(world, SEEN_GIVEN_UP);
    }
}

/* What is counted for certain was charged, and what was charged is counted: both are the same where
 * nothing is uncertain. With each provider. */
static void check_books(struct world *world, uint32_t index, uint8_t provider)
{
    const struct model_state *state = &world->model.jobs[index].durable;
    uint64_t spent = state->spent_with[provider];
    uint64_t uncertain = state->uncertain_with[provider];
    uint64_t charged = 0;
    uint64_t refunded = 0;
    for (uint32_t task = world->ledger.last[index]; task != 0;
         task = world->ledger.orders[task - 1].before) {
        const struct order *order = &world->ledger.orders[task - 1];
        bool is_its = order->provider == provider && !order->is_copy;
        uint32_t price = is_its ? ledger_price(world, index, order->number, provider) : 0;
        charged += order_is_charged(order, world->now) ? price : 0;
        refunded += order->refunded && order->was_made ? price : 0;
    }
    world_check(world, "what is counted was charged",
                spent - uncertain <= charged + refunded && charged <= spent,
                "job %u: %llu charged by provider %u, %llu counted, of which %llu are uncertain",
                index, (unsigned long long)charged, provider, (unsigned long long)spent,
                (unsigned long long)uncertain);
}

void model_ledger_check_end(struct world *world)
{
    for (uint32_t index = 0; index < world->model.job_count; index++) {
        if (world->ledger.last[index] == 0 || world->model.jobs[index].is_lied_about) {
            continue;
        }
        for (uint8_t provider = 0; provider < world->settings.providers; provider++) {
            check_books(world, index, provider);
        }
        world_seen(world, SEEN_BOOKS);
    }
}
