#include "gateway/metrics_access.h"

#include <stddef.h>
#include <string.h>

bool metrics_access_parse(const char *text, enum metrics_access *out)
{
    static const char *const names[] = {
        [METRICS_ACCESS_LOOPBACK] = "loopback",
        [METRICS_ACCESS_ADMIN] = "admin",
        [METRICS_ACCESS_ANY] = "any",
        [METRICS_ACCESS_OFF] = "off",
    };
    for (size_t index = 0; index < sizeof names / sizeof names[0]; index++) {
        if (strcmp(text, names[index]) == 0) {
            *out = (enum metrics_access)index;
            return true;
        }
    }
    return false;
}

enum metrics_verdict metrics_access_judge(enum metrics_access access, bool local, bool forwarded)
{
    switch (access) {
    case METRICS_ACCESS_LOOPBACK:
        return local && !forwarded ? METRICS_ALLOWED : METRICS_FORBIDDEN;
    case METRICS_ACCESS_ADMIN:
        return local && !forwarded ? METRICS_ALLOWED : METRICS_WITH_TOKEN;
    case METRICS_ACCESS_ANY:
        return METRICS_ALLOWED;
    case METRICS_ACCESS_OFF:
        break;
    }
    return METRICS_FORBIDDEN;
}
