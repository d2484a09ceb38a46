#include "broker/publisher.h"

#include <assert.h>
#include "broker/core/limits.h"

void publisher_init(struct publisher *publisher, struct endpoint *endpoint, uint64_t session_base,
                    uint64_t event_last)
{
    *publisher = (struct publisher){
        .endpoint = endpoint, .session_last = session_base, .event_last = event_last};
    buffer_init(&publisher->events, PUBLISHED_SIZE_MAX);
    buffer_init(&publisher->records, FRAME_SIZE_MAX);
}

void publisher_fini(struct publisher *publisher)
{
    buffer_fini(&publisher->events);
    buffer_fini(&publisher->records);
}

static int find(const struct publisher *publisher, uint64_t peer)
{
    for (int index = 0; index < publisher->gateways_count; index++) {
        if (publisher->gateways[index].peer == peer) {
            return index;
        }
    }
    return -1;
}

void publisher_hello(struct publisher *publisher, uint64_t peer,
                     const struct message_gateway_hello *hello)
{
    int index = find(publisher, peer);
    if (index < 0 && publisher->gateways_count == GATEWAYS_MAX) {
        struct message refusal = {.type = MESSAGE_TYPE_ERROR, .error = {.code = ERROR_CODE_LIMIT}};
        endpoint_put(publisher->endpoint, peer, 0, &refusal);
        return;
    }
    index = index < 0 ? publisher->gateways_count++ : index;
    publisher->session_last++;
    publisher->gateways[index].peer = peer;
    publisher->gateways[index].session = publisher->session_last;
    publisher->gateways[index].level = hello->host.size == 0 ? LOG_DEBUG : LOG_INFO;
    struct message welcome = {
        .type = MESSAGE_TYPE_GATEWAY_WELCOME,
        .gateway_welcome = {.session = publisher->session_last,
                            .batch = publisher->batch,
                            .event_last = publisher->event_last},
    };
    endpoint_put(publisher->endpoint, peer, publisher->session_last, &welcome);
    log_line(publisher->gateways[index].level, "gateway connected",
             "peer=%llu host=\"%.*s\" pid=%u", (unsigned long long)peer, SLICE_PRINT(hello->host),
             hello->pid);
}

uint64_t publisher_session(const struct publisher *publisher, uint64_t peer)
{
    int index = find(publisher, peer);
    return index < 0 ? 0 : publisher->gateways[index].session;
}

void publisher_lost(struct publisher *publisher, uint64_t peer)
{
    int index = find(publisher, peer);
    if (index >= 0) {
        log_line(publisher->gateways[index].level, "gateway gone", "peer=%llu",
                 (unsigned long long)peer);
        publisher->gateways[index] = publisher->gateways[--publisher->gateways_count];
    }
}

enum status publisher_add(struct publisher *publisher, const struct message_event *event)
{
    const struct message message = {.type = MESSAGE_TYPE_EVENT, .event = *event};
    enum status status = record_write(&publisher->events, &message);
    if (status == STATUS_OK) {
        publisher->events_count++;
        assert(event->event > publisher->event_last);
        publisher->event_last = event->event;
    }
    return status;
}

/* How many of the first events fit one frame, and how many bytes they are. */
static uint32_t measure(struct slice events, uint32_t count, size_t *size)
{
    struct slice rest = events;
    struct message message;
    uint32_t fit = 0;
    while (fit < count && fit < FRAME_RECORDS_MAX - 1 &&
           events.size - rest.size < FRAME_SIZE_TARGET &&
           record_read(&rest, &message) == STATUS_OK) {
        fit++;
    }
    *size = events.size - rest.size;
    return fit;
}

/* Sends one batch to all gateways: EVENTS and the records that it counts. */
static enum status send_batch(struct publisher *publisher, struct slice events, uint32_t count)
{
    const struct message head = {
        .type = MESSAGE_TYPE_EVENTS,
        .events = {.batch = publisher->batch, .count = count, .event_last = publisher->event_last},
    };
    buffer_clear(&publisher->records);
    enum status status = record_write(&publisher->records, &head);
    if (status == STATUS_OK) {
        status = buffer_append_slice(&publisher->records, events);
    }
    for (int index = 0; index < publisher->gateways_count && status == STATUS_OK; index++) {
        endpoint_records(publisher->endpoint, publisher->gateways[index].peer,
                         publisher->gateways[index].session, buffer_slice(&publisher->records),
                         count + 1);
    }
    return status;
}

enum status publisher_send(struct publisher *publisher, int64_t now)
{
    struct slice rest = buffer_slice(&publisher->events);
    uint32_t left = publisher->events_count;
    enum status status = STATUS_OK;
    while (left > 0 && status == STATUS_OK) {
        size_t size;
        uint32_t count = measure(rest, left, &size);
        assert(count > 0);
        publisher->batch++;
        status = send_batch(publisher, slice_make(rest.data, size), count);
        rest = slice_make(rest.data + size, rest.size - size);
        left -= count;
        publisher->ticked_at = now;
    }
    buffer_clear(&publisher->events);
    publisher->events_count = 0;
    if (status == STATUS_OK && now - publisher->ticked_at >= TICK_MS) {
        publisher->ticked_at = now;
        status = send_batch(publisher, SLICE_EMPTY, 0);
    }
    return status;
}
