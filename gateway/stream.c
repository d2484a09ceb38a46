#include "gateway/stream.h"

#include "base/log.h"
#include "gateway/event_text.h"
#include "gateway/respond.h"

static struct streams *streams_of(const struct stream *stream)
{
    return &stream->exchange->gateway->streams;
}

/* ---- out ---- */

static void mark_dirty(struct stream *stream)
{
    if (stream->started && !list_is_linked(&stream->dirty)) {
        list_append(&streams_of(stream)->dirty, &stream->dirty);
        streams_wake(streams_of(stream));
    }
}

static void become_behind(struct stream *stream)
{
    stream->state = STREAM_BEHIND;
    mark_dirty(stream);
}

void stream_send(struct stream *stream)
{
    if (stream->in_flight) {
        return;
    }
    if (stream_queue_is_empty(&stream->queue)) {
        if (stream->ended) {
            stream->in_flight = true;
            list_remove(&stream->idle);
            hub_cancel(&stream->subscription);
            exchange_send(stream->exchange, NULL, 0, H2O_SEND_STATE_FINAL);
        } else if (stream->state == STREAM_BEHIND && !list_is_linked(&stream->behind)) {
            list_append(&streams_of(stream)->behind, &stream->behind);
            streams_read(streams_of(stream));
        }
        return;
    }
    stream_queue_take(&stream->queue, &stream->flight);
    h2o_iovec_t part = h2o_iovec_init(stream->flight.data, stream->flight.size);
    stream->in_flight = true;
    exchange_send(stream->exchange, &part, 1, H2O_SEND_STATE_IN_PROGRESS);
}

static void on_proceed(h2o_generator_t *generator, h2o_req_t *request)
{
    (void)request;
    struct stream *stream = (struct stream *)generator;
    buffer_fini(&stream->flight);
    stream->in_flight = false;
    exchange_sent(stream->exchange);
    stream_send(stream);
}

void stream_comment(struct stream *stream, int64_t now_ms)
{
    if (exchange_is_expired(stream->exchange, now_ms)) {
        stream_end(stream, SLICE_LITERAL(": the token has expired\n\n"));
    }
    if (stream->started && !stream->in_flight && !stream->ended &&
        stream_queue_is_empty(&stream->queue) &&
        stream_queue_push_text(&stream->queue, SLICE_LITERAL(":\n\n")) == STATUS_OK) {
        mark_dirty(stream);
    }
}

void stream_end(struct stream *stream, struct slice comment)
{
    bool is_first = !stream->ended;
    stream->ended = true;
    if (stream->started && is_first) {
        stream_queue_push_text(&stream->queue, comment);
        mark_dirty(stream);
    }
}

static void start(struct stream *stream)
{
    struct exchange *exchange = stream->exchange;
    struct streams *streams = streams_of(stream);
    respond_begin(exchange, 200, SLICE_LITERAL("text/event-stream"));
    respond_header(exchange, "cache-control", SLICE_LITERAL("no-store"));
    respond_header(exchange, "x-accel-buffering", SLICE_LITERAL("no"));
    stream->generator.proceed = on_proceed;
    stream->started = true;
    stream->due_ms = gateway_now_ms(exchange->gateway) + STREAM_HEARTBEAT_MS;
    list_append(&streams->idle, &stream->idle);
    h2o_start_response(exchange->request, &stream->generator);
}

/* ---- live ---- */

/* Whether nothing comes after this event. */
static bool is_last(const struct stream *stream, const struct message_event *event)
{
    if (id_is_zero(&stream->subscription.job)) {
        return false;
    }
    return stream->of_group ? event->group_left == 0 : job_state_is_terminal(event->state);
}

/* Keeps a live event until history is read. */
static void hold(struct stream *stream, const struct message_event *event, struct slice text)
{
    if (stream->state == STREAM_BEHIND || stream->held_lost) {
        return; /* the next page will have it */
    }
    if (text.size == 0 || stream_queue_push(&stream->held, event, text) != STATUS_OK) {
        stream_queue_fini(&stream->held);
        stream->held_lost = true;
        return;
    }
    stream->held_last = event->event;
    stream->held_terminal = is_last(stream, event);
}

/* A slow reader gets progress coalesced before it is left behind. */
static enum status live_queue(struct stream *stream, const struct message_event *event,
                              struct slice text)
{
    enum status status = stream_queue_push(&stream->queue, event, text);
    if (status == STATUS_FULL && stream_queue_coalesce(&stream->queue)) {
        status = stream_queue_push(&stream->queue, event, text);
    }
    return status;
}

static void on_event(struct subscription *subscription, const struct message_event *event,
                     struct slice text)
{
    struct stream *stream = LIST_OWNER(subscription, struct stream, subscription);
    if (stream->ended) {
        return;
    }
    if (stream->state != STREAM_LIVE) {
        hold(stream, event, text);
        return;
    }
    if (event->event <= stream->position) {
        return;
    }
    if (text.size == 0 || live_queue(stream, event, text) != STATUS_OK) {
        become_behind(stream);
        return;
    }
    stream->position = event->event;
    stream->ended = is_last(stream, event);
    mark_dirty(stream);
}

static void on_gap(struct subscription *subscription, uint64_t seen)
{
    struct stream *stream = LIST_OWNER(subscription, struct stream, subscription);
    const struct hub *hub = &stream->exchange->gateway->hub;
    if (stream->from_now) {
        stream->from_now = false;
        stream->position = hub->seen;
    } else if (stream->state == STREAM_LIVE) {
        stream->position = seen > stream->position ? seen : stream->position;
        if (stream->position != hub->seen) { /* above it: the broker's store is an older one */
            become_behind(stream);
        }
    } else if (stream->state != STREAM_BEHIND) {
        stream_queue_fini(&stream->held);
        stream->held_lost = true;
    }
}

/* ---- history ---- */

/* Queues the events of a page. Returns false when it is not what it says. */
static bool page_queue(struct stream *stream, const struct answer *answer)
{
    const struct message_event_page *page = &answer->message->event_page;
    struct frame_reader records = answer->records;
    struct message record;
    struct buffer text;
    bool whole = true;
    buffer_init(&text, STREAM_EVENT_SIZE_MAX);
    for (uint32_t index = 0; index < page->count && whole; index++) {
        whole = frame_next(&records, &record) == STATUS_OK && record.type == MESSAGE_TYPE_EVENT;
        if (!whole || record.event.event <= stream->position) {
            continue;
        }
        buffer_clear(&text);
        whole = event_text_write(&record.event, &text) == STATUS_OK;
        if (whole &&
            stream_queue_push(&stream->queue, &record.event, buffer_slice(&text)) != STATUS_OK) {
            buffer_fini(&text);
            become_behind(stream);
            return true;
        }
        stream->position = whole ? record.event.event : stream->position;
    }
    buffer_fini(&text);
    return whole;
}

/* The cursor is none of this shard's, or what came after it is not kept any more: says so, and goes
 * on where the page begins, which may be before the cursor. */
static void reset_queue(struct stream *stream, const struct answer *answer)
{
    const struct message_event_page *page = &answer->message->event_page;
    struct frame_reader records = answer->records;
    struct message record;
    struct buffer text;
    uint64_t through = page->through;
    if (page->count > 0 && frame_next(&records, &record) == STATUS_OK &&
        record.type == MESSAGE_TYPE_EVENT) {
        through = record.event.event - 1;
    }
    buffer_init(&text, STREAM_EVENT_SIZE_MAX);
    if (event_text_reset(through, &text) == STATUS_OK) {
        stream_queue_push_text(&stream->queue, buffer_slice(&text));
    }
    buffer_fini(&text);
    stream->position = through;
}

/* The page was the last one: what came live meanwhile follows, and then the live events. */
static void go_live(struct stream *stream, const struct message_event_page *page)
{
    bool newer = stream->held_last > page->through && stream->held_last > stream->position;
    if (stream->held_lost) {
        stream->held_lost = false;
        become_behind(stream);
        return;
    }
    stream->position = page->through > stream->position ? page->through : stream->position;
    stream->state = STREAM_LIVE;
    if (stream_queue_move(&stream->held, &stream->queue, stream->position, &stream->position) !=
        STATUS_OK) {
        become_behind(stream);
    } else if (newer ? stream->held_terminal : page->ended) {
        stream->ended = !id_is_zero(&stream->subscription.job);
    }
}

static void page_take(struct stream *stream, const struct answer *answer)
{
    const struct message_event_page *page = &answer->message->event_page;
    if (page->reset) {
        reset_queue(stream, answer);
    }
    stream->state = STREAM_READING;
    if (!page_queue(stream, answer)) {
        log_warn("page of events malformed", "request=%.*s job=%s count=%u",
                 SLICE_PRINT(stream->exchange->request_id), stream->exchange->job, page->count);
        become_behind(stream);
    } else if (stream->state == STREAM_READING && page->more) {
        /* Events of jobs that are kept no longer are passed over, perhaps a whole page of them. */
        stream->position = page->through > stream->position ? page->through : stream->position;
        become_behind(stream);
    } else if (stream->state == STREAM_READING) {
        go_live(stream, page);
    }
    mark_dirty(stream);
}

/* The first page decides how the request is answered. Returns whether the stream goes on. */
static bool first_page_answer(struct stream *stream, const struct answer *answer)
{
    const struct message_event_page *page =
        answer->message == NULL ? NULL : &answer->message->event_page;
    struct exchange *exchange = stream->exchange;
    const struct http_error *error = NULL;
    if (page == NULL) {
        error = &HTTP_ERROR_BROKER_UNAVAILABLE;
    } else if (page->code != REPLY_CODE_OK) {
        bool no_group = stream->of_group && page->code == REPLY_CODE_NOT_FOUND;
        error = no_group ? &HTTP_ERROR_BATCH_NOT_FOUND : http_error_of_reply(page->code);
    }
    /* A job's cursor is reset when it is beyond every event: that is past the job's end too. */
    bool over = page != NULL && page->ended && (page->count == 0 || page->reset) &&
                !id_is_zero(&stream->subscription.job);
    if (error != NULL || over) {
        hub_cancel(&stream->subscription);
        if (over) {
            respond_empty(exchange, 204, SLICE_EMPTY);
        } else {
            respond_error(exchange, error, NULL);
        }
        return false;
    }
    start(stream);
    stream_queue_push_text(&stream->queue, SLICE_LITERAL("retry: 2000\n\n"));
    return true;
}

static void on_page(struct request *request, const struct answer *answer)
{
    struct stream *stream = LIST_OWNER(request, struct stream, page);
    struct streams *streams = streams_of(stream);
    streams->read_count--;
    if (!stream->started && !first_page_answer(stream, answer)) {
        return;
    }
    if (answer->message == NULL || answer->message->event_page.code == REPLY_CODE_BUSY) {
        stream->state = STREAM_BEHIND;
        list_append(&streams->behind, &stream->behind); /* at the next tick */
        return;
    }
    if (answer->message->event_page.code != REPLY_CODE_OK) {
        stream->ended = true;
        mark_dirty(stream);
    } else {
        page_take(stream, answer);
    }
    streams_read(streams);
}

enum status stream_read(struct stream *stream)
{
    struct streams *streams = streams_of(stream);
    struct message *message = &stream->page.message;
    stream->page.done = on_page;
    message->type = MESSAGE_TYPE_GET_EVENTS;
    if (stream->of_group) {
        message->get_events.group = stream->subscription.job;
    } else {
        message->get_events.job = stream->subscription.job;
    }
    message->get_events.owner = stream->subscription.owner;
    message->get_events.after = stream->position;
    message->get_events.limit = STREAM_PAGE_EVENTS;
    enum status status = gateway_ask(stream->exchange->gateway, &stream->page);
    if (status == STATUS_OK) {
        stream->state = stream->started ? STREAM_READING : STREAM_STARTING;
        stream->held_lost = false;
        streams->read_count++;
    }
    return status;
}

/* ---- life ---- */

static void stream_dispose(void *memory)
{
    struct stream *stream = memory;
    struct streams *streams = streams_of(stream);
    if (list_is_linked(&stream->page.node)) {
        requests_remove(&stream->exchange->gateway->requests, &stream->page);
        streams->read_count--;
    }
    hub_cancel(&stream->subscription);
    list_remove(&stream->idle);
    list_remove(&stream->dirty);
    list_remove(&stream->behind);
    stream_queue_fini(&stream->queue);
    stream_queue_fini(&stream->held);
    buffer_fini(&stream->flight);
    streams->count--;
}

static struct stream *stream_new(struct exchange *exchange, const struct id *job,
                                 struct slice owner, uint64_t after)
{
    struct gateway *gateway = exchange->gateway;
    if (gateway->streams.count == STREAMS_MAX) {
        respond_error(exchange, &HTTP_ERROR_BUSY, NULL);
        return NULL;
    }
    struct stream *stream = exchange_hold(exchange, sizeof(*stream), stream_dispose);
    gateway->streams.count++;
    stream->exchange = exchange;
    stream->position = after;
    stream->subscription =
        (struct subscription){.on_event = on_event, .on_gap = on_gap, .job = *job, .owner = owner};
    hub_subscribe(&gateway->hub, &stream->subscription);
    return stream;
}

/* Asks for the first page, which decides how the request is answered. */
static void read_first(struct stream *stream)
{
    if (stream_read(stream) != STATUS_OK) {
        hub_cancel(&stream->subscription);
        respond_error(stream->exchange, &HTTP_ERROR_BUSY, NULL);
    }
}

void stream_open_job(struct exchange *exchange, const struct id *job, struct slice owner,
                     uint64_t after)
{
    struct stream *stream = stream_new(exchange, job, owner, after);
    if (stream != NULL) {
        read_first(stream);
    }
}

void stream_open_group(struct exchange *exchange, const struct id *group, struct slice owner,
                       uint64_t after)
{
    struct stream *stream = stream_new(exchange, group, owner, after);
    if (stream != NULL) {
        stream->of_group = true;
        read_first(stream);
    }
}

void stream_open_owner(struct exchange *exchange, bool has_cursor, uint64_t after)
{
    static const struct id every;
    struct gateway *gateway = exchange->gateway;
    struct stream *stream = stream_new(exchange, &every, exchange->owner, after);
    if (stream == NULL) {
        return;
    }
    if (has_cursor) {
        read_first(stream);
        return;
    }
    stream->from_now = gateway->session.number == 0;
    stream->position = gateway->hub.seen;
    stream->state = STREAM_LIVE;
    start(stream);
    stream_queue_push_text(&stream->queue, SLICE_LITERAL("retry: 2000\n\n"));
    stream_send(stream);
}
