#include "base/json_writer.h"

#include "base/clock.h"
#include "base/encoding.h"
#include "base/id.h"

void json_writer_init(struct json_writer *writer, struct buffer *out)
{
    *writer = (struct json_writer){.out = out, .status = STATUS_OK};
}

enum status json_writer_status(const struct json_writer *writer)
{
    return writer->status;
}

static void put(struct json_writer *writer, const void *bytes, size_t size)
{
    if (writer->status == STATUS_OK) {
        writer->status = buffer_append(writer->out, bytes, size);
    }
}

/* What stands before every value and name. */
static void begin_value(struct json_writer *writer)
{
    if (writer->comma) {
        put(writer, ",", 1);
    }
    writer->comma = true;
}

static void open_with(struct json_writer *writer, const char *bracket)
{
    begin_value(writer);
    put(writer, bracket, 1);
    writer->comma = false;
}

static void close_with(struct json_writer *writer, const char *bracket)
{
    put(writer, bracket, 1);
    writer->comma = true;
}

void json_object_begin(struct json_writer *writer)
{
    open_with(writer, "{");
}

void json_object_end(struct json_writer *writer)
{
    close_with(writer, "}");
}

void json_array_begin(struct json_writer *writer)
{
    open_with(writer, "[");
}

void json_array_end(struct json_writer *writer)
{
    close_with(writer, "]");
}

void json_name(struct json_writer *writer, const char *name)
{
    begin_value(writer);
    put(writer, "\"", 1);
    put(writer, name, strlen(name));
    put(writer, "\":", 2);
    writer->comma = false;
}

/* Writes a byte that cannot stand for itself: a control character, a quote or a backslash. */
static void put_escape(struct json_writer *writer, uint8_t byte)
{
    static const char digits[] = "0123456789abcdef";
    static const char letters[0x20] = {
        ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't'};
    if (byte >= 0x20) {
        put(writer, (const char[]){'\\', (char)byte}, 2);
    } else if (letters[byte] != 0) {
        put(writer, (const char[]){'\\', letters[byte]}, 2);
    } else {
        put(writer, (const char[]){'\\', 'u', '0', '0', digits[byte >> 4], digits[byte & 15]}, 6);
    }
}

void json_put_text(struct json_writer *writer, struct slice text)
{
    begin_value(writer);
    put(writer, "\"", 1);
    size_t position = 0;
    size_t plain = 0; /* bytes before position that can be written as they are */
    while (position < text.size) {
        uint8_t byte = text.data[position];
        size_t size =
            byte < 0x80 ? 1 : utf8_size(slice_make(text.data + position, text.size - position));
        if (byte >= 0x20 && byte != '"' && byte != '\\' && size > 0) {
            position += size;
            plain += size;
            continue;
        }
        put(writer, text.data + position - plain, plain);
        plain = 0;
        position++;
        if (size == 0) {
            put(writer, "\xef\xbf\xbd", 3);
        } else {
            put_escape(writer, byte);
        }
    }
    if (plain > 0) {
        put(writer, text.data + position - plain, plain);
    }
    put(writer, "\"", 1);
}

void json_put_integer(struct json_writer *writer, int64_t value)
{
    char digits[20];
    size_t position = sizeof digits;
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    begin_value(writer);
    do {
        digits[--position] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (value < 0) {
        digits[--position] = '-';
    }
    put(writer, digits + position, sizeof digits - position);
}

void json_put_boolean(struct json_writer *writer, bool value)
{
    begin_value(writer);
    put(writer, value ? "true" : "false", value ? 4 : 5);
}

void json_put_null(struct json_writer *writer)
{
    begin_value(writer);
    put(writer, "null", 4);
}

void json_put_raw(struct json_writer *writer, struct slice value)
{
    begin_value(writer);
    put(writer, value.data, value.size);
}

void json_member_text(struct json_writer *writer, const char *name, struct slice text)
{
    json_name(writer, name);
    json_put_text(writer, text);
}

void json_member_integer(struct json_writer *writer, const char *name, int64_t value)
{
    json_name(writer, name);
    json_put_integer(writer, value);
}

void json_member_boolean(struct json_writer *writer, const char *name, bool value)
{
    json_name(writer, name);
    json_put_boolean(writer, value);
}

void json_member_null(struct json_writer *writer, const char *name)
{
    json_name(writer, name);
    json_put_null(writer);
}

void json_member_id(struct json_writer *writer, const char *name, const struct id *id)
{
    char text[ID_TEXT_SIZE];
    json_name(writer, name);
    if (id_is_zero(id)) {
        json_put_null(writer);
        return;
    }
    id_format(id, text);
    json_put_text(writer, slice_make(text, ID_TEXT_SIZE - 1));
}

void json_member_time(struct json_writer *writer, const char *name, int64_t time_ms)
{
    char text[CLOCK_TEXT_SIZE];
    json_name(writer, name);
    if (time_ms == 0) {
        json_put_null(writer);
        return;
    }
    clock_format(time_ms, text);
    json_put_text(writer, slice_make(text, CLOCK_TEXT_SIZE - 1));
}

void json_member_text_or_null(struct json_writer *writer, const char *name, struct slice text)
{
    json_name(writer, name);
    if (text.size == 0) {
        json_put_null(writer);
    } else {
        json_put_text(writer, text);
    }
}
