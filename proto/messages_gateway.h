#ifndef TROUPE_PROTO_MESSAGES_GATEWAY_H
#define TROUPE_PROTO_MESSAGES_GATEWAY_H

/* The part of the wire's table (messages.h, which includes it): what gateways and the broker say to
 * each other. */

/* ---- gateway -> broker ---- */

#define MESSAGE_GATEWAY_HELLO(FIELD)              \
    FIELD(1, instance, ID, 0, REQUIRED)           \
    FIELD(2, host, TEXT, HOST_SIZE_MAX, OPTIONAL) \
    FIELD(3, pid, U32, UINT32_MAX, OPTIONAL)      \
    FIELD(4, version, TEXT, VERSION_SIZE_MAX, OPTIONAL)

/* request is the gateway's own number, returned in the answer. resent: an earlier copy may have
 * arrived. key and key_hash (SHA-256 of method, path and body) are present together. Times are 0
 * for none. trace: the W3C traceparent of the request, for what is done on its behalf. group: only
 * of a job that follows a SUBMIT_GROUP; it has no key then. parent: an earlier job of the group
 * that makes what this one is made from, and must complete first. webhook_*: of the job's own
 * webhook; webhook_events is a bit set of event_kind. dedupe_key: while a job of this owner and
 * kind has it and lives, or was accepted less than its dedupe_ttl_ms ago, that is the answer. like:
 * the job that this one is a duplicate of; user, role and audit then say who asked, as in
 * CHANGE_JOB. request_id: of the HTTP request, for the logs of all who have to do with the job. */
#define MESSAGE_SUBMIT(FIELD)                                           \
    FIELD(1, request, U64, INT64_MAX, REQUIRED)                         \
    FIELD(2, job, ID, 0, REQUIRED)                                      \
    FIELD(3, kind, U8, JOB_KIND_COUNT - 1, REQUIRED)                    \
    FIELD(4, owner, TEXT, OWNER_SIZE_MAX, REQUIRED)                     \
    FIELD(5, character, ID, 0, REQUIRED)                                \
    FIELD(6, media, ID, 0, REQUIRED)                                    \
    FIELD(7, source, ID, 0, OPTIONAL)                                   \
    FIELD(8, display_id, TEXT, 8, OPTIONAL)                             \
    FIELD(9, payload, BYTES, PAYLOAD_SIZE_MAX, REQUIRED)                \
    FIELD(10, key, TEXT, KEY_SIZE_MAX, OPTIONAL)                        \
    FIELD(11, key_hash, BYTES, HASH_SIZE, OPTIONAL)                     \
    FIELD(12, priority, U8, 255, OPTIONAL)                              \
    FIELD(13, resent, FLAG, 0, OPTIONAL)                                \
    FIELD(14, run_at, TIME, 0, OPTIONAL)                                \
    FIELD(15, start_by, TIME, 0, OPTIONAL)                              \
    FIELD(16, deadline, TIME, 0, OPTIONAL)                              \
    FIELD(17, dedupe_key, TEXT, KEY_SIZE_MAX, OPTIONAL)                 \
    FIELD(18, dedupe_ttl_ms, U64, DEDUPE_TTL_MAX_MS, OPTIONAL)          \
    FIELD(19, labels, BYTES, LABELS_SIZE_MAX, OPTIONAL)                 \
    FIELD(20, trace, TEXT, TRACEPARENT_SIZE, OPTIONAL)                  \
    FIELD(21, group, ID, 0, OPTIONAL)                                   \
    FIELD(22, parent, ID, 0, OPTIONAL)                                  \
    FIELD(23, webhook_url, TEXT, WEBHOOK_URL_SIZE_MAX, OPTIONAL)        \
    FIELD(24, webhook_secret, BYTES, WEBHOOK_SECRET_SIZE_MAX, OPTIONAL) \
    FIELD(25, webhook_events, U32, WEBHOOK_EVENTS, OPTIONAL)            \
    FIELD(26, like, ID, 0, OPTIONAL)                                    \
    FIELD(27, user, TEXT, OWNER_SIZE_MAX, OPTIONAL)                     \
    FIELD(28, role, TEXT, ROLE_SIZE_MAX, OPTIONAL)                      \
    FIELD(29, audit, TEXT, ACTION_SIZE_MAX, OPTIONAL)                   \
    FIELD(30, request_id, TEXT, REQUEST_ID_MAX, OPTIONAL)

/* admin: the requester may act on every owner's jobs. role, action, request_id: as in SET_QUEUE. */
#define MESSAGE_CANCEL_JOB(FIELD)                     \
    FIELD(1, request, U64, INT64_MAX, REQUIRED)       \
    FIELD(2, job, ID, 0, REQUIRED)                    \
    FIELD(3, owner, TEXT, OWNER_SIZE_MAX, REQUIRED)   \
    FIELD(4, admin, FLAG, 0, OPTIONAL)                \
    FIELD(5, role, TEXT, ROLE_SIZE_MAX, OPTIONAL)     \
    FIELD(6, action, TEXT, ACTION_SIZE_MAX, OPTIONAL) \
    FIELD(7, request_id, TEXT, REQUEST_ID_MAX, OPTIONAL)

/* Makes a failed or cancelled job wait again, its history kept. retries: how often that had been
 * done when this was asked; a resent request that finds more of them is answered as done. endpoint:
 * the job is a delivery in the log of this one; it may have been taken, one that is under way is
 * answered as done, and retries are not compared, because it may be sent twice anyhow. role,
 * action, request_id: as in SET_QUEUE. */
#define MESSAGE_RETRY_JOB(FIELD)                       \
    FIELD(1, request, U64, INT64_MAX, REQUIRED)        \
    FIELD(2, job, ID, 0, REQUIRED)                     \
    FIELD(3, owner, TEXT, OWNER_SIZE_MAX, REQUIRED)    \
    FIELD(4, retries, U8, RETRIES_MAX, REQUIRED)       \
    FIELD(5, admin, FLAG, 0, OPTIONAL)                 \
    FIELD(6, resent, FLAG, 0, OPTIONAL)                \
    FIELD(7, endpoint, ID, 0, OPTIONAL)                \
    FIELD(8, reporter, ID, 0, OPTIONAL)                \
    FIELD(9, key, TEXT, KEY_SIZE_MAX, OPTIONAL)        \
    FIELD(10, key_hash, BYTES, HASH_SIZE, OPTIONAL)    \
    FIELD(11, role, TEXT, ROLE_SIZE_MAX, OPTIONAL)     \
    FIELD(12, action, TEXT, ACTION_SIZE_MAX, OPTIONAL) \
    FIELD(13, request_id, TEXT, REQUEST_ID_MAX, OPTIONAL)

/* Answered by one JOB_STATE. */
#define MESSAGE_GET_JOB(FIELD)                  \
    FIELD(1, request, U64, INT64_MAX, REQUIRED) \
    FIELD(2, job, ID, 0, REQUIRED)

/* Newest first. kinds is a bit set of job_kind; states a bit set of job_state, 0 for all. cursor
 * continues after an earlier page's next; otherwise skip. Answered by LIST_PAGE and its JOB_STATEs
 * in one frame. */
#define MESSAGE_LIST_JOBS(FIELD)                    \
    FIELD(1, request, U64, INT64_MAX, REQUIRED)     \
    FIELD(2, owner, TEXT, OWNER_SIZE_MAX, REQUIRED) \
    FIELD(3, kinds, U8, 7, REQUIRED)                \
    FIELD(4, states, U8, 63, OPTIONAL)              \
    FIELD(5, limit, U32, LIST_LIMIT_MAX, REQUIRED)  \
    FIELD(6, skip, U64, INT64_MAX, OPTIONAL)        \
    FIELD(7, cursor, BYTES, CURSOR_SIZE_MAX, OPTIONAL)

/* The events after a number: of one job, of all jobs of a group, or, with both all zero, of all
 * jobs of the owner. Answered by EVENT_PAGE and its EVENTs in one frame. */
#define MESSAGE_GET_EVENTS(FIELD)                    \
    FIELD(1, request, U64, INT64_MAX, REQUIRED)      \
    FIELD(2, job, ID, 0, OPTIONAL)                   \
    FIELD(3, owner, TEXT, OWNER_SIZE_MAX, REQUIRED)  \
    FIELD(4, after, U64, INT64_MAX, OPTIONAL)        \
    FIELD(5, limit, U32, EVENTS_LIMIT_MAX, REQUIRED) \
    FIELD(6, group, ID, 0, OPTIONAL)

/* Answered by DOCUMENT. A character, with character all zero, or a media entry of that one. */
#define MESSAGE_GET_DOCUMENT(FIELD)             \
    FIELD(1, request, U64, INT64_MAX, REQUIRED) \
    FIELD(2, id, ID, 0, REQUIRED)               \
    FIELD(3, character, ID, 0, OPTIONAL)

/* Newest first: the owner's characters, or, with character, its media entries, for its owner or an
 * admin. types is a bit set of document_type, 0 for all. cursor and skip as in LIST_JOBS. Answered
 * by DOCUMENT_PAGE and its DOCUMENTs in one frame. */
#define MESSAGE_LIST_DOCUMENTS(FIELD)                  \
    FIELD(1, request, U64, INT64_MAX, REQUIRED)        \
    FIELD(2, owner, TEXT, OWNER_SIZE_MAX, REQUIRED)    \
    FIELD(3, limit, U32, LIST_LIMIT_MAX, REQUIRED)     \
    FIELD(4, character, ID, 0, OPTIONAL)               \
    FIELD(5, types, U8, DOCUMENT_TYPES_ALL, OPTIONAL)  \
    FIELD(6, skip, U64, INT64_MAX, OPTIONAL)           \
    FIELD(7, cursor, BYTES, CURSOR_SIZE_MAX, OPTIONAL) \
    FIELD(8, admin, FLAG, 0, OPTIONAL)

/* What up to LIST_LIMIT_MAX jobs wait for: their ids, one after the other, in jobs. Answered at
 * once, from memory, by one POSITION for each, in one frame. */
#define MESSAGE_GET_POSITION(FIELD)             \
    FIELD(1, request, U64, INT64_MAX, REQUIRED) \
    FIELD(2, jobs, BYTES, POSITION_JOBS_SIZE_MAX, REQUIRED)

/* New jobs that are accepted together or not at all: count SUBMIT records follow in the same frame,
 * each with this group and owner. Answered by one REPLY whose job is the group. */
#define MESSAGE_SUBMIT_GROUP(FIELD)                    \
    FIELD(1, request, U64, INT64_MAX, REQUIRED)        \
    FIELD(2, group, ID, 0, REQUIRED)                   \
    FIELD(3, owner, TEXT, OWNER_SIZE_MAX, REQUIRED)    \
    FIELD(4, kind, U8, GROUP_KIND_COUNT - 1, REQUIRED) \
    FIELD(5, count, U32, GROUP_JOBS_MAX, REQUIRED)     \
    FIELD(6, key, TEXT, KEY_SIZE_MAX, OPTIONAL)        \
    FIELD(7, key_hash, BYTES, HASH_SIZE, OPTIONAL)     \
    FIELD(8, resent, FLAG, 0, OPTIONAL)

/* Cancels all jobs of a group that live. Answered by one REPLY whose job is the group. */
#define MESSAGE_CANCEL_GROUP(FIELD)                   \
    FIELD(1, request, U64, INT64_MAX, REQUIRED)       \
    FIELD(2, group, ID, 0, REQUIRED)                  \
    FIELD(3, owner, TEXT, OWNER_SIZE_MAX, REQUIRED)   \
    FIELD(4, admin, FLAG, 0, OPTIONAL)                \
    FIELD(5, role, TEXT, ROLE_SIZE_MAX, OPTIONAL)     \
    FIELD(6, action, TEXT, ACTION_SIZE_MAX, OPTIONAL) \
    FIELD(7, request_id, TEXT, REQUEST_ID_MAX, OPTIONAL)

/* Answered by GROUP_STATE and up to limit of its jobs, in their order, after the first skip. */
#define MESSAGE_GET_GROUP(FIELD)                  \
    FIELD(1, request, U64, INT64_MAX, REQUIRED)   \
    FIELD(2, group, ID, 0, REQUIRED)              \
    FIELD(3, skip, U32, GROUP_JOBS_MAX, OPTIONAL) \
    FIELD(4, limit, U32, LIST_LIMIT_MAX, OPTIONAL)

/* Removes a character (character all zero) with its media entries, or a media entry of a character,
 * and fails the live jobs that are made from it. admin as in CANCEL_JOB. role, action, request_id:
 * as in SET_QUEUE, but what is owner's own, or not there, has no line: the broker alone knows whose
 * it is. Answered by REPLY; its url is the entry's asset. */
#define MESSAGE_DELETE_DOCUMENT(FIELD)                \
    FIELD(1, request, U64, INT64_MAX, REQUIRED)       \
    FIELD(2, id, ID, 0, REQUIRED)                     \
    FIELD(3, owner, TEXT, OWNER_SIZE_MAX, REQUIRED)   \
    FIELD(4, character, ID, 0, OPTIONAL)              \
    FIELD(5, admin, FLAG, 0, OPTIONAL)                \
    FIELD(6, role, TEXT, ROLE_SIZE_MAX, OPTIONAL)     \
    FIELD(7, action, TEXT, ACTION_SIZE_MAX, OPTIONAL) \
    FIELD(8, request_id, TEXT, REQUEST_ID_MAX, OPTIONAL)

/* The deleted documents whose assets may still be there, in the order of their ids after one.
 * Answered by REMOVAL_PAGE and its REMOVALs in one frame. */
#define MESSAGE_LIST_REMOVALS(FIELD)               \
    FIELD(1, request, U64, INT64_MAX, REQUIRED)    \
    FIELD(2, limit, U32, LIST_LIMIT_MAX, REQUIRED) \
    FIELD(3, after, ID, 0, OPTIONAL)

/* The assets of these deleted documents are gone: up to LIST_LIMIT_MAX ids, one after the other.
 * Answered by REPLY. */
#define MESSAGE_REMOVED(FIELD)                  \
    FIELD(1, request, U64, INT64_MAX, REQUIRED) \
    FIELD(2, ids, BYTES, REMOVED_SIZE_MAX, REQUIRED)

/* Which assets of a character are used, for a gateway that looks for those that nobody uses. With a
 * limit of 0 only what is said of all of them: so ask first, and for the names when that is
 * answered, because what ends in between is in the names then. cursor as in LIST_JOBS. Without a
 * character: whether to look at all, which is OK unless somebody was told so within every_ms.
 * Answered by ASSET_NAMES. */
#define MESSAGE_GET_ASSETS(FIELD)                      \
    FIELD(1, request, U64, INT64_MAX, REQUIRED)        \
    FIELD(2, character, ID, 0, OPTIONAL)               \
    FIELD(3, limit, U32, ASSETS_LIMIT_MAX, OPTIONAL)   \
    FIELD(4, cursor, BYTES, CURSOR_SIZE_MAX, OPTIONAL) \
    FIELD(5, every_ms, U64, INT64_MAX, OPTIONAL)

/* ---- broker -> gateway ---- */

#define MESSAGE_GATEWAY_WELCOME(FIELD)             \
    FIELD(1, session, U64, INT64_MAX, REQUIRED)    \
    FIELD(2, batch, U64, INT64_MAX, OPTIONAL)      \
    FIELD(3, event_last, U64, INT64_MAX, OPTIONAL) \
    FIELD(4, version, TEXT, VERSION_SIZE_MAX, OPTIONAL)

/* Answers SUBMIT, CANCEL_JOB, RETRY_JOB, their like for groups, PUT_ENDPOINT and DELETE_ENDPOINT.
 * job is the accepted job or group, or the first one of an idempotency key (replayed), or the one
 * that has the dedupe key (deduplicated), or the endpoint. item: which job of a group is refused,
 * from 1. budget_until: the owner's day ends then; with code OVER_BUDGET, or OK when the owner has
 * come above the warning (budget_soft; both 0 for none): what is spent and reserved on it, and what
 * the refused jobs or the accepted ones were estimated to cost, in micro-dollars. */
#define MESSAGE_REPLY(FIELD)                           \
    FIELD(1, request, U64, INT64_MAX, REQUIRED)        \
    FIELD(2, code, U8, REPLY_CODE_COUNT - 1, REQUIRED) \
    FIELD(3, job, ID, 0, OPTIONAL)                     \
    FIELD(4, replayed, FLAG, 0, OPTIONAL)              \
    FIELD(5, version, U32, UINT32_MAX, OPTIONAL)       \
    FIELD(6, state, U8, JOB_STATE_COUNT - 1, OPTIONAL) \
    FIELD(7, cancel_requested, FLAG, 0, OPTIONAL)      \
    FIELD(8, item, U32, GROUP_JOBS_MAX, OPTIONAL)      \
    FIELD(9, url, TEXT, URL_SIZE_MAX, OPTIONAL)        \
    FIELD(10, deduplicated, FLAG, 0, OPTIONAL)         \
    FIELD(11, spent, U64, INT64_MAX, OPTIONAL)         \
    FIELD(12, reserved, U64, INT64_MAX, OPTIONAL)      \
    FIELD(13, estimate, U64, INT64_MAX, OPTIONAL)      \
    FIELD(14, budget, U64, INT64_MAX, OPTIONAL)        \
    FIELD(15, budget_soft, U64, INT64_MAX, OPTIONAL)   \
    FIELD(16, budget_until, TIME, 0, OPTIONAL)

/* A whole job as clients may see it. version is its event count. error_* is the last failure; url
 * the result's asset. expires_at: of an ended job, until when it is kept. spent: what it has cost,
 * in micro-dollars; uncertain: of that, what may not have been charged; estimate: of what this life
 * of it costs. With code EXPIRED only job, owner, kind and state are there. */
#define MESSAGE_JOB_STATE(FIELD)                                  \
    FIELD(1, request, U64, INT64_MAX, OPTIONAL)                   \
    FIELD(2, code, U8, REPLY_CODE_COUNT - 1, OPTIONAL)            \
    FIELD(3, job, ID, 0, REQUIRED)                                \
    FIELD(4, version, U32, UINT32_MAX, OPTIONAL)                  \
    FIELD(5, owner, TEXT, OWNER_SIZE_MAX, OPTIONAL)               \
    FIELD(6, kind, U8, JOB_KIND_COUNT - 1, OPTIONAL)              \
    FIELD(7, state, U8, JOB_STATE_COUNT - 1, OPTIONAL)            \
    FIELD(8, progress, U8, 100, OPTIONAL)                         \
    FIELD(9, step, TEXT, STEP_SIZE_MAX, OPTIONAL)                 \
    FIELD(10, attempt, U32, UINT32_MAX, OPTIONAL)                 \
    FIELD(11, attempts_made, U32, UINT32_MAX, OPTIONAL)           \
    FIELD(12, cancel_requested, FLAG, 0, OPTIONAL)                \
    FIELD(13, worker, ID, 0, OPTIONAL)                            \
    FIELD(14, character, ID, 0, OPTIONAL)                         \
    FIELD(15, media, ID, 0, OPTIONAL)                             \
    FIELD(16, created_at, TIME, 0, OPTIONAL)                      \
    FIELD(17, started_at, TIME, 0, OPTIONAL)                      \
    FIELD(18, completed_at, TIME, 0, OPTIONAL)                    \
    FIELD(19, next_attempt_at, TIME, 0, OPTIONAL)                 \
    FIELD(20, error_code, TEXT, ERROR_CODE_SIZE_MAX, OPTIONAL)    \
    FIELD(21, error_message, TEXT, ERROR_TEXT_SIZE_MAX, OPTIONAL) \
    FIELD(22, url, TEXT, URL_SIZE_MAX, OPTIONAL)                  \
    FIELD(23, character_name, TEXT, NAME_SIZE_MAX, OPTIONAL)      \
    FIELD(24, display_id, TEXT, 8, OPTIONAL)                      \
    FIELD(25, priority, U8, 255, OPTIONAL)                        \
    FIELD(26, labels, BYTES, LABELS_SIZE_MAX, OPTIONAL)           \
    FIELD(27, run_at, TIME, 0, OPTIONAL)                          \
    FIELD(28, start_by, TIME, 0, OPTIONAL)                        \
    FIELD(29, deadline, TIME, 0, OPTIONAL)                        \
    FIELD(30, group, ID, 0, OPTIONAL)                             \
    FIELD(31, retries, U8, RETRIES_MAX, OPTIONAL)                 \
    FIELD(32, expires_at, TIME, 0, OPTIONAL)                      \
    FIELD(33, parent, ID, 0, OPTIONAL)                            \
    FIELD(34, spent, U64, INT64_MAX, OPTIONAL)                    \
    FIELD(35, uncertain, U64, INT64_MAX, OPTIONAL)                \
    FIELD(36, estimate, U32, UINT32_MAX, OPTIONAL)

/* count JOB_STATE records follow in the same frame. next is empty on the last page. */
#define MESSAGE_LIST_PAGE(FIELD)                       \
    FIELD(1, request, U64, INT64_MAX, REQUIRED)        \
    FIELD(2, code, U8, REPLY_CODE_COUNT - 1, OPTIONAL) \
    FIELD(3, total, U64, INT64_MAX, OPTIONAL)          \
    FIELD(4, count, U32, LIST_LIMIT_MAX, OPTIONAL)     \
    FIELD(5, next, BYTES, CURSOR_SIZE_MAX, OPTIONAL)

/* count EVENT records follow in the same frame, in the order of their numbers. more: there are
 * others after them. reset: the cursor is older than what is kept. ended: the job is in a terminal
 * state. through: everything up to this event number has been looked at. */
#define MESSAGE_EVENT_PAGE(FIELD)                      \
    FIELD(1, request, U64, INT64_MAX, REQUIRED)        \
    FIELD(2, code, U8, REPLY_CODE_COUNT - 1, OPTIONAL) \
    FIELD(3, count, U32, EVENTS_LIMIT_MAX, OPTIONAL)   \
    FIELD(4, more, FLAG, 0, OPTIONAL)                  \
    FIELD(5, reset, FLAG, 0, OPTIONAL)                 \
    FIELD(6, ended, FLAG, 0, OPTIONAL)                 \
    FIELD(7, through, U64, INT64_MAX, OPTIONAL)

#define MESSAGE_DOCUMENT(FIELD)                        \
    FIELD(1, request, U64, INT64_MAX, REQUIRED)        \
    FIELD(2, code, U8, REPLY_CODE_COUNT - 1, OPTIONAL) \
    FIELD(3, owner, TEXT, OWNER_SIZE_MAX, OPTIONAL)    \
    FIELD(4, document, BYTES, DOCUMENT_SIZE_MAX, OPTIONAL)

/* count DOCUMENT records follow in the same frame: fewer than the limit when they are large. next
 * is empty on the last page. */
#define MESSAGE_DOCUMENT_PAGE(FIELD)                   \
    FIELD(1, request, U64, INT64_MAX, REQUIRED)        \
    FIELD(2, code, U8, REPLY_CODE_COUNT - 1, OPTIONAL) \
    FIELD(3, total, U64, INT64_MAX, OPTIONAL)          \
    FIELD(4, count, U32, LIST_LIMIT_MAX, OPTIONAL)     \
    FIELD(5, next, BYTES, CURSOR_SIZE_MAX, OPTIONAL)

/* What a job waits for and where it stands, as of now: true for a moment, in no event. count
 * POSITIONs for the other jobs of the request follow in the same frame. queue_position: from 1, how
 * many of the jobs that wait now start up to this one, at most; 0 while it has no place in the
 * order. eta_seconds: until it is expected to start, from 1; 0 when nobody can tell. */
#define MESSAGE_POSITION(FIELD)                                \
    FIELD(1, request, U64, INT64_MAX, REQUIRED)                \
    FIELD(2, count, U32, LIST_LIMIT_MAX, OPTIONAL)             \
    FIELD(3, job, ID, 0, REQUIRED)                             \
    FIELD(4, wait_reason, U8, WAIT_REASON_COUNT - 1, OPTIONAL) \
    FIELD(5, queue_position, U32, UINT32_MAX, OPTIONAL)        \
    FIELD(6, eta_seconds, U32, UINT32_MAX, OPTIONAL)

/* A group as a whole, and count JOB_STATE records in the same frame. version is the number of
 * events of all its jobs; progress the mean of theirs. completed_at is set when all have ended. */
#define MESSAGE_GROUP_STATE(FIELD)                      \
    FIELD(1, request, U64, INT64_MAX, REQUIRED)         \
    FIELD(2, code, U8, REPLY_CODE_COUNT - 1, OPTIONAL)  \
    FIELD(3, group, ID, 0, REQUIRED)                    \
    FIELD(4, version, U64, INT64_MAX, OPTIONAL)         \
    FIELD(5, owner, TEXT, OWNER_SIZE_MAX, OPTIONAL)     \
    FIELD(6, kind, U8, GROUP_KIND_COUNT - 1, OPTIONAL)  \
    FIELD(7, created_at, TIME, 0, OPTIONAL)             \
    FIELD(8, completed_at, TIME, 0, OPTIONAL)           \
    FIELD(9, progress, U8, 100, OPTIONAL)               \
    FIELD(10, total, U32, GROUP_JOBS_MAX, OPTIONAL)     \
    FIELD(11, pending, U32, GROUP_JOBS_MAX, OPTIONAL)   \
    FIELD(12, waiting, U32, GROUP_JOBS_MAX, OPTIONAL)   \
    FIELD(13, active, U32, GROUP_JOBS_MAX, OPTIONAL)    \
    FIELD(14, completed, U32, GROUP_JOBS_MAX, OPTIONAL) \
    FIELD(15, failed, U32, GROUP_JOBS_MAX, OPTIONAL)    \
    FIELD(16, cancelled, U32, GROUP_JOBS_MAX, OPTIONAL) \
    FIELD(17, started, FLAG, 0, OPTIONAL)               \
    FIELD(18, count, U32, LIST_LIMIT_MAX, OPTIONAL)

/* count REMOVAL records follow in the same frame: fewer than the limit at the end. */
#define MESSAGE_REMOVAL_PAGE(FIELD)                    \
    FIELD(1, request, U64, INT64_MAX, REQUIRED)        \
    FIELD(2, code, U8, REPLY_CODE_COUNT - 1, OPTIONAL) \
    FIELD(3, count, U32, LIST_LIMIT_MAX, OPTIONAL)

/* A deleted document and when it was deleted. character: whose asset url was; without a url all
 * assets of the character are to be removed. */
#define MESSAGE_REMOVAL(FIELD)           \
    FIELD(1, id, ID, 0, REQUIRED)        \
    FIELD(2, character, ID, 0, REQUIRED) \
    FIELD(3, at, TIME, 0, REQUIRED)      \
    FIELD(4, url, TEXT, URL_SIZE_MAX, OPTIONAL)

/* known: there is such a character. gone: there is none, and the store knows why: it was deleted,
 * or the job that was to make it has ended. Neither: nobody can tell. live_since: when the oldest
 * of the live jobs that may make assets of it was made; 0: there is none. gaps: times of which the
 * store knows nothing, the newest first: begin and end of each, 8 bytes each, big endian, in
 * milliseconds since 1970. names: what stands behind the last slash of each asset's url, each with
 * a newline. next is empty on the last page. */
#define MESSAGE_ASSET_NAMES(FIELD)                         \
    FIELD(1, request, U64, INT64_MAX, REQUIRED)            \
    FIELD(2, code, U8, REPLY_CODE_COUNT - 1, OPTIONAL)     \
    FIELD(3, known, FLAG, 0, OPTIONAL)                     \
    FIELD(4, gone, FLAG, 0, OPTIONAL)                      \
    FIELD(5, live_since, TIME, 0, OPTIONAL)                \
    FIELD(6, gaps, BYTES, GAPS_SIZE_MAX, OPTIONAL)         \
    FIELD(7, names, BYTES, ASSET_NAMES_SIZE_MAX, OPTIONAL) \
    FIELD(8, next, BYTES, CURSOR_SIZE_MAX, OPTIONAL)

/* Published to every gateway: count EVENT records follow in the same frame. batch grows by one with
 * each frame that has events; the last number is repeated every 250 ms with count 0. */
#define MESSAGE_EVENTS(FIELD)                         \
    FIELD(1, batch, U64, INT64_MAX, REQUIRED)         \
    FIELD(2, count, U32, FRAME_RECORDS_MAX, OPTIONAL) \
    FIELD(3, event_last, U64, INT64_MAX, OPTIONAL)

/* A change of a job, with everything that may have changed: a gateway's cache is kept up to date by
 * it. event is the shard's number of it; version the job's (its own count of events, from 1).
 * group_left: how many jobs of its group live after it. priority: set anew. removed: it is kept no
 * longer since now; this is not stored, and is no event of its streams. price: of
 * the operation that a PROVIDER event tells of, in micro-dollars. provider, purpose, took_ms and
 * price of another one are PROGRESS's, and FAIL's; spent, uncertain, estimate: as
 * in JOB_STATE.
 * Stored in this form too. */
#define MESSAGE_EVENT(FIELD)                                            \
    FIELD(1, event, U64, INT64_MAX, REQUIRED)                           \
    FIELD(2, job, ID, 0, REQUIRED)                                      \
    FIELD(3, version, U32, UINT32_MAX, REQUIRED)                        \
    FIELD(4, kind, U8, EVENT_KIND_COUNT - 1, REQUIRED)                  \
    FIELD(5, at, TIME, 0, REQUIRED)                                     \
    FIELD(6, owner, TEXT, OWNER_SIZE_MAX, OPTIONAL)                     \
    FIELD(7, job_kind, U8, JOB_KIND_COUNT - 1, OPTIONAL)                \
    FIELD(8, state, U8, JOB_STATE_COUNT - 1, OPTIONAL)                  \
    FIELD(9, progress, U8, 100, OPTIONAL)                               \
    FIELD(10, step, TEXT, STEP_SIZE_MAX, OPTIONAL)                      \
    FIELD(11, attempt, U32, UINT32_MAX, OPTIONAL)                       \
    FIELD(12, attempts_made, U32, UINT32_MAX, OPTIONAL)                 \
    FIELD(13, cancel_requested, FLAG, 0, OPTIONAL)                      \
    FIELD(14, worker, ID, 0, OPTIONAL)                                  \
    FIELD(15, started_at, TIME, 0, OPTIONAL)                            \
    FIELD(16, completed_at, TIME, 0, OPTIONAL)                          \
    FIELD(17, next_attempt_at, TIME, 0, OPTIONAL)                       \
    FIELD(18, error_code, TEXT, ERROR_CODE_SIZE_MAX, OPTIONAL)          \
    FIELD(19, error_message, TEXT, ERROR_TEXT_SIZE_MAX, OPTIONAL)       \
    FIELD(20, url, TEXT, URL_SIZE_MAX, OPTIONAL)                        \
    FIELD(21, provider, TEXT, PROVIDER_SIZE_MAX, OPTIONAL)              \
    FIELD(22, task, TEXT, TASK_SIZE_MAX, OPTIONAL)                      \
    FIELD(23, operation_state, U8, OPERATION_STATE_COUNT - 1, OPTIONAL) \
    FIELD(24, group, ID, 0, OPTIONAL)                                   \
    FIELD(28, group_left, U32, GROUP_JOBS_MAX, OPTIONAL)                \
    FIELD(29, retries, U8, RETRIES_MAX, OPTIONAL)                       \
    FIELD(30, expires_at, TIME, 0, OPTIONAL)                            \
    FIELD(31, deadline, TIME, 0, OPTIONAL)                              \
    FIELD(33, repeats, FLAG, 0, OPTIONAL)                               \
    FIELD(34, charged, U8, CHARGE_COUNT - 1, OPTIONAL)                  \
    FIELD(35, price, U32, PRICE_MAX, OPTIONAL)                          \
    FIELD(36, spent, U64, INT64_MAX, OPTIONAL)                          \
    FIELD(37, priority, U8, 255, OPTIONAL)                              \
    FIELD(38, removed, FLAG, 0, OPTIONAL)                               \
    FIELD(39, uncertain, U64, INT64_MAX, OPTIONAL)                      \
    FIELD(40, estimate, U32, UINT32_MAX, OPTIONAL)                      \
    FIELD(41, purpose, U8, CALL_PURPOSE_COUNT - 1, OPTIONAL)            \
    FIELD(42, took_ms, U32, UINT32_MAX, OPTIONAL)

/* Asks what happened in a queue, or in all of them (all). range: 0 an hour, 1 a day, 2 thirty
 * days. */
#define MESSAGE_GET_HISTORY(FIELD)                   \
    FIELD(1, request, U64, INT64_MAX, REQUIRED)      \
    FIELD(2, range, U8, 2, REQUIRED)                 \
    FIELD(3, kind, U8, JOB_KIND_COUNT - 1, OPTIONAL) \
    FIELD(4, all, FLAG, 0, OPTIONAL)

/* count HISTORY_POINT records follow in the same frame, the oldest first, step_ms apart. */
#define MESSAGE_HISTORY(FIELD)                         \
    FIELD(1, request, U64, INT64_MAX, REQUIRED)        \
    FIELD(2, code, U8, REPLY_CODE_COUNT - 1, OPTIONAL) \
    FIELD(3, step_ms, U64, INT64_MAX, OPTIONAL)        \
    FIELD(4, count, U32, HISTORY_LIMIT_MAX, OPTIONAL)

/* What happened in a step that began at `at`: attempts that were started, jobs that ended. waits,
 * runs: how many were timed; the others are percentiles in milliseconds, within the bounds of a
 * histogram. */
#define MESSAGE_HISTORY_POINT(FIELD)              \
    FIELD(1, at, TIME, 0, REQUIRED)               \
    FIELD(2, started, U64, INT64_MAX, OPTIONAL)   \
    FIELD(3, completed, U64, INT64_MAX, OPTIONAL) \
    FIELD(4, failed, U64, INT64_MAX, OPTIONAL)    \
    FIELD(5, cancelled, U64, INT64_MAX, OPTIONAL) \
    FIELD(6, waits, U64, INT64_MAX, OPTIONAL)     \
    FIELD(7, wait_p50, U64, INT64_MAX, OPTIONAL)  \
    FIELD(8, wait_p95, U64, INT64_MAX, OPTIONAL)  \
    FIELD(9, runs, U64, INT64_MAX, OPTIONAL)      \
    FIELD(10, run_p50, U64, INT64_MAX, OPTIONAL)  \
    FIELD(11, run_p95, U64, INT64_MAX, OPTIONAL)  \
    FIELD(12, wait_p99, U64, INT64_MAX, OPTIONAL) \
    FIELD(13, run_p99, U64, INT64_MAX, OPTIONAL)

#endif
