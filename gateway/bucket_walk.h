#ifndef TROUPE_GATEWAY_BUCKET_WALK_H
#define TROUPE_GATEWAY_BUCKET_WALK_H

/*
 * A walk through all assets of the bucket in the order of their keys, those of a character
 * together, as the store lists them: a page in memory at a time. Embedded by its owner, zeroed
 * before first use.
 */

#include "gateway/bucket_call.h"
#include "gateway/stored_asset.h"
#include "s3/list.h"

/* A list has come: OK, or IO and why; a list that failed may be asked for again by the next step.
 * MALFORMED: the walk cannot go on. */
typedef void bucket_walk_function(void *context, enum status status, const char *code,
                                  const char *words);

struct bucket_walk {
    struct bucket_line *line;
    bucket_walk_function *function;
    void *context;
    struct bucket_call list;
    struct s3_listed entry; /* the last one that was read; where the next list begins */
    size_t offset;          /* in the list's answer, after entry */
    bool is_listed;         /* there is an answer */
    bool is_asking;
    bool is_cut; /* there is more than this list has */
};

/* Begins a walk; none may be under way. */
void bucket_walk_begin(struct bucket_walk *walk, struct bucket_line *line,
                       bucket_walk_function *function, void *context);

/* Goes to the next object. Returns OK, NOT_FOUND at the end, or AGAIN: a list is under way, and
 * function is called when it has come. *out is valid after OK, and not ours for what is no
 * asset. */
enum status bucket_walk_next(struct bucket_walk *walk, struct stored_asset *out);

/* Ends a walk. Accepts a zeroed one; may be called twice. */
void bucket_walk_fini(struct bucket_walk *walk);

#endif
