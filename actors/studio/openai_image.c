#include <stdio.h>
#include <stdlib.h>

#include "actors/studio/openai.h"
#include "actors/studio/picture.h"
#include "actors/studio/portrait_file.h"
#include "actors/studio/prompt.h"
#include "actors/studio/work.h"
#include "base/encoding.h"
#include "base/json_writer.h"

enum {
    PICTURE_MICRODOLLARS = 40000,
};

/* One request's pictures, from the request to the answer. */
struct drawing {
    struct work work;
    struct exchange *exchange;
    struct buffer prompt;
    struct buffer pictures[OPENAI_PICTURE_COUNT_MAX];
    int count;
    uint64_t seed;
    bool as_url;
    enum status status;
    char model[LEDGER_TEXT_SIZE];
    char key[LEDGER_TEXT_SIZE];
    char trace[TRACE_SIZE];
};

static void drawing_destroy(struct drawing *drawing)
{
    for (int index = 0; index < OPENAI_PICTURE_COUNT_MAX; index++) {
        buffer_fini(&drawing->pictures[index]);
    }
    buffer_fini(&drawing->prompt);
    free(drawing);
}

static void drawing_work(struct pool_job *job)
{
    struct drawing *drawing = (struct drawing *)job;
    struct slice prompt = buffer_slice(&drawing->prompt);
    drawing->status = STATUS_OK;
    for (int index = 0; index < drawing->count && drawing->status == STATUS_OK; index++) {
        drawing->status =
            portrait_file_write(prompt, drawing->seed + (uint64_t)index, &drawing->pictures[index]);
    }
}

static void charge(struct drawing *drawing, const char *id)
{
    struct studio *studio = exchange_studio(drawing->exchange);
    struct ledger_entry entry = {
        .at_ms = clock_now_ms(&studio->clock),
        .step = STEP_IMAGE,
        .price_microusd = (int64_t)PICTURE_MICRODOLLARS * drawing->count,
        .prompt_hash = dice_hash(buffer_slice(&drawing->prompt)),
    };
    snprintf(entry.id, sizeof entry.id, "%s", id);
    snprintf(entry.model, sizeof entry.model, "%s", drawing->model);
    memcpy(entry.idempotency_key, drawing->key, LEDGER_TEXT_SIZE);
    memcpy(entry.trace, drawing->trace, TRACE_SIZE);
    ledger_add(&studio->ledger, &entry);
    if (exchange_fault(drawing->exchange)->kind == FAULT_DUPLICATE) {
        ledger_add(&studio->ledger, &entry);
    }
}

static enum status write_url(struct json_writer *writer, struct drawing *drawing, int index)
{
    struct studio *studio = exchange_studio(drawing->exchange);
    struct media_file *file;
    char id[MEDIA_ID_SIZE];
    char base[EXCHANGE_URL_SIZE];
    char url[EXCHANGE_URL_SIZE + 64];
    studio_id_make(id);
    enum status status =
        media_add(&studio->media, id, "image/png", "png", &drawing->pictures[index], &file);
    if (status == STATUS_OK) {
        memcpy(file->trace, drawing->trace, TRACE_SIZE);
        exchange_base_url(drawing->exchange, base);
        snprintf(url, sizeof url, "%s/files/%s.png", base, id);
        json_member_text(writer, "url", slice_from_string(url));
    }
    return status;
}

static enum status write_base64(struct json_writer *writer, const struct drawing *drawing,
                                int index)
{
    struct buffer text;
    buffer_init(&text, (size_t)PICTURE_SIZE_MAX * 2);
    enum status status = encode_base64(buffer_slice(&drawing->pictures[index]), &text);
    if (status == STATUS_OK) {
        json_member_text(writer, "b64_json", buffer_slice(&text));
    }
    buffer_fini(&text);
    return status;
}

static enum status write_answer(struct drawing *drawing)
{
    struct json_writer writer;
    enum status status = STATUS_OK;
    json_writer_init(&writer, &exchange_answer(drawing->exchange)->body);
    json_object_begin(&writer);
    json_member_integer(&writer, "created",
                        clock_now_ms(&exchange_studio(drawing->exchange)->clock) / 1000);
    json_name(&writer, "data");
    json_array_begin(&writer);
    for (int index = 0; index < drawing->count && status == STATUS_OK; index++) {
        json_object_begin(&writer);
        status = drawing->as_url ? write_url(&writer, drawing, index)
                                 : write_base64(&writer, drawing, index);
        json_member_text(&writer, "revised_prompt", buffer_slice(&drawing->prompt));
        json_object_end(&writer);
    }
    json_array_end(&writer);
    json_object_end(&writer);
    return status == STATUS_OK ? json_writer_status(&writer) : status;
}

static void drawing_finish(struct studio *studio, struct work *work)
{
    struct drawing *drawing = (struct drawing *)work;
    if (drawing->status == STATUS_OK) {
        drawing->status = write_answer(drawing);
    }
    repeats_done(&studio->repeats, drawing->key);
    if (drawing->status != STATUS_OK) {
        exchange_fail(drawing->exchange, 500, NULL,
                      "The server had an error while drawing the picture.");
    }
    exchange_finish(drawing->exchange);
    drawing_destroy(drawing);
}

/* What an image request asks; problem is why it is refused. */
struct image_request {
    struct slice prompt;
    struct slice model;
    int64_t count;
    uint64_t seed;
    bool as_url;
    const char *param;
    const char *problem;
};

static void refuse(struct image_request *request, const char *param, const char *problem)
{
    if (request->problem == NULL) {
        request->param = param;
        request->problem = problem;
    }
}

static void read_format(struct image_request *request, const json_t *body)
{
    struct slice format = json_input_text(body, "response_format");
    bool newer = request->model.size >= 9 && memcmp(request->model.data, "gpt-image", 9) == 0;
    request->as_url = !newer && !slice_equal(format, SLICE_LITERAL("b64_json"));
    if (format.size != 0 && !slice_equal(format, SLICE_LITERAL("b64_json")) &&
        !slice_equal(format, SLICE_LITERAL("url"))) {
        refuse(request, "response_format", "response_format must be url or b64_json.");
    }
}

static void read_request(struct image_request *request, const json_t *body)
{
    const json_t *count = json_object_get(body, "n");
    const json_t *seed = json_object_get(body, "seed");
    struct slice size = json_input_text(body, "size");
    request->prompt = json_input_text(body, "prompt");
    request->model = json_input_text(body, "model");
    request->count = json_is_integer(count) ? json_integer_value(count) : 1;
    if (request->prompt.size == 0) {
        refuse(request, "prompt", "You must provide a prompt.");
    }
    if (request->prompt.size > OPENAI_PROMPT_SIZE_MAX) {
        refuse(request, "prompt", "The prompt is too long.");
    }
    if (request->count < 1 || request->count > OPENAI_PICTURE_COUNT_MAX ||
        (count != NULL && !json_is_integer(count))) {
        refuse(request, "n", "n must be 1 to 4.");
    }
    if (size.size != 0 && !slice_equal(size, SLICE_LITERAL("1024x1024")) &&
        !slice_equal(size, SLICE_LITERAL("auto"))) {
        refuse(request, "size",
               "The size is not supported. Supported values are: 1024x1024 and auto.");
    }
    read_format(request, body);
    request->seed = prompt_seed(request->prompt, NULL);
    if (json_is_integer(seed) && json_integer_value(seed) >= 0) {
        request->seed = (uint64_t)json_integer_value(seed);
    }
}

static struct drawing *drawing_new(struct exchange *exchange, const struct image_request *request)
{
    struct drawing *drawing = calloc(1, sizeof *drawing);
    if (drawing == NULL) {
        return NULL;
    }
    drawing->work.job.work = drawing_work;
    drawing->work.finish = drawing_finish;
    drawing->exchange = exchange;
    drawing->count = (int)request->count;
    drawing->seed = request->seed;
    drawing->as_url = request->as_url;
    exchange_trace(exchange, drawing->trace);
    exchange_idempotency_key(exchange, drawing->key);
    drawing->status = STATUS_CLOSED; /* what it stays when the studio stops before the work */
    snprintf(drawing->model, sizeof drawing->model, "%.*s", SLICE_PRINT(request->model));
    buffer_init(&drawing->prompt, OPENAI_PROMPT_SIZE_MAX);
    for (int index = 0; index < OPENAI_PICTURE_COUNT_MAX; index++) {
        buffer_init(&drawing->pictures[index], PICTURE_SIZE_MAX);
    }
    if (buffer_append_slice(&drawing->prompt, request->prompt) != STATUS_OK) {
        drawing_destroy(drawing);
        return NULL;
    }
    return drawing;
}

static void start_drawing(struct exchange *exchange, const struct image_request *request)
{
    char id[MEDIA_ID_SIZE];
    struct repeat_entry *entry;
    enum repeat repeat;
    if (exchange_fault(exchange)->kind == FAULT_REFUSAL) {
        exchange_refuse(exchange, 400, "content_policy_violation",
                        "Your request was rejected as a result of our safety system.");
        return;
    }
    if (exchange_repeats(exchange, &repeat, &entry)) {
        return;
    }
    struct drawing *drawing = drawing_new(exchange, request);
    enum status status = drawing == NULL ? STATUS_NO_MEMORY : STATUS_OK;
    if (status == STATUS_OK) {
        studio_id_make(id);
        status = pool_submit(exchange_studio(exchange)->pool, &drawing->work.job, true);
    }
    if (status == STATUS_OK && repeat == REPEAT_SAME) {
        return; /* drawn again, as the same words are the same picture, and charged once */
    }
    if (status == STATUS_OK) {
        charge(drawing, id);
        return;
    }
    if (entry != NULL && repeat == REPEAT_FIRST) {
        repeats_forget(&exchange_studio(exchange)->repeats, entry->key);
    }
    if (drawing != NULL) {
        drawing_destroy(drawing);
    }
    exchange_answer(exchange)->retry_after_s = 1;
    exchange_refuse(exchange, 429, "rate_limit_exceeded",
                    "Too many pictures are being drawn. Please try again.");
}

void openai_image(struct exchange *exchange)
{
    struct image_request request = {0};
    json_t *body = NULL;
    if (json_input_parse(exchange_body(exchange), &body) != STATUS_OK || !json_is_object(body)) {
        exchange_refuse(exchange, 400, NULL, "We could not parse the JSON body of your request.");
    } else {
        read_request(&request, body);
        if (request.problem != NULL) {
            exchange_fail_member(exchange, request.param, request.problem);
            exchange_finish(exchange);
        } else if (!exchange_fault_before(exchange, request.prompt)) {
            start_drawing(exchange, &request);
        }
    }
    json_decref(body);
}
