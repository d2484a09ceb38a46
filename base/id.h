#ifndef TROUPE_BASE_ID_H
#define TROUPE_BASE_ID_H

/*
 * 16-byte identifiers: random UUIDs version 4 (RFC 9562) whose first 12 bits are the owner's hash
 * slot, so that an id alone names its shard. Values, not objects: copy them.
 */

#include "base/slice.h"
#include "base/status.h"

enum {
    ID_SIZE = 16,
    ID_TEXT_SIZE = 37, /* 36 characters and the NUL */
    ID_SLOT_COUNT = 4096,
    DISPLAY_ID_TEXT_SIZE = 9, /* 8 characters of base32 and the NUL */
};

/* Those of the text of an id, either case, for strspn. */
#define ID_CHARACTERS "0123456789abcdefABCDEF-"

struct id {
    uint8_t bytes[ID_SIZE];
};

/* Returns the slot of an owner: the top 12 bits of SHA-256 of its bytes, 0..4095. */
uint16_t id_slot_of_owner(struct slice owner);

/* Makes a UUID v4 from 16 random bytes given by the caller, with its first 12 bits replaced by
 * slot. Pure. */
struct id id_make(uint16_t slot, const uint8_t random[ID_SIZE]);

/* Returns the slot in an id's first 12 bits. */
uint16_t id_slot(const struct id *id);

/* Reads the 36-character form, either case. Returns OK or MALFORMED (also when version or variant
 * are not v4's). */
enum status id_parse(struct slice text, struct id *out);

/* Writes the 36-character lower-case form and a NUL. */
void id_format(const struct id *id, char out[ID_TEXT_SIZE]);

/* Writes 8 characters of base32 (RFC 4648, upper case) made of 5 random bytes, and a NUL. */
void display_id_make(const uint8_t random[5], char out[DISPLAY_ID_TEXT_SIZE]);

bool id_equal(const struct id *left, const struct id *right);
bool id_is_zero(const struct id *id);

#endif
