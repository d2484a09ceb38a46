#include "gateway/requests.h"

#include <assert.h>
#include <stdlib.h>

_Static_assert((BROKER_REQUESTS_MAX & (BROKER_REQUESTS_MAX - 1)) == 0, "a mask finds the slot");

enum status requests_init(struct requests *requests)
{
    *requests = (struct requests){0};
    list_init(&requests->waiting);
    list_init(&requests->unsent);
    requests->slots = calloc(BROKER_REQUESTS_MAX, sizeof(requests->slots[0]));
    requests->free_slots = calloc(BROKER_REQUESTS_MAX, sizeof(requests->free_slots[0]));
    if (requests->slots == NULL || requests->free_slots == NULL) {
        requests_fini(requests);
        return STATUS_NO_MEMORY;
    }
    for (uint32_t slot = 0; slot < BROKER_REQUESTS_MAX; slot++) {
        requests->free_slots[slot] = slot;
    }
    requests->free_count = BROKER_REQUESTS_MAX;
    return STATUS_OK;
}

void requests_fini(struct requests *requests)
{
    free(requests->slots);
    free(requests->free_slots);
    requests->slots = NULL;
    requests->free_slots = NULL;
}

/* Where a message of the gateway carries its request's number; NULL for those that have none. */
static uint64_t *number_of_question(struct message *message)
{
    switch (message->type) {
    case MESSAGE_TYPE_SUBMIT:
        return &message->submit.request;
    case MESSAGE_TYPE_CANCEL_JOB:
        return &message->cancel_job.request;
    case MESSAGE_TYPE_RETRY_JOB:
        return &message->retry_job.request;
    case MESSAGE_TYPE_SUBMIT_GROUP:
        return &message->submit_group.request;
    case MESSAGE_TYPE_CANCEL_GROUP:
        return &message->cancel_group.request;
    case MESSAGE_TYPE_GET_GROUP:
        return &message->get_group.request;
    case MESSAGE_TYPE_GET_JOB:
        return &message->get_job.request;
    case MESSAGE_TYPE_LIST_JOBS:
        return &message->list_jobs.request;
    case MESSAGE_TYPE_GET_EVENTS:
        return &message->get_events.request;
    case MESSAGE_TYPE_GET_DOCUMENT:
        return &message->get_document.request;
    case MESSAGE_TYPE_LIST_DOCUMENTS:
        return &message->list_documents.request;
    case MESSAGE_TYPE_GET_POSITION:
        return &message->get_position.request;
    case MESSAGE_TYPE_PUT_ENDPOINT:
        return &message->put_endpoint.request;
    case MESSAGE_TYPE_DELETE_ENDPOINT:
        return &message->delete_endpoint.request;
    case MESSAGE_TYPE_LIST_ENDPOINTS:
        return &message->list_endpoints.request;
    case MESSAGE_TYPE_LIST_DELIVERIES:
        return &message->list_deliveries.request;
    default: /* the enum lists both directions and the actors' messages */
        return NULL;
    }
}

enum {
    QUESTION_TYPES = 7, /* that one type of answer can have */
};

/* The question that a message of the broker answers, and of which type that question must be. */
static bool question_of_answer(const struct message *message, uint64_t *number,
                               enum message_type types[QUESTION_TYPES])
{
    switch (message->type) {
    case MESSAGE_TYPE_REPLY:
        *number = message->reply.request;
        types[0] = MESSAGE_TYPE_SUBMIT;
        types[1] = MESSAGE_TYPE_CANCEL_JOB;
        types[2] = MESSAGE_TYPE_SUBMIT_GROUP;
        types[3] = MESSAGE_TYPE_CANCEL_GROUP;
        types[4] = MESSAGE_TYPE_PUT_ENDPOINT;
        types[5] = MESSAGE_TYPE_DELETE_ENDPOINT;
        types[6] = MESSAGE_TYPE_RETRY_JOB;
        return true;
    case MESSAGE_TYPE_GROUP_STATE:
        *number = message->group_state.request;
        types[0] = MESSAGE_TYPE_GET_GROUP;
        return true;
    case MESSAGE_TYPE_JOB_STATE:
        *number = message->job_state.request;
        types[0] = MESSAGE_TYPE_GET_JOB;
        return true;
    case MESSAGE_TYPE_LIST_PAGE:
        *number = message->list_page.request;
        types[0] = MESSAGE_TYPE_LIST_JOBS;
        return true;
    case MESSAGE_TYPE_EVENT_PAGE:
        *number = message->event_page.request;
        types[0] = MESSAGE_TYPE_GET_EVENTS;
        return true;
    case MESSAGE_TYPE_DOCUMENT:
        *number = message->document.request;
        types[0] = MESSAGE_TYPE_GET_DOCUMENT;
        return true;
    case MESSAGE_TYPE_DOCUMENT_PAGE:
        *number = message->document_page.request;
        types[0] = MESSAGE_TYPE_LIST_DOCUMENTS;
        return true;
    case MESSAGE_TYPE_POSITION:
        *number = message->position.request;
        types[0] = MESSAGE_TYPE_GET_POSITION;
        return true;
    case MESSAGE_TYPE_ENDPOINT_PAGE:
        *number = message->endpoint_page.request;
        types[0] = MESSAGE_TYPE_LIST_ENDPOINTS;
        return true;
    case MESSAGE_TYPE_DELIVERY_PAGE:
        *number = message->delivery_page.request;
        types[0] = MESSAGE_TYPE_LIST_DELIVERIES;
        return true;
    default: /* not an answer */
        return false;
    }
}

static bool is_one_of(enum message_type type, const enum message_type types[QUESTION_TYPES])
{
    bool found = false;
    for (int index = 0; index < QUESTION_TYPES; index++) {
        found |= type == types[index];
    }
    return found;
}

static size_t slot_of(uint64_t number)
{
    return number & (BROKER_REQUESTS_MAX - 1);
}

enum status requests_add(struct requests *requests, struct request *request, int64_t now_ms)
{
    assert(!list_is_linked(&request->node) && request->done != NULL);
    uint64_t *number = number_of_question(&request->message);
    assert(number != NULL);
    if (requests->free_count == 0) {
        return STATUS_FULL;
    }
    requests->free_count--;
    uint32_t slot = requests->free_slots[requests->free_count];
    requests->sequence++;
    *number = requests->sequence * BROKER_REQUESTS_MAX + slot;
    requests->slots[slot] = request;
    request->deadline_ms = now_ms + BROKER_TIMEOUT_MS;
    request->sent = false;
    request->repeated = false;
    list_append(&requests->waiting, &request->node);
    list_append(&requests->unsent, &request->unsent);
    return STATUS_OK;
}

void requests_remove(struct requests *requests, struct request *request)
{
    if (!list_is_linked(&request->node)) {
        return;
    }
    size_t slot = slot_of(*number_of_question(&request->message));
    assert(requests->slots[slot] == request);
    requests->slots[slot] = NULL;
    requests->free_slots[requests->free_count] = (uint32_t)slot;
    requests->free_count++;
    list_remove(&request->node);
    list_remove(&request->unsent);
}

struct request *requests_unsent(struct requests *requests)
{
    if (list_is_empty(&requests->unsent)) {
        return NULL;
    }
    return LIST_OWNER(requests->unsent.next, struct request, unsent);
}

void requests_sent(struct request *request)
{
    request->sent = true;
    list_remove(&request->unsent);
}

void requests_resend(struct requests *requests)
{
    struct list *node = requests->waiting.next;
    for (; node != &requests->waiting; node = node->next) {
        struct request *request = LIST_OWNER(node, struct request, node);
        list_remove(&request->unsent);
        list_append(&requests->unsent, &request->unsent);
        request->repeated |= request->sent;
        if (request->message.type == MESSAGE_TYPE_SUBMIT) {
            request->message.submit.resent = request->repeated;
        } else if (request->message.type == MESSAGE_TYPE_SUBMIT_GROUP) {
            request->message.submit_group.resent = request->repeated;
        } else if (request->message.type == MESSAGE_TYPE_PUT_ENDPOINT) {
            request->message.put_endpoint.resent = request->repeated;
        } else if (request->message.type == MESSAGE_TYPE_RETRY_JOB) {
            request->message.retry_job.resent = request->repeated;
        }
    }
}

enum status requests_answer(struct requests *requests, const struct message *message,
                            struct frame_reader records)
{
    uint64_t number = 0;
    enum message_type types[QUESTION_TYPES] = {0};
    if (!question_of_answer(message, &number, types)) {
        return STATUS_NOT_FOUND;
    }
    struct request *request = requests->slots[slot_of(number)];
    if (request == NULL || *number_of_question(&request->message) != number ||
        !is_one_of(request->message.type, types)) {
        return STATUS_NOT_FOUND;
    }
    requests_remove(requests, request);
    struct answer answer = {.message = message, .records = records};
    request->done(request, &answer);
    return STATUS_OK;
}

void requests_expire(struct requests *requests, int64_t now_ms)
{
    while (!list_is_empty(&requests->waiting)) {
        struct request *request = LIST_OWNER(requests->waiting.next, struct request, node);
        if (request->deadline_ms > now_ms) {
            return;
        }
        requests_remove(requests, request);
        struct answer answer = {.maybe_done = request->sent};
        request->done(request, &answer);
    }
}

size_t requests_count(const struct requests *requests)
{
    return BROKER_REQUESTS_MAX - requests->free_count;
}
