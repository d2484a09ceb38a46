#include "cli/document.h"

#include <jansson.h>
#include <stdlib.h>
#include "cli/terminal_text.h"

enum {
    PATH_PART_MAX = 64, /* bytes of one name in a path */
};

struct document {
    json_t *root;
};

static const json_t *find(const struct document *document, const char *path)
{
    const json_t *value = document->root;
    while (*path != '\0' && value != NULL) {
        char part[PATH_PART_MAX];
        size_t size = strcspn(path, ".");
        if (size >= sizeof part) {
            return NULL;
        }
        memcpy(part, path, size);
        part[size] = '\0';
        value = json_is_array(value) ? json_array_get(value, strtoul(part, NULL, 10))
                                     : json_object_get(value, part);
        path += path[size] == '.' ? size + 1 : size;
    }
    return value;
}

enum status document_parse(struct slice text, struct document **out)
{
    json_error_t error;
    struct document *document = calloc(1, sizeof *document);
    if (document == NULL) {
        return STATUS_NO_MEMORY;
    }
    document->root = json_loadb((const char *)text.data, text.size, JSON_DECODE_ANY, &error);
    if (document->root == NULL) {
        free(document);
        return STATUS_MALFORMED;
    }
    *out = document;
    return STATUS_OK;
}

void document_destroy(struct document **document)
{
    if (*document == NULL) {
        return;
    }
    json_decref((*document)->root);
    free(*document);
    *document = NULL;
}

enum status document_copy(const struct document *document, const char *path, struct document **out)
{
    const json_t *value = find(document, path);
    if (value == NULL) {
        return STATUS_NOT_FOUND;
    }
    struct document *copy = calloc(1, sizeof *copy);
    json_t *root = json_deep_copy(value);
    if (copy == NULL || root == NULL) {
        json_decref(root);
        free(copy);
        return STATUS_NO_MEMORY;
    }
    copy->root = root;
    *out = copy;
    return STATUS_OK;
}

enum status document_put(struct document *document, const char *name, const struct document *from,
                         const char *path)
{
    const json_t *value = find(from, path);
    if (value == NULL) {
        return STATUS_NOT_FOUND;
    }
    bool is_put = json_object_set_new(document->root, name, json_deep_copy(value)) == 0;
    return is_put ? STATUS_OK : STATUS_NO_MEMORY;
}

void document_drop(struct document *document, const char *name)
{
    json_object_del(document->root, name);
}

bool document_has(const struct document *document, const char *path)
{
    const json_t *value = find(document, path);
    return value != NULL && !json_is_null(value);
}

const char *document_text(const struct document *document, const char *path, const char *otherwise)
{
    const json_t *value = find(document, path);
    return json_is_string(value) ? json_string_value(value) : otherwise;
}

int64_t document_integer(const struct document *document, const char *path, int64_t otherwise)
{
    const json_t *value = find(document, path);
    return json_is_integer(value) ? (int64_t)json_integer_value(value) : otherwise;
}

bool document_flag(const struct document *document, const char *path, bool otherwise)
{
    const json_t *value = find(document, path);
    return json_is_boolean(value) ? json_is_true(value) : otherwise;
}

bool document_money(const struct document *document, const char *path, uint64_t *out)
{
    const json_t *value = find(document, path);
    return json_is_number(value) && money_of_number(json_number_value(value), INT64_MAX, out);
}

size_t document_count(const struct document *document, const char *path)
{
    const json_t *value = find(document, path);
    return json_is_object(value) ? json_object_size(value) : json_array_size(value);
}

/* Gets whole characters: jansson divides no string but where it escapes. */
static int append(const char *bytes, size_t size, void *context)
{
    return terminal_json(slice_make(bytes, size), context) == STATUS_OK ? 0 : -1;
}

enum status document_write(const struct document *document, const char *path, bool indented,
                           struct buffer *out)
{
    const json_t *value = find(document, path);
    /* 15 digits say again what was read, and no more: 0.801, not 0.80100000000000005. */
    size_t flags =
        JSON_ENCODE_ANY | JSON_REAL_PRECISION(15) | (indented ? JSON_INDENT(2) : JSON_COMPACT);
    if (value == NULL) {
        return buffer_append(out, "null", 4);
    }
    return json_dump_callback(value, append, out, flags) == 0 ? STATUS_OK : STATUS_TOO_LARGE;
}
