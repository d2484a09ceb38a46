#include "gateway/queues.h"

#include "gateway/audit.h"
#include "gateway/envelope.h"
#include "gateway/queue_json.h"
#include "gateway/respond.h"

enum {
    QUEUES_BODY_SIZE_MAX = 8192, /* bytes of an answer: all queues, with the longest numbers */
};

/* One request about queues on its way. */
struct queues {
    struct request request; /* SET_QUEUE, then GET_QUEUES */
    struct exchange *exchange;
    bool of_one; /* the answer is the queue of this kind */
    enum job_kind kind;
};

static void queues_dispose(void *memory)
{
    struct queues *queues = memory;
    requests_remove(&queues->exchange->gateway->requests, &queues->request);
}

static struct queues *queues_new(struct exchange *exchange)
{
    struct queues *queues = exchange_hold(exchange, sizeof(*queues), queues_dispose);
    queues->exchange = exchange;
    return queues;
}

/* Returns whether an answer will come. */
static bool ask(struct queues *queues, request_done *done)
{
    queues->request.done = done;
    return gateway_ask(queues->exchange->gateway, &queues->request) == STATUS_OK;
}

/* ---- GET_QUEUES ---- */

/* Refuses. A queue that was set is so, whatever comes after: that must not sound as if nothing had
 * happened. */
static void refuse(const struct queues *queues, const struct http_error *error)
{
    respond_error(queues->exchange, queues->of_one ? &HTTP_ERROR_OUTCOME_UNKNOWN : error, NULL);
}

/* Sends what the gateway knows now. */
static void queues_send(const struct queues *queues)
{
    struct exchange *exchange = queues->exchange;
    const struct overview *overview = &exchange->gateway->overview;
    struct buffer body;
    struct json_writer writer;
    buffer_init(&body, QUEUES_BODY_SIZE_MAX);
    json_writer_init(&writer, &body);
    envelope_begin(&writer, 200, NULL);
    json_name(&writer, "data");
    if (queues->of_one) {
        queue_json_write(&writer, &overview->queues[queues->kind]);
    } else {
        queue_json_all(&writer, overview);
    }
    json_object_end(&writer);
    if (json_writer_status(&writer) == STATUS_OK) {
        respond_json(exchange, 200, buffer_slice(&body), SLICE_EMPTY);
    } else {
        respond_error(exchange, &HTTP_ERROR_INTERNAL, NULL);
    }
    buffer_fini(&body);
}

static void on_queues(struct request *request, const struct answer *answer)
{
    const struct queues *queues = LIST_OWNER(request, struct queues, request);
    struct gateway *gateway = queues->exchange->gateway;
    if (answer->message == NULL) {
        refuse(queues, &HTTP_ERROR_BROKER_UNAVAILABLE);
    } else if (answer->message->admin_page.code != REPLY_CODE_OK) {
        refuse(queues, http_error_of_reply((enum reply_code)answer->message->admin_page.code));
    } else if (overview_take(&gateway->overview, answer, gateway_now_ms(gateway)) == STATUS_OK) {
        queues_send(queues);
    } else {
        refuse(queues, &HTTP_ERROR_INTERNAL);
    }
}

static void ask_queues(struct queues *queues)
{
    queues->request.message = (struct message){.type = MESSAGE_TYPE_GET_QUEUES};
    if (!ask(queues, on_queues)) {
        refuse(queues, &HTTP_ERROR_BUSY);
    }
}

void queues_get(struct exchange *exchange)
{
    struct gateway *gateway = exchange->gateway;
    struct queues *queues = queues_new(exchange);
    if (overview_is_fresh(&gateway->overview, gateway_now_ms(gateway))) {
        queues_send(queues);
    } else {
        ask_queues(queues);
    }
}

/* ---- SET_QUEUE ---- */

static void on_set(struct request *request, const struct answer *answer)
{
    struct queues *queues = LIST_OWNER(request, struct queues, request);
    if (answer->message == NULL) {
        respond_error(queues->exchange, http_error_of_silence(answer->maybe_done), NULL);
    } else if (answer->message->reply.code != REPLY_CODE_OK) {
        respond_error(queues->exchange,
                      http_error_of_reply((enum reply_code)answer->message->reply.code), NULL);
    } else {
        ask_queues(queues);
    }
}

/* Reads the route's queue. Returns OK or NOT_FOUND. */
static enum status kind_of(const struct exchange *exchange, enum job_kind *out)
{
    for (uint32_t kind = 0; kind < JOB_KIND_COUNT; kind++) {
        const char *name = job_kind_name((enum job_kind)kind);
        if (slice_equal(exchange->match.params[0], slice_from_string(name))) {
            *out = (enum job_kind)kind;
            return STATUS_OK;
        }
    }
    return STATUS_NOT_FOUND;
}

static void set(struct exchange *exchange, bool paused)
{
    struct queues *queues = queues_new(exchange);
    if (kind_of(exchange, &queues->kind) != STATUS_OK) {
        respond_error(exchange, &HTTP_ERROR_QUEUE_NOT_FOUND, NULL);
        return;
    }
    const struct audit_by by = audit_by(exchange, SLICE_EMPTY);
    queues->of_one = true;
    queues->request.message = (struct message){
        .type = MESSAGE_TYPE_SET_QUEUE,
        .set_queue = {.kind = (uint8_t)queues->kind,
                      .paused = paused,
                      .user = by.user,
                      .role = by.role,
                      .action = by.action,
                      .request_id = by.request_id},
    };
    if (!ask(queues, on_set)) {
        respond_error(exchange, &HTTP_ERROR_BUSY, NULL);
    }
}

void queues_pause(struct exchange *exchange)
{
    set(exchange, true);
}

void queues_resume(struct exchange *exchange)
{
    set(exchange, false);
}
