#ifndef TROUPE_GATEWAY_QUERY_STRING_H
#define TROUPE_GATEWAY_QUERY_STRING_H

/* Query strings (application/x-www-form-urlencoded, WHATWG URL 5.1). Pure; decodes into itself. */

#include "base/slice.h"
#include "base/status.h"
#include "gateway/limits.h"

struct query_string_pair {
    struct slice name; /* borrowed, as sent: the names that we know need no escapes */
    size_t value_size;
    char value[QUERY_VALUE_SIZE_MAX];
};

struct query_string {
    size_t count;
    struct query_string_pair pairs[QUERY_PAIRS_MAX];
};

/* Reads the text after "?". Returns OK, TOO_LARGE (a limit above) or MALFORMED (a bad escape, or a
 * value that is not UTF-8). */
enum status query_string_parse(struct slice text, struct query_string *out);

/* Returns the number of pairs with this name and the first one's value in *out (borrowed from
 * query). */
size_t query_string_find(const struct query_string *query, const char *name, struct slice *out);

#endif
