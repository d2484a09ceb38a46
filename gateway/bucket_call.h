#ifndef TROUPE_GATEWAY_BUCKET_CALL_H
#define TROUPE_GATEWAY_BUCKET_CALL_H

/* One request to the object store whose answer is small, and wanted whole. Embedded by who asks,
 * zeroed before first use. It is not repeated: who asks has reasons to ask again later. */

#include "gateway/bucket_line.h"

/* failure->kind is NONE after a success. answer is valid until the next start or cancel. */
typedef void bucket_call_function(void *context, const struct s3_failure *failure,
                                  struct slice answer);

struct bucket_call {
    struct http_transfer *transfer;
    struct buffer answer;
    bucket_call_function *function;
    void *context;
};

/* Calls back once, later, unless it is cancelled. Returns OK, TOO_LARGE or NO_MEMORY. */
enum status bucket_call_start(struct bucket_call *call, struct bucket_line *line,
                              const struct s3_request *request, bucket_call_function *function,
                              void *context);

/* Ends it, and releases the answer. May be called twice. */
void bucket_call_cancel(struct bucket_call *call);

#endif
