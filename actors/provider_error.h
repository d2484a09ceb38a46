#ifndef TROUPE_ACTORS_PROVIDER_ERROR_H
#define TROUPE_ACTORS_PROVIDER_ERROR_H

/* What a provider's failure means: for the job, and for the money. One table for all providers.
 * Pure. */

#include <jansson.h>
#include "actors/http.h"
#include "proto/messages.h"

struct provider_failure {
    enum fail_kind kind;
    bool is_unknown;                       /* the call may have been performed and charged */
    bool is_charged;                       /* it was: what it made is lost */
    bool is_everybodys;                    /* all calls are refused so: no such model */
    const char *code;                      /* a literal */
    char message[ERROR_TEXT_SIZE_MAX + 1]; /* the provider's words, cleaned */
    int64_t retry_after_ms;                /* 0: not told */
};

/* Explains a response that is not a success. secret (a key, may be NULL) is hidden in the
 * message. */
void provider_error_of_response(const struct http_response *response, const char *secret,
                                struct provider_failure *out);

/* Explains why a result, which is paid for, could not be fetched from where the provider said. It
 * may be there, or elsewhere, when the provider is asked again. Who says 429, or with 503 or 529
 * when to come again, hands it out later: that is no failure of the attempt (THROTTLED). */
void provider_error_of_download(const struct http_response *response, struct provider_failure *out);

/* Explains an answer that HTTP calls a success and that says otherwise itself, in WaveSpeed's form
 * {"code","message"}, by its code: one of HTTP's statuses or of WaveSpeed's own numbers. secret as
 * above. */
void provider_error_of_code(int64_t code, struct slice body, const char *secret,
                            struct provider_failure *out);

/* Explains an answer of 2xx in OpenAI's form that holds none of what was asked for, but an error of
 * its own ({"error": {"message", "code"}}, {"error": "words"}, {"message", "code"} with a code of
 * 300 or more or "object": "error"). Its code is one of HTTP's statuses or a word. secret as above.
 * Returns false when it tells no error: *out is as it was. */
bool provider_error_is_told(struct slice body, const char *secret, struct provider_failure *out);

/* The same of a part of an answer, which tells of its own. */
bool provider_error_is_within(json_t *part, const char *secret, struct provider_failure *out);

/* Explains a result that its provider marks as not safe for work. It is made, and paid for. */
void provider_error_of_nsfw(struct provider_failure *out);

/* Explains a task that WaveSpeed says has failed, by its numeric code (0: none) and words, in which
 * secret (may be NULL) is hidden. */
void provider_error_of_task(int64_t code, struct slice message, const char *secret,
                            struct provider_failure *out);

/* What a failure says of its provider: NONE when it is this job's alone. */
enum provider_fault provider_error_fault(const struct provider_failure *failure);

/* An answer that says success and makes no sense: it was performed, and is of no use. */
void provider_error_of_nonsense(const char *what, struct provider_failure *out);

#endif
