#ifndef TROUPE_CLI_REPEAT_H
#define TROUPE_CLI_REPEAT_H

/* The request that makes a job like a given one: what the dashboard's "Copy as curl" copies
 * (gateway/www/admin/repeat.js). */

#include "base/buffer.h"
#include "cli/document.h"

/* Appends the command for curl, in lines for a shell that has the token in TOKEN. `job` is an
 * answer of the admin API, origin the gateway's address. Returns OK, NOT_FOUND when no request
 * makes such a job, DENIED when the answer is one that tells no input, TOO_LARGE or NO_MEMORY. */
enum status repeat_write(const struct document *job, const char *origin, struct buffer *out);

#endif
