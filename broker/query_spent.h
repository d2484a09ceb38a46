#ifndef TROUPE_BROKER_QUERY_SPENT_H
#define TROUPE_BROKER_QUERY_SPENT_H

/*
 * What owners have spent, as the store has it: for the core at a start, and for who asks. Pure over
 * a view.
 */

#include "broker/core/core.h"
#include "broker/view.h"
#include "proto/codec.h"

/* Calls visit with what each owner spent on a day, once for each provider; not with the sums of
 * all. Stops and returns visit's status when it is not OK; MALFORMED when a record is damaged. */
typedef enum status query_spent_visit(void *context, uint32_t day, struct slice owner,
                                      uint64_t amount);
enum status query_spent(struct view *view, uint32_t day, query_spent_visit *visit, void *context);

/* Answers GET_USAGE; spending is what the loop knew of the owner, or of all when none is named,
 * when it handed the request over (core_spending). Days without money are left out, as are damaged
 * amounts. Returns OK, TOO_LARGE, NO_MEMORY, or IO. */
enum status query_usage(struct view *view, const struct message_get_usage *request,
                        const struct spending *spending, struct frame_writer *out);

#endif
