#ifndef TROUPE_BROKER_LEFTOVERS_H
#define TROUPE_BROKER_LEFTOVERS_H

/*
 * Removes in the background what deleted characters leave in the store: a reader thread looks for
 * some entries, the loop deletes them with its next commit, and so on until none is left. Where it
 * stands is in the store alone, so that it goes on after a restart. Part of the shell.
 */

#include <stdbool.h>
#include <stdint.h>

struct broker;
struct read;

/* Embedded by the broker. */
struct leftovers {
    bool wanted; /* there may be something to remove */
    bool reading;
    int64_t again_at; /* not before */
};

/* After a commit: has a reader look, when something may be left and none looks already. */
void leftovers_push(struct broker *broker);

/* Takes what it found into the turn's batch. */
void leftovers_take(struct broker *broker, struct read *read);

#endif
