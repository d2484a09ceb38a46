#ifndef TROUPE_BROKER_CORE_LAST_ERRORS_H
#define TROUPE_BROKER_CORE_LAST_ERRORS_H

/*
 * What went wrong last with the jobs that wait to be tried again, or that end of it when their task
 * is dropped, so that it can be written again with whatever changes of them meanwhile: nothing is
 * read in order to be written. A job beyond
 * LAST_ERRORS_MAX, or for which there was no memory, has none here, and what is written of it next
 * has none. Embedded in the core. Pure.
 */

#include "base/slice.h"

struct job;
struct last_error; /* opaque; owned by the table */

struct last_errors {
    struct last_error *first; /* of jobs */
    struct last_error *gone;  /* of none any more */
    uint32_t count;           /* of jobs */
};

void last_errors_fini(struct last_errors *errors);

/* Keeps it for a job, in place of what it has. Both texts are copied. */
void last_errors_keep(struct last_errors *errors, struct job *job, struct slice code,
                      struct slice message);

/* The job does not wait any longer, nor end of it. What it had stays where it is until
 * last_errors_sweep. */
void last_errors_drop(struct last_errors *errors, struct job *job);

/* The texts of what a job has, or empty ones; valid until the sweep after it is replaced or
 * dropped. */
void last_errors_get(const struct job *job, struct slice *code, struct slice *message);

/* Frees what no job has any more; nobody may look at it then. */
void last_errors_sweep(struct last_errors *errors);

#endif
