#include "gateway/watch.h"

#include "base/log.h"
#include "gateway/events.h"
#include "gateway/exchange.h"
#include "gateway/queue_json.h"
#include "gateway/respond.h"

#define MARK_MAX ((UINT64_C(1) << 53) - 1) /* what a browser's numbers hold */

/* One reader. */
struct watch_stream {
    h2o_generator_t generator; /* first: h2o hands it back */
    struct exchange *exchange;
    struct list node;     /* in watch.streams */
    struct buffer flight; /* given to h2o until it proceeds */
    bool in_flight;
    bool ended;
    uint64_t queues_version; /* of what was sent */
    uint64_t jobs_version;
    uint64_t workers_version;
    int64_t sent_at_ms; /* the last piece */
};

static struct watch *watch_of(const struct watch_stream *stream)
{
    return &stream->exchange->gateway->watch;
}

/* ---- out ---- */

static void piece_send(struct watch_stream *stream)
{
    h2o_iovec_t piece = h2o_iovec_init(stream->flight.data, stream->flight.size);
    stream->in_flight = true;
    stream->sent_at_ms = gateway_now_ms(stream->exchange->gateway);
    exchange_send(stream->exchange, &piece, 1, H2O_SEND_STATE_IN_PROGRESS);
}

static void topic_take(struct watch_stream *stream, const struct watch_topic *topic, uint64_t *sent)
{
    if (*sent != topic->version) {
        *sent = topic->version;
        buffer_append_slice(&stream->flight, buffer_slice(&topic->text));
    }
}

/* Sends what is new for this reader, unless it has not taken the piece before. */
static void stream_go_on(struct watch_stream *stream)
{
    const struct watch *watch = watch_of(stream);
    if (stream->in_flight) {
        return;
    }
    if (stream->ended) {
        list_remove(&stream->node);
        stream->in_flight = true;
        exchange_send(stream->exchange, NULL, 0, H2O_SEND_STATE_FINAL);
        return;
    }
    topic_take(stream, &watch->queues, &stream->queues_version);
    topic_take(stream, &watch->jobs, &stream->jobs_version);
    topic_take(stream, &watch->workers, &stream->workers_version);
    if (stream->flight.size > 0) {
        piece_send(stream);
    }
}

static void on_proceed(h2o_generator_t *generator, h2o_req_t *request)
{
    struct watch_stream *stream = (struct watch_stream *)generator;
    (void)request;
    buffer_clear(&stream->flight);
    stream->in_flight = false;
    exchange_sent(stream->exchange);
    stream_go_on(stream);
}

static void all_go_on(struct watch *watch)
{
    struct list *node = watch->streams.next;
    while (node != &watch->streams) {
        struct watch_stream *stream = LIST_OWNER(node, struct watch_stream, node);
        node = node->next;
        stream_go_on(stream);
    }
}

/* A beat keeps a stream alive, and finds out who has gone; it ends with its token. It is an event:
 * scripts do not see comments, and could not tell a quiet stream from a dead one. */
static void stream_tick(struct watch_stream *stream, int64_t now_ms)
{
    int64_t silence_ms = now_ms - stream->sent_at_ms;
    if (!stream->ended && exchange_is_expired(stream->exchange, now_ms)) {
        stream->ended = true;
        stream_go_on(stream);
        return;
    }
    bool is_due = silence_ms >= STREAM_HEARTBEAT_MS ||
                  (silence_ms >= STREAM_LEFT_MS && exchange_is_left(stream->exchange));
    if (!stream->in_flight && is_due &&
        buffer_append_slice(&stream->flight, SLICE_LITERAL("event: alive\ndata: {}\n\n")) ==
            STATUS_OK) {
        piece_send(stream);
    }
}

/* ---- what is told ---- */

/* Replaces a topic's text by one of this data, if it is another. */
static void topic_set(struct watch *watch, struct watch_topic *topic, struct slice name)
{
    struct buffer *text = &watch->scratch; /* it holds the data */
    struct buffer made;
    buffer_init(&made, WATCH_EVENT_SIZE_MAX);
    enum status status = buffer_append_slice(&made, SLICE_LITERAL("event: "));
    status = status == STATUS_OK ? buffer_append_slice(&made, name) : status;
    status = status == STATUS_OK ? buffer_append_slice(&made, SLICE_LITERAL("\ndata: ")) : status;
    status = status == STATUS_OK ? buffer_append_slice(&made, buffer_slice(text)) : status;
    status = status == STATUS_OK ? buffer_append_slice(&made, SLICE_LITERAL("\n\n")) : status;
    if (status != STATUS_OK || slice_equal(buffer_slice(&made), buffer_slice(&topic->text))) {
        buffer_fini(&made);
        return;
    }
    buffer_fini(&topic->text);
    topic->text = made;
    topic->version++;
}

static void queues_tell(struct watch *watch)
{
    struct json_writer writer;
    buffer_clear(&watch->scratch);
    json_writer_init(&writer, &watch->scratch);
    queue_json_all(&writer, &watch->gateway->overview);
    if (json_writer_status(&writer) == STATUS_OK) {
        topic_set(watch, &watch->queues, SLICE_LITERAL("queues"));
    }
}

/* That they are others; what they are is told to those who ask. */
static void workers_tell(struct watch *watch)
{
    struct json_writer writer;
    uint64_t mark = 0;
    for (uint32_t kind = 0; kind < JOB_KIND_COUNT; kind++) {
        mark = mark * 31 + watch->gateway->overview.queues[kind].workers_mark;
    }
    buffer_clear(&watch->scratch);
    json_writer_init(&writer, &watch->scratch);
    json_object_begin(&writer);
    json_member_integer(&writer, "mark", (int64_t)(mark & MARK_MAX));
    json_object_end(&writer);
    if (json_writer_status(&writer) == STATUS_OK) {
        topic_set(watch, &watch->workers, SLICE_LITERAL("workers"));
    }
}

static void jobs_tell(struct watch *watch)
{
    struct json_writer writer;
    if (watch->news.count == 0) {
        return;
    }
    buffer_clear(&watch->scratch);
    json_writer_init(&writer, &watch->scratch);
    job_news_write(&watch->news, &writer);
    watch->news.count = 0;
    if (json_writer_status(&writer) == STATUS_OK) {
        topic_set(watch, &watch->jobs, SLICE_LITERAL("jobs"));
    }
}

static void on_queues(struct request *request, const struct answer *answer)
{
    struct watch *watch = LIST_OWNER(request, struct watch, ask);
    struct gateway *gateway = watch->gateway;
    watch->asking = false;
    if (answer->message != NULL && answer->message->admin_page.code == REPLY_CODE_OK &&
        overview_take(&gateway->overview, answer, gateway_now_ms(gateway)) == STATUS_OK) {
        queues_tell(watch);
        workers_tell(watch);
        all_go_on(watch);
    }
}

static void queues_ask(struct watch *watch)
{
    if (watch->asking) {
        return; /* the broker is slow, or away: one question is enough */
    }
    watch->ask.message = (struct message){.type = MESSAGE_TYPE_GET_QUEUES};
    watch->ask.done = on_queues;
    watch->asking = gateway_ask(watch->gateway, &watch->ask) == STATUS_OK;
}

static void on_event(struct subscription *subscription, const struct message_event *event,
                     struct slice text)
{
    struct watch *watch = LIST_OWNER(subscription, struct watch, subscription);
    (void)text;
    job_news_note(&watch->news, event);
}

/* What was missed of jobs is not told; the queues are told anew anyhow. */
static void on_gap(struct subscription *subscription, uint64_t seen)
{
    (void)subscription;
    (void)seen;
}

static bool broker_is_away(const struct watch *watch, int64_t now_ms)
{
    return now_ms - watch->current_at_ms > WATCH_SILENCE_MS;
}

/* While the gateway itself stood still nobody could hear the broker: that time does not count. */
static void late_forgive(struct watch *watch, int64_t now_ms)
{
    int64_t late_ms = now_ms - watch->ticked_at_ms - WATCH_LATE_MS;
    if (late_ms > 0) {
        watch->current_at_ms += late_ms;
    }
    watch->ticked_at_ms = now_ms;
}

void watch_tick(struct watch *watch, int64_t now_ms)
{
    late_forgive(watch, now_ms);
    if (session_is_current(&watch->gateway->session, now_ms)) {
        watch->current_at_ms = now_ms;
    } else if (broker_is_away(watch, now_ms)) {
        watch_end(watch);
    }
    struct list *node = watch->streams.next;
    while (node != &watch->streams) {
        struct watch_stream *stream = LIST_OWNER(node, struct watch_stream, node);
        node = node->next;
        stream_tick(stream, now_ms);
    }
    if (watch->count > 0 && now_ms - watch->told_at_ms >= WATCH_MS) {
        watch->told_at_ms = now_ms;
        jobs_tell(watch);
        queues_ask(watch);
        all_go_on(watch);
    }
}

/* ---- life ---- */

void watch_init(struct watch *watch, struct gateway *gateway)
{
    int64_t now_ms = gateway_now_ms(gateway);
    *watch = (struct watch){.gateway = gateway, .current_at_ms = now_ms, .ticked_at_ms = now_ms};
    watch->subscription =
        (struct subscription){.on_event = on_event, .on_gap = on_gap, .every = true};
    list_init(&watch->streams);
    buffer_init(&watch->queues.text, WATCH_EVENT_SIZE_MAX);
    buffer_init(&watch->jobs.text, WATCH_EVENT_SIZE_MAX);
    buffer_init(&watch->workers.text, WATCH_EVENT_SIZE_MAX);
    buffer_init(&watch->scratch, WATCH_EVENT_SIZE_MAX);
}

void watch_fini(struct watch *watch)
{
    buffer_fini(&watch->queues.text);
    buffer_fini(&watch->jobs.text);
    buffer_fini(&watch->workers.text);
    buffer_fini(&watch->scratch);
}

void watch_end(struct watch *watch)
{
    struct list *node = watch->streams.next;
    while (node != &watch->streams) {
        struct watch_stream *stream = LIST_OWNER(node, struct watch_stream, node);
        node = node->next;
        stream->ended = true;
        stream_go_on(stream);
    }
}

static void stream_dispose(void *memory)
{
    struct watch_stream *stream = memory;
    struct watch *watch = watch_of(stream);
    list_remove(&stream->node);
    buffer_fini(&stream->flight);
    watch->count--;
    if (watch->count == 0) {
        hub_cancel(&watch->subscription);
        requests_remove(&watch->gateway->requests, &watch->ask);
        watch->asking = false;
    }
}

/* What was told to others before the first one came is of long ago. */
static void begin(struct watch *watch)
{
    if (watch->count == 0) {
        watch->news.count = 0;
        buffer_clear(&watch->queues.text);
        buffer_clear(&watch->workers.text);
        hub_subscribe(&watch->gateway->hub, &watch->subscription);
    }
    watch->count++;
}

void watch_open(struct exchange *exchange)
{
    struct watch *watch = &exchange->gateway->watch;
    int64_t now_ms = gateway_now_ms(exchange->gateway);
    if (!session_is_current(&exchange->gateway->session, now_ms) && broker_is_away(watch, now_ms)) {
        respond_error(exchange, &HTTP_ERROR_BROKER_UNAVAILABLE, NULL);
        return;
    }
    if (events_head_answer(exchange)) {
        return;
    }
    if (watch->count == WATCH_STREAMS_MAX) {
        respond_error(exchange, &HTTP_ERROR_BUSY, NULL);
        return;
    }
    begin(watch);
    struct watch_stream *stream = exchange_hold(exchange, sizeof(*stream), stream_dispose);
    stream->exchange = exchange;
    stream->generator.proceed = on_proceed;
    stream->jobs_version = watch->jobs.version; /* what was told before it came is over */
    buffer_init(&stream->flight, 3 * WATCH_EVENT_SIZE_MAX);
    list_append(&watch->streams, &stream->node);
    respond_begin(exchange, 200, SLICE_LITERAL("text/event-stream"));
    respond_header(exchange, "cache-control", SLICE_LITERAL("no-store"));
    respond_header(exchange, "x-accel-buffering", SLICE_LITERAL("no"));
    h2o_start_response(exchange->request, &stream->generator);
    buffer_append_slice(&stream->flight, SLICE_LITERAL("retry: 2000\n\n"));
    topic_take(stream, &watch->queues, &stream->queues_version);
    piece_send(stream);
    queues_ask(watch);
}
