#ifndef TROUPE_TESTS_SIM_SHELL_H
#define TROUPE_TESTS_SIM_SHELL_H

/*
 * The simulator's twin of broker/main.c: drain, step, tick, commit, send; and reader threads as
 * delays. It may die at any point of that and start again from the store.
 */

#include "broker/core/core.h"
#include "broker/records.h"
#include "proto/codec.h"
#include "tests/sim/network.h"
#include "tests/sim/shell_reads.h"

enum {
    SESSIONS_MAX = 8, /* gateways: more than there ever are */
};

struct input;

/* A gateway's session: what comes under an older one is refused. */
struct gateway_session {
    struct id instance;
    uint64_t peer;
    uint64_t session;
};

/* What is to be sent after the commit. */
struct outgoing {
    enum effect_type type;
    uint64_t peer;
    uint64_t session;
    struct id id;
    uint32_t lease;
    enum error_code error;
    struct message_reply reply;
    struct message_operation operation;
    uint8_t denial;
    uint64_t retry_after_ms;
    uint32_t read;  /* dispatch: what a reader made of it; READ_NONE: still to be looked up */
    struct job job; /* dispatch: as leased */
    uint8_t owner[OWNER_MODEL_MAX];
    uint32_t owner_size;
};

struct shell {
    struct core *core; /* NULL while the broker is down */
    struct recorder *recorder;
    struct effects *effects;
    struct message_submit *items; /* of the group that is being handed in */
    struct batch batch;
    uint64_t event_last;
    uint64_t run;      /* number of starts; sessions are numbered from it */
    int64_t starts_at; /* while it is down */
    int64_t turn_last;
    int64_t turn_at;    /* when the next turn is planned */
    int64_t busy_until; /* committing, or stalled */
    uint32_t turn_generation;
    bool inputs_due;
    struct input *inputs;
    struct input *inputs_last;
    struct reads reads;
    struct sweep *sweep;
    bool sweeping; /* a reader looks, or what it found waits */
    int64_t sweep_at;
    struct bulk bulk; /* that a reader looks for, when it began */
    struct bulk_page *page;
    bool paging;           /* a reader looks, or what it found waits */
    bool leftovers_wanted; /* of deleted characters */
    bool leftovers_read;   /* a reader looks, or what it found waits */
    struct gateway_session gateways[SESSIONS_MAX];
    uint32_t gateway_count;
    uint64_t gateway_sessions; /* opened in this run */
    struct outgoing *outgoing;
    size_t outgoing_count;
    size_t outgoing_capacity;
};

void shell_init(struct world *world);
void shell_fini(struct shell *shell);
bool shell_is_up(const struct shell *shell);

/* Starts the broker from what is in the store. */
void shell_start(struct world *world);

/* The process dies now; it starts again after `down` milliseconds. */
void shell_crash(struct world *world, int64_t down);

/* Takes a frame that arrived (and owns it then). */
void shell_receive(struct world *world, uint32_t link, struct frame *frame);
void shell_peer_lost(struct world *world, uint32_t link);
void shell_space(struct world *world, bool low);

/* Nothing happens until then. */
void shell_stall(struct world *world, int64_t until);

/* Handlers of wakes. */
void shell_turn(struct world *world, uint32_t generation);

/* Plans the next turn, after something came in. */
void shell_plan(struct world *world);

#endif
