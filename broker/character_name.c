#include "broker/character_name.h"

#include <jansson.h>

/* The longest part of the text that fits and does not end inside a character of UTF-8. */
static size_t cut(const char *text, size_t size)
{
    if (size <= NAME_SIZE_MAX) {
        return size;
    }
    size = NAME_SIZE_MAX;
    while (size > 0 && ((uint8_t)text[size] & 0xc0) == 0x80) {
        size--;
    }
    return size;
}

struct slice character_name(struct slice document, uint8_t out[NAME_SIZE_MAX])
{
    struct slice name = SLICE_EMPTY;
    json_t *root = json_loadb((const char *)document.data, document.size, 0, NULL);
    const json_t *value = json_object_get(root, "name");
    if (json_is_string(value)) {
        const char *text = json_string_value(value);
        name = slice_make(out, cut(text, json_string_length(value)));
        memcpy(out, text, name.size);
    }
    json_decref(root);
    return name;
}
