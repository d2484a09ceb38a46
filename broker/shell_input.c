#include "base/log.h"
#include "broker/shell_state.h"

/* Records of the two endpoints, each of which takes only its own, and the answers of the readers.
 */

static void refuse(struct endpoint *endpoint, uint64_t peer, uint64_t session, enum error_code code)
{
    struct message message = {.type = MESSAGE_TYPE_ERROR, .error = {.code = (uint8_t)code}};
    log_debug("record refused", "peer=%llu code=%s", (unsigned long long)peer,
              error_code_name(code));
    endpoint_put(endpoint, peer, session, &message);
}

static enum error_code code_of(enum status status)
{
    return status == STATUS_UNSUPPORTED ? ERROR_CODE_VERSION : ERROR_CODE_MALFORMED;
}

/* ---- actors ---- */

static void end_session(struct shell *shell, uint64_t peer)
{
    const struct core_event event = {.type = CORE_EVENT_PEER_LOST, .peer = peer};
    shell_step(shell, &event);
}

static void on_actor_record(void *context, uint64_t peer, uint64_t session, enum status status,
                            const struct message *message)
{
    struct shell *shell = context;
    if (status == STATUS_UNSUPPORTED) {
        refuse(shell->actors, peer, session, ERROR_CODE_UNKNOWN);
    } else if (status != STATUS_OK) {
        refuse(shell->actors, peer, session, ERROR_CODE_MALFORMED);
        end_session(shell, peer);
    } else {
        const struct core_event event = {
            .type = CORE_EVENT_ACTOR, .peer = peer, .session = session, .message = message};
        shell_step(shell, &event);
    }
}

static void on_actor_garbage(void *context, uint64_t peer, enum status status)
{
    struct shell *shell = context;
    refuse(shell->actors, peer, 0, code_of(status));
    end_session(shell, peer);
}

static void on_actor_lost(void *context, uint64_t peer)
{
    end_session(context, peer);
}

struct endpoint_hooks shell_actor_hooks(struct shell *shell)
{
    return (struct endpoint_hooks){on_actor_record, on_actor_garbage, on_actor_lost, shell};
}

/* ---- gateways ---- */

static void take_request(struct shell *shell, uint64_t peer, uint64_t session,
                         const struct message *message)
{
    const struct core_event event = {
        .type = CORE_EVENT_GATEWAY, .peer = peer, .session = session, .message = message};
    switch ((int)message->type) {
    case MESSAGE_TYPE_SUBMIT:
    case MESSAGE_TYPE_CANCEL_JOB:
        shell_step(shell, &event);
        break;
    case MESSAGE_TYPE_GET_JOB:
    case MESSAGE_TYPE_LIST_JOBS:
    case MESSAGE_TYPE_GET_EVENTS:
    case MESSAGE_TYPE_GET_DOCUMENT:
        shell_read(shell, READ_ANSWER, peer, session, message);
        break;
    case MESSAGE_TYPE_ERROR:
        break;
    default:
        publisher_lost(&shell->publisher, peer);
        refuse(shell->gateways, peer, session, ERROR_CODE_FORBIDDEN);
    }
}

static void on_gateway_record(void *context, uint64_t peer, uint64_t session, enum status status,
                              const struct message *message)
{
    struct shell *shell = context;
    if (status == STATUS_UNSUPPORTED) {
        refuse(shell->gateways, peer, session, ERROR_CODE_UNKNOWN);
    } else if (status != STATUS_OK) {
        publisher_lost(&shell->publisher, peer);
        refuse(shell->gateways, peer, session, ERROR_CODE_MALFORMED);
    } else if (message->type == MESSAGE_TYPE_GATEWAY_HELLO) {
        publisher_hello(&shell->publisher, peer, &message->gateway_hello);
    } else if (session == 0 || publisher_session(&shell->publisher, peer) != session) {
        refuse(shell->gateways, peer, session, ERROR_CODE_SESSION);
    } else {
        take_request(shell, peer, session, message);
    }
}

static void on_gateway_garbage(void *context, uint64_t peer, enum status status)
{
    struct shell *shell = context;
    publisher_lost(&shell->publisher, peer);
    refuse(shell->gateways, peer, 0, code_of(status));
}

static void on_gateway_lost(void *context, uint64_t peer)
{
    struct shell *shell = context;
    publisher_lost(&shell->publisher, peer);
}

struct endpoint_hooks shell_gateway_hooks(struct shell *shell)
{
    return (struct endpoint_hooks){on_gateway_record, on_gateway_garbage, on_gateway_lost, shell};
}

/* ---- readers ---- */

/* Facts are there: the request is handed in again. */
static void take_facts(struct shell *shell, struct read *read)
{
    struct message message;
    struct slice request = buffer_slice(&read->request);
    if (record_read(&request, &message) != STATUS_OK) {
        return;
    }
    const struct core_event event = {
        .type = CORE_EVENT_GATEWAY, .peer = read->peer, .message = &message, .facts = &read->facts};
    shell_step(shell, &event);
}

/* A leased job's input is there: send it, unless the lease is over, and then the cancel that may
 * have been asked for meanwhile, which the actor would not have understood before. */
static void take_dispatch(struct shell *shell, struct read *read)
{
    const struct job *job = core_find(shell->core, &read->head.id);
    if (job == NULL || job->state != JOB_STATE_ACTIVE || job->lease != read->head.lease) {
        return;
    }
    endpoint_records(shell->actors, read->peer, read->session, read->records, read->records_count);
    if (job->cancel_by != 0) {
        struct message cancel = {.type = MESSAGE_TYPE_CANCEL,
                                 .cancel = {.job = job->id, .lease = job->lease}};
        endpoint_put(shell->actors, read->peer, read->session, &cancel);
    }
}

void shell_take_reads(struct shell *shell)
{
    struct read *read;
    for (int count = 0; count < TURN_RECORDS_MAX && (read = readers_take(shell->readers)) != NULL;
         count++) {
        if (read->status != STATUS_OK) {
            log_error("the store cannot be read", "status=%s", status_name(read->status));
            shell->status = read->status;
        } else if (read->type == READ_FACTS) {
            take_facts(shell, read);
        } else if (read->type == READ_DISPATCH) {
            take_dispatch(shell, read);
        } else if (publisher_session(&shell->publisher, read->peer) == read->session) {
            endpoint_records(shell->gateways, read->peer, read->session, read->records,
                             read->records_count);
        }
        read_free(read);
    }
}
