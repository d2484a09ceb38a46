#ifndef TROUPE_BROKER_HISTORY_H
#define TROUPE_BROKER_HISTORY_H

/*
 * What happened in each queue, rolled up: by minutes for an hour, by quarters of an hour for a day,
 * by six hours for a month. Each range is a ring of slots, in memory and in the store: a slot's key
 * is its place in the ring, so that a newer one takes the place of the oldest, and nothing has to
 * be deleted. About 250 kB in all, whatever the load. A slot is written when its minute is over;
 * a crash loses the minute that was under way. Pure but for allocation. Opaque; owned by the
 * broker.
 */

#include "broker/batch.h"
#include "broker/core/meters.h"

enum history_range {
    HISTORY_HOUR,
    HISTORY_DAY,
    HISTORY_MONTH,
};
enum {
    HISTORY_RANGE_COUNT = 3,
    HISTORY_POINTS_MAX = 120, /* of the longest answer */
    HISTORY_WRITE_MS = 60000, /* between two writes of a queue's slots */
};

/* What happened in one step, which began at `at`. Times in milliseconds, 0 when nothing counted. */
struct history_point {
    int64_t at;
    uint64_t started;
    uint64_t ended[JOB_STATE_COUNT]; /* by terminal state */
    struct histogram waits;
    struct histogram runs;
};

struct history;

/* Returns OK or NO_MEMORY. */
enum status history_new(int64_t now, struct history **out);
void history_destroy(struct history **history);

/* Takes one pair of the store, before anything else; what is no longer within its range, or of
 * another version, is left out. Returns OK, or MALFORMED for a key that is none of a history. */
enum status history_load(struct history *history, struct slice key, struct slice value,
                         int64_t now);

/* Adds what a queue's meters have counted since they were last taken to the step of now, and of
 * the longer ranges. */
void history_take(struct history *history, enum job_kind kind, const struct meters *meters,
                  int64_t now);

/* Whether the minute of the last write is over. What is taken then belongs to history_minute, the
 * last moment of that minute. */
bool history_is_due(const struct history *history, int64_t now);
int64_t history_minute(const struct history *history);

/* Puts the slots that changed since the last write into a batch, and begins the minute of now.
 * Returns OK, TOO_LARGE or NO_MEMORY. */
enum status history_write(struct history *history, struct batch *batch, int64_t now);

/* Milliseconds of a step, and how many steps a range has. */
int64_t history_step_ms(enum history_range range);
uint32_t history_points(enum history_range range);

/* Reads one point of a range: index 0 is the oldest, the last one the step of now. kinds: a bit for
 * each queue that is summed up. */
void history_read(const struct history *history, enum history_range range, uint32_t kinds,
                  uint32_t index, int64_t now, struct history_point *out);

#endif
