#include <assert.h>
#include "tests/sim/actor_model.h"
#include "tests/sim/world.h"

/* What the broker sends with a job: as it was asked for, with what earlier attempts left. */

static void check_document(struct world *world, const struct id *id, struct slice document)
{
    const struct model_job *maker = model_find_document(&world->model, id);
    uint64_t digest = 0;
    if (document.size == 0 && maker != NULL && !model_document_exists(maker, &maker->current, id)) {
        return; /* deleted since, and the lease is over */
    }
    if (maker != NULL) {
        bool portrait = maker->kind == JOB_KIND_CHARACTER && id_equal(&maker->media, id);
        digest = portrait ? maker->durable.media : maker->durable.document;
    }
    world_check(world, "a job comes with its documents",
                document.size > 0 && model_digest(document) == digest, "%zu bytes", document.size);
}

/* A delivery comes with its event, and with a secret when it has a place to go. */
static bool is_report(const struct message_job *message, const struct model_job *job)
{
    struct slice record = message->payload;
    struct message event;
    bool is_whole =
        message->webhook_url.size == 0 || message->webhook_secret.size >= WEBHOOK_SECRET_SIZE_MIN;
    return record_read(&record, &event) == STATUS_OK && event.type == MESSAGE_TYPE_EVENT &&
           event.event.event == job->reported && is_whole;
}

/* The input of a job that was asked for. */
static bool is_input(const struct message_job *message, const struct job_input *input)
{
    return slice_equal(message->payload, input->payload) &&
           slice_equal(message->trace, input->trace) &&
           slice_equal(message->request_id, input->request_id);
}

/* What was sent is what was asked for, and what earlier attempts left. */
static void check_job(struct world *world, const struct message_job *message,
                      const struct model_job *job, bool is_current)
{
    struct input_text text;
    uint32_t number = model_job_number(&world->model, job);
    const struct job_input input = gateway_input(job, number, &text);
    const struct model_state *state = &job->durable;
    world_check(
        world, "a job is sent as asked",
        state->exists && message->kind == job->kind && message->lease <= state->lease &&
            model_user_of(message->owner) == job->user &&
            id_equal(&message->character, &job->character) &&
            id_equal(&message->media, &job->media) && id_equal(&message->source, &job->source) &&
            (job->kind == JOB_KIND_WEBHOOK ? is_report(message, job) : is_input(message, &input)),
        "job %u", number);
    int64_t left = model_timeout(job->kind);
    int64_t last = model_deadline(&world->model, job) + CANCEL_MS - state->lease_at;
    left = last < left && state->stop_by == 0 ? last : left;
    world_check(world, "a job is sent with the time that it has",
                !is_current || (int64_t)message->timeout_ms <= left, "job %u: %lld of %lld ms",
                number, (long long)message->timeout_ms, (long long)left);
    world_check(world, "a job is told of its last attempt",
                !is_current ||
                    message->is_last == (state->attempts_made + 1 == model_attempts_max(job->kind)),
                "job %u: %u attempts made", number, state->attempts_made);
    world_check(world, "a job is told that its task may have been dropped",
                !is_current || job->is_lied_about || state->stop_by != 0 ||
                    message->may_be_dropped == state->is_asked,
                "job %u: %d", number, state->is_asked);
    if (job->kind == JOB_KIND_IMAGE || job->kind == JOB_KIND_VIDEO) {
        check_document(world, &job->character, message->character_document);
    }
    if (job->kind == JOB_KIND_VIDEO) {
        check_document(world, &job->source, message->source_document);
    }
    world_check(world, "a job comes with its draft",
                !is_current || model_digest(message->draft) == state->draft, "job %u", number);
}

/* The number of a task may have come late under an older lease, after this was sent. */
static void check_operation(struct world *world, const struct message_recorded *recorded,
                            const struct model_job *job)
{
    const struct model_state *state = &job->durable;
    uint8_t known = state->operation_state[recorded->operation];
    bool fits = state->operation_lease[recorded->operation] != 0 &&
                (recorded->state == known || known == OPERATION_STATE_SUBMITTED);
    world_check(world, "a job comes with its operations", fits, "job %u: operation %u",
                model_job_number(&world->model, job), recorded->operation);
    if (recorded->operation < CALL_NUMBERS && recorded->state == known && !job->is_lied_about) {
        uint32_t number = model_job_number(&world->model, job);
        world_check(world, "an operation comes as it was recorded",
                    task_number(recorded->task) == state->task[recorded->operation] &&
                        provider_of(world, recorded->provider) ==
                            state->provider[recorded->operation] &&
                        recorded->call == state->call[recorded->operation] &&
                        recorded->price == state->told_price[recorded->operation],
                    "job %u: operation %u", number, recorded->operation);
    }
}

/* Reads what follows a JOB: the operations that earlier attempts recorded. */
static void take_operations(struct world *world, const struct message_job *message,
                            const struct model_job *job, bool is_current,
                            struct frame_reader *reader, struct work_operation out[CALL_NUMBERS])
{
    uint32_t recorded = 0;
    for (int index = 0; index < OPERATIONS_MAX; index++) {
        recorded += job->durable.operation_lease[index] != 0;
    }
    world_check(world, "a job comes with its operations",
                !is_current || message->operation_count == recorded, "%u of %u",
                message->operation_count, recorded);
    for (uint32_t left = message->operation_count; left > 0; left--) {
        struct message record;
        enum status status = frame_next(reader, &record);
        assert(status == STATUS_OK && record.type == MESSAGE_TYPE_RECORDED);
        if (is_current) {
            check_operation(world, &record.recorded, job);
        }
        if (record.recorded.operation < CALL_NUMBERS) {
            out[record.recorded.operation] = (struct work_operation){
                .known = true,
                .state = record.recorded.state,
                .lease = record.recorded.lease,
                .call = record.recorded.call,
                .price = record.recorded.price,
                .provider = provider_of(world, record.recorded.provider),
                .task = task_number(record.recorded.task),
                .at = record.recorded.at,
            };
        }
    }
}

void work_read(struct world *world, const struct message_job *message, bool is_current,
               struct frame_reader *reader, struct work_operation out[CALL_NUMBERS])
{
    const struct model_job *job = model_job_of(world, &message->job);
    check_job(world, message, job, is_current);
    take_operations(world, message, job, is_current, reader, out);
}
