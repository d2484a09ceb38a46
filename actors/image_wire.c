#include "actors/image_wire.h"

#include <jansson.h>
#include <strings.h>
#include "base/encoding.h"
#include "base/json_writer.h"

enum status image_wire_request(const char *model, struct slice prompt, struct buffer *out)
{
    struct json_writer writer;
    json_writer_init(&writer, out);
    json_object_begin(&writer);
    json_member_text(&writer, "model", slice_from_string(model));
    json_member_text(&writer, "prompt", prompt);
    json_member_integer(&writer, "n", 1);
    json_member_text(&writer, "size", SLICE_LITERAL("1024x1024"));
    json_object_end(&writer);
    return json_writer_status(&writer);
}

static bool nonsense(const char *what, struct provider_failure *failure_out)
{
    provider_error_of_nonsense(what, failure_out);
    return false;
}

static bool is_data(const char *text)
{
    return strncasecmp(text, "data:", 5) == 0;
}

/* Bare, or as an address that holds what it is of (RFC 2397). */
static bool read_bytes(const char *text, struct buffer *out)
{
    static const char mark[] = ";base64,";
    if (is_data(text)) {
        const char *comma = strchr(text, ',');
        size_t size = comma == NULL ? 0 : (size_t)(comma + 1 - text);
        if (size < strlen(mark) ||
            strncasecmp(text + size - strlen(mark), mark, strlen(mark)) != 0) {
            return false;
        }
        text += size;
    }
    return decode_base64_lenient(slice_from_string(text), out) == STATUS_OK && out->size > 0;
}

static bool read_entry(json_t *entry, struct image_answer *out,
                       struct provider_failure *failure_out)
{
    const char *encoded = json_string_value(json_object_get(entry, "b64_json"));
    const char *url = json_string_value(json_object_get(entry, "url"));
    if ((encoded != NULL && read_bytes(encoded, &out->bytes)) ||
        (url != NULL && is_data(url) && read_bytes(url, &out->bytes))) {
        return true;
    }
    size_t size = url == NULL || is_data(url) ? 0 : strlen(url);
    if (size == 0) {
        return nonsense("the picture is not base64 or too large", failure_out);
    }
    if (size > HTTP_URL_SIZE_MAX) {
        return nonsense("the picture's address is too long", failure_out);
    }
    memcpy(out->url, url, size + 1);
    return true;
}

static bool holds_picture(json_t *entry)
{
    return json_string_length(json_object_get(entry, "b64_json")) > 0 ||
           json_string_length(json_object_get(entry, "url")) > 0;
}

bool image_wire_answer(struct slice body, const char *secret, struct image_answer *out,
                       struct provider_failure *failure_out)
{
    out->url[0] = '\0';
    buffer_init(&out->bytes, IMAGE_SIZE_MAX);
    json_t *root = json_loadb((const char *)body.data, body.size, 0, NULL);
    json_t *entry = json_array_get(json_object_get(root, "data"), 0);
    bool read = false;
    if (holds_picture(entry)) {
        read = read_entry(entry, out, failure_out);
    } else if (!provider_error_is_within(entry, secret, failure_out) &&
               !provider_error_is_told(body, secret, failure_out)) {
        nonsense("the answer holds no picture", failure_out);
    }
    json_decref(root);
    return read;
}
