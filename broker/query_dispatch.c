#include "broker/query.h"

#include <assert.h>
#include "broker/core/kinds.h"
#include "broker/keys.h"
#include "broker/query_job.h"
#include "broker/query_webhook.h"

/* What a dispatched job is sent with; the slices borrow from the buffers. */
struct input {
    struct buffer payload_buffer;
    struct buffer character_buffer;
    struct buffer source_buffer;
    struct buffer draft_buffer;
    struct job_input submitted;
    struct slice character_document;
    struct slice source_document;
    struct slice draft;
    struct buffer webhook_buffer;
    struct slice webhook_url; /* of a delivery, as the next two */
    struct slice webhook_secret;
    struct slice webhook_secret_old;
    struct buffer operations; /* RECORDED records */
    uint32_t operation_count;
};

static void input_init(struct input *input)
{
    *input = (struct input){0};
    buffer_init(&input->payload_buffer, VALUE_SIZE_MAX);
    buffer_init(&input->character_buffer, VALUE_SIZE_MAX);
    buffer_init(&input->source_buffer, VALUE_SIZE_MAX);
    buffer_init(&input->draft_buffer, VALUE_SIZE_MAX);
    buffer_init(&input->operations, VALUE_SIZE_MAX);
    buffer_init(&input->webhook_buffer, VALUE_SIZE_MAX);
}

static void input_fini(struct input *input)
{
    buffer_fini(&input->payload_buffer);
    buffer_fini(&input->character_buffer);
    buffer_fini(&input->source_buffer);
    buffer_fini(&input->draft_buffer);
    buffer_fini(&input->operations);
    buffer_fini(&input->webhook_buffer);
}

static enum status read_payload(struct view *view, const struct id *job, struct input *input)
{
    struct message message;
    enum status status = query_input(view, job, &input->payload_buffer, &message);
    if (status == STATUS_OK) {
        input->submitted.payload = message.submit.payload;
        input->submitted.trace = message.submit.trace;
        input->submitted.request_id = message.submit.request_id;
    }
    return status;
}

/* Where a delivery goes, as the endpoint is now: nowhere when it was deleted or disabled. */
static enum status read_endpoint(struct view *view, const struct job *head, struct slice owner,
                                 int64_t now, struct input *input)
{
    struct message_put_endpoint put;
    int64_t disabled_at;
    enum status status =
        query_endpoint(view, owner, &head->source, &input->webhook_buffer, &put, &disabled_at);
    if (status == STATUS_OK && disabled_at == 0) {
        input->webhook_url = put.url;
        input->webhook_secret = put.secret;
        input->webhook_secret_old = put.secret_old_until > now ? put.secret_old : SLICE_EMPTY;
    }
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

/* The same of a webhook that a job was submitted with. */
static enum status read_own_webhook(struct view *view, const struct id *job, struct input *input)
{
    struct message message;
    enum status status = query_input(view, job, &input->webhook_buffer, &message);
    if (status == STATUS_OK) {
        input->webhook_url = message.submit.webhook_url;
        input->webhook_secret = message.submit.webhook_secret;
    }
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

static enum status read_delivery(struct view *view, const struct job *head, struct slice owner,
                                 int64_t now, struct input *input)
{
    struct message_event event;
    enum status status =
        query_report(view, &head->id, &input->payload_buffer, &input->submitted.payload, &event);
    if (status != STATUS_OK) {
        return status;
    }
    return id_is_zero(&head->source) ? read_own_webhook(view, &event.job, input)
                                     : read_endpoint(view, head, owner, now, input);
}

/* One that is gone (its character was deleted meanwhile) is sent as empty. */
static enum status read_document(struct view *view, const struct id *id, struct buffer *buffer,
                                 struct slice *out)
{
    uint8_t key[KEY_BYTES_MAX];
    struct document_value document;
    enum status status = view->methods->get(view, key_document(key, id), buffer);
    if (status != STATUS_OK) {
        return status == STATUS_NOT_FOUND ? STATUS_OK : status;
    }
    status = document_value_read(buffer_slice(buffer), &document);
    if (status == STATUS_OK) {
        *out = document.json;
    }
    return status;
}

static enum status read_draft(struct view *view, const struct id *job, struct input *input)
{
    uint8_t key[KEY_BYTES_MAX];
    enum status status = view->methods->get(view, key_draft(key, job), &input->draft_buffer);
    if (status != STATUS_OK) {
        return status == STATUS_NOT_FOUND ? STATUS_OK : status;
    }
    return plain_value_read(buffer_slice(&input->draft_buffer), &input->draft);
}

/* The records of a scan, gathered. */
struct gathering {
    struct input *input;
    enum status status;
};

static bool gather_operation(void *context, struct slice key, struct slice value)
{
    struct gathering *gathering = context;
    struct slice record;
    (void)key;
    gathering->status = plain_value_read(value, &record);
    if (gathering->status == STATUS_OK) {
        gathering->status = buffer_append_slice(&gathering->input->operations, record);
    }
    gathering->input->operation_count++;
    return gathering->status == STATUS_OK && gathering->input->operation_count < OPERATIONS_MAX;
}

static enum status read_operations(struct view *view, const struct job *head, struct input *input)
{
    uint8_t from[KEY_BYTES_MAX];
    uint8_t to[KEY_BYTES_MAX];
    struct gathering gathering = {input, STATUS_OK};
    if (head->operations == 0) {
        return STATUS_OK;
    }
    enum status status =
        view->methods->scan(view, key_operation(from, &head->id, 0),
                            key_operation(to, &head->id, UINT8_MAX), gather_operation, &gathering);
    return status == STATUS_OK ? gathering.status : status;
}

/* What is left of the attempt's time. At its deadline a job is asked to stop: the worker lets go of
 * it by itself only when that does not arrive. */
static uint64_t time_left(const struct job *head, int64_t now)
{
    int64_t end = head->attempt_at + kind_rules(head->kind)->timeout_ms;
    if (!job_is_stopping(head) && head->deadline + CANCEL_MS < end) {
        end = head->deadline + CANCEL_MS;
    }
    return end > now ? (uint64_t)(end - now) : 0;
}

static enum status write_job(const struct job *head, struct slice owner, const struct input *input,
                             int64_t now, struct frame_writer *out)
{
    const struct kind_rules *rules = kind_rules(head->kind);
    const struct message message = {
        .type = MESSAGE_TYPE_JOB,
        .job = {.job = head->id,
                .lease = head->lease,
                .attempt = head->attempt,
                .kind = head->kind,
                .timeout_ms = time_left(head, now),
                .owner = owner,
                .character = head->character,
                .media = head->media,
                .source = head->source,
                .display_id = slice_make(head->display_id, strnlen(head->display_id, 8)),
                .payload = input->submitted.payload,
                .character_document = input->character_document,
                .source_document = input->source_document,
                .draft = input->draft,
                .operation_count = (uint8_t)input->operation_count,
                .created_at = head->created_at,
                .trace = input->submitted.trace,
                .request_id = input->submitted.request_id,
                .webhook_url = input->webhook_url,
                .webhook_secret = input->webhook_secret,
                .webhook_secret_old = input->webhook_secret_old,
                .is_last = head->attempts_made + 1 >= rules->attempts_max,
                .may_be_dropped = (head->flags & JOB_FLAG_ASKED) != 0},
    };
    enum status status = frame_write(out, &message);
    struct slice records = buffer_slice(&input->operations);
    for (uint32_t index = 0; index < input->operation_count && status == STATUS_OK; index++) {
        struct message record;
        status = record_read(&records, &record);
        if (status == STATUS_OK && record.type != MESSAGE_TYPE_RECORDED) {
            status = STATUS_MALFORMED;
        }
        if (status == STATUS_OK) {
            status = frame_write(out, &record);
        }
    }
    return status;
}

/* What a job that generates needs. */
static enum status read_generation(struct view *view, const struct job *head, struct input *input)
{
    enum status status = read_payload(view, &head->id, input);
    if (status == STATUS_OK && head->kind != JOB_KIND_CHARACTER) {
        status = read_document(view, &head->character, &input->character_buffer,
                               &input->character_document);
    }
    if (status == STATUS_OK && head->kind == JOB_KIND_VIDEO) {
        status = read_document(view, &head->source, &input->source_buffer, &input->source_document);
    }
    return status;
}

enum status query_dispatch(struct view *view, const struct job *head, struct slice owner,
                           int64_t now, struct frame_writer *out)
{
    struct input input;
    assert(head->state == JOB_STATE_ACTIVE);
    input_init(&input);
    enum status status = head->kind == JOB_KIND_WEBHOOK
                             ? read_delivery(view, head, owner, now, &input)
                             : read_generation(view, head, &input);
    if (status == STATUS_OK) {
        status = read_draft(view, &head->id, &input);
    }
    if (status == STATUS_OK) {
        status = read_operations(view, head, &input);
    }
    if (status == STATUS_OK) {
        status = write_job(head, owner, &input, now, out);
    }
    input_fini(&input);
    return status;
}

enum status query_dispatch_fresh(const struct job *head, struct slice owner,
                                 const struct job_input *input, int64_t now,
                                 struct frame_writer *out)
{
    const struct input whole = {.submitted = *input};
    assert(head->kind == JOB_KIND_CHARACTER && head->lease == 1);
    return write_job(head, owner, &whole, now, out);
}
