#include "gateway/login.h"

#include <stdio.h>
#include "base/json_writer.h"
#include "gateway/audit.h"
#include "gateway/cookie.h"
#include "gateway/envelope.h"
#include "gateway/request_body.h"
#include "gateway/respond.h"

enum {
    COOKIE_TOKEN_SIZE_MAX = 3800, /* bytes of a token: browsers keep 4,096 of a cookie */
    COOKIE_SIZE_MAX = 4096,
    LOGIN_BODY_SIZE_MAX = 2048,
};

#define COOKIE_NAME "troupe_session"

struct slice login_token(const struct exchange *exchange)
{
    const h2o_headers_t *headers = &exchange->request->headers;
    struct slice token = SLICE_EMPTY;
    /* HTTP/2 clients may send each cookie in a header of its own. */
    for (ssize_t index = h2o_find_header(headers, H2O_TOKEN_COOKIE, -1);
         index >= 0 && token.size == 0; index = h2o_find_header(headers, H2O_TOKEN_COOKIE, index)) {
        const h2o_iovec_t *value = &headers->entries[index].value;
        token = cookie_find(slice_make(value->base, value->len), SLICE_LITERAL(COOKIE_NAME));
    }
    return token;
}

bool login_is_meant(const struct exchange *exchange)
{
    h2o_iovec_t method = exchange->request->method;
    return h2o_memis(method.base, method.len, H2O_STRLIT("GET")) ||
           h2o_memis(method.base, method.len, H2O_STRLIT("HEAD")) ||
           slice_equal(exchange_header_named(exchange, LOGIN_HEADER), SLICE_LITERAL("1"));
}

/* Behind a proxy that ends TLS, its header tells. */
static bool is_secure(const struct exchange *exchange)
{
    return exchange->request->scheme == &H2O_URL_SCHEME_HTTPS ||
           slice_equal(exchange_header_named(exchange, "x-forwarded-proto"),
                       SLICE_LITERAL("https"));
}

/* Sets the cookie for so long; 0 takes it away. */
static void cookie_set(struct exchange *exchange, struct slice token, int64_t life_s)
{
    char text[COOKIE_SIZE_MAX];
    char age[32] = "";
    if (life_s != INT64_MAX) {
        snprintf(age, sizeof(age), "; Max-Age=%lld", (long long)life_s);
    }
    int size =
        snprintf(text, sizeof(text), COOKIE_NAME "=%.*s; Path=/; HttpOnly; SameSite=Strict%s%s",
                 SLICE_PRINT(token), age, is_secure(exchange) ? "; Secure" : "");
    respond_header(exchange, "set-cookie", slice_make(text, (size_t)size));
    explicit_bzero(text, sizeof(text));
}

/* ---- who asks ---- */

static void who_send(struct exchange *exchange, const struct token_claims *claims)
{
    struct buffer body;
    struct json_writer writer;
    bool expires = claims->expires_at_ms != INT64_MAX;
    buffer_init(&body, LOGIN_BODY_SIZE_MAX);
    json_writer_init(&writer, &body);
    envelope_begin(&writer, 200, NULL);
    json_name(&writer, "data");
    json_object_begin(&writer);
    json_member_text(&writer, "user", slice_make(claims->owner, claims->owner_size));
    json_member_text(&writer, "role", slice_from_string(token_role_name(claims->role)));
    json_member_time(&writer, "expiresAt", expires ? claims->expires_at_ms : 0);
    json_object_end(&writer);
    json_object_end(&writer);
    if (json_writer_status(&writer) == STATUS_OK) {
        respond_json(exchange, 200, buffer_slice(&body), SLICE_EMPTY);
    } else {
        respond_error(exchange, &HTTP_ERROR_INTERNAL, NULL);
    }
    buffer_fini(&body);
}

void login_get(struct exchange *exchange)
{
    struct token_claims claims = {
        .role = exchange->role,
        .expires_at_ms = exchange->expires_at_ms,
        .owner_size = exchange->owner.size,
    };
    memcpy(claims.owner, exchange->owner.data, exchange->owner.size);
    who_send(exchange, &claims);
}

/* ---- in and out: written down before they are done ---- */

/* Makes the exchange one of who the token names. */
static void act_as(struct exchange *exchange, const struct token_claims *claims)
{
    char *owner = exchange_allocate(exchange, claims->owner_size);
    memcpy(owner, claims->owner, claims->owner_size);
    exchange->owner = slice_make(owner, claims->owner_size);
    exchange->role = claims->role;
    exchange->admin = claims->role == TOKEN_ROLE_ADMIN;
    exchange->expires_at_ms = claims->expires_at_ms;
}

static void on_login_noted(struct exchange *exchange, bool written, void *data)
{
    const struct slice *token = data;
    int64_t rest_ms = exchange->expires_at_ms - gateway_now_ms(exchange->gateway);
    int64_t life_s = rest_ms / 1000 + TOKEN_LEEWAY_S;
    if (!written) {
        respond_error(exchange, &HTTP_ERROR_BROKER_UNAVAILABLE, NULL);
        return;
    }
    life_s = life_s > 0 ? life_s : 1;
    cookie_set(exchange, *token, exchange->expires_at_ms == INT64_MAX ? INT64_MAX : life_s);
    login_get(exchange);
}

static void login_with(struct exchange *exchange, struct slice token)
{
    const struct identity *identity = NULL;
    int64_t now_ms = gateway_now_ms(exchange->gateway);
    enum status status = auth_check_token(&exchange->gateway->auth, token, now_ms, &identity);
    if (status != STATUS_OK) {
        respond_unauthorized(exchange, status);
        return;
    }
    act_as(exchange, &identity->claims);
    if (exchange->role == TOKEN_ROLE_USER) {
        audit_refuse(exchange, AUDIT_OUTCOME_FORBIDDEN, &HTTP_ERROR_FORBIDDEN);
        return;
    }
    const struct audit_by by = audit_by(exchange, SLICE_EMPTY);
    char *text = exchange_allocate(exchange, token.size);
    struct slice *kept = exchange_allocate(exchange, sizeof(*kept));
    memcpy(text, token.data, token.size);
    *kept = slice_make(text, token.size);
    audit_note(exchange, &by, on_login_noted, kept);
}

void login_post(struct exchange *exchange)
{
    struct body *body = NULL;
    struct problems problems = {0};
    if (!request_body_take(exchange, &body)) {
        return;
    }
    struct json_value token = body_member(body, "token");
    if (token.kind != JSON_KIND_TEXT || token.text.size == 0 ||
        token.text.size > COOKIE_TOKEN_SIZE_MAX) {
        problems_add(&problems, "token", "must be a string of 1 to %d bytes",
                     COOKIE_TOKEN_SIZE_MAX);
        respond_error(exchange, &HTTP_ERROR_VALIDATION, &problems);
    } else {
        login_with(exchange, token.text);
    }
    body_destroy(&body);
}

/* Who wants to be out is out, whether it could be written down or not. */
static void on_logout_noted(struct exchange *exchange, bool written, void *data)
{
    (void)written;
    (void)data;
    cookie_set(exchange, SLICE_EMPTY, 0);
    respond_empty(exchange, 204, SLICE_EMPTY);
}

void login_end(struct exchange *exchange)
{
    const struct identity *identity = NULL;
    struct slice token = login_token(exchange);
    int64_t now_ms = gateway_now_ms(exchange->gateway);
    bool is_known = token.size > 0 && auth_check_token(&exchange->gateway->auth, token, now_ms,
                                                       &identity) == STATUS_OK;
    if (is_known) {
        act_as(exchange, &identity->claims);
    }
    if (is_known && !login_is_meant(exchange)) {
        audit_refuse(exchange, AUDIT_OUTCOME_NOT_MEANT, &HTTP_ERROR_NOT_MEANT);
    } else if (!login_is_meant(exchange)) {
        respond_error(exchange, &HTTP_ERROR_NOT_MEANT, NULL);
    } else if (is_known) {
        const struct audit_by by = audit_by(exchange, SLICE_EMPTY);
        audit_note(exchange, &by, on_logout_noted, NULL);
    } else {
        on_logout_noted(exchange, false, NULL);
    }
}
