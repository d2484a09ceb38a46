#ifndef TROUPE_TESTS_UNIT_SAMPLE_H
#define TROUPE_TESTS_UNIT_SAMPLE_H

/* Messages of every type made from the wire table, and bytes put together by hand. */

#include "proto/codec.h"
#include "proto/layout.h"
#include "tests/unit/test.h"

enum {
    SAMPLE_TYPE_MAX = 128, /* every type of the table is below */
};

/* What TEXT and BYTES are filled with; sample_init makes them. */
static uint8_t sample_text[DOCUMENT_SIZE_MAX + 1];
static uint8_t sample_bytes[DOCUMENT_SIZE_MAX + 1];

static inline int sample_init(void **state)
{
    (void)state;
    memset(sample_text, 'x', sizeof(sample_text));
    memset(sample_bytes, 0xff, sizeof(sample_bytes));
    return 0;
}

/* Moves on to the next type that has a layout; NULL when there is none. */
static inline const struct layout *sample_next(uint32_t *type)
{
    while (++*type < SAMPLE_TYPE_MAX) {
        const struct layout *layout = layout_find(*type);
        if (layout != NULL) {
            return layout;
        }
    }
    return NULL;
}

/* Sets one field to a number, or to a text or bytes of that size. */
static inline void sample_set(const struct field *field, struct message *message, uint64_t value)
{
    void *place = field_place(field, message);
    switch ((enum wire_type)field->type) {
    case WIRE_NONE:
        break;
    case WIRE_U8:
        *(uint8_t *)place = (uint8_t)value;
        break;
    case WIRE_U32:
        *(uint32_t *)place = (uint32_t)value;
        break;
    case WIRE_U64:
    case WIRE_TIME:
        *(uint64_t *)place = value;
        break;
    case WIRE_FLAG:
        *(bool *)place = value != 0;
        break;
    case WIRE_ID:
        memset(place, (int)(value * 5), ID_SIZE);
        break;
    case WIRE_TEXT:
        *(struct slice *)place = slice_make(sample_text, value);
        break;
    case WIRE_BYTES:
        *(struct slice *)place = slice_make(sample_bytes, value);
        break;
    }
}

/* Sets every field to its limit, or to 1: a number, a size, true. */
static inline void sample_fill(const struct layout *layout, struct message *message, bool at_limits)
{
    memset(message, 0, sizeof(*message));
    message->type = (enum message_type)layout->type;
    for (uint32_t number = 1; number <= layout->field_max; number++) {
        const struct field *field = &layout->fields[number];
        sample_set(field, message, at_limits ? field->limit : field->limit > 0);
    }
}

static inline void sample_put(struct buffer *out, const void *data, size_t size)
{
    assert_int_equal(buffer_append(out, data, size), STATUS_OK);
}

#endif
