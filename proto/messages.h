#ifndef TROUPE_PROTO_MESSAGES_H
#define TROUPE_PROTO_MESSAGES_H

/*
 * The wire, told once: every message with its fields, their types and limits. The structs below,
 * the encoder, the validating decoder (proto/codec.h) and all names come from this table;
 * proto/PROTOCOL.md explains it and is checked against it. To add a field, give it the next free
 * number and make it OPTIONAL: older peers ignore it. Numbers are never used again. Stored events
 * and operations use the same encoding.
 *
 * MESSAGE(number, name, NAME) names a message. FIELD(number, name, TYPE, limit, NEED) one of its
 * fields: limit is the greatest value of a number, the greatest size in bytes of TEXT and BYTES,
 * and unused otherwise. A missing OPTIONAL field decodes as zero, false or empty; one of that value
 * is not sent.
 */

#include <stdbool.h>
#include <stdint.h>
#include "base/id.h"
#include "base/slice.h"
#include "proto/codes.h"
#include "proto/messages_webhook.h"

enum {
    PROTOCOL_VERSION = 1,
    FRAME_SIZE_MAX = 2 << 20,      /* bytes of one ZeroMQ message, refused above (ZMQ_MAXMSGSIZE) */
    FRAME_SIZE_TARGET = 512 << 10, /* bytes: a sender starts another frame above this */
    FRAME_RECORDS_MAX = 8192,      /* records in one frame */
    FIELDS_MAX = 40,               /* fields in one record, unknown ones included */
    FIELD_DEPTH_MAX = 4,           /* nesting of an unknown field's value that is skipped */
    OWNER_SIZE_MAX = 255,          /* bytes of an owner (a token's sub) */
    PAYLOAD_SIZE_MAX = 64 << 10,   /* bytes of a job's input, JSON */
    DOCUMENT_SIZE_MAX = 128 << 10, /* bytes of a character or media document, JSON */
    STEP_SIZE_MAX = 31,            /* bytes of a step's name */
    KEY_SIZE_MAX = 255,            /* bytes of an Idempotency-Key */
    HASH_SIZE = 32,                /* bytes of a SHA-256 */
    TRACEPARENT_SIZE = 55,         /* bytes of a W3C traceparent of version 00 */
    URL_SIZE_MAX = 512,            /* bytes of an asset's path */
    ERROR_CODE_SIZE_MAX = 63,      /* bytes of an error's code */
    ERROR_TEXT_SIZE_MAX = 512,     /* bytes of an error's message */
    NAME_SIZE_MAX = 800,           /* bytes of a character's name: 200 characters of UTF-8 */
    HOST_SIZE_MAX = 255,
    VERSION_SIZE_MAX = 31,
    PROVIDER_SIZE_MAX = 63,    /* bytes of a provider's name in the configuration */
    TASK_SIZE_MAX = 255,       /* bytes of a provider's task id */
    OPERATIONS_MAX = 16,       /* recorded operations of one job */
    GROUP_JOBS_MAX = 1000,     /* jobs of one group: the API's contract */
    RETRIES_MAX = 100,         /* explicit retries of one job: they bound its history */
    DEPENDANTS_MAX = 20,       /* of them that wait for another: ten pictures, ten videos */
    LABELS_SIZE_MAX = 12800,   /* bytes of a job's tags and metadata, JSON: a page of jobs that have
                                so much fits in a frame */
    RUN_AT_MAX_MS = 604800000, /* how far ahead a start may be set: a week; live jobs cost memory */
    DEADLINE_MAX_MS = 604800000,   /* that a request may set, from its start: a week */
    DEDUPE_TTL_MAX_MS = 604800000, /* that a job keeps its dedupe key at least: a week */
    CURSOR_SIZE_MAX = 64,
    LIST_LIMIT_MAX = 100,
    REMOVED_SIZE_MAX = LIST_LIMIT_MAX * ID_SIZE,       /* bytes of ids in one REMOVED */
    POSITION_JOBS_SIZE_MAX = LIST_LIMIT_MAX * ID_SIZE, /* bytes of the ids in GET_POSITION */
    EVENTS_LIMIT_MAX = 512,
    WEBHOOK_URL_SIZE_MAX = 2048,  /* bytes of a receiver's address */
    WEBHOOK_SECRET_SIZE_MIN = 24, /* bytes of a secret that signs deliveries (Standard Webhooks) */
    WEBHOOK_SECRET_SIZE_MAX = 64,
    WEBHOOK_TEXT_SIZE_MAX = 256, /* bytes of an endpoint's description */
    ENDPOINTS_USER_MAX = 10,     /* webhook endpoints of one owner */
    /* Events that can be delivered, a bit set of event_kind: a progress report a second is for a
     * stream, and who submits a job knows that it is queued. */
    WEBHOOK_EVENTS =
        ((1 << EVENT_KIND_COUNT) - 1) & ~(1 << EVENT_KIND_PROGRESS) & ~(1 << EVENT_KIND_QUEUED),
    WEBHOOK_EVENT_COUNT = EVENT_KIND_COUNT - 2, /* of those */
    WEBHOOK_EVENTS_USUAL =
        1 << EVENT_KIND_COMPLETED | 1 << EVENT_KIND_FAILED | 1 << EVENT_KIND_CANCELLED,
};

/* The end of the year 9999. No sum of two times can overflow, and every time can be written as
 * text. */
#define TIME_MS_MAX INT64_C(253402300799999)

/* ---- actor -> broker ---- */

/* Opens a session, which the broker answers by WELCOME. hold_count HOLD records follow, for the
 * leases it still works on or whose result is not acknowledged; before the last of them no job is
 * handed out. credit counts from here: jobs allowed in this session. */
#define MESSAGE_HELLO(FIELD)                         \
    FIELD(1, kind, U8, JOB_KIND_COUNT - 1, REQUIRED) \
    FIELD(2, instance, ID, 0, REQUIRED)              \
    FIELD(3, slots, U32, 100000, REQUIRED)           \
    FIELD(4, hold_count, U32, 100000, REQUIRED)      \
    FIELD(5, credit, U64, INT64_MAX, REQUIRED)       \
    FIELD(6, host, TEXT, HOST_SIZE_MAX, OPTIONAL)    \
    FIELD(7, pid, U32, UINT32_MAX, OPTIONAL)         \
    FIELD(8, version, TEXT, VERSION_SIZE_MAX, OPTIONAL)

#define MESSAGE_HOLD(FIELD)        \
    FIELD(1, job, ID, 0, REQUIRED) \
    FIELD(2, lease, U32, UINT32_MAX, REQUIRED)

#define MESSAGE_HEARTBEAT(FIELD) FIELD(1, credit, U64, INT64_MAX, REQUIRED)

/* draft: what the next attempt needs in order not to do finished steps again; opaque to the broker.
 */
#define MESSAGE_PROGRESS(FIELD)                   \
    FIELD(1, job, ID, 0, REQUIRED)                \
    FIELD(2, lease, U32, UINT32_MAX, REQUIRED)    \
    FIELD(3, credit, U64, INT64_MAX, REQUIRED)    \
    FIELD(4, progress, U8, 100, REQUIRED)         \
    FIELD(5, step, TEXT, STEP_SIZE_MAX, REQUIRED) \
    FIELD(6, draft, BYTES, DOCUMENT_SIZE_MAX, OPTIONAL)

/* operation: 0..OPERATIONS_MAX-1, the job's own numbering; the broker answers OPERATION_ACK once it
 * is durable. repeats: it repeats one of unknown outcome, and may be paid for twice. */
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
    FIELD(12, repeats, FLAG, 0, OPTIONAL)

/* document: the character (character jobs) or the media entry (image and video jobs). media: a
 * character job's portrait entry. url: the result's asset; of a delivery the status that the
 * receiver answered with. */
#define MESSAGE_DONE(FIELD)                                \
    FIELD(1, job, ID, 0, REQUIRED)                         \
    FIELD(2, lease, U32, UINT32_MAX, REQUIRED)             \
    FIELD(3, credit, U64, INT64_MAX, REQUIRED)             \
    FIELD(4, url, TEXT, URL_SIZE_MAX, OPTIONAL)            \
    FIELD(5, document, BYTES, DOCUMENT_SIZE_MAX, REQUIRED) \
    FIELD(6, media, BYTES, DOCUMENT_SIZE_MAX, OPTIONAL)

#define MESSAGE_FAIL(FIELD)                                \
    FIELD(1, job, ID, 0, REQUIRED)                         \
    FIELD(2, lease, U32, UINT32_MAX, REQUIRED)             \
    FIELD(3, credit, U64, INT64_MAX, REQUIRED)             \
    FIELD(4, kind, U8, FAIL_KIND_COUNT - 1, REQUIRED)      \
    FIELD(5, code, TEXT, ERROR_CODE_SIZE_MAX, REQUIRED)    \
    FIELD(6, message, TEXT, ERROR_TEXT_SIZE_MAX, REQUIRED) \
    FIELD(7, retry_after_ms, U64, 86400000, OPTIONAL)

/* Hands one lease back at a graceful stop: not counted as an attempt. */
#define MESSAGE_RELEASE(FIELD)     \
    FIELD(1, job, ID, 0, REQUIRED) \
    FIELD(2, lease, U32, UINT32_MAX, REQUIRED)

/* Ends the session: leases not handed back by now are treated as handed back. */
#define MESSAGE_BYE(FIELD) FIELD(1, reason, TEXT, ERROR_TEXT_SIZE_MAX, OPTIONAL)

/* ---- broker -> actor ---- */

/* Every later record of the actor carries session in its frame's envelope. */
#define MESSAGE_WELCOME(FIELD)                    \
    FIELD(1, session, U64, INT64_MAX, REQUIRED)   \
    FIELD(2, lease_ms, U32, UINT32_MAX, REQUIRED) \
    FIELD(3, heartbeat_ms, U32, UINT32_MAX, REQUIRED)

/* operation_count RECORDED records follow in the same frame. character_document: of image and video
 * jobs; source_document: the media entry that a video is made from. webhook_*: of a delivery, whose
 * payload is the EVENT record that it reports; an empty address says that the endpoint was deleted
 * or disabled meanwhile, a secret_old signs along. trace: SUBMIT's. is_last: a counted failure of
 * this attempt ends the job. */
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
    FIELD(21, is_last, FLAG, 0, OPTIONAL)

#define MESSAGE_RECORDED(FIELD)                              \
    FIELD(1, job, ID, 0, REQUIRED)                           \
    FIELD(2, operation, U8, OPERATIONS_MAX - 1, REQUIRED)    \
    FIELD(3, state, U8, OPERATION_STATE_COUNT - 1, REQUIRED) \
    FIELD(4, provider, TEXT, PROVIDER_SIZE_MAX, REQUIRED)    \
    FIELD(5, task, TEXT, TASK_SIZE_MAX, OPTIONAL)            \
    FIELD(6, lease, U32, UINT32_MAX, REQUIRED)               \
    FIELD(7, at, TIME, 0, OPTIONAL)

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

/* Asks for a HEARTBEAT, and says that the broker lives. */
#define MESSAGE_PING(FIELD) FIELD(1, at, TIME, 0, OPTIONAL)

/* Asks the actor to take no more jobs, finish or hand back what it has, say BYE and end. */
#define MESSAGE_DRAIN(FIELD) FIELD(1, reason, TEXT, ERROR_TEXT_SIZE_MAX, OPTIONAL)

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
 * kind has it and lives, or was accepted less than its dedupe_ttl_ms ago, that is the answer. */
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
    FIELD(25, webhook_events, U32, WEBHOOK_EVENTS, OPTIONAL)

/* admin: the requester may act on every owner's jobs. */
#define MESSAGE_CANCEL_JOB(FIELD)                   \
    FIELD(1, request, U64, INT64_MAX, REQUIRED)     \
    FIELD(2, job, ID, 0, REQUIRED)                  \
    FIELD(3, owner, TEXT, OWNER_SIZE_MAX, REQUIRED) \
    FIELD(4, admin, FLAG, 0, OPTIONAL)

/* Makes a failed or cancelled job wait again, its history kept. retries: how often that had been
 * done when this was asked; a resent request that finds more of them is answered as done. endpoint:
 * the job is a delivery in the log of this one; it may have been taken, one that is under way is
 * answered as done, and retries are not compared, because it may be sent twice anyhow. */
#define MESSAGE_RETRY_JOB(FIELD)                    \
    FIELD(1, request, U64, INT64_MAX, REQUIRED)     \
    FIELD(2, job, ID, 0, REQUIRED)                  \
    FIELD(3, owner, TEXT, OWNER_SIZE_MAX, REQUIRED) \
    FIELD(4, retries, U8, RETRIES_MAX, REQUIRED)    \
    FIELD(5, admin, FLAG, 0, OPTIONAL)              \
    FIELD(6, resent, FLAG, 0, OPTIONAL)             \
    FIELD(7, endpoint, ID, 0, OPTIONAL)             \
    FIELD(8, reporter, ID, 0, OPTIONAL)             \
    FIELD(9, key, TEXT, KEY_SIZE_MAX, OPTIONAL)     \
    FIELD(10, key_hash, BYTES, HASH_SIZE, OPTIONAL)

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
#define MESSAGE_CANCEL_GROUP(FIELD)                 \
    FIELD(1, request, U64, INT64_MAX, REQUIRED)     \
    FIELD(2, group, ID, 0, REQUIRED)                \
    FIELD(3, owner, TEXT, OWNER_SIZE_MAX, REQUIRED) \
    FIELD(4, admin, FLAG, 0, OPTIONAL)

/* Answered by GROUP_STATE and up to limit of its jobs, in their order, after the first skip. */
#define MESSAGE_GET_GROUP(FIELD)                  \
    FIELD(1, request, U64, INT64_MAX, REQUIRED)   \
    FIELD(2, group, ID, 0, REQUIRED)              \
    FIELD(3, skip, U32, GROUP_JOBS_MAX, OPTIONAL) \
    FIELD(4, limit, U32, LIST_LIMIT_MAX, OPTIONAL)

/* Removes a character (character all zero) with its media entries, or a media entry of a character,
 * and fails the live jobs that are made from it. admin as in CANCEL_JOB. Answered by REPLY; its url
 * is the entry's asset. */
#define MESSAGE_DELETE_DOCUMENT(FIELD)              \
    FIELD(1, request, U64, INT64_MAX, REQUIRED)     \
    FIELD(2, id, ID, 0, REQUIRED)                   \
    FIELD(3, owner, TEXT, OWNER_SIZE_MAX, REQUIRED) \
    FIELD(4, character, ID, 0, OPTIONAL)            \
    FIELD(5, admin, FLAG, 0, OPTIONAL)

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

/* ---- broker -> gateway ---- */

#define MESSAGE_GATEWAY_WELCOME(FIELD)          \
    FIELD(1, session, U64, INT64_MAX, REQUIRED) \
    FIELD(2, batch, U64, INT64_MAX, OPTIONAL)   \
    FIELD(3, event_last, U64, INT64_MAX, OPTIONAL)

/* Answers SUBMIT, CANCEL_JOB, RETRY_JOB, their like for groups, PUT_ENDPOINT and DELETE_ENDPOINT.
 * job is the accepted job or group, or the first one of an idempotency key (replayed), or the one
 * that has the dedupe key (deduplicated), or the endpoint. item: which job of a group is refused,
 * from 1. */
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
    FIELD(10, deduplicated, FLAG, 0, OPTIONAL)

/* A whole job as clients may see it. version is its event count. error_* is the last failure; url
 * the result's asset. expires_at: of an ended job, until when it is kept. With code EXPIRED only
 * job, owner, kind and state are there. */
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
    FIELD(33, parent, ID, 0, OPTIONAL)

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

/* Published to every gateway: count EVENT records follow in the same frame. batch grows by one with
 * each frame that has events; the last number is repeated every 250 ms with count 0. */
#define MESSAGE_EVENTS(FIELD)                         \
    FIELD(1, batch, U64, INT64_MAX, REQUIRED)         \
    FIELD(2, count, U32, FRAME_RECORDS_MAX, OPTIONAL) \
    FIELD(3, event_last, U64, INT64_MAX, OPTIONAL)

/* A change of a job, with everything that may have changed: a gateway's cache is kept up to date by
 * it. event is the shard's number of it; version the job's (its own count of events, from 1).
 * group_left: how many jobs of its group live after it.
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
    FIELD(34, charged, U8, CHARGE_COUNT - 1, OPTIONAL)

/* ---- both ways ---- */

#define MESSAGE_ERROR(FIELD)                           \
    FIELD(1, code, U8, ERROR_CODE_COUNT - 1, REQUIRED) \
    FIELD(2, detail, TEXT, ERROR_TEXT_SIZE_MAX, OPTIONAL)

#define MESSAGE_TABLE(MESSAGE)                    \
    MESSAGE(1, hello, HELLO)                      \
    MESSAGE(2, hold, HOLD)                        \
    MESSAGE(3, heartbeat, HEARTBEAT)              \
    MESSAGE(4, progress, PROGRESS)                \
    MESSAGE(5, operation, OPERATION)              \
    MESSAGE(6, done, DONE)                        \
    MESSAGE(7, fail, FAIL)                        \
    MESSAGE(8, release, RELEASE)                  \
    MESSAGE(9, bye, BYE)                          \
    MESSAGE(20, welcome, WELCOME)                 \
    MESSAGE(21, job, JOB)                         \
    MESSAGE(22, recorded, RECORDED)               \
    MESSAGE(23, cancel, CANCEL)                   \
    MESSAGE(24, ack, ACK)                         \
    MESSAGE(25, operation_ack, OPERATION_ACK)     \
    MESSAGE(26, ping, PING)                       \
    MESSAGE(27, drain, DRAIN)                     \
    MESSAGE(40, gateway_hello, GATEWAY_HELLO)     \
    MESSAGE(41, submit, SUBMIT)                   \
    MESSAGE(42, cancel_job, CANCEL_JOB)           \
    MESSAGE(43, get_job, GET_JOB)                 \
    MESSAGE(44, list_jobs, LIST_JOBS)             \
    MESSAGE(45, get_events, GET_EVENTS)           \
    MESSAGE(46, get_document, GET_DOCUMENT)       \
    MESSAGE(47, retry_job, RETRY_JOB)             \
    MESSAGE(48, list_documents, LIST_DOCUMENTS)   \
    MESSAGE(49, delete_document, DELETE_DOCUMENT) \
    MESSAGE(50, get_position, GET_POSITION)       \
    MESSAGE(51, submit_group, SUBMIT_GROUP)       \
    MESSAGE(52, cancel_group, CANCEL_GROUP)       \
    MESSAGE(53, get_group, GET_GROUP)             \
    MESSAGE(54, put_endpoint, PUT_ENDPOINT)       \
    MESSAGE(55, delete_endpoint, DELETE_ENDPOINT) \
    MESSAGE(56, list_endpoints, LIST_ENDPOINTS)   \
    MESSAGE(57, list_deliveries, LIST_DELIVERIES) \
    MESSAGE(58, list_removals, LIST_REMOVALS)     \
    MESSAGE(59, removed, REMOVED)                 \
    MESSAGE(60, gateway_welcome, GATEWAY_WELCOME) \
    MESSAGE(61, reply, REPLY)                     \
    MESSAGE(62, job_state, JOB_STATE)             \
    MESSAGE(63, list_page, LIST_PAGE)             \
    MESSAGE(64, event_page, EVENT_PAGE)           \
    MESSAGE(65, document, DOCUMENT)               \
    MESSAGE(66, events, EVENTS)                   \
    MESSAGE(67, event, EVENT)                     \
    MESSAGE(68, document_page, DOCUMENT_PAGE)     \
    MESSAGE(69, position, POSITION)               \
    MESSAGE(70, group_state, GROUP_STATE)         \
    MESSAGE(71, endpoint_page, ENDPOINT_PAGE)     \
    MESSAGE(72, endpoint, ENDPOINT)               \
    MESSAGE(73, delivery_page, DELIVERY_PAGE)     \
    MESSAGE(74, delivery, DELIVERY)               \
    MESSAGE(75, removal_page, REMOVAL_PAGE)       \
    MESSAGE(76, removal, REMOVAL)                 \
    MESSAGE(80, error, ERROR)

/* ---- what the table makes ---- */

#define WIRE_TYPE_U8    uint8_t
#define WIRE_TYPE_U32   uint32_t
#define WIRE_TYPE_U64   uint64_t
#define WIRE_TYPE_TIME  int64_t /* milliseconds since 1970, up to TIME_MS_MAX; 0 for none */
#define WIRE_TYPE_FLAG  bool
#define WIRE_TYPE_ID    struct id
#define WIRE_TYPE_TEXT  struct slice /* UTF-8 */
#define WIRE_TYPE_BYTES struct slice

#define MESSAGE_ENUM(number, name, NAME) MESSAGE_TYPE_##NAME = number,
enum message_type {
    MESSAGE_TABLE(MESSAGE_ENUM)
};
#undef MESSAGE_ENUM

#define MESSAGE_MEMBER(number, name, TYPE, limit, NEED) WIRE_TYPE_##TYPE name;
#define MESSAGE_STRUCT(number, name, NAME) \
    struct message_##name {                \
        MESSAGE_##NAME(MESSAGE_MEMBER)     \
    };
MESSAGE_TABLE(MESSAGE_STRUCT)
#undef MESSAGE_STRUCT
#undef MESSAGE_MEMBER

/* One decoded record. Its slices borrow from the frame that it was read from. */
struct message {
    enum message_type type;
    union {
#define MESSAGE_UNION(number, name, NAME) struct message_##name name;
        MESSAGE_TABLE(MESSAGE_UNION)
#undef MESSAGE_UNION
    };
};

/* The name of a message as the table has it, and of its field; "?" for a number that has none. For
 * logs, and for an ERROR that says what is wrong. */
const char *message_type_name(enum message_type type);
const char *field_name(enum message_type type, uint32_t number);

#endif
