#ifndef TROUPE_ACTORS_PICTURE_H
#define TROUPE_ACTORS_PICTURE_H

/* Looks at the bytes of a picture: what it is, how large, and whether its end is there. No
 * decoder: a provider's bytes are stored and served, never opened here. Pure. */

#include "base/slice.h"
#include "base/status.h"

struct picture {
    const char *content_type;
    const char *extension; /* without a dot */
    uint32_t width;
    uint32_t height;
};

/* Knows PNG, JPEG and WebP. Returns OK, UNSUPPORTED (none of them) or MALFORMED (cut off, or
 * without a size). */
enum status picture_look(struct slice bytes, struct picture *out);

#endif
