#ifndef TROUPE_GATEWAY_COMPRESS_H
#define TROUPE_GATEWAY_COMPRESS_H

/* Bodies in gzip (RFC 1952), by the library's compressor. It is used on whole bodies rather than as
 * the library's filter, which would take event streams too, and would forget the length. */

#include <h2o.h>
#include "base/slice.h"

/* The compressed body; its parts live as long as the pool. */
struct compressed {
    h2o_iovec_t *parts;
    size_t part_count;
    size_t size; /* bytes of all parts */
};

void compress_gzip(h2o_mem_pool_t *pool, struct slice body, struct compressed *out);

#endif
