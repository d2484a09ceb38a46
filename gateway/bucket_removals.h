#ifndef TROUPE_GATEWAY_BUCKET_REMOVALS_H
#define TROUPE_GATEWAY_BUCKET_REMOVALS_H

/*
 * A page of removals from the bucket, BUCKET_REMOVALS_MAX of them at once. The first failure of the
 * store ends the page: what is left of it comes again. Embedded by the removals.
 */

#include "gateway/bucket_removal.h"
#include "gateway/limits.h"

struct bucket_removals;

/* The page is done with. */
typedef void bucket_removals_function(void *owner);

struct bucket_removal_lane {
    struct bucket_removals *removals;
    bool is_taken;
    struct id id;
    int64_t at_ms; /* when it was deleted */
    struct bucket_removal work;
};

struct bucket_removals {
    struct bucket_line *line;
    bucket_removals_function *function;
    void *owner;
    struct buffer *ended; /* ids of what is gone for good */
    struct buffer page;   /* encoded records that wait for a lane */
    size_t offset;
    int64_t now_ms; /* when the page came */
    bool is_running;
    bool is_stepping;
    bool is_behind;  /* since the start, or a failure, no whole round went well */
    bool has_failed; /* in this page */
    bool unfinished; /* one of this page has more objects than a turn removes */
    struct bucket_removal_lane lanes[BUCKET_REMOVALS_MAX];
};

void bucket_removals_init(struct bucket_removals *removals, struct bucket_line *line,
                          struct buffer *ended, bucket_removals_function *function, void *owner);

/* Ends what is under way. Accepts zeroed ones; may be called twice. */
void bucket_removals_fini(struct bucket_removals *removals);

/* Takes REMOVAL records, encoded, which it copies; none may be under way. Calls back once, at once
 * or later. */
void bucket_removals_begin(struct bucket_removals *removals, struct slice records, int64_t now_ms);

#endif
