#include "tests/unit/ledger.h"

#include <assert.h>

void ledger_init(struct ledger *ledger)
{
    *ledger = (struct ledger){.now = 1000000};
    memory_view_init(&ledger->memory);
    batch_init(&ledger->batch);
    enum status status = recorder_new(&ledger->recorder);
    assert(status == STATUS_OK);
    batch_clear(&ledger->batch, 1);
}

void ledger_fini(struct ledger *ledger)
{
    recorder_destroy(&ledger->recorder);
    batch_fini(&ledger->batch);
    memory_view_fini(&ledger->memory);
}

struct job ledger_job(enum job_kind kind, uint32_t number)
{
    struct job job = {
        .kind = (uint8_t)kind,
        .state = JOB_STATE_WAITING,
        .priority = PRIORITY_USUAL,
        .attempt = 1,
        .created_at = 1000,
        .deadline = 1000 + DEADLINE_MS,
        .display_id = "DISPLAY2",
    };
    memcpy(job.id.bytes, &number, sizeof number);
    job.id.bytes[15] = 1;
    memcpy(job.character.bytes, &number, sizeof number);
    job.character.bytes[15] = 2;
    memcpy(job.media.bytes, &number, sizeof number);
    job.media.bytes[15] = 3;
    return job;
}

void ledger_effect(struct ledger *ledger, const struct effect *effect)
{
    enum status status = recorder_add(ledger->recorder, &ledger->batch, effect, ledger->now);
    assert(status == STATUS_OK);
}

static void accept(struct ledger *ledger, struct job *job, const struct message_submit *submit)
{
    const struct effect effect = {
        .type = EFFECT_ACCEPT, .job = job, .owner = submit->owner, .submit = submit};
    job->accepted = ledger->event_last + 1;
    ledger_effect(ledger, &effect);
}

static struct message_submit submit_of(const struct job *job, const char *owner,
                                       const char *payload)
{
    return (struct message_submit){.request = 5,
                                   .job = job->id,
                                   .kind = job->kind,
                                   .owner = slice_from_string(owner),
                                   .character = job->character,
                                   .media = job->media,
                                   .source = job->source,
                                   .payload = slice_from_string(payload),
                                   .trace = SLICE_LITERAL(LEDGER_TRACE)};
}

void ledger_accept(struct ledger *ledger, struct job *job, const char *owner, const char *payload)
{
    const struct message_submit submit = submit_of(job, owner, payload);
    accept(ledger, job, &submit);
    ledger_event(ledger, job, owner, EVENT_KIND_QUEUED);
}

void ledger_accept_with_key(struct ledger *ledger, struct job *job, const char *owner,
                            const char *key)
{
    static const uint8_t hash[HASH_SIZE] = {0x5a};
    struct message_submit submit = submit_of(job, owner, "{}");
    submit.key = slice_from_string(key);
    submit.key_hash = slice_make(hash, sizeof hash);
    accept(ledger, job, &submit);
    ledger_event(ledger, job, owner, EVENT_KIND_QUEUED);
}

void ledger_accept_with_dedupe(struct ledger *ledger, struct job *job, const char *owner,
                               const char *key, uint64_t ttl_ms)
{
    struct message_submit submit = submit_of(job, owner, "{}");
    submit.dedupe_key = slice_from_string(key);
    submit.dedupe_ttl_ms = ttl_ms;
    accept(ledger, job, &submit);
    ledger_event(ledger, job, owner, EVENT_KIND_QUEUED);
}

void ledger_save(struct ledger *ledger, const struct job *job, const char *owner,
                 const char *error_code)
{
    const struct effect effect = {.type = EFFECT_SAVE,
                                  .job = job,
                                  .owner = slice_from_string(owner),
                                  .error_code = slice_from_string(error_code)};
    ledger_effect(ledger, &effect);
}

void ledger_event(struct ledger *ledger, struct job *job, const char *owner, enum event_kind kind)
{
    const struct effect effect = {.type = EFFECT_EVENT,
                                  .event = {.event = ++ledger->event_last,
                                            .job = job->id,
                                            .version = ++job->version,
                                            .kind = (uint8_t)kind,
                                            .at = ledger->now,
                                            .owner = slice_from_string(owner),
                                            .job_kind = job->kind,
                                            .state = job->state,
                                            .progress = job->progress}};
    ledger_effect(ledger, &effect);
    ledger_save(ledger, job, owner, NULL);
}

void ledger_end(struct ledger *ledger, struct job *job, const char *owner, enum job_state state,
                const char *document, const char *media)
{
    static const enum event_kind kinds[] = {[JOB_STATE_COMPLETED] = EVENT_KIND_COMPLETED,
                                            [JOB_STATE_FAILED] = EVENT_KIND_FAILED,
                                            [JOB_STATE_CANCELLED] = EVENT_KIND_CANCELLED};
    job->state = (uint8_t)state;
    job->completed_at = ledger->now;
    ledger_event(ledger, job, owner, kinds[state]);
    const struct effect effect = {
        .type = EFFECT_END,
        .job = job,
        .owner = slice_from_string(owner),
        .number = ledger->event_last,
        .url = SLICE_LITERAL("/assets/x.png"),
        .document = slice_from_string(document),
        .media = slice_from_string(media),
        .error_code = slice_from_string(state == JOB_STATE_FAILED ? "content_policy" : NULL)};
    ledger_effect(ledger, &effect);
}

void ledger_ended(struct ledger *ledger, struct job *job, const char *owner, enum job_state state,
                  const char *document, const char *media)
{
    ledger_accept(ledger, job, owner, "{}");
    ledger_end(ledger, job, owner, state, document, media);
    ledger_commit(ledger);
}

void ledger_fail(struct ledger *ledger, struct job *job, const char *owner, const char *error_code,
                 struct slice error_message)
{
    job->state = JOB_STATE_FAILED;
    job->completed_at = ledger->now;
    ledger_event(ledger, job, owner, EVENT_KIND_FAILED);
    const struct effect effect = {.type = EFFECT_END,
                                  .job = job,
                                  .owner = slice_from_string(owner),
                                  .number = ledger->event_last,
                                  .error_code = slice_from_string(error_code),
                                  .error_message = error_message};
    ledger_effect(ledger, &effect);
}

void ledger_revive(struct ledger *ledger, struct job *job, const char *owner)
{
    const struct effect effect = {.type = EFFECT_REVIVE,
                                  .job = job,
                                  .owner = slice_from_string(owner),
                                  .state_before = job->state};
    job->state = JOB_STATE_WAITING;
    job->completed_at = 0;
    job->retries++;
    ledger_effect(ledger, &effect);
    ledger_event(ledger, job, owner, EVENT_KIND_WAITING);
}

void ledger_commit(struct ledger *ledger)
{
    enum status status =
        recorder_finish(ledger->recorder, &ledger->batch, ledger->event_last, ledger->now);
    assert(status == STATUS_OK);
    memory_view_apply(&ledger->memory, &ledger->batch);
    ledger->commit = ledger->batch.number;
    batch_clear(&ledger->batch, ledger->commit + 1);
}
