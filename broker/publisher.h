#ifndef TROUPE_BROKER_PUBLISHER_H
#define TROUPE_BROKER_PUBLISHER_H

/*
 * The gateways' sessions, and the events that all of them get: gathered while a turn goes on, sent
 * as numbered batches once the turn is durable. The last number is repeated every TICK_MS, so that
 * a gateway notices a gap.
 */

#include "base/log.h"
#include "broker/endpoint.h"

enum {
    GATEWAYS_MAX = 256,
    PUBLISHED_SIZE_MAX = 16 << 20, /* bytes of one turn's events */
};

struct publisher {
    struct endpoint *endpoint; /* of the gateways; borrowed */
    struct {
        uint64_t peer;
        uint64_t session;
        enum log_level level; /* of what is logged about it */
    } gateways[GATEWAYS_MAX];
    int gateways_count;
    uint64_t session_last;
    uint64_t batch;
    uint64_t event_last;
    int64_t ticked_at;
    struct buffer events; /* EVENT records of this turn */
    uint32_t events_count;
    struct buffer records; /* of one batch */
};

/* session_base: sessions are numbered from here. event_last: of the store. */
void publisher_init(struct publisher *publisher, struct endpoint *endpoint, uint64_t session_base,
                    uint64_t event_last);
void publisher_fini(struct publisher *publisher);

/* Opens a session; answers GATEWAY_WELCOME, or ERROR when there are too many. A health check, which
 * tells no host and comes every few seconds, is logged at debug level. */
void publisher_hello(struct publisher *publisher, uint64_t peer,
                     const struct message_gateway_hello *hello);

/* Returns the peer's session, 0 when it has none. */
uint64_t publisher_session(const struct publisher *publisher, uint64_t peer);
void publisher_lost(struct publisher *publisher, uint64_t peer);

/* Notes an event of this turn. Returns OK, TOO_LARGE or NO_MEMORY. */
enum status publisher_add(struct publisher *publisher, const struct message_event *event);

/* Hands what was noted, and the tick when it is due, to the endpoint. Call after the commit.
 * Returns OK or NO_MEMORY. */
enum status publisher_send(struct publisher *publisher, int64_t now);

#endif
