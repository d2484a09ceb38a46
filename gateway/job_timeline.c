#include "gateway/job_timeline.h"

#include "gateway/job_copy.h"
#include "gateway/job_json.h"
#include "gateway/respond.h"
#include "gateway/timeline.h"

struct timeline_get {
    struct request request; /* GET_POSITION, then GET_EVENTS */
    struct exchange *exchange;
    struct job_copy job;
    struct job_wait wait;
};

static void timeline_get_dispose(void *memory)
{
    struct timeline_get *get = memory;
    requests_remove(&get->exchange->gateway->requests, &get->request);
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
                              const struct answer *answer, struct buffer *out)
{
    struct json_writer writer;
    json_writer_init(&writer, out);
    json_object_begin(&writer);
    json_member_boolean(&writer, "success", true);
    json_member_integer(&writer, "statusCode", 200);
    json_name(&writer, "data");
    json_object_begin(&writer);
    job_json_members(&writer, state, &get->wait);
    json_name(&writer, "timeline");
    enum status status =
        timeline_write(&writer, answer->records, answer->message->event_page.count);
    json_object_end(&writer);
    json_object_end(&writer);
    return status == STATUS_OK ? json_writer_status(&writer) : status;
}

static void on_events(struct request *request, const struct answer *answer)
{
    struct timeline_get *get = LIST_OWNER(request, struct timeline_get, request);
    struct exchange *exchange = get->exchange;
    if (answer->message == NULL) {
        respond_error(exchange, &HTTP_ERROR_BROKER_UNAVAILABLE, NULL);
        return;
    }
    const struct message_event_page *page = &answer->message->event_page;
    if (page->code != REPLY_CODE_OK) {
        respond_error(exchange, http_error_of_reply(page->code), NULL);
        return;
    }
    struct message_job_state state = get->job.state; /* borrows from the answer as well */
    struct buffer body;
    events_fold(&state, answer->records, page->count);
    buffer_init(&body, TIMELINE_SIZE_MAX);
    if (body_write(get, &state, answer, &body) == STATUS_OK) {
        job_body_send(exchange, state.version, buffer_slice(&body));
    } else {
        respond_error(exchange, &HTTP_ERROR_INTERNAL, NULL);
    }
    buffer_fini(&body);
}

static void ask(struct timeline_get *get, enum message_type type, request_done *done)
{
    get->request.message.type = type;
    get->request.done = done;
    if (gateway_ask(get->exchange->gateway, &get->request) != STATUS_OK) {
        respond_error(get->exchange, &HTTP_ERROR_BUSY, NULL);
    }
}

static void events_ask(struct timeline_get *get)
{
    struct message *message = &get->request.message;
    get->request = (struct request){0};
    message->get_events.job = get->job.state.job;
    message->get_events.owner = get->job.state.owner;
    message->get_events.limit = TIMELINE_EVENTS_MAX;
    ask(get, MESSAGE_TYPE_GET_EVENTS, on_events);
}

static void on_position(struct request *request, const struct answer *answer)
{
    struct timeline_get *get = LIST_OWNER(request, struct timeline_get, request);
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
    struct timeline_get *get = exchange_hold(exchange, sizeof(*get), timeline_get_dispose);
    get->exchange = exchange;
    if (job_copy_set(&get->job, job->state) != STATUS_OK) {
        respond_error(exchange, &HTTP_ERROR_INTERNAL, NULL);
    } else if (job_json_waits(job->state)) {
        get->request.message.get_position.jobs = slice_make(get->job.state.job.bytes, ID_SIZE);
        ask(get, MESSAGE_TYPE_GET_POSITION, on_position);
    } else {
        events_ask(get);
    }
}
