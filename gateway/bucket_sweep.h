#ifndef TROUPE_GATEWAY_BUCKET_SWEEP_H
#define TROUPE_GATEWAY_BUCKET_SWEEP_H

/*
 * Drops the parts of uploads to the bucket that actors began and never finished, because they were
 * killed: as the store lists them, one request after another. Embedded by the sweeps.
 */

#include "gateway/bucket_call.h"
#include "s3/list.h"

struct bucket_sweep {
    struct bucket_line *line;
    struct bucket_call list;
    struct bucket_call call;
    struct s3_listed entry; /* the last one that was read; where the next list begins */
    int64_t older_ms;
    size_t offset; /* in the list's answer, after entry */
    bool is_cut;
    bool is_running;
    uint32_t page_count;
    uint64_t removed_count;
};

/* Begins to drop what was begun before older_ms, since 1970; none may be under way. What fails is
 * logged, and ends it. */
void bucket_sweep_begin(struct bucket_sweep *sweep, struct bucket_line *line, int64_t older_ms);

/* Ends it. Accepts a zeroed one; may be called twice. */
void bucket_sweep_fini(struct bucket_sweep *sweep);

#endif
