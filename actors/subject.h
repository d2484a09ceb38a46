#ifndef TROUPE_ACTORS_SUBJECT_H
#define TROUPE_ACTORS_SUBJECT_H

/*
 * Whose work something is, as lines of the log name it: the job and the request that asked for it.
 * A copy, for what may go on after its attempt. Zeroed, it is nobody's. Pure.
 */

#include "base/id.h"
#include "proto/messages.h"

struct subject {
    char job[ID_TEXT_SIZE];
    char request[REQUEST_ID_MAX + 1];
};

struct subject subject_of(const struct message_job *job);

#endif
