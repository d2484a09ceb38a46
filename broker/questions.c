#include "broker/questions.h"

#include <assert.h>
#include <string.h>
#include "broker/query_audit.h"
#include "broker/query_spent.h"
#include "broker/query_webhook.h"
#include "broker/system.h"
#include "proto/layout.h"

static bool is_over(void *context)
{
    const int64_t *until_ms = context;
    return clock_monotonic_ms() >= *until_ms;
}

/* ---- one of each ---- */

static enum status get_job(const struct asked *asked, const struct message *request,
                           struct frame_writer *out)
{
    return query_job(asked->view, &request->get_job, asked->retention, out);
}

static enum status list_jobs(const struct asked *asked, const struct message *request,
                             struct frame_writer *out)
{
    return query_list(asked->view, &request->list_jobs, asked->live, asked->retention, out);
}

static enum status search_jobs(const struct asked *asked, const struct message *request,
                               struct frame_writer *out)
{
    int64_t until_ms = clock_monotonic_ms() + SEARCH_MS;
    const struct search_limit limit = {is_over, &until_ms};
    return query_search(asked->view, &request->search_jobs, &limit, asked->retention, out);
}

static enum status get_failures(const struct asked *asked, const struct message *request,
                                struct frame_writer *out)
{
    int64_t until_ms = clock_monotonic_ms() + SEARCH_MS;
    const struct search_limit limit = {is_over, &until_ms};
    return query_failures(asked->view, &request->get_failures, &limit, out);
}

static enum status get_audit(const struct asked *asked, const struct message *request,
                             struct frame_writer *out)
{
    int64_t until_ms = clock_monotonic_ms() + SEARCH_MS;
    const struct search_limit limit = {is_over, &until_ms};
    return query_audit(asked->view, &request->get_audit, &limit, asked->now, out);
}

static enum status get_input(const struct asked *asked, const struct message *request,
                             struct frame_writer *out)
{
    return query_job_input(asked->view, &request->get_input, out);
}

static enum status get_events(const struct asked *asked, const struct message *request,
                              struct frame_writer *out)
{
    return query_events(asked->view, &request->get_events, asked->now, out);
}

static enum status get_group(const struct asked *asked, const struct message *request,
                             struct frame_writer *out)
{
    return query_group(asked->view, &request->get_group, asked->retention, out);
}

static enum status get_document(const struct asked *asked, const struct message *request,
                                struct frame_writer *out)
{
    return query_document(asked->view, &request->get_document, out);
}

static enum status list_documents(const struct asked *asked, const struct message *request,
                                  struct frame_writer *out)
{
    return query_documents(asked->view, &request->list_documents, out);
}

static enum status list_endpoints(const struct asked *asked, const struct message *request,
                                  struct frame_writer *out)
{
    return query_endpoints(asked->view, &request->list_endpoints, out);
}

static enum status list_deliveries(const struct asked *asked, const struct message *request,
                                   struct frame_writer *out)
{
    return query_deliveries(asked->view, &request->list_deliveries, out);
}

static enum status list_removals(const struct asked *asked, const struct message *request,
                                 struct frame_writer *out)
{
    return query_removals(asked->view, &request->list_removals, out);
}

static enum status get_assets(const struct asked *asked, const struct message *request,
                              struct frame_writer *out)
{
    return query_assets(asked->view, &request->get_assets, asked->live_since, out);
}

static enum status get_usage(const struct asked *asked, const struct message *request,
                             struct frame_writer *out)
{
    return query_usage(asked->view, &request->get_usage, asked->spending, out);
}

static enum status make_backup(const struct asked *asked, const struct message *request,
                               struct frame_writer *out)
{
    return backups_make(asked->backups, &request->make_backup, out);
}

static enum status list_backups(const struct asked *asked, const struct message *request,
                                struct frame_writer *out)
{
    return backups_list(asked->backups, &request->list_backups, out);
}

static enum status get_system(const struct asked *asked, const struct message *request,
                              struct frame_writer *out)
{
    return system_write(request->get_system.request, asked->known, asked->store, asked->backups,
                        out);
}

/* ---- the table ---- */

#define QUESTION(NAME, ANSWER, length, write) \
    [MESSAGE_TYPE_##NAME] = {MESSAGE_TYPE_##ANSWER, length, write}

static const struct question questions[] = {
    QUESTION(GET_JOB, JOB_STATE, READ_SHORT, get_job),
    QUESTION(LIST_JOBS, LIST_PAGE, READ_LONG, list_jobs),
    QUESTION(GET_EVENTS, EVENT_PAGE, READ_SHORT, get_events),
    QUESTION(GET_DOCUMENT, DOCUMENT, READ_SHORT, get_document),
    QUESTION(LIST_DOCUMENTS, DOCUMENT_PAGE, READ_LONG, list_documents),
    QUESTION(GET_GROUP, GROUP_STATE, READ_LONG, get_group),
    QUESTION(LIST_ENDPOINTS, ENDPOINT_PAGE, READ_SHORT, list_endpoints),
    QUESTION(LIST_DELIVERIES, DELIVERY_PAGE, READ_LONG, list_deliveries),
    QUESTION(LIST_REMOVALS, REMOVAL_PAGE, READ_SHORT, list_removals),
    QUESTION(GET_ASSETS, ASSET_NAMES, READ_LONG, get_assets),
    QUESTION(SEARCH_JOBS, SEARCH_PAGE, READ_SCAN, search_jobs),
    QUESTION(GET_FAILURES, FAILURE_PAGE, READ_SCAN, get_failures),
    QUESTION(GET_INPUT, INPUT, READ_SHORT, get_input),
    QUESTION(GET_AUDIT, AUDIT_PAGE, READ_SCAN, get_audit),
    QUESTION(GET_USAGE, USAGE, READ_SHORT, get_usage),
    QUESTION(MAKE_BACKUP, BACKUP_PAGE, READ_LONG, make_backup),
    QUESTION(LIST_BACKUPS, BACKUP_PAGE, READ_LONG, list_backups),
    QUESTION(GET_SYSTEM, SYSTEM, READ_LONG, get_system),
};

const struct question *question_find(enum message_type request)
{
    size_t number = (size_t)request;
    bool is_one =
        number < sizeof questions / sizeof questions[0] && questions[number].write != NULL;
    return is_one ? &questions[number] : NULL;
}

/* ---- what requests and answers have in common ---- */

/* Finds a field by its name and type; NULL when the message has none. */
static const struct field *find_field(enum message_type type, const char *name,
                                      enum wire_type wire_type)
{
    const struct layout *layout = layout_find(type);
    for (uint32_t number = 1; layout != NULL && number <= layout->field_max; number++) {
        const struct field *field = &layout->fields[number];
        if (field->type == wire_type && strcmp(field->name, name) == 0) {
            return field;
        }
    }
    return NULL;
}

/* Copies a field that both have. */
static void repeat(const struct message *request, struct message *answer, const char *name,
                   enum wire_type type, size_t size)
{
    const struct field *from = find_field(request->type, name, type);
    const struct field *to = find_field(answer->type, name, type);
    if (from != NULL && to != NULL) {
        memcpy(field_place(to, answer), field_value(from, request), size);
    }
}

struct message question_refuse(const struct message *request, enum reply_code code)
{
    const struct question *question = question_find(request->type);
    assert(question != NULL);
    struct message answer = {.type = question->answer};
    const struct field *place = find_field(answer.type, "code", WIRE_U8);
    assert(place != NULL);
    *(uint8_t *)field_place(place, &answer) = (uint8_t)code;
    repeat(request, &answer, "request", WIRE_U64, sizeof(uint64_t));
    repeat(request, &answer, "job", WIRE_ID, ID_SIZE);
    repeat(request, &answer, "group", WIRE_ID, ID_SIZE);
    return answer;
}

struct id question_job(const struct message *request)
{
    const struct field *field = find_field(request->type, "job", WIRE_ID);
    return field == NULL ? (struct id){0} : *(const struct id *)field_value(field, request);
}

static struct slice text_of(const struct message *request, const char *name)
{
    const struct field *field = find_field(request->type, name, WIRE_TEXT);
    return field == NULL ? SLICE_EMPTY : *(const struct slice *)field_value(field, request);
}

struct slice question_asker(const struct message *request)
{
    return text_of(request, "request_id");
}

struct slice question_searcher(const struct message *request)
{
    return text_of(request, "searcher");
}

uint64_t question_number(const struct message *request)
{
    const struct field *field = find_field(request->type, "request", WIRE_U64);
    assert(field != NULL);
    return *(const uint64_t *)field_value(field, request);
}
