#include <stdio.h>
#include "tests/sim/actor_model.h"
#include "tests/sim/world.h"

/* The provider that all actors of a world call, as they tell the broker of it. */

bool actor_declares(const struct world *world, const struct actor *actor)
{
    return world->settings.declares && actor->kind != JOB_KIND_WEBHOOK;
}

struct message actor_provider(const struct world *world, const struct actor *actor)
{
    static const enum provider_use uses[JOB_KIND_ASKED_COUNT] = {
        [JOB_KIND_CHARACTER] = PROVIDER_USE_CHAT,
        [JOB_KIND_IMAGE] = PROVIDER_USE_IMAGE,
        [JOB_KIND_VIDEO] = PROVIDER_USE_VIDEO,
    };
    struct message message = {.type = MESSAGE_TYPE_PROVIDER};
    message.provider = (struct message_provider){
        .name = SLICE_LITERAL("studio"),
        .account = SLICE_LITERAL("shared"),
        .use = (uint8_t)uses[actor->kind],
        .price = model_price_of_use(world, uses[actor->kind]),
        .limit_second = world->settings.provider_limits[0],
        .limit_minute = world->settings.provider_limits[1],
        .limit_day = world->settings.provider_limits[2],
    };
    return message;
}

void actor_report(struct world *world, struct actor *actor, enum provider_fault fault,
                  int64_t retry_after_ms)
{
    struct message message = {.type = MESSAGE_TYPE_REPORT};
    if (!actor_declares(world, actor)) {
        return;
    }
    message.report = (struct message_report){
        .provider = SLICE_LITERAL("studio"),
        .successes = fault == PROVIDER_FAULT_NONE,
        .failures = fault != PROVIDER_FAULT_NONE,
        .fault = (uint8_t)fault,
        .retry_after_ms = (uint64_t)retry_after_ms,
    };
    actor_send(world, actor, &message);
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
