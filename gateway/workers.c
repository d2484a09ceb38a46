#include "gateway/workers.h"

#include "gateway/audit.h"
#include "gateway/envelope.h"
#include "gateway/respond.h"
#include "gateway/worker_json.h"

enum {
    WORKERS_BODY_SIZE_MAX =
        8 << 20, /* bytes: as many workers and jobs as fit in a frame, escaped */
};

/* One request about workers on its way. */
struct workers {
    struct request request; /* GET_WORKERS or SET_WORKER */
    struct exchange *exchange;
};

static void workers_dispose(void *memory)
{
    struct workers *workers = memory;
    requests_remove(&workers->exchange->gateway->requests, &workers->request);
}

static struct workers *workers_new(struct exchange *exchange)
{
    struct workers *workers = exchange_hold(exchange, sizeof(*workers), workers_dispose);
    workers->exchange = exchange;
    return workers;
}

static void ask(struct workers *workers, request_done *done)
{
    workers->request.done = done;
    if (gateway_ask(workers->exchange->gateway, &workers->request) != STATUS_OK) {
        respond_error(workers->exchange, &HTTP_ERROR_BUSY, NULL);
    }
}

/* ---- answers ---- */

static void answer_begin(struct json_writer *writer, struct buffer *body)
{
    buffer_init(body, WORKERS_BODY_SIZE_MAX);
    json_writer_init(writer, body);
    envelope_begin(writer, 200, NULL);
    json_name(writer, "data");
}

static void answer_end(struct exchange *exchange, struct json_writer *writer, struct buffer *body)
{
    json_object_end(writer);
    if (json_writer_status(writer) == STATUS_OK) {
        respond_json(exchange, 200, buffer_slice(body), SLICE_EMPTY);
    } else {
        respond_error(exchange, &HTTP_ERROR_INTERNAL, NULL);
    }
    buffer_fini(body);
}

/* ---- GET_WORKERS ---- */

static void on_workers(struct request *request, const struct answer *answer)
{
    const struct workers *workers = LIST_OWNER(request, struct workers, request);
    struct exchange *exchange = workers->exchange;
    struct buffer body;
    struct json_writer writer;
    if (answer->message == NULL) {
        respond_error(exchange, &HTTP_ERROR_BROKER_UNAVAILABLE, NULL);
        return;
    }
    const struct message_admin_page *page = &answer->message->admin_page;
    if (page->code != REPLY_CODE_OK) {
        respond_error(exchange, http_error_of_reply((enum reply_code)page->code), NULL);
        return;
    }
    answer_begin(&writer, &body);
    if (worker_json_all(&writer, answer->records, page->count) == STATUS_MALFORMED) {
        writer.status = STATUS_MALFORMED;
    }
    answer_end(exchange, &writer, &body);
}

void workers_get(struct exchange *exchange)
{
    struct workers *workers = workers_new(exchange);
    workers->request.message = (struct message){.type = MESSAGE_TYPE_GET_WORKERS};
    ask(workers, on_workers);
}

/* ---- SET_WORKER ---- */

/* What a code other than OK means here. */
static const struct http_error *error_of(enum reply_code code)
{
    if (code == REPLY_CODE_NOT_FOUND) {
        return &HTTP_ERROR_WORKER_NOT_FOUND;
    }
    return code == REPLY_CODE_CONFLICT ? &HTTP_ERROR_WORKER_ENDS : http_error_of_reply(code);
}

static void on_set(struct request *request, const struct answer *answer)
{
    const struct workers *workers = LIST_OWNER(request, struct workers, request);
    const struct message_set_worker *set = &request->message.set_worker;
    struct buffer body;
    struct json_writer writer;
    if (answer->message == NULL) {
        respond_error(workers->exchange, http_error_of_silence(answer->maybe_done), NULL);
    } else if (answer->message->reply.code != REPLY_CODE_OK) {
        respond_error(workers->exchange, error_of((enum reply_code)answer->message->reply.code),
                      NULL);
    } else {
        answer_begin(&writer, &body);
        worker_json_orders(&writer, &set->worker, (enum worker_orders)set->orders);
        answer_end(workers->exchange, &writer, &body);
    }
}

static void set(struct exchange *exchange, enum worker_orders orders)
{
    struct workers *workers = workers_new(exchange);
    struct message *message = &workers->request.message;
    const struct audit_by by = audit_by(exchange, SLICE_EMPTY);
    message->type = MESSAGE_TYPE_SET_WORKER;
    message->set_worker.orders = (uint8_t)orders;
    message->set_worker.user = by.user;
    message->set_worker.role = by.role;
    message->set_worker.action = by.action;
    message->set_worker.request_id = by.request_id;
    if (exchange_id(exchange, 0, &message->set_worker.worker) == STATUS_OK) {
        ask(workers, on_set);
    } else {
        respond_error(exchange, &HTTP_ERROR_WORKER_NOT_FOUND, NULL);
    }
}

void workers_drain(struct exchange *exchange)
{
    set(exchange, WORKER_ORDERS_DRAIN);
}

void workers_undrain(struct exchange *exchange)
{
    set(exchange, WORKER_ORDERS_WORK);
}

void workers_stop(struct exchange *exchange)
{
    set(exchange, WORKER_ORDERS_STOP);
}
