#ifndef TROUPE_GATEWAY_CORS_H
#define TROUPE_GATEWAY_CORS_H

/* Which pages of other origins may read the API's answers in a browser (the Fetch standard's CORS
 * protocol). Pure. */

#include "base/slice.h"
#include "base/status.h"

/* Whether origins is "*", or a list of origins (scheme://host[:port], as browsers send them)
 * separated by commas or blanks. Returns OK or INVALID. */
enum status cors_check(const char *origins);

/* What Access-Control-Allow-Origin says to origin: "*", the origin itself, or empty when it is not
 * allowed. origins passed cors_check. Borrowed from either. */
struct slice cors_answer(const char *origins, struct slice origin);

#endif
