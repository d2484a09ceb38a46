#include "tests/unit/network.h"

#include <stdlib.h>
#include "tests/unit/test.h"

enum {
    SAID_MAX = 4096,
};

/* One thing that a peer says. */
struct said {
    struct buffer routing;
    struct buffer frame;
    enum status status;
};

struct endpoint {
    struct said said[SAID_MAX];
    size_t said_count;
    size_t taken_count;
};

static struct sent sent[NETWORK_SENT_MAX];
static size_t sent_count;
static size_t sends; /* since network_fail_send */
static size_t failing_nth;
static enum status failing_status;
static enum status refusal;

enum status __wrap_endpoint_open(void *context, const char *address, struct endpoint **out,
                                 char **detail);
void __wrap_endpoint_close(struct endpoint **endpoint);
enum status __wrap_endpoint_receive(struct endpoint *endpoint, struct slice *routing,
                                    struct slice *frame);
enum status __wrap_endpoint_send(struct endpoint *endpoint, struct slice routing,
                                 struct slice frame);

static void keep(struct buffer *buffer, struct slice bytes)
{
    buffer_init(buffer, 2 * FRAME_SIZE_MAX);
    if (buffer_append_slice(buffer, bytes) != STATUS_OK) {
        fail();
    }
}

void network_reset(void)
{
    network_forget_sent();
    network_fail_send(0, STATUS_OK);
    refusal = STATUS_OK;
}

void network_refuse(enum status status)
{
    refusal = status;
}

enum status __wrap_endpoint_open(void *context, const char *address, struct endpoint **out,
                                 char **detail)
{
    (void)context;
    (void)address;
    *detail = NULL;
    *out = NULL;
    if (refusal != STATUS_OK) {
        return refusal;
    }
    *out = calloc(1, sizeof **out);
    return *out == NULL ? STATUS_NO_MEMORY : STATUS_OK;
}

void __wrap_endpoint_close(struct endpoint **endpoint)
{
    struct endpoint *old = *endpoint;
    for (size_t index = 0; old != NULL && index < old->said_count; index++) {
        buffer_fini(&old->said[index].routing);
        buffer_fini(&old->said[index].frame);
    }
    free(old);
    *endpoint = NULL;
}

/* ---- in ---- */

static void say(struct endpoint *endpoint, const char *who, enum status status, struct slice frame)
{
    assert_true(endpoint->said_count < SAID_MAX);
    struct said *said = &endpoint->said[endpoint->said_count++];
    said->status = status;
    keep(&said->routing, slice_from_string(who));
    keep(&said->frame, frame);
}

void network_say(struct endpoint *endpoint, const char *who, struct slice frame)
{
    say(endpoint, who, STATUS_OK, frame);
}

void network_say_parts(struct endpoint *endpoint, const char *who)
{
    say(endpoint, who, STATUS_MALFORMED, SLICE_EMPTY);
}

void network_say_messages(struct endpoint *endpoint, const char *who, uint64_t session,
                          const struct message *messages, uint32_t count)
{
    struct buffer frame;
    struct frame_writer writer;
    buffer_init(&frame, FRAME_SIZE_MAX);
    assert_int_equal(frame_begin(&writer, &frame, session), STATUS_OK);
    for (uint32_t index = 0; index < count; index++) {
        assert_int_equal(frame_write(&writer, &messages[index]), STATUS_OK);
    }
    frame_end(&writer);
    network_say(endpoint, who, buffer_slice(&frame));
    buffer_fini(&frame);
}

enum status __wrap_endpoint_receive(struct endpoint *endpoint, struct slice *routing,
                                    struct slice *frame)
{
    if (endpoint->taken_count == endpoint->said_count) {
        return STATUS_AGAIN;
    }
    const struct said *said = &endpoint->said[endpoint->taken_count++];
    *routing = buffer_slice(&said->routing);
    if (said->status == STATUS_OK) {
        *frame = buffer_slice(&said->frame);
    }
    return said->status;
}

/* ---- out ---- */

void network_fail_send(size_t nth, enum status status)
{
    sends = 0;
    failing_nth = nth;
    failing_status = status;
}

enum status __wrap_endpoint_send(struct endpoint *endpoint, struct slice routing,
                                 struct slice frame)
{
    sends++;
    if (sends == failing_nth) {
        return failing_status;
    }
    assert_true(sent_count < NETWORK_SENT_MAX);
    struct sent *one = &sent[sent_count++];
    one->endpoint = endpoint;
    keep(&one->routing, routing);
    keep(&one->frame, frame);
    return STATUS_OK;
}

size_t network_sent_count(void)
{
    return sent_count;
}

const struct sent *network_sent(size_t index)
{
    assert_true(index < sent_count);
    return &sent[index];
}

void network_forget_sent(void)
{
    for (size_t index = 0; index < sent_count; index++) {
        buffer_fini(&sent[index].routing);
        buffer_fini(&sent[index].frame);
    }
    sent_count = 0;
}

uint32_t network_count(const char *who, enum message_type type, struct message *last,
                       uint64_t *session)
{
    uint32_t count = 0;
    for (size_t index = 0; index < sent_count; index++) {
        struct frame_reader reader;
        struct message message;
        if (!slice_equal(buffer_slice(&sent[index].routing), slice_from_string(who))) {
            continue;
        }
        assert_int_equal(frame_open(&reader, buffer_slice(&sent[index].frame)), STATUS_OK);
        while (frame_next(&reader, &message) == STATUS_OK) {
            if (message.type != type) {
                continue;
            }
            count++;
            if (last != NULL) {
                *last = message;
            }
            if (session != NULL) {
                *session = reader.session;
            }
        }
    }
    return count;
}
