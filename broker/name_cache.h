#ifndef TROUPE_BROKER_NAME_CACHE_H
#define TROUPE_BROKER_NAME_CACHE_H

/*
 * Names of characters that a walk through jobs has looked up lately: neighbours often share one,
 * and a document is read and parsed for each. Pure over a view. Embedded in its walk, zeroed.
 */

#include "base/buffer.h"
#include "broker/view.h"
#include "proto/messages.h"

enum {
    NAME_CACHE_SIZE = 64, /* characters; another one takes the place of an earlier one */
};

struct known_name {
    bool known;
    struct id character;
    uint32_t size;
    uint8_t text[NAME_SIZE_MAX];
};

struct name_cache {
    struct known_name names[NAME_CACHE_SIZE];
};

/* Gives the name of a character, valid until the next call; empty when there is no such character,
 * or it has none. buffer is scratch space. Returns OK, NO_MEMORY, IO, or MALFORMED for a damaged
 * document. */
enum status name_cache_find(struct name_cache *cache, struct view *view, const struct id *character,
                            struct buffer *buffer, struct slice *out);

#endif
