#ifndef TROUPE_BASE_METRICS_HEAD_H
#define TROUPE_BASE_METRICS_HEAD_H

/*
 * The head of an HTTP/1 request (RFC 9112) as far as a scrape needs it: method, path, Accept. A
 * body is not read: the connection is closed after the answer. Pure.
 */

#include "base/slice.h"
#include "base/status.h"

enum {
    METRICS_HEAD_SIZE_MAX = 8192, /* bytes: many times what Prometheus sends */
};

struct metrics_head {
    struct slice method;
    struct slice path;   /* without a query */
    struct slice accept; /* empty when there is none */
};

/* Reads what has arrived; *out borrows from it. Returns OK, AGAIN (its end is missing), TOO_LARGE
 * (and above the limit) or MALFORMED. */
enum status metrics_head_read(struct slice bytes, struct metrics_head *out);

#endif
