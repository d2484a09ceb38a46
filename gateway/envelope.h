#ifndef TROUPE_GATEWAY_ENVELOPE_H
#define TROUPE_GATEWAY_ENVELOPE_H

/* The head that every answer with JSON has but refusals (http_error.h). Pure. */

#include "base/json_writer.h"

/* Begins the answer's object: status is HTTP's, message may be NULL. What else there is, as `data`,
 * follows, and json_object_end. */
void envelope_begin(struct json_writer *writer, int status, const char *message);

#endif
