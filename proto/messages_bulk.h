#ifndef TROUPE_PROTO_MESSAGES_BULK_H
#define TROUPE_PROTO_MESSAGES_BULK_H

/* The part of the wire's table (messages.h, which includes it) about what those who run the stack
 * do with jobs: with one, and with many in the background (a bulk; "operation" is what the API
 * calls it, which here is a provider's call). Who may ask is the gateway's to judge. */

/* ---- gateway -> broker ---- */

/* Changes one job, whoever's it is. action: PROMOTE, PRIORITY (1 to 255) or REMOVE. user: who asks.
 * role, audit and request_id: for the audit log, as role, action and request_id in SET_QUEUE.
 * Answered by REPLY: NOT_DELAYED, STARTED or NOT_ENDED when the job is not fit for it. */
#define MESSAGE_CHANGE_JOB(FIELD)                        \
    FIELD(1, request, U64, INT64_MAX, REQUIRED)          \
    FIELD(2, job, ID, 0, REQUIRED)                       \
    FIELD(3, action, U8, JOB_ACTION_COUNT - 1, REQUIRED) \
    FIELD(4, user, TEXT, OWNER_SIZE_MAX, REQUIRED)       \
    FIELD(5, priority, U8, 255, OPTIONAL)                \
    FIELD(6, role, TEXT, ROLE_SIZE_MAX, OPTIONAL)        \
    FIELD(7, audit, TEXT, ACTION_SIZE_MAX, OPTIONAL)     \
    FIELD(8, request_id, TEXT, REQUEST_ID_MAX, OPTIONAL)

/* Does the same with many jobs, one after the other, in the background: with those of jobs, ids one
 * after the other, or with all that were there when it was asked and are all of what is given, as
 * in SEARCH_JOBS. The same bulk again changes nothing. key and key_hash as in SUBMIT. Answered by
 * REPLY, whose job is the bulk: TOO_MANY_BULKS when as many go on as may. where: what was given, as
 * it is to be told of the bulk; nothing is read from it. */
#define MESSAGE_START_BULK(FIELD)                              \
    FIELD(1, request, U64, INT64_MAX, REQUIRED)                \
    FIELD(2, bulk, ID, 0, REQUIRED)                            \
    FIELD(3, action, U8, JOB_ACTION_COUNT - 1, REQUIRED)       \
    FIELD(4, user, TEXT, OWNER_SIZE_MAX, REQUIRED)             \
    FIELD(5, priority, U8, 255, OPTIONAL)                      \
    FIELD(6, jobs, BYTES, BULK_JOBS_SIZE_MAX, OPTIONAL)        \
    FIELD(7, kinds, U8, 15, OPTIONAL)                          \
    FIELD(8, states, U8, 63, OPTIONAL)                         \
    FIELD(9, owner, TEXT, OWNER_SIZE_MAX, OPTIONAL)            \
    FIELD(10, character, ID, 0, OPTIONAL)                      \
    FIELD(11, text, TEXT, SEARCH_TEXT_SIZE_MAX, OPTIONAL)      \
    FIELD(12, tag, TEXT, TAG_SIZE_MAX, OPTIONAL)               \
    FIELD(13, from, TIME, 0, OPTIONAL)                         \
    FIELD(14, to, TIME, 0, OPTIONAL)                           \
    FIELD(15, error_code, TEXT, ERROR_CODE_SIZE_MAX, OPTIONAL) \
    FIELD(16, key, TEXT, KEY_SIZE_MAX, OPTIONAL)               \
    FIELD(17, key_hash, BYTES, HASH_SIZE, OPTIONAL)            \
    FIELD(18, role, TEXT, ROLE_SIZE_MAX, OPTIONAL)             \
    FIELD(19, audit, TEXT, ACTION_SIZE_MAX, OPTIONAL)          \
    FIELD(20, request_id, TEXT, REQUEST_ID_MAX, OPTIONAL)      \
    FIELD(21, error_group, ID, 0, OPTIONAL)                    \
    FIELD(22, where, TEXT, BULK_WHERE_SIZE_MAX, OPTIONAL)      \
    FIELD(23, group, ID, 0, OPTIONAL)

/* Stops a bulk; what it has done stays. Answered by REPLY: ALREADY_ENDED for one that has come to
 * its end. */
#define MESSAGE_STOP_BULK(FIELD)                     \
    FIELD(1, request, U64, INT64_MAX, REQUIRED)      \
    FIELD(2, bulk, ID, 0, REQUIRED)                  \
    FIELD(3, user, TEXT, OWNER_SIZE_MAX, REQUIRED)   \
    FIELD(4, role, TEXT, ROLE_SIZE_MAX, OPTIONAL)    \
    FIELD(5, audit, TEXT, ACTION_SIZE_MAX, OPTIONAL) \
    FIELD(6, request_id, TEXT, REQUEST_ID_MAX, OPTIONAL)

/* All bulks that are known, the newest first, or one of them. Answered at once, from memory, by
 * ADMIN_PAGE and its BULKs in one frame. */
#define MESSAGE_GET_BULKS(FIELD)                \
    FIELD(1, request, U64, INT64_MAX, REQUIRED) \
    FIELD(2, bulk, ID, 0, OPTIONAL)

/* ---- broker -> gateway, and the store ---- */

/* A bulk as it is now. matched: jobs that it has come to; done and refused: what became of them;
 * ended: the refused ones that had already ended. scanned: jobs that it has looked at for that. It
 * began at place first and has come to place: 0 at its end; total: how many jobs it was given by
 * their ids. states and where: as it was asked. From not_found to damaged: why those that had not
 * ended were refused (bulk_refusal.h). */
#define MESSAGE_BULK(FIELD)                                \
    FIELD(1, bulk, ID, 0, REQUIRED)                        \
    FIELD(2, action, U8, JOB_ACTION_COUNT - 1, OPTIONAL)   \
    FIELD(3, state, U8, BULK_STATE_COUNT - 1, OPTIONAL)    \
    FIELD(4, user, TEXT, OWNER_SIZE_MAX, REQUIRED)         \
    FIELD(5, started_at, TIME, 0, REQUIRED)                \
    FIELD(6, completed_at, TIME, 0, OPTIONAL)              \
    FIELD(7, matched, U64, INT64_MAX, OPTIONAL)            \
    FIELD(8, done, U64, INT64_MAX, OPTIONAL)               \
    FIELD(9, refused, U64, INT64_MAX, OPTIONAL)            \
    FIELD(10, scanned, U64, INT64_MAX, OPTIONAL)           \
    FIELD(11, first, U64, INT64_MAX, OPTIONAL)             \
    FIELD(12, place, U64, INT64_MAX, OPTIONAL)             \
    FIELD(13, total, U32, BULK_JOBS_MAX, OPTIONAL)         \
    FIELD(14, priority, U8, 255, OPTIONAL)                 \
    FIELD(15, states, U8, 63, OPTIONAL)                    \
    FIELD(16, ended, U64, INT64_MAX, OPTIONAL)             \
    FIELD(17, where, TEXT, BULK_WHERE_SIZE_MAX, OPTIONAL)  \
    FIELD(18, not_found, U64, INT64_MAX, OPTIONAL)         \
    FIELD(19, changed, U64, INT64_MAX, OPTIONAL)           \
    FIELD(20, not_retryable, U64, INT64_MAX, OPTIONAL)     \
    FIELD(21, not_delayed, U64, INT64_MAX, OPTIONAL)       \
    FIELD(22, started, U64, INT64_MAX, OPTIONAL)           \
    FIELD(23, not_ended, U64, INT64_MAX, OPTIONAL)         \
    FIELD(24, source_unsuitable, U64, INT64_MAX, OPTIONAL) \
    FIELD(25, over_budget, U64, INT64_MAX, OPTIONAL)       \
    FIELD(26, disk_full, U64, INT64_MAX, OPTIONAL)         \
    FIELD(27, too_many_jobs, U64, INT64_MAX, OPTIONAL)     \
    FIELD(28, damaged, U64, INT64_MAX, OPTIONAL)

#endif
