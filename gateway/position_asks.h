#ifndef TROUPE_GATEWAY_POSITION_ASKS_H
#define TROUPE_GATEWAY_POSITION_ASKS_H

/*
 * What single jobs wait for, asked of the broker together: those that are asked about before the
 * next frame goes out share one GET_POSITION, so that many clients that poll cost it few messages.
 * Pure but for allocation. Embedded by the gateway.
 */

#include "gateway/requests.h"

struct position_ask;
struct position_query;

/* Told once; position is NULL when no answer came. */
typedef void position_done(struct position_ask *ask, const struct message_position *position);

/* Embedded by who asks; zeroed, then lives until done or position_asks_remove. */
struct position_ask {
    position_done *done;
    struct position_query *query; /* NULL while it is not under way */
    uint32_t place;               /* in it */
};

struct position_asks {
    struct requests *requests;
    struct list queries;         /* unanswered */
    struct position_query *open; /* the one that takes more jobs unless it was sent, or NULL */
};

void position_asks_init(struct position_asks *asks, struct requests *requests);

/* Ends what is under way without calling back; before requests_fini. */
void position_asks_fini(struct position_asks *asks);

/* Asks about a job; ask->done is set. Returns OK, NO_MEMORY or FULL, and then it is not called. */
enum status position_asks_add(struct position_asks *asks, struct position_ask *ask,
                              const struct id *job, int64_t now_ms);

/* Forgets an asker that is gone; one that is not under way stays so. */
void position_asks_remove(struct position_ask *ask);

#endif
