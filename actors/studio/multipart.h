#ifndef TROUPE_ACTORS_STUDIO_MULTIPART_H
#define TROUPE_ACTORS_STUDIO_MULTIPART_H

/* Finds one part of a multipart/form-data body (RFC 7578, RFC 2046 5.1). Pure; results point
 * into the body. */

#include "base/slice.h"
#include "base/status.h"

enum {
    MULTIPART_PART_COUNT_MAX = 16,    /* parts looked through */
    MULTIPART_HEADER_SIZE_MAX = 4096, /* bytes of one part's headers */
    MULTIPART_BOUNDARY_SIZE_MAX = 70, /* RFC 2046 */
};

struct multipart_part {
    struct slice content;
    struct slice file_name; /* empty when the part has none; bytes from outside: never a path */
};

/* Finds the part whose name is name. content_type is the request's header. Returns OK,
 * UNSUPPORTED (another content type), MALFORMED or NOT_FOUND. */
enum status multipart_find(struct slice content_type, struct slice body, const char *name,
                           struct multipart_part *out);

#endif
