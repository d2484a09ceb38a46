#ifndef TROUPE_BROKER_ENDPOINT_H
#define TROUPE_BROKER_ENDPOINT_H

/*
 * One ROUTER socket with its peers: reads frames record by record, gathers what is to be sent to
 * each peer in one turn into as few frames as possible, and tells which peers are gone. The one
 * owner of ZeroMQ in the broker. Used by the loop's thread only.
 */

#include "proto/codec.h"

enum {
    PEERS_MAX = 8192,              /* connections that have said something, of one endpoint */
    PEER_OUT_SIZE_MAX = 64 << 20,  /* bytes for one peer in one turn; above, it is given up */
    PEER_FRAMES_QUEUED_MAX = 1000, /* frames that ZeroMQ keeps for a slow peer; above, likewise */
    PEER_FRAMES_MAX = 256,         /* frames for one peer in one turn; above, likewise */
    PEER_HEARTBEAT_MS = 2000,      /* of ZMTP: a dead connection is noticed after three */
};

struct endpoint;

/* What an endpoint tells its owner. */
struct endpoint_hooks {
    /* A record; message is valid during the call. status: OK, UNSUPPORTED (message->type tells the
     * unknown number) or MALFORMED. */
    void (*record)(void *context, uint64_t peer, uint64_t session, enum status status,
                   const struct message *message);
    /* A frame that is none: status as of frame_open. */
    void (*garbage)(void *context, uint64_t peer, enum status status);
    /* The connection is gone, takes no more, or was swept; nothing further comes from this number.
     * Called by endpoint_flush after all is sent: what is put then belongs to the next flush. */
    void (*lost)(void *context, uint64_t peer);
    void *context;
};

/* context: of ZeroMQ. Binds to address (ipc:// or tcp://). Returns OK, BUSY (in use), INVALID (no
 * address) or IO. */
enum status endpoint_new(void *context, const char *address, struct endpoint_hooks hooks,
                         struct endpoint **out);
void endpoint_destroy(struct endpoint **endpoint);

/* The socket, for zmq_poll. */
void *endpoint_socket(const struct endpoint *endpoint);

/* Hands out one record, or one frame that is none. Returns false when nothing has come. */
bool endpoint_receive(struct endpoint *endpoint);

/* Whether a frame is read in part: the socket does not tell that there is more. */
bool endpoint_has_more(const struct endpoint *endpoint);

/* Adds a record for a peer to this turn. Does nothing for a peer that is gone. */
void endpoint_put(struct endpoint *endpoint, uint64_t peer, uint64_t session,
                  const struct message *message);

/* Opens a frame of this turn for one record that the caller writes itself; NULL for a peer that is
 * gone. endpoint_written ends that, with what became of it. */
struct frame_writer *endpoint_writer(struct endpoint *endpoint, uint64_t peer, uint64_t session);
void endpoint_written(struct endpoint *endpoint, uint64_t peer, enum status status);

/* Adds a record for every peer, outside of any session. */
void endpoint_put_all(struct endpoint *endpoint, const struct message *message);

/* Adds count records that are encoded already and have to be in one frame. */
void endpoint_records(struct endpoint *endpoint, uint64_t peer, uint64_t session,
                      struct slice records, uint32_t count);

/* Sends everything that was added; peers that cannot take it are lost. */
void endpoint_flush(struct endpoint *endpoint);

/* Gives up the peers that said nothing and were sent nothing since the last call: only a send finds
 * out that a peer is gone. */
void endpoint_sweep(struct endpoint *endpoint);

#endif
