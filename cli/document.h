#ifndef TROUPE_CLI_DOCUMENT_H
#define TROUPE_CLI_DOCUMENT_H

/*
 * A parsed JSON answer, read by path ("data.jobId"). The one owner of jansson in the command line.
 */

#include <stdbool.h>
#include <stdint.h>
#include "base/buffer.h"
#include "base/money.h"

struct document;

/* Returns OK, MALFORMED or NO_MEMORY. */
enum status document_parse(struct slice text, struct document **out);
void document_destroy(struct document **document);

/* A copy of what is at the path, to be destroyed. Returns OK, NOT_FOUND or NO_MEMORY. */
enum status document_copy(const struct document *document, const char *path, struct document **out);

/* Puts a copy of what another has at a path into the object that a document is. Returns OK,
 * NOT_FOUND or NO_MEMORY. */
enum status document_put(struct document *document, const char *name, const struct document *from,
                         const char *path);

/* Removes a member of the object that a document is; that there is none is fine. */
void document_drop(struct document *document, const char *name);

/* Whether there is something at the path, and not null. */
bool document_has(const struct document *document, const char *path);

/* A string at the path, or otherwise when there is none. Valid as long as the document. */
const char *document_text(const struct document *document, const char *path, const char *otherwise);

/* A whole number at the path, or otherwise. */
int64_t document_integer(const struct document *document, const char *path, int64_t otherwise);

/* A true or false at the path, or otherwise. */
bool document_flag(const struct document *document, const char *path, bool otherwise);

/* An amount of money at the path, a number of US dollars, in micro-dollars. Returns false when
 * there is none. */
bool document_money(const struct document *document, const char *path, uint64_t *out);

/* How many items the list, or members the object, at the path has; 0 when there is none. */
size_t document_count(const struct document *document, const char *path);

/* Appends the value at the path ("" for all of it) as JSON, indented or on one line, without
 * control characters (terminal_text.h); null when there is none. */
enum status document_write(const struct document *document, const char *path, bool indented,
                           struct buffer *out);

#endif
