#include "tests/sim/gateway_model.h"
#include "tests/sim/world.h"

/* What those who run the stack wish to do with jobs. */

static uint8_t random_action(struct world *world, uint8_t least)
{
    return (uint8_t)(least + prng_below(&world->prng, JOB_ACTION_COUNT - least));
}

static uint8_t random_priority(struct world *world, uint8_t action)
{
    return action == JOB_ACTION_PRIORITY ? (uint8_t)(1 + prng_below(&world->prng, 255)) : 0;
}

/* A job that the action may suit, if one is found soon. */
static uint32_t pick_job(struct world *world, uint8_t action)
{
    const struct model *model = &world->model;
    uint32_t number = 0;
    for (int tries = 0; tries < 8; tries++) {
        number = prng_below(&world->prng, model->job_count);
        const struct model_state *state = &model->jobs[number].current;
        bool wants_ended = action == JOB_ACTION_REMOVE || action == JOB_ACTION_RETRY;
        bool is_delayed = state->state <= JOB_STATE_WAITING && state->next_attempt_at > world->now;
        if (state->exists && model_is_terminal(state) == wants_ended &&
            (action != JOB_ACTION_PROMOTE || is_delayed)) {
            break;
        }
    }
    return number;
}

bool gateway_wish_change(struct world *world, struct request *request)
{
    request->is_change = true;
    request->action = random_action(world, JOB_ACTION_PROMOTE);
    request->priority = random_priority(world, request->action);
    request->job = pick_job(world, request->action);
    return true;
}

/* Those that have failed as one did that is found soon: rather to have them tried again, or
 * removed, than what they are not fit for. */
static void wish_failures(struct world *world, struct model_bulk *bulk)
{
    const struct model *model = &world->model;
    for (int tries = 0; tries < 32; tries++) {
        const struct model_state *state =
            &model->jobs[prng_below(&world->prng, model->job_count)].durable;
        if (state->exists && state->state == JOB_STATE_FAILED && state->error != 0) {
            if (prng_chance(&world->prng, 800)) {
                bulk->action =
                    prng_chance(&world->prng, 500) ? JOB_ACTION_RETRY : JOB_ACTION_REMOVE;
                bulk->priority = 0;
            }
            bulk->error = state->error;
            bulk->error_group = state->error_group;
            return;
        }
    }
}

/* Rather of one user's jobs than of all: a world must have some left. */
static void wish_filter(struct world *world, struct model_bulk *bulk)
{
    bulk->kinds = (1 << JOB_KIND_ASKED_COUNT) - 1;
    if (prng_chance(&world->prng, 300)) {
        bulk->kinds = (uint8_t)(1 + prng_below(&world->prng, (1 << JOB_KIND_COUNT) - 1));
    }
    if (prng_chance(&world->prng, 400)) {
        bulk->states = (uint8_t)(1 + prng_below(&world->prng, (1 << JOB_STATE_COUNT) - 1));
    }
    if (!prng_chance(&world->prng, 150)) {
        bulk->owner = (uint8_t)(1 + prng_below(&world->prng, world->settings.users));
    }
    if (world->model.job_count > 0 && prng_chance(&world->prng, 500)) {
        wish_failures(world, bulk);
    }
}

bool gateway_wish_bulk(struct world *world, struct request *request)
{
    struct model *model = &world->model;
    request->is_bulk = true;
    if (model->bulk_count > 0 && prng_chance(&world->prng, 150)) {
        request->is_delete = true;
        request->bulk = model->bulk_count - 1;
        return true;
    }
    struct model_bulk *bulk = model_bulk_new(world);
    if (bulk == NULL) {
        return false;
    }
    bulk->action = random_action(world, JOB_ACTION_RETRY);
    bulk->priority = random_priority(world, bulk->action);
    bulk->user = request->user;
    if (prng_chance(&world->prng, 400)) {
        bulk->job_count = 1 + prng_below(&world->prng, MODEL_BULK_JOBS_MAX);
        for (uint32_t index = 0; index < bulk->job_count; index++) {
            bulk->jobs[index] = pick_job(world, bulk->action);
        }
    } else {
        wish_filter(world, bulk);
    }
    request->bulk = (uint32_t)(bulk - model->bulks);
    request->action = bulk->action;
    return true;
}

/* ---- queues and workers ---- */

/* Rather to let it go on than to pause it. */
static void wish_queue(struct world *world, struct request *request)
{
    request->is_queue = true;
    request->kind = (uint8_t)prng_below(&world->prng, JOB_KIND_COUNT);
    request->paused = prng_chance(&world->prng, 400);
}

/* A worker of late gets orders: rarely those to end. */
static bool wish_orders(struct world *world, struct request *request)
{
    const struct model *model = &world->model;
    uint32_t late = model->session_count < 8 ? model->session_count : 8;
    if (late == 0) {
        return false;
    }
    uint32_t place = model->session_count - 1 - prng_below(&world->prng, late);
    request->is_orders = true;
    request->worker = model->sessions[place].instance;
    if (prng_chance(&world->prng, 450)) {
        request->orders = prng_chance(&world->prng, 200) ? WORKER_ORDERS_STOP : WORKER_ORDERS_DRAIN;
    }
    return true;
}

bool gateway_wish_steer(struct world *world, struct request *request)
{
    *request = (struct request){.audited = true,
                                .user = (uint8_t)prng_below(&world->prng, world->settings.users)};
    if (prng_chance(&world->prng, 100)) {
        request->is_note = true; /* the gateway has refused it */
        return true;
    }
    if (prng_chance(&world->prng, 500)) {
        wish_queue(world, request);
        return true;
    }
    return wish_orders(world, request);
}
