#include "gateway/envelope_filter.h"

#include "gateway/cross_origin.h"
#include "gateway/flights.h"
#include "gateway/http_error.h"

struct envelope_filter {
    h2o_filter_t super;
    struct swallows *swallows;
    struct gateway *const *gateway;
};

struct envelope_stream {
    h2o_ostream_t super;
    h2o_iovec_t body;
};

/* The library sends its refusals whole: in place of its text goes ours. */
static void do_send(h2o_ostream_t *self, h2o_req_t *request, h2o_iovec_t *parts, size_t part_count,
                    h2o_send_state_t state)
{
    struct envelope_stream *stream = (struct envelope_stream *)self;
    (void)parts;
    h2o_ostream_send_next(self, request, &stream->body, part_count == 0 ? 0 : 1, state);
}

static void on_setup(h2o_filter_t *self, h2o_req_t *request, h2o_ostream_t **slot)
{
    const struct envelope_filter *filter = (struct envelope_filter *)self;
    const struct refusal refusal = {.error = http_error_of_status(request->res.status)};
    struct buffer body;
    flight_begin(flight_new(request, SLICE_EMPTY, ""), 0);
    swallows_add(filter->swallows, request);
    cross_origin_headers(request, (*filter->gateway)->settings.cors_origins);
    buffer_init(&body, 1024);
    if (http_error_render(&refusal, &body) == STATUS_OK) {
        struct envelope_stream *stream =
            (struct envelope_stream *)h2o_add_ostream(request, sizeof(*stream), slot);
        stream->super.do_send = do_send;
        stream->body = h2o_strdup(&request->pool, (const char *)body.data, body.size);
        request->res.content_length = body.size;
        h2o_set_header(&request->pool, &request->res.headers, H2O_TOKEN_CONTENT_TYPE,
                       H2O_STRLIT("application/json; charset=utf-8"), 1);
        slot = &stream->super.next;
    }
    buffer_fini(&body);
    h2o_setup_next_ostream(request, slot);
}

void envelope_filter_register(h2o_hostconf_t *host, struct swallows *swallows,
                              struct gateway *const *gateway)
{
    struct envelope_filter *filter =
        (struct envelope_filter *)h2o_create_filter(&host->fallback_path, sizeof(*filter));
    filter->super.on_setup_ostream = on_setup;
    filter->swallows = swallows;
    filter->gateway = gateway;
}
