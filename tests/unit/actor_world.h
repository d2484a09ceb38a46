#ifndef TROUPE_TESTS_UNIT_ACTOR_WORLD_H
#define TROUPE_TESTS_UNIT_ACTOR_WORLD_H

/*
 * The runtime of an actor in one process, between a connection that the test is the other end of
 * and a role whose jobs end at once or wait for ever. Method: link test_actor_world, whose linker
 * options send calls of link.h here. One at a time.
 */

#include "actors/runtime.h"
#include "tests/unit/test.h"

enum {
    ACTOR_SLOTS = 10000,
    ACTOR_SENT_MAX = 64,
    ACTOR_SESSION = 7,
};

/* The connection. */
struct actor_wire {
    struct link_options options;
    struct buffer sent[ACTOR_SENT_MAX]; /* frames, since actor_forget_sent */
    size_t sent_count;
    enum status send_status;
    enum status reset_status;
    size_t resets;
    size_t failing; /* this allocation fails while the next frame is taken, once; 0 for none */
};

struct actor_wire *actor_wire(void);

/* Starts a runtime and opens its session; nothing is sent after that. */
void actor_start(struct runtime *runtime);
void actor_stop(struct runtime *runtime);
void actor_open_session(struct runtime *runtime);
void actor_turn(struct runtime *runtime);

/* The broker says something, in the session that actor_start opened. */
void actor_say(struct message message);
void actor_say_in(uint64_t session, const struct message *messages, uint32_t count);
void actor_say_bytes(struct slice frame);

struct id actor_job(uint32_t number);

/* A JOB under lease 1; one that does not end waits until it is cancelled. */
struct message actor_job_message(uint32_t number, bool ends);
void actor_give_job(uint32_t number, bool ends);
void actor_acknowledge(uint32_t number);

/* Counts the records of a type in all frames sent since actor_forget_sent; *last, unless it is
 * NULL, gets the last of them, valid until then. */
size_t actor_count_sent(enum message_type type, struct message *last);
void actor_forget_sent(void);

/* Tasks that have ended since actor_start. */
size_t actor_tasks_ended(void);

#endif
