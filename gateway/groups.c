#include "gateway/groups.h"

#include <inttypes.h>
#include <stdio.h>
#include "gateway/events.h"
#include "gateway/group_json.h"
#include "gateway/job_send.h"
#include "gateway/respond.h"
#include "gateway/stream.h"

enum {
    GROUP_BODY_ROOM = 1024, /* bytes of a group's envelope */
    GROUP_ETAG_SIZE = 24,
};

typedef void group_found(struct exchange *exchange, const struct message_group_state *group);

/* One request that waits for the broker. */
struct group_get {
    struct request request; /* GET_GROUP or CANCEL_GROUP */
    struct exchange *exchange;
    group_found *found;
    const char *message; /* of the answer, or NULL */
};

static void group_get_dispose(void *memory)
{
    struct group_get *get = memory;
    requests_remove(&get->exchange->gateway->requests, &get->request);
}

static void ask(struct group_get *get)
{
    if (gateway_ask(get->exchange->gateway, &get->request) != STATUS_OK) {
        respond_error(get->exchange, &HTTP_ERROR_BUSY, NULL);
    }
}

static void on_state(struct request *request, const struct answer *answer)
{
    struct group_get *get = LIST_OWNER(request, struct group_get, request);
    struct exchange *exchange = get->exchange;
    if (answer->message == NULL) {
        respond_error(exchange, &HTTP_ERROR_BROKER_UNAVAILABLE, NULL);
        return;
    }
    const struct message_group_state *group = &answer->message->group_state;
    if (group->code == REPLY_CODE_OK && exchange_may_see(exchange, group->owner)) {
        get->found(exchange, group);
    } else if (group->code == REPLY_CODE_OK || group->code == REPLY_CODE_NOT_FOUND) {
        respond_error(exchange, &HTTP_ERROR_BATCH_NOT_FOUND, NULL);
    } else {
        respond_error(exchange, http_error_of_reply((enum reply_code)group->code), NULL);
    }
}

/* Asks for the state of a group. */
static void state_ask(struct group_get *get, const struct id *group, group_found *found)
{
    get->found = found;
    get->request.done = on_state;
    get->request.message = (struct message){.type = MESSAGE_TYPE_GET_GROUP};
    get->request.message.get_group.group = *group;
    ask(get);
}

/* Makes the request of the group in the path. Answers and returns NULL when there can be none. */
static struct group_get *get_new(struct exchange *exchange, struct id *group)
{
    if (exchange_id(exchange, 0, group) != STATUS_OK) {
        respond_error(exchange, &HTTP_ERROR_BATCH_NOT_FOUND, NULL);
        return NULL;
    }
    struct group_get *get = exchange_hold(exchange, sizeof(*get), group_get_dispose);
    get->exchange = exchange;
    exchange->handler_data = get;
    return get;
}

/* ---- GET ---- */

static void state_send(struct exchange *exchange, const struct message_group_state *group)
{
    const struct group_get *get = exchange->handler_data;
    char etag[GROUP_ETAG_SIZE];
    struct buffer body;
    int size = snprintf(etag, sizeof(etag), "\"%" PRIu64 "\"", group->version);
    if (get->message == NULL && job_etag_is_known(exchange, (uint32_t)group->version)) {
        respond_empty(exchange, 304, slice_make(etag, (size_t)size));
        return;
    }
    buffer_init(&body, GROUP_BODY_ROOM);
    if (group_json_envelope(group, get->message, &body) == STATUS_OK) {
        respond_json(exchange, 200, buffer_slice(&body), slice_make(etag, (size_t)size));
    } else {
        respond_error(exchange, &HTTP_ERROR_INTERNAL, NULL);
    }
    buffer_fini(&body);
}

void groups_get_batch(struct exchange *exchange)
{
    struct id group;
    struct group_get *get = get_new(exchange, &group);
    if (get != NULL) {
        state_ask(get, &group, state_send);
    }
}

/* ---- events ---- */

/* The stream is its owner's: an admin's too. */
static void events_open(struct exchange *exchange, const struct message_group_state *group)
{
    bool has_cursor = false;
    uint64_t after = 0;
    if (events_head_answer(exchange) || !events_cursor_take(exchange, &has_cursor, &after)) {
        return;
    }
    char *owner = exchange_allocate(exchange, group->owner.size);
    memcpy(owner, group->owner.data, group->owner.size);
    stream_open_group(exchange, &group->group, slice_make(owner, group->owner.size), after);
}

void groups_events_batch(struct exchange *exchange)
{
    struct id group;
    struct group_get *get = get_new(exchange, &group);
    if (get != NULL) {
        state_ask(get, &group, events_open);
    }
}

/* ---- DELETE ---- */

static void on_cancelled(struct request *request, const struct answer *answer)
{
    struct group_get *get = LIST_OWNER(request, struct group_get, request);
    struct exchange *exchange = get->exchange;
    if (answer->message == NULL) {
        respond_error(exchange,
                      answer->maybe_done ? &HTTP_ERROR_OUTCOME_UNKNOWN
                                         : &HTTP_ERROR_BROKER_UNAVAILABLE,
                      NULL);
        return;
    }
    const struct message_reply *reply = &answer->message->reply;
    if (reply->code == REPLY_CODE_NOT_FOUND) {
        respond_error(exchange, &HTTP_ERROR_BATCH_NOT_FOUND, NULL);
    } else if (reply->code == REPLY_CODE_ALREADY_ENDED) {
        respond_error(exchange, &HTTP_ERROR_BATCH_ENDED, NULL);
    } else if (reply->code != REPLY_CODE_OK) {
        respond_error(exchange, http_error_of_reply((enum reply_code)reply->code), NULL);
    } else {
        const struct id group = reply->job;
        get->message = "Batch cancelled";
        state_ask(get, &group, state_send);
    }
}

void groups_cancel_batch(struct exchange *exchange)
{
    struct id group;
    struct group_get *get = get_new(exchange, &group);
    if (get == NULL) {
        return;
    }
    get->request.done = on_cancelled;
    get->request.message.type = MESSAGE_TYPE_CANCEL_GROUP;
    get->request.message.cancel_group = (struct message_cancel_group){
        .group = group, .owner = exchange->owner, .admin = exchange->admin};
    ask(get);
}
