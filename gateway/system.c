#include "gateway/system.h"

#include "base/build.h"
#include "gateway/inquiry.h"
#include "gateway/system_json.h"

enum {
    SYSTEM_BODY_SIZE_MAX = 2 << 20, /* bytes: SYSTEM_PROGRAMS_MAX with the longest texts, escaped */
};

static struct system_gateway told_of(const struct gateway *gateway)
{
    return (struct system_gateway){
        .instance = gateway->session.instance,
        .version = slice_from_string(build_version()),
        .started_at = gateway->started_at,
        .connections = gateway->traffic.connections,
        .connections_max = gateway->traffic.connections_max,
        .streams = gateway->streams.count,
        .dashboards = gateway->watch.count,
        .now = gateway_now_ms(gateway),
    };
}

static void on_answer(struct request *request, const struct answer *answer)
{
    const struct inquiry *inquiry = LIST_OWNER(request, struct inquiry, request);
    struct success success;
    if (!inquiry_is_heard(inquiry, answer) ||
        inquiry_refuses(inquiry, answer->message->system.code)) {
        return;
    }
    const struct system_gateway gateway = told_of(inquiry->exchange->gateway);
    success_begin(&success, 200, SYSTEM_BODY_SIZE_MAX);
    success_send(
        &success, inquiry->exchange,
        system_json_write(&success.writer, &gateway, &answer->message->system, answer->records));
}

void system_get(struct exchange *exchange)
{
    struct inquiry *inquiry = inquiry_new(exchange, sizeof(*inquiry), inquiry_fini);
    inquiry_begin(inquiry, MESSAGE_TYPE_GET_SYSTEM);
    inquiry_ask(inquiry, on_answer);
}
