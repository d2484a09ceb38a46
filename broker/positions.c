#include "broker/positions.h"

#include "base/log.h"
#include "broker/broker.h"

static struct message_position answer_for(const struct broker *broker, const struct id *job)
{
    struct position position;
    core_position(broker->core, job, broker->now, &position);
    return (struct message_position){
        .job = *job,
        .wait_reason = (uint8_t)position.reason,
        .queue_position = position.position,
        .eta_seconds = position.eta_seconds,
    };
}

static enum status write_answers(const struct broker *broker,
                                 const struct message_get_position *request,
                                 struct frame_writer *writer)
{
    uint32_t count = (uint32_t)(request->jobs.size / ID_SIZE);
    enum status status = STATUS_OK;
    for (uint32_t index = 0; index < count && status == STATUS_OK; index++) {
        struct message message = {.type = MESSAGE_TYPE_POSITION};
        struct id job;
        memcpy(job.bytes, request->jobs.data + (size_t)index * ID_SIZE, ID_SIZE);
        message.position = answer_for(broker, &job);
        message.position.request = request->request;
        message.position.count = index == 0 ? count - 1 : 0;
        status = frame_write(writer, &message);
    }
    return status;
}

void positions_take(struct broker *broker, const struct message_get_position *request)
{
    struct port *port = &broker->gateways;
    struct frame_writer writer;
    if (request->jobs.size == 0 || request->jobs.size % ID_SIZE != 0) {
        port_refuse(port, ERROR_CODE_MALFORMED, "get_position: jobs is no list of ids");
        return;
    }
    buffer_clear(&broker->frame);
    enum status status = frame_begin(&writer, &broker->frame, 0);
    if (status == STATUS_OK) {
        status = write_answers(broker, request, &writer);
    }
    if (status != STATUS_OK) {
        log_error("cannot tell positions", "status=%s", status_name(status));
        return; /* the gateway does without */
    }
    frame_end(&writer);
    port_put_frame(port, port->peer, buffer_slice(&broker->frame));
}
