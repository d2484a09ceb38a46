#ifndef TROUPE_GATEWAY_GROUP_ITEM_H
#define TROUPE_GATEWAY_GROUP_ITEM_H

/* One job of a batch or a pipeline as its body says it. Borrows from the body. Pure. */

#include "base/id.h"
#include "gateway/job_options.h"

struct group_item {
    enum job_kind kind;
    struct id character; /* image and video: given, not made by the group */
    struct id source;    /* video, likewise */
    const struct body *body;
    const char *const *own_members; /* that are not for the actor; ended by NULL */
    struct job_options options;
};

/* Checks the body by the rules of the kind, and reads its options. */
void group_item_check(struct group_item *item, bool private_allowed, struct problems *problems);

/* Reads a member that is an id; notes when there is none. */
void group_item_id(const struct body *body, const char *name, struct id *out,
                   struct problems *problems);

/* Appends what the actor gets. Returns OK, TOO_LARGE (PAYLOAD_SIZE_MAX) or NO_MEMORY. */
enum status group_item_payload(const struct group_item *item, struct buffer *out);

#endif
