#ifndef TROUPE_CLI_CLIENT_H
#define TROUPE_CLI_CLIENT_H

/*
 * Talks to a gateway over HTTP: whole requests, and event streams. The one owner of libcurl in the
 * command line. Blocks.
 */

#include "base/build.h"
#include "cli/document.h"
#include "cli/sse.h"
#include "cli/stack.h"

struct client;

/* libcurl, for --version. */
struct build_library client_library(void);

enum {
    CLIENT_ANSWER_SIZE_MAX = 16 << 20, /* bytes of an answer that is kept whole */
};

/* stack must outlive the client, which renews its token. Returns OK, NO_MEMORY or IO. */
enum status client_new(struct stack *stack, struct client **out);
/* Another one for the same stack, for what is asked while the first one's stream is open. */
enum status client_new_beside(const struct client *client, struct client **out);
void client_destroy(struct client **client);

/* Asked while something is awaited, at least once a second, and of a request ten times; true ends
 * it. */
typedef bool client_stop(void *context);

/* Takes a part of a body as it comes; false ends it. */
typedef bool client_copy(void *context, struct slice part);

struct client_request {
    const char *method;
    const char *path;  /* from the slash on, escaped */
    struct slice body; /* JSON; empty for none */
    const char *key;   /* Idempotency-Key, or NULL */
    long timeout_ms;   /* for the whole answer; 0: the usual */
    client_stop *stop; /* NULL: nothing stops it */
    client_copy *copy; /* NULL, or takes the body of a 200, which is not kept then */
    void *context;     /* of both */
};

struct client_answer {
    long code;             /* HTTP status */
    int64_t retry_after_s; /* what Retry-After says; 0 when it says nothing */
    bool is_to_read;       /* the request was a GET */
    struct document
        *document; /* the body; NULL when there is none; owned by the caller (document_destroy) */
};

/* Performs one request, and once more with another token when it is refused with 401 and the token
 * was made here: commands outlive theirs. A terminal is told on standard error when it takes long.
 * Returns OK (any HTTP status), TIMEOUT, AGAIN (stopped), CLOSED (not reached), MALFORMED (the body
 * is not JSON), TOO_LARGE or NO_MEMORY. */
enum status client_perform(struct client *client, const struct client_request *request,
                           struct client_answer *out);

/* Reads the event stream at path into sse until it ends or stop says so, resuming at sse->id; with
 * another token as client_perform.
 * Returns OK (the server ended it), CLOSED (cut off: ask again), TIMEOUT (stopped), NO_MEMORY, or
 * TOO_LARGE; out->code is the HTTP status, 0 when there was none, and out->document what came in
 * the place of a stream, if that is JSON.
 */
enum status client_stream(struct client *client, const char *path, struct sse *sse,
                          client_stop *stop, void *context, struct client_answer *out);

/* Why the last call was not OK, in libcurl's words. */
const char *client_error(const struct client *client);

#endif
