#ifndef TROUPE_ACTORS_TURNS_H
#define TROUPE_ACTORS_TURNS_H

/* So many may do a thing at once, and the others wait in their order. Pure but for its callbacks.
 * Both structs are embedded by their owners, zeroed before first use. */

#include <stdbool.h>
#include <stdint.h>

/* The turn of who waited has come. It may end there at once. */
typedef void turn_function(void *context);

struct turn {
    struct turns *turns; /* NULL: neither had nor waited for */
    struct turn *next;
    struct turn *previous;
    bool is_had;
    turn_function *function;
    void *context;
};

struct turns {
    uint32_t taken;
    struct turn *first; /* of those that wait */
    struct turn *last;
};

/* Takes one of max turns, or waits for one: function is called once when it has come. May be asked
 * again. Returns whether it is had. */
bool turn_take(struct turn *turn, struct turns *turns, uint32_t max, turn_function *function,
               void *context);

/* Whether others wait for a turn that is had. */
bool turn_is_awaited(const struct turn *turn);

/* Ends the turn, or the wait for it. The next one's comes at once. May be called twice. */
void turn_end(struct turn *turn);

#endif
