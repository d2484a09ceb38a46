#include "proto/codec.h"
#include "proto/cursor.h"
#include "proto/layout.h"
#include "proto/text.h"

enum {
    FRAME_PARTS = 3,               /* [version, session, records] */
    RECORD_PARTS = 2,              /* [type, fields] */
    MESSAGE_TYPE_MAX = UINT16_MAX, /* of any type, also one that we do not know */
};

_Static_assert((int)FIELD_DEPTH_MAX <= (int)CURSOR_DEPTH_MAX,
               "the cursor can skip what is allowed");

static bool read_number(struct cursor *cursor, const struct field *field, void *place)
{
    uint64_t number;
    if (!cursor_read_number(cursor, &number) || number > field->limit) {
        return false;
    }
    if (field->type == WIRE_U8) {
        *(uint8_t *)place = (uint8_t)number;
    } else if (field->type == WIRE_U32) {
        *(uint32_t *)place = (uint32_t)number;
    } else {
        *(uint64_t *)place = number;
    }
    return true;
}

static bool read_id(struct cursor *cursor, struct id *out)
{
    struct slice bytes;
    if (!cursor_read_bytes(cursor, &bytes) || bytes.size != ID_SIZE) {
        return false;
    }
    memcpy(out->bytes, bytes.data, ID_SIZE);
    return true;
}

static bool read_text(struct cursor *cursor, const struct field *field, struct slice *out)
{
    return cursor_read_text(cursor, out) && out->size <= field->limit && text_is_valid(*out);
}

static bool read_bytes(struct cursor *cursor, const struct field *field, struct slice *out)
{
    return cursor_read_bytes(cursor, out) && out->size <= field->limit;
}

/* Reads one value into its place in the message; false when it breaks the table. */
static bool read_value(struct cursor *cursor, const struct field *field, void *place)
{
    switch ((enum wire_type)field->type) {
    case WIRE_NONE: /* a field that we do not know (any more) */
        return cursor_skip(cursor, FIELD_DEPTH_MAX) == STATUS_OK;
    case WIRE_U8:
    case WIRE_U32:
    case WIRE_U64:
    case WIRE_TIME:
        return read_number(cursor, field, place);
    case WIRE_FLAG:
        return cursor_read_flag(cursor, place);
    case WIRE_ID:
        return read_id(cursor, place);
    case WIRE_TEXT:
        return read_text(cursor, field, place);
    case WIRE_BYTES:
        return read_bytes(cursor, field, place);
    }
    return false;
}

/* Reads the fields of a record of a known type. On MALFORMED *fault is the number of the field that
 * is at fault, 0 when none is. */
static enum status read_fields(struct cursor *cursor, const struct layout *layout,
                               struct message *out, uint32_t *fault)
{
    uint64_t seen = 0;
    uint32_t count;
    memset(field_place(&layout->fields[0], out), 0, layout->size);
    if (!cursor_read_map(cursor, &count) || count > FIELDS_MAX) {
        return STATUS_MALFORMED;
    }
    for (; count > 0; count--) {
        uint64_t number;
        if (!cursor_read_number(cursor, &number)) {
            return STATUS_MALFORMED;
        }
        size_t index = number <= layout->field_max ? number : 0;
        const struct field *field = &layout->fields[index];
        uint64_t bit = field->type == WIRE_NONE ? 0 : UINT64_C(1) << index;
        if ((seen & bit) != 0 || !read_value(cursor, field, field_place(field, out))) {
            *fault = (uint32_t)index;
            return STATUS_MALFORMED;
        }
        seen |= bit;
    }
    uint64_t missing = layout->required & ~seen;
    if (missing != 0) {
        *fault = (uint32_t)__builtin_ctzll(missing);
        return STATUS_MALFORMED;
    }
    return STATUS_OK;
}

static bool read_head(struct cursor *cursor, uint64_t *type)
{
    uint32_t parts;
    return cursor_read_array(cursor, &parts) && parts == RECORD_PARTS &&
           cursor_read_number(cursor, type) && *type <= MESSAGE_TYPE_MAX;
}

/* Moves over one record of any type, checking its form. */
static enum status skip_record(struct cursor *cursor)
{
    uint32_t count;
    uint64_t number;
    if (!read_head(cursor, &number) || !cursor_read_map(cursor, &count)) {
        return STATUS_MALFORMED;
    }
    if (count > FIELDS_MAX) {
        return STATUS_TOO_LARGE;
    }
    for (; count > 0; count--) {
        if (!cursor_read_number(cursor, &number)) {
            return STATUS_MALFORMED;
        }
        enum status status = cursor_skip(cursor, FIELD_DEPTH_MAX);
        if (status != STATUS_OK) {
            return status;
        }
    }
    return STATUS_OK;
}

/* Reads one record; the cursor is after it only when the answer is OK. */
static enum status read_record(struct cursor *cursor, struct message *out, uint32_t *fault)
{
    uint64_t type;
    if (!read_head(cursor, &type)) {
        return STATUS_MALFORMED;
    }
    out->type = (enum message_type)type;
    const struct layout *layout = layout_find(type);
    if (layout == NULL) {
        return STATUS_UNSUPPORTED;
    }
    return read_fields(cursor, layout, out, fault);
}

static enum status next_record(struct slice *bytes, struct message *out, uint32_t *fault)
{
    struct cursor cursor = cursor_make(*bytes);
    out->type = 0;
    *fault = 0;
    if (bytes->size == 0) {
        return STATUS_NOT_FOUND;
    }
    enum status status = read_record(&cursor, out, fault);
    if (status != STATUS_OK) {
        cursor = cursor_make(*bytes);
        if (skip_record(&cursor) != STATUS_OK) {
            cursor.position = cursor.end;
            status = STATUS_MALFORMED;
        }
    }
    *bytes = slice_make(cursor.position, cursor_left(&cursor));
    return status;
}

enum status record_read(struct slice *bytes, struct message *out)
{
    uint32_t fault;
    return next_record(bytes, out, &fault);
}

enum status submits_read(struct slice *bytes, uint32_t count, struct message_submit *out)
{
    struct message message;
    for (uint32_t index = 0; index < count; index++) {
        if (record_read(bytes, &message) != STATUS_OK || message.type != MESSAGE_TYPE_SUBMIT) {
            return STATUS_MALFORMED;
        }
        out[index] = message.submit;
    }
    return STATUS_OK;
}

enum status frame_next(struct frame_reader *reader, struct message *out)
{
    struct slice rest = slice_make(reader->position, (size_t)(reader->end - reader->position));
    if (reader->left == 0) {
        return STATUS_NOT_FOUND;
    }
    enum status status = next_record(&rest, out, &reader->fault);
    reader->position = rest.data;
    reader->left--;
    return status;
}

enum status frame_open(struct frame_reader *reader, struct slice frame)
{
    struct cursor cursor = cursor_make(frame);
    uint32_t parts;
    uint32_t count;
    uint64_t version;
    uint64_t session;
    *reader = (struct frame_reader){0};
    if (frame.size > FRAME_SIZE_MAX) {
        return STATUS_TOO_LARGE;
    }
    if (!cursor_read_array(&cursor, &parts) || !cursor_read_number(&cursor, &version)) {
        return STATUS_MALFORMED;
    }
    if (version != PROTOCOL_VERSION) {
        return STATUS_UNSUPPORTED;
    }
    if (parts != FRAME_PARTS || !cursor_read_number(&cursor, &session) ||
        !cursor_read_array(&cursor, &count)) {
        return STATUS_MALFORMED;
    }
    if (count > FRAME_RECORDS_MAX) {
        return STATUS_TOO_LARGE;
    }
    const uint8_t *records = cursor.position;
    for (uint32_t index = 0; index < count; index++) {
        enum status status = skip_record(&cursor);
        if (status != STATUS_OK) {
            return status;
        }
    }
    if (cursor_left(&cursor) > 0) {
        return STATUS_MALFORMED;
    }
    *reader = (struct frame_reader){
        .position = records, .end = cursor.end, .session = session, .left = count};
    return STATUS_OK;
}
