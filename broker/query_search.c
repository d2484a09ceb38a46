#include "broker/query.h"

#include <assert.h>
#include "broker/query_job.h"
#include "broker/search.h"

/* One page of a search: its jobs are written behind a place for the page's own record, which is
 * known last. */

struct page {
    struct message message;
    uint8_t cursor[LIST_CURSOR_SIZE];
    struct buffer jobs;         /* a frame with the JOB_STATEs */
    struct frame_writer writer; /* of it */
};

/* Writes a job, or notes that what is told of it is damaged. */
static enum status write_job(struct view *view, const struct job_value *value,
                             const struct retention *retention, struct character_memo *memo,
                             struct page *page)
{
    enum status status = job_state_write(view, value, 0, retention, memo, &page->writer);
    if (status == STATUS_MALFORMED) {
        view_note_record(view, &value->head.id);
        return STATUS_OK;
    }
    page->message.search_page.count += status == STATUS_OK;
    return status;
}

/* Those that are named. */
static enum status write_named(struct view *view, struct slice jobs,
                               const struct retention *retention, struct page *page)
{
    struct character_memo memo;
    struct job_value value;
    struct buffer record;
    struct message_search_page *told = &page->message.search_page;
    character_memo_init(&memo);
    memo.names_asked = true;
    buffer_init(&record, VALUE_SIZE_MAX);
    told->exhausted = true;
    enum status status = frame_begin(&page->writer, &page->jobs, 0);
    for (size_t at = 0; at + ID_SIZE <= jobs.size && status == STATUS_OK; at += ID_SIZE) {
        struct id job;
        memcpy(job.bytes, jobs.data + at, ID_SIZE);
        status = query_record(view, &job, &record, &value);
        if (status == STATUS_OK) {
            status = write_job(view, &value, retention, &memo, page);
        } else if (status == STATUS_MALFORMED) {
            view_note_record(view, &job);
            status = STATUS_OK;
        } else if (status == STATUS_NOT_FOUND) {
            status = STATUS_OK;
        }
        told->scanned++;
    }
    buffer_fini(&record);
    character_memo_fini(&memo);
    return status;
}

static enum status write_jobs(struct view *view, struct search *search, uint32_t most,
                              const struct retention *retention, struct page *page)
{
    struct character_memo memo;
    struct job_value value;
    enum search_end end = SEARCH_FOUND;
    struct message_search_page *told = &page->message.search_page;
    character_memo_init(&memo);
    memo.names_asked = true;
    enum status status = frame_begin(&page->writer, &page->jobs, 0);
    while (status == STATUS_OK && search_goes_on(end) && told->count < most) {
        status = search_next(search, &end, &value);
        if (status == STATUS_OK && end == SEARCH_FOUND) {
            status = write_job(view, &value, retention, &memo, page);
        }
    }
    character_memo_fini(&memo);
    told->scanned = search_scanned(search);
    told->exhausted = end == SEARCH_EXHAUSTED;
    if (!told->exhausted) {
        search_cursor(search, page->cursor);
        told->next = slice_make(page->cursor, sizeof page->cursor);
    }
    return status;
}

enum status query_search(struct view *view, const struct message_search_jobs *request,
                         const struct search_limit *limit, const struct retention *retention,
                         struct frame_writer *out)
{
    struct search *search = NULL;
    struct page page = {.message = {.type = MESSAGE_TYPE_SEARCH_PAGE,
                                    .search_page = {.request = request->request}}};
    assert(request->limit <= LIST_LIMIT_MAX);
    buffer_init(&page.jobs, FRAME_SIZE_MAX);
    bool named = request->jobs.size > 0;
    enum status status = named ? STATUS_OK : search_new(view, request, limit, &search);
    if (status == STATUS_INVALID || request->limit == 0) {
        page.message.search_page.code = REPLY_CODE_INVALID;
        status = STATUS_OK;
    } else if (status == STATUS_OK) {
        status = named ? write_named(view, request->jobs, retention, &page)
                       : write_jobs(view, search, request->limit, retention, &page);
    }
    if (status == STATUS_OK) {
        status = frame_write(out, &page.message);
    }
    if (status == STATUS_OK && page.message.search_page.count > 0) {
        status = frame_splice(out, frame_records(&page.writer), page.message.search_page.count);
    }
    search_destroy(&search);
    buffer_fini(&page.jobs);
    return status;
}

enum status query_job_input(struct view *view, const struct message_get_input *request,
                            struct frame_writer *out)
{
    struct buffer buffer;
    struct message submitted;
    struct message message = {.type = MESSAGE_TYPE_INPUT, .input = {.request = request->request}};
    buffer_init(&buffer, VALUE_SIZE_MAX);
    enum status status = query_input(view, &request->job, &buffer, &submitted);
    if (status == STATUS_OK && submitted.submit.kind != JOB_KIND_WEBHOOK) {
        message.input.payload = submitted.submit.payload;
        message.input.source = submitted.submit.source;
    } else if (status == STATUS_NOT_FOUND) {
        message.input.code = REPLY_CODE_NOT_FOUND;
        status = STATUS_OK;
    }
    status = status == STATUS_OK ? frame_write(out, &message) : query_status(status);
    buffer_fini(&buffer);
    return status;
}
