#include "gateway/job_export.h"

#include <string.h>
#include "base/log.h"
#include "gateway/admin_filter.h"
#include "gateway/admin_jobs.h"
#include "gateway/job_csv.h"
#include "gateway/job_waits.h"
#include "gateway/pagination.h"
#include "gateway/respond.h"

/* In the request's pool: it ends with the client. */
struct job_export {
    h2o_generator_t generator; /* first: h2o hands it back */
    struct exchange *exchange;
    struct request request;    /* SEARCH_JOBS */
    struct request question;   /* GET_POSITION, for those of a page that wait */
    struct job_waits waits;    /* the page */
    uint32_t count;            /* of its jobs */
    bool has_more;             /* pages behind it */
    struct query_string query; /* its texts borrow from it */
    bool is_csv;
    bool has_begun;
    int64_t left; /* jobs that may still be told */
    h2o_timeout_entry_t pause;
    uint32_t wait_count; /* pauses before the next page */
    uint8_t cursor[CURSOR_SIZE_MAX];
    struct buffer piece; /* h2o's until it asks for more */
};

static void job_export_dispose(void *memory)
{
    struct job_export *export = memory;
    struct gateway *gateway = export->exchange->gateway;
    requests_remove(&gateway->requests, &export->request);
    requests_remove(&gateway->requests, &export->question);
    h2o_timeout_unlink(&export->pause);
    buffer_fini(&export->piece);
    job_waits_fini(&export->waits);
    gateway->export_count--;
}

/* What has begun can only be broken off. */
static void fail(struct job_export *export, const struct http_error *error)
{
    if (!export->has_begun) {
        respond_error(export->exchange, error, NULL);
        return;
    }
    log_warn("an export of jobs breaks off", "request=%.*s error=%s",
             SLICE_PRINT(export->exchange->request_id), error->code);
    exchange_send(export->exchange, NULL, 0, H2O_SEND_STATE_ERROR);
}

/* ---- the lines ---- */

static enum status write_line(struct job_export *export, const struct message_job_state *job,
                              struct buffer *out)
{
    struct json_writer writer;
    if (export->is_csv) {
        return job_csv_write(job, out);
    }
    struct job_wait wait = job_waits_take(&export->waits, job);
    json_writer_init(&writer, out);
    json_object_begin(&writer);
    job_json_members(&writer, job, &wait);
    admin_job_members(&writer, job);
    json_object_end(&writer);
    enum status status = json_writer_status(&writer);
    return status == STATUS_OK ? buffer_append(out, "\n", 1) : status;
}

static enum status write_page(struct job_export *export)
{
    struct slice records = buffer_slice(&export->waits.records);
    struct message record;
    bool has_head = export->is_csv && !export->has_begun;
    buffer_clear(&export->piece);
    enum status status = has_head ? job_csv_head(&export->piece) : STATUS_OK;
    for (uint32_t index = 0; index < export->count && status == STATUS_OK; index++) {
        status = record_read(&records, &record);
        if (status == STATUS_OK) {
            status = write_line(export, &record.job_state, &export->piece);
        }
    }
    return status;
}

/* ---- page after page ---- */

static void on_answer(struct request *request, const struct answer *answer);

/* All places for searches are taken. Half a file is of no use to anybody, so it goes on a little
 * later; before the first page its client knows best when to ask again. */
static void wait_for_place(struct job_export *export)
{
    h2o_context_t *context = export->exchange->gateway->context;
    bool is_first = export->request.message.search_jobs.cursor.size == 0;
    if (is_first || export->wait_count == EXPORT_WAITS_MAX) {
        fail(export, &HTTP_ERROR_BUSY);
        return;
    }
    export->wait_count++;
    h2o_timeout_link(context->loop, &context->one_sec_timeout, &export->pause);
}

static void ask(struct job_export *export)
{
    struct message_search_jobs *message = &export->request.message.search_jobs;
    message->limit = export->left < LIST_LIMIT_MAX ? (uint32_t) export->left : LIST_LIMIT_MAX;
    export->request.done = on_answer;
    if (gateway_ask(export->exchange->gateway, &export->request) != STATUS_OK) {
        wait_for_place(export);
    }
}

static void on_pause(h2o_timeout_entry_t *entry)
{
    ask(LIST_OWNER(entry, struct job_export, pause));
}

static void on_proceed(h2o_generator_t *generator, h2o_req_t *request)
{
    struct job_export *export = (struct job_export *)generator;
    (void)request;
    exchange_sent(export->exchange);
    ask(export);
}

static void begin(struct job_export *export)
{
    struct exchange *exchange = export->exchange;
    export->has_begun = true;
    export->generator.proceed = on_proceed;
    respond_begin(exchange, 200,
                  export->is_csv ? SLICE_LITERAL("text/csv; charset=utf-8")
                                 : SLICE_LITERAL("application/x-ndjson"));
    respond_header(exchange, "cache-control", SLICE_LITERAL("no-store"));
    respond_header(exchange, "content-disposition",
                   export->is_csv ? SLICE_LITERAL("attachment; filename=\"jobs.csv\"")
                                  : SLICE_LITERAL("attachment; filename=\"jobs.ndjson\""));
    h2o_start_response(exchange->request, &export->generator);
}

/* Notes where the next page begins. Returns whether there is to be one. */
static bool go_on(struct job_export *export, const struct message_search_page *page)
{
    export->wait_count = 0;
    export->left -= page->count;
    if (page->next.size > 0) {
        memcpy(export->cursor, page->next.data, page->next.size); /* it fits: the codec */
    }
    export->request.message.search_jobs.cursor = slice_make(export->cursor, page->next.size);
    return page->next.size > 0 && export->left > 0;
}

static void page_send(struct job_export *export)
{
    if (write_page(export) != STATUS_OK) {
        fail(export, &HTTP_ERROR_INTERNAL);
        return;
    }
    bool has_more = export->has_more && !export->exchange->match.head;
    if (has_more && export->piece.size == 0) { /* none of those looked at was one */
        ask(export);
        return;
    }
    if (!export->has_begun) {
        begin(export);
    }
    h2o_iovec_t part = h2o_iovec_init(export->piece.data, export->piece.size);
    bool has_part = part.len > 0 && !export->exchange->match.head;
    exchange_send(export->exchange, &part, has_part ? 1 : 0,
                  has_more ? H2O_SEND_STATE_IN_PROGRESS : H2O_SEND_STATE_FINAL);
}

/* An answer that does not come costs no more than what jobs wait for. */
static void on_positions(struct request *request, const struct answer *answer)
{
    struct job_export *export = LIST_OWNER(request, struct job_export, question);
    job_waits_hear(&export->waits, answer);
    page_send(export);
}

/* Asks what the page's jobs wait for, which a table has no columns for. Returns whether an answer
 * will come. */
static bool positions_ask(struct job_export *export)
{
    export->question = (struct request){.done = on_positions};
    return !export->is_csv && job_waits_question(&export->waits, &export->question.message) &&
           gateway_ask(export->exchange->gateway, &export->question) == STATUS_OK;
}

static void on_answer(struct request *request, const struct answer *answer)
{
    struct job_export *export = LIST_OWNER(request, struct job_export, request);
    if (answer->message == NULL) {
        fail(export, &HTTP_ERROR_BROKER_UNAVAILABLE);
        return;
    }
    const struct message_search_page *page = &answer->message->search_page;
    if (page->code == REPLY_CODE_BUSY) {
        wait_for_place(export);
        return;
    }
    if (page->code != REPLY_CODE_OK) {
        fail(export, http_error_of_reply((enum reply_code)page->code));
        return;
    }
    if (job_waits_keep(&export->waits, page->count, job_waits_records(answer)) != STATUS_OK) {
        fail(export, &HTTP_ERROR_INTERNAL);
        return;
    }
    export->count = page->count;
    export->has_more = go_on(export, page);
    if (!positions_ask(export)) {
        job_waits_hear(&export->waits, NULL);
        page_send(export);
    }
}

/* ---- the question ---- */

static void read_query(struct job_export *export, struct problems *problems)
{
    static const struct field_rule rules[] = {
        {.name = "limit", .type = FIELD_INTEGER, .min = 1, .max = EXPORT_JOBS_MAX},
    };
    struct message *message = &export->request.message;
    struct slice text;
    message->type = MESSAGE_TYPE_SEARCH_JOBS;
    if (query_string_parse(exchange_query(export->exchange), &export->query) != STATUS_OK) {
        problems_add(problems, "query", "is malformed");
        return;
    }
    validate_query(rules, sizeof rules / sizeof rules[0], &export->query, problems);
    admin_filter_query(&export->query, &message->search_jobs, problems);
    message->search_jobs.searcher = export->exchange->owner;
    export->left = EXPORT_JOBS_MAX;
    if (problems->count == 0 && query_string_find(&export->query, "limit", &text) > 0) {
        validate_integer(text, &export->left);
    }
}

static void start(struct exchange *exchange, bool is_csv)
{
    struct problems problems = {0};
    if (exchange->gateway->export_count == EXPORTS_MAX) {
        respond_error(exchange, &HTTP_ERROR_BUSY, NULL);
        return;
    }
    struct job_export *export = exchange_hold(exchange, sizeof(*export), job_export_dispose);
    exchange->gateway->export_count++;
    export->exchange = exchange;
    export->is_csv = is_csv;
    export->pause.cb = on_pause;
    buffer_init(&export->piece, LIST_BODY_SIZE_MAX);
    job_waits_init(&export->waits);
    read_query(export, &problems);
    if (problems.count > 0) {
        respond_error(exchange, &HTTP_ERROR_VALIDATION, &problems);
    } else {
        ask(export);
    }
}

void job_export_ndjson(struct exchange *exchange)
{
    start(exchange, false);
}

void job_export_csv(struct exchange *exchange)
{
    start(exchange, true);
}
