#ifndef TROUPE_CLI_FILTER_H
#define TROUPE_CLI_FILTER_H

/* Which jobs are meant: words NAME=VALUE, with the names of the admin API's search. Pure but for
 * messages to standard error. */

#include "base/clock.h"
#include "base/json_writer.h"

enum {
    FILTER_COUNT = 11,
};

/* queue, status, owner, characterId, q, tag, from, to, errorCode, errorGroup, groupId, and NULL. */
extern const char *const filter_names[FILTER_COUNT + 1];

struct filter {
    const char *values[FILTER_COUNT];          /* borrowed, or times; NULL: any */
    char times[FILTER_COUNT][CLOCK_TEXT_SIZE]; /* of from and to, where they are so long ago */
};

/* The words that the values of a name may be, ended by NULL; NULL when they are free. */
const char *const *filter_words(const char *name);

/* Takes words of the form NAME=VALUE. Returns whether all are such, each of another name, after a
 * message that says what could be in the place of the first that is not. from and to may be 90s,
 * 30m, 24h or 7d: so long before now_ms. The filter is not moved from then on. */
bool filter_take(struct filter *filter, int count, char *const *words, int64_t now_ms);

/* The batch or pipeline whose jobs alone are meant; NULL: any. */
const char *filter_group(const struct filter *filter);
void filter_set_group(struct filter *filter, const char *group); /* borrowed */

bool filter_is_empty(const struct filter *filter);

/* Appends &NAME=VALUE for each, escaped for a query string.
 * Returns OK, TOO_LARGE or NO_MEMORY. */
enum status filter_write_query(const struct filter *filter, struct buffer *out);

/* Writes an object of the same members. */
void filter_write_json(const struct filter *filter, struct json_writer *writer);

/* Appends a text escaped for a query string. Returns as above. */
enum status filter_escape(const char *text, struct buffer *out);

#endif
