#include "gateway/uploads.h"

#include <sys/socket.h>
#include "base/log.h"
#include "gateway/limits.h"

struct look {
    const struct timeval *now;
    uint32_t slow; /* requests seen that take their time */
    uint32_t cut;
};

static int64_t age_ms(const struct timeval *now, const struct timeval *then)
{
    return (int64_t)(now->tv_sec - then->tv_sec) * 1000 + (now->tv_usec - then->tv_usec) / 1000;
}

/* A request that has arrived is processed at once. */
static bool is_arriving(const h2o_req_t *request)
{
    return request->timestamps.request_begin_at.tv_sec != 0 && request->processed_at.at.tv_sec == 0;
}

static int judge(h2o_req_t *request, void *data)
{
    struct look *look = data;
    int64_t taken_ms = age_ms(look->now, &request->timestamps.request_begin_at);
    if (!is_arriving(request) || taken_ms < UPLOAD_SLOW_MS) {
        return 0;
    }
    look->slow++;
    if (taken_ms > REQUEST_TIMEOUT_MS || look->slow > UPLOADS_SLOW_MAX) {
        h2o_socket_t *socket = request->conn->callbacks->get_socket(request->conn);
        shutdown(h2o_socket_get_fd(socket), SHUT_RDWR); /* h2o reads its end, and drops it all */
        look->cut++;
    }
    return 0;
}

void uploads_tick(struct uploads *uploads, h2o_context_t *context, int64_t now_ms)
{
    if (now_ms < uploads->due_ms) {
        return;
    }
    struct look look = {.now = h2o_get_timestamp(context, NULL, NULL)};
    uploads->due_ms = now_ms + UPLOADS_LOOK_MS;
    context->globalconf->http2.callbacks.foreach_request(context, judge, &look);
    if (look.cut > 0) {
        log_info("requests that do not arrive are cut off", "count=%u", look.cut);
    }
}
