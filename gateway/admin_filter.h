#ifndef TROUPE_GATEWAY_ADMIN_FILTER_H
#define TROUPE_GATEWAY_ADMIN_FILTER_H

/* Which jobs an operator means: the filters of a search, from a query string or from the `where` of
 * a body. Pure. */

#include "gateway/validate.h"
#include "proto/messages.h"

/* Reads the filters into *out, whose texts borrow from the query or body, and notes what is wrong
 * with them. Without a queue all jobs that were asked for are meant, and no deliveries. */
void admin_filter_query(const struct query_string *query, struct message_search_jobs *out,
                        struct problems *problems);
void admin_filter_body(const struct body *where, struct message_search_jobs *out,
                       struct problems *problems);

#endif
