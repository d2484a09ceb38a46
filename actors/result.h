#ifndef TROUPE_ACTORS_RESULT_H
#define TROUPE_ACTORS_RESULT_H

/*
 * How an attempt ended: a DONE or FAIL that owns its bytes, kept until the broker acknowledges it.
 * Not the encoded record: it is sent again in other sessions, with another credit. The lease table
 * owns the instances.
 */

#include "proto/messages.h"

struct result {
    struct message message; /* DONE or FAIL; its slices, and the record's, point into this object */
    bool has_record;
    struct message record; /* OPERATION: nobody has acknowledged it, and it is told first */
};

/* Copies a DONE or FAIL, and the record, which may be NULL. Returns OK or NO_MEMORY. */
enum status result_new(const struct message *message, const struct message *record,
                       struct result **out);
void result_destroy(struct result **result);

#endif
