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
#include "proto/messages_actor.h"
#include "proto/messages_gateway.h"
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
