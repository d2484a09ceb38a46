#include "broker/health.h"

#include <errno.h>
#include <zmq.h>
#include "base/random.h"
#include "broker/context.h"
#include "proto/codec.h"

/* Writes the frame of a gateway that says hello, without a host: this is no gateway to speak of. */
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

static enum status take_answer(void *socket)
{
    zmq_msg_t answer;
    struct frame_reader reader;
    struct message message;
    zmq_msg_init(&answer);
    enum status status = STATUS_OK;
    if (zmq_msg_recv(&answer, socket, 0) < 0) {
        status = errno == EAGAIN ? STATUS_TIMEOUT : STATUS_IO;
    }
    if (status == STATUS_OK) {
        status = frame_open(&reader, slice_make(zmq_msg_data(&answer), zmq_msg_size(&answer)));
    }
    if (status == STATUS_OK && reader.left == 0) {
        status = STATUS_MALFORMED;
    }
    if (status == STATUS_OK) {
        status = frame_next(&reader, &message);
    }
    if (status == STATUS_OK && message.type != MESSAGE_TYPE_GATEWAY_WELCOME) {
        status = STATUS_DENIED;
    }
    zmq_msg_close(&answer);
    return status;
}

static enum status set_options(void *socket)
{
    static const struct {
        int option;
        int value;
    } settings[] = {{ZMQ_LINGER, 0}, {ZMQ_RCVTIMEO, HEALTH_MS}, {ZMQ_SNDTIMEO, HEALTH_MS}};
    const int64_t frame_size_max = FRAME_SIZE_MAX;
    for (size_t index = 0; index < sizeof settings / sizeof settings[0]; index++) {
        int value = settings[index].value;
        if (zmq_setsockopt(socket, settings[index].option, &value, sizeof value) != 0) {
            return STATUS_IO;
        }
    }
    return zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &frame_size_max, sizeof frame_size_max) == 0
               ? STATUS_OK
               : STATUS_IO;
}

enum status health_check(const char *endpoint)
{
    struct buffer hello;
    buffer_init(&hello, FRAME_SIZE_MAX);
    void *context = context_open();
    void *socket = context == NULL ? NULL : zmq_socket(context, ZMQ_DEALER);
    enum status status = socket == NULL ? STATUS_IO : set_options(socket);
    if (status == STATUS_OK) {
        status = write_hello(&hello);
    }
    if (status == STATUS_OK && zmq_connect(socket, endpoint) != 0) {
        status = STATUS_INVALID;
    }
    if (status == STATUS_OK && zmq_send(socket, hello.data, hello.size, 0) < 0) {
        status = STATUS_IO;
    }
    if (status == STATUS_OK) {
        status = take_answer(socket);
    }
    if (socket != NULL) {
        zmq_close(socket);
    }
    context_close();
    buffer_fini(&hello);
    return status;
}
