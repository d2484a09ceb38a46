#ifndef TROUPE_TESTS_SIM_SCHEDULE_H
#define TROUPE_TESTS_SIM_SCHEDULE_H

/*
 * What happens when, in virtual time: a heap of wakes. Two wakes of one time come in the order in
 * which they were added, so that a run is the same every time.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum wake_type {
    WAKE_TURN,        /* the broker's next turn */
    WAKE_START,       /* the broker starts again */
    WAKE_READ,        /* a reader opens its view; index: read */
    WAKE_READ_DONE,   /* a reader hands its facts in; index: read */
    WAKE_DELIVER,     /* a frame arrives; index: link, argument: direction */
    WAKE_PEER_LOST,   /* the broker notices a lost connection; index: link */
    WAKE_CLIENT_LOST, /* the client notices; index: link */
    WAKE_HEAL,        /* a partition ends; index: link, argument: direction */
    WAKE_ACTOR,       /* an actor's heartbeat or next attempt to connect; index: actor */
    WAKE_PROVIDER,    /* a request or its answer arrives; index: exchange, argument: an answer */
    WAKE_WORK,        /* a job's next step in its actor; index: actor, argument: work */
    WAKE_GATEWAY,     /* a gateway's next attempt to connect or check; index: gateway */
    WAKE_CLIENT,      /* somebody wants something of a gateway; index: gateway */
    WAKE_FAULT,       /* the world looks for something to break */
    WAKE_SPACE,       /* the disk has room again */
    WAKE_AUDIT,       /* the checker reads the store */
};

struct wake {
    int64_t at;
    uint64_t order;
    enum wake_type type;
    uint32_t index;
    uint32_t argument;
    uint32_t generation; /* for the owner to tell that it is out of date */
};

struct schedule {
    struct wake *heap;
    size_t count;
    size_t capacity;
    uint64_t order;
};

void schedule_init(struct schedule *schedule);
void schedule_fini(struct schedule *schedule);
void schedule_add(struct schedule *schedule, int64_t at, enum wake_type type, uint32_t index,
                  uint32_t argument, uint32_t generation);

/* Takes the next wake; false when there is none. */
bool schedule_next(struct schedule *schedule, struct wake *out);

#endif
