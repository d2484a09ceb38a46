#ifndef TROUPE_TESTS_SIM_SHELL_INPUT_H
#define TROUPE_TESTS_SIM_SHELL_INPUT_H

/* What waits for the broker's next turn, in order of arrival. */

#include "tests/sim/shell.h"

enum input_type {
    INPUT_FRAME,
    INPUT_FACTS,
    INPUT_DISPATCH,
    INPUT_UNREAD, /* a dispatch whose input could not be read */
    INPUT_SWEEP,
    INPUT_PAGE,
    INPUT_UNREAD_PAGE, /* a look that failed */
    INPUT_LEFTOVERS,
    INPUT_UNREAD_LEFTOVERS, /* a look that failed */
    INPUT_PEER_LOST,
    INPUT_SPACE,
};

struct input {
    struct input *next;
    enum input_type type;
    uint32_t link;
    uint32_t read;
    bool space_low;
    struct frame *frame; /* owned */
    struct frame_reader reader;
};

/* Adds a copy. A frame is opened here: what the simulator sends is well formed. */
void inputs_push(struct shell *shell, struct input input);
void inputs_pop(struct shell *shell);
void inputs_clear(struct shell *shell);

#endif
