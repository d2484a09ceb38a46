#include "broker/query.h"

#include <assert.h>
#include "broker/core/kinds.h"
#include "broker/keys.h"
#include "broker/query_job.h"
#include "broker/query_webhook.h"

/* A damaged key counts as unused: what it was used for nobody can say, and the request that comes
 * with it would be refused for ever. Once accepted, that takes its place. */
static enum status pass_over_key(const struct view *view, enum status status)
{
    if (status == STATUS_MALFORMED) {
        view_note_key(view);
    }
    return query_is_damage(status) ? STATUS_OK : status;
}

static enum status find_key(struct view *view, struct slice owner, struct slice name, int64_t now,
                            struct buffer *buffer, struct facts *out)
{
    uint8_t key[KEY_BYTES_MAX];
    struct key_value value;
    if (name.size == 0) {
        return STATUS_OK;
    }
    enum status status = view->methods->get(view, key_idempotency(key, owner, name), buffer);
    if (status == STATUS_OK) {
        status = key_value_read(buffer_slice(buffer), &value);
    }
    if (status != STATUS_OK) {
        return pass_over_key(view, status);
    }
    out->key_found = now - value.time_ms < KEY_LIFE_MS;
    out->key_job = value.job;
    memcpy(out->key_hash, value.hash, HASH_SIZE);
    return STATUS_OK;
}

/* Who has the dedupe key: nobody when the store has nothing of that job any more. */
static enum status find_holder(struct view *view, const struct message_submit *submit,
                               struct buffer *buffer, struct holder_facts *out)
{
    uint8_t key[KEY_BYTES_MAX];
    struct dedupe_value value;
    struct job_value job;
    if (submit->dedupe_key.size == 0) {
        return STATUS_OK;
    }
    struct slice name = key_dedupe(key, submit->owner, submit->kind, submit->dedupe_key);
    enum status status = view->methods->get(view, name, buffer);
    if (status == STATUS_OK) {
        status = dedupe_value_read(buffer_slice(buffer), &value);
    }
    if (status != STATUS_OK) {
        return pass_over_key(view, status);
    }
    status = query_record(view, &value.job, buffer, &job);
    if (status == STATUS_MALFORMED) {
        view_note_record(view, &value.job);
        *out = (struct holder_facts){.found = true, .job = value.job}; /* while it lives */
    }
    if (status != STATUS_OK) {
        return query_is_damage(status) ? STATUS_OK : status;
    }
    *out = (struct holder_facts){.found = true,
                                 .job = value.job,
                                 .at = value.time_ms,
                                 .ttl_ms = value.ttl_ms,
                                 .state = job.head.state,
                                 .version = job.head.version};
    return STATUS_OK;
}

static enum status find_tombstone(struct view *view, const struct id *job, struct slice owner,
                                  bool admin, struct buffer *buffer, struct facts *out)
{
    struct tombstone_value value;
    enum status status = query_tombstone(view, job, buffer, &value);
    if (status != STATUS_OK) {
        return status == STATUS_NOT_FOUND ? STATUS_OK : status;
    }
    out->job_expired = admin || slice_equal(value.owner, owner);
    out->head.state = value.state;
    out->head.version = value.version;
    return STATUS_OK;
}

static enum status find_job(struct view *view, const struct id *job, struct slice owner, bool admin,
                            struct buffer *buffer, struct facts *out)
{
    struct job_value value;
    enum status status = query_record(view, job, buffer, &value);
    if (status == STATUS_NOT_FOUND) {
        return find_tombstone(view, job, owner, admin, buffer, out);
    }
    if (status != STATUS_OK) {
        return status;
    }
    out->job_found = admin || slice_equal(value.owner, owner);
    out->head = value.head;
    out->is_linked = value.is_linked;
    out->links = value.links;
    out->owner_size = (uint8_t)value.owner.size;
    memcpy(out->owner, value.owner.data, value.owner.size);
    return STATUS_OK;
}

static enum status find_group(struct view *view, const struct id *group, struct slice owner,
                              bool admin, struct buffer *buffer, struct facts *out)
{
    struct group_value value;
    enum status status = query_group_record(view, group, buffer, &value);
    if (status != STATUS_OK) {
        return status == STATUS_NOT_FOUND ? STATUS_OK : status;
    }
    out->group_found = admin || slice_equal(value.owner, owner);
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
        return STATUS_MALFORMED;
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

/* What a job is made from. */
static enum status find_documents(struct view *view, const struct message_submit *submit,
                                  struct buffer *buffer, enum fact_owned *character,
                                  enum fact_owned *source)
{
    enum status status = STATUS_OK;
    if (kind_needs_character(submit->kind)) {
        status = find_document(view, &submit->character, NULL, submit->owner, buffer, character);
    }
    if (status == STATUS_OK && submit->kind == JOB_KIND_VIDEO) {
        status =
            find_document(view, &submit->source, &submit->character, submit->owner, buffer, source);
    }
    return status;
}

static enum status submit_facts(struct view *view, const struct message_submit *submit, int64_t now,
                                struct buffer *buffer, struct facts *out)
{
    enum status status = find_key(view, submit->owner, submit->key, now, buffer, out);
    if (status == STATUS_OK) {
        status = find_holder(view, submit, buffer, &out->holder);
    }
    if (status == STATUS_OK) {
        status = find_job(view, &submit->job, submit->owner, false, buffer, out);
    }
    if (status == STATUS_OK) {
        status = find_documents(view, submit, buffer, &out->character, &out->source);
    }
    return status;
}

/* Whether a delivery reports an event of the job. */
static enum status find_report(struct view *view, const struct message_retry_job *retry,
                               struct buffer *buffer, bool *out)
{
    struct message_event event;
    struct slice payload;
    enum status status = query_report(view, &retry->job, buffer, &payload, &event);
    *out = status == STATUS_OK && id_equal(&event.job, &retry->reporter);
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

static enum status retry_facts(struct view *view, const struct message_retry_job *retry,
                               int64_t now, struct buffer *buffer, struct facts *out)
{
    enum status status = find_key(view, retry->owner, retry->key, now, buffer, out);
    if (status == STATUS_OK) {
        status = find_job(view, &retry->job, retry->owner, retry->admin, buffer, out);
    }
    bool is_delivery = out->job_found && out->head.kind == JOB_KIND_WEBHOOK;
    if (status == STATUS_OK && is_delivery && !id_is_zero(&retry->reporter)) {
        status = find_report(view, retry, buffer, &out->is_reported);
    }
    if (status != STATUS_OK || !out->job_found) {
        return status;
    }
    const struct message_submit again = {.kind = out->head.kind,
                                         .owner = slice_make(out->owner, out->owner_size),
                                         .character = out->head.character,
                                         .source = out->head.source};
    return find_documents(view, &again, buffer, &out->character, &out->source);
}

enum status query_group_facts(struct view *view, const struct message_submit_group *group,
                              const struct message_submit *items, int64_t now, struct facts *out,
                              struct item_facts *item_facts)
{
    struct buffer buffer;
    *out = (struct facts){.commit = view->commit, .items = item_facts};
    buffer_init(&buffer, VALUE_SIZE_MAX);
    enum status status = find_key(view, group->owner, group->key, now, &buffer, out);
    if (status == STATUS_OK) {
        status = find_group(view, &group->group, group->owner, false, &buffer, out);
    }
    for (uint32_t index = 0; index < group->count && status == STATUS_OK; index++) {
        enum fact_owned character = FACT_UNKNOWN;
        enum fact_owned source = FACT_UNKNOWN;
        status = find_documents(view, &items[index], &buffer, &character, &source);
        item_facts[index] = (struct item_facts){(uint8_t)character, (uint8_t)source};
    }
    buffer_fini(&buffer);
    return status;
}

static enum status delete_facts(struct view *view, const struct message_delete_document *request,
                                struct buffer *buffer, struct document_facts *out)
{
    struct document_value document;
    enum status status = query_stored_document(view, &request->id, buffer, &document);
    if (status != STATUS_OK) {
        return status == STATUS_NOT_FOUND ? STATUS_OK : status;
    }
    bool of_character = id_is_zero(&request->character);
    bool suits = of_character ? document.type == DOCUMENT_TYPE_CHARACTER
                              : document.type != DOCUMENT_TYPE_CHARACTER &&
                                    id_equal(&document.parent, &request->character);
    out->found = suits && (request->admin || slice_equal(document.owner, request->owner));
    out->type = document.type;
    out->character = document.parent;
    out->portrait = document.portrait;
    out->number = document.number;
    out->owner_size = (uint8_t)document.owner.size;
    memcpy(out->owner, document.owner.data, document.owner.size);
    out->url_size = (uint16_t)document.url.size;
    memcpy(out->url, document.url.data, document.url.size);
    return STATUS_OK;
}

enum status query_change_facts(struct view *view, const struct message_change_job *change,
                               struct sweep *sweep, struct facts *out)
{
    struct buffer buffer;
    *out = (struct facts){.commit = view->commit};
    buffer_init(&buffer, VALUE_SIZE_MAX);
    enum status status = find_job(view, &change->job, change->user, true, &buffer, out);
    buffer_fini(&buffer);
    if (status == STATUS_OK && out->job_found && change->action == JOB_ACTION_REMOVE &&
        job_state_is_terminal((enum job_state)out->head.state)) {
        status = query_swept(view, &out->head, sweep, &out->swept);
    }
    return status;
}

enum status query_facts(struct view *view, const struct message *request, int64_t now,
                        struct facts *out)
{
    struct buffer buffer;
    enum status status;
    *out = (struct facts){.commit = view->commit};
    buffer_init(&buffer, VALUE_SIZE_MAX);
    if (request->type == MESSAGE_TYPE_SUBMIT) {
        status = submit_facts(view, &request->submit, now, &buffer, out);
    } else if (request->type == MESSAGE_TYPE_CANCEL_GROUP) {
        const struct message_cancel_group *cancel = &request->cancel_group;
        status = find_group(view, &cancel->group, cancel->owner, cancel->admin, &buffer, out);
    } else if (request->type == MESSAGE_TYPE_RETRY_JOB) {
        status = retry_facts(view, &request->retry_job, now, &buffer, out);
    } else if (request->type == MESSAGE_TYPE_PUT_ENDPOINT) {
        const struct message_put_endpoint *put = &request->put_endpoint;
        status = find_key(view, put->owner, put->key, now, &buffer, out);
    } else if (request->type == MESSAGE_TYPE_START_BULK) {
        const struct message_start_bulk *start = &request->start_bulk;
        status = find_key(view, start->user, start->key, now, &buffer, out);
    } else if (request->type == MESSAGE_TYPE_DELETE_DOCUMENT) {
        status = delete_facts(view, &request->delete_document, &buffer, &out->document);
    } else {
        assert(request->type == MESSAGE_TYPE_CANCEL_JOB);
        const struct message_cancel_job *cancel = &request->cancel_job;
        status = find_job(view, &cancel->job, cancel->owner, cancel->admin, &buffer, out);
    }
    buffer_fini(&buffer);
    return status;
}
