#include "gateway/uploads.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include "base/log.h"
#include "gateway/limits.h"

enum {
    ORIGIN_SIZE = 8,    /* bytes: an IPv4 address, or the first half of an IPv6 one */
    MAPPED_OFFSET = 12, /* where the IPv4 address stands in ::ffff:a.b.c.d */
};

/* Whose requests they are: an address, or the network that one customer has of IPv6. */
struct origin {
    uint8_t bytes[ORIGIN_SIZE];
    uint32_t slow; /* requests seen that take their time */
    uint32_t left; /* of them that may go on */
};

struct look {
    const struct timeval *now;
    struct origin origins[UPLOAD_ORIGINS_MAX];
    uint32_t count;
    uint32_t cut;
};

static int64_t age_ms(const struct timeval *now, const struct timeval *then)
{
    return (int64_t)(now->tv_sec - then->tv_sec) * 1000 + (now->tv_usec - then->tv_usec) / 1000;
}

/* A request that has arrived is processed at once. Returns how long one takes that has not. */
static int64_t arriving_ms(const struct look *look, const h2o_req_t *request)
{
    const struct timeval *begun = &request->timestamps.request_begin_at;
    bool is_arriving = begun->tv_sec != 0 && request->processed_at.at.tv_sec == 0;
    return is_arriving ? age_ms(look->now, begun) : 0;
}

static void origin_read(h2o_req_t *request, uint8_t out[ORIGIN_SIZE])
{
    struct sockaddr_storage name = {0};
    request->conn->callbacks->get_peername(request->conn, (struct sockaddr *)&name);
    memset(out, 0, ORIGIN_SIZE);
    if (name.ss_family == AF_INET) {
        memcpy(out, &((struct sockaddr_in *)&name)->sin_addr, sizeof(struct in_addr));
    } else if (name.ss_family == AF_INET6) {
        /* Of IPv4 over a listener of both all have the same first half. */
        const struct in6_addr *address = &((struct sockaddr_in6 *)&name)->sin6_addr;
        bool is_mapped = IN6_IS_ADDR_V4MAPPED(address);
        memcpy(out, address->s6_addr + (is_mapped ? MAPPED_OFFSET : 0),
               is_mapped ? sizeof(struct in_addr) : ORIGIN_SIZE);
    }
}

/* Of more addresses than there is room for, the rest counts as one. */
static struct origin *origin_of(struct look *look, h2o_req_t *request)
{
    uint8_t bytes[ORIGIN_SIZE];
    uint32_t index = 0;
    origin_read(request, bytes);
    while (index < look->count && memcmp(look->origins[index].bytes, bytes, ORIGIN_SIZE) != 0) {
        index++;
    }
    if (index == UPLOAD_ORIGINS_MAX) {
        return &look->origins[UPLOAD_ORIGINS_MAX - 1];
    }
    if (index == look->count) {
        look->count++;
        look->origins[index] = (struct origin){0};
        memcpy(look->origins[index].bytes, bytes, ORIGIN_SIZE);
    }
    return &look->origins[index];
}

static int count_slow(h2o_req_t *request, void *data)
{
    struct look *look = data;
    if (arriving_ms(look, request) >= UPLOAD_SLOW_MS) {
        origin_of(look, request)->slow++;
    }
    return 0;
}

/* Shares the places out one by one: who has few slow requests keeps them, whatever others have. */
static void share(struct look *look)
{
    uint32_t left = UPLOADS_SLOW_MAX;
    bool is_given = true;
    while (left > 0 && is_given) {
        is_given = false;
        for (uint32_t index = 0; index < look->count && left > 0; index++) {
            struct origin *origin = &look->origins[index];
            bool wants = origin->left < origin->slow;
            origin->left += wants;
            left -= wants;
            is_given |= wants;
        }
    }
}

static int judge(h2o_req_t *request, void *data)
{
    struct look *look = data;
    int64_t taken_ms = arriving_ms(look, request);
    if (taken_ms < UPLOAD_SLOW_MS) {
        return 0;
    }
    struct origin *origin = origin_of(look, request);
    bool has_place = origin->left > 0;
    origin->left -= has_place;
    if (taken_ms > REQUEST_TIMEOUT_MS || !has_place) {
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
    context->globalconf->http2.callbacks.foreach_request(context, count_slow, &look);
    share(&look);
    context->globalconf->http2.callbacks.foreach_request(context, judge, &look);
    if (look.cut > 0) {
        log_info("requests that do not arrive are cut off", "count=%u", look.cut);
    }
}
