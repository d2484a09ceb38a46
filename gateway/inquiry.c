#include "gateway/inquiry.h"

#include "gateway/envelope.h"
#include "gateway/pagination.h"
#include "gateway/respond.h"

void *inquiry_new(struct exchange *exchange, size_t size, void (*dispose)(void *))
{
    struct inquiry *inquiry = exchange_hold(exchange, size, dispose);
    inquiry->exchange = exchange;
    return inquiry;
}

void inquiry_fini(void *memory)
{
    struct inquiry *inquiry = memory;
    requests_remove(&inquiry->exchange->gateway->requests, &inquiry->request);
}

struct message *inquiry_begin(struct inquiry *inquiry, enum message_type type)
{
    inquiry->request = (struct request){.message = {.type = type}};
    return &inquiry->request.message;
}

void inquiry_ask(struct inquiry *inquiry, request_done *done)
{
    inquiry->request.done = done;
    if (gateway_ask(inquiry->exchange->gateway, &inquiry->request) != STATUS_OK) {
        respond_error(inquiry->exchange, &HTTP_ERROR_BUSY, NULL);
    }
}

bool inquiry_is_heard(const struct inquiry *inquiry, const struct answer *answer)
{
    if (answer->message == NULL) {
        respond_error(inquiry->exchange, &HTTP_ERROR_BROKER_UNAVAILABLE, NULL);
    }
    return answer->message != NULL;
}

const struct message_reply *inquiry_reply(const struct inquiry *inquiry,
                                          const struct answer *answer)
{
    if (answer->message == NULL) {
        respond_error(inquiry->exchange, http_error_of_silence(answer->maybe_done), NULL);
        return NULL;
    }
    return &answer->message->reply;
}

bool inquiry_refuses(const struct inquiry *inquiry, uint8_t code)
{
    if (code != REPLY_CODE_OK) {
        respond_error(inquiry->exchange, http_error_of_reply((enum reply_code)code), NULL);
    }
    return code != REPLY_CODE_OK;
}

bool inquiry_refuses_page(const struct inquiry *inquiry, uint8_t code)
{
    if (code == REPLY_CODE_INVALID) {
        struct problems problems = {0};
        pagination_refuse(&problems);
        respond_error(inquiry->exchange, &HTTP_ERROR_VALIDATION, &problems);
        return true;
    }
    return inquiry_refuses(inquiry, code);
}

/* ---- the envelope ---- */

void success_begin(struct success *success, int status, size_t size_max)
{
    success->status = status;
    buffer_init(&success->body, size_max);
    json_writer_init(&success->writer, &success->body);
    envelope_begin(&success->writer, status, NULL);
    json_name(&success->writer, "data");
}

enum status success_close(struct success *success)
{
    json_object_end(&success->writer);
    return json_writer_status(&success->writer);
}

void success_fini(struct success *success)
{
    buffer_fini(&success->body);
}

void success_send(struct success *success, struct exchange *exchange, enum status written)
{
    if (written == STATUS_OK && success_close(success) == STATUS_OK) {
        respond_json(exchange, success->status, buffer_slice(&success->body), SLICE_EMPTY);
    } else {
        respond_error(exchange, &HTTP_ERROR_INTERNAL, NULL);
    }
    success_fini(success);
}
