#ifndef TROUPE_CLI_REFUSAL_H
#define TROUPE_CLI_REFUSAL_H

/* Why a server refused, in words: its message, what is wrong with which field, the amounts of a
 * budget that is spent, and when to come again. */

#include <stdio.h>
#include "cli/document.h"

/* Prints it, a line each. answer: the body, NULL without one. retry_after_s: what Retry-After says;
 * 0 when it says nothing. */
void refusal_print(FILE *out, long code, const struct document *answer, int64_t retry_after_s);

#endif
