#ifndef TROUPE_BROKER_QUERY_AUDIT_H
#define TROUPE_BROKER_QUERY_AUDIT_H

/* Reads of the audit log, newest line first. Pure over a view. */

#include "broker/search.h"
#include "broker/view.h"
#include "proto/codec.h"

enum {
    AUDIT_CURSOR_SIZE = 8, /* bytes: the number of the last line that was looked at */
};

/* The number of the newest line; 0 when there is none. When the newest ones are damaged, a larger
 * one than theirs. Returns OK or IO. */
enum status query_audit_last(struct view *view, uint64_t *out);

/* Writes AUDIT_PAGE and its AUDIT_LINEs: those of the request's user and action, until the page is
 * full or the limit says stop; then with a cursor to go on from. What is older than AUDIT_KEPT_S,
 * or has AUDIT_LINES_MAX newer lines (forget.h), is not told. A malformed cursor is answered by
 * INVALID, a damaged line passed over. Returns OK, TOO_LARGE, NO_MEMORY or IO. */
enum status query_audit(struct view *view, const struct message_get_audit *request,
                        const struct search_limit *limit, int64_t now, struct frame_writer *out);

#endif
