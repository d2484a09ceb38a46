#ifndef TROUPE_PROTO_MESSAGES_ACTOR_H
#define TROUPE_PROTO_MESSAGES_ACTOR_H

/* The part of the wire's table (messages.h, which includes it): what actors and the broker say to
 * each other. */

/* ---- actor -> broker ---- */

/* Opens a session, which the broker answers by WELCOME. provider_count PROVIDER records follow, for
 * the providers that it calls, then hold_count HOLD records, for the leases it still works on or
 * whose result is not acknowledged; before the last of them no job is handed out. credit counts
 * from here: jobs allowed in this session. */
#define MESSAGE_HELLO(FIELD)                            \
    FIELD(1, kind, U8, JOB_KIND_COUNT - 1, REQUIRED)    \
    FIELD(2, instance, ID, 0, REQUIRED)                 \
    FIELD(3, slots, U32, 100000, REQUIRED)              \
    FIELD(4, hold_count, U32, 100000, REQUIRED)         \
    FIELD(5, credit, U64, INT64_MAX, REQUIRED)          \
    FIELD(6, host, TEXT, HOST_SIZE_MAX, OPTIONAL)       \
    FIELD(7, pid, U32, UINT32_MAX, OPTIONAL)            \
    FIELD(8, version, TEXT, VERSION_SIZE_MAX, OPTIONAL) \
    FIELD(9, provider_count, U32, PROVIDERS_ACTOR_MAX, OPTIONAL)

#define MESSAGE_HOLD(FIELD)        \
    FIELD(1, job, ID, 0, REQUIRED) \
    FIELD(2, lease, U32, UINT32_MAX, REQUIRED)

#define MESSAGE_HEARTBEAT(FIELD) FIELD(1, credit, U64, INT64_MAX, REQUIRED)

/* draft: what the next attempt needs in order not to do finished steps again; opaque to the broker.
 * provider, purpose, took_ms: the call that the step has made, and how long that took; price: what
 * it costs, in micro-dollars, 0 when its provider has no price. */
#define MESSAGE_PROGRESS(FIELD)                             \
    FIELD(1, job, ID, 0, REQUIRED)                          \
    FIELD(2, lease, U32, UINT32_MAX, REQUIRED)              \
    FIELD(3, credit, U64, INT64_MAX, REQUIRED)              \
    FIELD(4, progress, U8, 100, REQUIRED)                   \
    FIELD(5, step, TEXT, STEP_SIZE_MAX, REQUIRED)           \
    FIELD(6, draft, BYTES, DOCUMENT_SIZE_MAX, OPTIONAL)     \
    FIELD(7, provider, TEXT, PROVIDER_SIZE_MAX, OPTIONAL)   \
    FIELD(8, purpose, U8, CALL_PURPOSE_COUNT - 1, OPTIONAL) \
    FIELD(9, took_ms, U32, UINT32_MAX, OPTIONAL)            \
    FIELD(10, price, U32, PRICE_MAX, OPTIONAL)

/* operation: 0..OPERATIONS_MAX-1, the job's own numbering; the broker answers OPERATION_ACK once it
 * is durable. repeats: it repeats one of unknown outcome, and may be paid for twice. call: the
 * lease under which the call was made first, when that is not this one: what its idempotency key is
 * made of. price: what the call costs when it is charged, in micro-dollars; said with the intent,
 * and again with the outcome when several calls of a job are open at once. */
#define MESSAGE_OPERATION(FIELD)                             \
    FIELD(1, job, ID, 0, REQUIRED)                           \
    FIELD(2, lease, U32, UINT32_MAX, REQUIRED)               \
    FIELD(3, credit, U64, INT64_MAX, REQUIRED)               \
    FIELD(4, operation, U8, OPERATIONS_MAX - 1, REQUIRED)    \
    FIELD(5, state, U8, OPERATION_STATE_COUNT - 1, REQUIRED) \
    FIELD(6, provider, TEXT, PROVIDER_SIZE_MAX, REQUIRED)    \
    FIELD(7, task, TEXT, TASK_SIZE_MAX, OPTIONAL)            \
    FIELD(8, at, TIME, 0, OPTIONAL)                          \
    FIELD(11, charged, U8, CHARGE_COUNT - 1, OPTIONAL)       \
    FIELD(12, repeats, FLAG, 0, OPTIONAL)                    \
    FIELD(13, call, U32, UINT32_MAX, OPTIONAL)               \
    FIELD(14, price, U32, PRICE_MAX, OPTIONAL)

/* document: the character (character jobs) or the media entry (image and video jobs). media: a
 * character job's portrait entry. url: the result's asset; of a delivery the status that the
 * receiver answered with. at: when it was made, by the actor's clock. provider, operation: of the
 * paid call that its worker has told last: the broker may not have heard of that. */
#define MESSAGE_DONE(FIELD)                                \
    FIELD(1, job, ID, 0, REQUIRED)                         \
    FIELD(2, lease, U32, UINT32_MAX, REQUIRED)             \
    FIELD(3, credit, U64, INT64_MAX, REQUIRED)             \
    FIELD(4, url, TEXT, URL_SIZE_MAX, OPTIONAL)            \
    FIELD(5, document, BYTES, DOCUMENT_SIZE_MAX, REQUIRED) \
    FIELD(6, media, BYTES, DOCUMENT_SIZE_MAX, OPTIONAL)    \
    FIELD(7, price, U32, PRICE_MAX, OPTIONAL)              \
    FIELD(8, at, TIME, 0, OPTIONAL)                        \
    FIELD(9, provider, TEXT, PROVIDER_SIZE_MAX, OPTIONAL)  \
    FIELD(10, operation, U8, OPERATIONS_MAX - 1, OPTIONAL)

/* provider, purpose, took_ms: the call that it failed of, or that ended with it. */
#define MESSAGE_FAIL(FIELD)                                 \
    FIELD(1, job, ID, 0, REQUIRED)                          \
    FIELD(2, lease, U32, UINT32_MAX, REQUIRED)              \
    FIELD(3, credit, U64, INT64_MAX, REQUIRED)              \
    FIELD(4, kind, U8, FAIL_KIND_COUNT - 1, REQUIRED)       \
    FIELD(5, code, TEXT, ERROR_CODE_SIZE_MAX, REQUIRED)     \
    FIELD(6, message, TEXT, ERROR_TEXT_SIZE_MAX, REQUIRED)  \
    FIELD(7, retry_after_ms, U64, 86400000, OPTIONAL)       \
    FIELD(8, provider, TEXT, PROVIDER_SIZE_MAX, OPTIONAL)   \
    FIELD(9, purpose, U8, CALL_PURPOSE_COUNT - 1, OPTIONAL) \
    FIELD(10, took_ms, U32, UINT32_MAX, OPTIONAL)

/* Hands one lease back at a graceful stop: not counted as an attempt. */
#define MESSAGE_RELEASE(FIELD)     \
    FIELD(1, job, ID, 0, REQUIRED) \
    FIELD(2, lease, U32, UINT32_MAX, REQUIRED)

/* Ends the session: leases not handed back by now are treated as handed back. */
#define MESSAGE_BYE(FIELD) FIELD(1, reason, TEXT, ERROR_TEXT_SIZE_MAX, OPTIONAL)

/* A provider that this actor calls. account: whose limits its calls count for, its own name when
 * empty; calls in any sliding second, minute and day, 0 for no limit. The last declaration of a
 * name holds for all. rank: its place among those that this actor calls for the use, from 0; price:
 * what a call for it costs, in micro-dollars. Number 9 is set aside for its calls at once. */
#define MESSAGE_PROVIDER(FIELD)                          \
    FIELD(1, name, TEXT, PROVIDER_SIZE_MAX, REQUIRED)    \
    FIELD(2, account, TEXT, PROVIDER_SIZE_MAX, OPTIONAL) \
    FIELD(3, use, U8, PROVIDER_USE_COUNT - 1, REQUIRED)  \
    FIELD(4, rank, U8, PROVIDERS_ACTOR_MAX, OPTIONAL)    \
    FIELD(5, price, U32, PRICE_MAX, OPTIONAL)            \
    FIELD(6, limit_second, U32, UINT32_MAX, OPTIONAL)    \
    FIELD(7, limit_minute, U32, UINT32_MAX, OPTIONAL)    \
    FIELD(8, limit_day, U32, UINT32_MAX, OPTIONAL)

/* How calls of a declared provider went: successes are told at most once a second, failures at
 * once. Nothing of it is durable. */
#define MESSAGE_REPORT(FIELD)                               \
    FIELD(1, provider, TEXT, PROVIDER_SIZE_MAX, REQUIRED)   \
    FIELD(2, successes, U32, UINT32_MAX, OPTIONAL)          \
    FIELD(3, failures, U32, UINT32_MAX, OPTIONAL)           \
    FIELD(4, fault, U8, PROVIDER_FAULT_COUNT - 1, OPTIONAL) \
    FIELD(5, retry_after_ms, U64, 86400000, OPTIONAL)

/* ---- broker -> actor ---- */

/* Every later record of the actor carries session in its frame's envelope. */
#define MESSAGE_WELCOME(FIELD)                    \
    FIELD(1, session, U64, INT64_MAX, REQUIRED)   \
    FIELD(2, lease_ms, U32, UINT32_MAX, REQUIRED) \
    FIELD(3, heartbeat_ms, U32, UINT32_MAX, REQUIRED)

/* operation_count RECORDED records follow in the same frame. character_document: of image and video
 * jobs; source_document: the media entry that a video is made from. webhook_*: of a delivery, whose
 * payload is the EVENT record that it reports; an empty address says that the endpoint was deleted
 * or disabled meanwhile, a secret_old signs along. trace, request_id: SUBMIT's. is_last: a counted
 * failure of this attempt ends the job; of one by the provider see outage.h. may_be_dropped: an
 * attempt that had the recorded task was asked to drop it, and what came of that was not told. */
#define MESSAGE_JOB(FIELD)                                                  \
    FIELD(1, job, ID, 0, REQUIRED)                                          \
    FIELD(2, lease, U32, UINT32_MAX, REQUIRED)                              \
    FIELD(3, attempt, U32, UINT32_MAX, REQUIRED)                            \
    FIELD(4, kind, U8, JOB_KIND_COUNT - 1, REQUIRED)                        \
    FIELD(5, timeout_ms, U64, INT64_MAX, REQUIRED)                          \
    FIELD(6, owner, TEXT, OWNER_SIZE_MAX, REQUIRED)                         \
    FIELD(7, character, ID, 0, REQUIRED)                                    \
    FIELD(8, media, ID, 0, REQUIRED)                                        \
    FIELD(9, source, ID, 0, OPTIONAL)                                       \
    FIELD(10, display_id, TEXT, 8, OPTIONAL)                                \
    FIELD(11, payload, BYTES, PAYLOAD_SIZE_MAX, REQUIRED)                   \
    FIELD(12, character_document, BYTES, DOCUMENT_SIZE_MAX, OPTIONAL)       \
    FIELD(13, source_document, BYTES, DOCUMENT_SIZE_MAX, OPTIONAL)          \
    FIELD(14, draft, BYTES, DOCUMENT_SIZE_MAX, OPTIONAL)                    \
    FIELD(15, operation_count, U8, OPERATIONS_MAX, OPTIONAL)                \
    FIELD(16, created_at, TIME, 0, OPTIONAL)                                \
    FIELD(17, trace, TEXT, TRACEPARENT_SIZE, OPTIONAL)                      \
    FIELD(18, webhook_url, TEXT, WEBHOOK_URL_SIZE_MAX, OPTIONAL)            \
    FIELD(19, webhook_secret, BYTES, WEBHOOK_SECRET_SIZE_MAX, OPTIONAL)     \
    FIELD(20, webhook_secret_old, BYTES, WEBHOOK_SECRET_SIZE_MAX, OPTIONAL) \
    FIELD(21, is_last, FLAG, 0, OPTIONAL)                                   \
    FIELD(22, request_id, TEXT, REQUEST_ID_MAX, OPTIONAL)                   \
    FIELD(23, may_be_dropped, FLAG, 0, OPTIONAL)

#define MESSAGE_RECORDED(FIELD)                              \
    FIELD(1, job, ID, 0, REQUIRED)                           \
    FIELD(2, operation, U8, OPERATIONS_MAX - 1, REQUIRED)    \
    FIELD(3, state, U8, OPERATION_STATE_COUNT - 1, REQUIRED) \
    FIELD(4, provider, TEXT, PROVIDER_SIZE_MAX, REQUIRED)    \
    FIELD(5, task, TEXT, TASK_SIZE_MAX, OPTIONAL)            \
    FIELD(6, lease, U32, UINT32_MAX, REQUIRED)               \
    FIELD(7, at, TIME, 0, OPTIONAL)                          \
    FIELD(8, call, U32, UINT32_MAX, OPTIONAL)                \
    FIELD(9, price, U32, PRICE_MAX, OPTIONAL)

#define MESSAGE_CANCEL(FIELD)      \
    FIELD(1, job, ID, 0, REQUIRED) \
    FIELD(2, lease, U32, UINT32_MAX, REQUIRED)

/* The result, failure or release of this lease is durable, or too late to matter: forget it and
 * stop its work. */
#define MESSAGE_ACK(FIELD)         \
    FIELD(1, job, ID, 0, REQUIRED) \
    FIELD(2, lease, U32, UINT32_MAX, REQUIRED)

#define MESSAGE_OPERATION_ACK(FIELD)                      \
    FIELD(1, job, ID, 0, REQUIRED)                        \
    FIELD(2, lease, U32, UINT32_MAX, REQUIRED)            \
    FIELD(3, operation, U8, OPERATIONS_MAX - 1, REQUIRED) \
    FIELD(4, state, U8, OPERATION_STATE_COUNT - 1, REQUIRED)

/* An intent was not recorded: the call may not be made. */
#define MESSAGE_OPERATION_DENIED(FIELD)                   \
    FIELD(1, job, ID, 0, REQUIRED)                        \
    FIELD(2, lease, U32, UINT32_MAX, REQUIRED)            \
    FIELD(3, operation, U8, OPERATIONS_MAX - 1, REQUIRED) \
    FIELD(4, reason, U8, DENIAL_COUNT - 1, REQUIRED)      \
    FIELD(5, retry_after_ms, U64, INT64_MAX, OPTIONAL)

/* Asks for a HEARTBEAT, and says that the broker lives. */
#define MESSAGE_PING(FIELD) FIELD(1, at, TIME, 0, OPTIONAL)

/* Asks the actor to take no more jobs, finish or hand back what it has, say BYE and end. */
#define MESSAGE_DRAIN(FIELD) FIELD(1, reason, TEXT, ERROR_TEXT_SIZE_MAX, OPTIONAL)

#endif
