#include "gateway/session.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>
#include "base/build.h"
#include "base/log.h"

void session_init(struct session *session)
{
    buffer_init(&session->frame, FRAME_SIZE_MAX);
}

void session_fini(struct session *session)
{
    buffer_fini(&session->frame);
}

/* ---- out ---- */

static void hello_send(struct session *session, int64_t now_ms)
{
    struct message hello = {.type = MESSAGE_TYPE_GATEWAY_HELLO};
    hello.gateway_hello.instance = session->instance;
    hello.gateway_hello.host = slice_from_string(session->host);
    hello.gateway_hello.pid = (uint32_t)getpid();
    hello.gateway_hello.version = slice_from_string(build_version());
    struct buffer bytes;
    struct frame_writer writer;
    buffer_init(&bytes, FRAME_SIZE_MAX);
    if (frame_begin(&writer, &bytes, 0) == STATUS_OK && frame_write(&writer, &hello) == STATUS_OK) {
        frame_end(&writer);
        if (session->send(session->owner, buffer_slice(&bytes)) == STATUS_OK) {
            session->hello_at_ms = now_ms;
        }
    }
    buffer_fini(&bytes);
}

/* Writes a request and the records that belong to it, or nothing. */
static enum status request_write(struct frame_writer *writer, const struct request *request)
{
    const struct frame_writer before = *writer;
    size_t size = writer->out->size;
    enum status status = frame_write(writer, &request->message);
    if (status == STATUS_OK && request->record_count > 0) {
        status = frame_splice(writer, request->records, request->record_count);
    }
    if (status != STATUS_OK) {
        *writer = before;
        writer->out->size = size;
    }
    return status;
}

/* Fills the frame from what is unsent. Returns whether there is anything in it. */
static bool frame_fill(struct session *session)
{
    struct frame_writer writer;
    struct request *request = requests_unsent(session->requests);
    buffer_clear(&session->frame);
    if (request == NULL || frame_begin(&writer, &session->frame, session->number) != STATUS_OK) {
        return false;
    }
    for (; request != NULL; request = requests_unsent(session->requests)) {
        if (session->frame.size > FRAME_SIZE_TARGET ||
            request_write(&writer, request) != STATUS_OK) {
            break;
        }
        requests_sent(request);
    }
    frame_end(&writer);
    return writer.count > 0;
}

void session_flush(struct session *session)
{
    while (session->number != 0 && (session->stuck || frame_fill(session))) {
        session->stuck =
            session->send(session->owner, buffer_slice(&session->frame)) == STATUS_AGAIN;
        if (session->stuck) {
            return;
        }
    }
}

/* ---- in ---- */

/* Nothing is known any more of what happened since. */
static void gap(struct session *session, uint64_t event_last)
{
    cache_clear(session->cache);
    hub_gap(session->hub, event_last);
}

static void welcome_take(struct session *session, const struct message_gateway_welcome *welcome,
                         int64_t now_ms)
{
    log_info("session opened", "session=%" PRIu64 " waiting=%zu", welcome->session,
             requests_count(session->requests));
    session->number = welcome->session;
    snprintf(session->broker_version, sizeof session->broker_version, "%.*s",
             SLICE_PRINT(welcome->version));
    session->batch = welcome->batch;
    session->heard_at_ms = now_ms;
    session->hello_at_ms = 0;
    session->refused = false;
    session->stuck = false;
    requests_resend(session->requests);
    gap(session, welcome->event_last);
}

static void session_end(struct session *session, const struct message_error *error)
{
    log_warn("session refused", "session=%" PRIu64 " code=%s detail=\"%.*s\"", session->number,
             error_code_name(error->code), SLICE_PRINT(error->detail));
    session->number = 0;
    session->stuck = false;
    session->refused = error->code != ERROR_CODE_SESSION;
    session->refusal = error->code;
}

static void error_take(struct session *session, const struct message_error *error)
{
    if (error->code == ERROR_CODE_UNKNOWN) {
        log_warn("broker does not know a message", "detail=\"%.*s\"", SLICE_PRINT(error->detail));
    } else {
        session_end(session, error);
    }
}

/* Hands out the events of a published frame. Returns whether all were there. */
static bool events_take(struct session *session, const struct message_events *events,
                        struct frame_reader *reader)
{
    struct message message;
    for (uint32_t index = 0; index < events->count; index++) {
        if (frame_next(reader, &message) != STATUS_OK || message.type != MESSAGE_TYPE_EVENT) {
            return false;
        }
        cache_fold(session->cache, &message.event);
        if (!message.event.removed) {
            hub_publish(session->hub, &message.event);
        }
        hub_advance(session->hub, message.event.event);
    }
    hub_advance(session->hub, events->event_last);
    return true;
}

static void published_take(struct session *session, const struct message_events *events,
                           struct frame_reader *reader, int64_t now_ms)
{
    uint64_t expected = session->batch + (events->count > 0 ? 1 : 0);
    session->heard_at_ms = now_ms;
    session->batch = events->batch;
    if (events->batch != expected) {
        log_warn("events missed", "batch=%" PRIu64 " expected=%" PRIu64, events->batch, expected);
        gap(session, events->event_last);
    }
    if (!events_take(session, events, reader)) {
        log_warn("events malformed", "batch=%" PRIu64, events->batch);
        gap(session, events->event_last);
    }
}

/* How many records of the frame belong to an answer. */
static uint32_t record_count(const struct message *message)
{
    switch (message->type) {
    case MESSAGE_TYPE_LIST_PAGE:
        return message->list_page.count;
    case MESSAGE_TYPE_EVENT_PAGE:
        return message->event_page.count;
    case MESSAGE_TYPE_DOCUMENT_PAGE:
        return message->document_page.count;
    case MESSAGE_TYPE_POSITION:
        return message->position.count;
    case MESSAGE_TYPE_USAGE:
        return message->usage.count;
    case MESSAGE_TYPE_HISTORY:
        return message->history.count;
    case MESSAGE_TYPE_GROUP_STATE:
        return message->group_state.count;
    case MESSAGE_TYPE_ENDPOINT_PAGE:
        return message->endpoint_page.count;
    case MESSAGE_TYPE_DELIVERY_PAGE:
        return message->delivery_page.count;
    case MESSAGE_TYPE_AUDIT_PAGE:
        return message->audit_page.count;
    case MESSAGE_TYPE_SEARCH_PAGE:
        return message->search_page.count;
    case MESSAGE_TYPE_FAILURE_PAGE:
        return message->failure_page.count;
    case MESSAGE_TYPE_ADMIN_PAGE:
        return message->admin_page.count;
    case MESSAGE_TYPE_REMOVAL_PAGE:
        return message->removal_page.count;
    case MESSAGE_TYPE_BACKUP_PAGE:
        return message->backup_page.count;
    default: /* the enum lists both directions, and answers without records */
        return 0;
    }
}

/* An answer and its records, which are skipped here and read by who asked. */
static void answer_take(struct session *session, const struct message *message,
                        struct frame_reader *reader)
{
    struct frame_reader records = *reader;
    struct message skipped;
    for (uint32_t index = record_count(message); index > 0; index--) {
        if (frame_next(reader, &skipped) == STATUS_NOT_FOUND) {
            log_warn("answer without its records", "type=%s", message_type_name(message->type));
            return; /* the request runs into its deadline */
        }
    }
    requests_answer(session->requests, message, records);
}

static void message_take(struct session *session, const struct message *message,
                         struct frame_reader *reader, int64_t now_ms)
{
    if (message->type == MESSAGE_TYPE_GATEWAY_WELCOME) {
        welcome_take(session, &message->gateway_welcome, now_ms);
    } else if (message->type == MESSAGE_TYPE_ERROR &&
               (reader->session == 0 || reader->session == session->number)) {
        error_take(session, &message->error);
    } else if (session->number == 0 || reader->session != session->number) {
        log_debug("record of another session", "type=%s session=%" PRIu64,
                  message_type_name(message->type), reader->session);
    } else if (message->type == MESSAGE_TYPE_EVENTS) {
        published_take(session, &message->events, reader, now_ms);
    } else {
        answer_take(session, message, reader);
    }
}

void session_receive(struct session *session, struct slice frame, int64_t now_ms)
{
    struct frame_reader reader;
    struct message message;
    enum status status = frame_open(&reader, frame);
    if (status != STATUS_OK) {
        log_warn("frame refused", "status=%s size=%zu", status_name(status), frame.size);
        return;
    }
    while ((status = frame_next(&reader, &message)) != STATUS_NOT_FOUND) {
        if (status == STATUS_OK) {
            message_take(session, &message, &reader, now_ms);
        } else {
            log_warn("record refused", "status=%s", status_name(status));
        }
    }
}

/* ---- the connection, and time ---- */

static bool hello_is_underway(const struct session *session, int64_t now_ms)
{
    return session->hello_at_ms != 0 && now_ms - session->hello_at_ms < BROKER_HELLO_MS;
}

void session_connection(struct session *session, bool connected, int64_t now_ms)
{
    if (!connected) {
        log_warn("connection to the broker lost", "session=%" PRIu64, session->number);
        session->number = 0;
        session->stuck = false;
        session->hello_at_ms = 0;
    } else if (session->number == 0 && !hello_is_underway(session, now_ms)) {
        hello_send(session, now_ms); /* unless a tick was faster than the news of the connection */
    }
}

bool session_is_current(const struct session *session, int64_t now_ms)
{
    return session->number != 0 && now_ms - session->heard_at_ms <= BROKER_SILENCE_MS;
}

void session_tick(struct session *session, int64_t now_ms)
{
    if (!session_is_current(session, now_ms) && !hello_is_underway(session, now_ms)) {
        hello_send(session, now_ms);
    }
    session_flush(session);
    requests_expire(session->requests, now_ms);
}

const char *session_problem(const struct session *session, int64_t now_ms)
{
    if (session_is_current(session, now_ms)) {
        return "";
    }
    if (session->refused && session->refusal == ERROR_CODE_VERSION) {
        return "the broker speaks another version of the protocol";
    }
    if (session->refused) {
        return "the broker refused the session";
    }
    return session->number == 0 ? "no session with the broker" : "the broker is silent";
}
