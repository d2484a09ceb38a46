#include "proto/bulk_refusal.h"

#include <assert.h>
#include <stddef.h>

static const struct {
    const char *name;
    size_t offset; /* of its field */
} REFUSALS[BULK_REFUSAL_COUNT] = {
    [BULK_REFUSAL_NOT_FOUND] = {"job_not_found", offsetof(struct message_bulk, not_found)},
    [BULK_REFUSAL_CHANGED] = {"conflict", offsetof(struct message_bulk, changed)},
    [BULK_REFUSAL_NOT_RETRYABLE] = {"not_retryable", offsetof(struct message_bulk, not_retryable)},
    [BULK_REFUSAL_NOT_DELAYED] = {"not_delayed", offsetof(struct message_bulk, not_delayed)},
    [BULK_REFUSAL_STARTED] = {"already_started", offsetof(struct message_bulk, started)},
    [BULK_REFUSAL_NOT_ENDED] = {"not_ended", offsetof(struct message_bulk, not_ended)},
    [BULK_REFUSAL_SOURCE] = {"source_unsuitable", offsetof(struct message_bulk, source_unsuitable)},
    [BULK_REFUSAL_OVER_BUDGET] = {"budget_exceeded", offsetof(struct message_bulk, over_budget)},
    [BULK_REFUSAL_DISK_FULL] = {"insufficient_storage", offsetof(struct message_bulk, disk_full)},
    [BULK_REFUSAL_TOO_MANY_JOBS] = {"queue_full", offsetof(struct message_bulk, too_many_jobs)},
    [BULK_REFUSAL_DAMAGED] = {"damaged", offsetof(struct message_bulk, damaged)},
};

const char *bulk_refusal_name(enum bulk_refusal refusal)
{
    assert(refusal < BULK_REFUSAL_COUNT);
    return REFUSALS[refusal].name;
}

uint64_t bulk_refusal_count(const struct message_bulk *bulk, enum bulk_refusal refusal)
{
    assert(refusal < BULK_REFUSAL_COUNT);
    return *(const uint64_t *)((const char *)bulk + REFUSALS[refusal].offset);
}

void bulk_refusal_add(struct message_bulk *bulk, enum bulk_refusal refusal)
{
    assert(refusal < BULK_REFUSAL_COUNT);
    ++*(uint64_t *)((char *)bulk + REFUSALS[refusal].offset);
}

enum bulk_refusal bulk_refusal_of(enum reply_code code)
{
    switch (code) {
    case REPLY_CODE_NOT_FOUND:
    case REPLY_CODE_EXPIRED:
        return BULK_REFUSAL_NOT_FOUND;
    case REPLY_CODE_NOT_RETRYABLE:
        return BULK_REFUSAL_NOT_RETRYABLE;
    case REPLY_CODE_NOT_DELAYED:
        return BULK_REFUSAL_NOT_DELAYED;
    case REPLY_CODE_STARTED:
        return BULK_REFUSAL_STARTED;
    case REPLY_CODE_NOT_ENDED:
        return BULK_REFUSAL_NOT_ENDED;
    case REPLY_CODE_CHARACTER_NOT_FOUND:
    case REPLY_CODE_MEDIA_NOT_FOUND:
    case REPLY_CODE_SOURCE_UNSUITABLE:
        return BULK_REFUSAL_SOURCE;
    case REPLY_CODE_OVER_BUDGET:
        return BULK_REFUSAL_OVER_BUDGET;
    case REPLY_CODE_DISK_FULL:
        return BULK_REFUSAL_DISK_FULL;
    case REPLY_CODE_TOO_MANY_JOBS:
        return BULK_REFUSAL_TOO_MANY_JOBS;
    case REPLY_CODE_OK:
    case REPLY_CODE_ALREADY_ENDED:
    case REPLY_CODE_KEY_REUSED:
    case REPLY_CODE_INVALID:
    case REPLY_CODE_BUSY:
    case REPLY_CODE_CONFLICT:
    case REPLY_CODE_TOO_MANY_ENDPOINTS:
    case REPLY_CODE_TOO_MANY_BULKS:
        break;
    }
    return BULK_REFUSAL_CHANGED;
}
