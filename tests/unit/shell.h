#ifndef TROUPE_TESTS_UNIT_SHELL_H
#define TROUPE_TESTS_UNIT_SHELL_H

/*
 * A broker whose turns the test makes: the shell with its core, its store in a directory of the
 * test and its readers, between endpoints without sockets (network.h). Time goes on by itself and
 * can be made to jump. One at a time.
 */

#include "broker/broker.h"
#include "tests/unit/network.h"
#include "tests/unit/test.h"

struct shell {
    struct broker broker;
    struct broker_options options;
    char directory[32];
    int64_t skipped_ms; /* time jumps by it */
    bool is_deaf;       /* turns leave what the readers have done */
};

/* Opens it on an empty store, without rate limits. */
void shell_open(struct shell *shell);
void shell_close(struct shell *shell);

/* One turn, as the loop in main.c makes it. */
void shell_turn(struct shell *shell);

/* Turns until a peer was sent so many records of a type, all in all; *last as in network_count. */
void shell_until(struct shell *shell, const char *who, enum message_type type, uint32_t count,
                 struct message *last);

/* Takes one read from the readers, waiting for it. */
struct read *shell_wait_for_read(struct shell *shell);

/* Opens a session, in a turn, and returns its number. */
uint64_t shell_gateway(struct shell *shell, const char *who);
uint64_t shell_actor(struct shell *shell, const char *who, enum job_kind kind, uint32_t slots);

/* Something that a gateway or an actor says; the next turn takes it. */
void shell_ask(struct shell *shell, const char *who, uint64_t session,
               const struct message *message);
void shell_act(struct shell *shell, const char *who, uint64_t session,
               const struct message *message);

struct peer *shell_peer(const struct port *port, const char *who);

/* A SUBMIT of character job `number` by "ada" with an input of this size: small ones are kept in
 * memory until they are dispatched, others are not. Its number is that of the request as well. */
enum {
    SHELL_INPUT_KEPT = 100,
    SHELL_INPUT_READ = INPUT_SIZE_MAX + 1,
};
struct message shell_submit(uint32_t number, size_t size);
struct id shell_id(uint32_t number);

/* The FAIL by which an actor says that it has cancelled a job. */
struct message shell_cancelled(uint32_t number, uint32_t lease);

#endif
