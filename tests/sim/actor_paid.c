#include "tests/sim/actor_paid.h"
#include <assert.h>
#include <stdio.h>
#include <string.h>
#include "tests/sim/actor_model.h"
#include "tests/sim/world.h"

enum {
    POLL_MS_MIN = 1000,
    POLL_MS_MAX = 60000,
    NUMBER_NONE = UINT8_MAX,
    ASIDES_END = CALL_NUMBERS + 2,
};

/* ---- what is told ---- */

static void tell(struct world *world, struct actor *actor, const struct work *work,
                 const struct work_pending *record)
{
    char name[TASK_TEXT_SIZE];
    const struct work_paid *paid = &work->paid;
    struct message message = {.type = MESSAGE_TYPE_OPERATION};
    message.operation = (struct message_operation){
        .job = work->id,
        .lease = work->lease,
        .credit = actor_credit(actor),
        .operation = record->number,
        .state = record->state,
        .provider = record->number < CALL_NUMBERS ? provider_name(record->provider)
                                                  : SLICE_LITERAL("aside"),
        .task = task_name(record->task, name),
        .at = world->now,
        .charged = record->charged,
        .repeats = paid->is_last && record->number == paid->number,
        .call = paid->call,
        .price = record->price,
    };
    actor_send(world, actor, &message);
}

void paid_send(struct world *world, struct actor *actor, const struct work *work)
{
    tell(world, actor, work, &work->pending);
}

static void record_as(struct world *world, struct actor *actor, struct work *work,
                      const struct work_pending *record)
{
    assert(!work->pending.waiting);
    work->pending = *record;
    work->pending.waiting = true;
    work->state = WORK_RECORDING;
    work->sent_at = world->now;
    paid_send(world, actor, work);
}

void paid_record(struct world *world, struct actor *actor, struct work *work,
                 enum operation_state state, enum charge charged, enum work_then then)
{
    const struct work_pending record = {
        .number = work->paid.number,
        .state = (uint8_t)state,
        .charged = (uint8_t)charged,
        .provider = work->paid.provider,
        .price = work->paid.price,
        .task = state == OPERATION_STATE_UNKNOWN || state == OPERATION_STATE_REFUSED ||
                        work->paid.is_dropped
                    ? work->paid.gone
                    : (work->has_tasks ? work->paid.task : 0),
        .then = then,
    };
    record_as(world, actor, work, &record);
}

void paid_tell(struct world *world, struct actor *actor, const struct work *work)
{
    const struct work_paid *paid = &work->paid;
    const struct work_pending record = {
        .number = paid->number,
        .state = OPERATION_STATE_FINISHED,
        .charged = CHARGE_YES,
        .provider = paid->provider,
        .price = paid->price,
        .task = work->has_tasks ? paid->task : 0,
    };
    if (paid->price > 0 || paid->is_covered) {
        tell(world, actor, work, &record);
    }
}

void paid_succeeded(struct world *world, struct actor *actor, struct work *work)
{
    struct work_paid *paid = &work->paid;
    ledger_order(&world->ledger, paid->task)->is_used = true;
    paid->is_done = true;
    work->has_picture = !work->has_tasks;
    paid_tell(world, actor, work);
    work->state = WORK_RUNNING;
    actor_wake_work(world, actor, work, 1);
}

/* ---- waiting ---- */

/* No wait outlasts the attempt's time. */
static int64_t bounded(const struct world *world, const struct work *work, int64_t ms)
{
    int64_t left = work->timeout_at - world->now;
    if (work->closing || left <= 0) {
        return ms;
    }
    return ms < left ? ms : left;
}

void paid_wait(struct world *world, struct actor *actor, struct work *work, int64_t ms,
               enum work_then then)
{
    work->state = WORK_WAITING;
    work->then = then;
    actor_wake_work(world, actor, work, bounded(world, work, ms));
}

void paid_ask(struct world *world, struct actor *actor, struct work *work, enum ask_kind kind,
              int64_t timeout_ms)
{
    const struct ask ask = {
        .kind = kind,
        .provider = work->paid.provider,
        .actor = actor_index(world, actor),
        .place = (uint32_t)(work - actor->works),
        .generation = work->generation,
        .ticket = ++work->ticket,
        .job = work->job,
        .lease = work->lease,
        .key = work->paid.call == 0 ? work->lease : work->paid.call,
        .task = work->paid.task,
        .upload = work->upload,
        .number = work->paid.number,
        .is_task = work->has_tasks && kind != ASK_CHAT,
        .timeout_ms = bounded(world, work, timeout_ms),
        .close_by = work->closing ? work->close_by : 0,
    };
    work->state = WORK_CALLING;
    provider_ask(world, &ask);
}

void paid_poll(struct world *world, struct actor *actor, struct work *work, int64_t wait_ms)
{
    struct work_paid *paid = &work->paid;
    int64_t first = world->settings.step_ms > POLL_MS_MIN ? world->settings.step_ms : POLL_MS_MIN;
    int64_t pause = paid->poll_ms == 0 ? first : paid->poll_ms;
    paid->poll_ms = 2 * pause < POLL_MS_MAX ? 2 * pause : POLL_MS_MAX;
    paid_wait(world, actor, work, pause > wait_ms ? pause : wait_ms, THEN_POLL);
}

/* ---- what may be done ---- */

static bool is_over(uint8_t state)
{
    return state == OPERATION_STATE_REFUSED || state == OPERATION_STATE_CANCELLED ||
           state == OPERATION_STATE_ABANDONED;
}

static bool has_task(const struct work_operation *found)
{
    return found->known && found->task != 0 && found->state != OPERATION_STATE_UNKNOWN &&
           !is_over(found->state);
}

bool paid_has_task(const struct work *work)
{
    return work->has_tasks && (has_task(&work->operations[0]) || has_task(&work->operations[1]));
}

static void resume(struct work *work, uint8_t number)
{
    struct work_paid *paid = &work->paid;
    paid->stage = PAID_TAKEN;
    paid->number = number;
    paid->price = work->operations[number].price;
    paid->task = work->operations[number].task;
    paid->is_last = number == PAID_NUMBERS - 1;
    paid->is_resumed = true;
    paid->is_recorded = true;
}

/* Whether the key of the call that is to be repeated is good for this one, too. */
static bool is_key_open(const struct work_operation *found)
{
    return !found->known || found->task == 0;
}

bool paid_look_back(struct work *work, uint8_t *mark, uint8_t *known)
{
    struct work_paid *paid = &work->paid;
    paid->number = 0;
    paid->otherwise = THEN_GIVE_UP;
    *mark = NUMBER_NONE;
    *known = PROVIDER_UNKNOWN;
    for (uint8_t number = 0; number < PAID_NUMBERS; number++) {
        const struct work_operation *found = &work->operations[number];
        if (!found->known || is_over(found->state)) {
            paid->otherwise = THEN_INTENT;
            paid->number = number;
            paid->is_last = number == PAID_NUMBERS - 1;
            paid->call = is_key_open(found) ? paid->call : 0;
            return false;
        }
        *known = found->provider;
        if (has_task(found)) {
            resume(work, number);
            return true;
        }
        paid->unknown_at = found->at;
        paid->unknown_number = number;
        paid->call = found->task != 0 ? 0 : found->call == 0 ? found->lease : found->call;
        *mark = found->state == OPERATION_STATE_INTENT ? number : *mark;
    }
    return false;
}

void paid_mark(struct world *world, struct actor *actor, struct work *work, uint8_t number,
               enum work_then then)
{
    const struct work_operation *found = &work->operations[number];
    const struct work_pending lost = {
        .number = number,
        .state = OPERATION_STATE_UNKNOWN,
        .provider = found->provider,
        .price = found->price,
        .then = then,
    };
    record_as(world, actor, work, &lost);
}

void paid_begin(struct world *world, struct actor *actor, struct work *work)
{
    struct work_paid *paid = &work->paid;
    uint8_t mark;
    uint8_t known;
    bool resumes = paid_look_back(work, &mark, &known);
    paid_choose(world, actor, work, known);
    if (resumes) {
        world_seen(world, SEEN_RESUMED);
        paid_go_on(world, actor, work, THEN_POLL);
        return;
    }
    paid->price = ledger_price(world, work->job, paid->number, paid->provider);
    paid->is_elsewhere = known != PROVIDER_UNKNOWN && known != paid->provider;
    paid->is_covered =
        world->settings.terms[paid->provider].keys && !paid->is_elsewhere && paid->call != 0;
    if (mark != NUMBER_NONE) {
        paid_mark(world, actor, work, mark, THEN_DECIDE);
    } else {
        paid_go_on(world, actor, work, THEN_DECIDE);
    }
}

/* Whether the provider tells what became of a call of unknown outcome. */
static bool is_listed(const struct world *world, const struct work *work)
{
    const struct work_paid *paid = &work->paid;
    return work->has_tasks && world->settings.terms[paid->provider].lists && !paid->is_elsewhere &&
           paid->number != CHAT_NUMBER;
}

/* A call that was cut off may still turn up at the provider. */
static void decide(struct world *world, struct actor *actor, struct work *work)
{
    struct work_paid *paid = &work->paid;
    int64_t passed = world->now - paid->unknown_at;
    int64_t left = world->settings.repeat_after_ms - passed;
    bool is_unknown = paid->is_last || paid->otherwise == THEN_GIVE_UP;
    bool is_looked_up = is_unknown && is_listed(world, work);
    enum work_then then = is_looked_up ? THEN_LOOK_UP : paid->otherwise;
    if (is_unknown && left > 0 && (is_looked_up || paid->is_last)) {
        world_seen(world, SEEN_REPEAT_WAITS);
        paid_wait(world, actor, work, left, then);
    } else {
        paid_go_on(world, actor, work, then);
    }
}

static void order(struct world *world, struct actor *actor, struct work *work)
{
    work->paid.stage = PAID_SENT;
    model_ledger_call(world, work->job, work->lease);
    world_trace(world, "pay job lease number", NULL, work->job, work->lease, work->paid.number, 0);
    paid_ask(world, actor, work, work->paid.number == CHAT_NUMBER ? ASK_CHAT : ASK_ORDER,
             world->settings.provider_timeout_ms);
    if (work->has_tasks && !world->calm && prng_chance(&world->prng, world->settings.late_task)) {
        int64_t away_ms = LEASE_MS + prng_between(&world->prng, 0, world->settings.repeat_after_ms);
        actor_hang(world, actor_index(world, actor), world->now + away_ms);
    }
}

/* Makes calls of its own beside the one that counts, and often says nothing of how they ended: only
 * those of a liar, whose books nobody can keep. */
static void announce_asides(struct world *world, struct actor *actor, const struct work *work)
{
    for (uint8_t number = CALL_NUMBERS; actor->liar && number < ASIDES_END; number++) {
        struct work_pending record = {
            .number = number,
            .state = OPERATION_STATE_INTENT,
            .price = world->settings.terms[0].price / number,
        };
        if (prng_chance(&world->prng, 700)) {
            tell(world, actor, work, &record);
        }
        record.state = OPERATION_STATE_REFUSED;
        if (prng_chance(&world->prng, 200)) {
            tell(world, actor, work, &record);
        }
    }
}

static void announce(struct world *world, struct actor *actor, struct work *work)
{
    bool is_first = prng_chance(&world->prng, 300);
    if (is_first) {
        announce_asides(world, actor, work);
    }
    work->paid.stage = PAID_ASKED;
    work->paid.price = work->paid.is_covered ? 0 : work->paid.price;
    work->price += work->paid.price;
    paid_record(world, actor, work, OPERATION_STATE_INTENT, CHARGE_UNKNOWN, THEN_ORDER);
    if (!is_first) {
        announce_asides(world, actor, work);
    }
}

static void give_up(struct world *world, struct actor *actor, struct work *work)
{
    work_fail(world, actor, work,
              &(struct failure_told){.kind = FAIL_KIND_PERMANENT, .code = "outcome_unknown"});
}

/* ---- failing ---- */

static void fail_now(struct world *world, struct actor *actor, struct work *work)
{
    struct failure_told failure = work->paid.failure;
    bool is_enough = failure.is_unknown && !work->paid.is_dropped && work->paid.is_last &&
                     !is_listed(world, work);
    work->paid.stage = PAID_OVER;
    if (is_enough && !failure.is_charged) {
        give_up(world, actor, work);
        return;
    }
    failure.kind = is_enough ? FAIL_KIND_PERMANENT : failure.kind;
    work_fail(world, actor, work, &failure);
}

enum charge paid_charge(const struct failure_told *failure)
{
    if (failure->is_charged) {
        return CHARGE_YES;
    }
    return failure->is_unknown ? CHARGE_UNKNOWN : CHARGE_NO;
}

enum operation_state paid_outcome(const struct work_paid *paid)
{
    if (paid->is_dropped) {
        return OPERATION_STATE_ABANDONED;
    }
    return paid->failure.is_unknown ? OPERATION_STATE_UNKNOWN : OPERATION_STATE_REFUSED;
}

/* A repetition that met the call which it repeats: its provider has made nothing for this one. */
static bool is_under_way(const struct work_paid *paid)
{
    return paid->is_covered && strcmp(paid->failure.code, "provider_conflict") == 0;
}

void paid_fail(struct world *world, struct actor *actor, struct work *work,
               const struct failure_told *told)
{
    struct failure_told *failure = &work->paid.failure;
    *failure = *told;
    if (is_under_way(&work->paid)) {
        world_seen(world, SEEN_UNDER_WAY);
        failure->is_unknown = false;
        failure->retry_after_ms = failure->retry_after_ms == 0 ? world->settings.repeat_after_ms
                                                               : failure->retry_after_ms;
    }
    work->paid.stage = PAID_FAILED;
    paid_record(world, actor, work, paid_outcome(&work->paid), paid_charge(failure), THEN_FAIL);
}

void paid_denied(struct world *world, struct actor *actor, struct work *work,
                 const struct message_operation_denied *denied)
{
    struct work_pending *pending = &work->pending;
    struct failure_told failure = {
        .kind = FAIL_KIND_THROTTLED,
        .code = denied->reason == DENIAL_DOWN ? "provider_down" : "provider_limited",
    };
    if (work->state != WORK_RECORDING || !pending->waiting ||
        pending->state != OPERATION_STATE_INTENT || pending->number != denied->operation) {
        return;
    }
    bool is_resent = pending->resent;
    pending->waiting = false;
    actor_avoid(world, actor, work->paid.provider, (int64_t)denied->retry_after_ms);
    if (paid_may_go_elsewhere(world, actor, work)) {
        world_seen(world, SEEN_NEXT_PROVIDER);
    } else {
        failure.retry_after_ms = (int64_t)denied->retry_after_ms;
    }
    if (is_resent) {
        paid_fail(world, actor, work, &failure);
    } else {
        work->paid.failure = failure;
        fail_now(world, actor, work);
    }
}

/* ---- going on ---- */

void paid_go_on(struct world *world, struct actor *actor, struct work *work, enum work_then then)
{
    switch (then) {
    case THEN_STEP:
        work->state = WORK_RUNNING;
        actor_wake_work(world, actor, work, 1);
        break;
    case THEN_DECIDE:
        decide(world, actor, work);
        break;
    case THEN_LOOK_UP:
        paid_ask(world, actor, work, ASK_LIST, world->settings.provider_timeout_ms);
        break;
    case THEN_INTENT:
        announce(world, actor, work);
        break;
    case THEN_CHAT:
        chat_order(world, actor, work);
        break;
    case THEN_GIVE_UP:
        give_up(world, actor, work);
        break;
    case THEN_ORDER:
        order(world, actor, work);
        break;
    case THEN_POLL:
        work->paid.is_recorded = true;
        paid_ask(world, actor, work, ASK_POLL, world->settings.provider_timeout_ms);
        break;
    case THEN_FETCH:
        paid_ask(world, actor, work, ASK_FETCH, world->settings.provider_timeout_ms);
        break;
    case THEN_FAIL:
        fail_now(world, actor, work);
        break;
    case THEN_DROP:
        paid_drop(world, actor, work);
        break;
    case THEN_CLOSED:
        work_closed(world, actor, work);
        break;
    }
}
