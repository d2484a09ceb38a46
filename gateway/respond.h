#ifndef TROUPE_GATEWAY_RESPOND_H
#define TROUPE_GATEWAY_RESPOND_H

/* Writes answers: status line, the headers that every answer has, and the body. Each of these ends
 * the exchange's handler: nothing may be sent after it. Inside callbacks of the loop only. */

#include "gateway/exchange.h"
#include "gateway/http_error.h"

/* A JSON body, copied; in gzip when it is large and the client takes that. etag may be empty. */
void respond_json(struct exchange *exchange, int status, struct slice body, struct slice etag);

/* A body of any other type, copied. etag may be empty. */
void respond_body(struct exchange *exchange, int status, struct slice content_type,
                  struct slice body, struct slice etag);

/* No body: 204, 304 (with its etag). */
void respond_empty(struct exchange *exchange, int status, struct slice etag);

/* An error envelope, or problem details for who asks for them. problems may be NULL. */
void respond_error(struct exchange *exchange, const struct http_error *error,
                   const struct problems *problems);

/* The same with data, a JSON value, that belongs to it. */
void respond_error_data(struct exchange *exchange, const struct http_error *error,
                        struct slice data);

/* The same with the job that it is about. */
void respond_job_error(struct exchange *exchange, const struct http_error *error,
                       const struct message_job_state *job);

/* 401 for what auth_check said. */
void respond_unauthorized(struct exchange *exchange, enum status reason);

/* Adds a header; the value is copied. For use before one of the above. */
void respond_header(struct exchange *exchange, const char *name, struct slice value);

/* Sets status, reason and the headers of every answer, for handlers that stream. */
void respond_begin(struct exchange *exchange, int status, struct slice content_type);

#endif
