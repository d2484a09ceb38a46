#include "broker/intake.h"

#include <inttypes.h>
#include "base/log.h"
#include "broker/broker.h"
#include "broker/gateways.h"

static void step(struct broker *broker, const struct core_event *event)
{
    broker_step(broker, event, SLICE_EMPTY, NULL);
}

/* ---- peers that are gone ---- */

static void remove_lost(struct broker *broker, struct port *port)
{
    uint32_t place = 0;
    struct peer *peer;
    if (port->lost_count == 0) {
        return;
    }
    while ((peer = peers_next(&port->peers, &place)) != NULL) {
        if (!peer->lost || peer == port->peer) {
            continue; /* the frame of a peer that is being read is ended first */
        }
        if (port == &broker->actors) {
            step(broker, &(struct core_event){.type = CORE_EVENT_PEER_LOST, .peer = peer->number});
        }
        peers_remove(&port->peers, peer);
        port->lost_count--;
    }
}

void intake_lost(struct broker *broker)
{
    remove_lost(broker, &broker->actors);
    remove_lost(broker, &broker->gateways);
}

static void lose_idle(struct port *port, int64_t now)
{
    uint32_t place = 0;
    struct peer *peer;
    while ((peer = peers_next(&port->peers, &place)) != NULL) {
        bool may_go = (peer->session == 0 || peer->closed) && peer != port->peer;
        if (may_go && now - peer->heard_at >= PEER_IDLE_MS) {
            port_lose(port, peer, "no session");
        }
    }
}

void intake_ping(struct broker *broker)
{
    const struct message ping = {.type = MESSAGE_TYPE_PING, .ping = {.at = broker->now}};
    struct port *port = &broker->actors;
    uint32_t place = 0;
    struct peer *peer;
    if (broker->now - broker->pinged_at < PING_MS / 2) {
        return;
    }
    broker->pinged_at = broker->now;
    lose_idle(&broker->actors, broker->now);
    lose_idle(&broker->gateways, broker->now);
    while ((peer = peers_next(&port->peers, &place)) != NULL) {
        if (broker->now - peer->sent_at >= PING_MS && outbox_is_empty(&peer->outbox)) {
            port_put(port, peer, &ping);
        }
    }
}

/* ---- records ---- */

static void take_actor(struct broker *broker, const struct message *message)
{
    struct port *port = &broker->actors;
    const struct core_event event = {
        .type = CORE_EVENT_ACTOR,
        .peer = port->peer->number,
        .session = port->reader.session,
        .message = message,
    };
    if (message->type == MESSAGE_TYPE_HELLO) {
        const struct message_hello *hello = &message->hello;
        peer_introduce(port->peer, hello->host, hello->pid, hello->version, broker->now);
    }
    switch ((int)message->type) {
    case MESSAGE_TYPE_HELLO:
    case MESSAGE_TYPE_PROVIDER:
    case MESSAGE_TYPE_HOLD:
    case MESSAGE_TYPE_HEARTBEAT:
    case MESSAGE_TYPE_PROGRESS:
    case MESSAGE_TYPE_OPERATION:
    case MESSAGE_TYPE_DONE:
    case MESSAGE_TYPE_FAIL:
    case MESSAGE_TYPE_RELEASE:
    case MESSAGE_TYPE_REPORT:
    case MESSAGE_TYPE_BYE:
        step(broker, &event);
        break;
    case MESSAGE_TYPE_ERROR:
        log_warn("error from an actor", "code=%s detail=\"%.*s\"",
                 error_code_name(message->error.code), SLICE_PRINT(message->error.detail));
        break;
    default:
        port_refuse(port, ERROR_CODE_FORBIDDEN, "this endpoint is for actors");
        break;
    }
}

static bool has_room(const struct broker *broker, size_t size_max)
{
    return !broker->failed && broker->batch.bytes.size + recorder_size(broker->recorder) < size_max;
}

/* Takes some records of one port. Returns whether there may be more. */
static bool take_some(struct broker *broker, struct port *port, uint32_t *left)
{
    struct message message;
    for (uint32_t count = 0; count < PORT_RECORDS_MAX; count++) {
        if (*left == 0 || !has_room(broker, COMMIT_SIZE_MAX)) {
            return true;
        }
        enum status status = port_next(port, broker->now, &message);
        if (status == STATUS_AGAIN) {
            return false;
        }
        (*left)--;
        if (status == STATUS_OK && port == &broker->actors) {
            take_actor(broker, &message);
        } else if (status == STATUS_OK) {
            gateways_take(broker, &message);
        }
    }
    return true;
}

bool intake_ports(struct broker *broker)
{
    uint32_t left = TURN_RECORDS_MAX;
    bool more = true;
    while (more && left > 0 && has_room(broker, COMMIT_SIZE_MAX)) {
        bool more_actors = take_some(broker, &broker->actors, &left);
        bool more_gateways = take_some(broker, &broker->gateways, &left);
        more = more_actors || more_gateways;
    }
    return more || broker->actors.held || broker->gateways.held;
}

/* ---- the rest ---- */

void intake_reads(struct broker *broker)
{
    size_t size = 0;
    for (int count = 0; count < TURN_RECORDS_MAX && size < TURN_ANSWERS_SIZE_MAX &&
                        has_room(broker, COMMIT_SIZE_MAX / 2);
         count++) {
        struct read *read = readers_done(broker->readers);
        if (read == NULL) {
            return;
        }
        size += read->answer.size;
        if (read->type == READ_DISPATCH) {
            dispatch_fetched(broker, read);
            readers_give(broker->readers, read);
        } else if (read->type == READ_SWEEP) {
            sweeper_take(broker, read);
        } else if (read->type == READ_BULK) {
            bulk_work_take(broker, read);
        } else if (read->type == READ_LEFTOVERS) {
            leftovers_take(broker, read);
        } else {
            gateways_answered(broker, read);
        }
    }
}

void intake_space(struct broker *broker)
{
    if (broker->now - broker->space_checked_at < SPACE_CHECK_MS) {
        return;
    }
    broker->space_checked_at = broker->now;
    uint64_t left = store_space_left(broker->store);
    bool low = left < broker->options->space_floor;
    broker->space_left = left;
    if (low != broker->space_low) {
        log_warn(low ? "disk nearly full: new jobs are refused" : "disk has room again",
                 "free=%" PRIu64 " floor=%" PRIu64, left, broker->options->space_floor);
        broker->space_low = low;
        step(broker, &(struct core_event){.type = CORE_EVENT_SPACE, .space_low = low});
    }
}
