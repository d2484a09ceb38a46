#ifndef TROUPE_ACTORS_HTTP_TRANSFER_H
#define TROUPE_ACTORS_HTTP_TRANSFER_H

/* What http.c and http_options.c share: a transfer as libcurl sees it. For these two only. */

#include <curl/curl.h>
#include "actors/http.h"
#include "base/name_lookups.h"

struct http {
    struct loop *loop;
    CURLM *multi;
    struct timer timer;
    struct timer over; /* runs while a transfer is over by a resume */
    struct name_lookups lookups;
    struct http_transfer *first; /* of all under way */
};

struct http_transfer {
    struct http *http;
    struct http_transfer *next;
    struct http_transfer *previous;
    CURL *easy;
    struct curl_slist *headers;
    curl_mime *form;
    http_write_function *write;
    void *write_context;
    bool any_success; /* see http_request */
    http_function *function;
    void *context;
    size_t answer_size_max;
    size_t answer_size;
    size_t headers_size;
    struct buffer body;
    const char *hosts;            /* that may be called; NULL: any */
    bool global_only;             /* see http_request */
    bool follow;                  /* see http_request */
    bool is_looking_up;           /* a name, since then no address was tried */
    bool is_one_too_many;         /* the names that are being looked up are as many as may be */
    bool is_tried;                /* an address of this hop that may be called was */
    bool is_forbidden;            /* an address of this hop was not to be called */
    bool is_unlisted;             /* its host was not */
    bool is_over;                 /* what came when it was resumed was refused */
    bool is_told;                 /* enough of why a body is not the one that is wanted */
    bool is_long_headed;          /* its headers are above HTTP_HEADERS_SIZE_MAX */
    enum http_outcome stopped_by; /* our own reason to stop it; else ANSWERED */
    char error[CURL_ERROR_SIZE];
};

/* The name that was being looked up, if any, is no longer: libcurl has what came of it. */
void http_lookup_ended(struct http_transfer *transfer);

/* Tells libcurl everything about a request but what to do with its answer. Returns false without
 * memory; what it made is the transfer's in any case. */
bool http_options_set(struct http_transfer *transfer, const struct http_request *request);

#endif
