#include "tests/sim/actor_model.h"
#include "tests/sim/world.h"

/* The chat of some jobs. One that costs nothing is only reported; one that has a price is announced
 * like other paid calls (actor_paid.c), and is made anew by each attempt that has no words yet. */

enum {
    CHAT_EVERY = 8,
};

/* A call that nobody asks for. */
static void chat_free(struct world *world, struct actor *actor, struct work *work)
{
    struct failure_told failure = {.kind = FAIL_KIND_THROTTLED, .code = "provider_down"};
    bool is_up = provider_is_up(world, work->paid.provider);
    paid_called(world, actor, work, is_up ? PROVIDER_FAULT_NONE : PROVIDER_FAULT_DOWN, &failure);
    if (is_up) {
        chat_succeeded(world, actor, work);
    } else {
        work->paid = (struct work_paid){0};
        work_fail(world, actor, work, &failure);
    }
}

void chat_order(struct world *world, struct actor *actor, struct work *work)
{
    struct work_paid *paid = &work->paid;
    paid->price = ledger_price(world, work->job, CHAT_NUMBER, paid->provider);
    if (paid->price == 0) {
        chat_free(world, actor, work);
    } else {
        paid_go_on(world, actor, work, THEN_INTENT);
    }
}

bool chat_begin(struct world *world, struct actor *actor, struct work *work)
{
    const struct work_operation *before = &work->operations[CHAT_NUMBER];
    bool is_asked = work->kind == JOB_KIND_CHARACTER || work->kind == JOB_KIND_VIDEO;
    bool has_words = work->has_words || work->has_picture || paid_has_task(work);
    if (!is_asked || has_words || work->job % CHAT_EVERY != 0) {
        return true;
    }
    work->paid = (struct work_paid){.number = CHAT_NUMBER};
    paid_choose(world, actor, work, PROVIDER_UNKNOWN);
    if (before->known && before->state == OPERATION_STATE_INTENT) {
        world_seen(world, SEEN_CHAT_LOST);
        paid_mark(world, actor, work, CHAT_NUMBER, THEN_CHAT);
    } else {
        chat_order(world, actor, work);
    }
    return false;
}

void chat_succeeded(struct world *world, struct actor *actor, struct work *work)
{
    paid_tell(world, actor, work);
    work->paid = (struct work_paid){0};
    work->has_words = true;
    paid_go_on(world, actor, work, THEN_STEP);
}

bool chat_is_open(const struct work *work)
{
    const struct work_paid *paid = &work->paid;
    return paid->number == CHAT_NUMBER && paid->stage != PAID_NONE && paid->stage != PAID_OVER;
}
