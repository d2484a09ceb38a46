#ifndef TROUPE_BROKER_RECORDER_H
#define TROUPE_BROKER_RECORDER_H

/*
 * How the effects of one turn become the writes of one batch. Pure; nothing is read in order to be
 * written. What changes several times in a turn is gathered and written once, at its end: a job's
 * record, its events, an owner's list of events, counters. Opaque; owned by the shell or simulator.
 */

#include "broker/batch.h"
#include "broker/core/core.h"

struct recorder;

/* Returns OK or NO_MEMORY. */
enum status recorder_new(struct recorder **out);
void recorder_destroy(struct recorder **recorder);

/* Adds one durable effect (ACCEPT..EVENT; others are ignored) to the turn. Returns OK, TOO_LARGE or
 * NO_MEMORY; after a failure the turn cannot be finished, and the memory that it came from knows
 * more than the store ever will. */
enum status recorder_add(struct recorder *recorder, struct batch *batch,
                         const struct effect *effect, int64_t now);

/* The record of the EVENT that was added last in this turn, as it will be stored; valid until the
 * next call. */
struct slice recorder_last_event(const struct recorder *recorder);

/* Ends the turn: writes what was gathered and the M record; nothing at all when nothing durable
 * happened. event_last: the number of the shard's last event. Returns as recorder_add. */
enum status recorder_finish(struct recorder *recorder, struct batch *batch, uint64_t event_last,
                            int64_t now);

/* Bytes that recorder_finish will add at most, to know when a turn is full. */
size_t recorder_size(const struct recorder *recorder);

/* Sums since recorder_new, of finished turns. */
struct recorder_totals {
    uint64_t commits;  /* that were not empty */
    uint64_t keys;     /* operations in them */
    uint64_t bytes;    /* of keys and values */
    uint64_t accepted; /* jobs */
    uint64_t ended;
};
struct recorder_totals recorder_totals(const struct recorder *recorder);

#endif
