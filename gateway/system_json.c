#include "gateway/system_json.h"

#include <string.h>

/* The commit stands behind the version as build metadata (base/build.h). */
static void write_version(struct json_writer *writer, struct slice version)
{
    const uint8_t *plus = version.size == 0 ? NULL : memchr(version.data, '+', version.size);
    size_t size = plus == NULL ? version.size : (size_t)(plus - version.data);
    size_t from = plus == NULL ? size : size + 1;
    json_member_text_or_null(writer, "version", slice_make(version.data, size));
    json_member_text_or_null(writer, "commit",
                             slice_make(version.data + from, version.size - from));
}

static void write_since(struct json_writer *writer, int64_t started_at, int64_t now)
{
    json_member_time(writer, "startedAt", started_at);
    json_member_integer(writer, "uptimeMs", now > started_at ? now - started_at : 0);
}

static void write_number_or_null(struct json_writer *writer, const char *name, uint64_t value)
{
    if (value > 0) {
        json_member_integer(writer, name, (int64_t)value);
    } else {
        json_member_null(writer, name);
    }
}

static void write_broker(struct json_writer *writer, const struct message_system *system,
                         int64_t now)
{
    json_name(writer, "broker");
    json_object_begin(writer);
    write_version(writer, system->version);
    json_member_text_or_null(writer, "host", system->host);
    write_number_or_null(writer, "pid", system->pid);
    write_since(writer, system->started_at, now);
    json_member_integer(writer, "refused", (int64_t)system->refused);
    json_object_end(writer);
}

static void write_disk(struct json_writer *writer, const struct message_system *system)
{
    json_name(writer, "disk");
    json_object_begin(writer);
    write_number_or_null(writer, "freeBytes", system->disk_free);
    json_member_integer(writer, "floorBytes", (int64_t)system->disk_floor);
    json_member_boolean(writer, "low", system->disk_low);
    json_object_end(writer);
}

static void write_backup(struct json_writer *writer, const struct message_system *system)
{
    json_name(writer, "backup");
    json_object_begin(writer);
    json_member_text_or_null(writer, "name", system->backup);
    json_member_time(writer, "completedAt", system->backup_at);
    json_member_boolean(writer, "running", system->backup_running);
    json_object_end(writer);
}

static void write_commits(struct json_writer *writer, const struct message_system *system)
{
    json_name(writer, "commits");
    json_object_begin(writer);
    json_member_integer(writer, "count", (int64_t)system->commits);
    json_member_integer(writer, "operations", (int64_t)system->commit_operations);
    json_member_integer(writer, "bytes", (int64_t)system->commit_bytes);
    json_name(writer, "timeUs");
    json_object_begin(writer);
    json_member_integer(writer, "p50", (int64_t)system->commit_us_half);
    json_member_integer(writer, "p99", (int64_t)system->commit_us_most);
    json_object_end(writer);
    json_object_end(writer);
}

static void write_store(struct json_writer *writer, const struct message_system *system)
{
    json_name(writer, "store");
    json_object_begin(writer);
    json_member_integer(writer, "keys", (int64_t)system->keys);
    json_member_integer(writer, "tableBytes", (int64_t)system->table_bytes);
    json_member_integer(writer, "liveBytes", (int64_t)system->live_bytes);
    json_member_integer(writer, "memtableBytes", (int64_t)system->memtable_bytes);
    json_member_integer(writer, "cacheBytes", (int64_t)system->cache_bytes);
    json_member_integer(writer, "pendingCompactionBytes", (int64_t)system->pending_bytes);
    json_member_integer(writer, "runningCompactions", (int64_t)system->compactions);
    json_member_boolean(writer, "writesStopped", system->stopped > 0);
    json_member_integer(writer, "backgroundErrors", (int64_t)system->errors);
    json_object_end(writer);
}

static void write_gateway(struct json_writer *writer, const struct system_gateway *gateway)
{
    json_name(writer, "gateway");
    json_object_begin(writer);
    json_member_id(writer, "programId", &gateway->instance);
    write_version(writer, gateway->version);
    write_since(writer, gateway->started_at, gateway->now);
    json_member_integer(writer, "connections", (int64_t)gateway->connections);
    json_member_integer(writer, "connectionsMax", (int64_t)gateway->connections_max);
    json_member_integer(writer, "streams", (int64_t)gateway->streams);
    json_member_integer(writer, "dashboards", (int64_t)gateway->dashboards);
    json_object_end(writer);
}

static void write_program(struct json_writer *writer, const struct message_program *program,
                          struct slice of_broker)
{
    const char *role = program->gateway ? "gateway" : job_kind_name((enum job_kind)program->kind);
    bool differs = program->version.size > 0 && !slice_equal(program->version, of_broker);
    json_object_begin(writer);
    json_member_id(writer, "programId", &program->program);
    json_member_text(writer, "role", slice_from_string(role));
    json_member_text_or_null(writer, "host", program->host);
    write_number_or_null(writer, "pid", program->pid);
    write_version(writer, program->version);
    json_member_boolean(writer, "differs", differs);
    json_member_time(writer, "connectedAt", program->connected_at);
    json_object_end(writer);
}

static enum status write_programs(struct json_writer *writer, const struct message_system *system,
                                  struct frame_reader records)
{
    struct message record;
    json_name(writer, "programs");
    json_array_begin(writer);
    for (uint32_t index = 0; index < system->count; index++) {
        if (frame_next(&records, &record) != STATUS_OK || record.type != MESSAGE_TYPE_PROGRAM) {
            return STATUS_MALFORMED;
        }
        write_program(writer, &record.program, system->version);
    }
    json_array_end(writer);
    return STATUS_OK;
}

enum status system_json_write(struct json_writer *writer, const struct system_gateway *gateway,
                              const struct message_system *system, struct frame_reader records)
{
    json_object_begin(writer);
    write_broker(writer, system, gateway->now);
    write_disk(writer, system);
    write_backup(writer, system);
    write_commits(writer, system);
    write_store(writer, system);
    write_gateway(writer, gateway);
    json_name(writer, "totals");
    json_object_begin(writer);
    json_member_integer(writer, "gateways", system->gateways);
    json_member_integer(writer, "actors", system->actors);
    json_member_integer(writer, "differing", system->differing);
    json_object_end(writer);
    enum status status = write_programs(writer, system, records);
    json_object_end(writer);
    return status;
}
