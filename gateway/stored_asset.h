#ifndef TROUPE_GATEWAY_STORED_ASSET_H
#define TROUPE_GATEWAY_STORED_ASSET_H

/*
 * What stands in the place of the assets, file or object, by its name: characters/<character
 * id>/<32 hexadecimal digits>.<extension> is an asset (actors/asset_file.h); anything else is
 * somebody else's, and left alone. A value. Pure.
 */

#include "base/id.h"
#include "base/slice.h"

enum {
    STORED_NAME_SIZE_MAX = 48, /* bytes: digits, a dot and the extension */
    STORED_DIGITS_SIZE = 2 * ID_SIZE,
};

struct stored_asset {
    bool is_ours;
    struct id character;
    struct id random; /* the digits of its name, which no two have in common */
    char name[STORED_NAME_SIZE_MAX + 1];
    int64_t at_ms; /* when it was written, since 1970 */
    uint64_t size; /* bytes */
};

/* Reads the 32 digits that a name begins with, before a dot. Returns false when it does not. */
bool stored_asset_random(struct slice name, struct id *random);

/* Reads a character's directory name, exactly as it is written. */
bool stored_asset_character(struct slice name, struct id *character);

/* Fills in what a name tells; is_ours is false when it is none of ours. */
void stored_asset_read(const struct id *character, struct slice name, struct stored_asset *out);

/* The same of an object's key below the bucket's prefix. */
void stored_asset_read_key(struct slice key, struct stored_asset *out);

#endif
