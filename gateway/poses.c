#include "gateway/poses.h"

#include "base/json_writer.h"
#include "gateway/envelope.h"
#include "gateway/respond.h"
#include "proto/poses.h"

static void poses_write(struct json_writer *writer)
{
    json_array_begin(writer);
    for (size_t index = 0; index < POSE_COUNT; index++) {
        json_object_begin(writer);
        json_member_text(writer, "poseId", slice_from_string(POSES[index].id));
        json_member_text(writer, "title", slice_from_string(POSES[index].title));
        json_member_text(writer, "description", slice_from_string(POSES[index].prompt));
        json_object_end(writer);
    }
    json_array_end(writer);
}

void poses_get(struct exchange *exchange)
{
    enum {
        POSES_SIZE_MAX = POSE_COUNT * 256
    };
    struct buffer body;
    struct json_writer writer;
    buffer_init(&body, POSES_SIZE_MAX);
    json_writer_init(&writer, &body);
    envelope_begin(&writer, 200, NULL);
    json_name(&writer, "data");
    poses_write(&writer);
    json_object_end(&writer);
    if (json_writer_status(&writer) == STATUS_OK) {
        respond_json(exchange, 200, buffer_slice(&body), SLICE_EMPTY);
    } else {
        respond_error(exchange, &HTTP_ERROR_INTERNAL, NULL);
    }
    buffer_fini(&body);
}
