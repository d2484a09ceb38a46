#include "cli/repeat.h"

#include <stdio.h>
#include <string.h>

enum {
    BODY_SIZE_MAX = 1 << 20, /* bytes; a request's body is shorter */
    PATH_SIZE = 192,
    PRIORITY_USUAL = 128,
};

static const char *text_of(const struct document *job, const char *name, const char *otherwise)
{
    const char *told = document_text(job, name, NULL);
    return told != NULL ? told : document_text(job, otherwise, NULL);
}

/* Where a job of its queue is asked for; false when none is. */
static bool path_of(const struct document *job, char out[PATH_SIZE])
{
    const char *queue = document_text(job, "data.queue", "");
    const char *character = text_of(job, "data.characterId", "data.input.characterId");
    const char *source = text_of(job, "data.sourceMediaId", "data.input.mediaId");
    if (strcmp(queue, "character") == 0) {
        snprintf(out, PATH_SIZE, "/api/v1/characters/queue");
    } else if (strcmp(queue, "image") == 0 && character != NULL) {
        snprintf(out, PATH_SIZE, "/api/v1/characters/%s/generate-image/queue", character);
    } else if (strcmp(queue, "video") == 0 && character != NULL && source != NULL) {
        snprintf(out, PATH_SIZE, "/api/v1/characters/%s/media/%s/generate-video/queue", character,
                 source);
    } else {
        return false;
    }
    return true;
}

/* What stands beside the input, and is the job's as well. */
static enum status add_options(const struct document *job, struct document *body)
{
    struct document *options = NULL;
    enum status status = document_parse(SLICE_LITERAL("{}"), &options);
    if (status == STATUS_OK &&
        document_integer(job, "data.priority", PRIORITY_USUAL) != PRIORITY_USUAL) {
        status = document_put(options, "priority", job, "data.priority");
    }
    if (status == STATUS_OK && document_count(job, "data.tags") > 0) {
        status = document_put(options, "tags", job, "data.tags");
    }
    if (status == STATUS_OK && document_count(job, "data.metadata") > 0) {
        status = document_put(options, "metadata", job, "data.metadata");
    }
    if (status == STATUS_OK && document_count(options, "") > 0) {
        status = document_put(body, "options", options, "");
    }
    document_destroy(&options);
    return status;
}

static enum status body_of(const struct document *job, struct buffer *out)
{
    static const char *const in_path[] = {"characterId", "mediaId", "sourceMediaId"};
    struct document *body = NULL;
    bool is_character = strcmp(document_text(job, "data.queue", ""), "character") == 0;
    enum status status = document_copy(job, "data.input", &body);
    for (size_t index = 0; status == STATUS_OK && !is_character && index < 3; index++) {
        document_drop(body, in_path[index]);
    }
    if (status == STATUS_OK) {
        status = add_options(job, body);
    }
    if (status == STATUS_OK) {
        status = document_write(body, "", false, out);
    }
    document_destroy(&body);
    return status;
}

/* As one word of a shell. */
static enum status append_quoted(struct slice text, struct buffer *out)
{
    enum status status = buffer_append(out, "'", 1);
    for (size_t index = 0; status == STATUS_OK && index < text.size; index++) {
        status = text.data[index] == '\'' ? buffer_append(out, "'\\''", 4)
                                          : buffer_append_byte(out, text.data[index]);
    }
    return status == STATUS_OK ? buffer_append(out, "'", 1) : status;
}

enum status repeat_write(const struct document *job, const char *origin, struct buffer *out)
{
    char path[PATH_SIZE];
    struct buffer body;
    if (!document_has(job, "data.queue")) {
        return STATUS_DENIED;
    }
    if (!document_has(job, "data.input") || !path_of(job, path)) {
        return STATUS_NOT_FOUND;
    }
    buffer_init(&body, BODY_SIZE_MAX);
    enum status status = body_of(job, &body);
    if (status == STATUS_OK) {
        status = buffer_append_format(out, "curl -X POST \\\n"
                                           "  -H \"Authorization: Bearer $TOKEN\" \\\n"
                                           "  -H \"Content-Type: application/json\" \\\n"
                                           "  -d ");
    }
    if (status == STATUS_OK) {
        status = append_quoted(buffer_slice(&body), out);
    }
    buffer_clear(&body);
    if (status == STATUS_OK) {
        status =
            buffer_append_format(&body, "%s%s", origin, path); /* the address, as a word, too */
    }
    if (status == STATUS_OK) {
        status = buffer_append_format(out, " \\\n  ");
    }
    if (status == STATUS_OK) {
        status = append_quoted(buffer_slice(&body), out);
    }
    buffer_fini(&body);
    return status;
}
