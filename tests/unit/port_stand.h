#ifndef TROUPE_TESTS_UNIT_PORT_STAND_H
#define TROUPE_TESTS_UNIT_PORT_STAND_H

/* A port between sockets that the test plays (network.h), and peers that say heartbeats: the credit
 * tells one from the other. One test at a time. */

#include "broker/port.h"
#include "tests/unit/memory.h"
#include "tests/unit/network.h"
#include "tests/unit/test.h"

extern struct port port;

/* Fixtures of cmocka. */
int port_set_up(void **state);
int port_tear_down(void **state);

#define PORT_TEST(function) cmocka_unit_test_setup_teardown(function, port_set_up, port_tear_down)

struct message beat(uint64_t number);

/* A peer says count beats, at most 16, in one frame. */
void say_beats(const char *who, uint64_t session, uint64_t from, uint32_t count);

/* What is read next. */
void expect_beat(uint64_t number);
void expect_nothing(void);
void expect_refusal(void);

/* What ERROR a peer has got, and no other; 0 for none. *session, unless NULL, gets its frame's. */
uint8_t error_to(const char *who, uint64_t *session);

#endif
