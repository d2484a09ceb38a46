#ifndef TROUPE_BROKER_VIEW_H
#define TROUPE_BROKER_VIEW_H

/*
 * A consistent look at the store, at one commit: what queries (query.h) read from. The store gives
 * RocksDB snapshots, the simulator its own memory. Used by one thread at a time.
 */

#include "base/buffer.h"
#include "base/id.h"

struct view;

enum {
    VIEW_DAMAGE_MAX = 8, /* records that one query tells of; the next one meets the same again */
};

/* What a query passed over because it is damaged: one record must not keep all others from being
 * found. */
struct view_damage {
    uint32_t count;
    struct id ids[VIEW_DAMAGE_MAX]; /* of jobs, deliveries and documents */
    uint32_t entries;               /* of indexes and of the audit log, and counters */
    uint32_t keys;                  /* idempotency and dedupe keys, which were taken for unused */
};

/* Gets one pair of a scan; false ends the scan. The slices are valid during the call. */
typedef bool view_visit(void *context, struct slice key, struct slice value);

struct view_methods {
    /* Replaces *value by the value of key. Returns OK, NOT_FOUND, TOO_LARGE, NO_MEMORY, IO, or
     * MALFORMED when what the disk has of it is damaged. */
    enum status (*get)(struct view *view, struct slice key, struct buffer *value);
    /* Calls visit for each key in from <= key < to, ascending, until it returns false. It may not
     * use the view. What the disk has damaged is passed over, with what lies in the same block; the
     * scan goes on behind it. Returns OK, IO, or MALFORMED after all else was visited that was
     * wanted, when something was passed over. */
    enum status (*scan)(struct view *view, struct slice from, struct slice to, view_visit *visit,
                        void *context);
};

/* Embedded first by implementations. */
struct view {
    const struct view_methods *methods;
    uint64_t commit;            /* the last batch it is sure to contain */
    struct view_damage *damage; /* where it is noted; NULL when nobody asks */
};

static inline void view_note_record(const struct view *view, const struct id *id)
{
    struct view_damage *damage = view->damage;
    if (damage != NULL && damage->count < VIEW_DAMAGE_MAX) {
        damage->ids[damage->count++] = *id;
    }
}

static inline void view_note_entry(const struct view *view)
{
    if (view->damage != NULL) {
        view->damage->entries++;
    }
}

/* For a list, of which the others are to be told: what a scan passed over is noted, and it is as
 * good as whole. */
static inline enum status view_pass_over(const struct view *view, enum status scanned)
{
    if (scanned == STATUS_MALFORMED) {
        view_note_entry(view);
        return STATUS_OK;
    }
    return scanned;
}

static inline void view_note_key(const struct view *view)
{
    if (view->damage != NULL) {
        view->damage->keys++;
    }
}

#endif
