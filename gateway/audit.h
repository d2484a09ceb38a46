#ifndef TROUPE_GATEWAY_AUDIT_H
#define TROUPE_GATEWAY_AUDIT_H

/*
 * The audit log's lines that the gateway writes: tries that it refuses, and what it does by itself
 * (login, logout). What the broker does, the broker writes down with it: such a request is only
 * told who asks (audit_by). A line is on its way until the broker has it; its client may be gone
 * before. Embedded by the gateway.
 */

#include "gateway/audit_rates.h"
#include "gateway/http_error.h"
#include "gateway/list.h"
#include "proto/messages.h"

struct exchange;
struct gateway;

struct audit {
    struct gateway *gateway;
    struct list notes; /* lines on their way, AUDIT_NOTES_MAX at most; owned */
    uint32_t note_count;
    struct audit_rates rates;
};

void audit_init(struct audit *audit, struct gateway *gateway);
void audit_fini(struct audit *audit);

/* Writes down what was left out. To be called every TICK_MS. */
void audit_tick(struct audit *audit, int64_t now_ms);

/* Who asks for what, in the words of the log; valid as long as the exchange. */
struct audit_by {
    struct slice user;
    struct slice role;
    struct slice action;
    struct slice request_id;
};

/* Of what the route does, or, with action not empty, of that. */
struct audit_by audit_by(struct exchange *exchange, struct slice action);

/* The same when it is done as one who runs the stack: by the way for those, or upon what is
 * another's. Otherwise all empty, as what has no line is asked for. */
struct audit_by audit_by_of(struct exchange *exchange, struct slice owner, struct slice action);

/* Writes the line of a try that is refused, then answers with error, whether it could be written or
 * not: that is logged. Without a session with the broker it answers at once, and the line waits. */
void audit_refuse(struct exchange *exchange, enum audit_outcome outcome,
                  const struct http_error *error);

/* Writes a line of something that is to be done, then calls done: written tells whether the broker
 * has it. Not called when the client is gone by then. data is the caller's. */
typedef void audit_done(struct exchange *exchange, bool written, void *data);
void audit_note(struct exchange *exchange, const struct audit_by *by, audit_done *done, void *data);

/* GET /api/v1/admin/audit */
void audit_list(struct exchange *exchange);

#endif
