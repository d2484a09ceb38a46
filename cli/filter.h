#ifndef TROUPE_CLI_FILTER_H
#define TROUPE_CLI_FILTER_H

/* Which jobs are meant: words NAME=VALUE, with the names of the admin API's search. Pure. */

#include "base/json_writer.h"

enum {
    FILTER_COUNT = 10,
};

/* queue, status, owner, characterId, q, tag, from, to, errorCode, errorGroup; ended by NULL. */
extern const char *const filter_names[FILTER_COUNT + 1];

struct filter {
    const char *values[FILTER_COUNT]; /* borrowed; NULL: any */
};

/* Takes words of the form NAME=VALUE. Returns NULL, or the first word that is none, or is the
 * second of its name. */
const char *filter_take(struct filter *filter, int count, char *const *words);

bool filter_is_empty(const struct filter *filter);

/* Appends &NAME=VALUE for each, escaped for a query string.
 * Returns OK, TOO_LARGE or NO_MEMORY. */
enum status filter_write_query(const struct filter *filter, struct buffer *out);

/* Writes an object of the same members. */
void filter_write_json(const struct filter *filter, struct json_writer *writer);

/* Appends a text escaped for a query string. Returns as above. */
enum status filter_escape(const char *text, struct buffer *out);

#endif
