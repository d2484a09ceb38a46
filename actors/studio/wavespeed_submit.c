#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "actors/studio/film.h"
#include "actors/studio/picture.h"
#include "actors/studio/portrait.h"
#include "actors/studio/wavespeed.h"
#include "actors/studio/wavespeed_image.h"
#include "actors/studio/wavespeed_result.h"
#include "actors/studio/work.h"
#include "base/encoding.h"
#include "base/log.h"

enum {
    PRICE_PICTURE_MICRODOLLARS = 12000,
    PRICE_720P_MICRODOLLARS = 60000, /* a second */
    PRICE_480P_MICRODOLLARS = 30000,
    FAST_MICRODOLLARS = 10000,
};

/* A film on its way, from the submit to its file. */
struct shooting {
    struct work work;
    struct film_watch watch;
    char id[MEDIA_ID_SIZE];
    struct media_file *picture; /* held, or NULL when picture_bytes has it */
    struct buffer picture_bytes;
    struct motion_plan plan;
    struct buffer film;
    enum status status;
    bool media_problem; /* it failed because of the picture */
};

/* What a submit asks; problem is why it is refused. */
struct submit {
    struct slice model;
    bool is_picture; /* no image, no duration */
    struct slice image;
    struct slice prompt;
    int width;
    int height;
    int seconds;
    uint64_t seed;
    int64_t seed_given; /* -1: none */
    const char *problem;
};

static void shooting_destroy(struct shooting *shooting)
{
    media_file_release(shooting->picture);
    buffer_fini(&shooting->picture_bytes);
    buffer_fini(&shooting->film);
    free(shooting);
}

static void shooting_work(struct pool_job *job)
{
    struct shooting *shooting = (struct shooting *)job;
    struct slice file = shooting->picture != NULL ? buffer_slice(&shooting->picture->content)
                                                  : buffer_slice(&shooting->picture_bytes);
    struct pixels pixels = {0};
    char text[MOTION_EYES_TEXT_SIZE];
    if (atomic_load(&shooting->watch.stop)) {
        shooting->status = STATUS_CLOSED;
        return;
    }
    atomic_store(&shooting->watch.started, true);
    shooting->status = picture_decode(file, &pixels);
    if (shooting->status != STATUS_OK) {
        shooting->media_problem = true;
        return;
    }
    shooting->plan.eyes_known =
        picture_text(file, MOTION_EYES_KEYWORD, text, sizeof text) == STATUS_OK &&
        motion_eyes_parse(text, &shooting->plan.eyes);
    shooting->status = film_encode(&pixels, &shooting->plan, &shooting->watch, &shooting->film);
    pixels_fini(&pixels);
}

static void shooting_finish(struct studio *studio, struct work *work)
{
    struct shooting *shooting = (struct shooting *)work;
    struct task *task = tasks_find(&studio->tasks, slice_from_string(shooting->id));
    int64_t now_ms = clock_now_ms(&studio->clock);
    struct media_file *file;
    if (task != NULL) {
        task_start(task, now_ms);
        task->watch = NULL;
        if (shooting->status == STATUS_OK) {
            shooting->status =
                media_add(&studio->media, shooting->id, "video/mp4", "mp4", &shooting->film, &file);
        }
        if (shooting->status == STATUS_OK) {
            memcpy(file->trace, task->trace, TRACE_SIZE);
            task_complete(&studio->tasks, task, now_ms);
        } else {
            if (shooting->status != STATUS_CLOSED) {
                log_warn("film failed", "task=%s status=%s", shooting->id,
                         status_name(shooting->status));
            }
            bool failed = task_fail(
                &studio->tasks, task,
                shooting->media_problem ? WAVESPEED_CODE_MEDIA : WAVESPEED_CODE_FAILED,
                shooting->media_problem ? "media access failed: the image cannot be decoded"
                                        : "task execution failed",
                now_ms);
            if (failed) {
                ledger_refund(&studio->ledger, shooting->id);
            }
        }
    }
    shooting_destroy(shooting);
}

static bool contains(struct slice text, const char *word)
{
    size_t size = strlen(word);
    for (size_t at = 0; at + size <= text.size; at++) {
        if (strncasecmp((const char *)text.data + at, word, size) == 0) {
            return true;
        }
    }
    return false;
}

static void refuse(struct submit *submit, const char *problem)
{
    if (submit->problem == NULL) {
        submit->problem = problem;
    }
}

static void read_size(struct submit *submit, struct slice size)
{
    static const struct {
        const char *name;
        int width;
        int height;
    } SIZES[] = {{"1280*720", 1280, 720},
                 {"832*480", 832, 480},
                 {"720*1280", 720, 1280},
                 {"480*832", 480, 832}};
    bool small = contains(submit->model, "480p");
    submit->width = small ? 832 : 1280;
    submit->height = small ? 480 : 720;
    bool known = size.size == 0;
    for (size_t index = 0; index < sizeof SIZES / sizeof SIZES[0]; index++) {
        if (slice_equal(size, slice_from_string(SIZES[index].name))) {
            submit->width = SIZES[index].width;
            submit->height = SIZES[index].height;
            known = true;
        }
    }
    if (!known) {
        refuse(submit, "size must be one of 832*480, 480*832, 1280*720, 720*1280");
    }
}

static bool is_picture_model(struct slice model)
{
    return contains(model, "text-to-image") || contains(model, "flux");
}

static bool is_film_model(struct slice model)
{
    return contains(model, "image-to-video") || contains(model, "i2v");
}

static bool is_model(struct slice model)
{
    for (size_t index = 0; index < model.size; index++) {
        uint8_t byte = model.data[index];
        if (strchr("abcdefghijklmnopqrstuvwxyz0123456789-._/", byte) == NULL || byte == '\0') {
            return false;
        }
    }
    return model.size < TASK_MODEL_SIZE && (is_film_model(model) || is_picture_model(model));
}

static void read_film(struct submit *submit, const json_t *body)
{
    const json_t *duration = json_object_get(body, "duration");
    submit->image = json_input_text(body, "image");
    if (submit->image.size == 0) {
        refuse(submit, "property \"image\" is missing");
    }
    submit->seconds = duration == NULL ? 5 : (int)json_integer_value(duration);
    if ((duration != NULL && !json_is_integer(duration)) ||
        (submit->seconds != 5 && submit->seconds != 8)) {
        refuse(submit, "duration must be one of 5, 8");
    }
    read_size(submit, json_input_text(body, "size"));
}

static void read_picture(struct submit *submit, const json_t *body)
{
    struct slice size = json_input_text(body, "size");
    submit->width = PORTRAIT_SIDE;
    submit->height = PORTRAIT_SIDE;
    if (submit->prompt.size == 0) {
        refuse(submit, "property \"prompt\" is missing");
    }
    if (size.size != 0 && !slice_equal(size, SLICE_LITERAL("1024*1024"))) {
        refuse(submit, "size must be 1024*1024");
    }
}

static void read_submit(struct submit *submit, const json_t *body)
{
    const json_t *seed = json_object_get(body, "seed");
    submit->is_picture = !is_film_model(submit->model);
    submit->prompt = json_input_text(body, "prompt");
    if (submit->prompt.size > WAVESPEED_PROMPT_SIZE_MAX) {
        refuse(submit, "property \"prompt\" is too long");
    }
    if (seed != NULL && !json_is_integer(seed)) {
        refuse(submit, "seed must be an integer");
    }
    bool given = json_is_integer(seed) && json_integer_value(seed) >= 0;
    submit->seed_given = given ? json_integer_value(seed) : -1;
    submit->seed = given ? (uint64_t)json_integer_value(seed) : dice_hash(submit->prompt);
    if (submit->is_picture) {
        read_picture(submit, body);
    } else {
        read_film(submit, body);
    }
}

static enum motion_motes motes_of(struct slice prompt)
{
    if (contains(prompt, "snow")) {
        return MOTES_SNOW;
    }
    if (contains(prompt, "ember") || contains(prompt, "fire") || contains(prompt, "spark")) {
        return MOTES_EMBERS;
    }
    return contains(prompt, "petal") || contains(prompt, "leaves") ? MOTES_PETALS : MOTES_DUST;
}

static double strength_of(struct slice prompt)
{
    if (contains(prompt, "dramatic") || contains(prompt, "energetic") ||
        contains(prompt, "dynamic")) {
        return 1.5;
    }
    return contains(prompt, "subtle") || contains(prompt, "still") ? 0.75 : 1.0;
}

/* The picture is one of the studio's files, by its URL, or comes along as a data: URL. Other
 * hosts are not asked: the studio makes no connections. */
static enum status find_picture(struct exchange *exchange, struct slice image,
                                struct shooting *shooting)
{
    static const char PREFIX[] = "/files/";
    if (image.size > 5 && strncasecmp((const char *)image.data, "data:", 5) == 0) {
        const uint8_t *comma = memchr(image.data, ',', image.size < 128 ? image.size : 128);
        if (comma == NULL ||
            !contains(slice_make(image.data, (size_t)(comma - image.data)), ";base64")) {
            return STATUS_MALFORMED;
        }
        size_t used = (size_t)(comma + 1 - image.data);
        return decode_base64(slice_make(image.data + used, image.size - used),
                             &shooting->picture_bytes);
    }
    const uint8_t *path = memmem(image.data, image.size, PREFIX, sizeof PREFIX - 1);
    if (path == NULL) {
        return STATUS_NOT_FOUND;
    }
    size_t used = (size_t)(path - image.data) + sizeof PREFIX - 1;
    struct slice rest = slice_make(image.data + used, image.size - used);
    struct slice id =
        slice_make(rest.data, rest.size < MEDIA_ID_SIZE - 1 ? rest.size : MEDIA_ID_SIZE - 1);
    shooting->picture = media_hold(&exchange_studio(exchange)->media, id);
    return shooting->picture == NULL ? STATUS_NOT_FOUND : STATUS_OK;
}

static int64_t price_of(const struct submit *submit)
{
    bool fast = contains(submit->model, "ultra-fast");
    bool small = submit->width * submit->height < 1280 * 720;
    if (submit->is_picture) {
        return PRICE_PICTURE_MICRODOLLARS;
    }
    return (int64_t)submit->seconds * (fast    ? FAST_MICRODOLLARS
                                       : small ? PRICE_480P_MICRODOLLARS
                                               : PRICE_720P_MICRODOLLARS);
}

static void charge(struct exchange *exchange, const struct submit *submit, const char *id)
{
    struct studio *studio = exchange_studio(exchange);
    struct ledger_entry entry = {
        .at_ms = clock_now_ms(&studio->clock),
        .step = STEP_SUBMIT,
        .price_microusd = price_of(submit),
        .prompt_hash = dice_hash(submit->prompt),
    };
    snprintf(entry.id, sizeof entry.id, "%s", id);
    snprintf(entry.model, sizeof entry.model, "%.*s", SLICE_PRINT(submit->model));
    exchange_idempotency_key(exchange, entry.idempotency_key);
    exchange_trace(exchange, entry.trace);
    ledger_add(&studio->ledger, &entry);
}

static struct shooting *shooting_new(const struct submit *submit, const char *id)
{
    struct shooting *shooting = calloc(1, sizeof *shooting);
    if (shooting == NULL) {
        return NULL;
    }
    shooting->work.job.work = shooting_work;
    shooting->work.finish = shooting_finish;
    shooting->status = STATUS_CLOSED; /* what it stays when the studio stops before the work */
    memcpy(shooting->id, id, MEDIA_ID_SIZE);
    buffer_init(&shooting->picture_bytes, WAVESPEED_UPLOAD_SIZE_MAX);
    buffer_init(&shooting->film, FILM_SIZE_MAX);
    shooting->plan = (struct motion_plan){
        .width = submit->width,
        .height = submit->height,
        .frame_count = submit->seconds * MOTION_FRAMES_A_SECOND,
        .seed = submit->seed,
        .motes = motes_of(submit->prompt),
        .strength = strength_of(submit->prompt),
    };
    return shooting;
}

/* Hands the work out; a picture that cannot be had fails the task, as with the vendor, not the
 * request. */
static enum status start_shooting(struct exchange *exchange, const struct submit *submit,
                                  struct task *task)
{
    struct studio *studio = exchange_studio(exchange);
    struct shooting *shooting = shooting_new(submit, task->id);
    if (shooting == NULL) {
        return STATUS_NO_MEMORY;
    }
    if (find_picture(exchange, submit->image, shooting) != STATUS_OK) {
        shooting_destroy(shooting);
        task_fail(&studio->tasks, task, WAVESPEED_CODE_MEDIA,
                  "media access failed: cannot fetch the image", clock_now_ms(&studio->clock));
        return STATUS_OK;
    }
    task->watch = &shooting->watch;
    enum status status = pool_submit(studio->pool, &shooting->work.job, false);
    if (status != STATUS_OK) {
        task->watch = NULL;
        shooting_destroy(shooting);
    }
    return status;
}

static enum status start_task(struct exchange *exchange, const struct submit *submit,
                              struct task *task)
{
    struct studio *studio = exchange_studio(exchange);
    int64_t now_ms = clock_now_ms(&studio->clock);
    const struct fault *fault = exchange_fault(exchange);
    if (fault->kind == FAULT_TASK_FAILED || fault->kind == FAULT_REFUSAL) {
        bool policy = fault->kind == FAULT_REFUSAL;
        const char *usual = policy ? "content moderation" : "task failed";
        task_fail(&studio->tasks, task, policy ? WAVESPEED_CODE_POLICY : WAVESPEED_CODE_FAILED,
                  fault->message[0] != '\0' ? fault->message : usual, now_ms);
        return STATUS_OK;
    }
    if (fault->kind == FAULT_NEVER_FINISHES) {
        task_stick(&studio->tasks, task);
    }
    return submit->is_picture ? wavespeed_image_start(exchange, task, submit->prompt, submit->seed)
                              : start_shooting(exchange, submit, task);
}

static enum status submit_once(struct exchange *exchange, const struct submit *submit,
                               struct task **out)
{
    struct studio *studio = exchange_studio(exchange);
    struct task *task;
    char id[MEDIA_ID_SIZE];
    studio_id_make(id);
    enum status status =
        tasks_add(&studio->tasks, id, submit->model, clock_now_ms(&studio->clock), &task);
    if (status != STATUS_OK) {
        return status;
    }
    exchange_trace(exchange, task->trace);
    task->ending = submit->is_picture ? "png" : "mp4";
    task->seed = submit->seed_given;
    task->seconds = submit->seconds;
    task->width = submit->width;
    task->height = submit->height;
    status = start_task(exchange, submit, task);
    if (status != STATUS_OK) {
        tasks_remove(&studio->tasks, task);
        return status;
    }
    charge(exchange, submit, id);
    if (task->status == TASK_FAILED) {
        ledger_refund(&studio->ledger, id);
    }
    *out = task;
    return STATUS_OK;
}

/* The answer is that of the first, when its prediction is still there. */
static bool answer_again(struct exchange *exchange, const struct repeat_entry *entry)
{
    struct task *task = tasks_find(&exchange_studio(exchange)->tasks, slice_from_string(entry->id));
    if (task != NULL) {
        wavespeed_answer_task(exchange, task, true);
    }
    return task != NULL;
}

static void submit_all(struct exchange *exchange, const struct submit *submit)
{
    struct studio *studio = exchange_studio(exchange);
    enum fault_kind kind = exchange_fault(exchange)->kind;
    struct task *task = NULL;
    struct repeat_entry *entry;
    enum repeat repeat;
    if (exchange_repeats(exchange, &repeat, &entry) ||
        (repeat == REPEAT_SAME && answer_again(exchange, entry))) {
        return;
    }
    enum status status = submit_once(exchange, submit, &task);
    if (status == STATUS_OK && kind == FAULT_DUPLICATE) {
        status = submit_once(exchange, submit, &task);
    }
    if (entry != NULL && status == STATUS_OK) {
        memcpy(entry->id, task->id, MEDIA_ID_SIZE);
        entry->is_done = true;
    } else if (entry != NULL) {
        repeats_forget(&studio->repeats, entry->key);
    }
    if (status != STATUS_OK) {
        exchange_answer(exchange)->retry_after_s = 1;
        exchange_refuse(exchange, 429, NULL, "too many requests: the queue of predictions is full");
        return;
    }
    wavespeed_answer_task(exchange, task, true);
    if (kind == FAULT_TASK_LOST) {
        tasks_remove(&studio->tasks, task);
    }
}

void wavespeed_submit(struct exchange *exchange)
{
    struct submit submit = {.model = exchange_path_rest(exchange)};
    json_t *body = NULL;
    if (!is_model(submit.model)) {
        exchange_refuse(exchange, 404, NULL, "model not found");
        return;
    }
    if (json_input_parse(exchange_body(exchange), &body) != STATUS_OK || !json_is_object(body)) {
        exchange_refuse(exchange, 400, NULL, "invalid request body: not a JSON object");
    } else {
        read_submit(&submit, body);
        if (submit.problem != NULL) {
            exchange_refuse(exchange, 400, NULL, submit.problem);
        } else if (!exchange_fault_before(exchange, submit.prompt)) {
            submit_all(exchange, &submit);
        }
    }
    json_decref(body);
}
