#include <stdio.h>
#include <sys/socket.h>

#include "actors/studio/exchange_h2o.h"
#include "actors/studio/server.h"

static const char GARBAGE[] =
    "{\"garbage\": [1, 2, \x01\xff\xfe <html><body>502 Bad Gateway</body>";

static struct slice body_of(const struct exchange *exchange)
{
    const struct answer *answer = &exchange->answer;
    if (exchange->fault.kind == FAULT_GARBAGE) {
        return slice_make(GARBAGE, sizeof GARBAGE - 1);
    }
    struct slice body = buffer_slice(answer->file != NULL ? &answer->file->content : &answer->body);
    return exchange->fault.kind == FAULT_CUT ? slice_make(body.data, body.size / 2) : body;
}

static void add_header(h2o_req_t *request, const char *name, const char *value)
{
    h2o_iovec_t copy = h2o_strdup(&request->pool, value, SIZE_MAX);
    h2o_add_header_by_str(&request->pool, &request->res.headers, name, strlen(name), 0, NULL,
                          copy.base, copy.len);
}

static void set_head(struct exchange *exchange, size_t size)
{
    h2o_req_t *request = exchange->request;
    const struct answer *answer = &exchange->answer;
    bool wrong = exchange->fault.kind == FAULT_WRONG_CONTENT_TYPE;
    request->res.status = answer->status;
    request->res.reason = answer->status < 400 ? "OK" : "Error";
    request->res.content_length = size;
    add_header(request, "content-type", wrong ? "text/html; charset=utf-8" : answer->media_type);
    add_header(request, "x-content-type-options", "nosniff");
    if (answer->retry_after_s > 0) {
        char text[16];
        snprintf(text, sizeof text, "%d", answer->retry_after_s);
        add_header(request, "retry-after", text);
    }
    if (answer->allow != NULL) {
        add_header(request, "allow", answer->allow);
    }
    if (answer->file != NULL) {
        add_header(request, "cache-control", "public, max-age=604800, immutable");
    }
}

static void send_piece(struct exchange *exchange, size_t size, bool last)
{
    struct slice body = body_of(exchange);
    h2o_iovec_t piece = h2o_iovec_init(body.data + exchange->sent, size);
    exchange->sent += size;
    h2o_send(exchange->request, &piece, 1,
             last ? H2O_SEND_STATE_FINAL : H2O_SEND_STATE_IN_PROGRESS);
}

void exchange_send_rest(struct exchange *exchange)
{
    send_piece(exchange, body_of(exchange).size - exchange->sent, true);
}

/* Half of the body is out: no more will come. */
static void on_truncate(h2o_generator_t *generator, h2o_req_t *request)
{
    struct exchange *exchange = H2O_STRUCT_FROM_MEMBER(struct exchange, generator, generator);
    h2o_socket_t *socket = request->conn->callbacks->get_socket(request->conn);
    if (exchange->fault.kind == FAULT_RESET_AMID) {
        exchange_reset(exchange);
        return;
    }
    shutdown(h2o_socket_get_fd(socket), SHUT_RDWR);
    send_piece(exchange, 0, true);
}

static void drip(struct exchange *exchange)
{
    size_t rest = body_of(exchange).size - exchange->sent;
    size_t size = (size_t)exchange->fault.bytes < rest ? (size_t)exchange->fault.bytes : rest;
    send_piece(exchange, size, size == rest);
}

static void on_drip(h2o_generator_t *generator, h2o_req_t *request)
{
    (void)request;
    struct exchange *exchange = H2O_STRUCT_FROM_MEMBER(struct exchange, generator, generator);
    exchange->due_ms = clock_monotonic_ms() + exchange->fault.latency_ms;
    exchange->on_due = drip;
    server_wait(exchange->studio->server, exchange);
}

static void on_stop(h2o_generator_t *generator, h2o_req_t *request)
{
    (void)request;
    struct exchange *exchange = H2O_STRUCT_FROM_MEMBER(struct exchange, generator, generator);
    server_forget(exchange->studio->server, exchange);
}

void exchange_send(struct exchange *exchange)
{
    struct slice body = body_of(exchange);
    bool head = h2o_memis(exchange->request->method.base, exchange->request->method.len,
                          H2O_STRLIT("HEAD"));
    exchange->answering = true;
    set_head(exchange, body.size);
    exchange->generator = (h2o_generator_t){NULL, on_stop};
    bool breaks =
        exchange->fault.kind == FAULT_TRUNCATE || exchange->fault.kind == FAULT_RESET_AMID;
    if (breaks && body.size > 1 && !head) {
        exchange->generator.proceed = on_truncate;
        exchange->request->http1_is_persistent = 0;
        h2o_start_response(exchange->request, &exchange->generator);
        send_piece(exchange, body.size / 2, false);
    } else if (exchange->fault.kind == FAULT_DRIP && !head) {
        exchange->generator.proceed = on_drip;
        h2o_start_response(exchange->request, &exchange->generator);
        drip(exchange);
    } else {
        h2o_start_response(exchange->request, &exchange->generator);
        send_piece(exchange, head ? 0 : body.size, true);
    }
}
