#include "gateway/job_waits.h"

void job_waits_init(struct job_waits *waits)
{
    buffer_init(&waits->records, FRAME_SIZE_MAX);
    buffer_init(&waits->waiting, POSITION_JOBS_SIZE_MAX);
}

void job_waits_fini(struct job_waits *waits)
{
    buffer_fini(&waits->records);
    buffer_fini(&waits->waiting);
}

struct slice job_waits_records(const struct answer *answer)
{
    const struct frame_reader *reader = &answer->records;
    return slice_make(reader->position, (size_t)(reader->end - reader->position));
}

enum status job_waits_keep(struct job_waits *waits, uint32_t count, struct slice records)
{
    struct slice rest = records;
    struct message record;
    enum status status = STATUS_OK;
    buffer_clear(&waits->records);
    buffer_clear(&waits->waiting);
    for (uint32_t index = 0; index < count && status == STATUS_OK; index++) {
        status = record_read(&rest, &record);
        if (status == STATUS_OK && record.type != MESSAGE_TYPE_JOB_STATE) {
            status = STATUS_MALFORMED;
        }
        if (status == STATUS_OK && job_json_waits(&record.job_state)) {
            status = buffer_append(&waits->waiting, record.job_state.job.bytes, ID_SIZE);
        }
    }
    if (status == STATUS_OK) {
        records.size -= rest.size;
        status = buffer_append_slice(&waits->records, records);
    }
    return status;
}

bool job_waits_question(const struct job_waits *waits, struct message *out)
{
    *out = (struct message){.type = MESSAGE_TYPE_GET_POSITION};
    out->get_position.jobs = buffer_slice(&waits->waiting);
    return waits->waiting.size > 0;
}

void job_waits_hear(struct job_waits *waits, const struct answer *answer)
{
    waits->next = NULL;
    if (answer != NULL && answer->message != NULL) {
        waits->next = &answer->message->position;
        waits->rest = job_waits_records(answer);
    }
}

struct job_wait job_waits_take(struct job_waits *waits, const struct message_job_state *job)
{
    struct job_wait wait = {0};
    if (waits->next == NULL || !job_json_waits(job)) {
        return wait;
    }
    wait = job_wait_of(waits->next);
    bool more = record_read(&waits->rest, &waits->message) == STATUS_OK &&
                waits->message.type == MESSAGE_TYPE_POSITION;
    waits->next = more ? &waits->message.position : NULL;
    return wait;
}
