#include "proto/layout.h"

/* What the table's limit column stands for, by type. */
#define LIMIT_U8(limit)    (limit)
#define LIMIT_U32(limit)   (limit)
#define LIMIT_U64(limit)   (limit)
#define LIMIT_TIME(limit)  TIME_MS_MAX
#define LIMIT_FLAG(limit)  1
#define LIMIT_ID(limit)    ID_SIZE
#define LIMIT_TEXT(limit)  (limit)
#define LIMIT_BYTES(limit) (limit)

#define NEED_REQUIRED 1
#define NEED_OPTIONAL 0

/* Bytes that a field takes at most: its number, a head, its value. */
#define ENCODED_SIZE_U8(limit)    (1 + 2)
#define ENCODED_SIZE_U32(limit)   (1 + 5)
#define ENCODED_SIZE_U64(limit)   (1 + 9)
#define ENCODED_SIZE_TIME(limit)  (1 + 9)
#define ENCODED_SIZE_FLAG(limit)  (1 + 1)
#define ENCODED_SIZE_ID(limit)    (1 + 2 + ID_SIZE)
#define ENCODED_SIZE_TEXT(limit)  (1 + 5 + (limit))
#define ENCODED_SIZE_BYTES(limit) (1 + 5 + (limit))

/* Every message fits into a frame that was just below the point where a sender starts another. */
#define FIELD_ENCODED_SIZE(number, name, TYPE, limit, NEED) +ENCODED_SIZE_##TYPE(limit)
#define MESSAGE_FITS(number, name, NAME)                                                          \
    _Static_assert(16 + MESSAGE_##NAME(FIELD_ENCODED_SIZE) <= FRAME_SIZE_MAX - FRAME_SIZE_TARGET, \
                   "one " #name " record may be larger than a frame has room for");
MESSAGE_TABLE(MESSAGE_FITS)

_Static_assert((0 MESSAGE_EVENT(FIELD_ENCODED_SIZE)) * EVENTS_LIMIT_MAX + 1024 <= FRAME_SIZE_MAX,
               "a page of events fits into one frame");
_Static_assert((0 MESSAGE_ENDPOINT(FIELD_ENCODED_SIZE)) * ENDPOINTS_USER_MAX + 1024 <=
                   FRAME_SIZE_MAX,
               "a page of endpoints fits into one frame");
_Static_assert((0 MESSAGE_DELIVERY(FIELD_ENCODED_SIZE)) * LIST_LIMIT_MAX + 1024 <= FRAME_SIZE_MAX,
               "a page of deliveries fits into one frame");
_Static_assert((0 MESSAGE_JOB_STATE(FIELD_ENCODED_SIZE)) * LIST_LIMIT_MAX + 1024 <= FRAME_SIZE_MAX,
               "a page of jobs fits into one frame");

#define FIELD_NUMBER_FITS(number, name, TYPE, limit, NEED) &&(number) > 0 && (number) <= FIELDS_MAX
#define MESSAGE_NUMBERS_FIT(number, name, NAME)         \
    _Static_assert(1 MESSAGE_##NAME(FIELD_NUMBER_FITS), \
                   "a field of " #name " is not 1..FIELDS_MAX");
MESSAGE_TABLE(MESSAGE_NUMBERS_FIT)
_Static_assert(FIELDS_MAX < 64, "field numbers are bits of 64");

/* Place 0 of every list: what is read as a field that the message does not have. */
#define FIELD_START [0] = {.name = "?", .offset = offsetof(struct message, hello)},

/* A row does not tell whose it is: `self`, of the message's type, stands for that. */
#define FIELD_ENTRY(number, field_name, TYPE, field_limit, NEED)                               \
    [number] = {.name = #field_name,                                                           \
                .limit = LIMIT_##TYPE(field_limit),                                            \
                .offset =                                                                      \
                    offsetof(struct message, hello) + offsetof(__typeof__(*self), field_name), \
                .type = WIRE_##TYPE,                                                           \
                .required = NEED_##NEED},
#define FIELD_REQUIRED(number, name, TYPE, limit, NEED) | ((uint64_t)NEED_##NEED << (number))
#define MESSAGE_CASE(number, message_name, NAME)                                        \
    case number: {                                                                      \
        const struct message_##message_name *self;                                      \
        static const struct field fields[] = {FIELD_START MESSAGE_##NAME(FIELD_ENTRY)}; \
        static const struct layout layout = {                                           \
            .name = #message_name,                                                      \
            .fields = fields,                                                           \
            .required = 0 MESSAGE_##NAME(FIELD_REQUIRED),                               \
            .type = number,                                                             \
            .size = sizeof(*self),                                                      \
            .field_max = sizeof(fields) / sizeof(fields[0]) - 1,                        \
        };                                                                              \
        return &layout;                                                                 \
    }

const struct layout *layout_find(uint64_t type)
{
    switch (type) {
        MESSAGE_TABLE(MESSAGE_CASE)
    }
    return NULL;
}

const char *field_name(enum message_type type, uint32_t number)
{
    const struct layout *layout = layout_find(type);
    if (layout == NULL || number > layout->field_max || layout->fields[number].name == NULL) {
        return "?";
    }
    return layout->fields[number].name;
}
