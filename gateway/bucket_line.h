#ifndef TROUPE_GATEWAY_BUCKET_LINE_H
#define TROUPE_GATEWAY_BUCKET_LINE_H

/*
 * The way to the object store: its bucket, and an HTTP client on h2o's loop. Requests are signed
 * here, and what a store says is told in words. The gateway owns the one instance.
 */

#include <h2o.h>
#include "base/clock.h"
#include "gateway/http_client.h"
#include "s3/answer.h"
#include "s3/request.h"

struct bucket_line {
    const struct s3_bucket *bucket; /* NULL: there is none */
    const struct clock *clock;
    struct http_client *client;
    h2o_socket_t *socket; /* the client's descriptor in the loop */
};

/* bucket and clock live as long as the line. Returns OK, NO_MEMORY or IO. */
enum status bucket_line_open(struct bucket_line *line, const struct s3_bucket *bucket,
                             const struct clock *clock, h2o_context_t *context);

/* Ends what is under way. Accepts a zeroed line; may be called twice. */
void bucket_line_close(struct bucket_line *line);

/* To be called every TICK_MS. */
void bucket_line_tick(struct bucket_line *line, int64_t now_ms);

/* Signs a request and starts it, with one header line more that needs no signature; NULL for none.
 * Returns OK, TOO_LARGE or NO_MEMORY. */
enum status bucket_line_send(struct bucket_line *line, const struct s3_request *request,
                             const char *line_more, http_news_function *news, void *context,
                             struct http_transfer **out);

/* Why a transfer that has ended, or whose body holds all that is wanted of it, failed; kind is NONE
 * when it did not. */
void bucket_line_failure(const struct http_transfer *transfer, struct slice body,
                         struct s3_failure *out);

#endif
