#include "broker/event_page.h"

#include <stdlib.h>
#include "broker/query_job.h"
#include "broker/values.h"

void event_page_init(struct event_page *page, struct view *view,
                     const struct message_get_events *request)
{
    *page = (struct event_page){.view = view, .request = request, .after = request->after};
    buffer_init(&page->bytes, EVENTS_SIZE_MAX);
}

void event_page_fini(struct event_page *page)
{
    buffer_fini(&page->bytes);
    free(page->events);
}

enum status event_page_add(struct event_page *page, uint64_t number, struct slice bytes)
{
    if (page->count == page->capacity) {
        uint32_t capacity = page->capacity == 0 ? 64 : page->capacity * 2;
        struct found_event *events = realloc(page->events, capacity * sizeof *events);
        if (events == NULL) {
            return STATUS_NO_MEMORY;
        }
        page->events = events;
        page->capacity = capacity;
    }
    page->events[page->count++] =
        (struct found_event){number, (uint32_t)page->bytes.size, (uint32_t)bytes.size};
    return buffer_append_slice(&page->bytes, bytes);
}

enum status event_page_leave_out(struct event_page *page, const struct id *job, enum status status)
{
    if (status == STATUS_MALFORMED) {
        view_note_record(page->view, job);
        page->is_damaged = true;
        return STATUS_OK;
    }
    return status;
}

enum status event_page_each(struct event_page *page, struct slice value, event_page_visit *visit)
{
    struct slice rest;
    struct message message;
    enum status status = plain_value_read(value, &rest);
    while (status == STATUS_OK && rest.size > 0) {
        const uint8_t *start = rest.data;
        status = record_read(&rest, &message);
        if (status == STATUS_OK && message.type != MESSAGE_TYPE_EVENT) {
            status = STATUS_MALFORMED;
        }
        if (status == STATUS_OK) {
            status = visit(page, &message.event, slice_make(start, (size_t)(rest.data - start)));
        }
    }
    return status;
}

enum status event_page_write(struct event_page *page, bool reset, bool ended,
                             struct frame_writer *out)
{
    uint32_t count = page->count < page->request->limit ? page->count : page->request->limit;
    bool more = page->more || count < page->count;
    struct message message = {
        .type = MESSAGE_TYPE_EVENT_PAGE,
        .event_page = {.request = page->request->request,
                       .count = count,
                       .more = more,
                       .reset = reset,
                       .ended = ended,
                       .through = page->event_last},
    };
    if (more && count == page->count && page->through > 0) {
        message.event_page.through = page->through;
    } else if (more) {
        message.event_page.through = count > 0 ? page->events[count - 1].number : page->after;
    }
    enum status status = frame_write(out, &message);
    for (uint32_t index = 0; index < count && status == STATUS_OK; index++) {
        const struct found_event *event = &page->events[index];
        struct slice bytes = slice_make(page->bytes.data + event->offset, event->size);
        status = query_status(record_read(&bytes, &message));
        if (status == STATUS_OK) {
            status = frame_write(out, &message);
        }
    }
    return status;
}
