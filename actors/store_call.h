#ifndef TROUPE_ACTORS_STORE_CALL_H
#define TROUPE_ACTORS_STORE_CALL_H

/*
 * One request to an object store, repeated while its failure may pass: no connection, a broken one,
 * 5xx, SlowDown, a checksum that did not match; at most STORE_TRIES_MAX times, with growing pauses.
 * Whoever embeds a call owns it, and what its request points to, until it has ended.
 */

#include "actors/http.h"
#include "actors/subject.h"
#include "base/clock.h"
#include "s3/answer.h"
#include "s3/request.h"

/* What all calls need. Borrowed; lives as long as the program. */
struct store_line {
    const struct s3_bucket *bucket;
    struct loop *loop;
    struct http *http;
    const struct clock *clock;
};

/* failure->kind is NONE after a success. */
typedef void store_call_function(void *context, const struct s3_failure *failure,
                                 const struct http_response *response);
typedef void store_restart_function(void *context);

struct store_call {
    const struct store_line *line;
    struct subject subject; /* whose call it is */
    struct s3_request request;
    http_write_function *write;      /* where an object goes; NULL: kept in the response */
    store_restart_function *restart; /* it comes once more from its beginning; with write */
    size_t answer_size_max;          /* bytes */
    store_call_function *function;
    void *context;
    /* Its own. */
    struct timer pause;
    struct http_transfer *transfer;
    uint32_t tries;
};

/* Begins in the next turn of the loop, so that a write function of a transfer may call it. */
void store_call_start(struct store_call *call);

/* Ends it without a callback. Accepts a zeroed call, and one that has ended. */
void store_call_cancel(struct store_call *call);

bool store_call_is_running(const struct store_call *call);

#endif
