#ifndef TROUPE_ACTORS_RESULT_H
#define TROUPE_ACTORS_RESULT_H

/*
 * How an attempt ended: a DONE or FAIL that owns its bytes, kept until the broker acknowledges it.
 * Not the encoded record: it is sent again in other sessions, with another credit. The lease table
 * owns the instances.
 */

#include "proto/messages.h"

struct result {
    struct message
        message; /* MESSAGE_TYPE_DONE or MESSAGE_TYPE_FAIL; its slices point into this object */
};

/* Copies a DONE or FAIL. Returns OK or NO_MEMORY. */
enum status result_new(const struct message *message, struct result **out);
void result_destroy(struct result **result);

#endif
