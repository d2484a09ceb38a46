#ifndef TROUPE_GATEWAY_ACCEPT_H
#define TROUPE_GATEWAY_ACCEPT_H

/* What a client takes: Accept and Accept-Encoding (RFC 9110, 12.5) as far as there is a choice.
 * Pure. Elements that do not follow the grammar are passed over. */

#include "base/slice.h"

/* Whether an Accept-Encoding takes gzip, and likes it no less than the bytes as they are. */
bool accept_gzip(struct slice header);

/* Whether an Accept names application/problem+json, and likes it no less than application/json. A
 * range that only covers it does not count: who does not know it wants the envelope. */
bool accept_problem(struct slice header);

/* The same of text/html: browsers name it when somebody opens an address. */
bool accept_html(struct slice header);

#endif
