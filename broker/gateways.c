#include "broker/gateways.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>
#include "base/build.h"
#include "base/encoding.h"
#include "base/log.h"
#include "broker/broker.h"
#include "broker/overview.h"
#include "broker/positions.h"
#include "broker/questions.h"
#include "broker/system.h"

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
    peer_introduce(peer, message->host, message->pid, message->version, broker->now);
    end_earlier(broker, peer);
    id_format(&message->instance, instance);
    /* A health check greets without a host, every few seconds. */
    log_line(message->host.size == 0 ? LOG_DEBUG : LOG_INFO, "gateway connected",
             "gateway=%s session=%" PRIu64 " host=\"%.*s\" pid=%u version=\"%.*s\"", instance,
             peer->session, SLICE_PRINT(message->host), message->pid,
             SLICE_PRINT(message->version));
}

/* ---- reads ---- */

static void count_live(const struct broker *broker, struct slice owner, struct live_counts *out)
{
    for (int kind = 0; kind < JOB_KIND_COUNT; kind++) {
        for (int state = JOB_STATE_PENDING; state <= JOB_STATE_ACTIVE; state++) {
            out->counts[kind][state] =
                core_count(broker->core, owner, (enum job_kind)kind, (enum job_state)state);
        }
    }
}

/* Jobs that are named are not searched for. */
static enum read_length length_of(const struct message *request, const struct question *question)
{
    bool is_named = request->type == MESSAGE_TYPE_SEARCH_JOBS && request->search_jobs.jobs.size > 0;
    return is_named ? READ_LONG : question->length;
}

/* A number for who searches. A gateway that does not say for whom it does is one searcher. */
static uint64_t searcher_of(const struct peer *peer, const struct message *request)
{
    struct slice user = question_searcher(request);
    uint8_t hash[SHA256_SIZE];
    uint64_t number = peer->number;
    if (user.size > 0) {
        sha256(user, hash);
        memcpy(&number, hash, sizeof number);
    }
    return number;
}

/* Hands a read to the threads at once: they read while the loop commits. */
static void ask_reader(struct broker *broker, const struct message *request,
                       const struct question *question)
{
    struct port *port = &broker->gateways;
    struct slice record = port->record;
    if (request->type == MESSAGE_TYPE_GET_SYSTEM) {
        record = system_known(broker, record);
    }
    enum read_length length = length_of(request, question);
    uint64_t searcher = length == READ_SCAN ? searcher_of(port->peer, request) : 0;
    bool has_room = record.size > 0 && readers_have_room(broker->readers, length, searcher);
    struct read *read = has_room ? readers_take(broker->readers, READ_REQUEST, record) : NULL;
    if (read == NULL) {
        const struct message busy = question_refuse(request, REPLY_CODE_BUSY);
        port_put(port, port->peer, &busy);
        return;
    }
    read->peer = port->peer->number;
    read->session = port->peer->session;
    read->length = length;
    read->searcher = searcher;
    if (request->type == MESSAGE_TYPE_LIST_JOBS) {
        count_live(broker, request->list_jobs.owner, &read->live);
    }
    if (request->type == MESSAGE_TYPE_GET_USAGE) {
        core_spending(broker->core, request->get_usage.owner, broker->now, &read->spending);
    }
    if (request->type == MESSAGE_TYPE_GET_ASSETS) {
        read->live_since = core_live_since(broker->core, &request->get_assets.character);
    }
    readers_push(broker->readers, read);
}

/* What the loop itself knows. */
typedef enum status answer_write(struct broker *broker, const struct message *request,
                                 struct frame_writer *out);

/* One gateway that looks for assets that nobody uses is enough. */
static enum status claim_assets(struct broker *broker, const struct message *request,
                                struct frame_writer *out)
{
    int64_t passed_ms = broker->now - broker->assets_looked_at;
    bool is_taken =
        broker->assets_looked_at != 0 && (uint64_t)passed_ms < request->get_assets.every_ms;
    const struct message answer = {
        .type = MESSAGE_TYPE_ASSET_NAMES,
        .asset_names = {.request = request->get_assets.request,
                        .code = is_taken ? REPLY_CODE_CONFLICT : REPLY_CODE_OK},
    };
    broker->assets_looked_at = is_taken ? broker->assets_looked_at : broker->now;
    return frame_write(out, &answer);
}

static answer_write *find_known(const struct message *request)
{
    switch ((int)request->type) {
    case MESSAGE_TYPE_GET_ASSETS:
        return id_is_zero(&request->get_assets.character) ? claim_assets : NULL;
    case MESSAGE_TYPE_GET_POSITION:
        return positions_write;
    case MESSAGE_TYPE_GET_QUEUES:
        return overview_queues;
    case MESSAGE_TYPE_GET_WORKERS:
        return overview_workers;
    case MESSAGE_TYPE_GET_BULKS:
        return overview_bulks;
    case MESSAGE_TYPE_GET_PROVIDERS:
        return overview_providers;
    case MESSAGE_TYPE_GET_HISTORY:
        return chronicle_write;
    default:
        return NULL;
    }
}

/* Answers from memory within the turn. */
static void answer(struct broker *broker, const struct message *request, answer_write *write)
{
    struct port *port = &broker->gateways;
    struct frame_writer writer;
    buffer_clear(&broker->frame);
    enum status status = frame_begin(&writer, &broker->frame, 0);
    if (status == STATUS_OK) {
        status = write(broker, request, &writer);
    }
    if (status == STATUS_MALFORMED) {
        port_refuse(port, ERROR_CODE_MALFORMED, message_type_name(request->type));
    } else if (status != STATUS_OK) {
        /* The gateway does without, or answers that nobody did. */
        log_error("cannot answer", "type=%s status=%s", message_type_name(request->type),
                  status_name(status));
    } else {
        frame_end(&writer);
        port_put_frame(port, port->peer, buffer_slice(&broker->frame));
    }
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

/* Whether it asks for a change that the core decides. */
static bool is_for_core(enum message_type type)
{
    switch ((int)type) {
    case MESSAGE_TYPE_SUBMIT:
    case MESSAGE_TYPE_CANCEL_JOB:
    case MESSAGE_TYPE_CANCEL_GROUP:
    case MESSAGE_TYPE_PUT_ENDPOINT:
    case MESSAGE_TYPE_DELETE_ENDPOINT:
    case MESSAGE_TYPE_RETRY_JOB:
    case MESSAGE_TYPE_DELETE_DOCUMENT:
    case MESSAGE_TYPE_REMOVED:
    case MESSAGE_TYPE_SET_QUEUE:
    case MESSAGE_TYPE_SET_WORKER:
    case MESSAGE_TYPE_NOTE_AUDIT:
    case MESSAGE_TYPE_CHANGE_JOB:
    case MESSAGE_TYPE_START_BULK:
    case MESSAGE_TYPE_STOP_BULK:
        return true;
    default:
        return false;
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
    if (is_for_core(message->type)) {
        broker_step(broker, &event, port->record, NULL);
        return;
    }
    if (message->type == MESSAGE_TYPE_SUBMIT_GROUP) {
        take_group(broker, message);
    } else if (find_known(message) != NULL) {
        answer(broker, message, find_known(message));
    } else if (question_find(message->type) != NULL) {
        ask_reader(broker, message, question_find(message->type));
    } else if (message->type == MESSAGE_TYPE_GET_USERS) {
        crowd_take(broker, &message->get_users);
    } else {
        port_refuse(port, ERROR_CODE_FORBIDDEN, "this endpoint is for gateways");
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

static void tell_failure(const struct message *request, enum status status)
{
    const struct id job = question_job(request);
    const struct slice asker = question_asker(request);
    char text[ID_TEXT_SIZE] = "";
    if (!id_is_zero(&job)) {
        id_format(&job, text);
    }
    log_error("cannot read the store", "type=%s job=%s request=%.*s status=%s",
              message_type_name(request->type), text, SLICE_PRINT(asker), status_name(status));
}

/* Nothing was read: the request is told to come again, and the operator when the store failed. */
static void answer_failure(struct broker *broker, struct peer *peer, const struct read *read)
{
    struct message message;
    request_of(read, &message, broker->items);
    if (read->status != STATUS_TIMEOUT) { /* a search that waited too long is no failure */
        tell_failure(&message, read->status);
    }
    if (read->type == READ_REQUEST) {
        message = question_refuse(&message, REPLY_CODE_BUSY);
    } else {
        message = (struct message){
            .type = MESSAGE_TYPE_REPLY,
            .reply = {.request = question_number(&message), .code = REPLY_CODE_BUSY}};
    }
    port_put(&broker->gateways, peer, &message);
}

/* What became of a backup that was asked for is written down before it is said. Should the broker
 * end first, there is no backup either: one that is not finished is removed at the next start. */
static void note_backup(struct broker *broker, const struct read *read)
{
    struct message request;
    struct message page;
    struct frame_reader reader;
    request_of(read, &request, broker->items);
    if (request.type != MESSAGE_TYPE_MAKE_BACKUP ||
        frame_open(&reader, buffer_slice(&read->answer)) != STATUS_OK ||
        frame_next(&reader, &page) != STATUS_OK) {
        return;
    }
    const struct core_event event = {
        .type = CORE_EVENT_GATEWAY,
        .peer = read->peer,
        .message = &request,
        .code = (enum reply_code)page.backup_page.code,
    };
    broker_step(broker, &event, SLICE_EMPTY, NULL);
}

void gateways_answered(struct broker *broker, struct read *read)
{
    struct peer *peer = peers_find(&broker->gateways.peers, read->peer);
    /* A session that is over has asked again, or will. */
    bool is_current = peer != NULL && !peer->lost && peer->session == read->session;
    if (read->type == READ_REQUEST && read->status == STATUS_OK) {
        note_backup(broker, read);
    }
    damaged_tell(&broker->damaged, &read->damage);
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
        .gateway_welcome = {peer->session, broker->publication.batch, broker->event_last,
                            slice_from_string(build_version())},
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
