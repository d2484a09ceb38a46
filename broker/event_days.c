#include "broker/event_days.h"

#include "broker/forget.h"
#include "broker/keys.h"
#include "broker/values.h"

static const int64_t DAY_MS = 86400000;

enum status event_days_note(struct event_days *days, struct batch *batch, struct buffer *value,
                            uint64_t first, int64_t now)
{
    uint8_t key[KEY_BYTES_MAX];
    uint32_t day = (uint32_t)(now / DAY_MS);
    if (days->noted > day) {
        return STATUS_OK;
    }
    days->noted = day + 1;
    buffer_clear(value);
    enum status status = number_value_write(value, first);
    return status == STATUS_OK ? batch_put(batch, key_event_day(key, day), buffer_slice(value))
                               : status;
}

struct found_day {
    bool found;
    uint64_t first; /* event of the day */
    enum status status;
};

static bool take_day(void *context, struct slice key, struct slice value)
{
    struct found_day *found = context;
    (void)key;
    found->found = true;
    found->status = number_value_read(value, &found->first);
    return false;
}

/* Finds the first day of from <= day < to. */
static enum status find_day(struct view *view, uint32_t from, uint32_t to, struct found_day *out)
{
    uint8_t first[KEY_BYTES_MAX];
    uint8_t end[KEY_BYTES_MAX];
    *out = (struct found_day){0};
    enum status status = view->methods->scan(view, key_event_day(first, from),
                                             key_event_day(end, to), take_day, out);
    return status == STATUS_OK ? out->status : status;
}

/* Days between the first that is written and the last had no events when they are missing: what is
 * gone is of before the next one. */
enum status event_days_are_gone(struct view *view, uint64_t after, int64_t now, bool *out)
{
    struct found_day known;
    struct found_day whole;
    int64_t dropped_before = now - OWNER_EVENTS_STORED_S * INT64_C(1000);
    uint32_t day = dropped_before < 0 ? 0 : (uint32_t)(dropped_before / DAY_MS) + 1;
    *out = false;
    enum status status = find_day(view, 0, day, &known);
    if (status != STATUS_OK || !known.found) {
        return status;
    }
    status = find_day(view, day, UINT32_MAX, &whole);
    *out = status == STATUS_OK && (!whole.found || after + 1 < whole.first);
    return status;
}
