#ifndef TROUPE_GATEWAY_BUCKET_REMOVAL_H
#define TROUPE_GATEWAY_BUCKET_REMOVAL_H

/*
 * Removes from the bucket the assets of one thing that was deleted: one object, or all of a
 * character, which are listed until there are none. What is not there is gone. One request at a
 * time. Embedded by the removals.
 */

#include "base/clock.h"
#include "gateway/bucket_call.h"
#include "proto/messages.h"
#include "s3/list.h"

/* OK: the store has confirmed it all. AGAIN: much is gone, there is more. IO: the store failed,
 * which was logged. */
typedef void bucket_removal_function(void *context, enum status status);

struct bucket_removal {
    struct bucket_line *line;
    bucket_removal_function *function;
    void *context;
    bool is_character;
    uint32_t pages;               /* that were listed */
    char place[URL_SIZE_MAX + 1]; /* the object's key, or what the character's begin with */
    struct s3_listed entry;
    size_t offset; /* in the list's answer */
    bool is_cut;   /* there is more than this list has */
    struct bucket_call list;
    struct bucket_call call;
};

/* Removes what removal names; any other URL than an asset of its character is left alone. Calls
 * back once, at once or later, unless it is cancelled. */
void bucket_removal_start(struct bucket_removal *removal, const struct message_removal *wanted);

/* Ends it without calling back. May be called twice. */
void bucket_removal_cancel(struct bucket_removal *removal);

#endif
