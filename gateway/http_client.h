#ifndef TROUPE_GATEWAY_HTTP_CLIENT_H
#define TROUPE_GATEWAY_HTTP_CLIENT_H

/*
 * HTTP requests of the gateway's own, to the object store. The owner of libcurl; knows nothing of
 * h2o, nor of stores. Everything is behind one descriptor, which whoever has a loop watches. An
 * answer comes in as fast as it is taken: HTTP_CLIENT_HELD_MAX bytes of it are held, then the other
 * side has to wait. The gateway owns the one instance.
 */

#include "base/buffer.h"
#include "base/build.h"

struct http_client;
struct http_transfer;

/* Called when there is something new: the head of the answer with the first bytes, more bytes, the
 * end. Never from within another function of this module. The transfer may be cancelled in it. */
typedef void http_news_function(void *context);

/* An answer's body is at an end, or will never be. */
enum http_end {
    HTTP_END_NONE, /* it goes on */
    HTTP_END_WHOLE,
    HTTP_END_BROKEN,  /* no connection, or not to its end */
    HTTP_END_TIMEOUT, /* no connection, or no byte, in time */
};

struct http_client_request {
    const char *method; /* GET, HEAD or DELETE */
    const char *url;
    const char *const *headers; /* header_count lines "name: value" */
    size_t header_count;
    http_news_function *news;
    void *context;
};

/* libcurl, for --version. */
struct build_library http_client_library(void);

/* Returns OK, NO_MEMORY or IO. */
enum status http_client_new(struct http_client **out);

/* Ends what is under way without a word: no pointer to a transfer may be used after it. Accepts
 * NULL; nulls the caller's pointer. */
void http_client_destroy(struct http_client **client);

/* Readable whenever http_client_turn has something to do. Stays the client's. */
int http_client_descriptor(const struct http_client *client);
void http_client_turn(struct http_client *client);

/* Ends what has waited for too long. To be called every TICK_MS. */
void http_client_tick(struct http_client *client, int64_t now_ms);

/* Starts a request; copies what request points to but its context. Returns OK or NO_MEMORY. */
enum status http_client_start(struct http_client *client, const struct http_client_request *request,
                              int64_t now_ms, struct http_transfer **out);

/* Ends it at once: the connection is closed if anything was under way. Accepts NULL; nulls the
 * caller's pointer. */
void http_client_cancel(struct http_transfer **transfer);

/* ---- what came ---- */

/* Of HTTP; 0 before there was any news. */
long http_transfer_status(const struct http_transfer *transfer);

/* A header of the answer, empty when there is none. Valid as long as the transfer. */
struct slice http_transfer_header(const struct http_transfer *transfer, const char *name);

/* What is held of the body. Valid until the next turn of the client. */
struct slice http_transfer_bytes(const struct http_transfer *transfer);

/* Takes size of them away: more may come. */
void http_transfer_take(struct http_transfer *transfer, size_t size);

/* WHOLE only when all bytes were taken or are held. */
enum http_end http_transfer_end(const struct http_transfer *transfer);

/* Why it is BROKEN or TIMEOUT, in libcurl's words or ours. */
const char *http_transfer_error(const struct http_transfer *transfer);

#endif
