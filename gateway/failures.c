#include "gateway/failures.h"

#include "gateway/admin_filter.h"
#include "gateway/inquiry.h"
#include "gateway/pagination.h"
#include "gateway/respond.h"

struct failures {
    struct inquiry inquiry; /* GET_FAILURES */
    struct pagination pagination;
    struct query_string query; /* the request's texts borrow from it */
};

static void failures_dispose(void *memory)
{
    struct failures *failures = memory;
    inquiry_fini(&failures->inquiry);
    pagination_fini(&failures->pagination);
}

/* ---- the answer ---- */

static void samples_write(struct json_writer *writer, struct slice jobs)
{
    json_name(writer, "sampleJobIds");
    json_array_begin(writer);
    for (size_t place = 0; place + ID_SIZE <= jobs.size; place += ID_SIZE) {
        struct id id;
        char text[ID_TEXT_SIZE];
        memcpy(id.bytes, jobs.data + place, ID_SIZE);
        id_format(&id, text);
        json_put_text(writer, slice_from_string(text));
    }
    json_array_end(writer);
}

static void group_write(struct json_writer *writer, const struct message_failure_group *group)
{
    json_object_begin(writer);
    json_member_id(writer, "errorGroup", &group->error_group);
    json_member_text(writer, "queue", slice_from_string(job_kind_name(group->kind)));
    json_member_text(writer, "errorCode", group->error_code);
    json_member_text(writer, "message", group->message);
    json_member_integer(writer, "count", (int64_t)group->count);
    json_member_time(writer, "firstFailedAt", group->first_at);
    json_member_time(writer, "lastFailedAt", group->last_at);
    samples_write(writer, group->jobs);
    json_object_end(writer);
}

static enum status page_write(const struct failures *failures, const struct answer *answer,
                              struct json_writer *writer)
{
    const struct message_failure_page *page = &answer->message->failure_page;
    struct frame_reader records = answer->records;
    struct message record;
    json_object_begin(writer);
    json_name(writer, "groups");
    json_array_begin(writer);
    for (uint32_t index = 0; index < page->count; index++) {
        if (frame_next(&records, &record) != STATUS_OK ||
            record.type != MESSAGE_TYPE_FAILURE_GROUP) {
            return STATUS_MALFORMED;
        }
        group_write(writer, &record.failure_group);
    }
    json_array_end(writer);
    json_object_end(writer);
    pagination_write_search(&failures->pagination, page->next, page->scanned, page->exhausted,
                            writer);
    return STATUS_OK;
}

static void on_answer(struct request *request, const struct answer *answer)
{
    struct failures *failures = LIST_OWNER(request, struct failures, inquiry.request);
    struct success success;
    if (!inquiry_is_heard(&failures->inquiry, answer)) {
        return;
    }
    if (!inquiry_refuses_page(&failures->inquiry, answer->message->failure_page.code)) {
        success_begin(&success, 200, LIST_BODY_SIZE_MAX);
        success_send(&success, failures->inquiry.exchange,
                     page_write(failures, answer, &success.writer));
    }
}

/* ---- the question ---- */

/* The same jobs as a search's, of which all have failed. */
static struct message_get_failures message_of(const struct message_search_jobs *filter)
{
    return (struct message_get_failures){
        .kinds = filter->kinds,
        .owner = filter->owner,
        .character = filter->character,
        .text = filter->text,
        .tag = filter->tag,
        .from = filter->from,
        .to = filter->to,
        .error_code = filter->error_code,
        .error_group = filter->error_group,
        .group = filter->group,
    };
}

static void message_fill(struct failures *failures, struct problems *problems)
{
    struct message_search_jobs filter = {0};
    struct slice status;
    struct message_get_failures *message =
        &inquiry_begin(&failures->inquiry, MESSAGE_TYPE_GET_FAILURES)->get_failures;
    if (query_string_parse(exchange_query(failures->inquiry.exchange), &failures->query) !=
        STATUS_OK) {
        problems_add(problems, "query", "is malformed");
        return;
    }
    pagination_check_search(&failures->query, problems);
    if (query_string_find(&failures->query, "status", &status) > 0) {
        problems_add(problems, "status", "is not known here: all of them have failed");
    }
    admin_filter_query(&failures->query, &filter, problems);
    if (problems->count == 0) {
        pagination_read_cursor(&failures->pagination, &failures->query, problems);
    }
    *message = message_of(&filter);
    message->searcher = failures->inquiry.exchange->owner;
    message->limit = failures->pagination.limit;
    message->cursor = buffer_slice(&failures->pagination.cursor);
}

void failures_get(struct exchange *exchange)
{
    struct problems problems = {0};
    struct failures *failures = inquiry_new(exchange, sizeof(*failures), failures_dispose);
    pagination_init(&failures->pagination);
    message_fill(failures, &problems);
    if (problems.count > 0) {
        respond_error(exchange, &HTTP_ERROR_VALIDATION, &problems);
    } else {
        inquiry_ask(&failures->inquiry, on_answer);
    }
}
