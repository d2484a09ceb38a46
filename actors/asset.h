#ifndef TROUPE_ACTORS_ASSET_H
#define TROUPE_ACTORS_ASSET_H

#include "proto/messages.h"

enum {
    ASSET_TYPE_SIZE_MAX = 31, /* bytes of a media type */
    ASSET_HASH_TEXT_SIZE = 2 * HASH_SIZE + 1,
};

/* A stored picture or video, as documents tell it. A value. */
struct asset {
    char url[URL_SIZE_MAX + 1]; /* empty: none */
    char content_type[ASSET_TYPE_SIZE_MAX + 1];
    char sha256[ASSET_HASH_TEXT_SIZE]; /* hexadecimal */
    uint64_t size;
    uint32_t width;
    uint32_t height;
};

#endif
