#ifndef TROUPE_BROKER_CROWD_H
#define TROUPE_BROKER_CROWD_H

/*
 * Answers GET_USERS, one page after the other, or what one user has with the sums of all. However
 * many users there are, a turn looks at CROWD_PLACES of them; who asks meanwhile for the page that
 * is being looked for gets the same answer, and so does who asks for it within CROWD_FRESH_MS. Part
 * of the shell; embedded by the broker.
 */

#include "broker/busiest.h"

struct broker;

enum {
    CROWD_PLACES = 2000,   /* of the core's table in one turn: under half a millisecond */
    CROWD_FRESH_MS = 1000, /* an answer is given again for so long */
    CROWD_ASKERS_MAX = 64, /* that wait for it; others are told to come again */
};

struct crowd_asker {
    uint64_t peer;
    uint64_t session;
    uint64_t request;
    uint32_t limit;
    struct busiest_place after;
    uint8_t owner_size; /* 0, or of the one that is asked for: then after is the first place */
    uint8_t owner[OWNER_SIZE_MAX];
};

struct crowd {
    struct busiest busiest;
    uint32_t place; /* in the core's table, of a look that is under way */
    bool is_looking;
    int64_t looked_at; /* when the last look ended; 0 for never */
    uint32_t asker_count;
    struct crowd_asker askers[CROWD_ASKERS_MAX]; /* in the order in which they came */
};

/* Takes a question of the gateway whose frame is being read. */
void crowd_take(struct broker *broker, const struct message_get_users *request);

/* Goes on looking. Returns whether there is more to look at, without anything else to wait for. */
bool crowd_turn(struct broker *broker);

#endif
