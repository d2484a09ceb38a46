#ifndef TROUPE_ACTORS_STUDIO_JSON_INPUT_H
#define TROUPE_ACTORS_STUDIO_JSON_INPUT_H

/* JSON from outside: bounded before it is parsed (RFC 8259). Pure but for allocation. */

#include <jansson.h>

#include "base/slice.h"
#include "base/status.h"

enum {
    JSON_INPUT_DEPTH_MAX =
        32, /* levels: what chat requests with tools and schemas need, far from the stack's end */
};

/* Parses a whole text; the caller json_decref's *out. Returns OK, or MALFORMED (bad syntax or
 * UTF-8, duplicate members, trailing bytes, too deep), with *out NULL. */
enum status json_input_parse(struct slice text, json_t **out);

/* The member's string, or an empty slice when it is absent or something else. Lives as long as
 * object. */
struct slice json_input_text(const json_t *object, const char *member);

#endif
