#include "gateway/bulk_json.h"

#include "gateway/admin_filter.h"
#include "proto/bulk_refusal.h"

/* In the order of enum job_action. */
static const char *const ACTIONS[] = {"retry", "cancel", "promote", "remove", "priority", NULL};

static const struct field_rule RULES[] = {
    {.name = "action", .type = FIELD_WORD, .need = FIELD_REQUIRED, .words = ACTIONS},
    {.name = "priority", .type = FIELD_INTEGER, .min = 1, .max = 255},
    {.name = "jobIds", .type = FIELD_TEXT_LIST, .max = BULK_JOBS_MAX},
    {.name = "where", .type = FIELD_OBJECT},
};

static const char *const NAMES[] = {"action", "priority", "jobIds", "where", NULL};

/* ---- reading ---- */

static void jobs_read(const struct json_value *list, struct buffer *jobs, struct problems *problems)
{
    struct id id;
    for (size_t index = 0; index < list->count; index++) {
        if (id_parse(body_item(list, index).text, &id) != STATUS_OK) {
            problems_add(problems, "jobIds", "must be ids of jobs; number %zu is none", index + 1);
            return;
        }
        if (buffer_append(jobs, id.bytes, ID_SIZE) != STATUS_OK) {
            problems_add(problems, "jobIds", "cannot be read now");
            return;
        }
    }
    if (list->count == 0) {
        problems_add(problems, "jobIds", "must name a job");
    }
}

/* What was given is told of the operation while that is known, when it is not too long. */
static void where_keep(const struct body *where, struct buffer *made,
                       struct message_start_bulk *out)
{
    static const char *const none[] = {NULL};
    enum status status = body_write_without(where, none, made);
    if (status == STATUS_OK && made->size <= BULK_WHERE_SIZE_MAX) {
        out->where = buffer_slice(made);
    }
}

static void where_read(const struct json_value *where, struct buffer *made,
                       struct message_start_bulk *out, struct problems *problems)
{
    struct message_search_jobs filter = {0};
    admin_filter_body(body_object(where), &filter, problems);
    where_keep(body_object(where), made, out);
    out->kinds = filter.kinds;
    out->states = filter.states;
    out->owner = filter.owner;
    out->character = filter.character;
    out->text = filter.text;
    out->tag = filter.tag;
    out->from = filter.from;
    out->to = filter.to;
    out->error_code = filter.error_code;
    out->error_group = filter.error_group;
    out->group = filter.group;
}

void bulk_json_read(const struct body *body, struct buffer *made, struct message_start_bulk *out,
                    struct problems *problems)
{
    const char *stranger = body_stranger(body, NAMES);
    validate_body(RULES, sizeof(RULES) / sizeof(RULES[0]), body, problems);
    if (stranger != NULL) {
        problems_add(problems, stranger, "is not known here");
    }
    if (problems->count > 0) {
        return;
    }
    const struct json_value ids = body_member(body, "jobIds");
    const struct json_value where = body_member(body, "where");
    const struct json_value priority = body_member(body, "priority");
    out->action = (uint8_t)validate_word_index(ACTIONS, body_member(body, "action").text);
    out->priority = priority.kind == JSON_KIND_INTEGER ? (uint8_t)priority.integer : 0;
    if ((out->action == JOB_ACTION_PRIORITY) != (out->priority != 0)) {
        problems_add(problems, "priority", "goes with the action priority, which needs it");
    }
    if ((ids.kind == JSON_KIND_LIST) == (where.kind == JSON_KIND_OBJECT)) {
        problems_add(problems, "where", "or jobIds must say which jobs are meant, not both");
    } else if (ids.kind == JSON_KIND_LIST) {
        jobs_read(&ids, made, problems);
        out->jobs = buffer_slice(made);
    } else {
        where_read(&where, made, out, problems);
    }
}

/* ---- writing ---- */

uint32_t bulk_json_progress(const struct message_bulk *bulk)
{
    if (bulk->first == 0 || bulk->place >= bulk->first) {
        return 0;
    }
    double behind = (double)(bulk->first - bulk->place) / (double)bulk->first;
    return (uint32_t)(behind * 100);
}

static void reasons_write(struct json_writer *writer, const struct message_bulk *bulk)
{
    json_name(writer, "reasons");
    json_object_begin(writer);
    for (uint32_t refusal = 0; refusal < BULK_REFUSAL_COUNT; refusal++) {
        uint64_t count = bulk_refusal_count(bulk, (enum bulk_refusal)refusal);
        if (count > 0) {
            json_member_integer(writer, bulk_refusal_name((enum bulk_refusal)refusal),
                                (int64_t)count);
        }
    }
    json_object_end(writer);
}

void bulk_json_write(struct json_writer *writer, const struct message_bulk *bulk)
{
    json_object_begin(writer);
    json_member_id(writer, "operationId", &bulk->bulk);
    json_member_text(writer, "action",
                     slice_from_string(job_action_name((enum job_action)bulk->action)));
    json_name(writer, "priority");
    if (bulk->priority != 0) {
        json_put_integer(writer, bulk->priority);
    } else {
        json_put_null(writer);
    }
    json_name(writer, "where");
    if (body_is_object(bulk->where)) {
        json_put_raw(writer, bulk->where);
    } else {
        json_put_null(writer);
    }
    json_member_text(writer, "state",
                     slice_from_string(bulk_state_name((enum bulk_state)bulk->state)));
    json_member_integer(writer, "progress", bulk_json_progress(bulk));
    json_name(writer, "total");
    if (bulk->total != 0) {
        json_put_integer(writer, bulk->total);
    } else {
        json_put_null(writer);
    }
    json_member_integer(writer, "matched", (int64_t)bulk->matched);
    json_member_integer(writer, "done", (int64_t)bulk->done);
    json_member_integer(writer, "alreadyEnded", (int64_t)bulk->ended);
    json_member_integer(writer, "refused", (int64_t)(bulk->refused - bulk->ended));
    reasons_write(writer, bulk);
    json_member_integer(writer, "scanned", (int64_t)bulk->scanned);
    json_member_time(writer, "startedAt", bulk->started_at);
    json_member_time(writer, "completedAt", bulk->completed_at);
    json_member_text(writer, "by", bulk->user);
    json_object_end(writer);
}

enum status bulk_json_all(struct json_writer *writer, struct frame_reader records, uint32_t count)
{
    struct message record;
    json_object_begin(writer);
    json_name(writer, "operations");
    json_array_begin(writer);
    for (uint32_t index = 0; index < count; index++) {
        if (frame_next(&records, &record) != STATUS_OK || record.type != MESSAGE_TYPE_BULK) {
            return STATUS_MALFORMED;
        }
        bulk_json_write(writer, &record.bulk);
    }
    json_array_end(writer);
    json_object_end(writer);
    return STATUS_OK;
}
