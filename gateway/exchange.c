#include "gateway/exchange.h"

#include <assert.h>
#include <poll.h>
#include "gateway/audit.h"
#include "gateway/cross_origin.h"
#include "gateway/login.h"
#include "gateway/respond.h"
#include "gateway/routes.h"
#include "gateway/www.h"

void exchange_note_job(struct exchange *exchange, const struct id *job)
{
    id_format(job, exchange->job);
}

void *exchange_allocate(struct exchange *exchange, size_t size)
{
    void *memory = h2o_mem_alloc_pool(&exchange->request->pool, size);
    memset(memory, 0, size);
    return memory;
}

void *exchange_hold(struct exchange *exchange, size_t size, void (*dispose)(void *))
{
    void *memory = h2o_mem_alloc_shared(&exchange->request->pool, size, dispose);
    memset(memory, 0, size);
    return memory;
}

void exchange_send(struct exchange *exchange, h2o_iovec_t *parts, size_t count,
                   h2o_send_state_t state)
{
    size_t size = 0;
    for (size_t index = 0; index < count; index++) {
        size += parts[index].len;
    }
    flight_begin(exchange->flight, size);
    h2o_send(exchange->request, parts, count, state);
}

void exchange_sent(struct exchange *exchange)
{
    flight_end(exchange->flight);
}

struct slice exchange_header(const struct exchange *exchange, const h2o_token_t *token)
{
    const h2o_headers_t *headers = &exchange->request->headers;
    ssize_t index = h2o_find_header(headers, token, -1);
    if (index < 0) {
        return SLICE_EMPTY;
    }
    return slice_make(headers->entries[index].value.base, headers->entries[index].value.len);
}

static ssize_t header_find(const struct exchange *exchange, const char *name)
{
    return h2o_find_header_by_str(&exchange->request->headers, name, strlen(name), -1);
}

bool exchange_has_header(const struct exchange *exchange, const char *name)
{
    return header_find(exchange, name) >= 0;
}

struct slice exchange_header_named(const struct exchange *exchange, const char *name)
{
    const h2o_headers_t *headers = &exchange->request->headers;
    ssize_t index = header_find(exchange, name);
    if (index < 0) {
        return SLICE_EMPTY;
    }
    return slice_make(headers->entries[index].value.base, headers->entries[index].value.len);
}

/* A tag of ours has no comma and no quote inside: looking for it with its quotes is enough. */
bool exchange_has_etag(const struct exchange *exchange, struct slice etag)
{
    struct slice known = exchange_header(exchange, H2O_TOKEN_IF_NONE_MATCH);
    if (known.size == 0) {
        return false;
    }
    return slice_equal(known, SLICE_LITERAL("*")) ||
           memmem(known.data, known.size, etag.data, etag.size) != NULL;
}

struct slice exchange_query(const struct exchange *exchange)
{
    const h2o_req_t *request = exchange->request;
    if (request->query_at == SIZE_MAX || request->query_at + 1 >= request->path.len) {
        return SLICE_EMPTY;
    }
    return slice_make(request->path.base + request->query_at + 1,
                      request->path.len - request->query_at - 1);
}

enum status exchange_id(const struct exchange *exchange, size_t index, struct id *out)
{
    assert(index < exchange->match.param_count);
    return id_parse(exchange->match.params[index], out);
}

bool exchange_is_expired(const struct exchange *exchange, int64_t now_ms)
{
    const int64_t leeway_ms = TOKEN_LEEWAY_S * 1000;
    return now_ms - leeway_ms >= exchange->expires_at_ms;
}

bool exchange_is_left(const struct exchange *exchange)
{
    h2o_conn_t *connection = exchange->request->conn;
    h2o_socket_t *socket = connection->callbacks->get_socket(connection);
    struct pollfd peer = {.fd = h2o_socket_get_fd(socket), .events = POLLRDHUP};
    return poll(&peer, 1, 0) > 0;
}

bool exchange_may_see(const struct exchange *exchange, struct slice owner)
{
    return exchange->admin || slice_equal(exchange->owner, owner);
}

static bool request_id_is_fit(struct slice text)
{
    for (size_t index = 0; index < text.size; index++) {
        if (text.data[index] <= ' ' || text.data[index] > '~') {
            return false;
        }
    }
    return text.size > 0 && text.size <= REQUEST_ID_SIZE_MAX;
}

/* The client's own request id when it is fit to be repeated, or a new one: random for the process,
 * then counted. */
static void request_id_set(struct exchange *exchange)
{
    enum {
        DIGITS = 16
    };
    struct gateway *gateway = exchange->gateway;
    exchange->request_id = exchange_header_named(exchange, "x-request-id");
    if (request_id_is_fit(exchange->request_id)) {
        return;
    }
    char *text = exchange_allocate(exchange, DIGITS);
    gateway->request_id_count++;
    uint64_t number = (uint64_t)gateway->request_id_prefix << 32 | gateway->request_id_count;
    for (size_t index = DIGITS; index > 0; index--) {
        text[index - 1] = "0123456789abcdef"[number & 15];
        number >>= 4;
    }
    exchange->request_id = slice_make(text, DIGITS);
}

/* Whether the dashboard's cookie is as good as a bearer token: its pages ask for nothing else. */
static bool takes_cookie(enum route_auth need)
{
    return need == ROUTE_AUTH_VIEWER || need == ROUTE_AUTH_ADMIN || need == ROUTE_AUTH_ASSET;
}

/* Finds out who asks, and whether no page of another origin could have asked. Answers and returns
 * false when that cannot be told. */
static bool identify(struct exchange *exchange, const struct identity **out, bool *is_meant)
{
    struct auth *auth = &exchange->gateway->auth;
    int64_t now_ms = gateway_now_ms(exchange->gateway);
    struct slice header = exchange_header(exchange, H2O_TOKEN_AUTHORIZATION);
    struct slice cookie = SLICE_EMPTY;
    if (header.size == 0 && takes_cookie(exchange->match.route->auth)) {
        cookie = login_token(exchange);
    }
    enum status status = cookie.size > 0 ? auth_check_token(auth, cookie, now_ms, out)
                                         : auth_check(auth, header, now_ms, out);
    if (status != STATUS_OK) {
        respond_unauthorized(exchange, status);
    }
    *is_meant = cookie.size == 0 || login_is_meant(exchange);
    return status == STATUS_OK;
}

/* Whether the request may go on; otherwise it has been answered. */
static bool authenticated(struct exchange *exchange)
{
    enum route_auth need = exchange->match.route->auth;
    const struct identity *identity = NULL;
    bool is_meant;
    if (need == ROUTE_AUTH_NONE ||
        (need == ROUTE_AUTH_ASSET && !exchange->gateway->settings.assets_auth)) {
        return true;
    }
    if (!identify(exchange, &identity, &is_meant)) {
        return false;
    }
    size_t size = identity->claims.owner_size;
    char *owner = exchange_allocate(exchange, size);
    memcpy(owner, identity->claims.owner, size);
    exchange->owner = slice_make(owner, size);
    exchange->slot = identity->slot;
    exchange->role = identity->claims.role;
    exchange->expires_at_ms = identity->claims.expires_at_ms;
    exchange->admin = exchange->role == TOKEN_ROLE_ADMIN;
    if (!is_meant) {
        audit_refuse(exchange, AUDIT_OUTCOME_NOT_MEANT, &HTTP_ERROR_NOT_MEANT);
    }
    return is_meant;
}

/* Who only looks changes nothing, what is his own included. */
static bool may_change(const struct exchange *exchange)
{
    enum route_auth need = exchange->match.route->auth;
    bool is_looking = strcmp(exchange->match.route->method, "GET") == 0;
    bool is_any_users = need == ROUTE_AUTH_BEARER || need == ROUTE_AUTH_BEARER_LARGE;
    return is_looking || !is_any_users || exchange->role != TOKEN_ROLE_VIEWER;
}

/* Whether who asks has the role that the route needs; otherwise it has been answered. */
static bool authorized(struct exchange *exchange)
{
    enum route_auth need = exchange->match.route->auth;
    bool may_see = exchange->admin || exchange->role == TOKEN_ROLE_VIEWER;
    if ((need == ROUTE_AUTH_ADMIN && !exchange->admin) || !may_change(exchange)) {
        audit_refuse(exchange, AUDIT_OUTCOME_FORBIDDEN, &HTTP_ERROR_FORBIDDEN);
        return false;
    }
    if (need == ROUTE_AUTH_VIEWER && !may_see) {
        respond_error(exchange, &HTTP_ERROR_FORBIDDEN, NULL);
        return false;
    }
    return true;
}

/* Whether the body is small enough; otherwise it has been answered. */
static bool body_fits(struct exchange *exchange)
{
    bool large = exchange->match.route->auth == ROUTE_AUTH_BEARER_LARGE;
    if (exchange->request->entity.len <= (large ? GROUP_BODY_SIZE_MAX : BODY_SIZE_MAX)) {
        return true;
    }
    respond_error(exchange, large ? &HTTP_ERROR_BATCH_TOO_LARGE : &HTTP_ERROR_BODY_TOO_LARGE, NULL);
    return false;
}

/* A delivery is a job, too: the path that names one names it last. */
static void note_job_of_path(struct exchange *exchange)
{
    struct slice text;
    struct id job;
    if ((router_param(&exchange->match, ":deliveryId", &text) ||
         router_param(&exchange->match, ":jobId", &text)) &&
        id_parse(text, &job) == STATUS_OK) {
        exchange_note_job(exchange, &job);
    }
}

void exchange_begin(struct gateway *gateway, h2o_req_t *request)
{
    struct exchange *exchange = h2o_mem_alloc_pool(&request->pool, sizeof(*exchange));
    *exchange =
        (struct exchange){.request = request, .gateway = gateway, .begun_us = clock_monotonic_us()};
    request_id_set(exchange);
    exchange->flight = flight_new(request, exchange->request_id, exchange->job);
    cross_origin_headers(request, gateway->settings.cors_origins);
    switch (routes_find(slice_make(request->method.base, request->method.len),
                        slice_make(request->path_normalized.base, request->path_normalized.len),
                        &exchange->match)) {
    case ROUTER_NO_PATH:
        if (!www_leads(exchange)) {
            respond_error(exchange, &HTTP_ERROR_NO_ROUTE, NULL);
        }
        return;
    case ROUTER_NO_METHOD:
        respond_error(exchange, &HTTP_ERROR_NO_METHOD, NULL);
        return;
    case ROUTER_OPTIONS:
        cross_origin_preflight(exchange);
        respond_empty(exchange, 204, SLICE_EMPTY);
        return;
    case ROUTER_FOUND:
        note_job_of_path(exchange);
        break;
    }
    if (!authenticated(exchange) || !authorized(exchange)) {
        return;
    }
    if (!body_fits(exchange)) {
        return;
    }
    exchange->match.route->handler(exchange);
}
