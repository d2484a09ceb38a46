#ifndef TROUPE_CLI_PROBLEM_H
#define TROUPE_CLI_PROBLEM_H

/* What a program's log says is wrong with a setting, in words for who has made it. Pure. */

#include "base/buffer.h"

/* Appends the words for one line of a log in JSON, without a line's end; of any other line, itself.
 * Returns OK, NO_MEMORY or TOO_LARGE. */
enum status problem_write(struct slice line, struct buffer *out);

#endif
