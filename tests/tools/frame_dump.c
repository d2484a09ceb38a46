/*
 * Shows frames and makes them, for people and for the tests that compare our wire with another
 * implementation of msgpack. Method: the layouts of the wire table drive it, one JSON object a
 * line; an ID and BYTES are written in hexadecimal.
 *
 *   frame_dump table              prints the wire table: messages with their fields, codes, limits
 *   frame_dump read  < frame      prints the session, then each record or what is wrong with it
 *   frame_dump write N < lines    packs records, as `read` prints them, into a frame of session N
 */

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <jansson.h>
#include "base/encoding.h"
#include "base/json_writer.h"
#include "proto/codec.h"
#include "proto/layout.h"

enum {
    LINE_SIZE_MAX = 4 << 20, /* bytes: the greatest record with every byte escaped or in hex */
    TYPE_MAX = 256,          /* every type of the table is below */
    MEMORY_SIZE_MAX = 8 << 20,
};

static const char *const WIRE_NAMES[] = {
    [WIRE_NONE] = "NONE", [WIRE_U8] = "U8",     [WIRE_U32] = "U32",
    [WIRE_U64] = "U64",   [WIRE_TIME] = "TIME", [WIRE_FLAG] = "FLAG",
    [WIRE_ID] = "ID",     [WIRE_TEXT] = "TEXT", [WIRE_BYTES] = "BYTES"};

static void end_with(const char *problem)
{
    fprintf(stderr, "frame_dump: %s\n", problem);
    exit(1);
}

static void line_print(struct buffer *line)
{
    fwrite(line->data, 1, line->size, stdout);
    putchar('\n');
    buffer_clear(line);
}

/* ---- table ---- */

static void table_print_message(struct buffer *line, const struct layout *layout)
{
    for (uint32_t number = 1; number <= layout->field_max; number++) {
        const struct field *field = &layout->fields[number];
        struct json_writer json;
        if (field->type == WIRE_NONE) {
            continue;
        }
        json_writer_init(&json, line);
        json_object_begin(&json);
        json_member_text(&json, "message", slice_from_string(layout->name));
        json_member_integer(&json, "type", layout->type);
        json_member_integer(&json, "number", number);
        json_member_text(&json, "field", slice_from_string(field->name));
        json_member_text(&json, "wire", slice_from_string(WIRE_NAMES[field->type]));
        json_member_integer(&json, "limit", (int64_t)field->limit);
        json_member_boolean(&json, "required", field->required);
        json_object_end(&json);
        line_print(line);
    }
}

static void table_print_number(struct buffer *line, const char *kind, const char *name,
                               int64_t value)
{
    struct json_writer json;
    json_writer_init(&json, line);
    json_object_begin(&json);
    json_member_text(&json, kind, slice_from_string(name));
    json_member_integer(&json, "value", value);
    json_object_end(&json);
    line_print(line);
}

static void table_print(void)
{
    struct buffer line;
    buffer_init(&line, LINE_SIZE_MAX);
    for (uint32_t type = 0; type < TYPE_MAX; type++) {
        const struct layout *layout = layout_find(type);
        if (layout != NULL) {
            table_print_message(&line, layout);
        }
    }
#define CODES(kind, KIND)                                                         \
    for (int number = 0; number < KIND##_COUNT; number++) {                       \
        table_print_number(&line, #kind, kind##_name((enum kind)number), number); \
    }
    CODES(job_kind, JOB_KIND)
    CODES(job_state, JOB_STATE)
    CODES(document_type, DOCUMENT_TYPE)
    CODES(event_kind, EVENT_KIND)
    CODES(group_kind, GROUP_KIND)
    CODES(fail_kind, FAIL_KIND)
    CODES(operation_state, OPERATION_STATE)
    CODES(charge, CHARGE)
    CODES(provider_use, PROVIDER_USE)
    CODES(provider_fault, PROVIDER_FAULT)
    CODES(denial, DENIAL)
    CODES(reply_code, REPLY_CODE)
    CODES(error_code, ERROR_CODE)
    CODES(wait_reason, WAIT_REASON)
    CODES(worker_orders, WORKER_ORDERS)
    CODES(job_action, JOB_ACTION)
    CODES(bulk_state, BULK_STATE)
    CODES(breaker_told, BREAKER_TOLD)
    CODES(audit_outcome, AUDIT_OUTCOME)
#define LIMIT(name) table_print_number(&line, "limit", #name, name)
    LIMIT(PROTOCOL_VERSION);
    LIMIT(FRAME_SIZE_MAX);
    LIMIT(FRAME_SIZE_TARGET);
    LIMIT(FRAME_RECORDS_MAX);
    LIMIT(FIELDS_MAX);
    LIMIT(FIELD_DEPTH_MAX);
    LIMIT(TIME_MS_MAX);
    LIMIT(OPERATIONS_MAX);
    buffer_fini(&line);
}

/* ---- read ---- */

static uint64_t number_of(const struct field *field, const void *value)
{
    return field->type == WIRE_U8    ? *(const uint8_t *)value
           : field->type == WIRE_U32 ? *(const uint32_t *)value
                                     : *(const uint64_t *)value;
}

static void put_hex(struct json_writer *json, struct slice bytes)
{
    struct buffer hex;
    buffer_init(&hex, LINE_SIZE_MAX);
    if (encode_hex(bytes, &hex) != STATUS_OK) {
        end_with("no memory");
    }
    json_put_text(json, buffer_slice(&hex));
    buffer_fini(&hex);
}

static void put_value(struct json_writer *json, const struct field *field, const void *value)
{
    switch ((enum wire_type)field->type) {
    case WIRE_NONE:
        break;
    case WIRE_U8:
    case WIRE_U32:
    case WIRE_U64:
    case WIRE_TIME:
        json_put_integer(json, (int64_t)number_of(field, value));
        break;
    case WIRE_FLAG:
        json_put_boolean(json, *(const bool *)value);
        break;
    case WIRE_ID:
        put_hex(json, slice_make(value, ID_SIZE));
        break;
    case WIRE_TEXT:
        json_put_text(json, *(const struct slice *)value);
        break;
    case WIRE_BYTES:
        put_hex(json, *(const struct slice *)value);
        break;
    }
}

static void read_print_record(struct json_writer *json, const struct message *message)
{
    const struct layout *layout = layout_find(message->type);
    json_member_text(json, "record", slice_from_string(layout->name));
    for (uint32_t number = 1; number <= layout->field_max; number++) {
        const struct field *field = &layout->fields[number];
        if (field->type != WIRE_NONE) {
            json_name(json, field->name);
            put_value(json, field, field_value(field, message));
        }
    }
}

static int read_print(void)
{
    static uint8_t bytes[FRAME_SIZE_MAX + 1];
    struct buffer line;
    struct frame_reader reader;
    struct json_writer json;
    struct message message;
    buffer_init(&line, LINE_SIZE_MAX);
    size_t size = fread(bytes, 1, sizeof(bytes), stdin);
    enum status status = frame_open(&reader, slice_make(bytes, size));
    json_writer_init(&json, &line);
    json_object_begin(&json);
    json_member_text(&json, "frame", slice_from_string(status_name(status)));
    json_member_integer(&json, "session", (int64_t)reader.session);
    json_member_integer(&json, "records", reader.left);
    json_object_end(&json);
    line_print(&line);
    for (enum status next; (next = frame_next(&reader, &message)) != STATUS_NOT_FOUND;) {
        json_writer_init(&json, &line);
        json_object_begin(&json);
        if (next == STATUS_OK) {
            read_print_record(&json, &message);
        } else {
            json_member_text(&json, "refused", slice_from_string(status_name(next)));
            json_member_integer(&json, "type", message.type);
            json_member_text(&json, "field",
                             slice_from_string(field_name(message.type, reader.fault)));
        }
        json_object_end(&json);
        line_print(&line);
    }
    buffer_fini(&line);
    return status == STATUS_OK ? 0 : 1;
}

/* ---- write ---- */

static uint8_t hex_digit(char digit)
{
    const char *digits = "0123456789abcdef";
    const char *at = strchr(digits, digit);
    if (digit == '\0' || at == NULL) {
        end_with("bad hexadecimal");
    }
    return (uint8_t)(at - digits);
}

/* The slices of a message that is being written live in memory until the frame is whole. */
static struct slice hex_read(const json_t *value, struct buffer *memory)
{
    const char *text = json_string_value(value);
    size_t size = json_string_length(value) / 2;
    uint8_t *out;
    if (text == NULL || buffer_reserve(memory, size, &out) != STATUS_OK) {
        end_with("bytes are a text of hexadecimal digits");
    }
    for (size_t index = 0; index < size; index++) {
        out[index] = (uint8_t)(hex_digit(text[2 * index]) << 4 | hex_digit(text[2 * index + 1]));
    }
    buffer_commit(memory, size);
    return slice_make(out, size);
}

static void write_value(const struct field *field, void *place, const json_t *value,
                        struct buffer *memory)
{
    uint64_t number = (uint64_t)json_integer_value(value);
    switch ((enum wire_type)field->type) {
    case WIRE_NONE:
        end_with("no such field");
        break;
    case WIRE_U8:
        *(uint8_t *)place = (uint8_t)number;
        break;
    case WIRE_U32:
        *(uint32_t *)place = (uint32_t)number;
        break;
    case WIRE_U64:
    case WIRE_TIME:
        *(uint64_t *)place = number;
        break;
    case WIRE_FLAG:
        *(bool *)place = json_is_true(value);
        break;
    case WIRE_ID: {
        struct slice id = hex_read(value, memory);
        if (id.size != ID_SIZE) {
            end_with("an id has 16 bytes");
        }
        memcpy(place, id.data, ID_SIZE);
        break;
    }
    case WIRE_TEXT:
        *(struct slice *)place = slice_make(json_string_value(value), json_string_length(value));
        break;
    case WIRE_BYTES:
        *(struct slice *)place = hex_read(value, memory);
        break;
    }
}

static const struct layout *layout_of_name(const char *name)
{
    for (uint32_t type = 0; type < TYPE_MAX; type++) {
        const struct layout *layout = layout_find(type);
        if (layout != NULL && name != NULL && strcmp(layout->name, name) == 0) {
            return layout;
        }
    }
    end_with("no such message");
    return NULL;
}

static void write_record(struct frame_writer *writer, json_t *object, struct buffer *memory)
{
    const struct layout *layout =
        layout_of_name(json_string_value(json_object_get(object, "record")));
    struct message message = {.type = (enum message_type)layout->type};
    for (uint32_t number = 1; number <= layout->field_max; number++) {
        const struct field *field = &layout->fields[number];
        const json_t *value =
            field->type == WIRE_NONE ? NULL : json_object_get(object, field->name);
        if (value != NULL) {
            write_value(field, field_place(field, &message), value, memory);
        }
    }
    if (frame_write(writer, &message) != STATUS_OK) {
        end_with("too much for one frame");
    }
}

static int write_frame(uint64_t session)
{
    struct buffer out;
    struct buffer memory;
    struct frame_writer writer;
    json_t *object;
    uint8_t *reserved;
    buffer_init(&out, FRAME_SIZE_MAX);
    buffer_init(&memory, MEMORY_SIZE_MAX);
    /* All of it at once: slices point into it. */
    if (buffer_reserve(&memory, MEMORY_SIZE_MAX, &reserved) != STATUS_OK ||
        frame_begin(&writer, &out, session) != STATUS_OK) {
        end_with("no memory");
    }
    while ((object = json_loadf(stdin, JSON_DISABLE_EOF_CHECK | JSON_ALLOW_NUL, NULL)) != NULL) {
        write_record(&writer, object, &memory);
        json_decref(object);
    }
    frame_end(&writer);
    fwrite(out.data, 1, out.size, stdout);
    buffer_fini(&out);
    buffer_fini(&memory);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "table") == 0) {
        table_print();
        return 0;
    }
    if (argc == 2 && strcmp(argv[1], "read") == 0) {
        return read_print();
    }
    if (argc == 3 && strcmp(argv[1], "write") == 0) {
        return write_frame(strtoull(argv[2], NULL, 10));
    }
    fprintf(stderr, "usage: frame_dump table | read | write SESSION\n");
    return 2;
}
