#include "broker/query.h"

#include <assert.h>
#include "broker/keys.h"
#include "broker/query_job.h"

static enum status find_key(struct view *view, const struct message_submit *submit, int64_t now,
                            struct buffer *buffer, struct facts *out)
{
    uint8_t key[KEY_BYTES_MAX];
    struct key_value value;
    if (submit->key.size == 0) {
        return STATUS_OK;
    }
    enum status status =
        view->methods->get(view, key_idempotency(key, submit->owner, submit->key), buffer);
    if (status != STATUS_OK) {
        return status == STATUS_NOT_FOUND ? STATUS_OK : status;
    }
    if (key_value_read(buffer_slice(buffer), &value) != STATUS_OK) {
        return STATUS_IO;
    }
    out->key_found = now - value.time_ms < KEY_LIFE_MS;
    out->key_job = value.job;
    memcpy(out->key_hash, value.hash, HASH_SIZE);
    return STATUS_OK;
}

static enum status find_job(struct view *view, const struct id *job, struct slice owner, bool admin,
                            struct buffer *buffer, struct facts *out)
{
    struct job_value value;
    enum status status = query_record(view, job, buffer, &value);
    if (status != STATUS_OK) {
        return status == STATUS_NOT_FOUND ? STATUS_OK : status;
    }
    out->job_found = admin || slice_equal(value.owner, owner);
    out->job_state = value.head.state;
    out->job_version = value.head.version;
    return STATUS_OK;
}

/* Says whether the entry is the owner's and suits: a character, or an image of *parent. */
static enum status find_document(struct view *view, const struct id *id, const struct id *parent,
                                 struct slice owner, struct buffer *buffer, enum fact_owned *out)
{
    uint8_t key[KEY_BYTES_MAX];
    struct document_value document;
    enum status status = view->methods->get(view, key_document(key, id), buffer);
    *out = FACT_UNKNOWN;
    if (status != STATUS_OK) {
        return status == STATUS_NOT_FOUND ? STATUS_OK : status;
    }
    if (document_value_read(buffer_slice(buffer), &document) != STATUS_OK) {
        return STATUS_IO;
    }
    bool is_character = document.type == DOCUMENT_TYPE_CHARACTER;
    if (!slice_equal(document.owner, owner) || is_character != (parent == NULL)) {
        return STATUS_OK;
    }
    bool suits = parent == NULL ||
                 (document.type == DOCUMENT_TYPE_IMAGE && id_equal(&document.parent, parent));
    *out = suits ? FACT_OWNED : FACT_UNSUITABLE;
    return STATUS_OK;
}

static enum status submit_facts(struct view *view, const struct message_submit *submit, int64_t now,
                                struct buffer *buffer, struct facts *out)
{
    enum status status = find_key(view, submit, now, buffer, out);
    if (status == STATUS_OK) {
        status = find_job(view, &submit->job, submit->owner, false, buffer, out);
    }
    if (status == STATUS_OK && submit->kind != JOB_KIND_CHARACTER) {
        status =
            find_document(view, &submit->character, NULL, submit->owner, buffer, &out->character);
    }
    if (status == STATUS_OK && submit->kind == JOB_KIND_VIDEO) {
        status = find_document(view, &submit->source, &submit->character, submit->owner, buffer,
                               &out->source);
    }
    return status;
}

enum status query_facts(struct view *view, const struct message *request, int64_t now,
                        struct facts *out)
{
    struct buffer buffer;
    enum status status;
    assert(request->type == MESSAGE_TYPE_SUBMIT || request->type == MESSAGE_TYPE_CANCEL_JOB);
    *out = (struct facts){.commit = view->commit};
    buffer_init(&buffer, VALUE_SIZE_MAX);
    if (request->type == MESSAGE_TYPE_SUBMIT) {
        status = submit_facts(view, &request->submit, now, &buffer, out);
    } else {
        const struct message_cancel_job *cancel = &request->cancel_job;
        status = find_job(view, &cancel->job, cancel->owner, cancel->admin, &buffer, out);
    }
    buffer_fini(&buffer);
    return status;
}
