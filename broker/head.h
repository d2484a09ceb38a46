#ifndef TROUPE_BROKER_HEAD_H
#define TROUPE_BROKER_HEAD_H

/*
 * The stored form of a job's head: everything of struct job up to `memory only`, of fixed size.
 * Pure.
 */

#include "broker/core/job.h"

enum {
    HEAD_FORMAT = 2,   /* the first byte; 1 had no money, and is still read */
    HEAD_SIZE = 256,   /* bytes of a stored head, the format byte included */
    HEAD_SIZE_1 = 228, /* of one in format 1 */
};

/* Bytes that the head takes at the beginning of a stored record, by its format. */
size_t head_size(struct slice bytes);

void head_write(const struct job *job, uint8_t out[HEAD_SIZE]);

/* Reads a head; the memory-only fields of *out are left as they are. Returns OK, or MALFORMED when
 * it is too short, of an unknown format, or a field is out of its range. */
enum status head_read(struct slice bytes, struct job *out);

#endif
