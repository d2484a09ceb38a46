#include "broker/positions.h"

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

enum status positions_write(struct broker *broker, const struct message *request,
                            struct frame_writer *writer)
{
    const struct message_get_position *asked = &request->get_position;
    uint32_t count = (uint32_t)(asked->jobs.size / ID_SIZE);
    bool is_list = count > 0 && asked->jobs.size % ID_SIZE == 0;
    enum status status = is_list ? STATUS_OK : STATUS_MALFORMED;
    for (uint32_t index = 0; index < count && status == STATUS_OK; index++) {
        struct message message = {.type = MESSAGE_TYPE_POSITION};
        struct id job;
        memcpy(job.bytes, asked->jobs.data + (size_t)index * ID_SIZE, ID_SIZE);
        message.position = answer_for(broker, &job);
        message.position.request = asked->request;
        message.position.count = index == 0 ? count - 1 : 0;
        status = frame_write(writer, &message);
    }
    return status;
}
