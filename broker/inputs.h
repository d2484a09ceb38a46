#ifndef TROUPE_BROKER_INPUTS_H
#define TROUPE_BROKER_INPUTS_H

/*
 * The inputs of jobs that were accepted lately, so that a fresh job can be dispatched without a
 * look at the disk. It forgets: what is not here is read from the store. Embedded by the broker.
 */

#include "broker/values.h"

enum {
    INPUTS_COUNT = 16384,  /* places, each for the jobs whose ids fall into it; a power of two */
    INPUT_SIZE_MAX = 4096, /* bytes of one; larger ones are not kept */
    INPUTS_SIZE_MAX = 16 << 20, /* bytes of all */
};

struct kept_input {
    struct id job;
    uint32_t size; /* of data */
    uint32_t trace_size;
    uint32_t request_id_size;
    uint8_t *data; /* payload, trace and the request's id; NULL when the place is empty */
};

struct inputs {
    struct kept_input *places;
    size_t size;
};

/* Returns OK or NO_MEMORY. */
enum status inputs_init(struct inputs *inputs);
void inputs_fini(struct inputs *inputs);

/* Keeps a copy, in place of an older one if need be, or does nothing. */
void inputs_put(struct inputs *inputs, const struct id *job, const struct job_input *input);

/* Gives the input of a job, valid until the next call of inputs_put or inputs_drop. */
bool inputs_find(const struct inputs *inputs, const struct id *job, struct job_input *out);
void inputs_drop(struct inputs *inputs, const struct id *job);

#endif
