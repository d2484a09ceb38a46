#ifndef TROUPE_GATEWAY_SESSION_H
#define TROUPE_GATEWAY_SESSION_H

/*
 * The gateway's side of the conversation with the broker (proto/PROTOCOL.md): opens a session,
 * sends what was asked in one frame a turn, hands answers and events to who wait for them, and
 * notices gaps and silence. Pure but for allocation: bytes go out through a function and come in as
 * frames, time is told. Embedded by its owner.
 *
 * A gap (a missing batch, a new session) empties the cache and tells the hub. After
 * BROKER_SILENCE_MS without a tick the cache is not to be believed until the next one.
 */

#include "gateway/cache.h"
#include "gateway/hub.h"
#include "gateway/requests.h"

/* Sends one frame; the bytes are borrowed. Returns OK or AGAIN (nobody there, or no room). */
typedef enum status session_send(void *owner, struct slice frame);

struct session {
    struct requests *requests; /* borrowed, as the next two */
    struct cache *cache;
    struct hub *hub;
    session_send *send;
    void *owner;         /* for send */
    struct id instance;  /* of this process */
    const char *host;    /* borrowed; told to the broker */
    uint64_t number;     /* the session's; 0 when none is open */
    uint64_t batch;      /* of the last EVENTS */
    int64_t heard_at_ms; /* the last EVENTS or WELCOME */
    int64_t hello_at_ms; /* the last HELLO, 0 when it was answered */
    struct buffer frame; /* being filled, or one that could not be sent */
    bool stuck;          /* frame is whole and waits for room */
    enum error_code refusal;
    bool refused;                              /* the last HELLO was answered by refusal */
    char broker_version[VERSION_SIZE_MAX + 1]; /* of the last broker; "" before */
};

/* requests, cache, hub, send, owner, instance and host are set by the caller in *session first. */
void session_init(struct session *session);
void session_fini(struct session *session);

/* Sends what is unsent, as far as there is room. */
void session_flush(struct session *session);

/* Takes one frame from the broker. Anything may be in it. */
void session_receive(struct session *session, struct slice frame, int64_t now_ms);

/* Takes the connection's coming and going: whoever is at the other end now knows of no session. */
void session_connection(struct session *session, bool connected, int64_t now_ms);

/* Says HELLO when it is time to; ends what is over its deadline. To be called every TICK_MS. */
void session_tick(struct session *session, int64_t now_ms);

/* Whether a session is open and a tick was heard lately: the cache may answer. */
bool session_is_current(const struct session *session, int64_t now_ms);

/* Why it is not current, in words for an operator; "" when it is. */
const char *session_problem(const struct session *session, int64_t now_ms);

#endif
