#ifndef TROUPE_BROKER_EVENT_PAGE_H
#define TROUPE_BROKER_EVENT_PAGE_H

/*
 * A page of events, of a job or a stream (query_events.c). Two passes over what is stored, because
 * the page's record comes first and tells how many follow: the first gathers the events' bytes and
 * numbers, the second writes them in order. Pure; embedded in a query.
 */

#include "broker/query.h"

enum {
    EVENTS_SIZE_MAX = 2 * BATCH_SIZE_MAX, /* bytes of events looked at for a page: one turn's can
                                             be as large as a batch */
};

struct found_event {
    uint64_t number;
    uint32_t offset; /* in bytes */
    uint32_t size;
};

struct event_page {
    struct view *view;
    const struct message_get_events *request;
    uint64_t after;
    uint64_t event_last; /* of the shard, in this view */
    struct buffer bytes; /* EVENT records */
    struct found_event *events;
    uint32_t count;
    uint32_t capacity;
    uint32_t skip_progress; /* oldest progress events to leave out */
    uint32_t skip_others;
    bool more;
    uint64_t through; /* with more: everything up to this number has been looked at; 0: up to the
                         last event of the page */
    bool is_damaged;  /* something was left out because it cannot be read */
    enum status status;
};

void event_page_init(struct event_page *page, struct view *view,
                     const struct message_get_events *request);
void event_page_fini(struct event_page *page);

/* Adds an event by its number and its record's bytes. Returns OK, NO_MEMORY or TOO_LARGE. */
enum status event_page_add(struct event_page *page, uint64_t number, struct slice bytes);

/* Returns status, or OK for MALFORMED: what cannot be read is left out, and noted by its job. */
enum status event_page_leave_out(struct event_page *page, const struct id *job, enum status status);

/* Calls visit with each EVENT of an E value and its bytes, until it is not OK, and returns that;
 * MALFORMED behind those before something damaged. */
typedef enum status event_page_visit(struct event_page *page, const struct message_event *event,
                                     struct slice bytes);
enum status event_page_each(struct event_page *page, struct slice value, event_page_visit *visit);

/* Writes the page and its first events, up to the request's limit. */
enum status event_page_write(struct event_page *page, bool reset, bool ended,
                             struct frame_writer *out);

#endif
