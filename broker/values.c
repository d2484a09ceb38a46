#include "broker/values.h"

#include <assert.h>
#include "broker/bytes.h"
#include "proto/codec.h"

enum {
    META_SIZE = 1 + 3 * 8,
    INDEX_SIZE = 2,
    TIME_SIZE = 1 + 8,
    NUMBER_SIZE = 1 + 8,
    KEY_VALUE_SIZE = 1 + ID_SIZE + HASH_SIZE + 8,
    DEDUPE_VALUE_SIZE = 1 + ID_SIZE + 8 + 8,
    TEXT_HEAD_SIZE = 2,
    GROUP_HEAD_SIZE = 1 + 1 + 8,
    REMOVAL_FIXED_SIZE = ID_SIZE + 8,      /* character, time */
    DOCUMENT_FIXED_SIZE = ID_SIZE + 8 + 8, /* parent, display id, number */
    TOMBSTONE_HEAD_SIZE = 1 + 2 + 4,
    OWNER_EVENTS_HEAD_SIZE = 1 + 8,
    OWNER_EVENTS_ENTRY_SIZE = ID_SIZE + 4,
};

static uint8_t *put_text(uint8_t *at, struct slice text)
{
    assert(text.size <= UINT16_MAX);
    *at++ = (uint8_t)(text.size & 0xff);
    *at++ = (uint8_t)(text.size >> 8);
    return bytes_put(at, text.data, text.size);
}

/* Takes a text from the front of *rest; false when it is cut off or longer than size_max. */
static bool take_text(struct slice *rest, size_t size_max, struct slice *out)
{
    if (rest->size < TEXT_HEAD_SIZE) {
        return false;
    }
    size_t size = (size_t)rest->data[0] | (size_t)rest->data[1] << 8;
    if (size > size_max || size > rest->size - TEXT_HEAD_SIZE) {
        return false;
    }
    *out = slice_make(rest->data + TEXT_HEAD_SIZE, size);
    *rest = slice_make(out->data + size, rest->size - TEXT_HEAD_SIZE - size);
    return true;
}

static bool has_format(struct slice bytes)
{
    return bytes.size > 0 && bytes.data[0] == VALUE_FORMAT;
}

enum status job_value_write(struct buffer *out, const uint8_t head[HEAD_SIZE], struct slice owner,
                            struct slice error_code, struct slice error_message, struct slice url,
                            struct slice links)
{
    uint8_t *start;
    size_t size = HEAD_SIZE + 5 * TEXT_HEAD_SIZE + owner.size + error_code.size +
                  error_message.size + url.size + links.size;
    enum status status = buffer_reserve(out, size, &start);
    if (status != STATUS_OK) {
        return status;
    }
    uint8_t *at = bytes_put(start, head, HEAD_SIZE);
    at = put_text(at, owner);
    at = put_text(at, error_code);
    at = put_text(at, error_message);
    at = put_text(at, url);
    at = put_text(at, links);
    assert(at == start + size);
    buffer_commit(out, size);
    return STATUS_OK;
}

struct slice links_write(const struct job_links *links, uint8_t out[LINKS_SIZE])
{
    if (links == NULL) {
        return SLICE_EMPTY;
    }
    bytes_put(bytes_put(out, links->group.bytes, ID_SIZE), links->parent.bytes, ID_SIZE);
    return slice_make(out, LINKS_SIZE);
}

static bool take_links(struct slice *rest, struct job_value *out)
{
    struct slice links;
    if (!take_text(rest, LINKS_SIZE, &links) || (links.size != 0 && links.size != LINKS_SIZE)) {
        return false;
    }
    out->is_linked = links.size > 0;
    if (out->is_linked) {
        memcpy(out->links.group.bytes, links.data, ID_SIZE);
        memcpy(out->links.parent.bytes, links.data + ID_SIZE, ID_SIZE);
    }
    return true;
}

enum status job_value_read(struct slice bytes, struct job_value *out)
{
    *out = (struct job_value){0};
    if (head_read(bytes, &out->head) != STATUS_OK) {
        return STATUS_MALFORMED;
    }
    size_t size = head_size(bytes);
    struct slice rest = slice_make(bytes.data + size, bytes.size - size);
    bool whole = take_text(&rest, OWNER_SIZE_MAX, &out->owner) &&
                 take_text(&rest, ERROR_CODE_SIZE_MAX, &out->error_code) &&
                 take_text(&rest, ERROR_TEXT_SIZE_MAX, &out->error_message) &&
                 take_text(&rest, URL_SIZE_MAX, &out->url) && take_links(&rest, out);
    return whole ? STATUS_OK : STATUS_MALFORMED;
}

enum status document_value_write(struct buffer *out, const struct document_value *document)
{
    uint8_t *start;
    bool is_character = document->type == DOCUMENT_TYPE_CHARACTER;
    size_t size = 2 + TEXT_HEAD_SIZE + document->owner.size + DOCUMENT_FIXED_SIZE + TEXT_HEAD_SIZE +
                  document->url.size + document->json.size;
    enum status status = buffer_reserve(out, size, &start);
    if (status != STATUS_OK) {
        return status;
    }
    uint8_t *at = start;
    *at++ = VALUE_FORMAT;
    *at++ = document->type;
    at = put_text(at, document->owner);
    at = bytes_put(at, is_character ? document->portrait.bytes : document->parent.bytes, ID_SIZE);
    at = bytes_put(at, document->display_id, sizeof document->display_id);
    at = bytes_put_64(at, document->number);
    at = put_text(at, document->url);
    at = bytes_put(at, document->json.data, document->json.size);
    assert(at == start + size);
    buffer_commit(out, size);
    return STATUS_OK;
}

enum status document_value_read(struct slice bytes, struct document_value *out)
{
    if (!has_format(bytes) || bytes.size < 2 || bytes.data[1] >= DOCUMENT_TYPE_COUNT) {
        return STATUS_MALFORMED;
    }
    out->type = bytes.data[1];
    struct slice rest = slice_make(bytes.data + 2, bytes.size - 2);
    if (!take_text(&rest, OWNER_SIZE_MAX, &out->owner) || rest.size < DOCUMENT_FIXED_SIZE) {
        return STATUS_MALFORMED;
    }
    out->parent = out->portrait = (struct id){0};
    memcpy(out->type == DOCUMENT_TYPE_CHARACTER ? out->portrait.bytes : out->parent.bytes,
           rest.data, ID_SIZE);
    memcpy(out->display_id, rest.data + ID_SIZE, sizeof out->display_id);
    out->number = bytes_get_64(rest.data + ID_SIZE + sizeof out->display_id);
    out->json = slice_make(rest.data + DOCUMENT_FIXED_SIZE, rest.size - DOCUMENT_FIXED_SIZE);
    if (!take_text(&out->json, URL_SIZE_MAX, &out->url)) {
        return STATUS_MALFORMED;
    }
    return out->json.size <= DOCUMENT_SIZE_MAX ? STATUS_OK : STATUS_MALFORMED;
}

enum status removal_value_write(struct buffer *out, const struct removal_value *value)
{
    uint8_t *start;
    size_t size = 1 + REMOVAL_FIXED_SIZE + TEXT_HEAD_SIZE + value->url.size;
    enum status status = buffer_reserve(out, size, &start);
    if (status != STATUS_OK) {
        return status;
    }
    *start = VALUE_FORMAT;
    uint8_t *at = bytes_put(start + 1, value->character.bytes, ID_SIZE);
    at = put_text(bytes_put_64(at, (uint64_t)value->time_ms), value->url);
    assert(at == start + size);
    buffer_commit(out, size);
    return STATUS_OK;
}

enum status removal_value_read(struct slice bytes, struct removal_value *out)
{
    if (!has_format(bytes) || bytes.size < 1 + REMOVAL_FIXED_SIZE) {
        return STATUS_MALFORMED;
    }
    memcpy(out->character.bytes, bytes.data + 1, ID_SIZE);
    out->time_ms = (int64_t)bytes_get_64(bytes.data + 1 + ID_SIZE);
    struct slice rest =
        slice_make(bytes.data + 1 + REMOVAL_FIXED_SIZE, bytes.size - 1 - REMOVAL_FIXED_SIZE);
    bool whole = take_text(&rest, URL_SIZE_MAX, &out->url) && rest.size == 0;
    return whole ? STATUS_OK : STATUS_MALFORMED;
}

enum status key_value_write(struct buffer *out, const struct key_value *value)
{
    uint8_t bytes[KEY_VALUE_SIZE] = {VALUE_FORMAT};
    uint8_t *at = bytes_put(bytes + 1, value->job.bytes, ID_SIZE);
    at = bytes_put(at, value->hash, HASH_SIZE);
    bytes_put_64(at, (uint64_t)value->time_ms);
    return buffer_append(out, bytes, sizeof bytes);
}

enum status key_value_read(struct slice bytes, struct key_value *out)
{
    if (!has_format(bytes) || bytes.size != KEY_VALUE_SIZE) {
        return STATUS_MALFORMED;
    }
    memcpy(out->job.bytes, bytes.data + 1, ID_SIZE);
    memcpy(out->hash, bytes.data + 1 + ID_SIZE, HASH_SIZE);
    out->time_ms = (int64_t)bytes_get_64(bytes.data + 1 + ID_SIZE + HASH_SIZE);
    return STATUS_OK;
}

enum status dedupe_value_write(struct buffer *out, const struct dedupe_value *value)
{
    uint8_t bytes[DEDUPE_VALUE_SIZE] = {VALUE_FORMAT};
    uint8_t *at = bytes_put(bytes + 1, value->job.bytes, ID_SIZE);
    at = bytes_put_64(at, (uint64_t)value->time_ms);
    bytes_put_64(at, (uint64_t)value->ttl_ms);
    return buffer_append(out, bytes, sizeof bytes);
}

enum status dedupe_value_read(struct slice bytes, struct dedupe_value *out)
{
    if (!has_format(bytes) || bytes.size != DEDUPE_VALUE_SIZE) {
        return STATUS_MALFORMED;
    }
    memcpy(out->job.bytes, bytes.data + 1, ID_SIZE);
    out->time_ms = (int64_t)bytes_get_64(bytes.data + 1 + ID_SIZE);
    out->ttl_ms = (int64_t)bytes_get_64(bytes.data + 1 + ID_SIZE + 8);
    return STATUS_OK;
}

enum status group_value_write(struct buffer *out, uint8_t kind, int64_t created_at,
                              struct slice owner)
{
    uint8_t *start;
    size_t size = GROUP_HEAD_SIZE + TEXT_HEAD_SIZE + owner.size;
    enum status status = buffer_reserve(out, size, &start);
    if (status != STATUS_OK) {
        return status;
    }
    uint8_t *at = start;
    *at++ = VALUE_FORMAT;
    *at++ = kind;
    at = bytes_put_64(at, (uint64_t)created_at);
    at = put_text(at, owner);
    assert(at == start + size);
    buffer_commit(out, size);
    return STATUS_OK;
}

enum status group_value_add(struct buffer *out, const struct id *job)
{
    return buffer_append(out, job->bytes, ID_SIZE);
}

enum status group_value_read(struct slice bytes, struct group_value *out)
{
    if (!has_format(bytes) || bytes.size < GROUP_HEAD_SIZE || bytes.data[1] >= GROUP_KIND_COUNT) {
        return STATUS_MALFORMED;
    }
    out->kind = bytes.data[1];
    out->created_at = (int64_t)bytes_get_64(bytes.data + 2);
    struct slice rest = slice_make(bytes.data + GROUP_HEAD_SIZE, bytes.size - GROUP_HEAD_SIZE);
    if (!take_text(&rest, OWNER_SIZE_MAX, &out->owner) || rest.size % ID_SIZE != 0 ||
        rest.size / ID_SIZE > GROUP_JOBS_MAX) {
        return STATUS_MALFORMED;
    }
    out->jobs = rest;
    return STATUS_OK;
}

uint32_t group_value_count(const struct group_value *group)
{
    return (uint32_t)(group->jobs.size / ID_SIZE);
}

struct id group_value_job(const struct group_value *group, uint32_t index)
{
    struct id job;
    assert(index < group_value_count(group));
    memcpy(job.bytes, group->jobs.data + (size_t)index * ID_SIZE, ID_SIZE);
    return job;
}

enum status tombstone_value_write(struct buffer *out, const struct tombstone_value *value)
{
    uint8_t bytes[TOMBSTONE_HEAD_SIZE + TEXT_HEAD_SIZE + OWNER_SIZE_MAX] = {VALUE_FORMAT};
    assert(value->owner.size <= OWNER_SIZE_MAX);
    bytes[1] = value->kind;
    bytes[2] = value->state;
    uint8_t *at = put_text(bytes_put_32(bytes + 3, value->version), value->owner);
    return buffer_append(out, bytes, (size_t)(at - bytes));
}

enum status tombstone_value_read(struct slice bytes, struct tombstone_value *out)
{
    if (!has_format(bytes) || bytes.size < TOMBSTONE_HEAD_SIZE || bytes.data[1] >= JOB_KIND_COUNT ||
        bytes.data[2] >= JOB_STATE_COUNT) {
        return STATUS_MALFORMED;
    }
    out->kind = bytes.data[1];
    out->state = bytes.data[2];
    out->version = bytes_get_32(bytes.data + 3);
    struct slice rest =
        slice_make(bytes.data + TOMBSTONE_HEAD_SIZE, bytes.size - TOMBSTONE_HEAD_SIZE);
    return take_text(&rest, OWNER_SIZE_MAX, &out->owner) ? STATUS_OK : STATUS_MALFORMED;
}

enum status meta_write(struct buffer *out, const struct meta *meta)
{
    uint8_t bytes[META_SIZE] = {VALUE_FORMAT};
    uint8_t *at = bytes_put_64(bytes + 1, meta->commit);
    at = bytes_put_64(at, meta->event_last);
    bytes_put_64(at, (uint64_t)meta->time_ms);
    return buffer_append(out, bytes, sizeof bytes);
}

enum status meta_read(struct slice bytes, struct meta *out)
{
    if (!has_format(bytes) || bytes.size != META_SIZE) {
        return STATUS_MALFORMED;
    }
    out->commit = bytes_get_64(bytes.data + 1);
    out->event_last = bytes_get_64(bytes.data + 9);
    out->time_ms = (int64_t)bytes_get_64(bytes.data + 17);
    return out->time_ms >= 0 && out->time_ms <= TIME_MS_MAX ? STATUS_OK : STATUS_MALFORMED;
}

enum status index_value_write(struct buffer *out, uint8_t kind)
{
    const uint8_t bytes[INDEX_SIZE] = {VALUE_FORMAT, kind};
    return buffer_append(out, bytes, sizeof bytes);
}

enum status index_value_read(struct slice bytes, uint8_t *kind)
{
    if (!has_format(bytes) || bytes.size != INDEX_SIZE || bytes.data[1] >= JOB_KIND_COUNT) {
        return STATUS_MALFORMED;
    }
    *kind = bytes.data[1];
    return STATUS_OK;
}

struct slice age_value_write(const struct age_value *value, uint8_t out[AGE_VALUE_SIZE])
{
    out[0] = VALUE_FORMAT;
    out[1] = value->kind;
    out[2] = value->state;
    return slice_make(out, AGE_VALUE_SIZE);
}

enum status age_value_read(struct slice bytes, struct age_value *out)
{
    bool good = has_format(bytes) && bytes.size == AGE_VALUE_SIZE &&
                bytes.data[1] < JOB_KIND_COUNT && bytes.data[2] < JOB_STATE_COUNT;
    if (good) {
        *out = (struct age_value){.kind = bytes.data[1], .state = bytes.data[2]};
    }
    return good ? STATUS_OK : STATUS_MALFORMED;
}

enum status owner_events_write(struct buffer *out, int64_t time_ms)
{
    uint8_t bytes[OWNER_EVENTS_HEAD_SIZE] = {VALUE_FORMAT};
    bytes_put_64(bytes + 1, (uint64_t)time_ms);
    return buffer_append(out, bytes, sizeof bytes);
}

enum status owner_events_add(struct buffer *out, const struct id *job, uint32_t version)
{
    uint8_t bytes[OWNER_EVENTS_ENTRY_SIZE];
    bytes_put_32(bytes_put(bytes, job->bytes, ID_SIZE), version);
    return buffer_append(out, bytes, sizeof bytes);
}

enum status owner_events_read(struct slice bytes, int64_t *time_ms, uint32_t *count)
{
    if (!has_format(bytes) || bytes.size < OWNER_EVENTS_HEAD_SIZE ||
        (bytes.size - OWNER_EVENTS_HEAD_SIZE) % OWNER_EVENTS_ENTRY_SIZE != 0) {
        return STATUS_MALFORMED;
    }
    *time_ms = (int64_t)bytes_get_64(bytes.data + 1);
    *count = (uint32_t)((bytes.size - OWNER_EVENTS_HEAD_SIZE) / OWNER_EVENTS_ENTRY_SIZE);
    return STATUS_OK;
}

void owner_events_get(struct slice bytes, uint32_t index, struct id *job, uint32_t *version)
{
    size_t offset = OWNER_EVENTS_HEAD_SIZE + (size_t)index * OWNER_EVENTS_ENTRY_SIZE;
    assert(offset + OWNER_EVENTS_ENTRY_SIZE <= bytes.size);
    memcpy(job->bytes, bytes.data + offset, ID_SIZE);
    *version = bytes_get_32(bytes.data + offset + ID_SIZE);
}

enum status number_value_write(struct buffer *out, uint64_t number)
{
    uint8_t bytes[NUMBER_SIZE] = {VALUE_FORMAT};
    bytes_put_64(bytes + 1, number);
    return buffer_append(out, bytes, sizeof bytes);
}

enum status number_value_read(struct slice bytes, uint64_t *number)
{
    if (!has_format(bytes) || bytes.size != NUMBER_SIZE) {
        return STATUS_MALFORMED;
    }
    *number = bytes_get_64(bytes.data + 1);
    return STATUS_OK;
}

enum status time_value_write(struct buffer *out, int64_t time_ms)
{
    uint8_t bytes[TIME_SIZE] = {VALUE_FORMAT};
    bytes_put_64(bytes + 1, (uint64_t)time_ms);
    return buffer_append(out, bytes, sizeof bytes);
}

enum status time_value_read(struct slice bytes, int64_t *time_ms)
{
    if (!has_format(bytes) || bytes.size != TIME_SIZE) {
        return STATUS_MALFORMED;
    }
    *time_ms = (int64_t)bytes_get_64(bytes.data + 1);
    return *time_ms >= 0 && *time_ms <= TIME_MS_MAX ? STATUS_OK : STATUS_MALFORMED;
}

enum status audit_value_read(struct slice bytes, struct message_audit_line *out)
{
    struct slice record;
    struct message message;
    enum status status = plain_value_read(bytes, &record);
    if (status != STATUS_OK || record_read(&record, &message) != STATUS_OK ||
        message.type != MESSAGE_TYPE_AUDIT_LINE) {
        return STATUS_MALFORMED;
    }
    *out = message.audit_line;
    return STATUS_OK;
}

enum status order_value_write(struct buffer *out, const struct message_start_bulk *order)
{
    struct message message = {.type = MESSAGE_TYPE_START_BULK, .start_bulk = *order};
    message.start_bulk.request = 0;
    message.start_bulk.key = SLICE_EMPTY;
    message.start_bulk.key_hash = SLICE_EMPTY;
    message.start_bulk.where = SLICE_EMPTY; /* the BULK beside it has it */
    const uint8_t format = !id_is_zero(&order->group)         ? ORDER_FORMAT_GROUP
                           : !id_is_zero(&order->error_group) ? ORDER_FORMAT_ERRORS
                                                              : VALUE_FORMAT;
    enum status status = buffer_append(out, &format, sizeof format);
    return status == STATUS_OK ? record_write(out, &message) : status;
}

enum status order_value_read(struct slice bytes, struct message_start_bulk *out)
{
    struct message message;
    if (bytes.size == 0 || bytes.data[0] < VALUE_FORMAT || bytes.data[0] > ORDER_FORMAT_GROUP) {
        return STATUS_MALFORMED;
    }
    struct slice record = slice_make(bytes.data + 1, bytes.size - 1);
    enum status status = record_read(&record, &message);
    if (status != STATUS_OK || message.type != MESSAGE_TYPE_START_BULK) {
        return STATUS_MALFORMED;
    }
    *out = message.start_bulk;
    return STATUS_OK;
}

enum status plain_value_write(struct buffer *out, struct slice bytes)
{
    uint8_t *at;
    enum status status = buffer_reserve(out, 1 + bytes.size, &at);
    if (status != STATUS_OK) {
        return status;
    }
    *at = VALUE_FORMAT;
    bytes_put(at + 1, bytes.data, bytes.size);
    buffer_commit(out, 1 + bytes.size);
    return STATUS_OK;
}

enum status plain_value_read(struct slice bytes, struct slice *out)
{
    if (!has_format(bytes)) {
        return STATUS_MALFORMED;
    }
    *out = slice_make(bytes.data + 1, bytes.size - 1);
    return STATUS_OK;
}
