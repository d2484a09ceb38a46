#include "actors/provider_list.h"

#include <assert.h>
#include <string.h>

static const struct {
    const char *name;
    unsigned uses; /* bit set of enum provider_use */
} apis[] = {
    [PROVIDER_API_OPENAI] = {"openai", 1u << PROVIDER_USE_CHAT | 1u << PROVIDER_USE_IMAGE},
    [PROVIDER_API_WAVESPEED] = {"wavespeed", 1u << PROVIDER_USE_IMAGE | 1u << PROVIDER_USE_VIDEO},
};

enum provider_api provider_api_usual(enum provider_use use)
{
    return use == PROVIDER_USE_VIDEO ? PROVIDER_API_WAVESPEED : PROVIDER_API_OPENAI;
}

const char *provider_api_name(enum provider_api api)
{
    return apis[api].name;
}

bool provider_api_find(const char *name, enum provider_use use, enum provider_api *out)
{
    for (size_t index = 0; index < sizeof(apis) / sizeof(apis[0]); index++) {
        if (strcmp(apis[index].name, name) == 0 && (apis[index].uses & 1u << use) != 0) {
            *out = (enum provider_api)index;
            return true;
        }
    }
    return false;
}

struct provider_endpoint *provider_list_find(struct provider_list *list, struct slice name)
{
    for (size_t index = 0; index < list->count; index++) {
        if (slice_equal(slice_from_string(list->items[index].name), name)) {
            return &list->items[index];
        }
    }
    return NULL;
}

struct provider_endpoint *provider_list_choose(struct provider_list *list, int64_t now_ms)
{
    assert(list->count > 0);
    struct provider_endpoint *soonest = &list->items[0];
    for (size_t index = 0; index < list->count; index++) {
        struct provider_endpoint *endpoint = &list->items[index];
        if (endpoint->avoid_until_ms <= now_ms) {
            return endpoint;
        }
        soonest = endpoint->avoid_until_ms < soonest->avoid_until_ms ? endpoint : soonest;
    }
    return soonest;
}

int64_t provider_timeout_ms(const struct provider_endpoint *endpoint, int64_t usual_ms)
{
    return endpoint->timeout_ms > 0 ? endpoint->timeout_ms : usual_ms;
}

bool provider_list_has_other(const struct provider_list *list,
                             const struct provider_endpoint *endpoint, int64_t now_ms)
{
    for (size_t index = 0; index < list->count; index++) {
        const struct provider_endpoint *other = &list->items[index];
        if (other != endpoint && other->avoid_until_ms <= now_ms) {
            return true;
        }
    }
    return false;
}

void provider_avoid(struct provider_endpoint *endpoint, int64_t until_ms)
{
    if (until_ms > endpoint->avoid_until_ms) {
        endpoint->avoid_until_ms = until_ms;
    }
}
