#include "proto/outage.h"
#include "tests/sim/actor_model.h"
#include "tests/sim/world.h"

/* The end of an attempt: its call is closed, at the provider and on record, before its failure is
 * told (actors/provider_prediction_close.c). */

enum {
    RECORD_MS = 1000, /* left of WORK_CLOSE_MS, to record what came of it */
    LOOK_MS = 1000,   /* to look whether it is made: the rest is for having it dropped */
    DROP_PAUSE_MS = 200,
};

static void close_as(struct world *world, struct actor *actor, struct work *work,
                     enum operation_state state, enum charge charged)
{
    paid_record(world, actor, work, state, charged, THEN_CLOSED);
}

/* A call without a task. */
static void close_call(struct world *world, struct actor *actor, struct work *work, bool is_final)
{
    struct work_paid *paid = &work->paid;
    bool is_wanted = work->failure.kind == FAIL_KIND_RETRY || !is_final;
    switch (paid->stage) {
    case PAID_NONE:
    case PAID_OVER:
        work_closed(world, actor, work);
        break;
    case PAID_FAILED:
        close_as(world, actor, work, paid_outcome(paid), paid_charge(&paid->failure));
        break;
    case PAID_ASKED:
        close_as(world, actor, work, OPERATION_STATE_REFUSED, CHARGE_NO);
        break;
    case PAID_SENT:
        close_as(world, actor, work, OPERATION_STATE_UNKNOWN, CHARGE_UNKNOWN);
        break;
    case PAID_TAKEN:
        close_as(world, actor, work,
                 is_wanted ? OPERATION_STATE_UNKNOWN : OPERATION_STATE_ABANDONED, CHARGE_YES);
        break;
    }
}

void paid_close(struct world *world, struct actor *actor, struct work *work, bool is_timeout)
{
    struct work_paid *paid = &work->paid;
    enum fail_kind kind = work->failure.kind;
    bool is_final = kind == FAIL_KIND_PERMANENT || kind == FAIL_KIND_CANCELLED ||
                    (kind == FAIL_KIND_RETRY && work->is_last &&
                     !outage_is_possible(slice_from_string(work->failure.code)));
    uint8_t mark;
    uint8_t known;
    if (chat_is_open(work)) {
        world_seen(world, SEEN_CHAT_CLOSED);
        close_call(world, actor, work, is_final);
        return;
    }
    if (paid->number == CHAT_NUMBER) {
        *paid = (struct work_paid){0};
    }
    if (work->has_tasks && paid->stage == PAID_NONE) {
        paid_look_back(work, &mark, &known);
        paid_choose(world, actor, work, known);
    }
    if (!work->has_tasks || paid->stage < PAID_TAKEN || paid->task == 0) {
        close_call(world, actor, work, is_final);
    } else if (!is_final && !(is_timeout && paid->is_resumed && !work->is_first)) {
        paid_leave(world, actor, work);
    } else if (paid->is_finished) {
        close_as(world, actor, work, OPERATION_STATE_FINISHED, CHARGE_YES);
    } else {
        paid_ask(world, actor, work, ASK_POLL, LOOK_MS);
    }
}

void paid_leave(struct world *world, struct actor *actor, struct work *work)
{
    if (work->paid.is_recorded) {
        work_closed(world, actor, work);
    } else {
        close_as(world, actor, work, OPERATION_STATE_SUBMITTED, CHARGE_UNKNOWN);
    }
}

/* A look that tells nothing changes nothing: the task is to be dropped. */
void paid_looked(struct world *world, struct actor *actor, struct work *work, enum says says)
{
    if (says == SAYS_OK) {
        world_seen(world, SEEN_LOOK_FOUND);
        close_as(world, actor, work, OPERATION_STATE_FINISHED, CHARGE_YES);
    } else if (says == SAYS_FAILED) {
        work->paid.gone = work->paid.task;
        close_as(world, actor, work, OPERATION_STATE_REFUSED, CHARGE_NO);
    } else {
        work->paid.drop_pause_ms = DROP_PAUSE_MS;
        paid_drop(world, actor, work);
    }
}

/* Nothing is heard of the drop: its lease is lost, and the job ends or goes to another. */
static void stand_still(struct world *world, struct actor *actor)
{
    if (!world->calm && prng_chance(&world->prng, world->settings.late_drop)) {
        int64_t away_ms = LEASE_MS + prng_below(&world->prng, 2 * LEASE_MS);
        actor_hang(world, actor_index(world, actor), world->now + away_ms);
    }
}

void paid_drop(struct world *world, struct actor *actor, struct work *work)
{
    int64_t left_ms = work->close_by - world->now;
    if (left_ms <= RECORD_MS) { /* it stood still */
        model_closing_late(world, actor_index(world, actor), work->paid.task);
        paid_leave(world, actor, work);
    } else {
        paid_ask(world, actor, work, ASK_DROP, left_ms - RECORD_MS);
        stand_still(world, actor);
    }
}

/* A provider that does not work just now may do so a moment later. */
static bool drops_again(struct world *world, struct actor *actor, struct work *work, enum says says)
{
    int64_t pause_ms = work->paid.drop_pause_ms;
    if (!says_may_pass(says) || work->close_by - world->now <= pause_ms + 2 * RECORD_MS) {
        return false;
    }
    world_seen(world, SEEN_DROP_AGAIN);
    work->paid.drop_pause_ms *= 2;
    paid_wait(world, actor, work, pause_ms, THEN_DROP);
    return true;
}

void paid_dropped(struct world *world, struct actor *actor, struct work *work, enum says says)
{
    if (drops_again(world, actor, work, says)) {
        return;
    }
    if (says == SAYS_OK) {
        close_as(world, actor, work, OPERATION_STATE_CANCELLED,
                 world->settings.terms[work->paid.provider].dropped);
    } else if (says == SAYS_GONE) {
        close_as(world, actor, work, OPERATION_STATE_ABANDONED, CHARGE_UNKNOWN);
    } else {
        world_seen(world, SEEN_TASK_KEPT);
        paid_leave(world, actor, work);
    }
}
