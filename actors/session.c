#include "actors/session.h"

#include <assert.h>
#include "actors/limits.h"

enum {
    REFUSALS_MAX = 16, /* doublings: far above the longest delay */
};

void session_init(struct session *session, int64_t now_ms)
{
    *session = (struct session){
        .state = SESSION_STATE_DOWN,
        .heartbeat_ms = HEARTBEAT_MS_DEFAULT,
        .heard_at_ms = now_ms,
    };
}

void session_connected(struct session *session, int64_t now_ms)
{
    session->state = SESSION_STATE_DUE;
    session->heard_at_ms = now_ms;
    session->hello_due_ms = now_ms;
    session->refusals = 0;
}

void session_disconnected(struct session *session, int64_t now_ms)
{
    session->state = SESSION_STATE_DOWN;
    session->heard_at_ms = now_ms;
}

uint64_t session_hello(struct session *session, size_t free_slots, int64_t now_ms)
{
    assert(session->state != SESSION_STATE_DOWN);
    session->state = SESSION_STATE_GREETED;
    session->hello_due_ms = now_ms + WELCOME_WAIT_MS;
    session->credit_hello = session->draining ? 0 : free_slots;
    return session->credit_hello;
}

void session_welcome(struct session *session, const struct message_welcome *welcome, int64_t now_ms)
{
    uint32_t heartbeat_ms = welcome->heartbeat_ms;
    if (session->state == SESSION_STATE_DOWN) {
        return; /* an answer to a HELLO of a connection that is gone */
    }
    if (heartbeat_ms < HEARTBEAT_MS_MIN) {
        heartbeat_ms = HEARTBEAT_MS_MIN;
    }
    if (heartbeat_ms > HEARTBEAT_MS_MAX) {
        heartbeat_ms = HEARTBEAT_MS_MAX;
    }
    session->state = SESSION_STATE_OPEN;
    session->id = welcome->session;
    session->heartbeat_ms = heartbeat_ms;
    session->heartbeat_due_ms = now_ms + heartbeat_ms;
    session->opened_at_ms = now_ms;
    session->heard_at_ms = now_ms;
    session->held_at_ms = now_ms;
    session->lease_ms = welcome->lease_ms;
    session->received = 0;
    session->credit = session->credit_hello;
    session->credit_sent = session->credit_hello;
}

void session_refused(struct session *session, int64_t now_ms)
{
    if (session->state == SESSION_STATE_DOWN || session->state == SESSION_STATE_DUE) {
        return; /* a HELLO is due anyway */
    }
    if (session->state == SESSION_STATE_OPEN &&
        now_ms - session->opened_at_ms >= HELLO_BACKOFF_MS_MAX) {
        session->refusals = 0;
        session->hello_due_ms = now_ms;
    } else {
        int64_t delay_ms = (int64_t)HELLO_BACKOFF_MS_MIN << session->refusals;
        if (delay_ms > HELLO_BACKOFF_MS_MAX) {
            delay_ms = HELLO_BACKOFF_MS_MAX;
        }
        if (session->refusals < REFUSALS_MAX) {
            session->refusals++;
        }
        session->hello_due_ms = now_ms + delay_ms;
    }
    session->state = SESSION_STATE_DUE;
}

void session_heard(struct session *session, int64_t now_ms)
{
    session->heard_at_ms = now_ms;
    if (session->state == SESSION_STATE_OPEN) {
        session->held_at_ms = now_ms;
    }
}

bool session_may_be_lost(const struct session *session, int64_t now_ms)
{
    return now_ms - session->held_at_ms >= session->lease_ms;
}

void session_job(struct session *session)
{
    session->received++;
}

uint64_t session_credit(struct session *session, size_t free_slots)
{
    uint64_t credit = session->received + free_slots;
    if (!session->draining && credit > session->credit) {
        session->credit = credit;
    }
    session->credit_sent = session->credit;
    return session->credit;
}

bool session_credit_is_news(const struct session *session, size_t free_slots)
{
    return session->state == SESSION_STATE_OPEN && !session->draining &&
           session->received + free_slots > session->credit_sent;
}

void session_drain(struct session *session)
{
    session->draining = true;
}

static int64_t silence_ends_ms(const struct session *session)
{
    return session->heard_at_ms + SILENCE_HEARTBEATS * session->heartbeat_ms;
}

enum session_duty session_duty(struct session *session, int64_t now_ms)
{
    if (session->state == SESSION_STATE_DOWN) {
        return SESSION_DUTY_NONE; /* libzmq connects by itself, and for ever */
    }
    if (now_ms >= silence_ends_ms(session)) {
        return SESSION_DUTY_RESET;
    }
    if (session->state != SESSION_STATE_OPEN) {
        return now_ms >= session->hello_due_ms ? SESSION_DUTY_HELLO : SESSION_DUTY_NONE;
    }
    if (now_ms < session->heartbeat_due_ms) {
        return SESSION_DUTY_NONE;
    }
    session->heartbeat_due_ms = now_ms + session->heartbeat_ms;
    return SESSION_DUTY_HEARTBEAT;
}

int64_t session_due_ms(const struct session *session)
{
    if (session->state == SESSION_STATE_DOWN) {
        return INT64_MAX;
    }
    int64_t silence_ms = silence_ends_ms(session);
    int64_t next_ms =
        session->state == SESSION_STATE_OPEN ? session->heartbeat_due_ms : session->hello_due_ms;
    return next_ms < silence_ms ? next_ms : silence_ms;
}
