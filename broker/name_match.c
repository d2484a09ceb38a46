#include "broker/name_match.h"

#include "broker/character_name.h"
#include "broker/job_filter.h"
#include "broker/keys.h"
#include "broker/query_job.h"
#include "broker/values.h"

_Static_assert(NAME_PLACES <= 1 << 16, "two bytes of an id find a place");

/* Documents are long beside their names, and parsing costs as much as reading: one without the text
 * as it stands, and without escapes, has it nowhere. */
static bool may_have(struct slice json, struct slice text)
{
    return memchr(json.data, '\\', json.size) != NULL || filter_contains(json, text);
}

/* is_known: this is so for each job of the character. What one without a document was asked for
 * is told by some of them only. */
static enum status look_up(struct view *view, struct slice text, const struct job_value *job,
                           struct buffer *buffer, bool *out, bool *is_known)
{
    const struct id *character = &job->head.character;
    uint8_t key[KEY_BYTES_MAX];
    uint8_t name[NAME_SIZE_MAX];
    struct document_value document;
    enum status status = view->methods->get(view, key_document(key, character), buffer);
    *out = false;
    *is_known = true;
    if (status == STATUS_NOT_FOUND) {
        size_t size;
        status = query_name_asked(view, job, buffer, name, &size);
        *is_known = size > 0;
        *out = size > 0 && filter_contains(slice_make(name, size), text);
        return status;
    }
    if (status == STATUS_OK) {
        status = document_value_read(buffer_slice(buffer), &document);
    }
    if (status == STATUS_OK && document.json.size > 0 && may_have(document.json, text)) {
        *out = filter_contains(character_name(document.json, name), text);
    }
    return status;
}

enum status name_match_ask(struct name_match *match, struct view *view, struct slice text,
                           const struct job_value *job, struct buffer *buffer, bool *out)
{
    const struct id *character = &job->head.character;
    /* The end of a UUID is as good as random. */
    const uint8_t *end = character->bytes + ID_SIZE - 2;
    size_t place = (size_t)(end[0] << 8 | end[1]) % NAME_PLACES;
    bool is_known =
        match->places[place].known && id_equal(&match->places[place].character, character);
    enum status status = STATUS_OK;
    if (is_known) {
        *out = match->places[place].fits;
        return STATUS_OK;
    }
    status = look_up(view, text, job, buffer, out, &is_known);
    match->places[place].known = status == STATUS_OK && is_known;
    match->places[place].character = *character;
    match->places[place].fits = *out;
    return status;
}
