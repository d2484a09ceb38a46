#include "tests/sim/ledger.h"
#include "tests/sim/world.h"

/*
 * The end of an attempt at its provider: what is made by then is kept, and what is not is dropped.
 * Told by what is asked and answered, with the world's eyes.
 */

enum {
    AGAIN_MS = 3000, /* so long before its end an attempt whose first drop failed has time left */
};

static bool is_cancelled(const struct world *world, const struct ask *ask)
{
    const struct work *work = &world->actors[ask->actor].works[ask->place];
    return work->failure.kind == FAIL_KIND_CANCELLED;
}

void model_closing_asked(struct world *world, const struct ask *ask)
{
    if (ask->close_by == 0 || (ask->kind != ASK_POLL && ask->kind != ASK_DROP)) {
        return;
    }
    struct order *order = ledger_order(&world->ledger, ask->task);
    struct closing *closing = &order->closing;
    order->drop_sent |= ask->kind == ASK_DROP;
    order->drop_asked |= ask->kind == ASK_DROP && is_cancelled(world, ask);
    if (closing->lease > ask->lease) {
        return; /* a lost attempt, which ends after the next one */
    }
    if (closing->lease != ask->lease) {
        *closing = (struct closing){.lease = ask->lease, .actor = ask->actor, .since = world->now};
    }
    if (ask->kind == ASK_POLL) {
        closing->is_looked = true;
        return;
    }
    world_check(world, "a task is looked at before it is dropped", closing->is_looked,
                "job %u: task %u under lease %u", ask->job, ask->task, ask->lease);
    world_check(world, "what was made before a drop is kept", !closing->is_known,
                "job %u: task %u under lease %u", ask->job, ask->task, ask->lease);
    closing->drops++;
    closing->owed_at = 0;
}

void model_closing_answered(struct world *world, const struct ask *ask, enum says says)
{
    if (ask->close_by == 0) {
        return;
    }
    struct closing *closing = &ledger_order(&world->ledger, ask->task)->closing;
    if (closing->lease != ask->lease) {
        return;
    }
    if (ask->kind == ASK_POLL) {
        closing->is_known |= says == SAYS_OK || says == SAYS_FAILED;
    }
    bool is_first = ask->kind == ASK_DROP && closing->drops == 1;
    if (is_first && says_may_pass(says) && ask->close_by - world->now >= AGAIN_MS) {
        closing->owed_at = world->now;
    }
}

void model_closing_late(struct world *world, uint32_t actor, uint32_t task)
{
    struct order *order = ledger_order(&world->ledger, task);
    world_check(world, "a drop that fails is asked for again",
                world->actors[actor].hung_until >= order->closing.since, "task %u", task);
    order->closing.owed_at = 0;
    order->drop_sent = true;
}

void model_closing_gone(struct world *world, uint32_t job, uint32_t task, bool is_dropped)
{
    const struct order *order = ledger_order(&world->ledger, task);
    bool was_dropped = order->state == ORDER_DROPPED && order->drop_asked;
    world_check(world, "a task that was to be dropped is not taken for lost",
                !was_dropped || is_dropped || world->model.jobs[job].is_lied_about,
                "job %u: task %u", job, task);
}

void model_closing_failed(struct world *world, uint32_t job, uint32_t lease)
{
    const struct ledger *ledger = &world->ledger;
    for (uint32_t task = ledger->last[job]; task != 0; task = ledger->orders[task - 1].before) {
        const struct closing *closing = &ledger->orders[task - 1].closing;
        bool is_owed = closing->lease == lease && closing->owed_at != 0;
        world_check(world, "a drop that fails is asked for again",
                    !is_owed || world->actors[closing->actor].hung_until >= closing->owed_at,
                    "job %u: task %u under lease %u", job, task, lease);
    }
}
