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
#include "proto/messages_admin.h"
#include "proto/messages_backup.h"
#include "proto/messages_bulk.h"
#include "proto/messages_gateway.h"
#include "proto/messages_money.h"
#include "proto/messages_search.h"
#include "proto/messages_system.h"
#include "proto/messages_webhook.h"

enum {
    PROTOCOL_VERSION = 1,
    FRAME_SIZE_MAX = 2 << 20,      /* bytes of one ZeroMQ message, refused above (ZMQ_MAXMSGSIZE) */
    FRAME_SIZE_TARGET = 512 << 10, /* bytes: a sender starts another frame above this */
    FRAME_RECORDS_MAX = 8192,      /* records in one frame */
    FIELDS_MAX = 48,               /* fields in one record, unknown ones included */
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
    ERROR_SHAPE_SIZE_MAX = 1536,   /* bytes of one without what is each job's own: each byte of a
                                      message becomes three at most */
    NAME_SIZE_MAX = 800,           /* bytes of a character's name: 200 characters of UTF-8 */
    HOST_SIZE_MAX = 255,
    VERSION_SIZE_MAX = 31,
    PROVIDER_SIZE_MAX = 63,   /* bytes of a provider's name in the configuration */
    PROVIDERS_ACTOR_MAX = 16, /* providers that one actor declares */
    TASK_SIZE_MAX = 255,      /* bytes of a provider's task id */
    OPERATIONS_MAX = 16,      /* recorded operations of one job */
    OPERATIONS_WITH_TASKS =
        4,                 /* the numbers below: calls whose provider may be at work after them */
    GROUP_JOBS_MAX = 1000, /* jobs of one group: the API's contract */
    RETRIES_MAX = 100,     /* explicit retries of one job: they bound its history */
    PRICE_MAX = 100000000, /* micro-dollars of one operation: a hundred dollars */
    USAGE_DAYS_MAX = 35,   /* that can be asked for */
    USAGE_RECORDS_MAX = 4096,  /* of one USAGE: a hundred providers each day */
    DEPENDANTS_MAX = 20,       /* of them that wait for another: ten pictures, ten videos */
    LABELS_SIZE_MAX = 12800,   /* bytes of a job's tags and metadata, JSON: a page of jobs that have
                                so much fits in a frame */
    RUN_AT_MAX_MS = 604800000, /* how far ahead a start may be set: a week; live jobs cost memory */
    DEADLINE_MAX_MS = 604800000,   /* that a request may set, from its start: a week */
    DEDUPE_TTL_MAX_MS = 604800000, /* that a job keeps its dedupe key at least: a week */
    CURSOR_SIZE_MAX = 64,
    BACKUP_NAME_SIZE_MAX = 64,
    BACKUPS_MAX = 100, /* that are kept side by side */
    LIST_LIMIT_MAX = 100,
    ASSETS_LIMIT_MAX = 1000,         /* names of assets in one page: some 40 KiB as a rule */
    ASSET_NAMES_SIZE_MAX = 64 << 10, /* bytes of them */
    GAPS_TOLD_MAX = 32,              /* times of which the store knows nothing, with them */
    GAP_SIZE = 16,                   /* bytes of one */
    GAPS_SIZE_MAX = GAPS_TOLD_MAX * GAP_SIZE,
    FAILURE_SAMPLES_MAX = 5, /* jobs that are named of those that have failed alike */
    FAILURE_SAMPLES_SIZE_MAX = FAILURE_SAMPLES_MAX * ID_SIZE,
    BULK_JOBS_MAX = 1000, /* jobs that a bulk is given by their ids: the API's contract */
    BULK_JOBS_SIZE_MAX = BULK_JOBS_MAX * ID_SIZE,
    BULK_WHERE_SIZE_MAX = 2048, /* bytes of a filter that a bulk remembers; a longer one is not */
    ROLE_SIZE_MAX = 15,         /* bytes of a role's name */
    ACTION_SIZE_MAX = 31,       /* bytes of an action's name */
    REQUEST_ID_MAX = 128,       /* bytes of an HTTP request's id */
    AUDIT_TARGET_SIZE_MAX = 64, /* bytes of what an action is upon: an id, or a name */
    REMOVED_SIZE_MAX = LIST_LIMIT_MAX * ID_SIZE,       /* bytes of ids in one REMOVED */
    POSITION_JOBS_SIZE_MAX = LIST_LIMIT_MAX * ID_SIZE, /* bytes of the ids in GET_POSITION */
    SEARCH_JOBS_SIZE_MAX = LIST_LIMIT_MAX * ID_SIZE,   /* the same in SEARCH_JOBS */
    WORKER_JOBS_MAX = 100,                             /* told of one worker */
    SYSTEM_PROGRAMS_MAX = 500, /* gateways and actors in one SYSTEM: some 200 KiB at most */
    EVENTS_LIMIT_MAX = 512,
    HISTORY_LIMIT_MAX = 120,      /* points of a range of the history */
    SEARCH_TEXT_SIZE_MAX = 800,   /* bytes of a text that is searched for: 200 characters */
    TAG_SIZE_MAX = 256,           /* bytes of a job's tag: 64 characters of UTF-8 */
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

#define MESSAGE_TABLE(MESSAGE)                      \
    MESSAGE(1, hello, HELLO)                        \
    MESSAGE(2, hold, HOLD)                          \
    MESSAGE(3, heartbeat, HEARTBEAT)                \
    MESSAGE(4, progress, PROGRESS)                  \
    MESSAGE(5, operation, OPERATION)                \
    MESSAGE(6, done, DONE)                          \
    MESSAGE(7, fail, FAIL)                          \
    MESSAGE(8, release, RELEASE)                    \
    MESSAGE(9, bye, BYE)                            \
    MESSAGE(10, provider, PROVIDER)                 \
    MESSAGE(11, report, REPORT)                     \
    MESSAGE(20, welcome, WELCOME)                   \
    MESSAGE(21, job, JOB)                           \
    MESSAGE(22, recorded, RECORDED)                 \
    MESSAGE(23, cancel, CANCEL)                     \
    MESSAGE(24, ack, ACK)                           \
    MESSAGE(25, operation_ack, OPERATION_ACK)       \
    MESSAGE(26, ping, PING)                         \
    MESSAGE(27, drain, DRAIN)                       \
    MESSAGE(28, operation_denied, OPERATION_DENIED) \
    MESSAGE(30, get_system, GET_SYSTEM)             \
    MESSAGE(31, system, SYSTEM)                     \
    MESSAGE(32, program, PROGRAM)                   \
    MESSAGE(40, gateway_hello, GATEWAY_HELLO)       \
    MESSAGE(41, submit, SUBMIT)                     \
    MESSAGE(42, cancel_job, CANCEL_JOB)             \
    MESSAGE(43, get_job, GET_JOB)                   \
    MESSAGE(44, list_jobs, LIST_JOBS)               \
    MESSAGE(45, get_events, GET_EVENTS)             \
    MESSAGE(46, get_document, GET_DOCUMENT)         \
    MESSAGE(47, retry_job, RETRY_JOB)               \
    MESSAGE(48, list_documents, LIST_DOCUMENTS)     \
    MESSAGE(49, delete_document, DELETE_DOCUMENT)   \
    MESSAGE(50, get_position, GET_POSITION)         \
    MESSAGE(51, submit_group, SUBMIT_GROUP)         \
    MESSAGE(52, cancel_group, CANCEL_GROUP)         \
    MESSAGE(53, get_group, GET_GROUP)               \
    MESSAGE(54, put_endpoint, PUT_ENDPOINT)         \
    MESSAGE(55, delete_endpoint, DELETE_ENDPOINT)   \
    MESSAGE(56, list_endpoints, LIST_ENDPOINTS)     \
    MESSAGE(57, list_deliveries, LIST_DELIVERIES)   \
    MESSAGE(58, list_removals, LIST_REMOVALS)       \
    MESSAGE(59, removed, REMOVED)                   \
    MESSAGE(60, gateway_welcome, GATEWAY_WELCOME)   \
    MESSAGE(61, reply, REPLY)                       \
    MESSAGE(62, job_state, JOB_STATE)               \
    MESSAGE(63, list_page, LIST_PAGE)               \
    MESSAGE(64, event_page, EVENT_PAGE)             \
    MESSAGE(65, document, DOCUMENT)                 \
    MESSAGE(66, events, EVENTS)                     \
    MESSAGE(67, event, EVENT)                       \
    MESSAGE(68, document_page, DOCUMENT_PAGE)       \
    MESSAGE(69, position, POSITION)                 \
    MESSAGE(70, group_state, GROUP_STATE)           \
    MESSAGE(71, endpoint_page, ENDPOINT_PAGE)       \
    MESSAGE(72, endpoint, ENDPOINT)                 \
    MESSAGE(73, delivery_page, DELIVERY_PAGE)       \
    MESSAGE(74, delivery, DELIVERY)                 \
    MESSAGE(75, removal_page, REMOVAL_PAGE)         \
    MESSAGE(76, removal, REMOVAL)                   \
    MESSAGE(80, error, ERROR)                       \
    MESSAGE(81, get_usage, GET_USAGE)               \
    MESSAGE(82, usage, USAGE)                       \
    MESSAGE(83, usage_day, USAGE_DAY)               \
    MESSAGE(90, get_queues, GET_QUEUES)             \
    MESSAGE(91, get_workers, GET_WORKERS)           \
    MESSAGE(92, get_audit, GET_AUDIT)               \
    MESSAGE(93, set_queue, SET_QUEUE)               \
    MESSAGE(94, set_worker, SET_WORKER)             \
    MESSAGE(95, note_audit, NOTE_AUDIT)             \
    MESSAGE(96, admin_page, ADMIN_PAGE)             \
    MESSAGE(97, queue, QUEUE)                       \
    MESSAGE(98, worker, WORKER)                     \
    MESSAGE(99, worker_job, WORKER_JOB)             \
    MESSAGE(100, search_jobs, SEARCH_JOBS)          \
    MESSAGE(101, search_page, SEARCH_PAGE)          \
    MESSAGE(102, get_input, GET_INPUT)              \
    MESSAGE(103, input, INPUT)                      \
    MESSAGE(104, change_job, CHANGE_JOB)            \
    MESSAGE(105, start_bulk, START_BULK)            \
    MESSAGE(106, stop_bulk, STOP_BULK)              \
    MESSAGE(107, get_bulks, GET_BULKS)              \
    MESSAGE(108, bulk, BULK)                        \
    MESSAGE(109, get_assets, GET_ASSETS)            \
    MESSAGE(110, get_history, GET_HISTORY)          \
    MESSAGE(111, history, HISTORY)                  \
    MESSAGE(112, history_point, HISTORY_POINT)      \
    MESSAGE(113, audit_page, AUDIT_PAGE)            \
    MESSAGE(114, audit_line, AUDIT_LINE)            \
    MESSAGE(115, make_backup, MAKE_BACKUP)          \
    MESSAGE(116, list_backups, LIST_BACKUPS)        \
    MESSAGE(117, backup_page, BACKUP_PAGE)          \
    MESSAGE(118, backup, BACKUP)                    \
    MESSAGE(119, asset_names, ASSET_NAMES)          \
    MESSAGE(120, get_failures, GET_FAILURES)        \
    MESSAGE(121, failure_page, FAILURE_PAGE)        \
    MESSAGE(122, failure_group, FAILURE_GROUP)      \
    MESSAGE(123, get_users, GET_USERS)              \
    MESSAGE(124, user, USER)                        \
    MESSAGE(125, get_providers, GET_PROVIDERS)      \
    MESSAGE(126, provider_state, PROVIDER_STATE)

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
