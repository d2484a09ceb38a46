#include "gateway/events.h"

#include "gateway/lookup.h"
#include "gateway/respond.h"
#include "gateway/stream.h"
#include "gateway/validate.h"

bool events_cursor_take(struct exchange *exchange, bool *has_cursor, uint64_t *after)
{
    int64_t value = 0;
    struct slice text = exchange_header_named(exchange, "last-event-id");
    *has_cursor = text.size > 0;
    if (*has_cursor && (validate_integer(text, &value) != STATUS_OK || value < 0)) {
        struct problems problems = {0};
        problems_add(&problems, "Last-Event-ID", "must be an event's id");
        respond_error(exchange, &HTTP_ERROR_VALIDATION, &problems);
        return false;
    }
    *after = (uint64_t)value;
    return true;
}

bool events_head_answer(struct exchange *exchange)
{
    if (exchange->match.head) {
        respond_header(exchange, "content-type", SLICE_LITERAL("text/event-stream"));
        respond_header(exchange, "cache-control", SLICE_LITERAL("no-store"));
        respond_empty(exchange, 200, SLICE_EMPTY);
    }
    return exchange->match.head;
}

static void on_job_found(struct exchange *exchange, const struct cached_job *job,
                         const struct http_error *error)
{
    bool has_cursor = false;
    uint64_t after = 0;
    if (error != NULL) {
        respond_error(exchange, error, NULL);
        return;
    }
    if (events_head_answer(exchange) || !events_cursor_take(exchange, &has_cursor, &after)) {
        return;
    }
    struct slice owner = job->state->owner;
    char *copy = exchange_allocate(exchange, owner.size);
    memcpy(copy, owner.data, owner.size);
    stream_open_job(exchange, &job->state->job, slice_make(copy, owner.size), after);
}

void events_character(struct exchange *exchange)
{
    lookup_job(exchange, JOB_FAMILY_CHARACTER, 0, on_job_found);
}

void events_media(struct exchange *exchange)
{
    lookup_job(exchange, JOB_FAMILY_MEDIA, 0, on_job_found);
}

void events_owner(struct exchange *exchange)
{
    bool has_cursor = false;
    uint64_t after = 0;
    if (!events_head_answer(exchange) && events_cursor_take(exchange, &has_cursor, &after)) {
        stream_open_owner(exchange, has_cursor, after);
    }
}
