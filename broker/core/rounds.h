#ifndef TROUPE_BROKER_CORE_ROUNDS_H
#define TROUPE_BROKER_CORE_ROUNDS_H

/*
 * Where a job stands in a queue whose users take turns. Round k starts the k-th job of each user
 * that has so many, so a user's k-th job starts in round k: the sum over all users of min(jobs, k)
 * is how many start up to then, itself included, if its user's turn comes last. Kept as the number
 * of jobs in each round, in a tree of sums (Fenwick 1994): a change and a question cost O(log
 * rounds). It grows by one round at a time, so that no step pays for doubling it. Embedded by a
 * queue.
 */

#include "base/status.h"
#include <stdint.h>

struct rounds {
    uint32_t *sums;    /* at round - 1: jobs of the rounds (round - lowest bit of round, round] */
    uint32_t count;    /* rounds, as many as the longest order ever had jobs */
    uint32_t capacity; /* bounded by the jobs of the core: four bytes for each at most */
};

void rounds_init(struct rounds *rounds);
void rounds_fini(struct rounds *rounds);

/* Makes sure that a user's jobs may become so many. Returns OK or NO_MEMORY. */
enum status rounds_reserve(struct rounds *rounds, uint32_t jobs);

/* A user's jobs became so many: one more than before. Room for them has been reserved. */
void rounds_put(struct rounds *rounds, uint32_t jobs);

/* A user's jobs were so many: there is one less now. */
void rounds_remove(struct rounds *rounds, uint32_t jobs);

/* The sum over all users of min(jobs, round). */
uint32_t rounds_sum(const struct rounds *rounds, uint32_t round);

#endif
