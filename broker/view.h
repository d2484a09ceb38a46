#ifndef TROUPE_BROKER_VIEW_H
#define TROUPE_BROKER_VIEW_H

/*
 * A consistent look at the store, at one commit: what queries (query.h) read from. The store gives
 * RocksDB snapshots, the simulator its own memory. Used by one thread at a time.
 */

#include "base/buffer.h"

struct view;

/* Gets one pair of a scan; false ends the scan. The slices are valid during the call. */
typedef bool view_visit(void *context, struct slice key, struct slice value);

struct view_methods {
    /* Replaces *value by the value of key. Returns OK, NOT_FOUND, TOO_LARGE, NO_MEMORY or IO. */
    enum status (*get)(struct view *view, struct slice key, struct buffer *value);
    /* Calls visit for each key in from <= key < to, ascending, until it returns false. It may not
     * use the view. Returns OK or IO. */
    enum status (*scan)(struct view *view, struct slice from, struct slice to, view_visit *visit,
                        void *context);
};

/* Embedded first by implementations. */
struct view {
    const struct view_methods *methods;
    uint64_t commit; /* the last batch it is sure to contain */
};

#endif
