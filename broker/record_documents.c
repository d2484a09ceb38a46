#include "broker/record_documents.h"

#include "broker/keys.h"
#include "broker/values.h"

/* ---- what jobs made ---- */

static enum status put_document(struct batch *batch, struct buffer *value, const struct id *id,
                                const struct document_value *document)
{
    uint8_t key[KEY_BYTES_MAX];
    buffer_clear(value);
    enum status status = document_value_write(value, document);
    return status == STATUS_OK ? batch_put(batch, key_document(key, id), buffer_slice(value))
                               : status;
}

/* Puts a document's place in a list. */
static enum status put_place(struct batch *batch, struct buffer *value, struct slice place,
                             uint8_t type)
{
    buffer_clear(value);
    enum status status = index_value_write(value, type);
    return status == STATUS_OK ? batch_put(batch, place, buffer_slice(value)) : status;
}

static enum status put_character(struct turn *turn, struct batch *batch, struct buffer *value,
                                 const struct effect *effect)
{
    uint8_t key[KEY_BYTES_MAX];
    const struct job *job = effect->job;
    struct document_value character = {.type = DOCUMENT_TYPE_CHARACTER,
                                       .owner = effect->owner,
                                       .number = effect->number,
                                       .json = effect->document};
    memcpy(character.display_id, job->display_id, sizeof character.display_id);
    if (effect->media.size > 0) {
        character.portrait = job->media;
    }
    enum status status = turn_count(turn, effect->owner, JOB_KIND_CHARACTER, TOTAL_CHARACTERS, 1);
    if (status == STATUS_OK) {
        status = put_place(batch, value,
                           key_character(key, effect->owner, effect->number, &job->character),
                           character.type);
    }
    return status == STATUS_OK ? put_document(batch, value, &job->character, &character) : status;
}

static enum status put_media(struct batch *batch, struct buffer *value, const struct effect *effect,
                             struct slice json)
{
    const struct job *job = effect->job;
    const struct document_value media = {
        .type = job->kind == JOB_KIND_VIDEO ? DOCUMENT_TYPE_VIDEO : DOCUMENT_TYPE_IMAGE,
        .owner = effect->owner,
        .parent = job->character,
        .number = effect->number,
        .url = effect->url,
        .json = json,
    };
    return put_document(batch, value, &job->media, &media);
}

/* A media entry that is no portrait, with its place in its character's list. */
static enum status put_listed_media(struct batch *batch, struct buffer *value,
                                    const struct effect *effect)
{
    uint8_t key[KEY_BYTES_MAX];
    const struct job *job = effect->job;
    uint8_t type = job->kind == JOB_KIND_VIDEO ? DOCUMENT_TYPE_VIDEO : DOCUMENT_TYPE_IMAGE;
    enum status status = batch_add(batch, key_media_total(key, &job->character, type), 1);
    if (status == STATUS_OK) {
        status = put_place(batch, value,
                           key_media(key, &job->character, effect->number, &job->media), type);
    }
    return status == STATUS_OK ? put_media(batch, value, effect, effect->document) : status;
}

enum status record_documents(struct turn *turn, struct batch *batch, struct buffer *value,
                             const struct effect *effect)
{
    if (effect->job->kind != JOB_KIND_CHARACTER) {
        return put_listed_media(batch, value, effect);
    }
    enum status status = put_character(turn, batch, value, effect);
    if (status == STATUS_OK && effect->media.size > 0) {
        status = put_media(batch, value, effect, effect->media);
    }
    return status;
}

/* ---- deletions ---- */

enum status record_gone(struct batch *batch, struct buffer *value, const struct id *character,
                        int64_t now)
{
    uint8_t key[KEY_BYTES_MAX];
    buffer_clear(value);
    enum status status = time_value_write(value, now);
    return status == STATUS_OK ? batch_put(batch, key_gone(key, character), buffer_slice(value))
                               : status;
}

/* A character's portrait, and its place in its owner's list. */
static enum status delete_character(struct turn *turn, struct batch *batch,
                                    const struct effect *effect)
{
    uint8_t key[KEY_BYTES_MAX];
    struct slice owner = document_facts_owner(effect->deleted);
    enum status status =
        batch_delete(batch, key_character(key, owner, effect->deleted->number, &effect->id));
    if (status == STATUS_OK && !id_is_zero(&effect->deleted->portrait)) {
        status = batch_delete(batch, key_document(key, &effect->deleted->portrait));
    }
    return status == STATUS_OK ? turn_count(turn, owner, JOB_KIND_CHARACTER, TOTAL_CHARACTERS, -1)
                               : status;
}

/* A media entry's place in its character's list; a portrait, which has none, is counted all the
 * same (keys.h). */
static enum status delete_media(struct batch *batch, const struct effect *effect)
{
    uint8_t key[KEY_BYTES_MAX];
    const struct document_facts *document = effect->deleted;
    enum status status =
        batch_delete(batch, key_media(key, &document->character, document->number, &effect->id));
    return status == STATUS_OK
               ? batch_add(batch, key_media_total(key, &document->character, document->type), -1)
               : status;
}

/* Marks a character whose media entries are to be removed. */
static enum status mark_leftovers(struct batch *batch, struct buffer *value,
                                  const struct id *character)
{
    uint8_t key[KEY_BYTES_MAX];
    buffer_clear(value);
    enum status status = plain_value_write(value, SLICE_EMPTY);
    return status == STATUS_OK
               ? batch_put(batch, key_leftovers(key, character), buffer_slice(value))
               : status;
}

/* Remembers the assets. */
static enum status mark_removal(struct batch *batch, struct buffer *value,
                                const struct effect *effect, int64_t now)
{
    uint8_t key[KEY_BYTES_MAX];
    bool of_character = effect->deleted->type == DOCUMENT_TYPE_CHARACTER;
    const struct removal_value removal = {
        .character = of_character ? effect->id : effect->deleted->character,
        .time_ms = now,
        .url = of_character ? SLICE_EMPTY : document_facts_url(effect->deleted)};
    if (!of_character && removal.url.size == 0) {
        return STATUS_OK;
    }
    buffer_clear(value);
    enum status status = removal_value_write(value, &removal);
    return status == STATUS_OK
               ? batch_put(batch, key_removal(key, &effect->id), buffer_slice(value))
               : status;
}

enum status record_delete(struct turn *turn, struct batch *batch, struct buffer *value,
                          const struct effect *effect, int64_t now)
{
    uint8_t key[KEY_BYTES_MAX];
    bool of_character = effect->deleted->type == DOCUMENT_TYPE_CHARACTER;
    enum status status = batch_delete(batch, key_document(key, &effect->id));
    if (status == STATUS_OK) {
        status = of_character ? delete_character(turn, batch, effect) : delete_media(batch, effect);
    }
    if (status == STATUS_OK && of_character) {
        status = mark_leftovers(batch, value, &effect->id);
    }
    if (status == STATUS_OK && of_character) {
        status = record_gone(batch, value, &effect->id, now);
    }
    return status == STATUS_OK ? mark_removal(batch, value, effect, now) : status;
}

enum status record_removed(struct batch *batch, struct slice ids)
{
    uint8_t key[KEY_BYTES_MAX];
    struct id id;
    enum status status = STATUS_OK;
    for (size_t offset = 0; offset + ID_SIZE <= ids.size && status == STATUS_OK;
         offset += ID_SIZE) {
        memcpy(id.bytes, ids.data + offset, ID_SIZE);
        status = batch_delete(batch, key_removal(key, &id));
    }
    return status;
}
