#ifndef TROUPE_PROTO_CODES_H
#define TROUPE_PROTO_CODES_H

/*
 * The numbers that stand for something in messages and in the store, with their names. They are
 * the wire's and the disk's: a number is never changed and never used again; a new one goes to the
 * end, and older peers refuse the record that carries it.
 */

#include <stdbool.h>

/* The queues. A job's kind names its queue and the role that performs it. What is asked for comes
 * first. */
enum job_kind {
    JOB_KIND_CHARACTER = 0,
    JOB_KIND_IMAGE = 1,
    JOB_KIND_VIDEO = 2,
    JOB_KIND_WEBHOOK = 3, /* the delivery of one event to one receiver; made by the broker itself */
};
enum {
    JOB_KIND_COUNT = 4,
    JOB_KIND_ASKED_COUNT = 3 /* kinds that a gateway may ask for */
};

enum job_state {
    JOB_STATE_PENDING = 0,
    JOB_STATE_WAITING = 1,
    JOB_STATE_ACTIVE = 2,
    JOB_STATE_COMPLETED = 3,
    JOB_STATE_FAILED = 4,
    JOB_STATE_CANCELLED = 5,
};
enum {
    JOB_STATE_COUNT = 6
};

/* What a document is. The last two are media entries. */
enum document_type {
    DOCUMENT_TYPE_CHARACTER = 0,
    DOCUMENT_TYPE_IMAGE = 1,
    DOCUMENT_TYPE_VIDEO = 2,
};
enum {
    DOCUMENT_TYPE_COUNT = 3,
    DOCUMENT_TYPES_ALL = (1 << DOCUMENT_TYPE_COUNT) - 1, /* a bit set of them */
};

enum event_kind {
    EVENT_KIND_QUEUED = 0,
    EVENT_KIND_WAITING = 1,
    EVENT_KIND_ACTIVE = 2,
    EVENT_KIND_PROGRESS = 3,
    EVENT_KIND_RETRY_SCHEDULED = 4,
    EVENT_KIND_STALLED = 5,
    EVENT_KIND_CANCEL_REQUESTED = 6,
    EVENT_KIND_PROVIDER = 7,
    EVENT_KIND_COMPLETED = 8,
    EVENT_KIND_FAILED = 9,
    EVENT_KIND_CANCELLED = 10,
};
enum {
    EVENT_KIND_COUNT = 11
};

/* Jobs that were asked for in one request. */
enum group_kind {
    GROUP_KIND_BATCH = 0,    /* they have nothing to do with each other */
    GROUP_KIND_PIPELINE = 1, /* some are made from what others make */
};
enum {
    GROUP_KIND_COUNT = 2
};

/* How an attempt ended without success (FAIL). */
enum fail_kind {
    FAIL_KIND_PERMANENT = 0, /* the job fails at once */
    FAIL_KIND_RETRY = 1,     /* a counted failure */
    FAIL_KIND_THROTTLED = 2, /* not counted: again after retry_after_ms */
    FAIL_KIND_CANCELLED = 3, /* the actor stopped because it was asked to */
    FAIL_KIND_GONE = 4,      /* the job fails at once, and its webhook endpoint is disabled */
};
enum {
    FAIL_KIND_COUNT = 5
};

/* A provider call that costs money, as it goes on. */
enum operation_state {
    OPERATION_STATE_INTENT = 0,    /* about to be submitted */
    OPERATION_STATE_SUBMITTED = 1, /* the provider's task id is known */
    OPERATION_STATE_FINISHED = 2,  /* its result was taken */
    OPERATION_STATE_UNKNOWN = 3,   /* submitted, outcome not known */
    OPERATION_STATE_REFUSED = 4,   /* the provider did not take it: nothing to pay */
    OPERATION_STATE_CANCELLED = 5, /* the provider dropped the task when it was asked to */
    OPERATION_STATE_ABANDONED = 6, /* written off: unknown to the provider, or wanted by nobody */
};
enum {
    OPERATION_STATE_COUNT = 7
};

/* Whether an operation was paid for, as far as is known. */
enum charge {
    CHARGE_UNKNOWN = 0,
    CHARGE_YES = 1,
    CHARGE_NO = 2,
};
enum {
    CHARGE_COUNT = 3
};

/* What became of a request (REPLY and the answers to reads). */
enum reply_code {
    REPLY_CODE_OK = 0,
    REPLY_CODE_NOT_FOUND = 1,           /* the job, group or document is unknown or another's */
    REPLY_CODE_CHARACTER_NOT_FOUND = 2, /* SUBMIT: the character is unknown or another's */
    REPLY_CODE_MEDIA_NOT_FOUND = 3,     /* SUBMIT: the source media is unknown or another's */
    REPLY_CODE_SOURCE_UNSUITABLE = 4,   /* SUBMIT: the source is no finished image of it */
    REPLY_CODE_ALREADY_ENDED = 5,       /* CANCEL_JOB: the job is in a terminal state */
    REPLY_CODE_KEY_REUSED = 6,          /* SUBMIT: the idempotency key belongs to another body */
    REPLY_CODE_DISK_FULL = 7,           /* below the floor of free space */
    REPLY_CODE_TOO_MANY_JOBS = 8,       /* the limit of live jobs is reached */
    REPLY_CODE_INVALID = 9,             /* a field is out of its range */
    REPLY_CODE_BUSY = 10,               /* too many reads wait, or one failed: ask again */
    REPLY_CODE_CONFLICT = 11,           /* changed by somebody else meanwhile */
    REPLY_CODE_TOO_MANY_ENDPOINTS = 12, /* the owner has as many webhook endpoints as allowed */
    REPLY_CODE_NOT_RETRYABLE = 13,      /* RETRY_JOB: neither failed nor cancelled, or too often */
    REPLY_CODE_EXPIRED = 14,            /* there was such a job; it is kept no longer */
};
enum {
    REPLY_CODE_COUNT = 15
};

/* Why a job that has not started waits, at the moment of the question (POSITION). */
enum wait_reason {
    WAIT_REASON_NONE = 0,          /* it does not wait */
    WAIT_REASON_SCHEDULED = 1,     /* its start time has not come */
    WAIT_REASON_DEPENDENCY = 2,    /* another job must complete first */
    WAIT_REASON_BACKOFF = 3,       /* between two attempts */
    WAIT_REASON_PAUSED = 4,        /* its queue is paused */
    WAIT_REASON_PROVIDER_DOWN = 5, /* the provider is not asked for a while */
    WAIT_REASON_NO_WORKER = 6,     /* no worker of its queue is there */
    WAIT_REASON_CAPPED = 7,        /* its queue or owner has as many jobs at work as it may */
    WAIT_REASON_RATE_LIMITED = 8,  /* its queue started as many jobs in a second as it may */
    WAIT_REASON_QUEUED = 9,        /* others go first, or all workers are busy */
};
enum {
    WAIT_REASON_COUNT = 10
};

/* Why a frame or record was refused (ERROR). The first five end the session: say HELLO again. */
enum error_code {
    ERROR_CODE_VERSION = 0,   /* another PROTOCOL_VERSION */
    ERROR_CODE_SESSION = 1,   /* the session is not open (any more) */
    ERROR_CODE_FORBIDDEN = 2, /* a message that this endpoint does not take */
    ERROR_CODE_LIMIT = 3,     /* too many peers, holds or slots */
    ERROR_CODE_MALFORMED = 4, /* the frame or record does not follow the table */
    ERROR_CODE_UNKNOWN = 5,   /* a message type of a newer peer: ignored */
};
enum {
    ERROR_CODE_COUNT = 6
};

/* Names for logs, events and documents: the constant in lower case without its prefix; "?" for a
 * number that has none. */
const char *job_kind_name(enum job_kind kind);
const char *job_state_name(enum job_state state);
const char *document_type_name(enum document_type type);
const char *event_kind_name(enum event_kind kind);
const char *group_kind_name(enum group_kind kind);
const char *fail_kind_name(enum fail_kind kind);
const char *operation_state_name(enum operation_state state);
const char *charge_name(enum charge charge);
const char *reply_code_name(enum reply_code code);
const char *error_code_name(enum error_code code);
const char *wait_reason_name(enum wait_reason reason);

/* Whether a state is completed, failed or cancelled. */
bool job_state_is_terminal(enum job_state state);

#endif
