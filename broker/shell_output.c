#include "base/log.h"
#include "broker/shell_state.h"

/* The effects of a step: durable ones into the batch, the others into the endpoints, which send
 * nothing before the turn is committed. */

void shell_fail(struct shell *shell, enum status status)
{
    if (status != STATUS_OK && shell->status == STATUS_OK) {
        log_error("a turn cannot be finished", "status=%s", status_name(status));
        shell->status = status;
    }
}

/* ---- reads ---- */

void shell_answer_busy(struct shell *shell, uint64_t peer, uint64_t session,
                       const struct message *request)
{
    struct message answer = {.type = MESSAGE_TYPE_REPLY};
    const uint8_t busy = REPLY_CODE_BUSY;
    switch ((int)request->type) {
    case MESSAGE_TYPE_SUBMIT:
        answer.reply = (struct message_reply){.request = request->submit.request, .code = busy};
        break;
    case MESSAGE_TYPE_CANCEL_JOB:
        answer.reply = (struct message_reply){.request = request->cancel_job.request, .code = busy};
        break;
    case MESSAGE_TYPE_GET_JOB:
        answer.type = MESSAGE_TYPE_JOB_STATE;
        answer.job_state = (struct message_job_state){
            .request = request->get_job.request, .code = busy, .job = request->get_job.job};
        break;
    case MESSAGE_TYPE_LIST_JOBS:
        answer.type = MESSAGE_TYPE_LIST_PAGE;
        answer.list_page =
            (struct message_list_page){.request = request->list_jobs.request, .code = busy};
        break;
    case MESSAGE_TYPE_GET_EVENTS:
        answer.type = MESSAGE_TYPE_EVENT_PAGE;
        answer.event_page =
            (struct message_event_page){.request = request->get_events.request, .code = busy};
        break;
    default:
        answer.type = MESSAGE_TYPE_DOCUMENT;
        answer.document =
            (struct message_document){.request = request->get_document.request, .code = busy};
    }
    if (session != 0 && publisher_session(&shell->publisher, peer) == session) {
        endpoint_put(shell->gateways, peer, session, &answer);
    }
}

static void count_live(const struct shell *shell, struct slice owner, struct live_counts *out)
{
    for (int kind = 0; kind < JOB_KIND_COUNT; kind++) {
        for (int state = JOB_STATE_PENDING; state <= JOB_STATE_ACTIVE; state++) {
            out->counts[kind][state] =
                core_count(shell->core, owner, (enum job_kind)kind, (enum job_state)state);
        }
    }
}

void shell_read(struct shell *shell, enum read_type type, uint64_t peer, uint64_t session,
                const struct message *request)
{
    struct read *read = read_new(type, peer, session);
    enum status status = read == NULL ? STATUS_NO_MEMORY : record_write(&read->request, request);
    if (status == STATUS_OK && request->type == MESSAGE_TYPE_LIST_JOBS) {
        count_live(shell, request->list_jobs.owner, &read->live);
    }
    if (status == STATUS_OK) {
        status = readers_give(shell->readers, read, shell->now);
    }
    if (status != STATUS_OK) {
        read_free(read);
        shell_answer_busy(shell, peer, session, request);
    }
}

/* ---- dispatch ---- */

static void dispatch_from_disk(struct shell *shell, const struct effect *effect)
{
    struct read *read = read_new(READ_DISPATCH, effect->peer, effect->session);
    enum status status =
        read == NULL ? STATUS_NO_MEMORY : buffer_append_slice(&read->owner, effect->owner);
    if (status != STATUS_OK) {
        read_free(read);
        shell_fail(shell, status);
        return;
    }
    read->head = *effect->job;
    read->next = shell->dispatches;
    shell->dispatches = read;
}

void shell_give_dispatches(struct shell *shell)
{
    while (shell->dispatches != NULL) {
        struct read *read = shell->dispatches;
        shell->dispatches = read->next;
        shell_fail(shell, readers_give(shell->readers, read, shell->now));
    }
}

static void dispatch(struct shell *shell, const struct effect *effect)
{
    const struct job *job = effect->job;
    struct slice input;
    if (job->kind != JOB_KIND_CHARACTER || job->lease != 1 ||
        !inputs_get(&shell->inputs, &job->id, &input)) {
        dispatch_from_disk(shell, effect);
        return;
    }
    struct frame_writer *writer = endpoint_writer(shell->actors, effect->peer, effect->session);
    if (writer != NULL) {
        enum status status = query_dispatch_fresh(job, effect->owner, input, shell->now, writer);
        endpoint_written(shell->actors, effect->peer, status);
    }
    inputs_drop(&shell->inputs, &job->id);
}

/* ---- messages to actors and gateways ---- */

static void send_to_actor(struct shell *shell, const struct effect *effect,
                          const struct message *message)
{
    endpoint_put(shell->actors, effect->peer, effect->session, message);
}

static void send_lease(struct shell *shell, const struct effect *effect, enum message_type type)
{
    struct message message = {.type = type};
    if (type == MESSAGE_TYPE_CANCEL) {
        message.cancel = (struct message_cancel){.job = effect->id, .lease = effect->lease};
    } else {
        message.ack = (struct message_ack){.job = effect->id, .lease = effect->lease};
    }
    send_to_actor(shell, effect, &message);
}

static void send_welcome(struct shell *shell, const struct effect *effect)
{
    struct message message = {
        .type = MESSAGE_TYPE_WELCOME,
        .welcome = {.session = effect->session, .lease_ms = LEASE_MS, .heartbeat_ms = HEARTBEAT_MS},
    };
    send_to_actor(shell, effect, &message);
}

static void send_operation_ack(struct shell *shell, const struct effect *effect)
{
    struct message message = {
        .type = MESSAGE_TYPE_OPERATION_ACK,
        .operation_ack = {.job = effect->id,
                          .lease = effect->lease,
                          .operation = effect->operation.operation,
                          .state = effect->operation.state},
    };
    send_to_actor(shell, effect, &message);
}

static void send_error(struct shell *shell, const struct effect *effect)
{
    struct message message = {.type = MESSAGE_TYPE_ERROR,
                              .error = {.code = (uint8_t)effect->error_code_number}};
    send_to_actor(shell, effect, &message);
}

static void send_reply(struct shell *shell, const struct effect *effect)
{
    struct message message = {.type = MESSAGE_TYPE_REPLY, .reply = effect->reply};
    uint64_t session = publisher_session(&shell->publisher, effect->peer);
    if (session != 0) {
        endpoint_put(shell->gateways, effect->peer, session, &message);
    }
}

/* ---- one step ---- */

static void record(struct shell *shell, const struct effect *effect)
{
    shell_fail(shell, recorder_add(shell->recorder, &shell->batch, effect, shell->now));
    if (effect->type == EFFECT_ACCEPT && effect->job->kind == JOB_KIND_CHARACTER) {
        inputs_put(&shell->inputs, &effect->job->id, effect->submit->payload);
    } else if (effect->type == EFFECT_END) {
        inputs_drop(&shell->inputs, &effect->job->id);
    } else if (effect->type == EFFECT_EVENT) {
        shell_fail(shell, publisher_add(&shell->publisher, &effect->event));
    }
}

static void apply(struct shell *shell, const struct core_event *event, const struct effect *effect)
{
    switch (effect->type) {
    case EFFECT_ACCEPT:
    case EFFECT_SAVE:
    case EFFECT_DRAFT:
    case EFFECT_OPERATION:
    case EFFECT_END:
    case EFFECT_EVENT:
        record(shell, effect);
        break;
    case EFFECT_REPLY:
        send_reply(shell, effect);
        break;
    case EFFECT_DISPATCH:
        dispatch(shell, effect);
        break;
    case EFFECT_CANCEL:
        send_lease(shell, effect, MESSAGE_TYPE_CANCEL);
        break;
    case EFFECT_ACK:
        send_lease(shell, effect, MESSAGE_TYPE_ACK);
        break;
    case EFFECT_OPERATION_ACK:
        send_operation_ack(shell, effect);
        break;
    case EFFECT_WELCOME:
        send_welcome(shell, effect);
        break;
    case EFFECT_ERROR:
        send_error(shell, effect);
        break;
    case EFFECT_RESOLVE:
        shell_read(shell, READ_FACTS, event->peer,
                   publisher_session(&shell->publisher, event->peer), event->message);
        break;
    }
}

void shell_step(struct shell *shell, const struct core_event *event)
{
    core_step(shell->core, event, shell->now, &shell->effects);
    for (uint32_t index = 0; index < shell->effects.count; index++) {
        apply(shell, event, &shell->effects.items[index]);
    }
}
