#include <stdio.h>
#include "tests/sim/actor_model.h"
#include "tests/sim/world.h"

/* The providers that all actors of a world call: what the broker is told of them, and whom of them
 * an actor asks (actors/provider_list.c, choose in actors/provider_paid.c). */

enum {
    AVOID_MS = 10000, /* who has failed is passed over, when there is another */
};

bool actor_declares(const struct world *world, const struct actor *actor)
{
    return world->settings.declares && actor->kind != JOB_KIND_WEBHOOK;
}

struct message actor_provider(const struct world *world, const struct actor *actor,
                              uint8_t provider)
{
    static const enum provider_use uses[JOB_KIND_ASKED_COUNT] = {
        [JOB_KIND_CHARACTER] = PROVIDER_USE_CHAT,
        [JOB_KIND_IMAGE] = PROVIDER_USE_IMAGE,
        [JOB_KIND_VIDEO] = PROVIDER_USE_VIDEO,
    };
    struct message message = {.type = MESSAGE_TYPE_PROVIDER};
    message.provider = (struct message_provider){
        .name = provider_name(provider),
        .account = provider == 0 ? SLICE_LITERAL("shared") : SLICE_EMPTY,
        .use = (uint8_t)uses[actor->kind],
        .rank = provider,
        .price = model_price_of_use(world, provider, uses[actor->kind]),
        .limit_second = world->settings.terms[provider].limits[0],
        .limit_minute = world->settings.terms[provider].limits[1],
        .limit_day = world->settings.terms[provider].limits[2],
    };
    return message;
}

void actor_report(struct world *world, struct actor *actor, uint8_t provider,
                  enum provider_fault fault, uint32_t failures, int64_t retry_after_ms)
{
    struct message message = {.type = MESSAGE_TYPE_REPORT};
    if (!actor_declares(world, actor)) {
        return;
    }
    message.report = (struct message_report){
        .provider = provider_name(provider),
        .successes = fault == PROVIDER_FAULT_NONE,
        .failures = failures,
        .fault = (uint8_t)fault,
        .retry_after_ms = (uint64_t)retry_after_ms,
    };
    actor_send(world, actor, &message);
}

/* ---- whom of them ---- */

void actor_avoid(const struct world *world, struct actor *actor, uint8_t provider, int64_t ms)
{
    int64_t until = world->now + ms;
    int64_t *avoid = &actor->avoid_until[provider];
    *avoid = until > *avoid ? until : *avoid;
}

/* The first that is not passed over, or the one that is soonest not. */
static uint8_t first_of(const struct world *world, const struct actor *actor)
{
    uint8_t soonest = 0;
    for (uint8_t provider = 0; provider < world->settings.providers; provider++) {
        if (actor->avoid_until[provider] <= world->now) {
            return provider;
        }
        bool is_sooner = actor->avoid_until[provider] < actor->avoid_until[soonest];
        soonest = is_sooner ? provider : soonest;
    }
    return soonest;
}

void paid_choose(struct world *world, const struct actor *actor, struct work *work, uint8_t known)
{
    struct work_paid *paid = &work->paid;
    bool is_known = known != PROVIDER_UNKNOWN;
    const struct terms *terms = &world->settings.terms[is_known ? known : 0];
    bool knows_calls = terms->keys || (terms->lists && work->has_tasks);
    if (paid->is_chosen) {
        return;
    }
    paid->is_chosen = true;
    paid->is_bound = is_known && (paid->stage == PAID_TAKEN || knows_calls);
    bool is_wanted = paid->is_bound || (is_known && actor->avoid_until[known] <= world->now);
    paid->provider = is_wanted ? known : first_of(world, actor);
    if (paid->provider > 0) {
        world_seen(world, SEEN_SECOND_ASKED);
    }
}

bool paid_may_go_elsewhere(const struct world *world, const struct actor *actor,
                           const struct work *work)
{
    for (uint8_t other = 0; !work->paid.is_bound && other < world->settings.providers; other++) {
        if (other != work->paid.provider && actor->avoid_until[other] <= world->now) {
            return true;
        }
    }
    return false;
}

static void pass_over(struct world *world, struct actor *actor, const struct work *work,
                      struct failure_told *failure)
{
    uint8_t provider = work->paid.provider;
    int64_t wait_ms = failure->retry_after_ms;
    actor_avoid(world, actor, provider, wait_ms > AVOID_MS ? wait_ms : AVOID_MS);
    if (!failure->is_unknown && paid_may_go_elsewhere(world, actor, work)) {
        world_seen(world, SEEN_NEXT_PROVIDER);
        failure->kind = FAIL_KIND_THROTTLED;
        failure->retry_after_ms = 0;
    }
}

void paid_called(struct world *world, struct actor *actor, const struct work *work,
                 enum provider_fault fault, struct failure_told *failure)
{
    bool has_failed = fault != PROVIDER_FAULT_NONE;
    actor_report(world, actor, work->paid.provider, fault, has_failed, failure->retry_after_ms);
    if (has_failed) {
        pass_over(world, actor, work, failure);
    }
}

void paid_missed(struct world *world, struct actor *actor, const struct work *work,
                 enum provider_fault fault, bool counts, struct failure_told *failure)
{
    uint32_t failures = counts && fault != PROVIDER_FAULT_THROTTLED;
    if (fault != PROVIDER_FAULT_NONE) {
        actor_report(world, actor, work->paid.provider, fault, failures, failure->retry_after_ms);
        pass_over(world, actor, work, failure);
    }
}

struct slice task_name(uint32_t task, char out[TASK_TEXT_SIZE])
{
    int size = task == 0 ? 0 : snprintf(out, TASK_TEXT_SIZE, "task-%u", task);
    return slice_make(out, (size_t)size);
}

uint32_t task_number(struct slice name)
{
    uint32_t number = 0;
    for (size_t index = sizeof("task-") - 1; index < name.size; index++) {
        number = 10 * number + (uint32_t)(name.data[index] - '0');
    }
    return number;
}
