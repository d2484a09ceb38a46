#include "gateway/health.h"

#include "base/build.h"
#include "base/json_writer.h"
#include "gateway/envelope.h"
#include "gateway/respond.h"

enum {
    VERSION_BODY_SIZE_MAX = 1024,
};

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

static void version_write(struct json_writer *writer, const struct gateway *gateway)
{
    json_object_begin(writer);
    json_member_text(writer, "version", slice_from_string(TROUPE_VERSION));
    json_member_text_or_null(writer, "commit", slice_from_string(build_commit()));
    json_member_text(writer, "compiler", slice_from_string(build_compiler()));
    json_member_text_or_null(writer, "broker", slice_from_string(gateway->session.broker_version));
    json_object_end(writer);
}

void health_version(struct exchange *exchange)
{
    struct buffer body;
    struct json_writer writer;
    buffer_init(&body, VERSION_BODY_SIZE_MAX);
    json_writer_init(&writer, &body);
    envelope_begin(&writer, 200, NULL);
    json_name(&writer, "data");
    version_write(&writer, exchange->gateway);
    json_object_end(&writer);
    if (json_writer_status(&writer) == STATUS_OK) {
        respond_json(exchange, 200, buffer_slice(&body), SLICE_EMPTY);
    } else {
        respond_error(exchange, &HTTP_ERROR_INTERNAL, NULL);
    }
    buffer_fini(&body);
}
