#include "actors/studio/json_input.h"

/* Counts brackets outside strings; the parser itself would recurse. */
static bool depth_is_bounded(struct slice text)
{
    int depth = 0;
    bool quoted = false;
    for (size_t index = 0; index < text.size; index++) {
        uint8_t byte = text.data[index];
        if (quoted) {
            if (byte == '\\') {
                index++;
            } else if (byte == '"') {
                quoted = false;
            }
        } else if (byte == '"') {
            quoted = true;
        } else if (byte == '{' || byte == '[') {
            if (++depth > JSON_INPUT_DEPTH_MAX) {
                return false;
            }
        } else if (byte == '}' || byte == ']') {
            depth--;
        }
    }
    return true;
}

enum status json_input_parse(struct slice text, json_t **out)
{
    *out = NULL;
    if (text.size == 0 || !depth_is_bounded(text)) {
        return STATUS_MALFORMED;
    }
    *out = json_loadb((const char *)text.data, text.size, JSON_REJECT_DUPLICATES, NULL);
    return *out == NULL ? STATUS_MALFORMED : STATUS_OK;
}

struct slice json_input_text(const json_t *object, const char *member)
{
    const json_t *value = json_object_get(object, member);
    return json_is_string(value) ? slice_make(json_string_value(value), json_string_length(value))
                                 : SLICE_EMPTY;
}
