#include "gateway/job_timeline.h"

#include "gateway/inquiry.h"
#include "gateway/job_copy.h"
#include "gateway/job_json.h"
#include "gateway/respond.h"
#include "gateway/timeline.h"

struct timeline_get {
    struct inquiry inquiry; /* GET_POSITION, then GET_EVENTS */
    struct job_copy job;
    struct job_wait wait;
};

static void timeline_get_dispose(void *memory)
{
    struct timeline_get *get = memory;
    inquiry_fini(&get->inquiry);
    job_copy_fini(&get->job);
}

/* Brings the state up to the events, which were read later: both tell the same version. */
static void events_fold(struct message_job_state *state, struct frame_reader records,
                        uint32_t count)
{
    struct message message;
    for (uint32_t index = 0; index < count; index++) {
        if (frame_next(&records, &message) == STATUS_OK && message.type == MESSAGE_TYPE_EVENT &&
            message.event.version > state->version) {
            job_state_fold(state, &message.event);
        }
    }
}

static enum status body_write(const struct timeline_get *get, const struct message_job_state *state,
                              const struct answer *answer, struct success *success)
{
    struct json_writer *writer = &success->writer;
    success_begin(success, 200, TIMELINE_SIZE_MAX);
    json_object_begin(writer);
    job_json_members(writer, state, &get->wait);
    json_name(writer, "timeline");
    enum status status = timeline_write(writer, answer->records, answer->message->event_page.count);
    json_object_end(writer);
    return status == STATUS_OK ? success_close(success) : status;
}

static void on_events(struct request *request, const struct answer *answer)
{
    struct timeline_get *get = LIST_OWNER(request, struct timeline_get, inquiry.request);
    if (!inquiry_is_heard(&get->inquiry, answer) ||
        inquiry_refuses(&get->inquiry, answer->message->event_page.code)) {
        return;
    }
    struct message_job_state state = get->job.state; /* borrows from the answer as well */
    struct success success;
    events_fold(&state, answer->records, answer->message->event_page.count);
    if (body_write(get, &state, answer, &success) == STATUS_OK) {
        job_body_send(get->inquiry.exchange, state.version, buffer_slice(&success.body));
    } else {
        respond_error(get->inquiry.exchange, &HTTP_ERROR_INTERNAL, NULL);
    }
    success_fini(&success);
}

static void events_ask(struct timeline_get *get)
{
    struct message_get_events *events =
        &inquiry_begin(&get->inquiry, MESSAGE_TYPE_GET_EVENTS)->get_events;
    events->job = get->job.state.job;
    events->owner = get->job.state.owner;
    events->limit = TIMELINE_EVENTS_MAX;
    inquiry_ask(&get->inquiry, on_events);
}

static void on_position(struct request *request, const struct answer *answer)
{
    struct timeline_get *get = LIST_OWNER(request, struct timeline_get, inquiry.request);
    if (answer->message != NULL) {
        get->wait = job_wait_of(&answer->message->position);
    }
    events_ask(get);
}

void job_timeline_send(struct exchange *exchange, const struct cached_job *job)
{
    if (job_etag_is_known(exchange, job->state->version)) {
        job_send(exchange, job, NULL);
        return;
    }
    struct timeline_get *get = inquiry_new(exchange, sizeof(*get), timeline_get_dispose);
    if (job_copy_set(&get->job, job->state) != STATUS_OK) {
        respond_error(exchange, &HTTP_ERROR_INTERNAL, NULL);
    } else if (job_json_waits(job->state)) {
        inquiry_begin(&get->inquiry, MESSAGE_TYPE_GET_POSITION)->get_position.jobs =
            slice_make(get->job.state.job.bytes, ID_SIZE);
        inquiry_ask(&get->inquiry, on_position);
    } else {
        events_ask(get);
    }
}
