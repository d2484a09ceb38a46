#ifndef TROUPE_GATEWAY_AUDIT_RATES_H
#define TROUPE_GATEWAY_AUDIT_RATES_H

/*
 * How many refused tries of one user get a line of the audit log each: so many in a window, and the
 * rest is counted, so that nobody can push out what the log holds. Users beyond a bound share one
 * count. Pure. Embedded by its owner, zeroed.
 */

#include <stdbool.h>
#include "base/slice.h"
#include "gateway/limits.h"
#include "proto/messages.h"

struct audit_rate {
    uint8_t user_size; /* 0: the place is free */
    uint8_t user[OWNER_SIZE_MAX];
    uint8_t role_size;
    uint8_t role[ROLE_SIZE_MAX];
    int64_t until_ms;  /* the window's end */
    uint32_t lines;    /* in the window */
    uint32_t left_out; /* in the window */
};

struct audit_rates {
    uint32_t count; /* places that were ever used */
    struct audit_rate users[AUDIT_USERS_MAX];
    struct audit_rate others;
};

/* What was left out of a user in a window that is over. */
struct audit_rest {
    uint8_t user_size;
    uint8_t user[OWNER_SIZE_MAX];
    uint8_t role_size;
    uint8_t role[ROLE_SIZE_MAX];
    uint32_t left_out;
};

/* Whether another try of this user gets a line; otherwise it is counted. now_ms never goes back.
 * user is not empty; user and role are within the wire's limits. */
bool audit_rates_take(struct audit_rates *rates, struct slice user, struct slice role,
                      int64_t now_ms);

/* Takes what was left out in a window that is over. False when there is none. */
bool audit_rates_over(struct audit_rates *rates, int64_t now_ms, struct audit_rest *out);

#endif
