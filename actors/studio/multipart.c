#include <strings.h>

#include "actors/studio/multipart.h"

static struct slice slice_from(struct slice text, size_t at)
{
    return slice_make(text.data + at, text.size - at);
}

/* The offset of needle in text, or text.size. */
static size_t find(struct slice text, struct slice needle)
{
    const uint8_t *at =
        needle.size > text.size ? NULL : memmem(text.data, text.size, needle.data, needle.size);
    return at == NULL ? text.size : (size_t)(at - text.data);
}

static bool starts_with(struct slice text, const char *word)
{
    size_t size = strlen(word);
    return text.size >= size && strncasecmp((const char *)text.data, word, size) == 0;
}

static bool is_separator(uint8_t byte)
{
    return byte == ';' || byte == ' ' || byte == '\t';
}

/* The value of a parameter like name="x" or boundary=x, wherever it stands after a separator. */
static struct slice parameter(struct slice header, const char *name)
{
    size_t name_size = strlen(name);
    for (size_t at = 1; at + name_size + 1 < header.size; at++) {
        struct slice rest = slice_from(header, at);
        if (!is_separator(header.data[at - 1]) || !starts_with(rest, name) ||
            rest.data[name_size] != '=') {
            continue;
        }
        rest = slice_from(rest, name_size + 1);
        bool quoted = rest.data[0] == '"';
        rest = quoted ? slice_from(rest, 1) : rest;
        size_t size = 0;
        while (size < rest.size &&
               (quoted ? rest.data[size] != '"' : !is_separator(rest.data[size]))) {
            size++;
        }
        return slice_make(rest.data, size);
    }
    return SLICE_EMPTY;
}

static struct slice line_of(struct slice headers, const char *name)
{
    while (headers.size > 0) {
        size_t size = find(headers, SLICE_LITERAL("\r\n"));
        struct slice line = slice_make(headers.data, size);
        if (starts_with(line, name)) {
            return line;
        }
        headers = slice_from(headers, size + 2 > headers.size ? headers.size : size + 2);
    }
    return SLICE_EMPTY;
}

/* Walks the parts: body starts right after a delimiter. */
static enum status next_part(struct slice *body, struct slice delimiter, struct slice *headers,
                             struct slice *content)
{
    if (!starts_with(*body, "\r\n")) {
        return starts_with(*body, "--") ? STATUS_NOT_FOUND : STATUS_MALFORMED;
    }
    struct slice rest = slice_from(*body, 2);
    struct slice window = slice_make(
        rest.data, rest.size < MULTIPART_HEADER_SIZE_MAX ? rest.size : MULTIPART_HEADER_SIZE_MAX);
    size_t headers_size = find(window, SLICE_LITERAL("\r\n\r\n"));
    if (headers_size == window.size) {
        return STATUS_MALFORMED;
    }
    *headers = slice_make(rest.data, headers_size);
    rest = slice_from(rest, headers_size + 4);
    size_t content_size = find(rest, delimiter);
    if (content_size == rest.size) {
        return STATUS_MALFORMED;
    }
    *content = slice_make(rest.data, content_size);
    *body = slice_from(rest, content_size + delimiter.size);
    return STATUS_OK;
}

enum status multipart_find(struct slice content_type, struct slice body, const char *name,
                           struct multipart_part *out)
{
    struct slice boundary = parameter(content_type, "boundary");
    if (!starts_with(content_type, "multipart/form-data")) {
        return STATUS_UNSUPPORTED;
    }
    if (boundary.size == 0 || boundary.size > MULTIPART_BOUNDARY_SIZE_MAX) {
        return STATUS_MALFORMED;
    }
    uint8_t text[4 + MULTIPART_BOUNDARY_SIZE_MAX] = {'\r', '\n', '-', '-'};
    memcpy(text + 4, boundary.data, boundary.size);
    struct slice delimiter = slice_make(text, 4 + boundary.size);
    struct slice opening = slice_from(delimiter, 2); /* the first one needs no line end before it */
    size_t start = find(body, opening);
    if (start == body.size) {
        return STATUS_MALFORMED;
    }
    body = slice_from(body, start + opening.size);
    for (int part = 0; part < MULTIPART_PART_COUNT_MAX; part++) {
        struct slice headers;
        struct slice content;
        enum status status = next_part(&body, delimiter, &headers, &content);
        if (status != STATUS_OK) {
            return status;
        }
        struct slice disposition = line_of(headers, "content-disposition:");
        if (slice_equal(parameter(disposition, "name"), slice_from_string(name))) {
            *out = (struct multipart_part){content, parameter(disposition, "filename")};
            return STATUS_OK;
        }
    }
    return STATUS_NOT_FOUND;
}
