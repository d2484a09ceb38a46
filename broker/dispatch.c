#include "broker/dispatch.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include "base/log.h"
#include "broker/broker.h"
#include "broker/query_job.h"

enum {
    CAPACITY_MIN = 256,
};

void dispatches_fini(struct dispatches *dispatches)
{
    free(dispatches->items);
    memset(dispatches, 0, sizeof *dispatches);
}

static struct dispatch *at(const struct dispatches *dispatches, uint32_t index)
{
    return &dispatches->items[(dispatches->first + index) & (dispatches->capacity - 1)];
}

static enum status grow(struct dispatches *dispatches)
{
    uint32_t capacity = dispatches->capacity == 0 ? CAPACITY_MIN : dispatches->capacity * 2;
    if (capacity > DISPATCHES_MAX) {
        return STATUS_FULL;
    }
    struct dispatch *items = malloc(capacity * sizeof *items);
    if (items == NULL) {
        return STATUS_NO_MEMORY;
    }
    for (uint32_t index = 0; index < dispatches->count; index++) {
        items[index] = *at(dispatches, index);
    }
    free(dispatches->items);
    dispatches->items = items;
    dispatches->capacity = capacity;
    dispatches->first = 0;
    return STATUS_OK;
}

static enum status keep(struct dispatches *dispatches, const struct dispatch *dispatch)
{
    if (dispatches->count == dispatches->capacity) {
        enum status status = grow(dispatches);
        if (status != STATUS_OK) {
            return status;
        }
    }
    *at(dispatches, dispatches->count++) = *dispatch;
    return STATUS_OK;
}

/* Sends the job with the input that was kept since it was accepted. Returns false without one. */
static bool send_fresh(struct broker *broker, struct peer *peer, const struct effect *effect)
{
    struct job_input input;
    struct frame_writer writer;
    const struct job *job = effect->job;
    bool is_fresh = job->kind == JOB_KIND_CHARACTER && job->lease == 1 &&
                    inputs_find(&broker->inputs, &job->id, &input);
    if (!is_fresh) {
        return false;
    }
    buffer_clear(&broker->frame);
    enum status status = frame_begin(&writer, &broker->frame, peer->session);
    if (status == STATUS_OK) {
        status = query_dispatch_fresh(job, effect->owner, &input, broker->now, &writer);
    }
    if (status != STATUS_OK) {
        return false;
    }
    frame_end(&writer);
    port_put_frame(&broker->actors, peer, buffer_slice(&broker->frame));
    inputs_drop(&broker->inputs, &job->id);
    return true;
}

/* Its request is known while its input is kept in memory. */
static void tell_full(const struct broker *broker, const struct job *head, enum status status)
{
    char job[ID_TEXT_SIZE];
    struct job_input input = {0};
    inputs_find(&broker->inputs, &head->id, &input);
    id_format(&head->id, job);
    log_error("cannot dispatch", "job=%s lease=%u request=%.*s status=%s waiting=%u", job,
              head->lease, SLICE_PRINT(input.request_id), status_name(status),
              broker->dispatches.count);
}

void dispatch_job(struct broker *broker, const struct effect *effect)
{
    struct peer *peer = peers_find(&broker->actors.peers, effect->peer);
    const struct dispatch dispatch = {effect->peer, effect->session, effect->job->id,
                                      effect->job->lease};
    if (peer == NULL || peer->lost || send_fresh(broker, peer, effect)) {
        return;
    }
    enum status status = keep(&broker->dispatches, &dispatch);
    if (status != STATUS_OK) {
        tell_full(broker, effect->job, status);
        port_lose(&broker->actors, peer, "a job cannot be dispatched");
    }
}

void dispatch_push(struct broker *broker)
{
    struct dispatches *dispatches = &broker->dispatches;
    while (dispatches->count > 0) {
        struct read *read = readers_take(broker->readers, READ_DISPATCH, SLICE_EMPTY);
        if (read == NULL) {
            return;
        }
        const struct dispatch *dispatch = at(dispatches, 0);
        read->peer = dispatch->peer;
        read->session = dispatch->session;
        read->job = dispatch->job;
        read->lease = dispatch->lease;
        dispatches->first = (dispatches->first + 1) & (dispatches->capacity - 1);
        dispatches->count--;
        readers_push(broker->readers, read);
    }
}

/* The job, when the lease is still live. */
static const struct job *find_leased(const struct broker *broker, const struct read *read)
{
    const struct job *job = core_find(broker->core, &read->job);
    bool is_leased = job != NULL && job->state == JOB_STATE_ACTIVE && job->lease == read->lease;
    return is_leased ? job : NULL;
}

/* What has happened to the lease while its job was fetched. */
static void send_afterthought(struct broker *broker, struct peer *peer, const struct read *read)
{
    const struct job *job = find_leased(broker, read);
    struct message message = {.type = MESSAGE_TYPE_CANCEL, .cancel = {read->job, read->lease}};
    if (job == NULL) {
        message = (struct message){.type = MESSAGE_TYPE_ACK, .ack = {read->job, read->lease}};
    } else if (!job_is_stopping(job)) {
        return;
    }
    port_put(&broker->actors, peer, &message);
}

/* The job's place: the end of a UUID is as good as random. */
static uint32_t *wait_of(struct dispatches *dispatches, const struct id *job)
{
    const uint8_t *end = job->bytes + ID_SIZE - 2;
    return &dispatches->waits_ms[(uint32_t)(end[0] << 8 | end[1]) % DISPATCH_WAITS];
}

/* How long the job is to wait: twice as long as the last one of its place, while the disk keeps
 * failing. */
static uint64_t next_wait_ms(struct dispatches *dispatches, const struct id *job)
{
    uint32_t *wait_ms = wait_of(dispatches, job);
    if (*wait_ms == 0) {
        *wait_ms = DISPATCH_AGAIN_MS;
    } else {
        *wait_ms = *wait_ms < DISPATCH_AGAIN_MS_MAX / 2 ? 2 * *wait_ms : DISPATCH_AGAIN_MS_MAX;
    }
    return *wait_ms;
}

/* Whether reading it again would find the same. */
static bool is_damaged(enum status status)
{
    return query_is_damage(status) || status == STATUS_TOO_LARGE;
}

/* A job that is damaged has a failed attempt, which comes to an end some time, unlike a broker that
 * meets the same bytes after each restart. A disk that failed to read it is no fault of the job: it
 * waits. The core learns of it also when the lease is over: its actor counts what it receives as
 * credit, and this was not sent. */
static void fail_attempt(struct broker *broker, const struct read *read)
{
    char job[ID_TEXT_SIZE];
    bool damaged = is_damaged(read->status);
    bool is_leased = find_leased(broker, read) != NULL;
    const struct message fail = {
        .type = MESSAGE_TYPE_FAIL,
        .fail = {.job = read->job,
                 .lease = read->lease,
                 .kind = damaged ? FAIL_KIND_RETRY : FAIL_KIND_THROTTLED,
                 .retry_after_ms =
                     damaged || !is_leased ? 0 : next_wait_ms(&broker->dispatches, &read->job),
                 .code = SLICE_LITERAL("input_unreadable"),
                 .message = SLICE_LITERAL("what the job needs cannot be read from the store")},
    };
    const struct core_event event = {.type = CORE_EVENT_ACTOR,
                                     .peer = read->peer,
                                     .session = read->session,
                                     .message = &fail,
                                     .unread = true};
    id_format(&read->job, job);
    const struct slice asker = read_asker(read, 0);
    log_error("cannot read a job", "job=%s lease=%u request=%.*s status=%s", job, read->lease,
              SLICE_PRINT(asker), status_name(read->status));
    broker_step(broker, &event, SLICE_EMPTY, NULL);
}

void dispatch_fetched(struct broker *broker, const struct read *read)
{
    struct peer *peer = peers_find(&broker->actors.peers, read->peer);
    if (peer == NULL || peer->lost || peer->session != read->session) {
        return; /* the core knows: the job goes to somebody else */
    }
    if (read->status != STATUS_OK) {
        fail_attempt(broker, read);
        return;
    }
    *wait_of(&broker->dispatches, &read->job) = 0;
    port_put_frame(&broker->actors, peer, buffer_slice(&read->answer));
    send_afterthought(broker, peer, read);
}
