#include "broker/job_filter.h"

#include "base/id.h"
#include "broker/error_shape.h"

/* ---- texts ---- */

static uint8_t lower(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z' ? byte | 0x20 : byte;
}

static bool stands_at(const uint8_t *at, struct slice part)
{
    size_t index = 0;
    while (index < part.size && lower(at[index]) == lower(part.data[index])) {
        index++;
    }
    return index == part.size;
}

bool filter_contains(struct slice text, struct slice part)
{
    if (part.size == 0) {
        return true;
    }
    for (size_t place = 0; place + part.size <= text.size; place++) {
        if (stands_at(text.data + place, part)) {
            return true;
        }
    }
    return false;
}

static int hex_digit(uint8_t byte)
{
    if (byte >= '0' && byte <= '9') {
        return byte - '0';
    }
    uint8_t letter = byte | 0x20;
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

/* Reads uXXXX. Returns the code unit, or -1. */
static int32_t unit_read(struct slice text)
{
    int32_t unit = 0;
    if (text.size < 5 || text.data[0] != 'u') {
        return -1;
    }
    for (size_t index = 1; index < 5; index++) {
        int digit = hex_digit(text.data[index]);
        if (digit < 0) {
            return -1;
        }
        unit = unit * 16 + digit;
    }
    return unit;
}

static size_t utf8_write(uint32_t point, uint8_t out[4])
{
    if (point < 0x80) {
        out[0] = (uint8_t)point;
        return 1;
    }
    size_t size = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    for (size_t index = size - 1; index > 0; index--) {
        out[index] = (uint8_t)(0x80 | (point & 0x3f));
        point >>= 6;
    }
    out[0] = (uint8_t)((0xf00 >> size & 0xff) | point);
    return size;
}

/* Reads what follows a backslash. Returns how many bytes that are (0: no good escape), and what
 * they stand for. */
static size_t escape_read(struct slice rest, uint8_t out[4], size_t *size)
{
    static const char letters[] = "\"\\/bfnrt";
    static const char meanings[] = "\"\\/\b\f\n\r\t";
    const char *letter = rest.size == 0 || rest.data[0] == 0 ? NULL : strchr(letters, rest.data[0]);
    if (letter != NULL) {
        out[0] = (uint8_t)meanings[letter - letters];
        *size = 1;
        return 1;
    }
    int32_t unit = unit_read(rest);
    if (unit >= 0xd800 && unit < 0xdc00 && rest.size > 6 && rest.data[5] == '\\') {
        int32_t second = unit_read(slice_make(rest.data + 6, rest.size - 6));
        if (second >= 0xdc00 && second < 0xe000) {
            uint32_t point =
                0x10000 + ((uint32_t)(unit - 0xd800) << 10) + (uint32_t)(second - 0xdc00);
            *size = utf8_write(point, out);
            return 11;
        }
    }
    if (unit < 0 || (unit >= 0xd800 && unit < 0xe000)) {
        return 0;
    }
    *size = utf8_write((uint32_t)unit, out);
    return 5;
}

enum status filter_unescape(struct slice json, struct buffer *out)
{
    enum status status = STATUS_OK;
    while (json.size > 0 && status == STATUS_OK) {
        uint8_t bytes[4];
        size_t size = 0;
        const uint8_t *escape = memchr(json.data, '\\', json.size);
        size_t plain = escape == NULL ? json.size : (size_t)(escape - json.data);
        status = buffer_append(out, json.data, plain);
        json = slice_make(json.data + plain, json.size - plain);
        if (json.size == 0 || status != STATUS_OK) {
            break;
        }
        size_t taken = escape_read(slice_make(json.data + 1, json.size - 1), bytes, &size);
        if (taken == 0) {
            bytes[0] = '\\';
            size = 1;
        }
        status = buffer_append(out, bytes, size);
        json = slice_make(json.data + 1 + taken, json.size - 1 - taken);
    }
    return status;
}

/* ---- tags ---- */

/* Takes one string of a list off the front, without its quotes. */
static bool string_take(struct slice *rest, struct slice *out)
{
    size_t end = 1;
    if (rest->size > 0 && rest->data[0] == ',') {
        *rest = slice_make(rest->data + 1, rest->size - 1);
    }
    if (rest->size == 0 || rest->data[0] != '"') {
        return false;
    }
    while (end < rest->size && rest->data[end] != '"') {
        end += rest->data[end] == '\\' ? 2 : 1;
    }
    if (end >= rest->size) {
        return false;
    }
    *out = slice_make(rest->data + 1, end - 1);
    *rest = slice_make(rest->data + end + 1, rest->size - end - 1);
    return true;
}

enum status filter_has_tag(struct slice labels, struct slice tag, struct buffer *scratch, bool *out)
{
    static const char before[] = "{\"tags\":["; /* as gateways write them */
    size_t size = sizeof before - 1;
    struct slice text;
    *out = false;
    if (labels.size < size || memcmp(labels.data, before, size) != 0) {
        return STATUS_OK;
    }
    struct slice rest = slice_make(labels.data + size, labels.size - size);
    while (!*out && string_take(&rest, &text)) {
        buffer_clear(scratch);
        enum status status = filter_unescape(text, scratch);
        if (status != STATUS_OK) {
            return status;
        }
        *out = slice_equal(buffer_slice(scratch), tag);
    }
    return STATUS_OK;
}

/* ---- jobs ---- */

static bool is_in(uint8_t set, uint8_t member)
{
    return set == 0 || (set & (1u << member)) != 0;
}

static bool id_has_text(const struct id *id, struct slice part)
{
    char text[ID_TEXT_SIZE];
    id_format(id, text);
    return filter_contains(slice_from_string(text), part);
}

/* Whether the record alone has the text: in an id, also of its batch or pipeline, or its error. */
static bool record_has_text(const struct message_search_jobs *filter, const struct job_value *value)
{
    const struct id *group = &value->links.group;
    bool is_grouped = value->is_linked && !id_is_zero(group);
    return id_has_text(&value->head.id, filter->text) ||
           (is_grouped && id_has_text(group, filter->text)) ||
           filter_contains(value->error_code, filter->text) ||
           filter_contains(value->error_message, filter->text);
}

struct id filter_error_group(const struct job_value *value)
{
    uint8_t shape[ERROR_SHAPE_SIZE_MAX];
    size_t size = error_shape_write(value->error_message, shape);
    return error_shape_group(value->head.kind, value->error_code, slice_make(shape, size));
}

static bool is_of_group(const struct job_value *value, const struct id *group)
{
    return id_is_zero(group) || (value->is_linked && id_equal(&value->links.group, group));
}

static bool is_in_group(const struct job_value *value, const struct id *group)
{
    struct id own;
    if (id_is_zero(group)) {
        return true;
    }
    if (value->head.state != JOB_STATE_FAILED) {
        return false;
    }
    own = filter_error_group(value);
    return id_equal(&own, group);
}

enum filter_verdict filter_record(const struct message_search_jobs *filter,
                                  const struct job_value *value)
{
    const struct job *head = &value->head;
    bool fits =
        is_in(filter->kinds, head->kind) && is_in(filter->states, head->state) &&
        (filter->owner.size == 0 || slice_equal(filter->owner, value->owner)) &&
        (id_is_zero(&filter->character) || id_equal(&filter->character, &head->character)) &&
        (filter->from == 0 || head->created_at >= filter->from) &&
        (filter->to == 0 || head->created_at < filter->to) &&
        (filter->error_code.size == 0 || slice_equal(filter->error_code, value->error_code)) &&
        is_of_group(value, &filter->group) && is_in_group(value, &filter->error_group);
    if (!fits || (filter->tag.size > 0 && (head->flags & JOB_FLAG_INPUT) == 0)) {
        return FILTER_NO;
    }
    bool asks = filter->tag.size > 0 || !record_has_text(filter, value);
    return asks ? FILTER_ASK_INPUT : FILTER_YES;
}

/* Whether the input has the text, as it is written or without its escapes. */
static enum status input_has_text(const struct message_search_jobs *filter, struct slice payload,
                                  struct buffer *scratch, bool *out)
{
    enum status status = STATUS_OK;
    *out = filter_contains(payload, filter->text);
    if (!*out && memchr(payload.data, '\\', payload.size) != NULL) {
        buffer_clear(scratch);
        status = filter_unescape(payload, scratch);
        *out = status == STATUS_OK && filter_contains(buffer_slice(scratch), filter->text);
    }
    return status;
}

enum status filter_input(const struct message_search_jobs *filter, const struct job_value *value,
                         const struct message_submit *input, struct buffer *scratch,
                         enum filter_verdict *out)
{
    enum status status = STATUS_OK;
    bool is_media = value->head.kind == JOB_KIND_IMAGE || value->head.kind == JOB_KIND_VIDEO;
    bool has_text = record_has_text(filter, value);
    bool has_tag = true;
    if (filter->tag.size > 0) {
        status = filter_has_tag(input->labels, filter->tag, scratch, &has_tag);
    }
    if (status == STATUS_OK && has_tag && !has_text) {
        status = input_has_text(filter, input->payload, scratch, &has_text);
    }
    *out = !has_tag ? FILTER_NO : has_text ? FILTER_YES : is_media ? FILTER_ASK_NAME : FILTER_NO;
    return status;
}
