#ifndef TROUPE_BASE_JSON_WRITER_H
#define TROUPE_BASE_JSON_WRITER_H

/*
 * Writes JSON (RFC 8259) straight into a buffer: no tree, no allocation of its own. Commas are
 * placed by the writer. The first failure sticks: later calls do nothing and json_writer_status
 * tells it. Reading JSON is jansson's work.
 */

#include "base/buffer.h"

struct json_writer {
    struct buffer *out;
    enum status status;
    bool comma; /* the next value needs a comma before it */
};

void json_writer_init(struct json_writer *writer, struct buffer *out);
enum status json_writer_status(const struct json_writer *writer);

void json_object_begin(struct json_writer *writer);
void json_object_end(struct json_writer *writer);
void json_array_begin(struct json_writer *writer);
void json_array_end(struct json_writer *writer);

/* name is a literal of ours that needs no escaping. */
void json_name(struct json_writer *writer, const char *name);

/* Writes a string, escaped; bytes that are not UTF-8 become U+FFFD. */
void json_put_text(struct json_writer *writer, struct slice text);
void json_put_integer(struct json_writer *writer, int64_t value);
void json_put_boolean(struct json_writer *writer, bool value);
void json_put_null(struct json_writer *writer);

/* Writes bytes that are a whole JSON value already. */
void json_put_raw(struct json_writer *writer, struct slice value);

/* name and value in one call. */
void json_member_text(struct json_writer *writer, const char *name, struct slice text);
void json_member_integer(struct json_writer *writer, const char *name, int64_t value);
void json_member_boolean(struct json_writer *writer, const char *name, bool value);
void json_member_null(struct json_writer *writer, const char *name);
/* An id in its 36-character form, or null when it is all zero. */
struct id;
void json_member_id(struct json_writer *writer, const char *name, const struct id *id);
/* An ISO 8601 time, or null when it is 0. */
void json_member_time(struct json_writer *writer, const char *name, int64_t time_ms);
/* A string, or null when it is empty. */
void json_member_text_or_null(struct json_writer *writer, const char *name, struct slice text);

#endif
