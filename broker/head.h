#ifndef TROUPE_BROKER_HEAD_H
#define TROUPE_BROKER_HEAD_H

/*
 * The stored form of a job's head: everything of struct job up to `memory only`, of fixed size.
 * Pure.
 */

#include "broker/core/job.h"

enum {
    HEAD_FORMAT = 1, /* the first byte */
    HEAD_SIZE = 228, /* bytes of a stored head, the format byte included */
};

void head_write(const struct job *job, uint8_t out[HEAD_SIZE]);

/* Reads a head; the memory-only fields of *out are left as they are. Returns OK, or MALFORMED when
 * it is too short, of an unknown format, or a field is out of its range. */
enum status head_read(struct slice bytes, struct job *out);

#endif
