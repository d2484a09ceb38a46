#ifndef TROUPE_TESTS_SIM_SHELL_BULK_H
#define TROUPE_TESTS_SIM_SHELL_BULK_H

/* The simulator's twin of broker/bulk_work.c. */

struct world;

/* Has a reader look for the next jobs of a bulk, when one goes on. */
void shell_bulk_push(struct world *world);

/* Another look may be made. */
void shell_bulk_taken(struct world *world);

#endif
