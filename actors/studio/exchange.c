#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>

#include "actors/studio/exchange_h2o.h"
#include "actors/studio/server.h"
#include "base/json_writer.h"
#include "base/log.h"

/* What is kept in the request's memory, to hear when that goes. */
struct handle {
    struct exchange *exchange;
};

struct studio *exchange_studio(const struct exchange *exchange)
{
    return exchange->studio;
}

struct answer *exchange_answer(struct exchange *exchange)
{
    return &exchange->answer;
}

const struct fault *exchange_fault(const struct exchange *exchange)
{
    return &exchange->fault;
}

enum vendor exchange_vendor(const struct exchange *exchange)
{
    return exchange->route->vendor;
}

static struct slice slice_of(h2o_iovec_t text)
{
    return slice_make(text.base, text.len);
}

struct slice exchange_method(const struct exchange *exchange)
{
    return slice_of(exchange->request->method);
}

static struct slice path_of(const h2o_req_t *request)
{
    size_t size = request->query_at == SIZE_MAX ? request->path.len : request->query_at;
    return slice_make(request->path.base, size);
}

struct slice exchange_path(const struct exchange *exchange)
{
    return path_of(exchange->request);
}

struct slice exchange_path_rest(const struct exchange *exchange)
{
    struct slice path = exchange_path(exchange);
    size_t prefix = strlen(exchange->route->path);
    return slice_make(path.data + prefix, path.size - prefix);
}

struct slice exchange_body(const struct exchange *exchange)
{
    return slice_of(exchange->request->entity);
}

static struct slice header_of(const h2o_req_t *request, const char *name)
{
    ssize_t index = h2o_find_header_by_str(&request->headers, name, strlen(name), SIZE_MAX);
    return index < 0 ? SLICE_EMPTY : slice_of(request->headers.entries[index].value);
}

struct slice exchange_header(const struct exchange *exchange, const char *name)
{
    return header_of(exchange->request, name);
}

void exchange_base_url(const struct exchange *exchange, char out[EXCHANGE_URL_SIZE])
{
    memcpy(out, exchange->base_url, EXCHANGE_URL_SIZE);
}

void exchange_idempotency_key(const struct exchange *exchange, char out[LEDGER_TEXT_SIZE])
{
    struct slice key = exchange_header(exchange, "idempotency-key");
    snprintf(out, LEDGER_TEXT_SIZE, "%.*s", SLICE_PRINT(key));
}

bool exchange_repeats(struct exchange *exchange, enum repeat *repeat_out,
                      struct repeat_entry **entry_out)
{
    char key[LEDGER_TEXT_SIZE];
    exchange_idempotency_key(exchange, key);
    *repeat_out = repeats_take(&exchange_studio(exchange)->repeats, key,
                               dice_hash(exchange_body(exchange)), entry_out);
    if (*repeat_out == REPEAT_UNDER_WAY) {
        exchange_answer(exchange)->retry_after_s = 1;
        exchange_refuse(exchange, 409, NULL, "A request with this Idempotency-Key is under way.");
    } else if (*repeat_out == REPEAT_OTHER_WORDS) {
        exchange_refuse(exchange, 422, NULL, "This Idempotency-Key was used for another request.");
    }
    return *repeat_out == REPEAT_UNDER_WAY || *repeat_out == REPEAT_OTHER_WORDS;
}

/* version "-" trace-id "-" ...: the version that we know. */
void exchange_trace(const struct exchange *exchange, char out[TRACE_SIZE])
{
    struct slice header = exchange_header(exchange, "traceparent");
    out[0] = '\0';
    if (header.size > 3 + TRACE_SIZE && memcmp(header.data, "00-", 3) == 0) {
        memcpy(out, header.data + 3, TRACE_SIZE - 1);
        out[TRACE_SIZE - 1] = '\0';
    }
}

/* What the client called us, when that is a plain host and port. */
static void set_base_url(struct exchange *exchange)
{
    const struct options *options = &exchange->studio->options;
    struct slice host = slice_of(exchange->request->authority);
    bool plain = host.size > 0 && host.size < 256;
    for (size_t index = 0; plain && index < host.size; index++) {
        uint8_t byte = host.data[index];
        plain = (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
                (byte >= 'A' && byte <= 'Z') || byte == '.' || byte == '-' || byte == ':' ||
                byte == '[' || byte == ']' || byte == '_';
    }
    if (options->public_url != NULL) {
        snprintf(exchange->base_url, EXCHANGE_URL_SIZE, "%s", options->public_url);
    } else if (plain) {
        snprintf(exchange->base_url, EXCHANGE_URL_SIZE, "http://%.*s", SLICE_PRINT(host));
    } else {
        snprintf(exchange->base_url, EXCHANGE_URL_SIZE, "http://%s:%u", options->host,
                 server_port(exchange->studio->server));
    }
}

static void exchange_free(struct exchange *exchange)
{
    media_file_release(exchange->answer.file);
    buffer_fini(&exchange->answer.body);
    free(exchange);
}

/* h2o is done with the request: it was answered, or its connection is gone. */
static void on_gone(void *memory)
{
    struct exchange *exchange = ((struct handle *)memory)->exchange;
    exchange->request = NULL;
    server_forget(exchange->studio->server, exchange);
    if (exchange->finished) {
        exchange_free(exchange);
    }
}

static struct exchange *exchange_new(struct studio *studio, h2o_req_t *request,
                                     const struct route *route)
{
    struct exchange *exchange = calloc(1, sizeof *exchange);
    if (exchange == NULL) {
        return NULL;
    }
    *exchange = (struct exchange){.studio = studio, .request = request, .route = route};
    exchange->answer = (struct answer){.status = 200, .media_type = "application/json"};
    buffer_init(&exchange->answer.body, EXCHANGE_BODY_SIZE_MAX);
    exchange->started_ms = clock_monotonic_ms();
    struct handle *handle = h2o_mem_alloc_shared(&request->pool, sizeof *handle, on_gone);
    handle->exchange = exchange;
    set_base_url(exchange);
    return exchange;
}

static const char *openai_error_type(int status)
{
    return status == 429   ? "rate_limit_error"
           : status >= 500 ? "server_error"
                           : "invalid_request_error";
}

static void write_openai_error(struct json_writer *writer, int status, const char *code,
                               const char *param, const char *message)
{
    json_object_begin(writer);
    json_name(writer, "error");
    json_object_begin(writer);
    json_member_text(writer, "message", slice_from_string(message));
    json_member_text(writer, "type", slice_from_string(openai_error_type(status)));
    json_member_text_or_null(writer, "param", slice_from_string(param));
    json_member_text_or_null(writer, "code", slice_from_string(code));
    json_object_end(writer);
    json_object_end(writer);
}

static void write_wavespeed_error(struct json_writer *writer, int status, const char *code,
                                  const char *message)
{
    json_object_begin(writer);
    json_member_integer(writer, "code", code == NULL ? status : strtol(code, NULL, 10));
    json_member_text(writer, "message", slice_from_string(message));
    json_object_end(writer);
}

static void fail(struct exchange *exchange, int status, const char *code, const char *param,
                 const char *message)
{
    struct answer *answer = &exchange->answer;
    struct json_writer writer;
    media_file_release(answer->file);
    answer->file = NULL;
    answer->status = status;
    answer->media_type = "application/json";
    buffer_clear(&answer->body);
    json_writer_init(&writer, &answer->body);
    if (exchange->route->vendor == VENDOR_WAVESPEED) {
        write_wavespeed_error(&writer, status, code, message);
    } else {
        write_openai_error(&writer, status, code, param, message);
    }
}

void exchange_fail(struct exchange *exchange, int status, const char *code, const char *message)
{
    fail(exchange, status, code, NULL, message);
}

void exchange_fail_member(struct exchange *exchange, const char *member, const char *message)
{
    fail(exchange, 400, NULL, member, message);
}

void exchange_refuse(struct exchange *exchange, int status, const char *code, const char *message)
{
    exchange_fail(exchange, status, code, message);
    exchange_finish(exchange);
}

/* Never answers; the client leaves, or the server loses patience. */
static void hang(struct exchange *exchange)
{
    exchange->on_due = NULL;
    exchange->due_ms = exchange->started_ms + SERVER_HANG_MS_MAX;
    server_wait(exchange->studio->server, exchange);
}

static const char *usual_message(int status)
{
    return status == 429   ? "Rate limit reached. Please try again later."
           : status == 401 ? "Incorrect API key provided."
           : status == 402 ? "Insufficient credit."
           : status == 404 ? "Not found."
           : status >= 500 ? "The server had an error while processing your request."
                           : "The request was refused.";
}

static bool prefers_before(enum fault_kind kind)
{
    return kind == FAULT_STATUS || kind == FAULT_RETRY_AFTER || kind == FAULT_HANG_BEFORE ||
           kind == FAULT_RESET;
}

bool exchange_fault_before(struct exchange *exchange, struct slice prompt)
{
    char trace[TRACE_SIZE];
    exchange_trace(exchange, trace);
    return exchange_fault_download(exchange, prompt, trace);
}

bool exchange_fault_download(struct exchange *exchange, struct slice name, const char *trace)
{
    if (!exchange->studio->options.faults) {
        return false;
    }
    exchange->fault = faults_decide(&exchange->studio->faults, exchange->route->step, name, trace);
    const struct fault *fault = &exchange->fault;
    if (fault->kind != FAULT_NONE) {
        log_info("fault", "step=%s kind=%s", step_name(exchange->route->step),
                 fault_kind_name(fault->kind));
    }
    if (!prefers_before(fault->kind)) {
        return false;
    }
    if (fault->kind == FAULT_HANG_BEFORE) {
        exchange->finished = true;
        hang(exchange);
    } else if (fault->kind == FAULT_RESET) {
        exchange->finished = true;
        exchange_reset(exchange);
    } else {
        exchange->answer.retry_after_s = fault->retry_after_s;
        exchange_refuse(exchange, fault->status, fault->code[0] != '\0' ? fault->code : NULL,
                        fault->message[0] != '\0' ? fault->message : usual_message(fault->status));
    }
    return true;
}

/* The answer is ready and its time has come. */
static void deliver(struct exchange *exchange)
{
    if (exchange->fault.kind == FAULT_HANG_AFTER) {
        hang(exchange);
    } else if (exchange->fault.kind == FAULT_RESET_AFTER) {
        exchange_reset(exchange);
    } else {
        exchange_send(exchange);
    }
}

void exchange_finish(struct exchange *exchange)
{
    exchange->finished = true;
    if (exchange->request == NULL) {
        exchange_free(exchange);
        return;
    }
    enum step step = exchange->route->step;
    int64_t latency_ms = step == STEP_NONE ? 0 : exchange->studio->options.latency_ms[step];
    latency_ms += exchange->fault.kind == FAULT_DRIP ? 0 : exchange->fault.latency_ms;
    exchange->due_ms = exchange->started_ms + latency_ms;
    if (exchange->due_ms <= clock_monotonic_ms()) {
        deliver(exchange);
        return;
    }
    exchange->on_due = deliver;
    server_wait(exchange->studio->server, exchange);
}

static int socket_of(const struct exchange *exchange)
{
    h2o_conn_t *connection = exchange->request->conn;
    return h2o_socket_get_fd(connection->callbacks->get_socket(connection));
}

void exchange_reset(struct exchange *exchange)
{
    /* Dissolving a TCP connection (connect(2), AF_UNSPEC) sends a reset; the write that follows
     * then fails, which is how h2o learns of it. */
    struct sockaddr nowhere = {.sa_family = AF_UNSPEC};
    connect(socket_of(exchange), &nowhere, sizeof nowhere);
    exchange->request->http1_is_persistent = 0;
    if (exchange->answering) {
        exchange_send_rest(exchange);
    } else {
        exchange->request->res.status = 500;
        h2o_send_inline(exchange->request, H2O_STRLIT("reset"));
    }
}

bool exchange_is_deserted(const struct exchange *exchange)
{
    char byte;
    ssize_t size = recv(socket_of(exchange), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR);
}

/* Takes as long for a near miss as for a far one. */
static bool same_secret(const uint8_t *left, const char *right, size_t size)
{
    uint8_t difference = 0;
    for (size_t index = 0; index < size; index++) {
        difference |= (uint8_t)(left[index] ^ (uint8_t)right[index]);
    }
    return difference == 0;
}

static bool key_fits(const struct options *options, const h2o_req_t *request)
{
    static const char SCHEME[] = "Bearer ";
    struct slice header = header_of(request, "authorization");
    size_t scheme = sizeof SCHEME - 1;
    size_t size = options->key == NULL ? 0 : strlen(options->key);
    return options->key == NULL ||
           (header.size == scheme + size && memcmp(header.data, SCHEME, scheme) == 0 &&
            same_secret(header.data + scheme, options->key, size));
}

/* A route for what no route answers, so that errors have the right shape. */
static const struct route *stray_route(struct slice path)
{
    static const struct route STRAY_OPENAI = {
        .path = "", .vendor = VENDOR_OPENAI, .step = STEP_NONE};
    static const struct route STRAY_WAVESPEED = {
        .path = "", .vendor = VENDOR_WAVESPEED, .step = STEP_NONE};
    return route_vendor(path) == VENDOR_WAVESPEED ? &STRAY_WAVESPEED : &STRAY_OPENAI;
}

static void set_allow(struct exchange *exchange, const char *allow)
{
    h2o_req_t *request = exchange->request;
    h2o_iovec_t copy = h2o_strdup(&request->pool, allow, SIZE_MAX);
    exchange->answer.allow = copy.base;
}

/* Who may order faults: programs of this machine, whatever address the studio listens on. */
static bool is_local(h2o_req_t *request)
{
    struct sockaddr_storage peer;
    socklen_t size =
        request->conn->callbacks->get_peername(request->conn, (struct sockaddr *)&peer);
    const struct sockaddr_in *address = (const struct sockaddr_in *)&peer;
    return size >= sizeof *address && peer.ss_family == AF_INET &&
           (ntohl(address->sin_addr.s_addr) >> 24) == IN_LOOPBACKNET;
}

int exchange_on_request(h2o_handler_t *handler, h2o_req_t *request)
{
    struct studio *studio = *(struct studio **)(handler + 1);
    char allow[64];
    struct slice path = path_of(request);
    const struct route *route =
        route_find(slice_of(request->method), path, studio->options.faults && is_local(request),
                   allow, sizeof allow);
    struct exchange *exchange =
        exchange_new(studio, request, route == NULL ? stray_route(path) : route);
    if (exchange == NULL) {
        return -1;
    }
    bool open = route != NULL && route->keyless;
    if (!open && !key_fits(&studio->options, request)) {
        exchange_refuse(exchange, 401,
                        route_vendor(path) == VENDOR_OPENAI ? "invalid_api_key" : NULL,
                        "Incorrect API key provided.");
    } else if (route == NULL && allow[0] != '\0') {
        set_allow(exchange, allow);
        exchange_refuse(exchange, 405, NULL, "Method not allowed.");
    } else if (route == NULL) {
        exchange_refuse(exchange, 404, NULL, "Unknown request URL.");
    } else if (request->entity.len > route->body_size_max) {
        exchange_refuse(exchange, 413, NULL, "The request is too large.");
    } else {
        route->handle(exchange);
    }
    return 0;
}
