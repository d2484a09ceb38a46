#ifndef TROUPE_PROTO_LAYOUT_H
#define TROUPE_PROTO_LAYOUT_H

/*
 * The wire table (proto/messages.h) as data: for each message its fields with their types, limits
 * and places in the struct, so that one loop can encode, decode, print or make up any message.
 * Constant; nobody owns it.
 */

#include "proto/messages.h"

enum wire_type {
    WIRE_NONE = 0, /* no field has this number (any more) */
    WIRE_U8,
    WIRE_U32,
    WIRE_U64,
    WIRE_TIME,
    WIRE_FLAG,
    WIRE_ID,
    WIRE_TEXT,
    WIRE_BYTES,
};

struct field {
    const char *name;
    uint64_t limit;  /* greatest value, or greatest size in bytes */
    uint16_t offset; /* in struct message */
    uint8_t type;    /* enum wire_type */
    bool required;
};

struct layout {
    const char *name;
    const struct field *fields; /* by number; [0] is WIRE_NONE at the struct's start */
    uint64_t required;          /* bit n: field n must be there */
    uint32_t type;              /* enum message_type */
    uint16_t size;              /* bytes of the message's struct */
    uint8_t field_max;          /* greatest number of a field, below 64 */
};

/* Returns the layout of a message type, or NULL when the table has no such type. */
const struct layout *layout_find(uint64_t type);

/* Where a field stands in a message. */
static inline void *field_place(const struct field *field, struct message *message)
{
    return (uint8_t *)message + field->offset;
}

static inline const void *field_value(const struct field *field, const struct message *message)
{
    return (const uint8_t *)message + field->offset;
}

#endif
