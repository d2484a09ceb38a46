#ifndef TROUPE_BROKER_EVENT_DAYS_H
#define TROUPE_BROKER_EVENT_DAYS_H

/*
 * With which number the events of a day began: one small record a day, by which the number in a
 * cursor tells how old it is when the events behind it are gone. Its part that writes is embedded
 * by the recorder. Pure.
 */

#include "broker/batch.h"
#include "broker/view.h"

struct event_days {
    uint32_t noted; /* the day after the last one that was written since the start; 0: none was */
};

/* At the end of a turn whose first event is `first`: writes the day, once since the start. A day
 * with two starts is written twice, then with a later number. value is scratch space. Returns OK,
 * TOO_LARGE or NO_MEMORY. */
enum status event_days_note(struct event_days *days, struct batch *batch, struct buffer *value,
                            uint64_t first, int64_t now);

/* Whether events behind `after` may have been dropped since, because they were older than what is
 * stored (forget.h). True is also said when none was, but then `after` is older than a week less a
 * day, or a day is damaged. False of what came before days were written. Returns OK, or what the
 * view does, but MALFORMED. */
enum status event_days_are_gone(struct view *view, uint64_t after, int64_t now, bool *out);

#endif
