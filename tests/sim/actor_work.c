#include <assert.h>
#include <stdio.h>
#include <string.h>
#include "tests/sim/actor_model.h"
#include "tests/sim/world.h"

/*
 * A job in an actor: percentages of the spec, one paid call on the way. The call is announced
 * first; what an earlier attempt left behind is resumed; an outcome that nobody knows is repeated
 * once.
 */

enum {
    PAID_NEVER = UINT8_MAX,
    CHAT_STEP = 1, /* of some characters: a call that nobody asks for */
    CHAT_EVERY = 8,
};

struct plan {
    uint8_t count;
    uint8_t paid; /* the step that needs the paid call; PAID_NEVER for none */
    uint8_t steps[9];
};

static const struct plan plans[JOB_KIND_COUNT] = {
    [JOB_KIND_CHARACTER] = {5, 3, {10, 30, 40, 60, 80}},
    [JOB_KIND_IMAGE] = {4, 2, {20, 40, 60, 80}},
    [JOB_KIND_VIDEO] = {9, 3, {10, 20, 30, 40, 50, 65, 80, 85, 95}},
    [JOB_KIND_WEBHOOK] = {0, PAID_NEVER, {0}},
};

enum {
    TEXT_SIZE = 160,
    HANG_MS = 5000,
    CALLS_MAX = 2, /* paid for a job in its whole life */
};

void work_free(struct work *work)
{
    uint32_t generation = work->generation + 1;
    memset(work, 0, sizeof(*work));
    work->generation = generation;
}

/* ---- what is sent ---- */

static struct slice text_of(const struct work *work, const char *name, char out[TEXT_SIZE])
{
    int size = snprintf(out, TEXT_SIZE, "{\"name\":\"%s %u\",\"lease\":%u,\"step\":%u}", name,
                        work->job, work->lease, work->step);
    return slice_make(out, (size_t)size);
}

static void send_result(struct world *world, struct actor *actor, struct work *work)
{
    char document[TEXT_SIZE];
    char media[TEXT_SIZE];
    struct message message = {.type = work->result};
    work->sent_at = world->now;
    if (work->result == MESSAGE_TYPE_DONE) {
        bool has_media = work->kind == JOB_KIND_CHARACTER && work->job % 2 == 0;
        message.done = (struct message_done){
            .job = work->id,
            .lease = work->lease,
            .credit = actor_credit(actor),
            .url = SLICE_LITERAL("/assets/characters/x/y.png"),
            .document =
                work->kind == JOB_KIND_WEBHOOK ? SLICE_EMPTY : text_of(work, "Document", document),
            .media = has_media ? text_of(work, "Portrait", media) : SLICE_EMPTY,
            .price = world->settings.price,
        };
    } else if (work->result == MESSAGE_TYPE_FAIL) {
        message.fail = (struct message_fail){
            .job = work->id,
            .lease = work->lease,
            .credit = actor_credit(actor),
            .kind = (uint8_t)work->fail,
            .code = slice_from_string(work->fail_code),
            .message = SLICE_LITERAL("the provider answered 500"),
            .retry_after_ms = work->retry_after_ms,
        };
    } else {
        message.release = (struct message_release){.job = work->id, .lease = work->lease};
    }
    actor_send(world, actor, &message);
}

static void end(struct world *world, struct actor *actor, struct work *work,
                enum message_type result)
{
    work->state = WORK_ENDED;
    work->result = result;
    send_result(world, actor, work);
}

static void fail(struct world *world, struct actor *actor, struct work *work, enum fail_kind kind)
{
    work->fail = kind;
    work->fail_code = work->fail_code == NULL ? "provider_error" : work->fail_code;
    work->retry_after_ms = prng_chance(&world->prng, 300) ? prng_below(&world->prng, 9000) : 0;
    end(world, actor, work, MESSAGE_TYPE_FAIL);
}

static void send_progress(struct world *world, struct actor *actor, struct work *work)
{
    char draft[TEXT_SIZE];
    struct message message = {.type = MESSAGE_TYPE_PROGRESS};
    message.progress = (struct message_progress){
        .job = work->id,
        .lease = work->lease,
        .credit = actor_credit(actor),
        .progress = work->progress,
        .step = SLICE_LITERAL("a_step"),
    };
    if (prng_chance(&world->prng, 300)) {
        message.progress.draft = text_of(work, "Draft", draft);
    }
    actor_send(world, actor, &message);
}

static void send_operation(struct world *world, struct actor *actor, struct work *work,
                           enum operation_state state)
{
    struct message message = {.type = MESSAGE_TYPE_OPERATION};
    work->sent_at = world->now;
    message.operation = (struct message_operation){
        .job = work->id,
        .lease = work->lease,
        .credit = actor_credit(actor),
        .operation = work->operation,
        .state = (uint8_t)state,
        .provider = SLICE_LITERAL("studio"),
        .task = state == OPERATION_STATE_SUBMITTED ? SLICE_LITERAL("task-1") : SLICE_EMPTY,
        .at = world->now,
        .price = world->settings.price * (1 + work->job % 3),
    };
    work->operations[work->operation] = (struct work_operation){true, (uint8_t)state, work->lease};
    actor_send(world, actor, &message);
}

/* ---- the paid call ---- */

/* Returns whether an earlier attempt's task is there to be polled; counts what nobody knows. */
static bool look_back(const struct work *work, uint32_t *unknown, uint32_t *count)
{
    bool found = false;
    *unknown = 0;
    *count = 0;
    for (uint32_t index = 0; index < OPERATIONS_MAX; index++) {
        const struct work_operation *operation = &work->operations[index];
        if (operation->known) {
            *count = index + 1;
            found |= operation->state == OPERATION_STATE_SUBMITTED ||
                     operation->state == OPERATION_STATE_FINISHED;
            *unknown += operation->state == OPERATION_STATE_INTENT ||
                        operation->state == OPERATION_STATE_UNKNOWN;
        }
    }
    return found;
}

static void pay(struct world *world, struct actor *actor, struct work *work)
{
    uint32_t unknown;
    uint32_t count;
    if (look_back(work, &unknown, &count)) {
        work->paid = true;
        world_seen(world, SEEN_RESUMED);
        actor_wake_work(world, actor, work, 1);
    } else if (unknown >= CALLS_MAX || count >= OPERATIONS_MAX) {
        fail(world, actor, work, FAIL_KIND_PERMANENT);
    } else {
        work->operation = (uint8_t)count;
        work->state = WORK_INTENT;
        work->resent = false;
        send_operation(world, actor, work, OPERATION_STATE_INTENT);
    }
}

/* The provider takes the call and its money. */
static void charge(struct world *world, const struct work *work)
{
    struct model_job *job = &world->model.jobs[work->job];
    uint32_t announced = 0;
    for (int index = 0; index < OPERATIONS_MAX; index++) {
        announced += job->durable.operation_lease[index] != 0 &&
                     job->durable.operation_state[index] != OPERATION_STATE_REFUSED;
    }
    job->calls++;
    world_check(world, "never pay twice",
                job->calls - job->dropped <= CALLS_MAX && job->calls <= announced,
                "job %u: %u paid calls, %u dropped, %u announced", work->job, job->calls,
                job->dropped, announced);
    if (job->calls - job->dropped == CALLS_MAX) {
        world_seen(world, SEEN_PAID_TWICE);
    }
    world_trace(world, "pay job lease calls", NULL, work->job, work->lease, job->calls, 0);
}

static void call(struct world *world, struct actor *actor, struct work *work)
{
    if (prng_chance(&world->prng, world->settings.provider_refused)) {
        world_fault(world, FAULT_PROVIDER_REFUSED);
        send_operation(world, actor, work, OPERATION_STATE_REFUSED);
        fail(world, actor, work, FAIL_KIND_THROTTLED);
        return;
    }
    bool is_throttled = prng_chance(&world->prng, world->settings.provider_throttled);
    if (world->now < world->provider_down_until || is_throttled) {
        bool is_locked = !is_throttled && prng_chance(&world->prng, 50);
        enum provider_fault down = is_locked ? PROVIDER_FAULT_CREDENTIALS : PROVIDER_FAULT_DOWN;
        actor_report(world, actor, is_throttled ? PROVIDER_FAULT_THROTTLED : down);
        work->fail_code = is_throttled ? NULL : "provider_down";
        send_operation(world, actor, work, OPERATION_STATE_REFUSED);
        fail(world, actor, work, FAIL_KIND_THROTTLED);
        return;
    }
    actor_report(world, actor, PROVIDER_FAULT_NONE);
    charge(world, work);
    if (prng_chance(&world->prng, world->settings.provider_unknown)) {
        world_fault(world, FAULT_PROVIDER_UNKNOWN);
        send_operation(world, actor, work, OPERATION_STATE_UNKNOWN);
        fail(world, actor, work, FAIL_KIND_RETRY);
        return;
    }
    work->state = WORK_SUBMITTED;
    send_operation(world, actor, work, OPERATION_STATE_SUBMITTED);
}

void work_operation_ack(struct world *world, struct actor *actor, struct work *work,
                        const struct message_operation_ack *ack)
{
    if (ack->operation != work->operation) {
        return;
    }
    if (work->state == WORK_INTENT && ack->state == OPERATION_STATE_INTENT) {
        work->state = WORK_CALLING;
        actor_wake_work(world, actor, work, prng_wait(&world->prng, world->settings.step_ms));
    } else if (work->state == WORK_SUBMITTED && ack->state == OPERATION_STATE_SUBMITTED) {
        work->state = WORK_RUNNING;
        work->paid = true;
        actor_wake_work(world, actor, work, prng_wait(&world->prng, world->settings.step_ms));
    }
}

/* A call that may not be made: nothing of it is on record, unless its intent was told before. */
void work_operation_denied(struct world *world, struct actor *actor, struct work *work,
                           const struct message_operation_denied *denied)
{
    if (denied->operation != work->operation || work->state != WORK_INTENT) {
        return;
    }
    if (work->resent) {
        send_operation(world, actor, work, OPERATION_STATE_REFUSED);
    }
    work->fail_code = denied->reason == DENIAL_DOWN ? "provider_down" : "provider_limited";
    fail(world, actor, work, FAIL_KIND_THROTTLED);
}

/* A call that costs nothing is only reported. Returns false when the job has failed. */
static bool chat(struct world *world, struct actor *actor, struct work *work)
{
    bool is_down = world->now < world->provider_down_until;
    actor_report(world, actor, is_down ? PROVIDER_FAULT_DOWN : PROVIDER_FAULT_NONE);
    if (is_down) {
        work->fail_code = "provider_down";
        fail(world, actor, work, FAIL_KIND_THROTTLED);
    }
    return !is_down;
}

/* ---- steps ---- */

static enum fail_kind draw_fail(struct world *world, const struct actor *actor,
                                const struct work *work)
{
    if (actor->liar && prng_chance(&world->prng, 300)) {
        world_fault(world, FAULT_LIE_CANCELLED);
        return FAIL_KIND_CANCELLED;
    }
    uint32_t die = prng_below(&world->prng, 10);
    if (die == 0) {
        return work->kind == JOB_KIND_WEBHOOK ? FAIL_KIND_GONE : FAIL_KIND_PERMANENT;
    }
    return die < 3 ? FAIL_KIND_THROTTLED : FAIL_KIND_RETRY;
}

static void run(struct world *world, struct actor *actor, struct work *work)
{
    const struct plan *plan = &plans[work->kind];
    if (work->cancelled) {
        fail(world, actor, work, FAIL_KIND_CANCELLED);
        return;
    }
    if (world->now >= work->timeout_at || prng_chance(&world->prng, world->settings.fail)) {
        bool late = world->now >= work->timeout_at;
        fail(world, actor, work, late ? FAIL_KIND_RETRY : draw_fail(world, actor, work));
        return;
    }
    if (work->step == plan->paid && !work->paid) {
        pay(world, actor, work);
        return;
    }
    if (work->step == plan->count) {
        if (plan->paid != PAID_NEVER) {
            send_operation(world, actor, work, OPERATION_STATE_FINISHED);
        }
        end(world, actor, work, MESSAGE_TYPE_DONE);
        return;
    }
    bool chats = work->kind == JOB_KIND_CHARACTER && work->job % CHAT_EVERY == 0;
    if (chats && work->step == CHAT_STEP && !chat(world, actor, work)) {
        return;
    }
    work->progress = plan->steps[work->step++];
    send_progress(world, actor, work);
    int64_t mean = work->slow ? world->settings.step_ms * 20 : world->settings.step_ms;
    actor_wake_work(world, actor, work, 1 + prng_wait(&world->prng, mean));
}

void actor_work_wake(struct world *world, uint32_t index, uint32_t place, uint32_t generation)
{
    struct actor *actor = &world->actors[index];
    struct work *work = &actor->works[place];
    if (actor->state == ACTOR_DOWN || work->generation != generation || work->state == WORK_FREE ||
        work->state == WORK_ENDED) {
        return;
    }
    if (world->now < actor->hung_until) {
        actor_wake_work(world, actor, work, actor->hung_until - world->now + 1);
    } else if (work->state == WORK_CALLING) {
        call(world, actor, work);
    } else if (work->state == WORK_RUNNING && work->hangs && work->step > 0 &&
               world->now < work->timeout_at) {
        /* Nothing but its own clock ends it, later than the broker's would. */
        actor_wake_work(world, actor, work, work->timeout_at + HANG_MS - world->now);
    } else if (work->state == WORK_RUNNING) {
        run(world, actor, work);
    }
}

/* The provider drops a task that is still running: who tries the job again pays for another. */
static void drop(struct world *world, struct actor *actor, struct work *work)
{
    bool is_its_own = work->operations[work->operation].state == OPERATION_STATE_SUBMITTED &&
                      work->operations[work->operation].known;
    if (work->paid && is_its_own && prng_chance(&world->prng, 700)) {
        world_fault(world, FAULT_PROVIDER_DROPPED);
        world->model.jobs[work->job].dropped++;
        send_operation(world, actor, work, OPERATION_STATE_CANCELLED);
    }
}

void work_cancel(struct world *world, struct actor *actor, struct work *work)
{
    if (work->deaf) {
        world_fault(world, FAULT_CANCEL_IGNORED);
    } else if (work->state != WORK_ENDED) {
        work->cancelled = true;
        drop(world, actor, work);
        fail(world, actor, work, FAIL_KIND_CANCELLED);
    }
}

void work_cancel_unknown(struct world *world, struct actor *actor,
                         const struct message_cancel *cancel)
{
    struct message message = {.type = MESSAGE_TYPE_FAIL};
    message.fail = (struct message_fail){.job = cancel->job,
                                         .lease = cancel->lease,
                                         .credit = actor_credit(actor),
                                         .kind = FAIL_KIND_CANCELLED,
                                         .code = SLICE_LITERAL("cancelled"),
                                         .message = SLICE_LITERAL("not held")};
    actor_send(world, actor, &message);
}

void work_release(struct world *world, struct actor *actor, struct work *work)
{
    end(world, actor, work, MESSAGE_TYPE_RELEASE);
}

void work_resume(struct world *world, struct actor *actor, struct work *work)
{
    switch (work->state) {
    case WORK_ENDED:
        send_result(world, actor, work);
        break;
    case WORK_INTENT:
        work->resent = true;
        send_operation(world, actor, work, OPERATION_STATE_INTENT);
        break;
    case WORK_SUBMITTED:
        send_operation(world, actor, work, OPERATION_STATE_SUBMITTED);
        break;
    case WORK_RUNNING:
    case WORK_CALLING:
        send_progress(world, actor, work);
        break;
    case WORK_FREE:
        break;
    }
}

/* ---- a new job ---- */

static struct work *free_work(struct actor *actor)
{
    for (uint32_t index = 0; index < actor->works_count; index++) {
        if (actor->works[index].state == WORK_FREE) {
            return &actor->works[index];
        }
    }
    return NULL;
}

static void draw_manners(struct world *world, struct work *work)
{
    const struct settings *settings = &world->settings;
    work->slow = prng_chance(&world->prng, settings->slow);
    work->hangs = prng_chance(&world->prng, settings->hang);
    work->deaf = prng_chance(&world->prng, settings->deaf);
    if (work->slow) {
        world_fault(world, FAULT_WORK_SLOW);
    }
    if (work->hangs) {
        world_fault(world, FAULT_WORK_HANG);
    }
}

struct work *work_begin(struct world *world, struct actor *actor, const struct message_job *message,
                        struct frame_reader *reader)
{
    struct model_job *job = model_job_of(world, &message->job);
    struct work *work = free_work(actor);
    struct work_operation operations[OPERATIONS_MAX] = {0};
    /* Nobody can have changed what was sent; but a liar guesses the lease that is on its way, and
     * what comes late may be of a life before the last retry, which began without a draft. */
    bool is_current = !actor->liar && message->lease == job->durable.lease && !job->dirty &&
                      job->durable.state == JOB_STATE_ACTIVE;
    work_read(world, message, is_current, reader, operations);
    if (work == NULL) {
        return NULL;
    }
    work->state = WORK_RUNNING;
    work->id = message->job;
    work->job = model_job_number(&world->model, job);
    work->lease = message->lease;
    work->attempt = message->attempt;
    work->kind = message->kind;
    work->timeout_at = world->now + (int64_t)message->timeout_ms;
    memcpy(work->operations, operations, sizeof(operations));
    draw_manners(world, work);
    actor_wake_work(world, actor, work, prng_wait(&world->prng, world->settings.step_ms));
    return work;
}
