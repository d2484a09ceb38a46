#ifndef TROUPE_BASE_HEADER_LIST_H
#define TROUPE_BASE_HEADER_LIST_H

/* Headers that are lists of things with parameters (RFC 9110, 5.6). Pure. */

#include "base/slice.h"

enum {
    HEADER_WEIGHT_NONE = -1,
    HEADER_WEIGHT_MAX = 1000,
};

/* Takes what stands before the next end, which no quotes contain, off the front of *text, and end
 * with it. Returns it without the blanks around it; borrowed from *text. */
struct slice header_part_take(struct slice *text, uint8_t end);

/* Whether a token is name, in any case. */
bool header_token_is(struct slice token, const char *name);

/* The weight (RFC 9110, 12.4.2) among an element's parameters, in thousandths: HEADER_WEIGHT_MAX
 * when there is none, HEADER_WEIGHT_NONE when it is malformed. */
int header_weight(struct slice parameters);

#endif
