#include "tests/unit/port_stand.h"

struct port port;

int port_set_up(void **state)
{
    char *detail;
    (void)state;
    memory_fail_never();
    network_reset();
    return port_open(&port, NULL, "ipc://a", &detail) == STATUS_OK ? 0 : -1;
}

int port_tear_down(void **state)
{
    (void)state;
    memory_fail_never();
    port_close(&port);
    port_close(&port);
    network_reset();
    return 0;
}

struct message beat(uint64_t number)
{
    return (struct message){.type = MESSAGE_TYPE_HEARTBEAT, .heartbeat = {.credit = number}};
}

void say_beats(const char *who, uint64_t session, uint64_t from, uint32_t count)
{
    struct message beats[16];
    for (uint32_t index = 0; index < count; index++) {
        beats[index] = beat(from + index);
    }
    network_say_messages(port.endpoint, who, session, beats, count);
}

void expect_beat(uint64_t number)
{
    struct message message;
    assert_int_equal(port_next(&port, 5, &message), STATUS_OK);
    assert_int_equal(message.heartbeat.credit, number);
}

void expect_nothing(void)
{
    struct message message;
    assert_int_equal(port_next(&port, 5, &message), STATUS_AGAIN);
    assert_null(port.peer);
}

void expect_refusal(void)
{
    struct message message;
    assert_int_equal(port_next(&port, 5, &message), STATUS_MALFORMED);
}

uint8_t error_to(const char *who, uint64_t *session)
{
    struct message error;
    uint32_t count = network_count(who, MESSAGE_TYPE_ERROR, &error, session);
    assert_true(count <= 1);
    return count == 0 ? 0 : error.error.code;
}
