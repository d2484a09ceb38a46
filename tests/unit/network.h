#ifndef TROUPE_TESTS_UNIT_NETWORK_H
#define TROUPE_TESTS_UNIT_NETWORK_H

/*
 * Endpoints of the broker without sockets. Method: link test_network, whose linker options send
 * calls of endpoint.h here. What peers say stands in one queue of each endpoint, what is sent to
 * them in one list. Sends can be made to fail. One test at a time: network_reset begins it.
 */

#include "broker/endpoint.h"
#include "proto/codec.h"

enum {
    NETWORK_SENT_MAX = 2048,
};

/* A frame that was sent. */
struct sent {
    const struct endpoint *endpoint;
    struct buffer routing;
    struct buffer frame;
};

/* Forgets everything that was said and sent. */
void network_reset(void);

/* The next endpoint that is opened fails so. */
void network_refuse(enum status status);

/* A peer says something: a frame, or, with MALFORMED, what is none. */
void network_say(struct endpoint *endpoint, const char *who, struct slice frame);
void network_say_parts(struct endpoint *endpoint, const char *who);

/* A peer says count messages in one frame. */
void network_say_messages(struct endpoint *endpoint, const char *who, uint64_t session,
                          const struct message *messages, uint32_t count);

/* The nth send from now on fails with this status (0: none does). */
void network_fail_send(size_t nth, enum status status);

/* The frames sent so far, and forgets them. */
size_t network_sent_count(void);
const struct sent *network_sent(size_t index);
void network_forget_sent(void);

/* Counts the records of a type that were sent to a peer; *last, unless it is NULL, gets the last of
 * them, valid until network_forget_sent, and *session its frame's. */
uint32_t network_count(const char *who, enum message_type type, struct message *last,
                       uint64_t *session);

#endif
