#include "gateway/bucket_call.h"

#include <stdio.h>
#include "s3/list.h"

static void on_news(void *context)
{
    struct bucket_call *call = context;
    struct s3_failure failure;
    struct slice bytes = http_transfer_bytes(call->transfer);
    enum status status = buffer_append_slice(&call->answer, bytes);
    http_transfer_take(call->transfer, bytes.size);
    bool has_more = http_transfer_end(call->transfer) == HTTP_END_NONE ||
                    http_transfer_bytes(call->transfer).size > 0;
    if (status == STATUS_OK && has_more) {
        return;
    }
    bucket_line_failure(call->transfer, buffer_slice(&call->answer), &failure);
    if (status != STATUS_OK) {
        failure = (struct s3_failure){.kind = S3_FAILURE_REFUSED, .code = "answer_not_taken"};
        snprintf(failure.message, sizeof(failure.message),
                 "the object store's answer is too large");
    }
    http_client_cancel(&call->transfer);
    call->function(call->context, &failure, buffer_slice(&call->answer));
}

enum status bucket_call_start(struct bucket_call *call, struct bucket_line *line,
                              const struct s3_request *request, bucket_call_function *function,
                              void *context)
{
    bucket_call_cancel(call);
    buffer_init(&call->answer, S3_LIST_ANSWER_SIZE_MAX);
    call->function = function;
    call->context = context;
    return bucket_line_send(line, request, NULL, on_news, call, &call->transfer);
}

void bucket_call_cancel(struct bucket_call *call)
{
    http_client_cancel(&call->transfer);
    buffer_fini(&call->answer);
}
