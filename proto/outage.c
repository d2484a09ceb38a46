#include "proto/outage.h"

bool outage_is_possible(struct slice code)
{
    static const struct slice codes[] = {
        SLICE_LITERAL("provider_unreachable"), SLICE_LITERAL("provider_broken"),
        SLICE_LITERAL("provider_timeout"),     SLICE_LITERAL("provider_error"),
        SLICE_LITERAL("provider_answer"),
    };
    for (size_t index = 0; index < sizeof(codes) / sizeof(codes[0]); index++) {
        if (slice_equal(code, codes[index])) {
            return true;
        }
    }
    return false;
}
