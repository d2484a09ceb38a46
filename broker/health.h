#ifndef TROUPE_BROKER_HEALTH_H
#define TROUPE_BROKER_HEALTH_H

#include <stdbool.h>

enum {
    HEALTH_MS = 2000, /* for the broker to answer */
};

/* Whether a broker at this endpoint opens a session for a gateway in time. Blocks. */
bool health_check(const char *endpoint);

#endif
