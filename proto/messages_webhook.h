#ifndef TROUPE_PROTO_MESSAGES_WEBHOOK_H
#define TROUPE_PROTO_MESSAGES_WEBHOOK_H

/* The part of the wire's table (messages.h, which includes it) that is about webhooks. */

/* ---- gateway -> broker ---- */

/* Makes or changes a webhook endpoint, answered by REPLY. version: the one that the change was made
 * from, 0 for a new endpoint. secret_old signs along until secret_old_until. disabled: one that is
 * disabled stays so. key, key_hash: as in SUBMIT; a repeated one changes nothing and is answered
 * with the version that is there. */
#define MESSAGE_PUT_ENDPOINT(FIELD)                                \
    FIELD(1, request, U64, INT64_MAX, REQUIRED)                    \
    FIELD(2, endpoint, ID, 0, REQUIRED)                            \
    FIELD(3, owner, TEXT, OWNER_SIZE_MAX, REQUIRED)                \
    FIELD(4, url, TEXT, WEBHOOK_URL_SIZE_MAX, REQUIRED)            \
    FIELD(5, secret, BYTES, WEBHOOK_SECRET_SIZE_MAX, REQUIRED)     \
    FIELD(6, secret_old, BYTES, WEBHOOK_SECRET_SIZE_MAX, OPTIONAL) \
    FIELD(7, secret_old_until, TIME, 0, OPTIONAL)                  \
    FIELD(8, events, U32, WEBHOOK_EVENTS, REQUIRED)                \
    FIELD(9, description, TEXT, WEBHOOK_TEXT_SIZE_MAX, OPTIONAL)   \
    FIELD(10, version, U32, UINT32_MAX - 1, OPTIONAL)              \
    FIELD(11, created_at, TIME, 0, OPTIONAL)                       \
    FIELD(12, disabled, FLAG, 0, OPTIONAL)                         \
    FIELD(13, resent, FLAG, 0, OPTIONAL)                           \
    FIELD(14, key, TEXT, KEY_SIZE_MAX, OPTIONAL)                   \
    FIELD(15, key_hash, BYTES, HASH_SIZE, OPTIONAL)

/* Answered by REPLY. */
#define MESSAGE_DELETE_ENDPOINT(FIELD)          \
    FIELD(1, request, U64, INT64_MAX, REQUIRED) \
    FIELD(2, endpoint, ID, 0, REQUIRED)         \
    FIELD(3, owner, TEXT, OWNER_SIZE_MAX, REQUIRED)

/* Of an owner, or that one alone. Answered by ENDPOINT_PAGE and its ENDPOINTs in one frame. */
#define MESSAGE_LIST_ENDPOINTS(FIELD)               \
    FIELD(1, request, U64, INT64_MAX, REQUIRED)     \
    FIELD(2, owner, TEXT, OWNER_SIZE_MAX, REQUIRED) \
    FIELD(3, endpoint, ID, 0, OPTIONAL)

/* Deliveries to an endpoint, newest first; cursor as in LIST_JOBS. of_job: of the own webhook of
 * the job that `endpoint` names then; admin: whoever owns it. Answered by DELIVERY_PAGE and its
 * DELIVERYs in one frame. */
#define MESSAGE_LIST_DELIVERIES(FIELD)                 \
    FIELD(1, request, U64, INT64_MAX, REQUIRED)        \
    FIELD(2, endpoint, ID, 0, REQUIRED)                \
    FIELD(3, owner, TEXT, OWNER_SIZE_MAX, REQUIRED)    \
    FIELD(4, limit, U32, LIST_LIMIT_MAX, REQUIRED)     \
    FIELD(5, cursor, BYTES, CURSOR_SIZE_MAX, OPTIONAL) \
    FIELD(6, of_job, FLAG, 0, OPTIONAL)                \
    FIELD(7, admin, FLAG, 0, OPTIONAL)

/* ---- broker -> gateway ---- */

/* count ENDPOINT records follow in the same frame. */
#define MESSAGE_ENDPOINT_PAGE(FIELD)                   \
    FIELD(1, request, U64, INT64_MAX, REQUIRED)        \
    FIELD(2, code, U8, REPLY_CODE_COUNT - 1, OPTIONAL) \
    FIELD(3, count, U32, ENDPOINTS_USER_MAX, OPTIONAL)

#define MESSAGE_ENDPOINT(FIELD)                                    \
    FIELD(1, endpoint, ID, 0, REQUIRED)                            \
    FIELD(2, url, TEXT, WEBHOOK_URL_SIZE_MAX, REQUIRED)            \
    FIELD(3, secret, BYTES, WEBHOOK_SECRET_SIZE_MAX, REQUIRED)     \
    FIELD(4, secret_old, BYTES, WEBHOOK_SECRET_SIZE_MAX, OPTIONAL) \
    FIELD(5, secret_old_until, TIME, 0, OPTIONAL)                  \
    FIELD(6, events, U32, WEBHOOK_EVENTS, REQUIRED)                \
    FIELD(7, description, TEXT, WEBHOOK_TEXT_SIZE_MAX, OPTIONAL)   \
    FIELD(8, version, U32, UINT32_MAX, REQUIRED)                   \
    FIELD(9, created_at, TIME, 0, OPTIONAL)                        \
    FIELD(10, disabled_at, TIME, 0, OPTIONAL)

/* count DELIVERY records follow in the same frame. next is empty on the last page. */
#define MESSAGE_DELIVERY_PAGE(FIELD)                   \
    FIELD(1, request, U64, INT64_MAX, REQUIRED)        \
    FIELD(2, code, U8, REPLY_CODE_COUNT - 1, OPTIONAL) \
    FIELD(3, count, U32, LIST_LIMIT_MAX, OPTIONAL)     \
    FIELD(4, next, BYTES, CURSOR_SIZE_MAX, OPTIONAL)

/* A delivery: job, event and event_kind tell what it reports; answer the status that the receiver
 * took it with; error_* the last failure. */
#define MESSAGE_DELIVERY(FIELD)                                  \
    FIELD(1, delivery, ID, 0, REQUIRED)                          \
    FIELD(2, job, ID, 0, REQUIRED)                               \
    FIELD(3, event, U64, INT64_MAX, REQUIRED)                    \
    FIELD(4, event_kind, U8, EVENT_KIND_COUNT - 1, REQUIRED)     \
    FIELD(5, state, U8, JOB_STATE_COUNT - 1, REQUIRED)           \
    FIELD(6, attempts_made, U32, UINT32_MAX, OPTIONAL)           \
    FIELD(7, answer, TEXT, URL_SIZE_MAX, OPTIONAL)               \
    FIELD(8, error_code, TEXT, ERROR_CODE_SIZE_MAX, OPTIONAL)    \
    FIELD(9, error_message, TEXT, ERROR_TEXT_SIZE_MAX, OPTIONAL) \
    FIELD(10, created_at, TIME, 0, OPTIONAL)                     \
    FIELD(11, attempt_at, TIME, 0, OPTIONAL)                     \
    FIELD(12, next_attempt_at, TIME, 0, OPTIONAL)                \
    FIELD(13, completed_at, TIME, 0, OPTIONAL)

#endif
