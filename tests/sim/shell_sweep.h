#ifndef TROUPE_TESTS_SIM_SHELL_SWEEP_H
#define TROUPE_TESTS_SIM_SHELL_SWEEP_H

/* The twin of broker/sweeper.c. */

struct world;

/* Has a reader look when it is time to; at the end of a turn. */
void shell_sweep_push(struct world *world);

/* What a reader found was handed to the core. */
void shell_sweep_taken(struct world *world);

#endif
