#include "broker/gateways.h"

#include <assert.h>
#include <inttypes.h>
#include "base/log.h"
#include "broker/broker.h"
#include "broker/positions.h"

/* ---- sessions ---- */

/* A gateway that comes again under another connection ends its earlier session: what is still on
 * the way there would come after it was sent again. */
static void end_earlier(struct broker *broker, const struct peer *peer)
{
    uint32_t place = 0;
    struct peer *other;
    while ((other = peers_next(&broker->gateways.peers, &place)) != NULL) {
        if (other != peer && other->session != 0 && id_equal(&other->instance, &peer->instance)) {
            other->session = 0;
            other->welcomed = false;
            outbox_clear(&other->outbox);
        }
    }
}

static void hello(struct broker *broker, const struct message_gateway_hello *message)
{
    struct peer *peer = broker->gateways.peer;
    char instance[ID_TEXT_SIZE];
    peer->instance = message->instance;
    peer->session = ++broker->gateway_session;
    peer->welcomed = true;
    end_earlier(broker, peer);
    id_format(&message->instance, instance);
    /* A health check greets without a host, every few seconds. */
    log_line(message->host.size == 0 ? LOG_DEBUG : LOG_INFO, "gateway connected",
             "gateway=%s session=%" PRIu64 " host=\"%.*s\" pid=%u version=\"%.*s\"", instance,
             peer->session, SLICE_PRINT(message->host), message->pid,
             SLICE_PRINT(message->version));
}

/* ---- reads ---- */

/* An answer without any of what was asked for. */
static struct message empty_answer(const struct message *request, enum reply_code code)
{
    struct message answer = {0};
    if (request->type == MESSAGE_TYPE_GET_JOB) {
        answer.type = MESSAGE_TYPE_JOB_STATE;
        answer.job_state = (struct message_job_state){.request = request->get_job.request,
                                                      .code = (uint8_t)code,
                                                      .job = request->get_job.job};
    } else if (request->type == MESSAGE_TYPE_LIST_JOBS) {
        answer.type = MESSAGE_TYPE_LIST_PAGE;
        answer.list_page.request = request->list_jobs.request;
        answer.list_page.code = (uint8_t)code;
    } else if (request->type == MESSAGE_TYPE_GET_EVENTS) {
        answer.type = MESSAGE_TYPE_EVENT_PAGE;
        answer.event_page.request = request->get_events.request;
        answer.event_page.code = (uint8_t)code;
    } else if (request->type == MESSAGE_TYPE_GET_GROUP) {
        answer.type = MESSAGE_TYPE_GROUP_STATE;
        answer.group_state = (struct message_group_state){.request = request->get_group.request,
                                                          .code = (uint8_t)code,
                                                          .group = request->get_group.group};
    } else if (request->type == MESSAGE_TYPE_LIST_REMOVALS) {
        answer.type = MESSAGE_TYPE_REMOVAL_PAGE;
        answer.removal_page.request = request->list_removals.request;
        answer.removal_page.code = (uint8_t)code;
    } else if (request->type == MESSAGE_TYPE_LIST_DOCUMENTS) {
        answer.type = MESSAGE_TYPE_DOCUMENT_PAGE;
        answer.document_page.request = request->list_documents.request;
        answer.document_page.code = (uint8_t)code;
    } else if (request->type == MESSAGE_TYPE_LIST_ENDPOINTS) {
        answer.type = MESSAGE_TYPE_ENDPOINT_PAGE;
        answer.endpoint_page.request = request->list_endpoints.request;
        answer.endpoint_page.code = (uint8_t)code;
    } else if (request->type == MESSAGE_TYPE_LIST_DELIVERIES) {
        answer.type = MESSAGE_TYPE_DELIVERY_PAGE;
        answer.delivery_page.request = request->list_deliveries.request;
        answer.delivery_page.code = (uint8_t)code;
    } else {
        assert(request->type == MESSAGE_TYPE_GET_DOCUMENT);
        answer.type = MESSAGE_TYPE_DOCUMENT;
        answer.document.request = request->get_document.request;
        answer.document.code = (uint8_t)code;
    }
    return answer;
}

static void count_live(const struct broker *broker, struct slice owner, struct live_counts *out)
{
    for (int kind = 0; kind < JOB_KIND_COUNT; kind++) {
        for (int state = JOB_STATE_PENDING; state <= JOB_STATE_ACTIVE; state++) {
            out->counts[kind][state] =
                core_count(broker->core, owner, (enum job_kind)kind, (enum job_state)state);
        }
    }
}

/* Hands a read to the threads at once: they read while the loop commits. */
static void ask_reader(struct broker *broker, const struct message *request)
{
    struct port *port = &broker->gateways;
    struct read *read = readers_take(broker->readers, READ_REQUEST, port->record);
    if (read == NULL) {
        const struct message busy = empty_answer(request, REPLY_CODE_BUSY);
        port_put(port, port->peer, &busy);
        return;
    }
    read->peer = port->peer->number;
    read->session = port->peer->session;
    if (request->type == MESSAGE_TYPE_LIST_JOBS) {
        count_live(broker, request->list_jobs.owner, &read->live);
    }
    readers_push(broker->readers, read);
}

/* The jobs of a group stand behind it in the frame: the core gets them with it. */
static void take_group(struct broker *broker, const struct message *message)
{
    struct port *port = &broker->gateways;
    const struct core_event event = {
        .type = CORE_EVENT_GATEWAY,
        .peer = port->peer->number,
        .message = message,
        .items = broker->items,
    };
    if (port_next_items(port, message->submit_group.count, broker->items) == STATUS_OK) {
        broker_step(broker, &event, port->record, NULL);
    }
}

void gateways_take(struct broker *broker, const struct message *message)
{
    struct port *port = &broker->gateways;
    const struct core_event event = {
        .type = CORE_EVENT_GATEWAY, .peer = port->peer->number, .message = message};
    if (message->type == MESSAGE_TYPE_GATEWAY_HELLO) {
        hello(broker, &message->gateway_hello);
        return;
    }
    if (message->type == MESSAGE_TYPE_ERROR) { /* never answered by another */
        log_warn("error from a gateway", "code=%s detail=\"%.*s\"",
                 error_code_name(message->error.code), SLICE_PRINT(message->error.detail));
        return;
    }
    if (port->peer->session == 0 || port->reader.session != port->peer->session) {
        port_refuse(port, ERROR_CODE_SESSION, "say GATEWAY_HELLO first");
        return;
    }
    switch ((int)message->type) {
    case MESSAGE_TYPE_SUBMIT:
    case MESSAGE_TYPE_CANCEL_JOB:
    case MESSAGE_TYPE_CANCEL_GROUP:
    case MESSAGE_TYPE_PUT_ENDPOINT:
    case MESSAGE_TYPE_DELETE_ENDPOINT:
    case MESSAGE_TYPE_RETRY_JOB:
    case MESSAGE_TYPE_DELETE_DOCUMENT:
    case MESSAGE_TYPE_REMOVED:
        broker_step(broker, &event, port->record, NULL);
        break;
    case MESSAGE_TYPE_SUBMIT_GROUP:
        take_group(broker, message);
        break;
    case MESSAGE_TYPE_GET_JOB:
    case MESSAGE_TYPE_LIST_JOBS:
    case MESSAGE_TYPE_GET_EVENTS:
    case MESSAGE_TYPE_GET_DOCUMENT:
    case MESSAGE_TYPE_GET_GROUP:
    case MESSAGE_TYPE_LIST_DOCUMENTS:
    case MESSAGE_TYPE_LIST_ENDPOINTS:
    case MESSAGE_TYPE_LIST_DELIVERIES:
    case MESSAGE_TYPE_LIST_REMOVALS:
        ask_reader(broker, message);
        break;
    case MESSAGE_TYPE_GET_POSITION:
        positions_take(broker, &message->get_position);
        break;
    default:
        port_refuse(port, ERROR_CODE_FORBIDDEN, "this endpoint is for gateways");
        break;
    }
}

/* ---- answers ---- */

/* Reads the request again; items get the jobs of a group. */
static void request_of(const struct read *read, struct message *out, struct message_submit *items)
{
    struct slice bytes = buffer_slice(&read->request);
    enum status status = record_read(&bytes, out);
    if (status == STATUS_OK && out->type == MESSAGE_TYPE_SUBMIT_GROUP) {
        status = submits_read(&bytes, out->submit_group.count, items);
    }
    assert(status == STATUS_OK);
}

/* Hands the request to the core again, with what is in the store. */
static void step_again(struct broker *broker, struct read *read)
{
    struct message message;
    request_of(read, &message, broker->items);
    const struct core_event event = {
        .type = CORE_EVENT_GATEWAY,
        .peer = read->peer,
        .message = &message,
        .items = broker->items,
        .facts = &read->facts,
    };
    broker_step(broker, &event, buffer_slice(&read->request), read);
}

/* The store cannot be read: the request is told to come again, the operator why. */
static void answer_failure(struct broker *broker, struct peer *peer, const struct read *read)
{
    struct message message;
    request_of(read, &message, broker->items);
    log_error("cannot read the store", "request=%s status=%s", message_type_name(message.type),
              status_name(read->status));
    if (read->type == READ_REQUEST) {
        message = empty_answer(&message, REPLY_CODE_BUSY);
    } else {
        message = (struct message){
            .type = MESSAGE_TYPE_REPLY,
            .reply = {.request = broker_request(&message), .code = REPLY_CODE_BUSY}};
    }
    port_put(&broker->gateways, peer, &message);
}

void gateways_answered(struct broker *broker, struct read *read)
{
    struct peer *peer = peers_find(&broker->gateways.peers, read->peer);
    /* A session that is over has asked again, or will. */
    bool is_current = peer != NULL && !peer->lost && peer->session == read->session;
    if (is_current && read->status != STATUS_OK) {
        answer_failure(broker, peer, read);
    } else if (is_current && read->type == READ_FACTS) {
        step_again(broker, read);
        return;
    } else if (is_current) {
        port_put_frame(&broker->gateways, peer, buffer_slice(&read->answer));
    }
    readers_give(broker->readers, read);
}

/* ---- out ---- */

/* After the turn's batches were numbered: they are not for who comes in this turn. */
static void welcome(struct broker *broker, struct peer *peer)
{
    const struct message message = {
        .type = MESSAGE_TYPE_GATEWAY_WELCOME,
        .gateway_welcome = {peer->session, broker->publication.batch, broker->event_last},
    };
    port_put(&broker->gateways, peer, &message);
}

void gateways_send(struct broker *broker)
{
    uint32_t place = 0;
    struct peer *peer;
    struct port *port = &broker->gateways;
    const struct outbox *published = &broker->publication.outbox;
    bool tick = broker->now - broker->published_at >= PUBLISH_MS;
    enum status status = publication_close(&broker->publication, broker->event_last, tick);
    if (status != STATUS_OK) {
        /* Only for want of memory: the number that is left out tells every gateway of the gap. */
        log_error("cannot publish", "status=%s", status_name(status));
    }
    if (!outbox_is_empty(published)) {
        broker->published_at = broker->now;
    }
    while ((peer = peers_next(&port->peers, &place)) != NULL) {
        if (peer->welcomed) {
            welcome(broker, peer);
            peer->welcomed = false;
            port_send_peer(port, peer, NULL, &broker->frame, broker->now);
        } else if (peer->session != 0 && !outbox_is_empty(published)) {
            port_send_peer(port, peer, published, &broker->frame, broker->now);
        } else if (!outbox_is_empty(&peer->outbox)) {
            port_send_peer(port, peer, NULL, &broker->frame, broker->now);
        }
    }
    port->dirty_count = 0;
    publication_clear(&broker->publication);
}
