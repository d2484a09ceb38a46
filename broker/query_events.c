#include "broker/query.h"

#include <stdlib.h>
#include "broker/event_days.h"
#include "broker/event_page.h"
#include "broker/keys.h"
#include "broker/query_job.h"

enum {
    OWNER_RECORDS_MAX = EVENTS_LIMIT_MAX, /* O records of one page: each has an event at least */
};

/* ---- one job's timeline ---- */

struct timeline_counts {
    uint32_t progress;
    uint32_t others;
};

static enum status count_event(struct event_page *page, const struct message_event *event,
                               struct slice bytes)
{
    (void)bytes;
    if (event->kind == EVENT_KIND_PROGRESS) {
        page->skip_progress++;
    } else {
        page->skip_others++;
    }
    return STATUS_OK;
}

static enum status keep_event(struct event_page *page, const struct message_event *event,
                              struct slice bytes)
{
    uint32_t *skip = event->kind == EVENT_KIND_PROGRESS ? &page->skip_progress : &page->skip_others;
    if (*skip > 0) {
        (*skip)--;
        return STATUS_OK;
    }
    return event->event > page->after ? event_page_add(page, event->event, bytes) : STATUS_OK;
}

static bool count_chunk(void *context, struct slice key, struct slice value)
{
    struct event_page *page = context;
    (void)key;
    page->status =
        event_page_leave_out(page, &page->request->job, event_page_each(page, value, count_event));
    return page->status == STATUS_OK;
}

static bool keep_chunk(void *context, struct slice key, struct slice value)
{
    struct event_page *page = context;
    (void)key;
    page->status =
        event_page_leave_out(page, &page->request->job, event_page_each(page, value, keep_event));
    return page->status == STATUS_OK;
}

static enum status scan_timeline(struct event_page *page, view_visit *visit)
{
    uint8_t from[KEY_BYTES_MAX];
    uint8_t to[KEY_BYTES_MAX];
    const struct id *job = &page->request->job;
    enum status status = page->view->methods->scan(page->view, key_events(from, job, 0),
                                                   key_events(to, job, UINT32_MAX), visit, page);
    status = event_page_leave_out(page, job, status);
    return status == STATUS_OK ? page->status : status;
}

/* Decides what a long timeline loses: the oldest progress, and only then the oldest of the rest. */
static void choose_skips(struct event_page *page)
{
    uint32_t count = page->skip_progress + page->skip_others;
    uint32_t excess = count > EVENTS_KEPT_MAX ? count - EVENTS_KEPT_MAX : 0;
    page->skip_progress = excess < page->skip_progress ? excess : page->skip_progress;
    page->skip_others = excess - page->skip_progress;
}

static enum status refuse(const struct message_get_events *request, enum reply_code code,
                          struct frame_writer *out)
{
    const struct message message = {
        .type = MESSAGE_TYPE_EVENT_PAGE,
        .event_page = {.request = request->request, .code = (uint8_t)code},
    };
    return frame_write(out, &message);
}

/* What to say of a job that is not there: the owner of one that was may know. */
static enum reply_code code_of_absent(struct event_page *page, struct buffer *buffer)
{
    struct tombstone_value tombstone;
    const struct message_get_events *request = page->request;
    enum status status = query_tombstone(page->view, &request->job, buffer, &tombstone);
    bool was_mine = status == STATUS_OK && slice_equal(tombstone.owner, request->owner);
    return was_mine ? REPLY_CODE_EXPIRED : REPLY_CODE_NOT_FOUND;
}

static enum status query_timeline(struct event_page *page, struct frame_writer *out)
{
    struct buffer buffer;
    struct job_value value;
    const struct message_get_events *request = page->request;
    buffer_init(&buffer, VALUE_SIZE_MAX);
    enum status status = query_record(page->view, &request->job, &buffer, &value);
    bool mine = status == STATUS_OK && slice_equal(value.owner, request->owner);
    enum reply_code absent = REPLY_CODE_NOT_FOUND;
    if (status == STATUS_NOT_FOUND) {
        absent = code_of_absent(page, &buffer);
    }
    buffer_fini(&buffer);
    if (status == STATUS_NOT_FOUND || (status == STATUS_OK && !mine)) {
        return refuse(request, absent, out);
    }
    bool reset = request->after > page->event_last;
    page->after = reset ? 0 : request->after;
    if (status == STATUS_OK) {
        status = scan_timeline(page, count_chunk);
    }
    if (status == STATUS_OK) {
        choose_skips(page);
        status = scan_timeline(page, keep_chunk);
    }
    if (status != STATUS_OK) {
        return status;
    }
    return event_page_write(page, reset, job_state_is_terminal((enum job_state)value.head.state),
                            out);
}

/* ---- an owner's or a group's stream ---- */

/* O or V records in their order, copied: while they are scanned nothing else can be read. */
struct owner_records {
    struct buffer bytes;
    struct turn_record {
        uint32_t offset;
        uint32_t size;
    } records[OWNER_RECORDS_MAX];
    uint32_t count;
    uint32_t jobs; /* in all of them */
    uint32_t jobs_wanted;
    uint64_t last; /* the last event of the last one */
    bool more;     /* the scan stopped before the end */
    int64_t first; /* time of the first one */
    const struct view *view;
    bool is_damaged; /* one was left out because it cannot be read */
    enum status status;
};

static bool gather_record(void *context, struct slice key, struct slice value)
{
    struct owner_records *records = context;
    int64_t time_ms;
    uint32_t jobs;
    if (records->count == OWNER_RECORDS_MAX || records->jobs >= records->jobs_wanted) {
        records->more = true;
        return false;
    }
    records->status = owner_events_read(value, &time_ms, &jobs);
    if (records->status == STATUS_MALFORMED) {
        view_note_entry(records->view);
        records->is_damaged = true;
        records->status = STATUS_OK;
        return true;
    }
    if (records->status == STATUS_OK) {
        records->first = records->count == 0 ? time_ms : records->first;
        records->records[records->count++] =
            (struct turn_record){(uint32_t)records->bytes.size, (uint32_t)value.size};
        records->jobs += jobs;
        records->last = key_read_event(key);
        records->status = buffer_append_slice(&records->bytes, value);
    }
    return records->status == STATUS_OK;
}

static struct slice stream_key(uint8_t *out, const struct message_get_events *request,
                               uint64_t event)
{
    return id_is_zero(&request->group) ? key_owner_events(out, request->owner, event)
                                       : key_group_events(out, &request->group, event);
}

static enum status gather_records(struct event_page *page, struct owner_records *records)
{
    uint8_t from[KEY_BYTES_MAX];
    uint8_t to[KEY_BYTES_MAX];
    enum status status = page->view->methods->scan(
        page->view, stream_key(from, page->request, page->after + 1),
        stream_key(to, page->request, UINT64_MAX), gather_record, records);
    records->is_damaged |= status == STATUS_MALFORMED;
    status = view_pass_over(page->view, status);
    page->is_damaged |= records->is_damaged;
    return status == STATUS_OK ? records->status : status;
}

static enum status keep_new(struct event_page *page, const struct message_event *event,
                            struct slice bytes)
{
    return event->event > page->after ? event_page_add(page, event->event, bytes) : STATUS_OK;
}

static int compare_numbers(const void *left, const void *right)
{
    uint64_t left_number = ((const struct found_event *)left)->number;
    uint64_t right_number = ((const struct found_event *)right)->number;
    return (left_number > right_number) - (left_number < right_number);
}

/* Adds the events of one turn, which stand by job, in the order of their numbers. */
static enum status add_turn(struct event_page *page, struct slice record, struct buffer *buffer)
{
    int64_t time_ms;
    uint32_t jobs;
    uint32_t first = page->count;
    enum status status = query_status(owner_events_read(record, &time_ms, &jobs));
    for (uint32_t index = 0; index < jobs && status == STATUS_OK; index++) {
        uint8_t key[KEY_BYTES_MAX];
        struct id job;
        uint32_t version;
        owner_events_get(record, index, &job, &version);
        status = page->view->methods->get(page->view, key_events(key, &job, version), buffer);
        if (status == STATUS_OK) {
            status = event_page_each(page, buffer_slice(buffer), keep_new);
        } else if (status == STATUS_NOT_FOUND) {
            status = STATUS_OK; /* its job is kept no longer */
        }
        status = event_page_leave_out(page, &job, status);
    }
    if (status == STATUS_OK && page->count > first) {
        qsort(page->events + first, page->count - first, sizeof page->events[0], compare_numbers);
    }
    return status;
}

static enum status add_turns(struct event_page *page, const struct owner_records *records)
{
    struct buffer buffer;
    enum status status = STATUS_OK;
    buffer_init(&buffer, VALUE_SIZE_MAX);
    for (uint32_t index = 0; index < records->count && status == STATUS_OK; index++) {
        const struct turn_record *record = &records->records[index];
        if (page->count >= page->request->limit) {
            page->more = true;
            page->through = 0;
            break;
        }
        status =
            add_turn(page, slice_make(records->bytes.data + record->offset, record->size), &buffer);
    }
    buffer_fini(&buffer);
    return status;
}

static struct owner_records *records_new(const struct event_page *page)
{
    struct owner_records *records = calloc(1, sizeof *records);
    if (records != NULL) {
        buffer_init(&records->bytes, EVENTS_SIZE_MAX);
        records->jobs_wanted = page->request->limit;
        records->view = page->view;
    }
    return records;
}

static void records_free(struct owner_records *records)
{
    buffer_fini(&records->bytes);
    free(records);
}

/* Events that nobody can read are gone like those that are no longer kept: who asks is to look
 * anew, and goes on behind all there is. */
static bool is_incomplete(struct event_page *page)
{
    if (page->is_damaged) {
        page->count = 0;
        page->more = false;
    }
    return page->is_damaged;
}

static enum status query_stream(struct event_page *page, int64_t now, struct frame_writer *out)
{
    struct owner_records *records = records_new(page);
    enum status status = STATUS_OK;
    if (records == NULL) {
        return STATUS_NO_MEMORY;
    }
    bool reset = page->after > page->event_last;
    if (!reset) {
        status = gather_records(page, records);
        reset = records->count > 0 && now - records->first > EVENTS_KEPT_MS;
    }
    if (status == STATUS_OK && !reset && page->after < page->event_last) {
        status = event_days_are_gone(page->view, page->after, now, &reset);
    }
    if (status == STATUS_OK && !reset) {
        page->more = records->more;
        page->through = records->last;
        status = add_turns(page, records);
    }
    if (status == STATUS_OK) {
        reset |= is_incomplete(page);
        status = event_page_write(page, reset, false, out);
    }
    records_free(records);
    return status;
}

/* Whether every job of the group is in a terminal state; stops at the first that is not. One that
 * is damaged does not count, as in the group's state. */
static enum status group_has_ended(struct event_page *page, const struct group_value *group,
                                   bool *out)
{
    struct buffer buffer;
    struct job_value value;
    enum status status = STATUS_OK;
    buffer_init(&buffer, VALUE_SIZE_MAX);
    *out = true;
    for (uint32_t index = 0; index < group_value_count(group) && status == STATUS_OK && *out;
         index++) {
        const struct id job = group_value_job(group, index);
        status = query_record(page->view, &job, &buffer, &value);
        *out = query_is_damage(status) || /* or it ended long ago */
               (status == STATUS_OK && job_state_is_terminal((enum job_state)value.head.state));
        status = event_page_leave_out(page, &job, status == STATUS_NOT_FOUND ? STATUS_OK : status);
    }
    buffer_fini(&buffer);
    return status;
}

/* All events of a group's jobs are kept as long as they are; its end is looked for behind the last
 * one. */
static enum status query_group_stream(struct event_page *page, const struct group_value *group,
                                      struct frame_writer *out)
{
    struct owner_records *records = records_new(page);
    bool reset = page->after > page->event_last;
    bool ended = false;
    if (records == NULL) {
        return STATUS_NO_MEMORY;
    }
    page->after = reset ? 0 : page->after;
    enum status status = gather_records(page, records);
    if (status == STATUS_OK) {
        page->more = records->more;
        page->through = records->last;
        status = add_turns(page, records);
    }
    if (status == STATUS_OK && !page->more && page->count <= page->request->limit) {
        status = group_has_ended(page, group, &ended);
    }
    if (status == STATUS_OK) {
        status = event_page_write(page, reset, ended, out);
    }
    records_free(records);
    return status;
}

static enum status query_group_events(struct event_page *page, struct frame_writer *out)
{
    struct buffer buffer;
    struct group_value group;
    const struct message_get_events *request = page->request;
    buffer_init(&buffer, VALUE_SIZE_MAX);
    enum status status = query_group_record(page->view, &request->group, &buffer, &group);
    bool mine = status == STATUS_OK && slice_equal(group.owner, request->owner);
    if (status == STATUS_NOT_FOUND || (status == STATUS_OK && !mine)) {
        status = refuse(request, REPLY_CODE_NOT_FOUND, out);
    } else if (status == STATUS_OK) {
        status = query_group_stream(page, &group, out);
    }
    buffer_fini(&buffer);
    return status;
}

enum status query_events(struct view *view, const struct message_get_events *request, int64_t now,
                         struct frame_writer *out)
{
    struct event_page page;
    struct meta meta = {0};
    if (request->limit == 0) {
        return refuse(request, REPLY_CODE_INVALID, out);
    }
    enum status status = query_meta(view, &meta);
    if (status != STATUS_OK && status != STATUS_NOT_FOUND) {
        return query_status(status);
    }
    event_page_init(&page, view, request);
    page.event_last = meta.event_last;
    if (!id_is_zero(&request->group)) {
        status = query_group_events(&page, out);
    } else if (!id_is_zero(&request->job)) {
        status = query_timeline(&page, out);
    } else {
        status = query_stream(&page, now, out);
    }
    event_page_fini(&page);
    return status;
}
