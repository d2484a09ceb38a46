#ifndef TROUPE_GATEWAY_RANGE_H
#define TROUPE_GATEWAY_RANGE_H

/* Range requests (RFC 9110, 14): one byte range of a representation. Pure. */

#include "base/slice.h"

enum range_result {
    RANGE_WHOLE,   /* none, several, another unit, or malformed: answer with everything */
    RANGE_PART,    /* first..last, both within the size */
    RANGE_OUTSIDE, /* 416 */
};

/* Reads a Range header (empty for none) for size bytes. first and last are set for PART. */
enum range_result range_parse(struct slice header, uint64_t size, uint64_t *first, uint64_t *last);

#endif
