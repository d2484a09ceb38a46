#ifndef TROUPE_BROKER_PORT_H
#define TROUPE_BROKER_PORT_H

/*
 * One side of the broker: an endpoint, the peers behind it, and the frame that is being read. It
 * refuses what is not a frame; what records mean is for intake.c. Embedded by the broker.
 */

#include "broker/peers.h"

struct port {
    struct endpoint *endpoint;
    struct peers peers;
    struct frame_reader reader; /* of the frame that is being read */
    struct peer *peer;          /* who sent it; NULL while there is none */
    struct slice record;        /* the bytes of the record that was read last */
    bool held; /* a message of a lost peer waits for the next turn, which forgets that peer: then it
                  is of a new one */
    enum status held_status;
    struct slice held_routing;
    struct slice held_frame;
    bool refused;                  /* something in this frame cost its peer the session */
    uint64_t refused_count;        /* frames and records, since the start */
    uint64_t sessionless_count;    /* frames whose session is not open: no fault of their sender */
    struct peer *dirty[PEERS_MAX]; /* those with something to be sent */
    uint32_t dirty_count;
    uint32_t lost_count;   /* peers that are marked lost */
    uint32_t closed_count; /* peers that are closed, and not lost yet */
};

/* Binds. Returns as endpoint_open. */
enum status port_open(struct port *port, void *context, const char *address, char **detail);
void port_close(struct port *port);

/* Gives the next record of the frame that is being read, or of the next one that has arrived.
 * Returns OK, AGAIN (nothing has arrived, or it is for the next turn: held) or MALFORMED (something
 * was refused and answered; go on).
 * Slices of the record are valid until the next call. */
enum status port_next(struct port *port, int64_t now, struct message *out);

/* After a SUBMIT_GROUP: gives its count jobs, which stand behind it in the frame; port.record then
 * spans all of it. Returns OK, or MALFORMED when they are not there: refused, and the frame is
 * over. */
enum status port_next_items(struct port *port, uint32_t count, struct message_submit *items);

/* Answers the frame that is being read by an ERROR, at once. All codes but SESSION and UNKNOWN cost
 * the peer what it had; all but UNKNOWN and MALFORMED end the frame. */
void port_refuse(struct port *port, enum error_code code, const char *detail);

/* Each adds to what is sent to a peer after the commit; one with too much of it is lost. Nothing is
 * sent to one that is lost or closed. */
void port_put(struct port *port, struct peer *peer, const struct message *message);
void port_put_frame(struct port *port, struct peer *peer, struct slice frame);

/* Marks a peer as lost: nothing is taken from it or sent to it in this turn any more; it is
 * forgotten at the next one. */
void port_lose(struct port *port, struct peer *peer, const char *why);

/* Sends what was put for one peer, behind first, which may be NULL. One that is not there any more
 * is lost when what it has said before was taken: a BYE is on its way from one that has ended.
 * frame: scratch space. */
void port_send_peer(struct port *port, struct peer *peer, const struct outbox *first,
                    struct buffer *frame, int64_t now);

/* Sends what was put for all peers. */
void port_send(struct port *port, struct buffer *frame, int64_t now);

#endif
