#ifndef TROUPE_BROKER_QUERY_CALLS_H
#define TROUPE_BROKER_QUERY_CALLS_H

/*
 * How often accounts of providers were called, as the store has it: for the core at a start. Pure
 * over a view.
 */

#include "broker/view.h"

/* Calls visit with the calls of each account in each part of a day, from the part `first` on, the
 * oldest first. Stops and returns visit's status when it is not OK; MALFORMED when a record is
 * damaged. */
typedef enum status query_calls_visit(void *context, uint32_t part, struct slice account,
                                      uint64_t count);
enum status query_calls(struct view *view, uint32_t first, query_calls_visit *visit, void *context);

#endif
