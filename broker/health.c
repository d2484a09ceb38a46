#include "broker/health.h"

#include <zmq.h>
#include "base/random.h"
#include "broker/context.h"
#include "proto/codec.h"

/* Writes the frame of a gateway that says hello. */
static enum status write_hello(struct buffer *out)
{
    struct frame_writer writer;
    struct message hello = {.type = MESSAGE_TYPE_GATEWAY_HELLO};
    random_bytes(&hello.gateway_hello.instance, ID_SIZE);
    enum status status = frame_begin(&writer, out, 0);
    if (status == STATUS_OK) {
        status = frame_write(&writer, &hello);
    }
    if (status == STATUS_OK) {
        frame_end(&writer);
    }
    return status;
}

static bool is_welcome(struct slice frame)
{
    struct frame_reader reader;
    struct message message;
    return frame_open(&reader, frame) == STATUS_OK && frame_next(&reader, &message) == STATUS_OK &&
           message.type == MESSAGE_TYPE_GATEWAY_WELCOME;
}

bool health_check(const char *endpoint)
{
    struct buffer hello;
    zmq_msg_t answer;
    bool well = false;
    const int linger_ms = 0;
    const int wait_ms = HEALTH_MS;
    buffer_init(&hello, FRAME_SIZE_MAX);
    zmq_msg_init(&answer);
    void *context = context_open();
    void *socket = context == NULL ? NULL : zmq_socket(context, ZMQ_DEALER);
    if (socket == NULL || write_hello(&hello) != STATUS_OK) {
        goto out;
    }
    zmq_setsockopt(socket, ZMQ_LINGER, &linger_ms, sizeof linger_ms);
    zmq_setsockopt(socket, ZMQ_RCVTIMEO, &wait_ms, sizeof wait_ms);
    zmq_setsockopt(socket, ZMQ_SNDTIMEO, &wait_ms, sizeof wait_ms);
    if (zmq_connect(socket, endpoint) == 0 && zmq_send(socket, hello.data, hello.size, 0) >= 0 &&
        zmq_msg_recv(&answer, socket, 0) >= 0) {
        well = is_welcome(slice_make(zmq_msg_data(&answer), zmq_msg_size(&answer)));
    }
out:
    zmq_msg_close(&answer);
    if (socket != NULL) {
        zmq_close(socket);
    }
    context_close();
    buffer_fini(&hello);
    return well;
}
