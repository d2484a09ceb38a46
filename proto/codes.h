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
    OPERATION_STATE_WASTED = 7, /* of events only: a result of a lost lease that came after another
                                      attempt had announced a paid call */
};
enum {
    OPERATION_STATE_COUNT = 8
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

/* What a provider is called for. */
enum provider_use {
    PROVIDER_USE_CHAT = 0,
    PROVIDER_USE_IMAGE = 1,
    PROVIDER_USE_VIDEO = 2,
};
enum {
    PROVIDER_USE_COUNT = 3,
    PROVIDER_USES_ALL = (1 << PROVIDER_USE_COUNT) - 1, /* a bit set of them */
};

/* What a call was for that a report tells of (PROGRESS, FAIL). */
enum call_purpose {
    CALL_PURPOSE_NONE = 0, /* it tells of none */
    CALL_PURPOSE_CHAT = 1,
    CALL_PURPOSE_IMAGE = 2,
    CALL_PURPOSE_VIDEO = 3,
    CALL_PURPOSE_UPLOAD = 4,
};
enum {
    CALL_PURPOSE_COUNT = 5
};

/* What the failures of a provider's calls have in common (REPORT). */
enum provider_fault {
    PROVIDER_FAULT_NONE = 0,
    PROVIDER_FAULT_DOWN = 1,        /* it does not work for anybody */
    PROVIDER_FAULT_THROTTLED = 2,   /* its account was called too often */
    PROVIDER_FAULT_CREDENTIALS = 3, /* it does not know the key */
    PROVIDER_FAULT_QUOTA = 4,       /* the account has used up what it may */
};
enum {
    PROVIDER_FAULT_COUNT = 5
};

/* Why a call may not be made (OPERATION_DENIED). */
enum denial {
    DENIAL_LIMITED = 0, /* its account has been called as often as it may */
    DENIAL_DOWN = 1,    /* the provider is not asked for a while */
};
enum {
    DENIAL_COUNT = 2
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
    REPLY_CODE_NOT_DELAYED = 15,        /* CHANGE_JOB: there is no time that it waits for */
    REPLY_CODE_STARTED = 16,            /* CHANGE_JOB: it is at work */
    REPLY_CODE_NOT_ENDED = 17,          /* CHANGE_JOB: it lives */
    REPLY_CODE_TOO_MANY_BULKS = 18,     /* START_BULK: as many go on as may */
    REPLY_CODE_OVER_BUDGET = 19,        /* it would cost more than its owner may spend today */
};
enum {
    REPLY_CODE_COUNT = 20
};

/* What those who run the stack do with jobs, with one or with many. */
enum job_action {
    JOB_ACTION_RETRY = 0,
    JOB_ACTION_CANCEL = 1,
    JOB_ACTION_PROMOTE = 2,  /* what waits for a time may start now */
    JOB_ACTION_REMOVE = 3,   /* what has ended is kept no longer */
    JOB_ACTION_PRIORITY = 4, /* among its owner's jobs */
};
enum {
    JOB_ACTION_COUNT = 5
};

enum bulk_state {
    BULK_STATE_RUNNING = 0,
    BULK_STATE_COMPLETED = 1,
    BULK_STATE_CANCELLED = 2, /* stopped before it had come to its end */
};
enum {
    BULK_STATE_COUNT = 3
};

/* Why a job that has not started waits, at the moment of the question (POSITION). */
enum wait_reason {
    WAIT_REASON_NONE = 0,          /* it does not wait */
    WAIT_REASON_SCHEDULED = 1,     /* its start time has not come */
    WAIT_REASON_DEPENDENCY = 2,    /* another job must complete first */
    WAIT_REASON_BACKOFF = 3,       /* between two attempts */
    WAIT_REASON_PAUSED = 4,        /* its queue is paused */
    WAIT_REASON_PROVIDER_DOWN = 5, /* no provider that it needs is asked for a while */
    WAIT_REASON_NO_WORKER = 6,     /* no worker of its queue is there */
    WAIT_REASON_CAPPED = 7,        /* its queue or owner has as many jobs at work as it may */
    WAIT_REASON_RATE_LIMITED = 8,  /* its queue or providers have started as much as they may */
    WAIT_REASON_QUEUED = 9,        /* others go first, or all workers are busy */
};
enum {
    WAIT_REASON_COUNT = 10
};

/* What a worker has been told by those who run the stack. */
enum worker_orders {
    WORKER_ORDERS_WORK = 0,
    WORKER_ORDERS_DRAIN = 1, /* it gets no more jobs, and finishes what it has */
    WORKER_ORDERS_STOP = 2,  /* the same, and its process ends */
};
enum {
    WORKER_ORDERS_COUNT = 3
};

/* Whether a provider is asked (PROVIDER_STATE). */
enum breaker_told {
    BREAKER_TOLD_CLOSED = 0,    /* it works */
    BREAKER_TOLD_OPEN = 1,      /* it is not asked for a while */
    BREAKER_TOLD_HALF_OPEN = 2, /* a probe tells whether it works again */
};
enum {
    BREAKER_TOLD_COUNT = 3
};

/* What became of an action (AUDIT_LINE). */
enum audit_outcome {
    AUDIT_OUTCOME_OK = 0,
    AUDIT_OUTCOME_UNCHANGED = 1, /* it was so already */
    AUDIT_OUTCOME_FORBIDDEN = 2, /* who asked has not the role for it */
    AUDIT_OUTCOME_NOT_MEANT = 3, /* it came from another page than the dashboard's */
    AUDIT_OUTCOME_FAILED = 4,    /* it could not be done: code tells why */
};
enum {
    AUDIT_OUTCOME_COUNT = 5
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
const char *provider_use_name(enum provider_use use);
const char *call_purpose_name(enum call_purpose purpose);
const char *provider_fault_name(enum provider_fault fault);
const char *denial_name(enum denial denial);
const char *reply_code_name(enum reply_code code);
const char *job_action_name(enum job_action action);
const char *bulk_state_name(enum bulk_state state);
const char *error_code_name(enum error_code code);
const char *wait_reason_name(enum wait_reason reason);
const char *worker_orders_name(enum worker_orders orders);
const char *breaker_told_name(enum breaker_told state);
const char *audit_outcome_name(enum audit_outcome outcome);

/* Whether a state is completed, failed or cancelled. */
bool job_state_is_terminal(enum job_state state);

#endif
