#ifndef TROUPE_GATEWAY_METRICS_ACCESS_H
#define TROUPE_GATEWAY_METRICS_ACCESS_H

/* Who may read /metrics. Pure. */

#include <stdbool.h>

enum metrics_access {
    METRICS_ACCESS_LOOPBACK, /* this machine, without a token */
    METRICS_ACCESS_ADMIN,    /* and who has an administrator's token, from anywhere */
    METRICS_ACCESS_ANY,
    METRICS_ACCESS_OFF,
};

/* Reads a name: loopback, admin, any or off. Returns whether it is one. */
bool metrics_access_parse(const char *text, enum metrics_access *out);

enum metrics_verdict {
    METRICS_ALLOWED,
    METRICS_WITH_TOKEN, /* if there is an administrator's token */
    METRICS_FORBIDDEN,
};

/* local: the peer is of this machine; forwarded: a proxy says that it asks for somebody else. */
enum metrics_verdict metrics_access_judge(enum metrics_access access, bool local, bool forwarded);

#endif
