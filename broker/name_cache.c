#include "broker/name_cache.h"

#include "broker/character_name.h"
#include "broker/keys.h"
#include "broker/values.h"

static enum status look_up(struct view *view, const struct id *character, struct buffer *buffer,
                           struct known_name *out)
{
    uint8_t key[KEY_BYTES_MAX];
    struct document_value document;
    enum status status = view->methods->get(view, key_document(key, character), buffer);
    if (status == STATUS_NOT_FOUND) {
        out->size = 0;
        return STATUS_OK;
    }
    if (status == STATUS_OK) {
        status = document_value_read(buffer_slice(buffer), &document);
    }
    if (status == STATUS_OK) {
        out->size = (uint32_t)character_name(document.json, out->text).size;
    }
    return status;
}

enum status name_cache_find(struct name_cache *cache, struct view *view, const struct id *character,
                            struct buffer *buffer, struct slice *out)
{
    /* The last byte of a UUID is as good as random. */
    struct known_name *place = &cache->names[character->bytes[ID_SIZE - 1] % NAME_CACHE_SIZE];
    enum status status = STATUS_OK;
    if (!place->known || !id_equal(&place->character, character)) {
        status = look_up(view, character, buffer, place);
        place->known = status == STATUS_OK;
        place->character = *character;
    }
    *out = status == STATUS_OK ? slice_make(place->text, place->size) : SLICE_EMPTY;
    return status;
}
