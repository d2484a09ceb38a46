#include "actors/image_wire.h"

#include <jansson.h>
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

static bool read_entry(json_t *entry, struct image_answer *out,
                       struct provider_failure *failure_out)
{
    json_t *encoded = json_object_get(entry, "b64_json");
    const char *url = json_string_value(json_object_get(entry, "url"));
    if (json_is_string(encoded)) {
        struct slice text = slice_make(json_string_value(encoded), json_string_length(encoded));
        if (decode_base64(text, &out->bytes) != STATUS_OK) {
            return nonsense("the picture is not base64 or too large", failure_out);
        }
        return true;
    }
    if (url == NULL || url[0] == '\0') {
        return nonsense("the answer holds no picture", failure_out);
    }
    size_t size = strlen(url);
    if (size > HTTP_URL_SIZE_MAX) {
        return nonsense("the picture's address is too long", failure_out);
    }
    memcpy(out->url, url, size + 1);
    return true;
}

bool image_wire_answer(struct slice body, const char *secret, struct image_answer *out,
                       struct provider_failure *failure_out)
{
    out->url[0] = '\0';
    buffer_init(&out->bytes, IMAGE_SIZE_MAX);
    json_t *root = json_loadb((const char *)body.data, body.size, 0, NULL);
    json_t *entry = json_array_get(json_object_get(root, "data"), 0);
    bool read = false;
    if (entry != NULL) {
        read = read_entry(entry, out, failure_out);
    } else if (!provider_error_is_told(body, secret, failure_out)) {
        nonsense("the answer holds no picture", failure_out);
    }
    json_decref(root);
    return read;
}
