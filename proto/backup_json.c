#include "proto/backup_json.h"

static const char *state_of(const struct message_backup *record)
{
    if (record->error.size > 0) {
        return "failed";
    }
    return record->completed_at == 0 ? "running" : "completed";
}

void backup_json_write(struct json_writer *writer, const struct message_backup *record)
{
    json_object_begin(writer);
    json_member_text(writer, "name", record->name);
    json_member_text(writer, "state", slice_from_string(state_of(record)));
    json_member_time(writer, "createdAt", record->created_at);
    json_member_time(writer, "completedAt", record->completed_at);
    json_member_integer(writer, "bytes", (int64_t)record->size);
    json_member_integer(writer, "keys", (int64_t)record->keys);
    json_member_integer(writer, "jobs", (int64_t)record->jobs);
    json_member_integer(writer, "liveJobs", (int64_t)record->live);
    json_member_integer(writer, "eventLast", (int64_t)record->event_last);
    json_member_text_or_null(writer, "version", record->version);
    json_member_text_or_null(writer, "error", record->error);
    json_object_end(writer);
}
