#include "gateway/streams.h"

#include "gateway/gateway.h"
#include "gateway/stream.h"

static void on_turn(h2o_timeout_entry_t *entry)
{
    struct streams *streams = H2O_STRUCT_FROM_MEMBER(struct streams, turn, entry);
    while (!list_is_empty(&streams->dirty)) {
        struct stream *stream = LIST_OWNER(streams->dirty.next, struct stream, dirty);
        list_remove(&stream->dirty);
        stream_send(stream);
    }
}

void streams_init(struct streams *streams, struct gateway *gateway)
{
    *streams = (struct streams){.gateway = gateway};
    streams->turn.cb = on_turn;
    list_init(&streams->idle);
    list_init(&streams->dirty);
    list_init(&streams->behind);
}

void streams_fini(struct streams *streams)
{
    h2o_timeout_unlink(&streams->turn);
}

void streams_wake(struct streams *streams)
{
    h2o_context_t *context = streams->gateway->context;
    if (!h2o_timeout_is_linked(&streams->turn)) {
        h2o_timeout_link(context->loop, &context->zero_timeout, &streams->turn);
    }
}

void streams_read(struct streams *streams)
{
    while (!list_is_empty(&streams->behind) && streams->read_count < STREAM_READS_MAX) {
        struct stream *stream = LIST_OWNER(streams->behind.next, struct stream, behind);
        if (stream_read(stream) != STATUS_OK) {
            return;
        }
        list_remove(&stream->behind);
    }
}

void streams_tick(struct streams *streams, int64_t now_ms)
{
    while (!list_is_empty(&streams->idle)) {
        struct stream *stream = LIST_OWNER(streams->idle.next, struct stream, idle);
        if (stream->due_ms > now_ms) {
            break;
        }
        list_remove(&stream->idle);
        stream->due_ms = now_ms + STREAM_HEARTBEAT_MS;
        list_append(&streams->idle, &stream->idle);
        stream_comment(stream, now_ms);
    }
    streams_read(streams);
}

void streams_end(struct streams *streams)
{
    struct list *node = streams->idle.next;
    while (node != &streams->idle) {
        struct stream *stream = LIST_OWNER(node, struct stream, idle);
        node = node->next;
        stream_end(stream, SLICE_LITERAL(": the server stops\n\n"));
    }
}
