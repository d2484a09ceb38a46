#include "gateway/document_list.h"

#include "base/log.h"
#include "gateway/body.h"
#include "gateway/inquiry.h"
#include "gateway/pagination.h"
#include "gateway/respond.h"

static const char *const TYPES[] = {"image", "video", NULL};

static const struct field_rule MEDIA_RULES[] = {
    {.name = "type", .type = FIELD_WORD, .words = TYPES},
};

struct document_list {
    struct inquiry inquiry; /* LIST_DOCUMENTS */
    struct pagination pagination;
    struct walk walk;
};

static void document_list_dispose(void *memory)
{
    struct document_list *list = memory;
    inquiry_fini(&list->inquiry);
    pagination_fini(&list->pagination);
}

/* ---- the answer ---- */

/* What an actor wrote goes into the page as it is, so that it must be JSON. */
static void document_write(const struct exchange *exchange, struct json_writer *writer,
                           struct slice document)
{
    if (body_is_object(document)) {
        json_put_raw(writer, document);
    } else {
        log_warn("document is left out of a list: it is no JSON object",
                 "request=%.*s job=%s size=%zu", SLICE_PRINT(exchange->request_id), exchange->job,
                 document.size);
    }
}

static enum status page_write(const struct document_list *list, const struct answer *answer,
                              struct json_writer *writer)
{
    const struct message_document_page *page = &answer->message->document_page;
    struct frame_reader records = answer->records;
    struct message record;
    json_array_begin(writer);
    for (uint32_t index = 0; index < page->count; index++) {
        if (frame_next(&records, &record) != STATUS_OK || record.type != MESSAGE_TYPE_DOCUMENT) {
            return STATUS_MALFORMED;
        }
        document_write(list->inquiry.exchange, writer, record.document.document);
    }
    json_array_end(writer);
    pagination_write(&list->pagination, page->total, page->next, writer);
    return STATUS_OK;
}

static void page_send(struct document_list *list, const struct answer *answer)
{
    const struct message_document_page *page = &answer->message->document_page;
    struct gateway *gateway = list->inquiry.exchange->gateway;
    struct success success;
    success_begin(&success, 200, LIST_BODY_SIZE_MAX);
    enum status status = page_write(list, answer, &success.writer);
    if (status == STATUS_OK) {
        pagination_remember(&list->pagination, &gateway->walks, &list->walk, page->count,
                            page->next, gateway_now_ms(gateway));
    }
    success_send(&success, list->inquiry.exchange, status);
}

static void on_answer(struct request *request, const struct answer *answer)
{
    struct document_list *list = LIST_OWNER(request, struct document_list, inquiry.request);
    if (!inquiry_is_heard(&list->inquiry, answer)) {
        return;
    }
    uint8_t code = answer->message->document_page.code;
    if (code == REPLY_CODE_NOT_FOUND) {
        respond_error(list->inquiry.exchange, &HTTP_ERROR_CHARACTER_NOT_FOUND, NULL);
    } else if (!inquiry_refuses_page(&list->inquiry, code)) {
        page_send(list, answer);
    }
}

/* ---- the question ---- */

/* Fills in the message from a query that passed its rules. */
static void message_fill(struct document_list *list, const struct query_string *query,
                         struct problems *problems)
{
    struct message_list_documents *message = &list->inquiry.request.message.list_documents;
    const struct gateway *gateway = list->inquiry.exchange->gateway;
    struct slice text;
    pagination_read(&list->pagination, query, problems);
    if (!id_is_zero(&message->character) && query_string_find(query, "type", &text) > 0) {
        bool image = validate_word_index(TYPES, text) == 0;
        message->types = 1 << (image ? DOCUMENT_TYPE_IMAGE : DOCUMENT_TYPE_VIDEO);
    }
    list->walk = (struct walk){
        .owner = message->owner,
        .character = message->character,
        .filter = WALK_DOCUMENTS | message->types,
        .limit = list->pagination.limit,
    };
    pagination_continue(&list->pagination, &gateway->walks, &list->walk, gateway_now_ms(gateway));
    message->limit = list->pagination.limit;
    message->skip = list->pagination.skip;
    message->cursor = buffer_slice(&list->pagination.cursor);
}

/* character: whose entries are wanted; all zero for the caller's characters. */
static void document_list_start(struct exchange *exchange, const struct id *character)
{
    struct query_string query;
    struct problems problems = {0};
    size_t rule_count = id_is_zero(character) ? 0 : sizeof(MEDIA_RULES) / sizeof(MEDIA_RULES[0]);
    struct document_list *list = inquiry_new(exchange, sizeof(*list), document_list_dispose);
    struct message *message = inquiry_begin(&list->inquiry, MESSAGE_TYPE_LIST_DOCUMENTS);
    pagination_init(&list->pagination);
    message->list_documents.owner = exchange->owner;
    message->list_documents.admin = exchange->admin;
    message->list_documents.character = *character;
    if (query_string_parse(exchange_query(exchange), &query) != STATUS_OK) {
        problems_add(&problems, "query", "is malformed");
    } else {
        validate_query(MEDIA_RULES, rule_count, &query, &problems);
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

void document_list_characters(struct exchange *exchange)
{
    static const struct id none;
    document_list_start(exchange, &none);
}

void document_list_media(struct exchange *exchange)
{
    struct id character;
    if (exchange_id(exchange, 0, &character) == STATUS_OK && !id_is_zero(&character)) {
        document_list_start(exchange, &character);
    } else {
        respond_error(exchange, &HTTP_ERROR_CHARACTER_NOT_FOUND, NULL);
    }
}
