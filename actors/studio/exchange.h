#ifndef TROUPE_ACTORS_STUDIO_EXCHANGE_H
#define TROUPE_ACTORS_STUDIO_EXCHANGE_H

/*
 * One request and its answer, with the faults that were ordered for it. A handler reads the
 * request, fills in the answer and calls exchange_finish, at once or later on the loop's thread;
 * until then the exchange lives even when its client has gone. Handlers do not see h2o.
 */

#include "actors/studio/json_input.h"
#include "actors/studio/studio.h"

enum {
    EXCHANGE_BODY_SIZE_MAX = 48 * 1024 * 1024, /* bytes of an answer: four pictures in base64 */
    EXCHANGE_URL_SIZE = 320,
};

enum vendor {
    VENDOR_OPENAI,
    VENDOR_WAVESPEED,
};

struct answer {
    int status;
    const char *media_type; /* a literal */
    int retry_after_s;      /* 0: none */
    const char *allow;      /* of a 405, else NULL; a literal */
    struct buffer body;
    struct media_file *file; /* held; the body when not NULL */
};

struct exchange;

struct studio *exchange_studio(const struct exchange *exchange);
struct answer *exchange_answer(struct exchange *exchange);
const struct fault *exchange_fault(const struct exchange *exchange);
enum vendor exchange_vendor(const struct exchange *exchange);

/* What the request brings. Valid until exchange_finish, and only during the handler's own call. */
struct slice exchange_method(const struct exchange *exchange);
struct slice exchange_path(const struct exchange *exchange);      /* without the query */
struct slice exchange_path_rest(const struct exchange *exchange); /* after the route's prefix */
struct slice exchange_body(const struct exchange *exchange);
struct slice exchange_header(const struct exchange *exchange,
                             const char *name); /* lower case; empty: none */

/* Writes "http://host:port" as this client knows it. */
void exchange_base_url(const struct exchange *exchange, char out[EXCHANGE_URL_SIZE]);

/* Decides which faults befall the request, now that its prompt is known, and plays those that
 * come before any work. true: it is dealt with, the handler is done. */
bool exchange_fault_before(struct exchange *exchange, struct slice prompt);

/* The same of a download, which is part of the trace that its file was made in. */
bool exchange_fault_download(struct exchange *exchange, struct slice name, const char *trace);

/* Fills in an answer that is an error in the vendor's own shape. code may be NULL. */
void exchange_fail(struct exchange *exchange, int status, const char *code, const char *message);

/* The same for a 400 about one member of the request. */
void exchange_fail_member(struct exchange *exchange, const char *member, const char *message);

/* Sends the answer, after its latency and spoiled as ordered. The exchange is not the handler's
 * any more. */
void exchange_finish(struct exchange *exchange);

/* exchange_fail and exchange_finish in one. */
void exchange_refuse(struct exchange *exchange, int status, const char *code, const char *message);

/* What a ledger entry has of its request. Copy. */
/* Which request of its Idempotency-Key it is (repeats.h). One that cannot be answered is refused
 * (409, 422): true. */
bool exchange_repeats(struct exchange *exchange, enum repeat *repeat_out,
                      struct repeat_entry **entry_out);
void exchange_idempotency_key(const struct exchange *exchange, char out[LEDGER_TEXT_SIZE]);
void exchange_trace(const struct exchange *exchange, char out[TRACE_SIZE]); /* "": none */

#endif
