#include "gateway/metrics.h"

#include <netinet/in.h>
#include "base/address_class.h"
#include "gateway/metrics_write.h"
#include "gateway/respond.h"

/* ---- who asks ---- */

static bool is_local(const h2o_req_t *request)
{
    struct sockaddr_storage name;
    memset(&name, 0, sizeof(name));
    request->conn->callbacks->get_peername(request->conn, (struct sockaddr *)&name);
    if (name.ss_family == AF_INET) {
        const struct sockaddr_in *four = (const struct sockaddr_in *)&name;
        return address_class_4(ntohl(four->sin_addr.s_addr)) == ADDRESS_CLASS_LOOPBACK;
    }
    if (name.ss_family == AF_INET6) {
        const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)&name;
        return address_class_6(six->sin6_addr.s6_addr) == ADDRESS_CLASS_LOOPBACK;
    }
    return false;
}

/* A proxy on this machine is no reader on this machine. */
static bool is_forwarded(const struct exchange *exchange)
{
    static const char *const names[] = {"forwarded", "x-forwarded-for", "x-real-ip", "via"};
    for (size_t index = 0; index < sizeof(names) / sizeof(names[0]); index++) {
        if (exchange_has_header(exchange, names[index])) {
            return true;
        }
    }
    return false;
}

/* Whether the metrics may be read; otherwise it has been answered. */
static bool is_allowed(struct exchange *exchange)
{
    struct gateway *gateway = exchange->gateway;
    const struct identity *identity = NULL;
    switch (metrics_access_judge(gateway->settings.metrics_access, is_local(exchange->request),
                                 is_forwarded(exchange))) {
    case METRICS_ALLOWED:
        return true;
    case METRICS_FORBIDDEN:
        respond_error(exchange, &HTTP_ERROR_FORBIDDEN, NULL);
        return false;
    case METRICS_WITH_TOKEN:
        break;
    }
    enum status status =
        auth_check(&gateway->auth, exchange_header(exchange, H2O_TOKEN_AUTHORIZATION),
                   gateway_now_ms(gateway), &identity);
    if (status != STATUS_OK) {
        respond_unauthorized(exchange, status);
        return false;
    }
    if (identity->claims.role != TOKEN_ROLE_ADMIN && identity->claims.role != TOKEN_ROLE_VIEWER) {
        respond_error(exchange, &HTTP_ERROR_FORBIDDEN, NULL);
        return false;
    }
    return true;
}

/* ---- the answer ---- */

void metrics_get(struct exchange *exchange)
{
    struct buffer body;
    struct metrics_writer writer;
    if (!is_allowed(exchange)) {
        return;
    }
    enum metrics_format format = metrics_format_of(exchange_header(exchange, H2O_TOKEN_ACCEPT));
    buffer_init(&body, METRICS_SIZE_MAX);
    metrics_init(&writer, format, &body);
    gateway_metrics_write(exchange->gateway, &writer);
    if (metrics_end(&writer) == STATUS_OK) {
        respond_header(exchange, "cache-control", SLICE_LITERAL("no-store"));
        respond_body(exchange, 200, slice_from_string(metrics_content_type(format)),
                     buffer_slice(&body), SLICE_EMPTY);
    } else {
        respond_error(exchange, &HTTP_ERROR_INTERNAL, NULL);
    }
    buffer_fini(&body);
}
