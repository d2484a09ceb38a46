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

/* Whether a Range header asks for one range, whatever the size of what it is of. */
bool range_is_one(struct slice header);

/* Reads the Content-Range of a 206. Returns false when it is none, or makes no sense. */
bool range_parse_content(struct slice header, uint64_t *first, uint64_t *last, uint64_t *size);

/* Reads a decimal number and nothing else. Returns false when it is none, or above UINT64_MAX. */
bool range_parse_size(struct slice text, uint64_t *out);

#endif
