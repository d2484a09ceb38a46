#ifndef TROUPE_PROTO_MESSAGES_BACKUP_H
#define TROUPE_PROTO_MESSAGES_BACKUP_H

/* The part of the wire's table (messages.h, which includes it) about backups of the store. */

/* Makes a copy of the store as it is now, under a name of letters, digits and ".-_" that begins
 * with a letter or digit. Answered by BACKUP_PAGE as soon as it has begun, with its BACKUP;
 * CONFLICT with that of the backup which has the name or is being made, or alone when there are
 * as many as are kept. user and what follows: as in SET_QUEUE. */
#define MESSAGE_MAKE_BACKUP(FIELD)                       \
    FIELD(1, request, U64, INT64_MAX, REQUIRED)          \
    FIELD(2, name, TEXT, BACKUP_NAME_SIZE_MAX, REQUIRED) \
    FIELD(3, user, TEXT, OWNER_SIZE_MAX, OPTIONAL)       \
    FIELD(4, role, TEXT, ROLE_SIZE_MAX, OPTIONAL)        \
    FIELD(5, action, TEXT, ACTION_SIZE_MAX, OPTIONAL)    \
    FIELD(6, request_id, TEXT, REQUEST_ID_MAX, OPTIONAL)

#define MESSAGE_LIST_BACKUPS(FIELD) FIELD(1, request, U64, INT64_MAX, REQUIRED)

/* count BACKUP records follow in the same frame, the newest first. */
#define MESSAGE_BACKUP_PAGE(FIELD)                     \
    FIELD(1, request, U64, INT64_MAX, REQUIRED)        \
    FIELD(2, code, U8, REPLY_CODE_COUNT - 1, OPTIONAL) \
    FIELD(3, count, U32, BACKUPS_MAX, OPTIONAL)

/* completed_at: 0 while it is being made. error: why there is none of it. jobs: all that it
 * holds, of which live had not ended; size: bytes on disk; version: of the broker. Stored in this
 * form too, beside the copy. */
#define MESSAGE_BACKUP(FIELD)                            \
    FIELD(1, name, TEXT, BACKUP_NAME_SIZE_MAX, REQUIRED) \
    FIELD(2, created_at, TIME, 0, REQUIRED)              \
    FIELD(3, completed_at, TIME, 0, OPTIONAL)            \
    FIELD(4, size, U64, INT64_MAX, OPTIONAL)             \
    FIELD(5, keys, U64, INT64_MAX, OPTIONAL)             \
    FIELD(6, jobs, U64, INT64_MAX, OPTIONAL)             \
    FIELD(7, live, U64, INT64_MAX, OPTIONAL)             \
    FIELD(8, event_last, U64, INT64_MAX, OPTIONAL)       \
    FIELD(9, version, TEXT, VERSION_SIZE_MAX, OPTIONAL)  \
    FIELD(10, error, TEXT, ERROR_TEXT_SIZE_MAX, OPTIONAL)

#endif
