#ifndef TROUPE_TESTS_SIM_NETWORK_H
#define TROUPE_TESTS_SIM_NETWORK_H

/*
 * Connections between clients (gateways and actors) and the broker. Within one connection frames
 * arrive in order; between connections anything goes. A connection can be blocked in either
 * direction, and dropped, whereupon its frames are lost, still read, or delivered on the next one:
 * a DEALER socket keeps what it could not send.
 */

#include "base/slice.h"
#include "tests/sim/schedule.h"

struct world;

enum client_type {
    CLIENT_GATEWAY,
    CLIENT_ACTOR,
};

enum direction {
    TO_BROKER = 0,
    TO_CLIENT = 1,
};

enum {
    LINK_NONE = UINT32_MAX,
    LATE_MAX = 4, /* frames that a client keeps for its next connection */
};

struct frame {
    struct frame *next;
    int64_t due;
    struct slice bytes;
};

struct pipe {
    struct frame *first;
    struct frame *last;
    int64_t due_last; /* of the last frame: none overtakes another */
    bool blocked;
};

struct link {
    enum client_type type;
    uint32_t client;
    bool open;         /* frames travel */
    bool client_knows; /* the client has noticed that it is not */
    struct pipe pipes[2];
    struct frame *delivered; /* the last frame that the broker got */
};

struct network {
    struct link *links; /* every one of the run: the index + 1 is the peer's number */
    uint32_t count;
    uint32_t capacity;
};

void network_init(struct network *network);
void network_fini(struct network *network);

/* Frames are owned by whoever holds them. */
struct frame *frame_new(struct slice bytes);
void frame_free(struct frame *frame);

/* Opens a connection and puts the client's kept frames (*late, taken) before anything else on it.
 * Returns LINK_NONE when the broker cannot be reached. */
uint32_t network_connect(struct world *world, enum client_type type, uint32_t client,
                         struct frame **late);

/* Sends a copy. On a connection that is not open any more it is lost, or kept in *late if given. */
void network_send(struct world *world, uint32_t link, enum direction direction, struct slice bytes,
                  struct frame **late);

/* Breaks a connection; both ends notice later, or never. Frames that the client could not send may
 * go to *late. */
void network_drop(struct world *world, uint32_t link, struct frame **late);

/* All connections break at once: the broker is gone. */
void network_drop_all(struct world *world);

/* Holds frames back for a while. */
void network_block(struct world *world, uint32_t link, enum direction direction, int64_t until);

/* Ends all partitions. */
void network_heal_all(struct world *world);

/* Handlers of wakes. */
void network_deliver(struct world *world, uint32_t link, enum direction direction);
void network_heal(struct world *world, uint32_t link, enum direction direction);
void network_peer_lost(struct world *world, uint32_t link);

uint64_t link_peer(uint32_t link);
uint32_t link_of_peer(uint64_t peer);

#endif
