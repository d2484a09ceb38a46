#ifndef TROUPE_GATEWAY_PAGINATION_H
#define TROUPE_GATEWAY_PAGINATION_H

/*
 * What all lists have in common: limit and skip, or an opaque cursor that does not slow with depth,
 * and the `pagination` member of the answer. A page by skip that follows one given a while ago
 * continues it. Pure. Embedded in a list's request.
 */

#include "base/json_writer.h"
#include "gateway/validate.h"
#include "gateway/walks.h"

enum {
    LIMIT_DEFAULT = 20,
    CURSOR_TEXT_SIZE_MAX = 88,    /* CURSOR_SIZE_MAX in base64 */
    LIST_BODY_SIZE_MAX = 4 << 20, /* bytes: LIST_LIMIT_MAX jobs at their wire limits, escaped, or
                                     the broker's page of documents */
};

struct pagination {
    uint32_t limit;
    uint64_t skip;
    struct buffer cursor; /* decoded; empty for none */
    bool by_cursor;       /* the client gave it */
};

void pagination_init(struct pagination *pagination);
void pagination_fini(struct pagination *pagination);

/* Notes what is wrong with limit, skip and cursor. */
void pagination_check(const struct query_string *query, struct problems *problems);

/* The same of lists by cursor alone, which pass over skip, and of searches, which refuse it. */
void pagination_check_cursor(const struct query_string *query, struct problems *problems);
void pagination_check_search(const struct query_string *query, struct problems *problems);

/* Reads a query that passed the check; the second one without skip. */
void pagination_read(struct pagination *pagination, const struct query_string *query,
                     struct problems *problems);
void pagination_read_cursor(struct pagination *pagination, const struct query_string *query,
                            struct problems *problems);

/* Continues a walk by skip, if its page before is remembered: then there is a cursor. */
void pagination_continue(struct pagination *pagination, const struct walks *walks,
                         const struct walk *walk, int64_t now_ms);

/* Remembers what continues the page that is given now, of count items; next is empty on the last
 * one. */
void pagination_remember(const struct pagination *pagination, struct walks *walks,
                         const struct walk *walk, uint32_t count, struct slice next,
                         int64_t now_ms);

/* Notes that the broker does not take the cursor. */
void pagination_refuse(struct problems *problems);

/* Writes the member; next is empty on the last page. */
void pagination_write(const struct pagination *pagination, uint64_t total, struct slice next,
                      struct json_writer *writer);

/* The same of a list by cursor alone. */
void pagination_write_cursor(uint32_t limit, struct slice next, struct json_writer *writer);

/* The same of a search, which has no total but tells how far it has looked. */
void pagination_write_search(const struct pagination *pagination, struct slice next,
                             uint64_t scanned, bool exhausted, struct json_writer *writer);

#endif
