#include "gateway/groups.h"

#include <inttypes.h>
#include <stdio.h>
#include "gateway/audit.h"
#include "gateway/events.h"
#include "gateway/group_json.h"
#include "gateway/pipeline_json.h"
#include "gateway/respond.h"
#include "gateway/stream.h"

enum {
    GROUP_BODY_SIZE = 512 << 10, /* bytes: a pipeline with its jobs at their wire limits, escaped */
    PIPELINE_JOBS_MAX = 1 + DEPENDANTS_MAX,
    GROUP_ETAG_SIZE = 40,
};

_Static_assert((int)PIPELINE_JOBS_MAX <= (int)LIST_LIMIT_MAX, "all its jobs come at once");

typedef void group_found(struct exchange *exchange, const struct answer *answer);

/* One request that waits for the broker. */
struct group_get {
    struct request request; /* GET_GROUP or CANCEL_GROUP */
    struct exchange *exchange;
    enum group_kind kind; /* that the path is about, unless it is any */
    bool any;             /* of either kind, and anybody's */
    group_found *found;
    const char *message; /* of the answer, or NULL */
};

static void group_get_dispose(void *memory)
{
    struct group_get *get = memory;
    requests_remove(&get->exchange->gateway->requests, &get->request);
}

static const struct http_error *not_found(const struct group_get *get)
{
    return get->any                        ? &HTTP_ERROR_GROUP_NOT_FOUND
           : get->kind == GROUP_KIND_BATCH ? &HTTP_ERROR_BATCH_NOT_FOUND
                                           : &HTTP_ERROR_PIPELINE_NOT_FOUND;
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
    bool is_seen = get->any || exchange_may_see(exchange, group->owner);
    bool is_meant = get->any || group->kind == get->kind;
    if (group->code == REPLY_CODE_OK && is_meant && is_seen) {
        get->found(exchange, answer);
    } else if (group->code == REPLY_CODE_OK || group->code == REPLY_CODE_NOT_FOUND ||
               (group->code == REPLY_CODE_EXPIRED && !is_seen)) {
        respond_error(exchange, not_found(get), NULL);
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
    get->request.message.get_group.limit = get->kind == GROUP_KIND_BATCH ? 0 : PIPELINE_JOBS_MAX;
    ask(get);
}

/* Makes the request of the group in the path. Answers and returns NULL when there can be none. */
static struct group_get *get_new(struct exchange *exchange, enum group_kind kind, struct id *group)
{
    struct group_get *get = exchange_hold(exchange, sizeof(*get), group_get_dispose);
    get->exchange = exchange;
    get->kind = kind;
    exchange->handler_data = get;
    if (exchange_id(exchange, 0, group) != STATUS_OK) {
        respond_error(exchange, not_found(get), NULL);
        return NULL;
    }
    return get;
}

/* ---- GET ---- */

static enum status envelope_write(const struct group_get *get, const struct answer *answer,
                                  struct buffer *out)
{
    const struct message_group_state *group = &answer->message->group_state;
    const struct frame_reader *reader = &answer->records;
    if (get->any) {
        return group_json_any(group, out);
    }
    if (get->kind == GROUP_KIND_BATCH) {
        return group_json_envelope(group, get->message, out);
    }
    struct slice records = slice_make(reader->position, (size_t)(reader->end - reader->position));
    return pipeline_json_envelope(group, records, get->message, out);
}

/* How many jobs are left, and the events of these: fewer when one is kept no longer. Of as many
 * jobs, which are the same ones, the events only become more. */
static struct slice etag_write(const struct message_group_state *group, char out[GROUP_ETAG_SIZE])
{
    int size = snprintf(out, GROUP_ETAG_SIZE, "\"%u-%" PRIu64 "\"", group->total, group->version);
    return slice_make(out, (size_t)size);
}

static void state_send(struct exchange *exchange, const struct answer *answer)
{
    const struct group_get *get = exchange->handler_data;
    char text[GROUP_ETAG_SIZE];
    struct buffer body;
    struct slice etag = etag_write(&answer->message->group_state, text);
    if (get->message == NULL && exchange_has_etag(exchange, etag)) {
        respond_empty(exchange, 304, etag);
        return;
    }
    buffer_init(&body, GROUP_BODY_SIZE);
    if (envelope_write(get, answer, &body) == STATUS_OK) {
        respond_json(exchange, 200, buffer_slice(&body), etag);
    } else {
        respond_error(exchange, &HTTP_ERROR_INTERNAL, NULL);
    }
    buffer_fini(&body);
}

/* ---- events ---- */

/* The stream is its owner's: an admin's too. */
static void events_open(struct exchange *exchange, const struct answer *answer)
{
    const struct message_group_state *group = &answer->message->group_state;
    bool has_cursor = false;
    uint64_t after = 0;
    if (events_head_answer(exchange) || !events_cursor_take(exchange, &has_cursor, &after)) {
        return;
    }
    char *owner = exchange_allocate(exchange, group->owner.size);
    memcpy(owner, group->owner.data, group->owner.size);
    stream_open_group(exchange, &group->group, slice_make(owner, group->owner.size), after);
}

/* ---- DELETE ---- */

static void on_cancelled(struct request *request, const struct answer *answer)
{
    struct group_get *get = LIST_OWNER(request, struct group_get, request);
    struct exchange *exchange = get->exchange;
    if (answer->message == NULL) {
        respond_error(exchange, http_error_of_silence(answer->maybe_done), NULL);
        return;
    }
    const struct message_reply *reply = &answer->message->reply;
    /* A repeated request that finds it ended was the one that did it. */
    bool was_done = reply->code == REPLY_CODE_OK ||
                    (reply->code == REPLY_CODE_ALREADY_ENDED && request->repeated);
    if (reply->code == REPLY_CODE_NOT_FOUND) {
        respond_error(exchange, not_found(get), NULL);
    } else if (was_done) {
        const struct id group = reply->job;
        get->message = get->kind == GROUP_KIND_BATCH ? "Batch cancelled" : "Pipeline cancelled";
        state_ask(get, &group, state_send);
    } else if (reply->code == REPLY_CODE_ALREADY_ENDED) {
        respond_error(exchange, &HTTP_ERROR_BATCH_ENDED, NULL);
    } else {
        respond_error(exchange, http_error_of_reply((enum reply_code)reply->code), NULL);
    }
}

/* What it is was looked at first: a pipeline is no batch. */
static void cancel_ask(struct exchange *exchange, const struct answer *answer)
{
    struct group_get *get = exchange->handler_data;
    const struct message_group_state *state = &answer->message->group_state;
    const struct id group = state->group;
    bool is_batch = get->kind == GROUP_KIND_BATCH;
    const struct audit_by by =
        audit_by_of(exchange, state->owner,
                    is_batch ? SLICE_LITERAL("cancel_batch") : SLICE_LITERAL("cancel_pipeline"));
    get->request.done = on_cancelled;
    get->request.message = (struct message){.type = MESSAGE_TYPE_CANCEL_GROUP};
    get->request.message.cancel_group = (struct message_cancel_group){
        .group = group,
        .owner = exchange->owner,
        .admin = exchange->admin,
        .role = by.role,
        .action = by.action,
        .request_id = by.request_id,
    };
    ask(get);
}

/* ---- routes ---- */

void groups_get_any(struct exchange *exchange)
{
    struct id group;
    struct group_get *get = exchange_hold(exchange, sizeof(*get), group_get_dispose);
    get->exchange = exchange;
    get->any = true;
    exchange->handler_data = get;
    if (exchange_id(exchange, 0, &group) == STATUS_OK) {
        state_ask(get, &group, state_send);
    } else {
        respond_error(exchange, not_found(get), NULL);
    }
}

static void start(struct exchange *exchange, enum group_kind kind, group_found *found)
{
    struct id group;
    struct group_get *get = get_new(exchange, kind, &group);
    if (get != NULL) {
        state_ask(get, &group, found);
    }
}

void groups_get_batch(struct exchange *exchange)
{
    start(exchange, GROUP_KIND_BATCH, state_send);
}

void groups_events_batch(struct exchange *exchange)
{
    start(exchange, GROUP_KIND_BATCH, events_open);
}

void groups_cancel_batch(struct exchange *exchange)
{
    start(exchange, GROUP_KIND_BATCH, cancel_ask);
}

void groups_get_pipeline(struct exchange *exchange)
{
    start(exchange, GROUP_KIND_PIPELINE, state_send);
}

void groups_events_pipeline(struct exchange *exchange)
{
    start(exchange, GROUP_KIND_PIPELINE, events_open);
}

void groups_cancel_pipeline(struct exchange *exchange)
{
    start(exchange, GROUP_KIND_PIPELINE, cancel_ask);
}
