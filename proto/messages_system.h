#ifndef TROUPE_PROTO_MESSAGES_SYSTEM_H
#define TROUPE_PROTO_MESSAGES_SYSTEM_H

/* The part of the wire's table (messages.h, which includes it) about the broker itself and the
 * programs that are connected to it. */

/* What the broker is and how it fares. Answered by SYSTEM and its PROGRAMs in one frame. */
#define MESSAGE_GET_SYSTEM(FIELD) FIELD(1, request, U64, INT64_MAX, REQUIRED)

/* gateways, actors: that are there, of which differing say another version than the broker's;
 * count PROGRAMs follow, those that differ first. Of the time since started_at: commits with
 * commit_operations and commit_bytes in them, half of which took at most commit_us_half and 99 of
 * 100 commit_us_most, and frames and records that were refused, but for want of an open session.
 * From disk_free to pending_bytes: in bytes; disk_free: 0 when it cannot be told; new work is
 * refused below disk_floor, which is so while disk_low. What RocksDB tells of itself goes from keys
 * to errors. backup: the newest one that is whole. */
#define MESSAGE_SYSTEM(FIELD)                               \
    FIELD(1, request, U64, INT64_MAX, REQUIRED)             \
    FIELD(2, code, U8, REPLY_CODE_COUNT - 1, OPTIONAL)      \
    FIELD(3, count, U32, SYSTEM_PROGRAMS_MAX, OPTIONAL)     \
    FIELD(4, version, TEXT, VERSION_SIZE_MAX, OPTIONAL)     \
    FIELD(5, host, TEXT, HOST_SIZE_MAX, OPTIONAL)           \
    FIELD(6, pid, U32, UINT32_MAX, OPTIONAL)                \
    FIELD(7, started_at, TIME, 0, OPTIONAL)                 \
    FIELD(8, gateways, U32, UINT32_MAX, OPTIONAL)           \
    FIELD(9, actors, U32, UINT32_MAX, OPTIONAL)             \
    FIELD(10, differing, U32, UINT32_MAX, OPTIONAL)         \
    FIELD(11, commits, U64, INT64_MAX, OPTIONAL)            \
    FIELD(12, commit_operations, U64, INT64_MAX, OPTIONAL)  \
    FIELD(13, commit_bytes, U64, INT64_MAX, OPTIONAL)       \
    FIELD(14, commit_us_half, U64, INT64_MAX, OPTIONAL)     \
    FIELD(15, commit_us_most, U64, INT64_MAX, OPTIONAL)     \
    FIELD(16, refused, U64, INT64_MAX, OPTIONAL)            \
    FIELD(17, disk_free, U64, INT64_MAX, OPTIONAL)          \
    FIELD(18, disk_floor, U64, INT64_MAX, OPTIONAL)         \
    FIELD(19, disk_low, FLAG, 0, OPTIONAL)                  \
    FIELD(20, backup, TEXT, BACKUP_NAME_SIZE_MAX, OPTIONAL) \
    FIELD(21, backup_at, TIME, 0, OPTIONAL)                 \
    FIELD(22, backup_running, FLAG, 0, OPTIONAL)            \
    FIELD(23, keys, U64, INT64_MAX, OPTIONAL)               \
    FIELD(24, table_bytes, U64, INT64_MAX, OPTIONAL)        \
    FIELD(25, live_bytes, U64, INT64_MAX, OPTIONAL)         \
    FIELD(26, memtable_bytes, U64, INT64_MAX, OPTIONAL)     \
    FIELD(27, cache_bytes, U64, INT64_MAX, OPTIONAL)        \
    FIELD(28, pending_bytes, U64, INT64_MAX, OPTIONAL)      \
    FIELD(29, compactions, U64, INT64_MAX, OPTIONAL)        \
    FIELD(30, stopped, U64, 1, OPTIONAL)                    \
    FIELD(31, errors, U64, INT64_MAX, OPTIONAL)

/* A gateway that is there, or an actor of a kind. program: its instance, of an actor the worker's
 * id. */
#define MESSAGE_PROGRAM(FIELD)                          \
    FIELD(1, program, ID, 0, REQUIRED)                  \
    FIELD(2, gateway, FLAG, 0, OPTIONAL)                \
    FIELD(3, kind, U8, JOB_KIND_COUNT - 1, OPTIONAL)    \
    FIELD(4, host, TEXT, HOST_SIZE_MAX, OPTIONAL)       \
    FIELD(5, pid, U32, UINT32_MAX, OPTIONAL)            \
    FIELD(6, version, TEXT, VERSION_SIZE_MAX, OPTIONAL) \
    FIELD(7, connected_at, TIME, 0, OPTIONAL)

#endif
