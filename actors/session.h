#ifndef TROUPE_ACTORS_SESSION_H
#define TROUPE_ACTORS_SESSION_H

/*
 * The state of the conversation with the broker: connected or not, greeted or not, the credit
 * granted, and what is due when. Pure: it is told what happened and at what time, and answers what
 * to do; the runtime does it and owns the one instance.
 *
 *     DOWN --connected--> DUE --HELLO sent--> GREETED --WELCOME--> OPEN
 *       ^                  ^-----------refused, or no answer---------|
 *       '------------------disconnected, or silence------------------'
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "proto/messages.h"

enum session_state {
    SESSION_STATE_DOWN,
    SESSION_STATE_DUE,
    SESSION_STATE_GREETED,
    SESSION_STATE_OPEN,
};

enum session_duty {
    SESSION_DUTY_NONE,
    SESSION_DUTY_HELLO,     /* send HELLO and the leases held */
    SESSION_DUTY_HEARTBEAT, /* send HEARTBEAT */
    SESSION_DUTY_RESET,     /* the broker is silent: make the connection again */
};

struct session {
    enum session_state state;
    uint64_t id; /* valid while OPEN */
    int64_t heartbeat_ms;
    int64_t heard_at_ms;  /* the last word of the broker, or when the connection came */
    int64_t held_at_ms;   /* the last word of the broker in an open session ... */
    int64_t lease_ms;     /* ... and how long leases live without one */
    int64_t opened_at_ms; /* valid while OPEN */
    int64_t hello_due_ms;
    int64_t heartbeat_due_ms;
    uint32_t refusals;     /* HELLOs in a row that opened nothing */
    uint64_t credit_hello; /* credit told in the last HELLO */
    uint64_t received;     /* JOBs of this session */
    uint64_t credit;       /* granted in this session: never falls */
    uint64_t credit_sent;  /* the highest that the broker was told */
    bool draining;         /* credit grows no more */
};

void session_init(struct session *session, int64_t now_ms);

void session_connected(struct session *session, int64_t now_ms);
void session_disconnected(struct session *session, int64_t now_ms);

/* A HELLO leaves now, with free_slots unoccupied: returns the credit to tell in it. */
uint64_t session_hello(struct session *session, size_t free_slots, int64_t now_ms);

/* WELCOME came. heartbeat_ms is brought within this program's limits. */
void session_welcome(struct session *session, const struct message_welcome *welcome,
                     int64_t now_ms);

/* The broker refused the session: HELLO is said again, at once when the session had been open
 * for a while (the broker was started again), otherwise after a delay that doubles with each
 * refusal in a row. */
void session_refused(struct session *session, int64_t now_ms);

/* Any frame of the broker arrived. */
void session_heard(struct session *session, int64_t now_ms);

/* Whether nothing was heard of the broker for so long that it may have given leases to others. */
bool session_may_be_lost(const struct session *session, int64_t now_ms);

/* A JOB arrived: it used up one of the credit. */
void session_job(struct session *session);

/* Raises the credit to what free_slots allow and returns it; it is what the next record says. */
uint64_t session_credit(struct session *session, size_t free_slots);

/* Whether free_slots allow more than the broker was told. */
bool session_credit_is_news(const struct session *session, size_t free_slots);

/* From here on the credit stays as it is. */
void session_drain(struct session *session);

/* Returns what is due at now_ms, and puts a HEARTBEAT that it returns off to its next time. */
enum session_duty session_duty(struct session *session, int64_t now_ms);

/* Returns when session_duty may have something next; a time in the past means now. */
int64_t session_due_ms(const struct session *session);

#endif
