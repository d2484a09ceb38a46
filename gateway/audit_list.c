#include "gateway/audit.h"
#include "gateway/audit_actions.h"
#include "gateway/inquiry.h"
#include "gateway/pagination.h"
#include "gateway/respond.h"

/* GET /api/v1/admin/audit: the audit log, newest line first. */

struct audit_get {
    struct inquiry inquiry; /* GET_AUDIT */
    struct pagination pagination;
    struct query_string query; /* the request's texts borrow from it */
};

static const struct field_rule RULES[] = {
    {.name = "user", .type = FIELD_TEXT, .min = 1, .max = OWNER_SIZE_MAX},
    {.name = "action", .type = FIELD_TEXT, .min = 1, .max = ACTION_SIZE_MAX},
};

static void audit_get_dispose(void *memory)
{
    struct audit_get *get = memory;
    inquiry_fini(&get->inquiry);
    pagination_fini(&get->pagination);
}

/* ---- the answer ---- */

static struct slice outcome_of(const struct message_audit_line *line)
{
    const char *name = line->outcome == AUDIT_OUTCOME_FAILED
                           ? reply_code_name((enum reply_code)line->code)
                           : audit_outcome_name((enum audit_outcome)line->outcome);
    return slice_from_string(name);
}

static void line_write(struct json_writer *writer, const struct message_audit_line *line)
{
    json_object_begin(writer);
    json_member_time(writer, "at", line->at);
    json_member_text(writer, "user", line->user);
    json_member_text(writer, "role", line->role);
    json_member_text(writer, "action", line->action);
    json_member_text_or_null(writer, "target", line->target);
    json_member_text(writer, "outcome", outcome_of(line));
    json_member_text_or_null(writer, "requestId", line->request_id);
    json_member_integer(writer, "leftOut", line->left_out);
    json_object_end(writer);
}

static enum status page_write(const struct audit_get *get, const struct answer *answer,
                              struct json_writer *writer)
{
    const struct message_audit_page *page = &answer->message->audit_page;
    struct frame_reader records = answer->records;
    struct message record;
    json_object_begin(writer);
    json_name(writer, "audit");
    json_array_begin(writer);
    for (uint32_t index = 0; index < page->count; index++) {
        if (frame_next(&records, &record) != STATUS_OK || record.type != MESSAGE_TYPE_AUDIT_LINE) {
            return STATUS_MALFORMED;
        }
        line_write(writer, &record.audit_line);
    }
    json_array_end(writer);
    json_object_end(writer);
    pagination_write_search(&get->pagination, page->next, page->scanned, page->exhausted, writer);
    return STATUS_OK;
}

static void on_answer(struct request *request, const struct answer *answer)
{
    const struct audit_get *get = LIST_OWNER(request, struct audit_get, inquiry.request);
    struct success success;
    if (!inquiry_is_heard(&get->inquiry, answer) ||
        inquiry_refuses_page(&get->inquiry, answer->message->audit_page.code)) {
        return;
    }
    success_begin(&success, 200, LIST_BODY_SIZE_MAX);
    success_send(&success, get->inquiry.exchange, page_write(get, answer, &success.writer));
}

/* ---- the question ---- */

static void text_read(const struct query_string *query, const char *name, size_t size_max,
                      struct slice *out, struct problems *problems)
{
    if (query_string_find(query, name, out) > 0 && out->size > size_max) {
        problems_add(problems, name, "must have at most %zu bytes", size_max);
    }
}

static void message_fill(struct audit_get *get, struct problems *problems)
{
    struct message_get_audit *message =
        &inquiry_begin(&get->inquiry, MESSAGE_TYPE_GET_AUDIT)->get_audit;
    if (query_string_parse(exchange_query(get->inquiry.exchange), &get->query) != STATUS_OK) {
        problems_add(problems, "query", "is malformed");
        return;
    }
    pagination_check_search(&get->query, problems);
    validate_query(RULES, sizeof(RULES) / sizeof(RULES[0]), &get->query, problems);
    text_read(&get->query, "user", OWNER_SIZE_MAX, &message->user, problems);
    text_read(&get->query, "action", ACTION_SIZE_MAX, &message->action, problems);
    if (problems->count == 0) {
        audit_actions_check(message->action, problems);
    }
    if (problems->count == 0) {
        pagination_read_cursor(&get->pagination, &get->query, problems);
    }
    message->searcher = get->inquiry.exchange->owner;
    message->limit = get->pagination.limit;
    message->cursor = buffer_slice(&get->pagination.cursor);
}

void audit_list(struct exchange *exchange)
{
    struct problems problems = {0};
    struct audit_get *get = inquiry_new(exchange, sizeof(*get), audit_get_dispose);
    pagination_init(&get->pagination);
    message_fill(get, &problems);
    if (problems.count > 0) {
        respond_error(exchange, &HTTP_ERROR_VALIDATION, &problems);
    } else {
        inquiry_ask(&get->inquiry, on_answer);
    }
}
