#include "gateway/body.h"

#include <assert.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include "gateway/limits.h"

/* Whether no more than BODY_DEPTH_MAX brackets are open anywhere; *offset is the first too many.
 * Text that is not JSON is judged as well as it can be: the parser refuses it afterwards. */
static bool depth_is_allowed(struct slice bytes, size_t *offset)
{
    size_t depth = 0;
    bool inside_text = false;
    for (size_t index = 0; index < bytes.size; index++) {
        uint8_t byte = bytes.data[index];
        if (inside_text) {
            if (byte == '\\') {
                index++;
            }
            inside_text = byte != '"';
        } else if (byte == '"') {
            inside_text = true;
        } else if (byte == '{' || byte == '[') {
            depth++;
            if (depth > BODY_DEPTH_MAX) {
                *offset = index;
                return false;
            }
        } else if ((byte == '}' || byte == ']') && depth > 0) {
            depth--;
        }
    }
    return true;
}

enum status body_parse(struct slice bytes, struct body **out, char error[BODY_ERROR_SIZE])
{
    size_t offset = 0;
    *out = NULL;
    if (!depth_is_allowed(bytes, &offset)) {
        snprintf(error, BODY_ERROR_SIZE, "is nested deeper than %d levels at byte %zu",
                 BODY_DEPTH_MAX, offset);
        return STATUS_MALFORMED;
    }
    json_error_t reason = {0}; /* jansson tells nothing where memory is short from the start */
    json_t *root =
        json_loadb((const char *)bytes.data, bytes.size, JSON_REJECT_DUPLICATES, &reason);
    if (root == NULL) {
        snprintf(error, BODY_ERROR_SIZE, "is not JSON: %.80s (line %d, column %d)", reason.text,
                 reason.line, reason.column);
        bool is_short =
            json_error_code(&reason) == json_error_out_of_memory || reason.text[0] == '\0';
        return is_short ? STATUS_NO_MEMORY : STATUS_MALFORMED;
    }
    if (!json_is_object(root)) {
        json_decref(root);
        snprintf(error, BODY_ERROR_SIZE, "must be a JSON object");
        return STATUS_MALFORMED;
    }
    *out = (struct body *)root;
    return STATUS_OK;
}

void body_destroy(struct body **body)
{
    json_decref((json_t *)*body);
    *body = NULL;
}

bool body_is_object(struct slice bytes)
{
    json_t *root = json_loadb((const char *)bytes.data, bytes.size, JSON_ALLOW_NUL, NULL);
    bool is_object = json_is_object(root);
    json_decref(root);
    return is_object;
}

static struct json_value value_of(const json_t *node)
{
    struct json_value value = {.kind = JSON_KIND_ABSENT, .node = node};
    if (node == NULL) {
        return value;
    }
    switch (json_typeof(node)) {
    case JSON_NULL:
        value.kind = JSON_KIND_NULL;
        break;
    case JSON_STRING:
        value.kind = JSON_KIND_TEXT;
        value.text = slice_make(json_string_value(node), json_string_length(node));
        break;
    case JSON_INTEGER:
        value.kind = JSON_KIND_INTEGER;
        value.integer = json_integer_value(node);
        break;
    case JSON_REAL:
        value.kind = JSON_KIND_FRACTION;
        break;
    case JSON_TRUE:
    case JSON_FALSE:
        value.kind = JSON_KIND_BOOLEAN;
        value.integer = json_is_true(node);
        break;
    case JSON_OBJECT:
        value.kind = JSON_KIND_OBJECT;
        break;
    case JSON_ARRAY:
        value.kind = JSON_KIND_LIST;
        value.count = json_array_size(node);
        break;
    }
    return value;
}

struct json_value body_member(const struct body *body, const char *name)
{
    return value_of(json_object_get((const json_t *)body, name));
}

const struct body *body_object(const struct json_value *object)
{
    assert(object->kind == JSON_KIND_OBJECT);
    return object->node;
}

static int append_text(const char *text, size_t size, void *data)
{
    return buffer_append(data, text, size) == STATUS_OK ? 0 : -1;
}

enum status body_write_without(const struct body *body, const char *const *names,
                               struct buffer *out)
{
    size_t before = out->size;
    /* A copy of the object itself only: its members are shared. */
    json_t *copy = json_copy((json_t *)body);
    if (copy == NULL) {
        return STATUS_NO_MEMORY;
    }
    for (size_t index = 0; names[index] != NULL; index++) {
        json_object_del(copy, names[index]);
    }
    bool whole = json_dump_callback(copy, append_text, out, JSON_COMPACT) == 0;
    json_decref(copy);
    if (!whole) {
        out->size = before;
    }
    return whole ? STATUS_OK : STATUS_TOO_LARGE;
}

const char *body_stranger(const struct body *body, const char *const *known)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)body, name, value)
    {
        size_t index = 0;
        while (known[index] != NULL && strcmp(known[index], name) != 0) {
            index++;
        }
        if (known[index] == NULL) {
            return name;
        }
    }
    return NULL;
}

struct json_value body_item(const struct json_value *list, size_t index)
{
    assert(list->kind == JSON_KIND_LIST);
    return value_of(json_array_get(list->node, index));
}
