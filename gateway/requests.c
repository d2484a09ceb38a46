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

/* The same as below, of questions about the stack as a whole. */
static uint64_t *number_of_admin(struct message *message)
{
    switch ((int)message->type) {
    case MESSAGE_TYPE_GET_QUEUES:
        return &message->get_queues.request;
    case MESSAGE_TYPE_SET_QUEUE:
        return &message->set_queue.request;
    case MESSAGE_TYPE_GET_WORKERS:
        return &message->get_workers.request;
    case MESSAGE_TYPE_SET_WORKER:
        return &message->set_worker.request;
    case MESSAGE_TYPE_CHANGE_JOB:
        return &message->change_job.request;
    case MESSAGE_TYPE_START_BULK:
        return &message->start_bulk.request;
    case MESSAGE_TYPE_STOP_BULK:
        return &message->stop_bulk.request;
    case MESSAGE_TYPE_GET_BULKS:
        return &message->get_bulks.request;
    case MESSAGE_TYPE_GET_AUDIT:
        return &message->get_audit.request;
    case MESSAGE_TYPE_GET_FAILURES:
        return &message->get_failures.request;
    case MESSAGE_TYPE_NOTE_AUDIT:
        return &message->note_audit.request;
    case MESSAGE_TYPE_GET_USERS:
        return &message->get_users.request;
    case MESSAGE_TYPE_GET_PROVIDERS:
        return &message->get_providers.request;
    case MESSAGE_TYPE_GET_SYSTEM:
        return &message->get_system.request;
    default:
        return NULL;
    }
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
    case MESSAGE_TYPE_SEARCH_JOBS:
        return &message->search_jobs.request;
    case MESSAGE_TYPE_GET_INPUT:
        return &message->get_input.request;
    case MESSAGE_TYPE_GET_EVENTS:
        return &message->get_events.request;
    case MESSAGE_TYPE_GET_DOCUMENT:
        return &message->get_document.request;
    case MESSAGE_TYPE_LIST_DOCUMENTS:
        return &message->list_documents.request;
    case MESSAGE_TYPE_DELETE_DOCUMENT:
        return &message->delete_document.request;
    case MESSAGE_TYPE_LIST_REMOVALS:
        return &message->list_removals.request;
    case MESSAGE_TYPE_REMOVED:
        return &message->removed.request;
    case MESSAGE_TYPE_GET_ASSETS:
        return &message->get_assets.request;
    case MESSAGE_TYPE_GET_POSITION:
        return &message->get_position.request;
    case MESSAGE_TYPE_GET_USAGE:
        return &message->get_usage.request;
    case MESSAGE_TYPE_GET_HISTORY:
        return &message->get_history.request;
    case MESSAGE_TYPE_PUT_ENDPOINT:
        return &message->put_endpoint.request;
    case MESSAGE_TYPE_DELETE_ENDPOINT:
        return &message->delete_endpoint.request;
    case MESSAGE_TYPE_LIST_ENDPOINTS:
        return &message->list_endpoints.request;
    case MESSAGE_TYPE_MAKE_BACKUP:
        return &message->make_backup.request;
    case MESSAGE_TYPE_LIST_BACKUPS:
        return &message->list_backups.request;
    case MESSAGE_TYPE_LIST_DELIVERIES:
        return &message->list_deliveries.request;
    default: /* the enum lists both directions and the actors' messages */
        return number_of_admin(message);
    }
}

/* Reads the question's number from a message of the broker; false for those that answer none. */
static bool number_of_answer(const struct message *message, uint64_t *number)
{
    switch (message->type) {
    case MESSAGE_TYPE_REPLY:
        *number = message->reply.request;
        return true;
    case MESSAGE_TYPE_JOB_STATE:
        *number = message->job_state.request;
        return true;
    case MESSAGE_TYPE_LIST_PAGE:
        *number = message->list_page.request;
        return true;
    case MESSAGE_TYPE_SEARCH_PAGE:
        *number = message->search_page.request;
        return true;
    case MESSAGE_TYPE_INPUT:
        *number = message->input.request;
        return true;
    case MESSAGE_TYPE_EVENT_PAGE:
        *number = message->event_page.request;
        return true;
    case MESSAGE_TYPE_DOCUMENT:
        *number = message->document.request;
        return true;
    case MESSAGE_TYPE_DOCUMENT_PAGE:
        *number = message->document_page.request;
        return true;
    case MESSAGE_TYPE_POSITION:
        *number = message->position.request;
        return true;
    case MESSAGE_TYPE_USAGE:
        *number = message->usage.request;
        return true;
    case MESSAGE_TYPE_HISTORY:
        *number = message->history.request;
        return true;
    case MESSAGE_TYPE_GROUP_STATE:
        *number = message->group_state.request;
        return true;
    case MESSAGE_TYPE_ENDPOINT_PAGE:
        *number = message->endpoint_page.request;
        return true;
    case MESSAGE_TYPE_DELIVERY_PAGE:
        *number = message->delivery_page.request;
        return true;
    case MESSAGE_TYPE_REMOVAL_PAGE:
        *number = message->removal_page.request;
        return true;
    case MESSAGE_TYPE_ASSET_NAMES:
        *number = message->asset_names.request;
        return true;
    case MESSAGE_TYPE_ADMIN_PAGE:
        *number = message->admin_page.request;
        return true;
    case MESSAGE_TYPE_SYSTEM:
        *number = message->system.request;
        return true;
    case MESSAGE_TYPE_AUDIT_PAGE:
        *number = message->audit_page.request;
        return true;
    case MESSAGE_TYPE_FAILURE_PAGE:
        *number = message->failure_page.request;
        return true;
    case MESSAGE_TYPE_BACKUP_PAGE:
        *number = message->backup_page.request;
        return true;
    default: /* not an answer */
        return false;
    }
}

/* What answers a question. */
static enum message_type answer_of(enum message_type question)
{
    switch (question) {
    case MESSAGE_TYPE_GET_JOB:
        return MESSAGE_TYPE_JOB_STATE;
    case MESSAGE_TYPE_LIST_JOBS:
        return MESSAGE_TYPE_LIST_PAGE;
    case MESSAGE_TYPE_GET_EVENTS:
        return MESSAGE_TYPE_EVENT_PAGE;
    case MESSAGE_TYPE_GET_DOCUMENT:
        return MESSAGE_TYPE_DOCUMENT;
    case MESSAGE_TYPE_LIST_DOCUMENTS:
        return MESSAGE_TYPE_DOCUMENT_PAGE;
    case MESSAGE_TYPE_GET_POSITION:
        return MESSAGE_TYPE_POSITION;
    case MESSAGE_TYPE_GET_HISTORY:
        return MESSAGE_TYPE_HISTORY;
    case MESSAGE_TYPE_GET_USAGE:
        return MESSAGE_TYPE_USAGE;
    case MESSAGE_TYPE_GET_GROUP:
        return MESSAGE_TYPE_GROUP_STATE;
    case MESSAGE_TYPE_LIST_ENDPOINTS:
        return MESSAGE_TYPE_ENDPOINT_PAGE;
    case MESSAGE_TYPE_LIST_DELIVERIES:
        return MESSAGE_TYPE_DELIVERY_PAGE;
    case MESSAGE_TYPE_LIST_REMOVALS:
        return MESSAGE_TYPE_REMOVAL_PAGE;
    case MESSAGE_TYPE_GET_ASSETS:
        return MESSAGE_TYPE_ASSET_NAMES;
    case MESSAGE_TYPE_GET_QUEUES:
    case MESSAGE_TYPE_GET_USERS:
    case MESSAGE_TYPE_GET_PROVIDERS:
    case MESSAGE_TYPE_GET_WORKERS:
    case MESSAGE_TYPE_GET_BULKS:
        return MESSAGE_TYPE_ADMIN_PAGE;
    case MESSAGE_TYPE_MAKE_BACKUP:
    case MESSAGE_TYPE_LIST_BACKUPS:
        return MESSAGE_TYPE_BACKUP_PAGE;
    case MESSAGE_TYPE_GET_SYSTEM:
        return MESSAGE_TYPE_SYSTEM;
    case MESSAGE_TYPE_GET_AUDIT:
        return MESSAGE_TYPE_AUDIT_PAGE;
    case MESSAGE_TYPE_SEARCH_JOBS:
        return MESSAGE_TYPE_SEARCH_PAGE;
    case MESSAGE_TYPE_GET_FAILURES:
        return MESSAGE_TYPE_FAILURE_PAGE;
    case MESSAGE_TYPE_GET_INPUT:
        return MESSAGE_TYPE_INPUT;
    default: /* those that ask for a change */
        return MESSAGE_TYPE_REPLY;
    }
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
        requests->refused++;
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
    if (!number_of_answer(message, &number)) {
        return STATUS_NOT_FOUND;
    }
    struct request *request = requests->slots[slot_of(number)];
    if (request == NULL || *number_of_question(&request->message) != number ||
        answer_of(request->message.type) != message->type) {
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
        requests->expired++;
        struct answer answer = {.maybe_done = request->sent};
        request->done(request, &answer);
    }
}

size_t requests_count(const struct requests *requests)
{
    return BROKER_REQUESTS_MAX - requests->free_count;
}
