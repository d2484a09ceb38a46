#include "gateway/health.h"

#include "gateway/respond.h"

void health_live(struct exchange *exchange)
{
    respond_json(
        exchange, 200,
        SLICE_LITERAL("{\"success\":true,\"statusCode\":200,\"data\":{\"status\":\"alive\"}}"),
        SLICE_EMPTY);
}

void health_ready(struct exchange *exchange)
{
    const struct gateway *gateway = exchange->gateway;
    const char *problem = session_problem(&gateway->session, gateway_now_ms(gateway));
    if (problem[0] == '\0') {
        respond_json(
            exchange, 200,
            SLICE_LITERAL("{\"success\":true,\"statusCode\":200,\"data\":{\"status\":\"ready\"}}"),
            SLICE_EMPTY);
        return;
    }
    const struct http_error error = {503, "not_ready", problem, 1};
    respond_error(exchange, &error, NULL);
}
