#ifndef TROUPE_BROKER_INPUTS_H
#define TROUPE_BROKER_INPUTS_H

/*
 * The inputs of jobs accepted a moment ago, so that most dispatches need no look at the store.
 * Bounded: a newer input takes the place of an older one, and what is not here is read from disk.
 */

#include "base/buffer.h"
#include "base/id.h"

enum {
    INPUTS_SLOTS = 16384,       /* a power of two */
    INPUTS_SIZE_MAX = 64 << 20, /* bytes of all inputs */
};

struct inputs {
    struct {
        struct id job;
        uint8_t *bytes; /* NULL: free */
        uint32_t size;
    } slots[INPUTS_SLOTS];
    size_t size;
};

/* A zeroed struct is empty. */
void inputs_fini(struct inputs *inputs);

/* Keeps a copy if there is room and memory. */
void inputs_put(struct inputs *inputs, const struct id *job, struct slice input);

/* Returns whether the input is here; *out is valid until the next inputs_put or inputs_drop. */
bool inputs_get(const struct inputs *inputs, const struct id *job, struct slice *out);

void inputs_drop(struct inputs *inputs, const struct id *job);

#endif
