#ifndef TROUPE_GATEWAY_BODY_H
#define TROUPE_GATEWAY_BODY_H

/*
 * JSON objects from outside: request bodies, and documents that actors made. Parsed by jansson,
 * which this file alone knows; its recursion is bounded by counting the nesting first. Pure but for
 * allocation.
 */

#include "base/buffer.h"

enum {
    BODY_ERROR_SIZE = 160, /* bytes of an error's text, NUL included */
};

enum json_kind {
    JSON_KIND_ABSENT,
    JSON_KIND_NULL,
    JSON_KIND_TEXT,
    JSON_KIND_INTEGER,
    JSON_KIND_FRACTION,
    JSON_KIND_BOOLEAN,
    JSON_KIND_OBJECT,
    JSON_KIND_LIST,
};

/* A member or item. Borrowed from its body. */
struct json_value {
    enum json_kind kind;
    struct slice text; /* of TEXT; UTF-8 */
    int64_t integer;   /* of INTEGER */
    size_t count;      /* items of LIST */
    const void *node;  /* jansson's */
};

struct body;

/* Parses one JSON object of at most BODY_DEPTH_MAX levels, all of bytes. Refuses duplicate members,
 * trailing bytes and text that is not UTF-8. On success *out is the caller's (body_destroy).
 * Returns OK; MALFORMED or NO_MEMORY with the reason and its place in error. */
enum status body_parse(struct slice bytes, struct body **out, char error[BODY_ERROR_SIZE]);

void body_destroy(struct body **body);

/* Whether bytes that an actor has made are one JSON object; no other rule of bodies holds for them.
 */
bool body_is_object(struct slice bytes);

struct json_value body_member(const struct body *body, const char *name);
struct json_value body_item(const struct json_value *list, size_t index);

/* The name of a member that is not among `known` (ended by NULL); NULL when there is none. */
const char *body_stranger(const struct body *body, const char *const *known);

/* An OBJECT as a body of its own; borrowed from the whole. */
const struct body *body_object(const struct json_value *object);

/* Appends the object as compact JSON, without some of its members (names, ended by NULL). Returns
 * OK, TOO_LARGE or NO_MEMORY. */
enum status body_write_without(const struct body *body, const char *const *names,
                               struct buffer *out);

#endif
