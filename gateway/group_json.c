#include "gateway/group_json.h"

#include <stdio.h>
#include "gateway/envelope.h"
#include "gateway/group_ids.h"

const char *group_status_name(const struct message_group_state *group)
{
    bool has_ended = group->completed + group->failed + group->cancelled == group->total;
    if (!has_ended) {
        return group->started ? "active" : "pending";
    }
    if (group->completed == group->total) {
        return "completed";
    }
    if (group->completed > 0) {
        return "partial";
    }
    return group->failed > 0 ? "failed" : "cancelled";
}

static void counts_write(struct json_writer *writer, const struct message_group_state *group)
{
    json_name(writer, "counts");
    json_object_begin(writer);
    json_member_integer(writer, "pending", group->pending);
    json_member_integer(writer, "waiting", group->waiting);
    json_member_integer(writer, "active", group->active);
    json_member_integer(writer, "completed", group->completed);
    json_member_integer(writer, "failed", group->failed);
    json_member_integer(writer, "cancelled", group->cancelled);
    json_object_end(writer);
}

void group_json_begin(struct json_writer *writer, int status, const char *message)
{
    envelope_begin(writer, status, message);
    json_name(writer, "data");
    json_object_begin(writer);
}

enum status group_json_end(struct json_writer *writer)
{
    json_object_end(writer);
    json_object_end(writer);
    return json_writer_status(writer);
}

void group_json_members(struct json_writer *writer, const struct message_group_state *group)
{
    json_member_text(writer, "status", slice_from_string(group_status_name(group)));
    json_member_integer(writer, "progress", group->progress);
    json_member_integer(writer, "total", group->total);
    counts_write(writer, group);
    json_member_time(writer, "createdAt", group->created_at);
    json_member_time(writer, "completedAt", group->completed_at);
}

enum status group_json_envelope(const struct message_group_state *group, const char *message,
                                struct buffer *out)
{
    struct json_writer writer;
    json_writer_init(&writer, out);
    group_json_begin(&writer, 200, message);
    json_member_id(&writer, "batchId", &group->group);
    group_json_members(&writer, group);
    return group_json_end(&writer);
}

enum status group_json_any(const struct message_group_state *group, struct buffer *out)
{
    bool is_batch = group->kind == GROUP_KIND_BATCH;
    struct json_writer writer;
    json_writer_init(&writer, out);
    group_json_begin(&writer, 200, NULL);
    json_member_id(&writer, "groupId", &group->group);
    json_member_text(&writer, "type",
                     is_batch ? SLICE_LITERAL("batch") : SLICE_LITERAL("pipeline"));
    json_member_text(&writer, "owner", group->owner);
    group_json_members(&writer, group);
    return group_json_end(&writer);
}

void group_json_url(struct json_writer *writer, enum group_kind kind, const struct id *group)
{
    char text[ID_TEXT_SIZE];
    char url[64];
    id_format(group, text);
    int size = snprintf(url, sizeof(url), "/api/v1/%s/%s",
                        kind == GROUP_KIND_BATCH ? "batches" : "pipelines", text);
    json_member_text(writer, "statusUrl", slice_make(url, (size_t)size));
}

enum status group_json_accepted(const struct id *group, uint32_t count, struct buffer *out)
{
    struct json_writer writer;
    json_writer_init(&writer, out);
    group_json_begin(&writer, 202, "Batch queued successfully");
    json_member_id(&writer, "batchId", group);
    json_member_text(&writer, "status", SLICE_LITERAL("pending"));
    group_json_url(&writer, GROUP_KIND_BATCH, group);
    json_name(&writer, "jobIds");
    json_array_begin(&writer);
    for (uint32_t index = 0; index < count; index++) {
        const struct id job = group_job_id(group, index);
        char text[ID_TEXT_SIZE];
        id_format(&job, text);
        json_put_text(&writer, slice_make(text, ID_TEXT_SIZE - 1));
    }
    json_array_end(&writer);
    return group_json_end(&writer);
}
