#ifndef TROUPE_GATEWAY_SYSTEM_JSON_H
#define TROUPE_GATEWAY_SYSTEM_JSON_H

/* The broker, the programs that are connected to it and this gateway, as the admin API tells them.
 * Pure. */

#include "base/json_writer.h"
#include "proto/codec.h"

/* What a gateway knows of itself. Borrowed. */
struct system_gateway {
    struct id instance;
    struct slice version;
    int64_t started_at;
    uint64_t connections;
    uint64_t connections_max;
    uint64_t streams;    /* of jobs' events */
    uint64_t dashboards; /* streams of the admin API */
    int64_t now;
};

/* Writes the value from a SYSTEM and the records behind it. Returns OK, or MALFORMED when they are
 * others; the writer's own failures show in its status. */
enum status system_json_write(struct json_writer *writer, const struct system_gateway *gateway,
                              const struct message_system *system, struct frame_reader records);

#endif
