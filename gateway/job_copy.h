#ifndef TROUPE_GATEWAY_JOB_COPY_H
#define TROUPE_GATEWAY_JOB_COPY_H

/* A job's state that owns its texts, in one piece of memory. Embedded by its owner. Pure but for
 * allocation. */

#include "proto/messages.h"

struct job_copy {
    struct message_job_state state; /* its slices point into texts */
    uint8_t *texts;                 /* owned */
    size_t texts_size;
};

void job_copy_fini(struct job_copy *copy);

/* Makes copy equal to state, whose slices may point into copy itself. Returns OK, or NO_MEMORY and
 * then copy is as it was. */
enum status job_copy_set(struct job_copy *copy, const struct message_job_state *state);

/* Overwrites in state what never changes of a job, and what events do not tell. */
void job_state_base(struct message_job_state *state, const struct message_job_state *base);

/* Overwrites in state what an event tells: everything of a job that may change. */
void job_state_fold(struct message_job_state *state, const struct message_event *event);

#endif
