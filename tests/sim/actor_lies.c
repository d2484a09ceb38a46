#include <assert.h>
#include <string.h>
#include "tests/sim/actor_model.h"
#include "tests/sim/world.h"

/* What an actor may claim that is not so. Each lie is well formed: bytes are for the fuzzers. */

static const struct model_job *any_live(struct world *world)
{
    const struct model *model = &world->model;
    if (model->live_count == 0) {
        return NULL;
    }
    return &model->jobs[model->live[prng_below(&world->prng, model->live_count)]];
}

/* A message that would end or change a job, if it were believed. */
static void claim(struct world *world, struct actor *actor, const struct id *job, uint32_t lease,
                  struct message *out)
{
    uint64_t credit = actor_credit(actor);
    struct model_job *about = model_find(&world->model, job);
    if (about != NULL) {
        about->is_lied_about = true;
    }
    memset(out, 0, sizeof(*out));
    switch (prng_below(&world->prng, 5)) {
    case 0:
        out->type = MESSAGE_TYPE_DONE;
        out->done = (struct message_done){
            .job = *job, .lease = lease, .credit = credit, .document = SLICE_LITERAL(ACTOR_LIE)};
        break;
    case 1:
        out->type = MESSAGE_TYPE_FAIL;
        out->fail =
            (struct message_fail){.job = *job,
                                  .lease = lease,
                                  .credit = credit,
                                  .kind = (uint8_t)prng_below(&world->prng, FAIL_KIND_COUNT),
                                  .code = SLICE_LITERAL("lie"),
                                  .message = SLICE_LITERAL("a lie")};
        break;
    case 2:
        out->type = MESSAGE_TYPE_PROGRESS;
        out->progress = (struct message_progress){.job = *job,
                                                  .lease = lease,
                                                  .credit = credit,
                                                  .progress = 99,
                                                  .step = SLICE_LITERAL("a_lie")};
        break;
    case 3:
        out->type = MESSAGE_TYPE_RELEASE;
        out->release = (struct message_release){.job = *job, .lease = lease};
        break;
    default:
        out->type = MESSAGE_TYPE_OPERATION;
        out->operation = (struct message_operation){.job = *job,
                                                    .lease = lease,
                                                    .credit = credit,
                                                    .operation = 0,
                                                    .state = OPERATION_STATE_INTENT,
                                                    .provider = SLICE_LITERAL("lie")};
        break;
    }
}

static void lie_about_lease(struct world *world, struct actor *actor)
{
    const struct model_job *job = any_live(world);
    struct message message;
    if (job == NULL) {
        return;
    }
    bool is_own = id_equal(&job->current.worker, &actor->instance);
    uint32_t lease = job->current.lease;
    if (is_own || prng_chance(&world->prng, 300)) {
        lease += prng_chance(&world->prng, 500) ? 1 : UINT32_MAX;
        world_fault(world, FAULT_LIE_WRONG_LEASE);
    } else {
        world_fault(world, FAULT_LIE_FOREIGN_JOB);
    }
    claim(world, actor, &job->id, lease, &message);
    actor_send(world, actor, &message);
}

/* The success of a lease before the one that paid, as a worker would send it that was taken for
 * lost. */
static void lie_about_success(struct world *world, struct actor *actor)
{
    const struct model *model = &world->model;
    for (uint32_t index = 0; index < model->live_count; index++) {
        const struct model_job *job = &model->jobs[model->live[index]];
        if (job->kind == actor->kind && job->current.paid_lease > 1) {
            struct message message = {.type = MESSAGE_TYPE_DONE};
            message.done = (struct message_done){.job = job->id,
                                                 .lease = job->current.paid_lease - 1,
                                                 .credit = actor_credit(actor),
                                                 .document = SLICE_LITERAL(ACTOR_LIE)};
            actor_send(world, actor, &message);
            world_fault(world, FAULT_LIE_LATE_SUCCESS);
            return;
        }
    }
}

static void lie_about_session(struct world *world, struct actor *actor)
{
    const struct actor *other = &world->actors[prng_below(&world->prng, world->settings.actors)];
    const struct model_job *job = any_live(world);
    struct message message;
    if (job == NULL || actor->session == 0) {
        return;
    }
    uint64_t session = other == actor ? actor->session - 1 : other->session;
    claim(world, actor, &job->id, job->current.lease, &message);
    actor_send_under(world, actor, session, &message);
    world_fault(world, FAULT_LIE_WRONG_SESSION);
}

static void lie_about_job(struct world *world, struct actor *actor)
{
    const struct model *model = &world->model;
    struct message message;
    struct id id;
    uint32_t lease = 1;
    prng_fill(&world->prng, id.bytes, ID_SIZE);
    if (model->job_count > 0 && prng_chance(&world->prng, 500)) {
        const struct model_job *job = &model->jobs[prng_below(&world->prng, model->job_count)];
        if (model_is_terminal(&job->current)) {
            id = job->id;
            lease = job->current.lease;
            world_fault(world, FAULT_LIE_ENDED_JOB);
        }
    } else {
        world_fault(world, FAULT_LIE_UNKNOWN_JOB);
    }
    claim(world, actor, &id, lease, &message);
    actor_send(world, actor, &message);
}

static void lie_about_progress(struct world *world, struct actor *actor)
{
    for (uint32_t index = 0; index < actor->works_count; index++) {
        const struct work *work = &actor->works[index];
        if (work->state == WORK_RUNNING && work->progress > 10) {
            struct message message = {.type = MESSAGE_TYPE_PROGRESS};
            message.progress = (struct message_progress){.job = work->id,
                                                         .lease = work->lease,
                                                         .credit = actor_credit(actor),
                                                         .progress = 5,
                                                         .step = SLICE_LITERAL("back")};
            actor_send(world, actor, &message);
            world_fault(world, FAULT_LIE_PROGRESS_FALLS);
            return;
        }
    }
}

static void lie_about_credit(struct world *world, struct actor *actor)
{
    struct message message = {.type = MESSAGE_TYPE_HEARTBEAT};
    bool jump = prng_chance(&world->prng, 500);
    message.heartbeat.credit = jump ? actor->credit + prng_below(&world->prng, 1000) : 0;
    actor_send(world, actor, &message);
    world_fault(world, jump ? FAULT_LIE_CREDIT_JUMPS : FAULT_LIE_CREDIT_FALLS);
}

static void lie_about_kind(struct world *world, struct actor *actor)
{
    struct message message = {.type = MESSAGE_TYPE_PING};
    switch (prng_below(&world->prng, 5)) {
    case 0:
        message.type = MESSAGE_TYPE_CANCEL_JOB;
        message.cancel_job.owner = model_user(0);
        break;
    case 1:
        message.type = MESSAGE_TYPE_ACK;
        break;
    case 3:
        message.type = MESSAGE_TYPE_ERROR; /* the only one of these that an actor may send */
        break;
    case 2:
        message.type = MESSAGE_TYPE_WELCOME;
        message.welcome.session = 3;
        break;
    default:
        break;
    }
    actor_send(world, actor, &message);
    world_fault(world, FAULT_LIE_GARBAGE_KIND);
}

void actor_lie(struct world *world, struct actor *actor)
{
    switch (prng_below(&world->prng, 9)) {
    case 0:
    case 1:
    case 2:
        lie_about_lease(world, actor);
        break;
    case 3:
        lie_about_session(world, actor);
        break;
    case 4:
        lie_about_job(world, actor);
        break;
    case 5:
        lie_about_progress(world, actor);
        break;
    case 6:
        lie_about_credit(world, actor);
        break;
    case 7:
        lie_about_success(world, actor);
        break;
    default:
        lie_about_kind(world, actor);
        break;
    }
}

void actor_lie_hello(struct world *world, struct actor *actor, struct message *hello,
                     struct message_hold *extra)
{
    const struct model_job *job = any_live(world);
    if (prng_chance(&world->prng, 300)) {
        hello->hello.hold_count += prng_chance(&world->prng, 500) ? 1 : 0;
        if (prng_chance(&world->prng, 500)) {
            hello->hello.hold_count = 0;
        }
        world_fault(world, FAULT_LIE_HOLD_COUNT);
    } else if (job != NULL && job->current.lease > 0 && prng_chance(&world->prng, 500)) {
        if (!id_equal(&job->current.worker, &actor->instance)) {
            *extra = (struct message_hold){job->id, job->current.lease};
            hello->hello.hold_count++;
            world_fault(world, FAULT_LIE_FOREIGN_HOLD);
        }
    }
}
