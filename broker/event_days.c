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
    bool is_damaged; /* there was one before it that cannot be read */
    uint64_t first;  /* event of the day */
    enum status status;
};

/* In place of a damaged one the next is taken. */
static bool take_day(void *context, struct slice key, struct slice value)
{
    struct found_day *found = context;
    (void)key;
    found->status = number_value_read(value, &found->first);
    found->found = found->status == STATUS_OK;
    found->is_damaged |= found->status == STATUS_MALFORMED;
    return found->status == STATUS_MALFORMED;
}

/* Finds the first day of from <= day < to that can be read. */
static enum status find_day(struct view *view, uint32_t from, uint32_t to, struct found_day *out)
{
    uint8_t first[KEY_BYTES_MAX];
    uint8_t end[KEY_BYTES_MAX];
    *out = (struct found_day){0};
    enum status status = view->methods->scan(view, key_event_day(first, from),
                                             key_event_day(end, to), take_day, out);
    out->is_damaged |= status == STATUS_MALFORMED;
    if (out->is_damaged) {
        view_note_entry(view);
    }
    status = status == STATUS_OK ? out->status : status;
    return status == STATUS_MALFORMED ? STATUS_OK : status;
}

/* Of what cannot be read the worse is taken: that something was there, and is gone.
 * Days between the first that is written and the last had no events when they are missing: what is
 * gone is of before the next one. */
enum status event_days_are_gone(struct view *view, uint64_t after, int64_t now, bool *out)
{
    struct found_day known;
    struct found_day whole;
    int64_t dropped_before = now - OWNER_EVENTS_STORED_S * INT64_C(1000);
    uint32_t day = dropped_before < 0 ? 0 : (uint32_t)(dropped_before / DAY_MS) + 1;
    *out = false;
    enum status status = find_day(view, 0, day, &known);
    if (status != STATUS_OK || (!known.found && !known.is_damaged)) {
        return status;
    }
    status = find_day(view, day, UINT32_MAX, &whole);
    *out = status == STATUS_OK && (!whole.found || after + 1 < whole.first);
    return status;
}
