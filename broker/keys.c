#include "broker/keys.h"

#include <assert.h>
#include "base/encoding.h"
#include "broker/bytes.h"
#include "proto/messages.h"

enum {
    TAIL_SIZE = 8 + ID_SIZE, /* ~accepted job */
    RETAINED_KEY_SIZE = 2 + 8 + ID_SIZE,
    EVENTS_KEY_SIZE = 1 + ID_SIZE + 4,
    HISTORY_KEY_SIZE = 4,
    SPENT_DAY_SIZE = 1 + 4,  /* prefix day */
    CALLS_PART_SIZE = 1 + 4, /* prefix part */
};

_Static_assert(4 + OWNER_SIZE_MAX + TAIL_SIZE + SHA256_SIZE <= KEY_BYTES_MAX, "every key fits");
_Static_assert(SPENT_DAY_SIZE + OWNER_SIZE_MAX + PROVIDER_SIZE_MAX + 3 <= KEY_BYTES_MAX,
               "one of money too");

static uint8_t *put_owner(uint8_t *at, struct slice owner)
{
    assert(owner.size <= OWNER_SIZE_MAX);
    *at++ = (uint8_t)owner.size;
    return bytes_put(at, owner.data, owner.size);
}

static uint8_t *put_id(uint8_t *at, const struct id *id)
{
    return bytes_put(at, id->bytes, ID_SIZE);
}

static struct slice whole(const uint8_t *out, const uint8_t *end)
{
    return slice_make(out, (size_t)(end - out));
}

static struct slice prefix_and_id(uint8_t *out, uint8_t prefix, const struct id *id)
{
    out[0] = prefix;
    return whole(out, put_id(out + 1, id));
}

struct slice key_format(uint8_t *out)
{
    out[0] = KEY_FORMAT;
    return slice_make(out, 1);
}

struct slice key_meta(uint8_t *out)
{
    out[0] = KEY_META;
    return slice_make(out, 1);
}

struct slice key_job(uint8_t *out, const struct id *job)
{
    return prefix_and_id(out, KEY_JOB, job);
}

struct slice key_input(uint8_t *out, const struct id *job)
{
    return prefix_and_id(out, KEY_INPUT, job);
}

struct slice key_live(uint8_t *out, struct slice owner, uint8_t kind, uint64_t accepted,
                      const struct id *job)
{
    out[0] = KEY_LIVE;
    uint8_t *at = put_owner(out + 1, owner);
    *at++ = kind;
    return whole(out, put_id(bytes_put_big_64(at, ~accepted), job));
}

struct slice key_list(uint8_t *out, struct slice owner, uint8_t family, uint64_t accepted,
                      const struct id *job)
{
    out[0] = KEY_LIST;
    uint8_t *at = put_owner(out + 1, owner);
    *at++ = family;
    return whole(out, put_id(bytes_put_big_64(at, ~accepted), job));
}

struct slice key_state(uint8_t *out, struct slice owner, uint8_t family, uint8_t state,
                       uint64_t accepted, const struct id *job)
{
    out[0] = KEY_STATE;
    uint8_t *at = put_owner(out + 1, owner);
    *at++ = family;
    *at++ = state;
    return whole(out, put_id(bytes_put_big_64(at, ~accepted), job));
}

struct slice key_age(uint8_t *out, uint64_t accepted, const struct id *job)
{
    out[0] = KEY_AGE;
    return whole(out, put_id(bytes_put_big_64(out + 1, ~accepted), job));
}

struct slice key_total(uint8_t *out, struct slice owner, uint8_t kind, uint8_t state)
{
    out[0] = KEY_TOTAL;
    uint8_t *at = put_owner(out + 1, owner);
    *at++ = kind;
    *at++ = state;
    return whole(out, at);
}

struct slice key_events(uint8_t *out, const struct id *job, uint32_t version)
{
    out[0] = KEY_EVENTS;
    return whole(out, bytes_put_big_32(put_id(out + 1, job), version));
}

struct slice key_owner_events(uint8_t *out, struct slice owner, uint64_t event)
{
    out[0] = KEY_OWNER_EVENTS;
    return whole(out, bytes_put_big_64(put_owner(out + 1, owner), event));
}

struct slice key_event_day(uint8_t *out, uint32_t day)
{
    out[0] = KEY_EVENT_DAY;
    return whole(out, bytes_put_big_32(out + 1, day));
}

bool key_read_event_day(struct slice key, uint32_t *day)
{
    if (key.size != 1 + sizeof *day) {
        return false;
    }
    *day = bytes_get_big_32(key.data + 1);
    return true;
}

struct slice key_spent_day(uint8_t *out, uint32_t day)
{
    out[0] = KEY_SPENT;
    return whole(out, bytes_put_big_32(out + 1, day));
}

struct slice key_spent_owner(uint8_t *out, uint32_t day, struct slice owner)
{
    struct slice prefix = key_spent_day(out, day);
    return whole(out, put_owner(out + prefix.size, owner));
}

struct slice key_spent(uint8_t *out, uint32_t day, struct slice owner, struct slice provider,
                       uint8_t slot)
{
    struct slice prefix = key_spent_owner(out, day, owner);
    uint8_t *at = put_owner(out + prefix.size, provider);
    *at++ = slot;
    return whole(out, at);
}

/* Reads a size and as many bytes, as put_owner wrote them. */
static bool take_name(struct slice *rest, struct slice *out)
{
    if (rest->size < 1 || rest->size - 1 < rest->data[0]) {
        return false;
    }
    *out = slice_make(rest->data + 1, rest->data[0]);
    *rest = slice_make(out->data + out->size, rest->size - 1 - out->size);
    return true;
}

bool key_read_spent(struct slice key, uint32_t *day, struct slice *owner, struct slice *provider,
                    uint8_t *slot)
{
    if (key.size < SPENT_DAY_SIZE || key.data[0] != KEY_SPENT) {
        return false;
    }
    struct slice rest = slice_make(key.data + SPENT_DAY_SIZE, key.size - SPENT_DAY_SIZE);
    *day = bytes_get_big_32(key.data + 1);
    if (!take_name(&rest, owner) || !take_name(&rest, provider) || rest.size != 1) {
        return false;
    }
    *slot = rest.data[0];
    return *slot < SPEND_SLOT_COUNT;
}

struct slice key_calls_part(uint8_t *out, uint32_t part)
{
    out[0] = KEY_CALLS;
    return whole(out, bytes_put_big_32(out + 1, part));
}

struct slice key_calls(uint8_t *out, uint32_t part, struct slice account)
{
    struct slice prefix = key_calls_part(out, part);
    return whole(out, put_owner(out + prefix.size, account));
}

bool key_read_calls(struct slice key, uint32_t *part, struct slice *account)
{
    if (key.size < CALLS_PART_SIZE || key.data[0] != KEY_CALLS) {
        return false;
    }
    struct slice rest = slice_make(key.data + CALLS_PART_SIZE, key.size - CALLS_PART_SIZE);
    *part = bytes_get_big_32(key.data + 1);
    return take_name(&rest, account) && rest.size == 0 && account->size > 0;
}

struct slice key_draft(uint8_t *out, const struct id *job)
{
    return prefix_and_id(out, KEY_DRAFT, job);
}

struct slice key_operation(uint8_t *out, const struct id *job, uint8_t operation)
{
    out[0] = KEY_OPERATION;
    uint8_t *at = put_id(out + 1, job);
    *at++ = operation;
    return whole(out, at);
}

struct slice key_document(uint8_t *out, const struct id *id)
{
    return prefix_and_id(out, KEY_DOCUMENT, id);
}

struct slice key_character(uint8_t *out, struct slice owner, uint64_t number, const struct id *id)
{
    out[0] = KEY_CHARACTER;
    uint8_t *at = put_owner(out + 1, owner);
    return whole(out, put_id(bytes_put_big_64(at, ~number), id));
}

struct slice key_media(uint8_t *out, const struct id *character, uint64_t number,
                       const struct id *id)
{
    out[0] = KEY_MEDIA;
    uint8_t *at = put_id(out + 1, character);
    return whole(out, put_id(bytes_put_big_64(at, ~number), id));
}

struct slice key_media_total(uint8_t *out, const struct id *character, uint8_t type)
{
    out[0] = KEY_MEDIA_TOTAL;
    uint8_t *at = put_id(out + 1, character);
    *at++ = type;
    return whole(out, at);
}

struct slice key_removal(uint8_t *out, const struct id *id)
{
    return prefix_and_id(out, KEY_REMOVAL, id);
}

struct slice key_leftovers(uint8_t *out, const struct id *character)
{
    return prefix_and_id(out, KEY_LEFTOVERS, character);
}

struct slice key_idempotency(uint8_t *out, struct slice owner, struct slice key)
{
    out[0] = KEY_IDEMPOTENCY;
    uint8_t *at = put_owner(out + 1, owner);
    sha256(key, at);
    return whole(out, at + SHA256_SIZE);
}

struct slice key_dedupe(uint8_t *out, struct slice owner, uint8_t kind, struct slice key)
{
    out[0] = KEY_DEDUPE;
    uint8_t *at = put_owner(out + 1, owner);
    *at++ = kind;
    sha256(key, at);
    return whole(out, at + SHA256_SIZE);
}

struct slice key_group(uint8_t *out, const struct id *group)
{
    return prefix_and_id(out, KEY_GROUP, group);
}

struct slice key_group_events(uint8_t *out, const struct id *group, uint64_t event)
{
    out[0] = KEY_GROUP_EVENTS;
    return whole(out, bytes_put_big_64(put_id(out + 1, group), event));
}

static struct slice owner_and_id(uint8_t *out, uint8_t prefix, struct slice owner,
                                 const struct id *id)
{
    out[0] = prefix;
    return whole(out, put_id(put_owner(out + 1, owner), id));
}

struct slice key_endpoint(uint8_t *out, struct slice owner, const struct id *endpoint)
{
    return owner_and_id(out, KEY_ENDPOINT, owner, endpoint);
}

struct slice key_disabled(uint8_t *out, struct slice owner, const struct id *endpoint)
{
    return owner_and_id(out, KEY_DISABLED, owner, endpoint);
}

struct slice key_delivery(uint8_t *out, const struct id *endpoint, uint64_t accepted,
                          const struct id *delivery)
{
    out[0] = KEY_DELIVERY;
    uint8_t *at = put_id(out + 1, endpoint);
    return whole(out, put_id(bytes_put_big_64(at, ~accepted), delivery));
}

struct slice key_worker(uint8_t *out, const struct id *worker)
{
    return prefix_and_id(out, KEY_WORKER, worker);
}

struct slice key_queue(uint8_t *out, uint8_t kind)
{
    out[0] = KEY_QUEUE;
    out[1] = kind;
    return whole(out, out + 2);
}

struct slice key_retained(uint8_t *out, uint8_t retained, int64_t since, const struct id *job)
{
    assert(since >= 0);
    out[0] = KEY_RETAINED;
    out[1] = retained;
    return whole(out, put_id(bytes_put_big_64(out + 2, (uint64_t)since), job));
}

struct slice key_tombstone(uint8_t *out, const struct id *job)
{
    return prefix_and_id(out, KEY_TOMBSTONE, job);
}

uint8_t key_family(uint8_t kind)
{
    assert(kind < JOB_KIND_ASKED_COUNT);
    return kind == JOB_KIND_CHARACTER ? FAMILY_CHARACTER : FAMILY_MEDIA;
}

bool key_read_tail(struct slice key, uint64_t *accepted, struct id *job)
{
    if (key.size < 1 + TAIL_SIZE) {
        return false;
    }
    const uint8_t *tail = key.data + key.size - TAIL_SIZE;
    *accepted = ~bytes_get_big_64(tail);
    memcpy(job->bytes, tail + 8, ID_SIZE);
    return true;
}

bool key_read_retained(struct slice key, uint8_t *retained, int64_t *since, struct id *job)
{
    if (key.size != RETAINED_KEY_SIZE) {
        return false;
    }
    *retained = key.data[1];
    *since = (int64_t)bytes_get_big_64(key.data + 2);
    memcpy(job->bytes, key.data + 10, ID_SIZE);
    return *since >= 0;
}

bool key_read_version(struct slice key, uint32_t *version)
{
    if (key.size != EVENTS_KEY_SIZE) {
        return false;
    }
    *version = bytes_get_big_32(key.data + 1 + ID_SIZE);
    return true;
}

uint64_t key_read_event(struct slice key)
{
    assert(key.size > 8);
    return bytes_get_big_64(key.data + key.size - 8);
}

struct slice key_bulk(uint8_t *out, const struct id *bulk)
{
    return prefix_and_id(out, KEY_BULK, bulk);
}

struct slice key_bulk_order(uint8_t *out, const struct id *bulk)
{
    struct slice key = key_bulk(out, bulk);
    out[key.size] = 0;
    return slice_make(out, key.size + 1);
}

bool key_is_bulk_order(struct slice key)
{
    return key.size == 1 + ID_SIZE + 1;
}

struct slice key_history(uint8_t *out, uint8_t range, uint8_t kind, uint8_t place)
{
    out[0] = KEY_HISTORY;
    out[1] = range;
    out[2] = kind;
    out[3] = place;
    return slice_make(out, HISTORY_KEY_SIZE);
}

struct slice key_gone(uint8_t *out, const struct id *character)
{
    return prefix_and_id(out, KEY_GONE, character);
}

struct slice key_gap(uint8_t *out, int64_t start_ms)
{
    out[0] = KEY_GAP;
    return whole(out, bytes_put_big_64(out + 1, ~(uint64_t)start_ms));
}

bool key_read_gap(struct slice key, int64_t *start_ms)
{
    if (key.size != 1 + sizeof *start_ms) {
        return false;
    }
    *start_ms = (int64_t)~bytes_get_big_64(key.data + 1);
    return true;
}

struct slice key_audit(uint8_t *out, uint64_t number)
{
    out[0] = KEY_AUDIT;
    return whole(out, bytes_put_big_64(out + 1, ~number));
}

bool key_read_audit(struct slice key, uint64_t *number)
{
    if (key.size != 1 + sizeof *number) {
        return false;
    }
    *number = ~bytes_get_big_64(key.data + 1);
    return true;
}

bool key_read_history(struct slice key, uint8_t *range, uint8_t *kind, uint8_t *place)
{
    if (key.size != HISTORY_KEY_SIZE) {
        return false;
    }
    *range = key.data[1];
    *kind = key.data[2];
    *place = key.data[3];
    return true;
}
