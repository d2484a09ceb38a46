#include "broker/query_job.h"

#include <assert.h>
#include "broker/character_name.h"
#include "broker/keys.h"

enum status query_status(enum status status)
{
    return query_is_damage(status) ? STATUS_IO : status;
}

bool query_is_damage(enum status status)
{
    return status == STATUS_MALFORMED || status == STATUS_NOT_FOUND;
}

void character_memo_init(struct character_memo *memo)
{
    memo->names_asked = false;
    memo->known = false;
    buffer_init(&memo->value, VALUE_SIZE_MAX);
}

void character_memo_fini(struct character_memo *memo)
{
    buffer_fini(&memo->value);
}

enum status query_record(struct view *view, const struct id *job, struct buffer *buffer,
                         struct job_value *out)
{
    uint8_t key[KEY_BYTES_MAX];
    enum status status = view->methods->get(view, key_job(key, job), buffer);
    if (status != STATUS_OK) {
        return status;
    }
    bool good =
        job_value_read(buffer_slice(buffer), out) == STATUS_OK && id_equal(&out->head.id, job);
    return good ? STATUS_OK : STATUS_MALFORMED;
}

/* Reads the SUBMIT of a job; *buffer holds what it borrows. */
enum status query_input(struct view *view, const struct id *job, struct buffer *buffer,
                        struct message *out)
{
    uint8_t key[KEY_BYTES_MAX];
    struct slice record;
    enum status status = view->methods->get(view, key_input(key, job), buffer);
    if (status != STATUS_OK) {
        return status;
    }
    bool good = plain_value_read(buffer_slice(buffer), &record) == STATUS_OK &&
                record_read(&record, out) == STATUS_OK && out->type == MESSAGE_TYPE_SUBMIT;
    return good ? STATUS_OK : STATUS_MALFORMED;
}

enum status query_name_asked(struct view *view, const struct job_value *of, struct buffer *buffer,
                             uint8_t name[NAME_SIZE_MAX], size_t *size)
{
    struct id job = of->is_linked ? of->links.parent : (struct id){0};
    struct job_value value;
    struct message input;
    *size = 0;
    if (id_is_zero(&job)) {
        return STATUS_OK;
    }
    enum status status = query_record(view, &job, buffer, &value);
    if (status == STATUS_OK && value.head.kind == JOB_KIND_IMAGE && value.is_linked) {
        job = value.links.parent;
        status = query_record(view, &job, buffer, &value);
    }
    if (status == STATUS_OK && value.head.kind == JOB_KIND_CHARACTER) {
        status = query_input(view, &job, buffer, &input);
        *size = status == STATUS_OK ? character_name(input.submit.payload, name).size : 0;
    }
    return query_is_damage(status) ? STATUS_OK : status;
}

/* Looks the character of a job up unless the memo has it. One that is not there has no name, or
 * that which it was asked for. Returns MALFORMED for a damaged one. */
static enum status find_character(struct view *view, const struct job_value *job,
                                  struct character_memo *memo)
{
    uint8_t key[KEY_BYTES_MAX];
    struct document_value document;
    const struct id *id = &job->head.character;
    if (memo->known && id_equal(&memo->id, id)) {
        return STATUS_OK;
    }
    memo->known = false;
    memo->id = *id;
    memo->name_size = 0;
    memset(memo->display_id, 0, sizeof memo->display_id);
    enum status status = view->methods->get(view, key_document(key, id), &memo->value);
    if (status == STATUS_NOT_FOUND) {
        status = memo->names_asked
                     ? query_name_asked(view, job, &memo->value, memo->name, &memo->name_size)
                     : STATUS_OK;
        memo->known = memo->name_size > 0 || !memo->names_asked; /* another job may know it */
        return status;
    }
    if (status == STATUS_OK) {
        status = document_value_read(buffer_slice(&memo->value), &document);
    }
    if (status != STATUS_OK) {
        return status;
    }
    memo->known = true;
    memcpy(memo->display_id, document.display_id, sizeof memo->display_id);
    memo->name_size = character_name(document.json, memo->name).size;
    return STATUS_OK;
}

static struct slice display_id(const char id[8])
{
    return slice_make(id, strnlen(id, 8));
}

static void fill_state(const struct job_value *value, struct message_job_state *out)
{
    const struct job *head = &value->head;
    *out = (struct message_job_state){
        .code = REPLY_CODE_OK,
        .job = head->id,
        .version = head->version,
        .owner = value->owner,
        .kind = head->kind,
        .state = head->state,
        .progress = head->progress,
        .step = slice_from_string(head->step),
        .attempt = head->attempt,
        .attempts_made = head->attempts_made,
        .cancel_requested = job_is_cancelling(head),
        .worker = head->worker,
        .character = head->character,
        .media = head->media,
        .created_at = head->created_at,
        .started_at = head->started_at,
        .completed_at = head->completed_at,
        .next_attempt_at = head->next_attempt_at,
        .error_code = value->error_code,
        .error_message = value->error_message,
        .url = value->url,
        .display_id = display_id(head->display_id),
        .priority = head->priority,
        .retries = head->retries,
        .start_by = head->start_by,
        .deadline = head->deadline,
        .spent = head->spent,
        .uncertain = head->uncertain,
        .estimate = head->estimate,
    };
    if (value->is_linked) {
        out->group = value->links.group;
        out->parent = value->links.parent;
    }
}

/* Writes the state, with what its input adds to it. */
static enum status write_with_input(struct view *view, struct message *state, bool names_asked,
                                    struct frame_writer *out)
{
    uint8_t name[NAME_SIZE_MAX];
    struct buffer buffer;
    struct message input;
    buffer_init(&buffer, VALUE_SIZE_MAX);
    enum status status = query_input(view, &state->job_state.job, &buffer, &input);
    if (status == STATUS_OK) {
        state->job_state.labels = input.submit.labels;
        state->job_state.run_at = input.submit.run_at;
        if (names_asked && state->job_state.kind == JOB_KIND_CHARACTER) {
            state->job_state.character_name = character_name(input.submit.payload, name);
        }
        status = frame_write(out, state);
    }
    buffer_fini(&buffer);
    return status == STATUS_NOT_FOUND ? STATUS_MALFORMED : status;
}

enum status job_state_write(struct view *view, const struct job_value *value, uint64_t request,
                            const struct retention *retention, struct character_memo *memo,
                            struct frame_writer *out)
{
    struct message message = {.type = MESSAGE_TYPE_JOB_STATE};
    fill_state(value, &message.job_state);
    message.job_state.request = request;
    message.job_state.expires_at =
        retention_end(retention, value->head.state, value->head.completed_at);
    if (value->head.kind == JOB_KIND_IMAGE || value->head.kind == JOB_KIND_VIDEO) {
        enum status status = find_character(view, value, memo);
        if (status != STATUS_OK) {
            return status;
        }
        message.job_state.character_name = slice_make(memo->name, memo->name_size);
        message.job_state.display_id = display_id(memo->display_id);
    }
    bool has_more = (value->head.flags & JOB_FLAG_INPUT) != 0 ||
                    (memo->names_asked && value->head.kind == JOB_KIND_CHARACTER);
    return has_more ? write_with_input(view, &message, memo->names_asked, out)
                    : frame_write(out, &message);
}

enum status query_tombstone(struct view *view, const struct id *job, struct buffer *buffer,
                            struct tombstone_value *out)
{
    uint8_t key[KEY_BYTES_MAX];
    enum status status = view->methods->get(view, key_tombstone(key, job), buffer);
    if (status != STATUS_OK) {
        return status;
    }
    return tombstone_value_read(buffer_slice(buffer), out);
}

/* There is no such job, or no longer. */
static enum status write_absent(struct view *view, const struct message_get_job *request,
                                struct buffer *buffer, struct frame_writer *out)
{
    struct tombstone_value tombstone;
    struct message message = {
        .type = MESSAGE_TYPE_JOB_STATE,
        .job_state = {.request = request->request,
                      .code = REPLY_CODE_NOT_FOUND,
                      .job = request->job},
    };
    enum status status = query_tombstone(view, &request->job, buffer, &tombstone);
    if (status == STATUS_OK) {
        message.job_state.code = REPLY_CODE_EXPIRED;
        message.job_state.owner = tombstone.owner;
        message.job_state.kind = tombstone.kind;
        message.job_state.state = tombstone.state;
    }
    bool good = status == STATUS_OK || status == STATUS_NOT_FOUND;
    return good ? frame_write(out, &message) : status;
}

enum status query_job(struct view *view, const struct message_get_job *request,
                      const struct retention *retention, struct frame_writer *out)
{
    struct buffer buffer;
    struct job_value value;
    struct character_memo memo;
    buffer_init(&buffer, VALUE_SIZE_MAX);
    character_memo_init(&memo);
    enum status status = query_record(view, &request->job, &buffer, &value);
    if (status == STATUS_OK) {
        status = job_state_write(view, &value, request->request, retention, &memo, out);
    } else if (status == STATUS_NOT_FOUND) {
        status = write_absent(view, request, &buffer, out);
    }
    character_memo_fini(&memo);
    buffer_fini(&buffer);
    return status;
}
