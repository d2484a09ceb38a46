#include "tests/unit/shell.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include "broker/gateways.h"
#include "broker/intake.h"

enum {
    WAIT_MS = 60000, /* for a reader on a busy machine */
};

void shell_open(struct shell *shell)
{
    memset(shell, 0, sizeof *shell);
    network_reset();
    snprintf(shell->directory, sizeof shell->directory, "/tmp/troupe-shell-XXXXXX");
    assert_non_null(mkdtemp(shell->directory));
    core_options_default(&shell->options.core);
    memset(shell->options.core.rate, 0, sizeof shell->options.core.rate);
    shell->options.data_directory = shell->directory;
    shell->options.gateway_endpoint = "ipc://gateways";
    shell->options.actor_endpoint = "ipc://actors";
    shell->options.unsynced = true; /* nobody cuts the power */
    assert_int_equal(broker_open(&shell->broker, &shell->options), STATUS_OK);
    shell_turn(shell);
}

void shell_close(struct shell *shell)
{
    char command[64];
    broker_close(&shell->broker);
    network_reset();
    snprintf(command, sizeof command, "rm -rf %s", shell->directory);
    assert_int_equal(system(command), 0);
}

static void push_reads(struct broker *broker)
{
    struct read *read = broker->resolves;
    while (read != NULL) {
        struct read *next = read->next;
        readers_push(broker->readers, read);
        read = next;
    }
    broker->resolves = NULL;
    broker->resolves_end = &broker->resolves;
    dispatch_push(broker);
}

void shell_turn(struct shell *shell)
{
    struct broker *broker = &shell->broker;
    const struct core_event tick = {.type = CORE_EVENT_TICK};
    broker->now = clock_now_ms(&broker->clock) + shell->skipped_ms;
    batch_clear(&broker->batch, core_commit(broker->core));
    intake_lost(broker);
    if (!shell->is_deaf) {
        intake_reads(broker);
    }
    intake_ports(broker);
    intake_lost(broker);
    intake_space(broker);
    intake_ping(broker);
    broker_step(broker, &tick, SLICE_EMPTY, NULL);
    core_check(broker->core);
    assert_false(broker->failed);
    assert_int_equal(
        recorder_finish(broker->recorder, &broker->batch, broker->event_last, broker->now),
        STATUS_OK);
    assert_int_equal(store_commit(broker->store, &broker->batch), COMMIT_DURABLE);
    gateways_send(broker);
    port_send(&broker->actors, &broker->frame, broker->now);
    push_reads(broker);
}

/* Waits until a reader has done something; a while at most, when timers may have to run. */
static void wait_for_readers(struct shell *shell, int timeout_ms)
{
    struct pollfd item = {.fd = readers_descriptor(shell->broker.readers), .events = POLLIN};
    poll(&item, 1, timeout_ms);
}

void shell_until(struct shell *shell, const char *who, enum message_type type, uint32_t count,
                 struct message *last)
{
    int64_t end = clock_monotonic_ms() + WAIT_MS;
    shell_turn(shell);
    while (network_count(who, type, last, NULL) < count) {
        assert_true(clock_monotonic_ms() < end);
        wait_for_readers(shell, 10);
        shell_turn(shell);
    }
}

struct read *shell_wait_for_read(struct shell *shell)
{
    struct read *read;
    while ((read = readers_done(shell->broker.readers)) == NULL) {
        struct pollfd item = {.fd = readers_descriptor(shell->broker.readers), .events = POLLIN};
        assert_int_equal(poll(&item, 1, WAIT_MS), 1);
    }
    return read;
}

void shell_ask(struct shell *shell, const char *who, uint64_t session,
               const struct message *message)
{
    network_say_messages(shell->broker.gateways.endpoint, who, session, message, 1);
}

void shell_act(struct shell *shell, const char *who, uint64_t session,
               const struct message *message)
{
    network_say_messages(shell->broker.actors.endpoint, who, session, message, 1);
}

uint64_t shell_gateway(struct shell *shell, const char *who)
{
    struct message message = {.type = MESSAGE_TYPE_GATEWAY_HELLO};
    uint32_t before = network_count(who, MESSAGE_TYPE_GATEWAY_WELCOME, NULL, NULL);
    memcpy(message.gateway_hello.instance.bytes, who, strnlen(who, ID_SIZE));
    shell_ask(shell, who, 0, &message);
    shell_turn(shell);
    assert_int_equal(network_count(who, MESSAGE_TYPE_GATEWAY_WELCOME, &message, NULL), before + 1);
    return message.gateway_welcome.session;
}

uint64_t shell_actor(struct shell *shell, const char *who, enum job_kind kind, uint32_t slots)
{
    struct message message = {
        .type = MESSAGE_TYPE_HELLO,
        .hello = {.kind = (uint8_t)kind, .slots = slots, .credit = slots},
    };
    memcpy(message.hello.instance.bytes, who, strnlen(who, ID_SIZE));
    shell_act(shell, who, 0, &message);
    shell_turn(shell);
    assert_true(network_count(who, MESSAGE_TYPE_WELCOME, &message, NULL) > 0);
    return message.welcome.session;
}

struct peer *shell_peer(const struct port *port, const char *who)
{
    uint32_t place = 0;
    struct peer *peer;
    while ((peer = peers_next(&port->peers, &place)) != NULL) {
        if (slice_equal(peer_routing(peer), slice_from_string(who))) {
            return peer;
        }
    }
    return NULL;
}

struct id shell_id(uint32_t number)
{
    struct id id = {{0}};
    memcpy(id.bytes + ID_SIZE - sizeof number, &number, sizeof number);
    return id;
}

struct message shell_submit(uint32_t number, size_t size)
{
    static uint8_t payload[PAYLOAD_SIZE_MAX];
    struct message message = {.type = MESSAGE_TYPE_SUBMIT};
    assert_true(size <= sizeof payload);
    memset(payload, ' ', sizeof payload);
    message.submit = (struct message_submit){
        .request = number,
        .job = shell_id(number),
        .kind = JOB_KIND_CHARACTER,
        .owner = SLICE_LITERAL("ada"),
        .character = shell_id(1000000 + number),
        .media = shell_id(2000000 + number),
        .payload = slice_make(payload, size),
    };
    return message;
}

struct message shell_cancelled(uint32_t number, uint32_t lease)
{
    return (struct message){
        .type = MESSAGE_TYPE_FAIL,
        .fail = {.job = shell_id(number),
                 .lease = lease,
                 .credit = 1,
                 .kind = FAIL_KIND_CANCELLED,
                 .code = SLICE_LITERAL("cancelled"),
                 .message = SLICE_LITERAL("as asked")},
    };
}
