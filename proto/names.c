#include "proto/messages.h"

/* Cases without a default: the compiler names a constant that is missing here. */

static const char UNNAMED[] = "?";

const char *message_type_name(enum message_type type)
{
#define MESSAGE_NAME(number, name, NAME) \
    case MESSAGE_TYPE_##NAME:            \
        return #name;
    switch (type) {
        MESSAGE_TABLE(MESSAGE_NAME)
    }
#undef MESSAGE_NAME
    return UNNAMED;
}

const char *job_kind_name(enum job_kind kind)
{
    switch (kind) {
    case JOB_KIND_CHARACTER:
        return "character";
    case JOB_KIND_IMAGE:
        return "image";
    case JOB_KIND_VIDEO:
        return "video";
    case JOB_KIND_WEBHOOK:
        return "webhook";
    }
    return UNNAMED;
}

const char *job_state_name(enum job_state state)
{
    switch (state) {
    case JOB_STATE_PENDING:
        return "pending";
    case JOB_STATE_WAITING:
        return "waiting";
    case JOB_STATE_ACTIVE:
        return "active";
    case JOB_STATE_COMPLETED:
        return "completed";
    case JOB_STATE_FAILED:
        return "failed";
    case JOB_STATE_CANCELLED:
        return "cancelled";
    }
    return UNNAMED;
}

const char *document_type_name(enum document_type type)
{
    switch (type) {
    case DOCUMENT_TYPE_CHARACTER:
        return "character";
    case DOCUMENT_TYPE_IMAGE:
        return "image";
    case DOCUMENT_TYPE_VIDEO:
        return "video";
    }
    return UNNAMED;
}

const char *event_kind_name(enum event_kind kind)
{
    switch (kind) {
    case EVENT_KIND_QUEUED:
        return "queued";
    case EVENT_KIND_WAITING:
        return "waiting";
    case EVENT_KIND_ACTIVE:
        return "active";
    case EVENT_KIND_PROGRESS:
        return "progress";
    case EVENT_KIND_RETRY_SCHEDULED:
        return "retry_scheduled";
    case EVENT_KIND_STALLED:
        return "stalled";
    case EVENT_KIND_CANCEL_REQUESTED:
        return "cancel_requested";
    case EVENT_KIND_PROVIDER:
        return "provider";
    case EVENT_KIND_COMPLETED:
        return "completed";
    case EVENT_KIND_FAILED:
        return "failed";
    case EVENT_KIND_CANCELLED:
        return "cancelled";
    }
    return UNNAMED;
}

const char *group_kind_name(enum group_kind kind)
{
    switch (kind) {
    case GROUP_KIND_BATCH:
        return "batch";
    case GROUP_KIND_PIPELINE:
        return "pipeline";
    }
    return UNNAMED;
}

const char *fail_kind_name(enum fail_kind kind)
{
    switch (kind) {
    case FAIL_KIND_PERMANENT:
        return "permanent";
    case FAIL_KIND_RETRY:
        return "retry";
    case FAIL_KIND_THROTTLED:
        return "throttled";
    case FAIL_KIND_CANCELLED:
        return "cancelled";
    case FAIL_KIND_GONE:
        return "gone";
    }
    return UNNAMED;
}

const char *operation_state_name(enum operation_state state)
{
    switch (state) {
    case OPERATION_STATE_INTENT:
        return "intent";
    case OPERATION_STATE_SUBMITTED:
        return "submitted";
    case OPERATION_STATE_FINISHED:
        return "finished";
    case OPERATION_STATE_UNKNOWN:
        return "unknown";
    case OPERATION_STATE_REFUSED:
        return "refused";
    case OPERATION_STATE_CANCELLED:
        return "cancelled";
    case OPERATION_STATE_ABANDONED:
        return "abandoned";
    case OPERATION_STATE_WASTED:
        return "wasted";
    }
    return UNNAMED;
}

const char *charge_name(enum charge charge)
{
    switch (charge) {
    case CHARGE_UNKNOWN:
        return "unknown";
    case CHARGE_YES:
        return "yes";
    case CHARGE_NO:
        return "no";
    }
    return UNNAMED;
}

const char *provider_use_name(enum provider_use use)
{
    switch (use) {
    case PROVIDER_USE_CHAT:
        return "chat";
    case PROVIDER_USE_IMAGE:
        return "image";
    case PROVIDER_USE_VIDEO:
        return "video";
    }
    return UNNAMED;
}

const char *call_purpose_name(enum call_purpose purpose)
{
    switch (purpose) {
    case CALL_PURPOSE_NONE:
        return "none";
    case CALL_PURPOSE_CHAT:
        return "chat";
    case CALL_PURPOSE_IMAGE:
        return "image";
    case CALL_PURPOSE_VIDEO:
        return "video";
    case CALL_PURPOSE_UPLOAD:
        return "upload";
    }
    return UNNAMED;
}

const char *provider_fault_name(enum provider_fault fault)
{
    switch (fault) {
    case PROVIDER_FAULT_NONE:
        return "none";
    case PROVIDER_FAULT_DOWN:
        return "down";
    case PROVIDER_FAULT_THROTTLED:
        return "throttled";
    case PROVIDER_FAULT_CREDENTIALS:
        return "credentials";
    case PROVIDER_FAULT_QUOTA:
        return "quota";
    }
    return UNNAMED;
}

const char *denial_name(enum denial denial)
{
    switch (denial) {
    case DENIAL_LIMITED:
        return "limited";
    case DENIAL_DOWN:
        return "down";
    }
    return UNNAMED;
}

const char *reply_code_name(enum reply_code code)
{
    switch (code) {
    case REPLY_CODE_OK:
        return "ok";
    case REPLY_CODE_NOT_FOUND:
        return "not_found";
    case REPLY_CODE_CHARACTER_NOT_FOUND:
        return "character_not_found";
    case REPLY_CODE_MEDIA_NOT_FOUND:
        return "media_not_found";
    case REPLY_CODE_SOURCE_UNSUITABLE:
        return "source_unsuitable";
    case REPLY_CODE_ALREADY_ENDED:
        return "already_ended";
    case REPLY_CODE_KEY_REUSED:
        return "key_reused";
    case REPLY_CODE_DISK_FULL:
        return "disk_full";
    case REPLY_CODE_TOO_MANY_JOBS:
        return "too_many_jobs";
    case REPLY_CODE_INVALID:
        return "invalid";
    case REPLY_CODE_BUSY:
        return "busy";
    case REPLY_CODE_CONFLICT:
        return "conflict";
    case REPLY_CODE_TOO_MANY_ENDPOINTS:
        return "too_many_endpoints";
    case REPLY_CODE_NOT_RETRYABLE:
        return "not_retryable";
    case REPLY_CODE_EXPIRED:
        return "expired";
    case REPLY_CODE_NOT_DELAYED:
        return "not_delayed";
    case REPLY_CODE_STARTED:
        return "started";
    case REPLY_CODE_NOT_ENDED:
        return "not_ended";
    case REPLY_CODE_TOO_MANY_BULKS:
        return "too_many_bulks";
    case REPLY_CODE_OVER_BUDGET:
        return "over_budget";
    }
    return UNNAMED;
}

const char *job_action_name(enum job_action action)
{
    switch (action) {
    case JOB_ACTION_RETRY:
        return "retry";
    case JOB_ACTION_CANCEL:
        return "cancel";
    case JOB_ACTION_PROMOTE:
        return "promote";
    case JOB_ACTION_REMOVE:
        return "remove";
    case JOB_ACTION_PRIORITY:
        return "priority";
    }
    return UNNAMED;
}

const char *bulk_state_name(enum bulk_state state)
{
    switch (state) {
    case BULK_STATE_RUNNING:
        return "running";
    case BULK_STATE_COMPLETED:
        return "completed";
    case BULK_STATE_CANCELLED:
        return "cancelled";
    }
    return UNNAMED;
}

const char *error_code_name(enum error_code code)
{
    switch (code) {
    case ERROR_CODE_VERSION:
        return "version";
    case ERROR_CODE_SESSION:
        return "session";
    case ERROR_CODE_FORBIDDEN:
        return "forbidden";
    case ERROR_CODE_LIMIT:
        return "limit";
    case ERROR_CODE_MALFORMED:
        return "malformed";
    case ERROR_CODE_UNKNOWN:
        return "unknown";
    }
    return UNNAMED;
}

const char *wait_reason_name(enum wait_reason reason)
{
    switch (reason) {
    case WAIT_REASON_NONE:
        return "none";
    case WAIT_REASON_SCHEDULED:
        return "scheduled";
    case WAIT_REASON_DEPENDENCY:
        return "dependency";
    case WAIT_REASON_BACKOFF:
        return "backoff";
    case WAIT_REASON_PAUSED:
        return "paused";
    case WAIT_REASON_PROVIDER_DOWN:
        return "provider_down";
    case WAIT_REASON_NO_WORKER:
        return "no_worker";
    case WAIT_REASON_CAPPED:
        return "capped";
    case WAIT_REASON_RATE_LIMITED:
        return "rate_limited";
    case WAIT_REASON_QUEUED:
        return "queued";
    }
    return UNNAMED;
}

const char *worker_orders_name(enum worker_orders orders)
{
    switch (orders) {
    case WORKER_ORDERS_WORK:
        return "work";
    case WORKER_ORDERS_DRAIN:
        return "drain";
    case WORKER_ORDERS_STOP:
        return "stop";
    }
    return "?";
}

const char *breaker_told_name(enum breaker_told state)
{
    switch (state) {
    case BREAKER_TOLD_CLOSED:
        return "closed";
    case BREAKER_TOLD_OPEN:
        return "open";
    case BREAKER_TOLD_HALF_OPEN:
        return "half_open";
    }
    return UNNAMED;
}

const char *audit_outcome_name(enum audit_outcome outcome)
{
    switch (outcome) {
    case AUDIT_OUTCOME_OK:
        return "ok";
    case AUDIT_OUTCOME_UNCHANGED:
        return "unchanged";
    case AUDIT_OUTCOME_FORBIDDEN:
        return "forbidden";
    case AUDIT_OUTCOME_NOT_MEANT:
        return "not_meant";
    case AUDIT_OUTCOME_FAILED:
        return "failed";
    }
    return UNNAMED;
}

bool job_state_is_terminal(enum job_state state)
{
    return state == JOB_STATE_COMPLETED || state == JOB_STATE_FAILED ||
           state == JOB_STATE_CANCELLED;
}
