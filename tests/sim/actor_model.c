#include "tests/sim/actor_model.h"
#include <assert.h>
#include <string.h>
#include "tests/sim/world.h"

enum {
    CONNECT_MS = 100,
    RECONNECT_MS_MAX = 10000,
    HELLO_AGAIN_MS = 50,
    SETTLE_MS = 10000, /* after a hang, until a heartbeat has told its credit */
    ANSWER_MS = 8000,  /* what stays unanswered so long means a dead connection */
};

static void actor_start(struct world *world, uint32_t index)
{
    struct actor *actor = &world->actors[index];
    *actor = (struct actor){.kind = actor->kind,
                            .late = actor->late,
                            .link = LINK_NONE,
                            .works = actor->works,
                            .works_count = actor->works_count};
    prng_fill(&world->prng, actor->instance.bytes, ID_SIZE);
    actor->slots = 1 + prng_below(&world->prng, world->settings.slots_max);
    actor->liar = prng_chance(&world->prng, world->settings.liars);
    actor->state = ACTOR_APART;
}

void actor_init(struct world *world, uint32_t index)
{
    struct actor *actor = &world->actors[index];
    memset(actor, 0, sizeof(*actor));
    actor->kind = (uint8_t)(index % JOB_KIND_COUNT);
    actor->works_count = world->settings.slots_max + WORKS_MORE;
    actor->works = calloc(actor->works_count, sizeof(*actor->works));
    assert(actor->works != NULL);
    actor_start(world, index);
    schedule_add(&world->schedule, world->now + index, WAKE_ACTOR, index, 0, 0);
}

void actor_fini(struct actor *actor)
{
    free(actor->works);
    actor->works = NULL;
    while (actor->late != NULL) {
        struct frame *next = actor->late->next;
        frame_free(actor->late);
        actor->late = next;
    }
}

uint32_t actor_index(const struct world *world, const struct actor *actor)
{
    return (uint32_t)(actor - world->actors);
}

/* ---- sending ---- */

static uint32_t busy_slots(const struct actor *actor)
{
    uint32_t count = 0;
    for (uint32_t index = 0; index < actor->works_count; index++) {
        enum work_state state = actor->works[index].state;
        count += state != WORK_FREE && state != WORK_ENDED;
    }
    return count;
}

uint64_t actor_credit(struct actor *actor)
{
    uint32_t busy = busy_slots(actor);
    uint64_t free = busy < actor->slots && !actor->draining ? actor->slots - busy : 0;
    uint64_t credit = actor->received + free;
    actor->credit = credit > actor->credit ? credit : actor->credit;
    return actor->credit;
}

static void frame_open_or_die(struct frame_writer *writer, struct buffer *bytes, uint64_t session)
{
    buffer_init(bytes, FRAME_SIZE_MAX);
    enum status status = frame_begin(writer, bytes, session);
    assert(status == STATUS_OK);
}

static void frame_close(struct world *world, struct actor *actor, struct frame_writer *writer,
                        struct buffer *bytes)
{
    frame_end(writer);
    if (actor->link != LINK_NONE) {
        network_send(world, actor->link, TO_BROKER, buffer_slice(bytes), &actor->late);
    }
    buffer_fini(bytes);
}

void actor_send_under(struct world *world, struct actor *actor, uint64_t session,
                      const struct message *message)
{
    struct buffer bytes;
    struct frame_writer writer;
    frame_open_or_die(&writer, &bytes, session);
    enum status status = frame_write(&writer, message);
    assert(status == STATUS_OK);
    frame_close(world, actor, &writer, &bytes);
}

void actor_send(struct world *world, struct actor *actor, const struct message *message)
{
    if (actor->state == ACTOR_WELCOME) {
        actor_send_under(world, actor, actor->session, message);
    }
}

void actor_wake_work(struct world *world, struct actor *actor, struct work *work, int64_t delay)
{
    work->wake_at = world->now + delay;
    schedule_add(&world->schedule, work->wake_at, WAKE_WORK, actor_index(world, actor),
                 (uint32_t)(work - actor->works), work->generation);
}

/* ---- the session ---- */

/* HELLO and a HOLD for everything it still works on or has no ACK for, in one frame. */
static void say_hello(struct world *world, struct actor *actor)
{
    struct buffer bytes;
    struct frame_writer writer;
    struct message message = {.type = MESSAGE_TYPE_HELLO};
    struct message_hold extra = {0};
    uint32_t busy = busy_slots(actor);
    actor->state = ACTOR_GREETING;
    actor->session = 0;
    actor->received = 0;
    actor->credit = busy < actor->slots && !actor->draining ? actor->slots - busy : 0;
    actor->hello_at = world->now;
    actor->hellos++;
    message.hello = (struct message_hello){.kind = actor->kind,
                                           .instance = actor->instance,
                                           .slots = actor->slots,
                                           .credit = actor->credit,
                                           .provider_count = 0};
    if (actor_declares(world, actor)) {
        message.hello.provider_count = world->settings.providers;
    }
    for (uint32_t index = 0; index < actor->works_count; index++) {
        message.hello.hold_count += actor->works[index].state != WORK_FREE;
    }
    if (actor->liar) {
        actor_lie_hello(world, actor, &message, &extra);
    }
    frame_open_or_die(&writer, &bytes, 0);
    enum status status = frame_write(&writer, &message);
    assert(status == STATUS_OK);
    uint32_t providers = message.hello.provider_count;
    for (uint8_t provider = 0; provider < providers; provider++) {
        message = actor_provider(world, actor, provider);
        status = frame_write(&writer, &message);
        assert(status == STATUS_OK);
    }
    message.type = MESSAGE_TYPE_HOLD;
    for (uint32_t index = 0; index < actor->works_count; index++) {
        if (actor->works[index].state != WORK_FREE) {
            message.hold.job = actor->works[index].id;
            message.hold.lease = actor->works[index].lease;
            status = frame_write(&writer, &message);
            assert(status == STATUS_OK);
        }
    }
    if (!id_is_zero(&extra.job)) {
        message.hold = extra;
        status = frame_write(&writer, &message);
        assert(status == STATUS_OK);
    }
    frame_close(world, actor, &writer, &bytes);
}

static void actor_part(struct world *world, struct actor *actor)
{
    if (actor->link != LINK_NONE) {
        network_drop(world, actor->link, &actor->late);
    }
    actor->link = LINK_NONE;
    actor->state = ACTOR_APART;
    actor->session = 0;
}

static void actor_stop(struct world *world, struct actor *actor)
{
    struct message bye = {.type = MESSAGE_TYPE_BYE};
    actor_send(world, actor, &bye);
    if (actor->link != LINK_NONE && prng_chance(&world->prng, 300)) {
        actor_part(world, actor); /* before the BYE is through */
    }
    world_trace(world, "actor-ends actor", NULL, actor_index(world, actor), 0, 0, 0);
    for (uint32_t index = 0; index < actor->works_count; index++) {
        work_free(&actor->works[index]);
    }
    actor->state = ACTOR_DOWN;
}

/* A graceful stop: no new jobs, then BYE once everything has ended or the grace is over. */
static void drain_further(struct world *world, struct actor *actor)
{
    bool over = world->now >= actor->drain_by;
    uint32_t left = 0;
    for (uint32_t index = 0; index < actor->works_count; index++) {
        struct work *work = &actor->works[index];
        if (over && work->state != WORK_FREE && work->state != WORK_ENDED) {
            work_release(world, actor, work);
        }
        left += work->state != WORK_FREE;
    }
    if (left == 0 || world->now >= actor->drain_by + 4000) {
        actor_stop(world, actor);
    }
}

static bool waits_too_long(const struct world *world, const struct actor *actor)
{
    for (uint32_t index = 0; index < actor->works_count; index++) {
        const struct work *work = &actor->works[index];
        bool waits = work->state == WORK_ENDED || work->state == WORK_RECORDING;
        if (waits && world->now - work->sent_at > ANSWER_MS) {
            return true;
        }
    }
    return false;
}

static void wake_welcome(struct world *world, struct actor *actor)
{
    struct message heartbeat = {.type = MESSAGE_TYPE_HEARTBEAT};
    if (waits_too_long(world, actor)) {
        actor_part(world, actor);
        return;
    }
    if (actor->draining) {
        drain_further(world, actor);
    }
    if (actor->state != ACTOR_WELCOME) {
        return;
    }
    heartbeat.heartbeat.credit = actor_credit(actor);
    actor_send(world, actor, &heartbeat);
    if (actor->liar && prng_chance(&world->prng, world->settings.lie)) {
        actor_lie(world, actor);
    }
}

static void wake_apart(struct world *world, struct actor *actor, uint32_t index)
{
    bool late = actor->late != NULL; /* perhaps with an old HELLO among it */
    actor->link = network_connect(world, CLIENT_ACTOR, index, &actor->late);
    if (actor->link != LINK_NONE) {
        actor->hellos = late ? 1 : 0;
        say_hello(world, actor);
    }
}

void actor_wake(struct world *world, uint32_t index, bool once)
{
    struct actor *actor = &world->actors[index];
    int64_t next = HEARTBEAT_MS;
    if (world->now < actor->hung_until) {
        next = actor->hung_until - world->now;
    } else if (actor->state == ACTOR_DOWN) {
        actor_start(world, index);
        next = prng_wait(&world->prng, CONNECT_MS);
    } else if (actor->state == ACTOR_APART) {
        wake_apart(world, actor, index);
        next =
            actor->state == ACTOR_APART ? world_pause(world, prng_wait(&world->prng, 1000)) : 2000;
        next = next > RECONNECT_MS_MAX ? RECONNECT_MS_MAX : next;
    } else if (actor->state == ACTOR_DUE) {
        if (world->now >= actor->hello_at) {
            say_hello(world, actor);
        }
        next = 1000;
    } else if (actor->state == ACTOR_GREETING) {
        if (world->now - actor->hello_at >= 4000) {
            actor_part(world, actor);
        }
        next = 1000;
    } else {
        wake_welcome(world, actor);
        if (actor->state != ACTOR_WELCOME) {
            next = prng_wait(&world->prng, CONNECT_MS);
        } else if (actor->draining || actor->liar) {
            next = 500 + prng_wait(&world->prng, 500);
        }
    }
    if (!once) {
        schedule_add(&world->schedule, world->now + 1 + next, WAKE_ACTOR, index, 0, 0);
    }
}

void actor_lost(struct world *world, uint32_t index, uint32_t link)
{
    struct actor *actor = &world->actors[index];
    if (actor->state != ACTOR_DOWN && actor->link == link) {
        actor->link = LINK_NONE;
        actor->state = ACTOR_APART;
        actor->session = 0;
    }
}

/* ---- receiving ---- */

static struct work *find_work(struct actor *actor, const struct id *id, uint32_t lease)
{
    for (uint32_t index = 0; index < actor->works_count; index++) {
        struct work *work = &actor->works[index];
        if (work->state != WORK_FREE && work->lease == lease && id_equal(&work->id, id)) {
            return work;
        }
    }
    return NULL;
}

static void take_welcome(struct world *world, struct actor *actor, uint64_t session)
{
    actor->state = ACTOR_WELCOME;
    actor->received = 0;
    actor->session = session;
    for (uint32_t index = 0; index < actor->works_count; index++) {
        if (actor->works[index].state != WORK_FREE) {
            work_resume(world, actor, &actor->works[index]);
        }
    }
}

static void take_error(struct world *world, struct actor *actor, uint8_t code)
{
    if (actor->state > ACTOR_DUE && code <= ERROR_CODE_MALFORMED) {
        uint32_t doublings = actor->hellos < 5 ? actor->hellos : 5;
        actor->state = ACTOR_DUE;
        actor->session = 0;
        actor->hello_at = world->now + ((int64_t)HELLO_AGAIN_MS << doublings);
        schedule_add(&world->schedule, actor->hello_at, WAKE_ACTOR, actor_index(world, actor), 1,
                     0);
    }
}

/* What is to be dropped often comes to one that has just begun to end. */
static void draw_end(struct world *world, const struct actor *actor, const struct message_job *job)
{
    const struct model_state *state = &model_job_of(world, &job->job)->current;
    if (state->was_dropped && state->lease == job->lease && prng_chance(&world->prng, 400)) {
        actor_drain(world, actor_index(world, actor));
    }
}

static void take_job(struct world *world, struct actor *actor, struct frame_reader *reader,
                     const struct message_job *job)
{
    draw_end(world, actor, job);
    bool has_slot = busy_slots(actor) < actor->slots && !actor->draining;
    actor->received++;
    world_check(world, "credit", has_slot || actor->liar || actor->hellos > 1 || actor->draining,
                "actor %u gets more than it has slots", actor_index(world, actor));
    struct work *work = work_begin(world, actor, job, reader);
    bool is_refused = actor->liar && prng_chance(&world->prng, 100);
    if (is_refused) {
        world_fault(world, FAULT_JOB_REFUSED);
    }
    if ((!has_slot || is_refused) && work != NULL) {
        work_release(world, actor, work);
    }
}

static void take(struct world *world, struct actor *actor, struct frame_reader *reader,
                 const struct message *message)
{
    struct work *work = NULL;
    if (message->type == MESSAGE_TYPE_WELCOME) {
        take_welcome(world, actor, message->welcome.session);
    } else if (message->type == MESSAGE_TYPE_ERROR) {
        take_error(world, actor, message->error.code);
    } else if (reader->session != actor->session || actor->state != ACTOR_WELCOME) {
        return; /* of a session that is over */
    } else if (message->type == MESSAGE_TYPE_JOB) {
        take_job(world, actor, reader, &message->job);
    } else if (message->type == MESSAGE_TYPE_ACK) {
        work = find_work(actor, &message->ack.job, message->ack.lease);
        if (work != NULL) {
            work_over(world, actor, work);
        }
    } else if (message->type == MESSAGE_TYPE_DRAIN) {
        actor_drain(world, (uint32_t)(actor - world->actors));
    } else if (message->type == MESSAGE_TYPE_CANCEL) {
        work = find_work(actor, &message->cancel.job, message->cancel.lease);
        if (work != NULL) { /* else its JOB may be on the way */
            work_cancel(world, actor, work);
        }
    } else if (message->type == MESSAGE_TYPE_OPERATION_DENIED) {
        work = find_work(actor, &message->operation_denied.job, message->operation_denied.lease);
        if (work != NULL) {
            paid_denied(world, actor, work, &message->operation_denied);
        }
    } else if (message->type == MESSAGE_TYPE_OPERATION_ACK) {
        work = find_work(actor, &message->operation_ack.job, message->operation_ack.lease);
        if (work != NULL) {
            work_operation_ack(world, actor, work, &message->operation_ack);
        }
    }
}

void actor_receive(struct world *world, uint32_t index, uint32_t link, struct slice bytes)
{
    struct actor *actor = &world->actors[index];
    struct frame_reader reader;
    struct message message;
    enum status status = frame_open(&reader, bytes);
    assert(status == STATUS_OK);
    while (actor->state != ACTOR_DOWN && actor->link == link &&
           frame_next(&reader, &message) == STATUS_OK) {
        take(world, actor, &reader, &message);
    }
}

void actor_check_end(struct world *world, uint32_t index)
{
    struct actor *actor = &world->actors[index];
    const struct model_session *session = model_session(&world->model, actor->session);
    if (actor->state != ACTOR_WELCOME || actor->draining ||
        world->now < actor->hung_until + SETTLE_MS || world->now < actor->freed_at + SETTLE_MS) {
        return;
    }
    world_check(world, "sessions", session != NULL && session->open,
                "actor %u has none: state %d, session %llu", index, (int)actor->state,
                (unsigned long long)actor->session);
    uint32_t busy = busy_slots(actor); /* with jobs that hang and whose leases are long over */
    uint64_t free = busy < actor->slots ? actor->slots - busy : 0;
    world_check(world, "workers get their credit back",
                session->credit - session->dispatched == free,
                "actor %u: %llu jobs for %llu of credit, %u of %u slots free", index,
                (unsigned long long)session->dispatched, (unsigned long long)session->credit,
                (uint32_t)free, actor->slots);
}

/* ---- faults ---- */

void actor_crash(struct world *world, uint32_t index)
{
    struct actor *actor = &world->actors[index];
    if (actor->state == ACTOR_DOWN) {
        return;
    }
    world_fault(world, FAULT_ACTOR_CRASH);
    world_trace(world, "actor-dies actor", NULL, index, 0, 0, 0);
    actor_part(world, actor);
    for (uint32_t place = 0; place < actor->works_count; place++) {
        work_free(&actor->works[place]);
    }
    actor->state = ACTOR_DOWN;
}

void actor_hang(struct world *world, uint32_t index, int64_t until)
{
    struct actor *actor = &world->actors[index];
    if (actor->state != ACTOR_DOWN && actor->hung_until <= world->now) {
        world_fault(world, FAULT_ACTOR_HANG);
        world_trace(world, "actor-hangs actor ms", NULL, index, until - world->now, 0, 0);
        actor->hung_until = until;
        if (actor->link != LINK_NONE) {
            network_block(world, actor->link, TO_CLIENT, until);
        }
    }
}

void actor_drain(struct world *world, uint32_t index)
{
    struct actor *actor = &world->actors[index];
    if (actor->state == ACTOR_WELCOME && !actor->draining) {
        world_fault(world, FAULT_ACTOR_DRAIN);
        world_trace(world, "actor-drains actor", NULL, index, 0, 0, 0);
        actor->draining = true;
        actor->drain_by = world->now + prng_between(&world->prng, 0, 10000);
    }
}
