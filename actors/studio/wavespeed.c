#include <stdio.h>

#include "actors/studio/multipart.h"
#include "actors/studio/picture.h"
#include "actors/studio/wavespeed.h"
#include "actors/studio/wavespeed_result.h"

enum {
    FILE_NAME_SIZE = 128, /* bytes of an upload's name that are repeated to the client */
};

void wavespeed_models(struct exchange *exchange)
{
    static const struct {
        const char *name;
        const char *type;
    } MODELS[] = {{"wavespeed-ai/flux-dev", "text-to-image"},
                  {"wavespeed-ai/wan-2.2/image-to-video", "image-to-video"},
                  {"wavespeed-ai/wan-2.2/i2v-480p-ultra-fast", "image-to-video"}};
    struct json_writer writer;
    json_writer_init(&writer, &exchange_answer(exchange)->body);
    json_object_begin(&writer);
    json_member_integer(&writer, "code", 200);
    json_member_text(&writer, "message", SLICE_LITERAL("success"));
    json_name(&writer, "data");
    json_array_begin(&writer);
    for (size_t index = 0; index < sizeof MODELS / sizeof MODELS[0]; index++) {
        json_object_begin(&writer);
        json_member_text(&writer, "model_id", slice_from_string(MODELS[index].name));
        json_member_text(&writer, "name", slice_from_string(MODELS[index].name));
        json_member_text(&writer, "type", slice_from_string(MODELS[index].type));
        json_object_end(&writer);
    }
    json_array_end(&writer);
    json_object_end(&writer);
    if (json_writer_status(&writer) != STATUS_OK) {
        exchange_fail(exchange, 500, NULL, "The answer does not fit in memory.");
    }
    exchange_finish(exchange);
}

/* The name comes back to the client only, with what could disturb a log or a page taken out. */
static void clean_name(struct slice name, char out[FILE_NAME_SIZE])
{
    size_t size = 0;
    for (size_t index = 0; index < name.size && size + 1 < FILE_NAME_SIZE; index++) {
        uint8_t byte = name.data[index];
        if (byte > ' ' && byte < 0x7f && byte != '/' && byte != '\\' && byte != '<' &&
            byte != '>') {
            out[size++] = (char)byte;
        }
    }
    out[size] = '\0';
}

static void answer_upload(struct exchange *exchange, const struct media_file *file,
                          struct slice name)
{
    char base[EXCHANGE_URL_SIZE];
    char url[EXCHANGE_URL_SIZE + 64];
    char cleaned[FILE_NAME_SIZE];
    struct json_writer writer;
    exchange_base_url(exchange, base);
    clean_name(name, cleaned);
    snprintf(url, sizeof url, "%s/files/%s.%s", base, file->id, file->ending);
    wavespeed_data_begin(exchange, &writer);
    json_member_text(&writer, "type", SLICE_LITERAL("image"));
    json_member_text(&writer, "download_url", slice_from_string(url));
    json_member_text(&writer, "url", slice_from_string(url));
    json_member_text(&writer, "filename", slice_from_string(cleaned));
    json_member_integer(&writer, "size", (int64_t)file->content.size);
    wavespeed_data_end(exchange, &writer);
}

static void store_upload(struct exchange *exchange, const struct multipart_part *part,
                         enum picture_type type)
{
    struct studio *studio = exchange_studio(exchange);
    struct media_file *file;
    struct buffer content;
    char id[MEDIA_ID_SIZE];
    studio_id_make(id);
    buffer_init(&content, WAVESPEED_UPLOAD_SIZE_MAX);
    enum status status = buffer_append_slice(&content, part->content);
    if (status == STATUS_OK) {
        status = media_add(&studio->media, id, picture_media_type(type), picture_ending(type),
                           &content, &file);
    }
    buffer_fini(&content);
    if (status != STATUS_OK) {
        exchange_refuse(exchange, 500, NULL, "The upload could not be stored.");
        return;
    }
    exchange_trace(exchange, file->trace);
    answer_upload(exchange, file, part->file_name);
}

void wavespeed_upload(struct exchange *exchange)
{
    struct multipart_part part;
    if (exchange_fault_before(exchange, SLICE_EMPTY)) {
        return;
    }
    enum status status = multipart_find(exchange_header(exchange, "content-type"),
                                        exchange_body(exchange), "file", &part);
    if (status != STATUS_OK || part.content.size == 0) {
        exchange_refuse(exchange, 400, NULL,
                        "no file uploaded: want multipart/form-data with a part named file");
        return;
    }
    if (part.content.size > WAVESPEED_UPLOAD_SIZE_MAX) {
        exchange_refuse(exchange, 413, NULL, "file too large: images may have 20 MB");
        return;
    }
    enum picture_type type = picture_type_of(part.content);
    if (type == PICTURE_UNKNOWN) {
        exchange_refuse(exchange, 400, NULL,
                        "unsupported file type: want jpg, png, webp, gif or bmp");
        return;
    }
    store_upload(exchange, &part, type);
}

/* The id in "{id}" or "{id}/result". */
static struct slice id_of(struct slice rest)
{
    static const char TAIL[] = "/result";
    size_t tail = sizeof TAIL - 1;
    if (rest.size > tail && memcmp(rest.data + rest.size - tail, TAIL, tail) == 0) {
        return slice_make(rest.data, rest.size - tail);
    }
    return rest;
}

static void refuse_unknown(struct exchange *exchange)
{
    exchange_refuse(exchange, 404, NULL, "prediction not found");
}

void wavespeed_result(struct exchange *exchange)
{
    struct studio *studio = exchange_studio(exchange);
    struct slice id = id_of(exchange_path_rest(exchange));
    if (exchange_fault_before(exchange, id)) {
        return;
    }
    struct task *task = tasks_find(&studio->tasks, id);
    if (task == NULL) {
        refuse_unknown(exchange);
        return;
    }
    const struct fault *fault = exchange_fault(exchange);
    if (fault->kind == FAULT_TASK_LOST) {
        tasks_remove(&studio->tasks, task);
        refuse_unknown(exchange);
        return;
    }
    if (fault->kind == FAULT_NEVER_FINISHES) {
        task_stick(&studio->tasks, task);
    }
    if (fault->kind == FAULT_TASK_FAILED || fault->kind == FAULT_REFUSAL) {
        bool policy = fault->kind == FAULT_REFUSAL;
        const char *usual = policy ? "content moderation" : "task failed";
        if (task_fail(&studio->tasks, task, policy ? WAVESPEED_CODE_POLICY : WAVESPEED_CODE_FAILED,
                      fault->message[0] != '\0' ? fault->message : usual,
                      clock_now_ms(&studio->clock))) {
            ledger_refund(&studio->ledger, task->id);
        }
    }
    wavespeed_answer_task(exchange, task, false);
}

static bool delete_one(struct studio *studio, struct slice id)
{
    struct task *task = tasks_find(&studio->tasks, id);
    if (task != NULL) {
        ledger_cancel(&studio->ledger, task->id, clock_now_ms(&studio->clock),
                      !task_is_finished(task));
        tasks_remove(&studio->tasks, task);
    }
    return task != NULL;
}

static void answer_deleted(struct exchange *exchange, int64_t count)
{
    struct json_writer writer;
    wavespeed_data_begin(exchange, &writer);
    json_member_integer(&writer, "deleted_count", count);
    wavespeed_data_end(exchange, &writer);
}

void wavespeed_delete(struct exchange *exchange)
{
    struct slice id = id_of(exchange_path_rest(exchange));
    if (exchange_fault_before(exchange, id)) {
        return;
    }
    if (!delete_one(exchange_studio(exchange), id)) {
        refuse_unknown(exchange);
        return;
    }
    answer_deleted(exchange, 1);
}

void wavespeed_delete_many(struct exchange *exchange)
{
    json_t *body = NULL;
    int64_t deleted = 0;
    if (exchange_fault_before(exchange, exchange_body(exchange))) {
        return;
    }
    enum status status = json_input_parse(exchange_body(exchange), &body);
    const json_t *ids = json_object_get(body, "ids");
    size_t count = json_array_size(ids);
    if (status != STATUS_OK || count == 0 || count > WAVESPEED_DELETE_COUNT_MAX) {
        exchange_refuse(exchange, 400, NULL, "ids must be a list of 1 to 100 prediction ids");
    } else {
        for (size_t index = 0; index < count; index++) {
            const json_t *id = json_array_get(ids, index);
            struct slice text = json_is_string(id)
                                    ? slice_make(json_string_value(id), json_string_length(id))
                                    : SLICE_EMPTY;
            deleted += delete_one(exchange_studio(exchange), text) ? 1 : 0;
        }
        answer_deleted(exchange, deleted);
    }
    json_decref(body);
}

void wavespeed_download(struct exchange *exchange)
{
    struct slice rest = exchange_path_rest(exchange);
    const uint8_t *dot = memchr(rest.data, '.', rest.size);
    struct slice id = slice_make(rest.data, dot == NULL ? rest.size : (size_t)(dot - rest.data));
    struct media_file *file = media_hold(&exchange_studio(exchange)->media, id);
    if (exchange_fault_download(exchange, rest, file == NULL ? "" : file->trace)) {
        media_file_release(file);
        return;
    }
    if (file == NULL) {
        exchange_refuse(exchange, 404, NULL, "file not found");
        return;
    }
    struct answer *answer = exchange_answer(exchange);
    answer->file = file;
    answer->media_type = file->media_type;
    exchange_finish(exchange);
}
