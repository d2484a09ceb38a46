#include "gateway/position_asks.h"

#include <assert.h>
#include <stdlib.h>

/* One GET_POSITION. */
struct position_query {
    struct position_asks *owner;
    struct request request;
    struct list node; /* in owner->queries */
    uint32_t count;
    struct id jobs[LIST_LIMIT_MAX];
    struct position_ask *asks[LIST_LIMIT_MAX]; /* NULL: gone */
};

_Static_assert(sizeof(struct id) == ID_SIZE, "the ids stand one after the other");

void position_asks_init(struct position_asks *asks, struct requests *requests)
{
    *asks = (struct position_asks){.requests = requests};
    list_init(&asks->queries);
}

static void query_end(struct position_query *query)
{
    struct position_asks *asks = query->owner;
    if (asks->open == query) {
        asks->open = NULL;
    }
    list_remove(&query->node);
}

void position_asks_fini(struct position_asks *asks)
{
    while (asks->requests != NULL && !list_is_empty(&asks->queries)) {
        struct position_query *query = LIST_OWNER(asks->queries.next, struct position_query, node);
        for (uint32_t place = 0; place < query->count; place++) {
            if (query->asks[place] != NULL) {
                query->asks[place]->query = NULL;
            }
        }
        requests_remove(asks->requests, &query->request);
        query_end(query);
        free(query);
    }
    *asks = (struct position_asks){0};
}

/* ---- the answer ---- */

/* The next POSITION of the answer, or NULL when there is none. */
static const struct message_position *position_next(struct slice *records, struct message *out)
{
    bool is_there = record_read(records, out) == STATUS_OK && out->type == MESSAGE_TYPE_POSITION;
    return is_there ? &out->position : NULL;
}

static void tell(struct position_query *query, uint32_t place,
                 const struct message_position *position)
{
    struct position_ask *ask = query->asks[place];
    bool is_its_own = position != NULL && id_equal(&position->job, &query->jobs[place]);
    if (ask != NULL) {
        position_asks_remove(ask);
        ask->done(ask, is_its_own ? position : NULL);
    }
}

static void on_positions(struct request *request, const struct answer *answer)
{
    struct position_query *query = LIST_OWNER(request, struct position_query, request);
    const struct message_position *position = NULL;
    struct message message;
    struct slice records = SLICE_EMPTY;
    query_end(query); /* those who are told may ask again */
    if (answer->message != NULL) {
        const struct frame_reader *reader = &answer->records;
        position = &answer->message->position;
        records = slice_make(reader->position, (size_t)(reader->end - reader->position));
    }
    for (uint32_t place = 0; place < query->count; place++) {
        tell(query, place, position);
        position = position == NULL ? NULL : position_next(&records, &message);
    }
    free(query);
}

/* ---- the question ---- */

static bool query_has_room(const struct position_query *query)
{
    return query != NULL && !query->request.sent && query->count < LIST_LIMIT_MAX;
}

static enum status query_new(struct position_asks *asks, int64_t now_ms)
{
    struct position_query *query = malloc(sizeof(*query));
    if (query == NULL) {
        return STATUS_NO_MEMORY;
    }
    query->owner = asks;
    query->count = 0;
    query->request =
        (struct request){.done = on_positions, .message = {.type = MESSAGE_TYPE_GET_POSITION}};
    enum status status = requests_add(asks->requests, &query->request, now_ms);
    if (status != STATUS_OK) {
        free(query);
        return status;
    }
    list_append(&asks->queries, &query->node);
    asks->open = query;
    return STATUS_OK;
}

enum status position_asks_add(struct position_asks *asks, struct position_ask *ask,
                              const struct id *job, int64_t now_ms)
{
    assert(ask->query == NULL);
    if (!query_has_room(asks->open)) {
        enum status status = query_new(asks, now_ms);
        if (status != STATUS_OK) {
            return status;
        }
    }
    struct position_query *query = asks->open;
    ask->query = query;
    ask->place = query->count;
    query->jobs[query->count] = *job;
    query->asks[query->count] = ask;
    query->count++;
    query->request.message.get_position.jobs =
        slice_make(query->jobs, (size_t)query->count * ID_SIZE);
    return STATUS_OK;
}

void position_asks_remove(struct position_ask *ask)
{
    if (ask->query != NULL) {
        assert(ask->query->asks[ask->place] == ask);
        ask->query->asks[ask->place] = NULL;
        ask->query = NULL;
    }
}
