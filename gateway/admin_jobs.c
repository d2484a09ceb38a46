#include "gateway/admin_jobs.h"

#include "gateway/admin_filter.h"
#include "gateway/inquiry.h"
#include "gateway/job_waits.h"
#include "gateway/pagination.h"
#include "gateway/respond.h"

enum {
    JOBS_NAMED_MAX = 20, /* by one parameter, with commas between them: QUERY_VALUE_SIZE_MAX */
};

_Static_assert(JOBS_NAMED_MAX *ID_TEXT_SIZE <= QUERY_VALUE_SIZE_MAX, "they fit");
_Static_assert(JOBS_NAMED_MAX *ID_SIZE <= SEARCH_JOBS_SIZE_MAX, "they fit");

struct job_search {
    struct inquiry inquiry; /* SEARCH_JOBS, then GET_POSITION for those that wait */
    uint8_t jobs[JOBS_NAMED_MAX * ID_SIZE];
    struct pagination pagination;
    struct query_string query;       /* the request's texts borrow from it */
    struct message_search_page page; /* kept while positions are asked for, as the next two */
    struct buffer next;
    struct job_waits waits;
};

static void job_search_dispose(void *memory)
{
    struct job_search *search = memory;
    inquiry_fini(&search->inquiry);
    pagination_fini(&search->pagination);
    buffer_fini(&search->next);
    job_waits_fini(&search->waits);
}

/* ---- the answer ---- */

/* Of a character that is there: its picture, which its owner finds in its document. */
static void portrait_write(struct json_writer *writer, const struct message_job_state *job)
{
    if (job->state != JOB_STATE_COMPLETED || job->url.size == 0) {
        return;
    }
    json_name(writer, "portrait");
    json_object_begin(writer);
    json_member_id(writer, "mediaId", &job->media);
    json_member_text(writer, "url", job->url);
    json_object_end(writer);
}

void admin_job_members(struct json_writer *writer, const struct message_job_state *job)
{
    json_member_text(writer, "queue", slice_from_string(job_kind_name(job->kind)));
    json_member_text(writer, "owner", job->owner);
    if (job->kind != JOB_KIND_WEBHOOK) {
        json_member_id(writer, "characterId", &job->character);
    }
    if (!id_is_zero(&job->parent)) {
        json_member_id(writer, "parentJobId", &job->parent);
    }
    if (job->kind == JOB_KIND_CHARACTER) { /* it has no character yet for its owner */
        job_json_character(writer, job);
        portrait_write(writer, job);
    }
}

static enum status page_write(struct job_search *search, struct json_writer *writer)
{
    const struct message_search_page *page = &search->page;
    struct slice records = buffer_slice(&search->waits.records);
    struct message record;
    json_object_begin(writer);
    json_name(writer, "jobs");
    json_array_begin(writer);
    for (uint32_t index = 0; index < page->count; index++) {
        if (record_read(&records, &record) != STATUS_OK) {
            return STATUS_MALFORMED;
        }
        struct job_wait wait = job_waits_take(&search->waits, &record.job_state);
        json_object_begin(writer);
        job_json_members(writer, &record.job_state, &wait);
        admin_job_members(writer, &record.job_state);
        json_object_end(writer);
    }
    json_array_end(writer);
    json_object_end(writer);
    pagination_write_search(&search->pagination, page->next, page->scanned, page->exhausted,
                            writer);
    return STATUS_OK;
}

static void page_send(struct job_search *search)
{
    struct success success;
    success_begin(&success, 200, LIST_BODY_SIZE_MAX);
    success_send(&success, search->inquiry.exchange, page_write(search, &success.writer));
}

/* An answer that does not come costs the operator no more than what jobs wait for. */
static void on_positions(struct request *request, const struct answer *answer)
{
    struct job_search *search = LIST_OWNER(request, struct job_search, inquiry.request);
    job_waits_hear(&search->waits, answer);
    page_send(search);
}

static void page_take(struct job_search *search, const struct answer *answer)
{
    struct inquiry *inquiry = &search->inquiry;
    struct message question;
    search->page = answer->message->search_page;
    enum status status =
        job_waits_keep(&search->waits, search->page.count, job_waits_records(answer));
    if (status == STATUS_OK) {
        status = buffer_append_slice(&search->next, search->page.next);
    }
    if (status != STATUS_OK) {
        respond_error(inquiry->exchange, &HTTP_ERROR_INTERNAL, NULL);
        return;
    }
    search->page.next = buffer_slice(&search->next);
    if (job_waits_question(&search->waits, &question)) {
        *inquiry_begin(inquiry, MESSAGE_TYPE_GET_POSITION) = question;
        inquiry->request.done = on_positions;
        if (gateway_ask(inquiry->exchange->gateway, &inquiry->request) == STATUS_OK) {
            return;
        }
    }
    page_send(search);
}

static void on_answer(struct request *request, const struct answer *answer)
{
    struct job_search *search = LIST_OWNER(request, struct job_search, inquiry.request);
    if (inquiry_is_heard(&search->inquiry, answer) &&
        !inquiry_refuses_page(&search->inquiry, answer->message->search_page.code)) {
        page_take(search, answer);
    }
}

/* ---- the question ---- */

/* Reads ids with commas between them. */
static void named_read(struct job_search *search, struct slice text, struct slice *out,
                       struct problems *problems)
{
    size_t size = 0;
    while (text.size > 0 && size < sizeof search->jobs) {
        const uint8_t *comma = memchr(text.data, ',', text.size);
        size_t word = comma == NULL ? text.size : (size_t)(comma - text.data);
        size_t step = comma == NULL ? word : word + 1;
        struct id job;
        if (id_parse(slice_make(text.data, word), &job) != STATUS_OK) {
            break;
        }
        memcpy(search->jobs + size, job.bytes, ID_SIZE);
        size += ID_SIZE;
        text = slice_make(text.data + step, text.size - step);
    }
    if (text.size > 0 || size == 0) {
        problems_add(problems, "jobId", "must be %d ids at most, with commas between them",
                     JOBS_NAMED_MAX);
    }
    *out = slice_make(search->jobs, size);
}

static void message_fill(struct job_search *search, struct problems *problems)
{
    struct message_search_jobs *message =
        &inquiry_begin(&search->inquiry, MESSAGE_TYPE_SEARCH_JOBS)->search_jobs;
    struct slice jobs;
    if (query_string_parse(exchange_query(search->inquiry.exchange), &search->query) != STATUS_OK) {
        problems_add(problems, "query", "is malformed");
        return;
    }
    if (query_string_find(&search->query, "jobId", &jobs) > 0) {
        if (search->query.count > 1) {
            problems_add(problems, "jobId", "stands alone");
        }
        named_read(search, jobs, &message->jobs, problems);
        message->limit = search->pagination.limit = JOBS_NAMED_MAX;
        return;
    }
    pagination_check_search(&search->query, problems);
    admin_filter_query(&search->query, message, problems);
    if (problems->count == 0) {
        pagination_read_cursor(&search->pagination, &search->query, problems);
    }
    message->searcher = search->inquiry.exchange->owner;
    message->limit = search->pagination.limit;
    message->cursor = buffer_slice(&search->pagination.cursor);
}

void admin_jobs_search(struct exchange *exchange)
{
    struct problems problems = {0};
    struct job_search *search = inquiry_new(exchange, sizeof(*search), job_search_dispose);
    pagination_init(&search->pagination);
    buffer_init(&search->next, CURSOR_SIZE_MAX);
    job_waits_init(&search->waits);
    message_fill(search, &problems);
    if (problems.count > 0) {
        respond_error(exchange, &HTTP_ERROR_VALIDATION, &problems);
    } else {
        inquiry_ask(&search->inquiry, on_answer);
    }
}
