#include "gateway/insight.h"

#include "gateway/inquiry.h"
#include "gateway/insight_json.h"
#include "gateway/pagination.h"
#include "gateway/respond.h"

enum {
    INSIGHT_BODY_SIZE_MAX = 1 << 20, /* bytes: LIST_LIMIT_MAX users or PROVIDERS_MAX providers with
                                        the longest names, escaped */
};

/* ---- users ---- */

struct users_get {
    struct inquiry inquiry;
    struct buffer place;       /* that the cursor names */
    struct query_string query; /* the owner borrows from it */
};

static void users_get_dispose(void *memory)
{
    struct users_get *get = memory;
    buffer_fini(&get->place);
    inquiry_fini(get);
}

/* What else an answer about one user is, comes of an older broker. */
static void users_send(struct success *success, struct exchange *exchange, bool is_one,
                       enum status written)
{
    if (is_one && written == STATUS_MALFORMED) {
        respond_error(exchange, &HTTP_ERROR_BROKER_UNAVAILABLE, NULL);
        success_fini(success);
        return;
    }
    success_send(success, exchange, written);
}

static void on_users(struct request *request, const struct answer *answer)
{
    const struct inquiry *inquiry = LIST_OWNER(request, struct inquiry, request);
    struct success success;
    struct user_place last;
    if (!inquiry_is_heard(inquiry, answer) ||
        inquiry_refuses(inquiry, answer->message->admin_page.code)) {
        return;
    }
    const struct message_admin_page *page = &answer->message->admin_page;
    const struct message_get_users *asked = &request->message.get_users;
    bool is_one = asked->owner.size > 0;
    success_begin(&success, 200, INSIGHT_BODY_SIZE_MAX);
    enum status written =
        is_one ? insight_json_user(&success.writer, page, answer->records, asked->owner)
               : insight_json_users(&success.writer, page, answer->records, &last);
    if (written == STATUS_OK) {
        bool more = !is_one && page->count > 0 && page->behind > page->count;
        insight_json_page(&success.writer, asked->limit, more, &last);
    }
    users_send(&success, inquiry->exchange, is_one, written);
}

static void users_read(const struct exchange *exchange, struct users_get *get,
                       struct message_get_users *out, struct problems *problems)
{
    struct query_string *query = &get->query;
    static const struct field_rule rules[] = {
        {.name = "limit", .type = FIELD_INTEGER, .min = 1, .max = LIST_LIMIT_MAX},
        {.name = "cursor", .type = FIELD_TEXT, .min = 1, .max = PLACE_TEXT_SIZE_MAX},
        {.name = "owner", .type = FIELD_TEXT, .min = 1, .max = OWNER_SIZE_MAX},
    };
    struct slice text;
    struct user_place place = {0};
    int64_t limit = LIMIT_DEFAULT;
    if (query_string_parse(exchange_query(exchange), query) != STATUS_OK) {
        problems_add(problems, "query", "is malformed");
        return;
    }
    validate_query(rules, sizeof rules / sizeof rules[0], query, problems);
    if (problems->count > 0) {
        return;
    }
    if (query_string_find(query, "limit", &text) > 0) {
        validate_integer(text, &limit);
    }
    if (query_string_find(query, "cursor", &text) > 0 &&
        insight_json_place(text, &get->place, &place) != STATUS_OK) {
        pagination_refuse(problems);
    }
    if (query_string_find(query, "owner", &text) > 0) {
        out->owner = text;
    }
    out->limit = (uint32_t)limit;
    out->after = place.owner;
    out->after_jobs = place.jobs;
}

void insight_users(struct exchange *exchange)
{
    struct users_get *get = inquiry_new(exchange, sizeof(*get), users_get_dispose);
    struct problems problems = {0};
    buffer_init(&get->place, PLACE_SIZE_MAX);
    users_read(exchange, get, &inquiry_begin(&get->inquiry, MESSAGE_TYPE_GET_USERS)->get_users,
               &problems);
    if (problems.count > 0) {
        respond_error(exchange, &HTTP_ERROR_VALIDATION, &problems);
        return;
    }
    inquiry_ask(&get->inquiry, on_users);
}

/* ---- providers ---- */

static void on_providers(struct request *request, const struct answer *answer)
{
    const struct inquiry *inquiry = LIST_OWNER(request, struct inquiry, request);
    struct success success;
    if (!inquiry_is_heard(inquiry, answer) ||
        inquiry_refuses(inquiry, answer->message->admin_page.code)) {
        return;
    }
    success_begin(&success, 200, INSIGHT_BODY_SIZE_MAX);
    success_send(
        &success, inquiry->exchange,
        insight_json_providers(&success.writer, &answer->message->admin_page, answer->records));
}

void insight_providers(struct exchange *exchange)
{
    struct inquiry *inquiry = inquiry_new(exchange, sizeof(*inquiry), inquiry_fini);
    inquiry_begin(inquiry, MESSAGE_TYPE_GET_PROVIDERS);
    inquiry_ask(inquiry, on_providers);
}
