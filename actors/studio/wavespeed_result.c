#include <stdio.h>

#include "actors/studio/film.h"
#include "actors/studio/wavespeed_result.h"

void wavespeed_data_begin(struct exchange *exchange, struct json_writer *writer)
{
    json_writer_init(writer, &exchange_answer(exchange)->body);
    json_object_begin(writer);
    json_member_integer(writer, "code", 200);
    json_member_text(writer, "message", SLICE_LITERAL("success"));
    json_name(writer, "data");
    json_object_begin(writer);
}

void wavespeed_data_end(struct exchange *exchange, struct json_writer *writer)
{
    json_object_end(writer);
    json_object_end(writer);
    if (json_writer_status(writer) != STATUS_OK) {
        exchange_fail(exchange, 500, NULL, "The answer does not fit in memory.");
    }
    exchange_finish(exchange);
}

static void write_outputs(struct json_writer *writer, const struct task *task,
                          enum task_status shown, const char *base)
{
    char url[EXCHANGE_URL_SIZE + 64];
    json_name(writer, "outputs");
    json_array_begin(writer);
    if (shown == TASK_COMPLETED) {
        snprintf(url, sizeof url, "%s/files/%s.%s", base, task->id, task->ending);
        json_put_text(writer, slice_from_string(url));
    }
    json_array_end(writer);
    json_name(writer, "has_nsfw_contents");
    json_array_begin(writer);
    if (shown == TASK_COMPLETED) {
        json_put_boolean(writer, false);
    }
    json_array_end(writer);
}

void wavespeed_write_task(struct exchange *exchange, struct json_writer *writer, struct task *task,
                          bool fresh)
{
    const struct studio *studio = exchange_studio(exchange);
    int64_t now_ms = clock_now_ms(&studio->clock);
    if (task->watch != NULL && atomic_load(&task->watch->started)) {
        task_start(task, now_ms);
    }
    int64_t latency_ms = task->seconds > 0 ? studio->options.film_latency_ms : 0;
    enum task_status shown = fresh ? TASK_CREATED : task_status_shown(task, now_ms, latency_ms);
    bool ended = shown == TASK_COMPLETED || shown == TASK_FAILED;
    task->told = task->told || ended;
    char base[EXCHANGE_URL_SIZE];
    char url[EXCHANGE_URL_SIZE + 128];
    exchange_base_url(exchange, base);
    snprintf(url, sizeof url, "%s/api/v3/predictions/%s/result", base, task->id);
    json_member_text(writer, "id", slice_from_string(task->id));
    json_member_text(writer, "model", slice_from_string(task->model));
    json_member_text(writer, "status", slice_from_string(task_status_name(shown)));
    json_name(writer, "urls");
    json_object_begin(writer);
    json_member_text(writer, "get", slice_from_string(url));
    json_object_end(writer);
    write_outputs(writer, task, shown, base);
    json_member_time(writer, "created_at", task->created_ms);
    json_member_text(writer, "error", slice_from_string(shown == TASK_FAILED ? task->error : ""));
    if (shown == TASK_FAILED) {
        json_member_integer(writer, "code", task->error_code);
    }
    json_name(writer, "timings");
    json_object_begin(writer);
    json_member_integer(writer, "inference", ended ? task->finished_ms - task->started_ms : 0);
    json_object_end(writer);
}

void wavespeed_answer_task(struct exchange *exchange, struct task *task, bool fresh)
{
    struct json_writer writer;
    wavespeed_data_begin(exchange, &writer);
    wavespeed_write_task(exchange, &writer, task, fresh);
    wavespeed_data_end(exchange, &writer);
}
