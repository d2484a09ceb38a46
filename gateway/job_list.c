#include "gateway/job_list.h"

#include "gateway/inquiry.h"
#include "gateway/job_waits.h"
#include "gateway/pagination.h"
#include "gateway/respond.h"
#include "proto/word_lists.h"

enum {
    KINDS_CHARACTER = 1 << JOB_KIND_CHARACTER,
    KINDS_IMAGE = 1 << JOB_KIND_IMAGE,
    KINDS_VIDEO = 1 << JOB_KIND_VIDEO,
    GROUP_CURSOR_SIZE = 2, /* bytes: up to GROUP_JOBS_MAX, big endian */
};

static const char *const TYPES[] = {"image", "video", NULL};

static const struct field_rule RULES[] = {
    {.name = "status", .type = FIELD_WORD, .words = WORD_LIST_STATUSES},
    {.name = "type", .type = FIELD_WORD, .words = TYPES}, /* last: media jobs only */
};

struct job_list {
    struct inquiry inquiry; /* LIST_JOBS or GET_GROUP, then GET_POSITION for those that wait */
    struct pagination pagination;
    struct walk walk; /* limit 0: a group's list, whose jobs keep their places */
    uint8_t group_next[GROUP_CURSOR_SIZE]; /* of a group's list: how many jobs went before */
    struct message_list_page page;         /* kept while positions are asked for, as the next two */
    struct buffer next;
    struct job_waits waits;
};

static void job_list_dispose(void *memory)
{
    struct job_list *list = memory;
    inquiry_fini(&list->inquiry);
    pagination_fini(&list->pagination);
    buffer_fini(&list->next);
    job_waits_fini(&list->waits);
}

/* ---- the answer ---- */

static enum status page_write(struct job_list *list, const struct message_list_page *page,
                              struct slice records, struct json_writer *writer)
{
    struct message record;
    json_array_begin(writer);
    for (uint32_t index = 0; index < page->count; index++) {
        if (record_read(&records, &record) != STATUS_OK || record.type != MESSAGE_TYPE_JOB_STATE) {
            return STATUS_MALFORMED;
        }
        struct job_wait wait = job_waits_take(&list->waits, &record.job_state);
        job_json_write(writer, &record.job_state, &wait);
    }
    json_array_end(writer);
    pagination_write(&list->pagination, page->total, page->next, writer);
    return json_writer_status(writer);
}

static void remember(const struct job_list *list, const struct message_list_page *page)
{
    struct gateway *gateway = list->inquiry.exchange->gateway;
    if (list->walk.limit > 0) {
        pagination_remember(&list->pagination, &gateway->walks, &list->walk, page->count,
                            page->next, gateway_now_ms(gateway));
    }
}

static void page_send(struct job_list *list, const struct message_list_page *page,
                      struct slice records)
{
    struct success success;
    success_begin(&success, 200, LIST_BODY_SIZE_MAX);
    enum status written = page_write(list, page, records, &success.writer);
    if (written == STATUS_OK) {
        remember(list, page);
    }
    success_send(&success, list->inquiry.exchange, written);
}

/* ---- what those that have not started wait for ---- */

/* An answer that does not come costs the client no more than these members. */
static void on_positions(struct request *request, const struct answer *answer)
{
    struct job_list *list = LIST_OWNER(request, struct job_list, inquiry.request);
    job_waits_hear(&list->waits, answer);
    page_send(list, &list->page, buffer_slice(&list->waits.records));
}

/* Asks what the page's jobs wait for, and keeps it. Returns whether an answer will come. */
static bool positions_ask(struct job_list *list, const struct message_list_page *page,
                          struct slice records)
{
    struct inquiry *inquiry = &list->inquiry;
    struct message question;
    if (job_waits_keep(&list->waits, page->count, records) != STATUS_OK ||
        buffer_append_slice(&list->next, page->next) != STATUS_OK ||
        !job_waits_question(&list->waits, &question)) {
        return false;
    }
    list->page = *page;
    list->page.next = buffer_slice(&list->next);
    *inquiry_begin(inquiry, MESSAGE_TYPE_GET_POSITION) = question;
    inquiry->request.done = on_positions;
    return gateway_ask(inquiry->exchange->gateway, &inquiry->request) == STATUS_OK;
}

/* ---- the page ---- */

static void page_take(struct job_list *list, const struct message_list_page *page,
                      struct slice records)
{
    if (!positions_ask(list, page, records)) {
        job_waits_hear(&list->waits, NULL);
        page_send(list, page, records);
    }
}

static void on_answer(struct request *request, const struct answer *answer)
{
    struct job_list *list = LIST_OWNER(request, struct job_list, inquiry.request);
    if (!inquiry_is_heard(&list->inquiry, answer)) {
        return;
    }
    const struct message_list_page *page = &answer->message->list_page;
    if (!inquiry_refuses_page(&list->inquiry, page->code)) {
        page_take(list, page, job_waits_records(answer));
    }
}

static void on_group(struct request *request, const struct answer *answer)
{
    struct job_list *list = LIST_OWNER(request, struct job_list, inquiry.request);
    struct exchange *exchange = list->inquiry.exchange;
    if (!inquiry_is_heard(&list->inquiry, answer)) {
        return;
    }
    const struct message_group_state *group = &answer->message->group_state;
    if (group->code == REPLY_CODE_OK && group->kind == GROUP_KIND_BATCH &&
        exchange_may_see(exchange, group->owner)) {
        uint32_t end = request->message.get_group.skip + group->count;
        struct message_list_page page = {.total = group->total, .count = group->count};
        if (end < group->total) {
            list->group_next[0] = (uint8_t)(end >> 8);
            list->group_next[1] = (uint8_t)end;
            page.next = slice_make(list->group_next, GROUP_CURSOR_SIZE);
        }
        page_take(list, &page, job_waits_records(answer));
    } else if (group->code == REPLY_CODE_OK || group->code == REPLY_CODE_NOT_FOUND ||
               (group->code == REPLY_CODE_EXPIRED && !exchange_may_see(exchange, group->owner))) {
        respond_error(exchange, &HTTP_ERROR_BATCH_NOT_FOUND, NULL);
    } else {
        respond_error(exchange, http_error_of_reply((enum reply_code)group->code), NULL);
    }
}

/* ---- the question ---- */

/* Fills in the message from a query that passed its rules. */
static void message_fill(struct job_list *list, const struct query_string *query,
                         struct problems *problems)
{
    struct message_list_jobs *message = &list->inquiry.request.message.list_jobs;
    const struct gateway *gateway = list->inquiry.exchange->gateway;
    struct slice text;
    pagination_read(&list->pagination, query, problems);
    if (query_string_find(query, "status", &text) > 0) {
        message->states = (uint8_t)(1 << validate_word_index(WORD_LIST_STATUSES, text));
    }
    if (message->kinds != KINDS_CHARACTER && query_string_find(query, "type", &text) > 0) {
        message->kinds = validate_word_index(TYPES, text) == 0 ? KINDS_IMAGE : KINDS_VIDEO;
    }
    list->walk = (struct walk){
        .owner = message->owner,
        .filter = WALK_JOBS | (uint32_t)message->kinds << 8 | message->states,
        .limit = list->pagination.limit,
    };
    pagination_continue(&list->pagination, &gateway->walks, &list->walk, gateway_now_ms(gateway));
    message->limit = list->pagination.limit;
    message->skip = list->pagination.skip;
    message->cursor = buffer_slice(&list->pagination.cursor);
}

static struct job_list *job_list_new(struct exchange *exchange)
{
    struct job_list *list = inquiry_new(exchange, sizeof(*list), job_list_dispose);
    pagination_init(&list->pagination);
    buffer_init(&list->next, CURSOR_SIZE_MAX);
    job_waits_init(&list->waits);
    return list;
}

static void job_list_start(struct exchange *exchange, uint8_t kinds)
{
    struct query_string query;
    struct problems problems = {0};
    size_t rule_count = sizeof(RULES) / sizeof(RULES[0]) - (kinds == KINDS_CHARACTER ? 1 : 0);
    struct job_list *list = job_list_new(exchange);
    struct message *message = inquiry_begin(&list->inquiry, MESSAGE_TYPE_LIST_JOBS);
    message->list_jobs.owner = exchange->owner;
    message->list_jobs.kinds = kinds;
    if (query_string_parse(exchange_query(exchange), &query) != STATUS_OK) {
        problems_add(&problems, "query", "is malformed");
    } else {
        validate_query(RULES, rule_count, &query, &problems);
        pagination_check(&query, &problems);
    }
    if (problems.count == 0) {
        message_fill(list, &query, &problems);
    }
    if (problems.count > 0) {
        respond_error(exchange, &HTTP_ERROR_VALIDATION, &problems);
    } else {
        inquiry_ask(&list->inquiry, on_answer);
    }
}

/* The jobs of a group, in their own order; a cursor says how many went before. Notes what is wrong
 * with the query. */
static void group_fill(struct job_list *list, const struct query_string *query,
                       struct problems *problems)
{
    struct message_get_group *message = &list->inquiry.request.message.get_group;
    const struct buffer *cursor = &list->pagination.cursor;
    pagination_read(&list->pagination, query, problems);
    uint64_t skip = list->pagination.skip;
    if (problems->count == 0 && cursor->size == GROUP_CURSOR_SIZE) {
        skip = (uint64_t)cursor->data[0] << 8 | cursor->data[1];
    } else if (problems->count == 0 && cursor->size > 0) {
        pagination_refuse(problems);
    }
    message->limit = list->pagination.limit;
    message->skip = skip < GROUP_JOBS_MAX ? (uint32_t)skip : GROUP_JOBS_MAX;
}

void job_list_batch(struct exchange *exchange)
{
    struct query_string query;
    struct problems problems = {0};
    struct job_list *list = job_list_new(exchange);
    struct message *message = inquiry_begin(&list->inquiry, MESSAGE_TYPE_GET_GROUP);
    if (exchange_id(exchange, 0, &message->get_group.group) != STATUS_OK) {
        respond_error(exchange, &HTTP_ERROR_BATCH_NOT_FOUND, NULL);
        return;
    }
    if (query_string_parse(exchange_query(exchange), &query) != STATUS_OK) {
        problems_add(&problems, "query", "is malformed");
    } else {
        pagination_check(&query, &problems);
    }
    if (problems.count == 0) {
        group_fill(list, &query, &problems);
    }
    if (problems.count > 0) {
        respond_error(exchange, &HTTP_ERROR_VALIDATION, &problems);
    } else {
        inquiry_ask(&list->inquiry, on_group);
    }
}

void job_list_character(struct exchange *exchange)
{
    job_list_start(exchange, KINDS_CHARACTER);
}

void job_list_media(struct exchange *exchange)
{
    job_list_start(exchange, KINDS_IMAGE | KINDS_VIDEO);
}
