#ifndef TROUPE_CLI_SPARK_H
#define TROUPE_CLI_SPARK_H

/* Numbers as a row of small bars, a character each. Pure. */

#include "base/buffer.h"

enum {
    SPARK_NONE = -1, /* in the place of a number: there is none, and no bar */
};

/* How several numbers become one, where there is no room for a bar each. */
enum spark_merge {
    SPARK_MERGE_SUM,
    SPARK_MERGE_MOST,
};

/* Makes one of each `group` numbers, in place; when they do not go up, the first is of fewer, so
 * that the last is whole. Where there is no number among them there is none. Returns how many there
 * are then. group: 1 or more. */
size_t spark_merge(int64_t *numbers, size_t count, size_t group, enum spark_merge how);

/* The highest of them; 0 when there is none. */
int64_t spark_most(const int64_t *numbers, size_t count);

/* Appends a bar for each: none is lower than an eighth, and one of `most` is whole. Returns OK,
 * TOO_LARGE or NO_MEMORY. */
enum status spark_draw(const int64_t *numbers, size_t count, int64_t most, struct buffer *out);

#endif
