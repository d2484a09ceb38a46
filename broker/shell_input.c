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

/* Never answered: two peers that answer errors by errors do nothing else. */
static void note_error(uint64_t peer, const struct message *message)
{
    log_warn("a peer reports an error", "peer=%llu code=%s", (unsigned long long)peer,
             error_code_name((enum error_code)message->error.code));
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
    } else if (message->type == MESSAGE_TYPE_ERROR) {
        note_error(peer, message);
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
    } else if (message->type == MESSAGE_TYPE_ERROR) {
        note_error(peer, message);
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

/* Whether the lease that an input was read for still is one. */
static const struct job *find_leased(struct shell *shell, const struct read *read)
{
    const struct job *job = core_find(shell->core, &read->head.id);
    bool is_leased =
        job != NULL && job->state == JOB_STATE_ACTIVE && job->lease == read->head.lease;
    return is_leased ? job : NULL;
}

/* A leased job's input is there: send it, and then what may have been said of the lease meanwhile,
 * which the actor would not have understood before. A lease that is over goes out as well, for
 * both sides count jobs as credit. */
static void take_dispatch(struct shell *shell, struct read *read)
{
    const struct job *job = find_leased(shell, read);
    struct message message = {.type = MESSAGE_TYPE_ACK,
                              .ack = {.job = read->head.id, .lease = read->head.lease}};
    endpoint_records(shell->actors, read->peer, read->session, read->records, read->records_count);
    if (job != NULL && job->cancel_by != 0) {
        message = (struct message){.type = MESSAGE_TYPE_CANCEL,
                                   .cancel = {.job = job->id, .lease = job->lease}};
    }
    if (job == NULL || job->cancel_by != 0) {
        endpoint_put(shell->actors, read->peer, read->session, &message);
    }
}

/* A leased job's input cannot be read: that is a failed attempt, which comes to an end, rather than
 * a broker that meets the same bytes after each restart. The session ends because its actor was
 * promised a job that never comes. */
static void fail_dispatch(struct shell *shell, struct read *read)
{
    const struct job *job = find_leased(shell, read);
    if (job == NULL) {
        return;
    }
    const struct message fail = {
        .type = MESSAGE_TYPE_FAIL,
        .fail = {.job = job->id,
                 .lease = job->lease,
                 .kind = FAIL_KIND_RETRY,
                 .code = SLICE_LITERAL("input_unreadable"),
                 .message = SLICE_LITERAL("what the job needs cannot be read from the store")}};
    const struct core_event event = {
        .type = CORE_EVENT_ACTOR, .peer = read->peer, .session = read->session, .message = &fail};
    shell_step(shell, &event);
    refuse(shell->actors, read->peer, read->session, ERROR_CODE_SESSION);
    end_session(shell, read->peer);
}

/* A damaged record or a bad block is the trouble of those who ask for it, not of all: a store that
 * is broken as a whole fails its commits. */
static void fail_read(struct shell *shell, struct read *read)
{
    static const char *const names[] = {"facts", "answer", "dispatch"};
    struct message message;
    struct slice request = buffer_slice(&read->request);
    char job[ID_TEXT_SIZE] = "";
    if (read->type == READ_DISPATCH) {
        id_format(&read->head.id, job);
    }
    log_error("the store cannot be read", "for=%s job=%s status=%s", names[read->type], job,
              status_name(read->status));
    if (read->type == READ_DISPATCH) {
        fail_dispatch(shell, read);
    } else if (record_read(&request, &message) == STATUS_OK) {
        shell_answer_busy(shell, read->peer, read->session, &message);
    }
}

static void take_read(struct shell *shell, struct read *read)
{
    if (read->status != STATUS_OK) {
        fail_read(shell, read);
    } else if (read->type == READ_FACTS) {
        take_facts(shell, read);
    } else if (read->type == READ_DISPATCH) {
        take_dispatch(shell, read);
    } else if (publisher_session(&shell->publisher, read->peer) == read->session) {
        endpoint_records(shell->gateways, read->peer, read->session, read->records,
                         read->records_count);
    }
}

void shell_take_reads(struct shell *shell)
{
    size_t size = 0;
    for (int count = 0; count < TURN_RECORDS_MAX && size < TURN_READS_SIZE_MAX &&
                        shell_has_room(shell, COMMIT_SIZE_MAX / 2);
         count++) {
        struct read *read = readers_take(shell->readers);
        if (read == NULL) {
            return;
        }
        size += read_size(read);
        take_read(shell, read);
        read_free(read);
    }
}
