#ifndef TROUPE_ACTORS_HTTP_H
#define TROUPE_ACTORS_HTTP_H

/*
 * HTTP requests on the event loop, any number at once. The owner of libcurl, by http_transfer.h:
 * nobody else includes curl.h. Knows nothing of providers: it tells what happened, provider_error.h
 * says what that means. The runtime owns the one instance.
 */

#include "actors/loop.h"
#include "base/buffer.h"

struct http;
struct http_transfer;

/* Takes the next bytes of a body. AGAIN: they are not taken, and come again after http_resume. What
 * else is not OK ends the transfer with HTTP_OUTCOME_REFUSED. Makes no request by itself. */
typedef enum status http_write_function(void *context, struct slice bytes);

struct http_request {
    const char *url;        /* http or https */
    const char *bearer;     /* sent as Authorization: Bearer; NULL for none */
    struct slice trace;     /* sent as traceparent; empty for none */
    struct slice json;      /* POST with this body; empty: see file_path */
    const char *file_path;  /* POST multipart/form-data with this file as part "file"; NULL: GET */
    const char *file_name;  /* as the part names it; NULL: the path's last name */
    const char *file_type;  /* its media type */
    const char *provider;   /* whom and what for, for the metrics; both live as long as the */
    const char *purpose;    /* program. NULL: not counted */
    const char *method;     /* HEAD, PUT, POST or DELETE, in place of the above; NULL: as above */
    struct slice body;      /* of a PUT or POST; not copied: lives until the request has ended */
    int64_t timeout_ms;     /* of the whole request */
    int64_t stall_s;        /* seconds without a byte of the answer end it; 0: the usual for what
                               goes to write, none for the rest */
    size_t receive_size;    /* bytes taken of the answer at once, which every transfer has room for;
                               0: the usual 16 KiB */
    size_t answer_size_max; /* bytes; more ends the transfer with HTTP_OUTCOME_TOO_LARGE */
    const char *const *headers; /* header_count lines "name: value" more */
    size_t header_count;
    bool once;         /* costs money, or answers otherwise at its second time: never sent again by
                          libcurl itself */
    bool global_only;  /* calls nothing but ports and addresses that anybody may be called at
                               (base/address_class.h): what a name resolved to decides */
    bool follow;       /* follow redirects (downloads without credentials only) */
    const char *hosts; /* the only ones that may be called, redirects included (host_list.h); NULL:
                          any. Lives as long as the program */
    http_write_function *write; /* where a 200's body goes, others being cut off at
                                   HTTP_WORDS_SIZE_MAX; NULL: collected in the response */
    void *write_context;
    bool any_success; /* any 2xx's body goes there */
};

/* What became of a request. Whether it may have reached the other side decides about money. */
enum http_outcome {
    HTTP_OUTCOME_ANSWERED,  /* a whole answer: see status */
    HTTP_OUTCOME_NOT_MADE,  /* this process could not: it says nothing of the other side */
    HTTP_OUTCOME_NOT_SENT,  /* nothing of the request left: it was certainly not performed */
    HTTP_OUTCOME_BROKEN,    /* something was sent, the answer did not come or not wholly */
    HTTP_OUTCOME_TIMEOUT,   /* like BROKEN, by the clock */
    HTTP_OUTCOME_TOO_LARGE, /* the answer is above its limit, or its headers are */
    HTTP_OUTCOME_REFUSED,   /* write did not take it */
    HTTP_OUTCOME_FORBIDDEN, /* by global_only or hosts, or https leads to http, or what follows
                               redirects came to an address that is none: nothing was sent there */
};

struct http_response {
    enum http_outcome outcome;
    long status;            /* of HTTP; valid when ANSWERED or TOO_LARGE */
    struct slice body;      /* collected; valid until the callback returns */
    int64_t retry_after_ms; /* -1: not told */
    int64_t date_ms;        /* the other side's clock, since 1970, whole seconds; 0: not told */
    const char *error;      /* libcurl's words, or ours, when not ANSWERED, else "" */
    const struct http_transfer *transfer; /* for http_header */
};

/* Whether the same request may succeed in a while, rather than be refused again. */
bool http_may_pass(const struct http_response *response);

/* Whether it is a whole answer of 2xx. */
bool http_is_success(const struct http_response *response);

/* A header of a whole answer, empty when there is none; valid until the callback returns. */
struct slice http_header(const struct http_response *response, const char *name);

typedef void http_function(void *context, const struct http_response *response);

/* Returns OK, NO_MEMORY or IO. */
enum status http_new(struct loop *loop, struct http **out);

/* Ends what is under way without calling back. */
void http_destroy(struct http **http);

/* Starts a request; function is called once, later, unless http_cancel comes first. Copies what
 * request points to, but write_context, which must live until then. Returns OK, NO_MEMORY, or
 * INVALID (libcurl would not begin it). An address that is none is told of later, as NOT_SENT or,
 * where redirects are followed, as FORBIDDEN. */
enum status http_start(struct http *http, const struct http_request *request,
                       http_function *function, void *context, struct http_transfer **out);

/* Ends a transfer at once: its connection is closed if anything was under way. Nulls the
 * caller's pointer. Not to be called from a write function. */
void http_cancel(struct http_transfer **transfer);

/* Goes on with a transfer whose write function said AGAIN; it may be called from here. */
void http_resume(struct http_transfer *transfer);

#endif
