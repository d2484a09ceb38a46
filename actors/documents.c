#include "actors/documents.h"

#include <stdio.h>
#include "base/clock.h"
#include "base/json_writer.h"

enum status document_parse(struct slice bytes, json_t **out)
{
    json_error_t error;
    json_t *document = json_loadb((const char *)bytes.data, bytes.size,
                                  JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
    if (document == NULL) {
        bool no_memory = json_error_code(&error) == json_error_out_of_memory;
        return no_memory ? STATUS_NO_MEMORY : STATUS_MALFORMED;
    }
    if (!json_is_object(document)) {
        json_decref(document);
        return STATUS_MALFORMED;
    }
    *out = document;
    return STATUS_OK;
}

static int append(const char *bytes, size_t size, void *context)
{
    return buffer_append(context, bytes, size) == STATUS_OK ? 0 : -1;
}

enum status document_write(const json_t *document, struct buffer *out)
{
    size_t start = out->size;
    if (json_dump_callback(document, append, out, JSON_COMPACT) != 0) {
        out->size = start;
        return STATUS_TOO_LARGE;
    }
    return STATUS_OK;
}

static json_t *text_of_id(const struct id *id)
{
    char text[ID_TEXT_SIZE];
    id_format(id, text);
    return json_stringn(text, ID_TEXT_SIZE - 1);
}

static json_t *text_of_time(int64_t time_ms)
{
    char text[CLOCK_TEXT_SIZE];
    clock_format(time_ms, text);
    return json_string(text);
}

json_t *document_of_character(const struct message_job *job, json_t *request, json_t *personality,
                              const struct asset *portrait, int64_t now_ms)
{
    json_t *document = json_object();
    int failed = json_object_set_new(document, "id", text_of_id(&job->character));
    failed |=
        json_object_set_new(document, "displayId",
                            json_stringn((const char *)job->display_id.data, job->display_id.size));
    failed |= json_object_update_missing(document, request);
    if (personality != NULL) {
        failed |= json_object_set(document, "aiPersonality", personality);
    }
    if (portrait != NULL && portrait->url[0] != '\0') {
        failed |= json_object_set_new(document, "imageUrl", json_string(portrait->url));
        failed |= json_object_set_new(document, "mediaId", text_of_id(&job->media));
    }
    failed |= json_object_set_new(document, "createdAt", text_of_time(now_ms));
    if (failed != 0) {
        json_decref(document);
        return NULL;
    }
    return document;
}

static void text_or_null(struct json_writer *writer, const char *name, const char *text)
{
    json_member_text_or_null(writer, name, slice_from_string(text));
}

static void number_or_null(struct json_writer *writer, const char *name, int64_t value)
{
    if (value == 0) {
        json_member_null(writer, name);
    } else {
        json_member_integer(writer, name, value);
    }
}

static void id_or_null(struct json_writer *writer, const char *name, const struct id *id)
{
    if (id == NULL) {
        json_member_null(writer, name);
    } else {
        json_member_id(writer, name, id);
    }
}

enum status document_of_media(const struct media_entry *entry, struct buffer *out)
{
    struct json_writer writer;
    const struct asset *asset = entry->asset;
    json_writer_init(&writer, out);
    json_object_begin(&writer);
    id_or_null(&writer, "id", entry->id);
    id_or_null(&writer, "characterId", entry->character);
    text_or_null(&writer, "type", entry->type);
    text_or_null(&writer, "url", asset->url);
    text_or_null(&writer, "poseId", entry->pose);
    id_or_null(&writer, "source", entry->source);
    number_or_null(&writer, "duration", entry->duration);
    text_or_null(&writer, "resolution", entry->resolution);
    number_or_null(&writer, "width", asset->width);
    number_or_null(&writer, "height", asset->height);
    text_or_null(&writer, "contentType", asset->content_type);
    number_or_null(&writer, "size", (int64_t)asset->size);
    text_or_null(&writer, "sha256", asset->sha256);
    json_member_time(&writer, "createdAt", entry->created_at_ms);
    json_member_text_or_null(&writer, "prompt", entry->prompt);
    json_object_end(&writer);
    return json_writer_status(&writer);
}

/* ---- drafts ---- */

json_t *draft_of_asset(const struct asset *asset)
{
    return json_pack("{s:s, s:s, s:s, s:I, s:i, s:i}", "url", asset->url, "contentType",
                     asset->content_type, "sha256", asset->sha256, "size", (json_int_t)asset->size,
                     "width", (int)asset->width, "height", (int)asset->height);
}

static bool copy_text(json_t *object, const char *name, char *out, size_t size)
{
    const char *text = json_string_value(json_object_get(object, name));
    size_t length = text == NULL ? size : strlen(text);
    if (length >= size) {
        return false;
    }
    memcpy(out, text, length + 1);
    return true;
}

bool draft_read_asset(json_t *draft, const char *name, struct asset *out)
{
    json_t *object = json_object_get(draft, name);
    struct asset asset = {0};
    if (!copy_text(object, "url", asset.url, sizeof(asset.url)) ||
        !copy_text(object, "contentType", asset.content_type, sizeof(asset.content_type)) ||
        !copy_text(object, "sha256", asset.sha256, sizeof(asset.sha256))) {
        return false;
    }
    asset.size = (uint64_t)json_integer_value(json_object_get(object, "size"));
    asset.width = (uint32_t)json_integer_value(json_object_get(object, "width"));
    asset.height = (uint32_t)json_integer_value(json_object_get(object, "height"));
    *out = asset;
    return true;
}
