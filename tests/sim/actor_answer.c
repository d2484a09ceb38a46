#include "tests/sim/actor_model.h"
#include "tests/sim/world.h"

/* What an actor makes of what the provider says (docs/providers.md, "What a failure means"). */

enum {
    POLL_FAILURES_MAX = 5,  /* in a row, but for those that said when to come again */
    POLL_FAILURES_TOLD = 4, /* ... from which on they count against the provider */
    POLL_WAIT_MS_MAX = 60000,
    DOWNLOADS_MAX = 3, /* of a result, in one attempt */
    DOWNLOAD_PAUSE_MS = 1000,
};

/* What each answer to an order, or to a poll, means. */
static const struct meaning {
    const char *code;
    enum fail_kind kind;
    bool is_unknown;
    enum provider_fault fault;
} meanings[] = {
    [SAYS_REFUSED] = {"provider_refused", FAIL_KIND_PERMANENT, false, PROVIDER_FAULT_NONE},
    [SAYS_THROTTLED] = {"provider_throttled", FAIL_KIND_THROTTLED, false, PROVIDER_FAULT_THROTTLED},
    [SAYS_LOCKED] = {"provider_credentials", FAIL_KIND_PERMANENT, false,
                     PROVIDER_FAULT_CREDENTIALS},
    [SAYS_CONFLICT] = {"provider_conflict", FAIL_KIND_RETRY, true, PROVIDER_FAULT_NONE},
    [SAYS_ERROR] = {"provider_error", FAIL_KIND_RETRY, false, PROVIDER_FAULT_DOWN},
    [SAYS_BUSY] = {"provider_error", FAIL_KIND_THROTTLED, false, PROVIDER_FAULT_DOWN},
    [SAYS_GATEWAY] = {"provider_error", FAIL_KIND_RETRY, true, PROVIDER_FAULT_DOWN},
    [SAYS_UNREACHABLE] = {"provider_unreachable", FAIL_KIND_RETRY, false, PROVIDER_FAULT_DOWN},
    [SAYS_NOTHING] = {"provider_timeout", FAIL_KIND_RETRY, true, PROVIDER_FAULT_DOWN},
    [SAYS_BROKEN] = {"provider_broken", FAIL_KIND_RETRY, true, PROVIDER_FAULT_DOWN},
    [SAYS_NONSENSE] = {"provider_answer", FAIL_KIND_RETRY, true, PROVIDER_FAULT_DOWN},
    [SAYS_FAILED] = {"provider_task", FAIL_KIND_RETRY, false, PROVIDER_FAULT_NONE},
    [SAYS_GONE] = {"provider_task_lost", FAIL_KIND_RETRY, true, PROVIDER_FAULT_NONE},
};

static struct failure_told failure_of(const struct provider_answer *answer)
{
    const struct meaning *meaning = &meanings[answer->says];
    return (struct failure_told){
        .code = meaning->code,
        .kind = meaning->kind,
        .is_unknown = meaning->is_unknown,
        .retry_after_ms = answer->retry_after_ms,
    };
}

static void report(struct world *world, struct actor *actor, const struct work *work,
                   const struct provider_answer *answer, struct failure_told *failure)
{
    paid_called(world, actor, work, meanings[answer->says].fault, failure);
}

/* Of an upload, a poll or a look into a list, that it went well says nothing. */
static void report_missed(struct world *world, struct actor *actor, const struct work *work,
                          const struct provider_answer *answer, bool counts,
                          struct failure_told *failure)
{
    paid_missed(world, actor, work, meanings[answer->says].fault, counts, failure);
}

static void take_order(struct world *world, struct actor *actor, struct work *work,
                       const struct provider_answer *answer)
{
    struct work_paid *paid = &work->paid;
    struct failure_told failure = failure_of(answer);
    report(world, actor, work, answer, &failure);
    if (answer->says != SAYS_OK) {
        paid_fail(world, actor, work, &failure);
        return;
    }
    paid->stage = PAID_TAKEN;
    paid->task = answer->task;
    if (work->has_tasks) {
        paid_record(world, actor, work, OPERATION_STATE_SUBMITTED, CHARGE_UNKNOWN, THEN_POLL);
    } else if (work->job % 2 == 0) { /* the answer is the picture, or its address */
        paid_succeeded(world, actor, work);
    } else {
        paid_go_on(world, actor, work, THEN_FETCH);
    }
}

static void take_chat(struct world *world, struct actor *actor, struct work *work,
                      const struct provider_answer *answer)
{
    struct failure_told failure = failure_of(answer);
    report(world, actor, work, answer, &failure);
    if (answer->says == SAYS_OK) {
        chat_succeeded(world, actor, work);
    } else {
        paid_fail(world, actor, work, &failure);
    }
}

/* It costs nothing, so nothing of it is unknown. */
static void take_upload(struct world *world, struct actor *actor, struct work *work,
                        const struct provider_answer *answer)
{
    struct failure_told failure = failure_of(answer);
    failure.is_unknown = false;
    report_missed(world, actor, work, answer, true, &failure);
    if (answer->says == SAYS_OK) {
        upload_succeeded(world, actor, work, answer->task);
    } else {
        work_fail(world, actor, work, &failure);
    }
}

static void take_list(struct world *world, struct actor *actor, struct work *work,
                      const struct provider_answer *answer)
{
    struct work_paid *paid = &work->paid;
    struct failure_told failure = failure_of(answer);
    report_missed(world, actor, work, answer, true, &failure);
    if (answer->says == SAYS_GONE) {
        paid_go_on(world, actor, work, paid->otherwise);
        return;
    }
    if (answer->says != SAYS_OK) { /* nobody knows whether it is there: it is looked for again */
        world_seen(world, SEEN_LIST_AGAIN);
        work_fail(world, actor, work, &failure);
        return;
    }
    world_seen(world, SEEN_FOUND_IN_LIST);
    paid->stage = PAID_TAKEN;
    paid->task = answer->task;
    paid->number = paid->unknown_number;
    paid->is_last = false; /* nothing is repeated */
    paid_record(world, actor, work, OPERATION_STATE_SUBMITTED, CHARGE_UNKNOWN, THEN_POLL);
}

/* The task runs on while a poll fails. */
static void poll_failed(struct world *world, struct actor *actor, struct work *work,
                        const struct provider_answer *answer)
{
    struct work_paid *paid = &work->paid;
    const struct failure_told failure = failure_of(answer);
    struct failure_told told = failure; /* nobody else has the task */
    paid->poll_failures += answer->retry_after_ms <= 0;
    bool is_end = failure.kind == FAIL_KIND_PERMANENT || paid->poll_failures >= POLL_FAILURES_MAX ||
                  answer->retry_after_ms > POLL_WAIT_MS_MAX;
    bool counts = is_end || paid->poll_failures >= POLL_FAILURES_TOLD;
    report_missed(world, actor, work, answer, counts, &told);
    if (is_end) {
        work_fail(world, actor, work, &failure);
    } else {
        paid_poll(world, actor, work, answer->retry_after_ms);
    }
}

static void fail_of_task(struct world *world, struct actor *actor, struct work *work,
                         const struct failure_told *failure)
{
    work->paid.gone = work->paid.task;
    work->paid.task = 0;
    paid_fail(world, actor, work, failure);
}

/* What an earlier attempt was asked to drop is not lost: the next one orders another. */
static void take_gone(struct world *world, struct actor *actor, struct work *work,
                      struct failure_told *failure)
{
    struct work_paid *paid = &work->paid;
    bool is_first = paid->is_resumed && !paid->is_known;
    paid->is_dropped = is_first && work->may_be_gone;
    if (is_first && !actor->liar) {
        model_closing_gone(world, work->job, paid->task, paid->is_dropped);
    }
    if (paid->is_dropped) {
        failure->code = "provider_task_dropped";
        failure->kind = FAIL_KIND_THROTTLED;
    }
    world_seen(world, paid->is_dropped ? SEEN_DROP_UNHEARD : SEEN_TASK_LOST);
    fail_of_task(world, actor, work, failure);
}

static void take_poll(struct world *world, struct actor *actor, struct work *work,
                      const struct provider_answer *answer)
{
    struct work_paid *paid = &work->paid;
    struct failure_told failure = failure_of(answer);
    switch (answer->says) {
    case SAYS_OK:
        paid->is_finished = true;
        paid_go_on(world, actor, work, THEN_FETCH);
        break;
    case SAYS_RUNNING:
        paid->poll_failures = 0;
        paid->is_known = true;
        paid_poll(world, actor, work, 0);
        break;
    case SAYS_FAILED:
        world_seen(world, SEEN_TASK_FAILED);
        fail_of_task(world, actor, work, &failure);
        break;
    case SAYS_GONE:
        take_gone(world, actor, work, &failure);
        break;
    case SAYS_REFUSED:
    case SAYS_THROTTLED:
    case SAYS_LOCKED:
    case SAYS_CONFLICT:
    case SAYS_ERROR:
    case SAYS_BUSY:
    case SAYS_GATEWAY:
    case SAYS_UNREACHABLE:
    case SAYS_NOTHING:
    case SAYS_BROKEN:
    case SAYS_NONSENSE:
        poll_failed(world, actor, work, answer);
        break;
    }
}

/* It is asked for again in place. A video's task stays on record for the next attempt; a picture
 * has nothing else to be fetched by. */
static void take_result(struct world *world, struct actor *actor, struct work *work,
                        const struct provider_answer *answer)
{
    struct work_paid *paid = &work->paid;
    const struct failure_told failure = {
        .kind = FAIL_KIND_RETRY,
        .code = "result_unavailable",
        .is_unknown = true,
        .is_charged = true,
    };
    if (answer->says == SAYS_OK) {
        paid_succeeded(world, actor, work);
    } else if (++paid->downloads < DOWNLOADS_MAX) {
        paid_wait(world, actor, work, DOWNLOAD_PAUSE_MS, THEN_FETCH);
    } else if (work->has_tasks) {
        work_fail(world, actor, work, &failure);
    } else {
        paid_fail(world, actor, work, &failure);
    }
}

void actor_answer(struct world *world, const struct ask *ask, const struct provider_answer *answer)
{
    struct actor *actor = &world->actors[ask->actor];
    struct work *work = &actor->works[ask->place];
    if (actor->state == ACTOR_DOWN || work->generation != ask->generation ||
        work->state != WORK_CALLING || work->ticket != ask->ticket) {
        return; /* nobody waits for it */
    }
    if (work_is_late(world, work)) {
        work_time_out(world, actor, work);
        return;
    }
    switch (ask->kind) {
    case ASK_ORDER:
        if (answer->says == SAYS_CONFLICT) {
            model_ledger_met(world, ask);
        }
        take_order(world, actor, work, answer);
        break;
    case ASK_CHAT:
        take_chat(world, actor, work, answer);
        break;
    case ASK_UPLOAD:
        take_upload(world, actor, work, answer);
        break;
    case ASK_LIST:
        take_list(world, actor, work, answer);
        break;
    case ASK_POLL:
        if (work->closing) {
            paid_looked(world, actor, work, answer->says);
        } else {
            take_poll(world, actor, work, answer);
        }
        break;
    case ASK_FETCH:
        take_result(world, actor, work, answer);
        break;
    case ASK_DROP:
        paid_dropped(world, actor, work, answer->says);
        break;
    }
}
