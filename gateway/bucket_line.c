#include "gateway/bucket_line.h"

#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
#include "gateway/limits.h"

static void on_readable(h2o_socket_t *socket, const char *error)
{
    (void)error;
    struct bucket_line *line = socket->data;
    http_client_turn(line->client);
}

enum status bucket_line_open(struct bucket_line *line, const struct s3_bucket *bucket,
                             const struct clock *clock, h2o_context_t *context)
{
    *line = (struct bucket_line){.bucket = bucket, .clock = clock};
    enum status status = http_client_new(&line->client);
    if (status != STATUS_OK) {
        return status;
    }
    /* h2o closes what it is given. */
    int fd = fcntl(http_client_descriptor(line->client), F_DUPFD_CLOEXEC, 0);
    if (fd < 0) {
        bucket_line_close(line);
        return STATUS_IO;
    }
    line->socket = h2o_evloop_socket_create(context->loop, fd, H2O_SOCKET_FLAG_DONT_READ);
    line->socket->data = line;
    h2o_socket_read_start(line->socket, on_readable);
    return STATUS_OK;
}

void bucket_line_close(struct bucket_line *line)
{
    if (line->socket != NULL) {
        h2o_socket_close(line->socket);
        line->socket = NULL;
    }
    http_client_destroy(&line->client);
}

void bucket_line_tick(struct bucket_line *line, int64_t now_ms)
{
    if (line->client != NULL) {
        http_client_tick(line->client, now_ms);
    }
}

enum status bucket_line_send(struct bucket_line *line, const struct s3_request *request,
                             const char *line_more, http_news_function *news, void *context,
                             struct http_transfer **out)
{
    struct s3_call call;
    const char *lines[S3_HEADERS_MAX + 1];
    int64_t now_ms = clock_now_ms(line->clock);
    enum status status = s3_call_make(line->bucket, request, now_ms, &call);
    if (status == STATUS_OK) {
        size_t count = call.line_count;
        memcpy(lines, call.lines, count * sizeof(lines[0]));
        if (line_more != NULL) {
            lines[count++] = line_more;
        }
        const struct http_client_request wanted = {
            .method = request->method,
            .url = call.url,
            .headers = lines,
            .header_count = count,
            .news = news,
            .context = context,
        };
        status = http_client_start(line->client, &wanted, now_ms, out);
    }
    s3_call_fini(&call);
    return status;
}

void bucket_line_failure(const struct http_transfer *transfer, struct slice body,
                         struct s3_failure *out)
{
    enum http_end end = http_transfer_end(transfer);
    if (end != HTTP_END_BROKEN && end != HTTP_END_TIMEOUT) {
        s3_failure_of_answer(http_transfer_status(transfer), body, out);
        return;
    }
    *out = (struct s3_failure){.kind = S3_FAILURE_TRANSIENT, .code = "no_answer"};
    snprintf(out->message, sizeof(out->message), "the object store does not answer: %.160s",
             http_transfer_error(transfer));
}
