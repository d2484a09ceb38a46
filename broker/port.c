#include "broker/port.h"

#include <assert.h>
#include <inttypes.h>
#include "base/log.h"

enum {
    ERROR_FRAME_SIZE_MAX = 1024, /* bytes of a frame with one ERROR */
};

enum status port_open(struct port *port, void *context, const char *address, char **detail)
{
    *port = (struct port){0};
    enum status status = peers_init(&port->peers);
    return status == STATUS_OK ? endpoint_open(context, address, &port->endpoint, detail) : status;
}

void port_close(struct port *port)
{
    endpoint_close(&port->endpoint);
    peers_fini(&port->peers);
}

void port_lose(struct port *port, struct peer *peer, const char *why)
{
    if (!peer->lost) {
        log_debug("peer lost", "peer=%" PRIu64 " why=\"%s\"", peer->number, why);
        port->closed_count -= peer->closed;
        peer->closed = false;
        peer->lost = true;
        port->lost_count++;
        outbox_clear(&peer->outbox);
    }
}

/* A peer could not be sent to. What it has said before its connection ended is still to be read. */
static void give_up(struct port *port, struct peer *peer, enum status status)
{
    if (status != STATUS_CLOSED) {
        port_lose(port, peer, status_name(status));
    } else if (!peer->lost && !peer->closed) {
        peer->closed = true;
        port->closed_count++;
        outbox_clear(&peer->outbox);
    }
}

static bool takes_more(const struct peer *peer)
{
    return !peer->lost && !peer->closed;
}

/* Everything has been read. */
static void lose_closed(struct port *port)
{
    uint32_t place = 0;
    while (port->closed_count > 0) {
        struct peer *peer = peers_next(&port->peers, &place);
        assert(peer != NULL);
        if (peer->closed) {
            port_lose(port, peer, "closed");
        }
    }
}

/* ---- in ---- */

/* Sends one ERROR now: it claims nothing that would have to be durable. */
static enum status send_error(struct port *port, struct slice routing, uint64_t session,
                              enum error_code code, const char *detail)
{
    struct buffer frame;
    struct frame_writer writer;
    const struct message error = {
        .type = MESSAGE_TYPE_ERROR,
        .error = {.code = (uint8_t)code, .detail = slice_from_string(detail)},
    };
    buffer_init(&frame, ERROR_FRAME_SIZE_MAX);
    enum status status = frame_begin(&writer, &frame, session);
    if (status == STATUS_OK) {
        status = frame_write(&writer, &error);
    }
    if (status == STATUS_OK) {
        frame_end(&writer);
        status = endpoint_send(port->endpoint, routing, buffer_slice(&frame));
    }
    buffer_fini(&frame);
    return status;
}

void port_refuse(struct port *port, enum error_code code, const char *detail)
{
    struct peer *peer = port->peer;
    assert(peer != NULL);
    if (code == ERROR_CODE_SESSION) {
        port->sessionless_count++;
    } else {
        port->refused_count++;
    }
    log_debug("refused", "peer=%" PRIu64 " code=%s detail=\"%s\"", peer->number,
              error_code_name(code), detail);
    /* Under the frame's own session: who has another one by now is not disturbed. */
    enum status status = send_error(port, peer_routing(peer), port->reader.session, code, detail);
    if (status != STATUS_OK) {
        give_up(port, peer, status);
    }
    port->refused |= code != ERROR_CODE_UNKNOWN && code != ERROR_CODE_SESSION;
    if (code != ERROR_CODE_UNKNOWN && code != ERROR_CODE_MALFORMED) {
        port->reader.left = 0;
    }
}

static void refuse_frame(struct port *port, enum status status)
{
    if (status == STATUS_UNSUPPORTED) {
        port_refuse(port, ERROR_CODE_VERSION, "this broker speaks version 1");
    } else if (status == STATUS_TOO_LARGE) {
        port_refuse(port, ERROR_CODE_MALFORMED, "the frame is above a limit");
    } else {
        port_refuse(port, ERROR_CODE_MALFORMED, "not a frame");
    }
}

/* Ends the frame that is being read. */
static void finish_frame(struct port *port)
{
    if (port->refused) {
        port_lose(port, port->peer, "refused");
    }
    port->peer = NULL;
    port->refused = false;
}

/* Gives the message that was held, or the next one. Returns as endpoint_receive. */
static enum status receive(struct port *port)
{
    if (!port->held) {
        port->held_status =
            endpoint_receive(port->endpoint, &port->held_routing, &port->held_frame);
    }
    port->held = false;
    return port->held_status;
}

/* Begins the next frame. Returns OK, AGAIN, or MALFORMED when it was refused. */
static enum status begin_frame(struct port *port, int64_t now)
{
    struct peer *peer;
    enum status received = receive(port);
    struct slice routing = port->held_routing;
    if (received == STATUS_AGAIN) {
        lose_closed(port);
        return received;
    }
    if (peers_take(&port->peers, routing, now, &peer) != STATUS_OK) {
        port->refused_count++;
        send_error(port, routing, 0, ERROR_CODE_LIMIT, "too many peers");
        return STATUS_MALFORMED;
    }
    if (peer->lost) {
        port->held = true;
        return STATUS_AGAIN;
    }
    peer->heard_at = now;
    port->peer = peer;
    port->reader = (struct frame_reader){0};
    enum status status =
        received == STATUS_OK ? frame_open(&port->reader, port->held_frame) : received;
    if (status == STATUS_OK && peer->closed && port->reader.session == 0) {
        port->peer = NULL; /* another one has come under its routing id */
        port_lose(port, peer, "replaced");
        port->held = true;
        return STATUS_AGAIN;
    }
    if (status != STATUS_OK) {
        port->reader.session = peer->session;
        refuse_frame(port, status);
        finish_frame(port);
        return STATUS_MALFORMED;
    }
    return STATUS_OK;
}

enum status port_next(struct port *port, int64_t now, struct message *out)
{
    if (port->peer != NULL && port->reader.left == 0) {
        finish_frame(port);
    }
    if (port->peer == NULL) {
        enum status status = begin_frame(port, now);
        if (status != STATUS_OK) {
            return status;
        }
    }
    const uint8_t *start = port->reader.position;
    enum status status = frame_next(&port->reader, out);
    port->record = slice_make(start, (size_t)(port->reader.position - start));
    if (status == STATUS_UNSUPPORTED) {
        port_refuse(port, ERROR_CODE_UNKNOWN, "a message of a later version");
    } else if (status == STATUS_MALFORMED) {
        port_refuse(port, ERROR_CODE_MALFORMED, message_type_name(out->type));
    }
    return status == STATUS_OK ? STATUS_OK : STATUS_MALFORMED;
}

enum status port_next_items(struct port *port, uint32_t count, struct message_submit *items)
{
    struct frame_reader *reader = &port->reader;
    struct slice rest = slice_make(reader->position, (size_t)(reader->end - reader->position));
    if (count > reader->left || submits_read(&rest, count, items) != STATUS_OK) {
        port_refuse(port, ERROR_CODE_MALFORMED, "a group without its jobs");
        reader->left = 0;
        return STATUS_MALFORMED;
    }
    reader->position = rest.data;
    reader->left -= count;
    port->record = slice_make(port->record.data, (size_t)(reader->position - port->record.data));
    return STATUS_OK;
}

/* ---- out ---- */

/* Notes that a peer has something to be sent, or that it could not be kept. */
static void note(struct port *port, struct peer *peer, bool was_empty, enum status status)
{
    if (status != STATUS_OK) {
        port_lose(port, peer, "too much to send");
    } else if (was_empty) {
        assert(port->dirty_count < PEERS_MAX);
        port->dirty[port->dirty_count++] = peer;
    }
}

void port_put(struct port *port, struct peer *peer, const struct message *message)
{
    bool was_empty = outbox_is_empty(&peer->outbox);
    if (takes_more(peer)) {
        note(port, peer, was_empty, outbox_add(&peer->outbox, message));
    }
}

void port_put_frame(struct port *port, struct peer *peer, struct slice frame)
{
    bool was_empty = outbox_is_empty(&peer->outbox);
    if (takes_more(peer)) {
        note(port, peer, was_empty, outbox_add_frame(&peer->outbox, frame));
    }
}

struct recipient {
    struct endpoint *endpoint;
    struct slice routing;
};

static enum status send_frame(void *context, struct slice frame)
{
    const struct recipient *recipient = context;
    return endpoint_send(recipient->endpoint, recipient->routing, frame);
}

void port_send_peer(struct port *port, struct peer *peer, const struct outbox *first,
                    struct buffer *frame, int64_t now)
{
    const struct outbox *outboxes[] = {&peer->outbox, first};
    struct recipient recipient = {port->endpoint, peer_routing(peer)};
    if (first != NULL) {
        outboxes[0] = first;
        outboxes[1] = &peer->outbox;
    }
    if (!takes_more(peer)) {
        return;
    }
    enum status status =
        outbox_send(outboxes, first == NULL ? 1 : 2, peer->session, frame, send_frame, &recipient);
    outbox_clear(&peer->outbox);
    peer->sent_at = now;
    if (status != STATUS_OK) {
        give_up(port, peer, status);
    }
}

void port_send(struct port *port, struct buffer *frame, int64_t now)
{
    for (uint32_t index = 0; index < port->dirty_count; index++) {
        struct peer *peer = port->dirty[index];
        if (!outbox_is_empty(&peer->outbox)) {
            port_send_peer(port, peer, NULL, frame, now);
        }
    }
    port->dirty_count = 0;
}
