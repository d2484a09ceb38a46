#include "broker/forget.h"

#include "broker/bytes.h"
#include "broker/keys.h"
#include "broker/query.h"
#include "broker/values.h"

_Static_assert(OWNER_EVENTS_STORED_S > EVENTS_KEPT_MS / 1000, "what may be read is there");
_Static_assert(GROUP_LIFE_S > DEDUPE_TTL_MAX_MS / 1000, "a dedupe key is there for its time");
_Static_assert(GROUP_LIFE_S >= (RUN_AT_MAX_MS + DEADLINE_MAX_MS + DEADLINE_MS) / INT64_C(1000),
               "and for the life of its job, and of one retry");

static const int64_t DAY_MS = 86400000;

uint64_t forget_audit_above(uint64_t audit_last)
{
    return audit_last > AUDIT_LINES_MAX ? audit_last - AUDIT_LINES_MAX : 0;
}

struct forgetting forgetting_at(int64_t now, int64_t kept_ms, uint64_t audit_last)
{
    return (struct forgetting){
        .keys_before = now - KEY_LIFE_MS,
        .events_before = now - OWNER_EVENTS_STORED_S * INT64_C(1000),
        .groups_before = now - kept_ms - GROUP_LIFE_S * INT64_C(1000),
        .audit_before = now - AUDIT_KEPT_S * INT64_C(1000),
        .audit_above = forget_audit_above(audit_last),
        .spent_before = now - SPENT_DAYS_KEPT * DAY_MS,
        .calls_before = now - CALLS_DAYS_KEPT * DAY_MS,
        .days_before = now - EVENT_DAYS_KEPT * DAY_MS,
        .gone_before = now - GONE_DAYS_KEPT * DAY_MS,
    };
}

static bool key_is_over(struct slice value, int64_t before)
{
    struct key_value key;
    return key_value_read(value, &key) == STATUS_OK && key.time_ms < before;
}

static bool dedupe_is_over(struct slice value, int64_t before)
{
    struct dedupe_value dedupe;
    return dedupe_value_read(value, &dedupe) == STATUS_OK && dedupe.time_ms < before;
}

static bool events_are_over(struct slice value, int64_t before)
{
    int64_t time_ms;
    uint32_t count;
    return owner_events_read(value, &time_ms, &count) == STATUS_OK && time_ms < before;
}

static bool group_is_over(struct slice value, int64_t before)
{
    struct group_value group;
    return group_value_read(value, &group) == STATUS_OK && group.created_at < before;
}

static bool line_is_over(struct slice key, struct slice value, const struct forgetting *forgetting)
{
    uint64_t number;
    struct message_audit_line line;
    if (!key_read_audit(key, &number)) {
        return false;
    }
    return number <= forgetting->audit_above ||
           (audit_value_read(value, &line) == STATUS_OK && line.at < forgetting->audit_before);
}

/* The whole day is over. */
static bool spent_is_over(struct slice key, int64_t before)
{
    uint32_t day;
    uint8_t slot;
    struct slice owner;
    struct slice provider;
    return key_read_spent(key, &day, &owner, &provider, &slot) && (day + 1) * DAY_MS <= before;
}

static bool calls_are_over(struct slice key, int64_t before)
{
    uint32_t part;
    struct slice account;
    return key_read_calls(key, &part, &account) && ((int64_t)part + 1) * DAY_PART_MS <= before;
}

static bool day_is_over(struct slice key, int64_t before)
{
    uint32_t day;
    return key_read_event_day(key, &day) && ((int64_t)day + 1) * DAY_MS <= before;
}

static bool gone_is_over(struct slice value, int64_t before)
{
    int64_t time_ms;
    return time_value_read(value, &time_ms) == STATUS_OK && time_ms < before;
}

static bool is_zero(struct slice value)
{
    return value.size == BATCH_ADD_SIZE && bytes_get_64(value.data) == 0;
}

bool forget_is_over(const struct forgetting *forgetting, struct slice key, struct slice value)
{
    switch (key.size > 0 ? key.data[0] : 0) {
    case KEY_IDEMPOTENCY:
        return key_is_over(value, forgetting->keys_before);
    case KEY_DEDUPE:
        return dedupe_is_over(value, forgetting->groups_before);
    case KEY_OWNER_EVENTS:
        return events_are_over(value, forgetting->events_before);
    case KEY_GROUP_EVENTS:
        return events_are_over(value, forgetting->groups_before);
    case KEY_GROUP:
        return group_is_over(value, forgetting->groups_before);
    case KEY_AUDIT:
        return line_is_over(key, value, forgetting);
    case KEY_SPENT:
        return spent_is_over(key, forgetting->spent_before);
    case KEY_CALLS:
        return calls_are_over(key, forgetting->calls_before);
    case KEY_EVENT_DAY:
        return day_is_over(key, forgetting->days_before);
    case KEY_GONE:
        return gone_is_over(value, forgetting->gone_before);
    case KEY_TOTAL:
    case KEY_MEDIA_TOTAL:
        return is_zero(value);
    default:
        return false;
    }
}
