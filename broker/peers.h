#ifndef TROUPE_BROKER_PEERS_H
#define TROUPE_BROKER_PEERS_H

/*
 * The connections of one endpoint that have said something: routing id, session, and what is to be
 * sent. A peer's number is never used again, so that who was lost and who came later under the same
 * routing id are told apart. Owned by a port.
 */

#include "broker/endpoint.h"
#include "broker/outbox.h"

enum {
    PEERS_MAX = 8192, /* of one endpoint, a power of two; more are answered by ERROR limit */
    PEER_NONE = UINT32_MAX,
};

struct peer {
    uint64_t number;    /* 0 while the place is free */
    uint64_t session;   /* 0 when none is open */
    struct id instance; /* gateways: as told in GATEWAY_HELLO */
    uint32_t pid;       /* with the next four: as told in HELLO or GATEWAY_HELLO */
    uint8_t host_size;
    uint8_t version_size;
    char host[HOST_SIZE_MAX];
    char version[VERSION_SIZE_MAX];
    int64_t greeted_at; /* when the session was opened */
    int64_t heard_at;
    int64_t sent_at;
    struct outbox outbox;
    bool lost;     /* to be removed at the next turn; nothing is taken from it or sent any more */
    bool closed;   /* its connection is; what it has said is taken, then it is lost */
    bool welcomed; /* gateways: GATEWAY_WELCOME is to be sent at the end of this turn */
    uint8_t routing_size;
    uint8_t routing[ROUTING_SIZE_MAX];
    uint32_t hash_next; /* place: chain of a bucket, or of free places */
};

struct peers {
    struct peer **places; /* PEERS_MAX pointers; peers are allocated one by one and kept */
    uint32_t *buckets;
    uint32_t used; /* places that were ever used */
    uint32_t free; /* first free place below used */
    uint32_t count;
    uint64_t sequence;
};

/* Returns OK or NO_MEMORY. */
enum status peers_init(struct peers *peers);
void peers_fini(struct peers *peers);

/* Finds or makes the peer of a routing id. Returns OK, FULL or NO_MEMORY. */
enum status peers_take(struct peers *peers, struct slice routing, int64_t now, struct peer **out);

/* The peer of a number, or NULL when it is gone. */
struct peer *peers_find(const struct peers *peers, uint64_t number);
void peers_remove(struct peers *peers, struct peer *peer);

/* Walks all peers: *place starts at 0. Returns NULL at the end. The one that was returned may be
 * removed. */
struct peer *peers_next(const struct peers *peers, uint32_t *place);

/* Keeps what a peer has said of itself, for those who run the stack; it fits (the codec). */
void peer_introduce(struct peer *peer, struct slice host, uint32_t pid, struct slice version,
                    int64_t now);

static inline struct slice peer_routing(const struct peer *peer)
{
    return slice_make(peer->routing, peer->routing_size);
}

#endif
