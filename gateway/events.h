#ifndef TROUPE_GATEWAY_EVENTS_H
#define TROUPE_GATEWAY_EVENTS_H

/* Handlers of the event streams: of one job, and of everything that is the user's. */

#include <stdbool.h>
#include <stdint.h>
#include "gateway/router.h"

route_handler events_character;
route_handler events_media;
route_handler events_owner;

/* For other streams. Reads Last-Event-ID; answers and returns false when it is not a number of
 * ours. */
bool events_cursor_take(struct exchange *exchange, bool *has_cursor, uint64_t *after);

/* Answers a HEAD: what GET would tell, without a stream. Returns whether it was one. */
bool events_head_answer(struct exchange *exchange);

#endif
