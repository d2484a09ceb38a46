#include "gateway/admin_job.h"

#include "gateway/admin_jobs.h"
#include "gateway/body.h"
#include "gateway/inquiry.h"
#include "gateway/job_copy.h"
#include "gateway/job_json.h"
#include "gateway/lookup.h"
#include "gateway/respond.h"
#include "gateway/timeline.h"

/* The job is looked up, then what it waits for, its input, and its events. */
struct admin_job {
    struct inquiry inquiry; /* GET_POSITION, GET_INPUT, GET_EVENTS */
    struct job_copy job;
    struct job_wait wait;
    struct buffer input;
    struct body *asked; /* the input, once it is read; NULL when it is none of ours */
    struct id source;   /* of a video */
};

static void admin_job_dispose(void *memory)
{
    struct admin_job *get = memory;
    inquiry_fini(&get->inquiry);
    job_copy_fini(&get->job);
    body_destroy(&get->asked);
    buffer_fini(&get->input);
}

/* ---- the answer ---- */

static enum status data_write(const struct admin_job *get, const struct answer *answer,
                              struct json_writer *writer)
{
    json_object_begin(writer);
    job_json_members(writer, &get->job.state, &get->wait);
    admin_job_members(writer, &get->job.state);
    json_name(writer, "input");
    if (body_is_object(buffer_slice(&get->input))) {
        json_put_raw(writer, buffer_slice(&get->input));
    } else {
        json_put_null(writer);
    }
    if (get->job.state.kind == JOB_KIND_VIDEO) {
        json_member_id(writer, "sourceMediaId", &get->source);
    }
    json_name(writer, "timeline");
    enum status status = timeline_write(writer, answer->records, answer->message->event_page.count);
    json_object_end(writer);
    return status;
}

static void on_events(struct request *request, const struct answer *answer)
{
    struct admin_job *get = LIST_OWNER(request, struct admin_job, inquiry.request);
    struct success success;
    if (!inquiry_is_heard(&get->inquiry, answer) ||
        inquiry_refuses(&get->inquiry, answer->message->event_page.code)) {
        return;
    }
    success_begin(&success, 200, TIMELINE_SIZE_MAX);
    success_send(&success, get->inquiry.exchange, data_write(get, answer, &success.writer));
}

/* ---- the questions ---- */

/* The name of a character that is to be made is what its job was asked for. */
static void name_read(struct admin_job *get)
{
    char error[BODY_ERROR_SIZE];
    if (get->job.state.kind == JOB_KIND_CHARACTER &&
        body_parse(buffer_slice(&get->input), &get->asked, error) == STATUS_OK) {
        get->job.state.character_name = body_member(get->asked, "name").text;
    }
}

static void on_input(struct request *request, const struct answer *answer)
{
    struct admin_job *get = LIST_OWNER(request, struct admin_job, inquiry.request);
    if (!inquiry_is_heard(&get->inquiry, answer) ||
        inquiry_refuses(&get->inquiry, answer->message->input.code)) {
        return;
    }
    get->source = answer->message->input.source;
    if (buffer_append_slice(&get->input, answer->message->input.payload) != STATUS_OK) {
        respond_error(get->inquiry.exchange, &HTTP_ERROR_INTERNAL, NULL);
        return;
    }
    name_read(get);
    struct message_get_events *events =
        &inquiry_begin(&get->inquiry, MESSAGE_TYPE_GET_EVENTS)->get_events;
    events->job = get->job.state.job;
    events->owner = get->job.state.owner;
    events->limit = TIMELINE_EVENTS_MAX;
    inquiry_ask(&get->inquiry, on_events);
}

static void input_ask(struct admin_job *get)
{
    inquiry_begin(&get->inquiry, MESSAGE_TYPE_GET_INPUT)->get_input.job = get->job.state.job;
    inquiry_ask(&get->inquiry, on_input);
}

static void on_position(struct request *request, const struct answer *answer)
{
    struct admin_job *get = LIST_OWNER(request, struct admin_job, inquiry.request);
    if (answer->message != NULL) {
        get->wait = job_wait_of(&answer->message->position);
    }
    input_ask(get);
}

static void on_job(struct exchange *exchange, const struct cached_job *job,
                   const struct http_error *error)
{
    if (error != NULL) {
        respond_error(exchange, error, NULL);
        return;
    }
    struct admin_job *get = inquiry_new(exchange, sizeof(*get), admin_job_dispose);
    buffer_init(&get->input, PAYLOAD_SIZE_MAX);
    if (job_copy_set(&get->job, job->state) != STATUS_OK) {
        respond_error(exchange, &HTTP_ERROR_INTERNAL, NULL);
    } else if (job_json_waits(job->state)) {
        inquiry_begin(&get->inquiry, MESSAGE_TYPE_GET_POSITION)->get_position.jobs =
            slice_make(get->job.state.job.bytes, ID_SIZE);
        inquiry_ask(&get->inquiry, on_position);
    } else {
        input_ask(get);
    }
}

void admin_job_get(struct exchange *exchange)
{
    lookup_job(exchange, JOB_FAMILY_ANY, 0, on_job);
}
