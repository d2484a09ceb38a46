#include <assert.h>
#include <stdio.h>
#include <string.h>
#include "tests/sim/actor_model.h"
#include "tests/sim/world.h"

/* A job in an actor: percentages of the spec, one paid call on the way (actor_paid.c). */

enum {
    PAID_NEVER = UINT8_MAX,
    CHAT_STEP = 1,   /* before it some jobs have a chat */
    UPLOAD_STEP = 2, /* before it videos have their picture uploaded */
};

/* What a draft says that holds the finished picture. */
#define PICTURE "Picture"
/* What one says that holds what a chat has told. */
#define WORDS "Words"

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
            .price = work->price,
        };
    } else if (work->result == MESSAGE_TYPE_FAIL) {
        if (work->pending.waiting) {
            paid_send(world, actor, work); /* what was paid is told first, each time */
        }
        int size =
            snprintf(document, sizeof(document),
                     work->job % 4 == 0 ? "%u of its steps were done" : "the provider answered %u",
                     500 + work->lease);
        message.fail = (struct message_fail){
            .job = work->id,
            .lease = work->lease,
            .credit = actor_credit(actor),
            .kind = (uint8_t)work->failure.kind,
            .code = slice_from_string(work->failure.code),
            .message = slice_make(document, (size_t)size),
            .retry_after_ms = (uint64_t)work->failure.retry_after_ms,
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

void work_closed(struct world *world, struct actor *actor, struct work *work)
{
    end(world, actor, work, MESSAGE_TYPE_FAIL);
}

static void begin_to_fail(struct world *world, struct actor *actor, struct work *work,
                          const struct failure_told *failure, bool is_timeout)
{
    if (work->closing) {
        work_closed(world, actor, work); /* what the provider was to be told cannot be told */
        return;
    }
    work->failure = *failure;
    work->closing = true;
    work->pending.waiting = false;
    work->ticket++;
    if (work->kind == JOB_KIND_WEBHOOK) {
        work_closed(world, actor, work);
        return;
    }
    work->close_by = world->now + WORK_CLOSE_MS;
    actor_wake_work(world, actor, work, WORK_CLOSE_MS);
    paid_close(world, actor, work, is_timeout);
}

void work_fail(struct world *world, struct actor *actor, struct work *work,
               const struct failure_told *failure)
{
    begin_to_fail(world, actor, work, failure, false);
}

bool work_is_late(const struct world *world, const struct work *work)
{
    return !work->closing && world->now >= work->timeout_at;
}

void work_time_out(struct world *world, struct actor *actor, struct work *work)
{
    static const struct failure_told failure = {.kind = FAIL_KIND_RETRY, .code = "timeout"};
    begin_to_fail(world, actor, work, &failure, true);
}

static void fail(struct world *world, struct actor *actor, struct work *work, enum fail_kind kind,
                 const char *code)
{
    struct failure_told failure = {.kind = kind, .code = code};
    if (prng_chance(&world->prng, 300)) {
        failure.retry_after_ms = prng_below(&world->prng, 9000);
    }
    work_fail(world, actor, work, &failure);
}

static const char *draft_name(const struct work *work)
{
    return work->has_picture ? PICTURE : work->has_words ? WORDS : "Draft";
}

static struct slice draft_of(const struct work *work, char out[TEXT_SIZE])
{
    struct slice text = text_of(work, draft_name(work), out);
    size_t size = text.size - 1; /* without its end */
    size += (size_t)upload_write(work, out + size, TEXT_SIZE - size);
    out[size++] = '}';
    return slice_make(out, size);
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
    if (work->has_picture || work->upload != 0 || prng_chance(&world->prng, 300)) {
        message.progress.draft = draft_of(work, draft);
    }
    actor_send(world, actor, &message);
}

void work_operation_ack(struct world *world, struct actor *actor, struct work *work,
                        const struct message_operation_ack *ack)
{
    struct work_pending *pending = &work->pending;
    if (work->state == WORK_RECORDING && pending->waiting && ack->operation == pending->number &&
        ack->state == pending->state) {
        pending->waiting = false;
        paid_go_on(world, actor, work, pending->then);
    }
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
    if (prng_chance(&world->prng, world->settings.fail)) {
        fail(world, actor, work, draw_fail(world, actor, work), "provider_error");
        return;
    }
    if (work->step == plan->paid && !work->paid.is_done && !work->has_picture) {
        paid_begin(world, actor, work);
        return;
    }
    if (work->step == plan->count) {
        end(world, actor, work, MESSAGE_TYPE_DONE);
        return;
    }
    if (work->step == CHAT_STEP && !chat_begin(world, actor, work)) {
        return;
    }
    if (work->step == UPLOAD_STEP && !upload_begin(world, actor, work)) {
        return;
    }
    work->progress = plan->steps[work->step++];
    send_progress(world, actor, work);
    int64_t mean = work->slow ? world->settings.step_ms * 20 : world->settings.step_ms;
    actor_wake_work(world, actor, work, 1 + prng_wait(&world->prng, mean));
}

/* What an attempt that ends has not been answered counts for nothing: but a record waits for a
 * broker that is away. */
static void wake_closing(struct world *world, struct actor *actor, struct work *work)
{
    if (world->now < work->close_by) {
        if (work->state == WORK_WAITING && world->now >= work->wake_at) {
            paid_go_on(world, actor, work, work->then);
        }
        return;
    }
    if (work->pending.waiting && actor->state != ACTOR_WELCOME) {
        work->close_by = world->now + WORK_CLOSE_MS;
        actor_wake_work(world, actor, work, WORK_CLOSE_MS);
    } else {
        work_closed(world, actor, work);
    }
}

void actor_work_wake(struct world *world, uint32_t index, uint32_t place, uint32_t generation)
{
    struct actor *actor = &world->actors[index];
    struct work *work = &actor->works[place];
    bool is_done = work->state == WORK_FREE || work->state == WORK_ENDED;
    if (actor->state == ACTOR_DOWN || work->generation != generation || is_done) {
        return;
    }
    if (world->now < actor->hung_until) {
        actor_wake_work(world, actor, work, actor->hung_until - world->now + 1);
    } else if (work->closing) {
        wake_closing(world, actor, work);
    } else if (world->now < work->wake_at) {
        return; /* of what it has given up to wait for */
    } else if (work->state == WORK_RUNNING && work->hangs && work->step > 0 &&
               world->now < work->timeout_at) {
        /* Nothing but its own clock ends it, later than the broker's would. */
        actor_wake_work(world, actor, work, work->timeout_at + HANG_MS - world->now);
    } else if (work->state != WORK_RUNNING && work->state != WORK_WAITING) {
        return;
    } else if (work_is_late(world, work)) {
        work_time_out(world, actor, work);
    } else if (work->state == WORK_RUNNING) {
        run(world, actor, work);
    } else {
        paid_go_on(world, actor, work, work->then);
    }
}

void work_cancel(struct world *world, struct actor *actor, struct work *work)
{
    static const struct failure_told failure = {.kind = FAIL_KIND_CANCELLED, .code = "cancelled"};
    if (work->deaf) {
        world_fault(world, FAULT_CANCEL_IGNORED);
    } else if (work->state != WORK_ENDED && !work->closing) {
        work_fail(world, actor, work, &failure);
    }
}

void work_over(struct world *world, struct actor *actor, struct work *work)
{
    bool closes_cancel =
        work->closing && work->state != WORK_ENDED && work->failure.kind == FAIL_KIND_CANCELLED;
    if (!closes_cancel) {
        work_free(work);
        actor->freed_at = world->now;
    } else if (work->pending.waiting) {
        work->pending.waiting = false;
        paid_go_on(world, actor, work, work->pending.then);
    }
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
    case WORK_RECORDING:
        send_progress(world, actor, work);
        work->pending.resent = true;
        work->sent_at = world->now;
        paid_send(world, actor, work);
        break;
    case WORK_RUNNING:
    case WORK_CALLING:
    case WORK_WAITING:
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

/* What an earlier attempt has drawn, or was told, is not asked for again. */
static bool has_name(struct slice draft, const char *name)
{
    return draft.size > 0 && memmem(draft.data, draft.size, name, strlen(name)) != NULL;
}

struct work *work_begin(struct world *world, struct actor *actor, const struct message_job *message,
                        struct frame_reader *reader)
{
    struct model_job *job = model_job_of(world, &message->job);
    struct work *work = free_work(actor);
    struct work_operation operations[CALL_NUMBERS] = {0};
    /* Nobody can have changed what was sent; but a liar guesses the lease that is on its way, and
     * what comes late may be of a life before the last retry. */
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
    work->is_last = message->is_last;
    work->is_first = message->attempt == 1;
    work->may_be_gone = message->may_be_dropped;
    work->has_tasks = message->kind == JOB_KIND_VIDEO || world->settings.provider_tasks;
    work->has_picture = has_name(message->draft, PICTURE);
    work->has_words = has_name(message->draft, WORDS);
    work->upload_kept = upload_read(message->draft);
    work->kind = message->kind;
    work->timeout_at = world->now + (int64_t)message->timeout_ms;
    memcpy(work->operations, operations, sizeof(operations));
    job->is_lied_about |= actor->liar;
    draw_manners(world, work);
    actor_wake_work(world, actor, work, prng_wait(&world->prng, world->settings.step_ms));
    return work;
}
