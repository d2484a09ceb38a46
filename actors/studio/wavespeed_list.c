#include <stdio.h>

#include "actors/studio/wavespeed.h"
#include "actors/studio/wavespeed_result.h"
#include "base/timestamp.h"

/* What a list is asked for; problem is why it is refused. */
struct wish {
    int64_t page; /* from 1 */
    int64_t page_size;
    struct slice model; /* empty: any */
    int64_t after_ms;   /* created at or after; 0: any */
    const char *problem;
};

static void read_wish(const json_t *body, struct wish *wish)
{
    struct slice after = json_input_text(body, "created_after");
    wish->page = json_integer_value(json_object_get(body, "page"));
    wish->page_size = json_integer_value(json_object_get(body, "page_size"));
    wish->model = json_input_text(body, "model");
    if (wish->page < 1 || wish->page > TASK_COUNT_MAX) {
        wish->problem = "page must be a number from 1";
    } else if (wish->page_size < 1 || wish->page_size > WAVESPEED_PAGE_SIZE_MAX) {
        wish->problem = "page_size must be 1 to 100";
    } else if (after.size > 0 && timestamp_parse(after, &wish->after_ms) != STATUS_OK) {
        wish->problem = "created_after must be a time in ISO 8601";
    }
}

static void write_input(struct json_writer *writer, const struct task *task)
{
    char size[24];
    snprintf(size, sizeof size, "%d*%d", task->width, task->height);
    json_name(writer, "input");
    json_object_begin(writer);
    if (task->seconds > 0) {
        json_member_integer(writer, "duration", task->seconds);
    }
    json_member_integer(writer, "seed", task->seed);
    json_member_text(writer, "size", slice_from_string(size));
    json_object_end(writer);
}

static void write_items(struct exchange *exchange, struct json_writer *writer,
                        const struct wish *wish)
{
    const struct tasks *tasks = &exchange_studio(exchange)->tasks;
    int64_t skip = (wish->page - 1) * wish->page_size;
    int64_t left = wish->page_size;
    for (size_t index = tasks->count; index > 0 && left > 0; index--) {
        struct task *task = tasks->list[index - 1];
        bool is_wanted =
            task->created_ms >= wish->after_ms &&
            (wish->model.size == 0 || slice_equal(slice_from_string(task->model), wish->model));
        if (!is_wanted || skip-- > 0) {
            continue;
        }
        json_object_begin(writer);
        wavespeed_write_task(exchange, writer, task, false);
        write_input(writer, task);
        json_object_end(writer);
        left--;
    }
}

static void answer_list(struct exchange *exchange, const struct wish *wish)
{
    struct json_writer writer;
    wavespeed_data_begin(exchange, &writer);
    json_member_integer(&writer, "page", wish->page);
    json_name(&writer, "items");
    json_array_begin(&writer);
    write_items(exchange, &writer, wish);
    json_array_end(&writer);
    wavespeed_data_end(exchange, &writer);
}

void wavespeed_list(struct exchange *exchange)
{
    struct wish wish = {0};
    json_t *body = NULL;
    if (json_input_parse(exchange_body(exchange), &body) != STATUS_OK || !json_is_object(body)) {
        wish.problem = "invalid request body: not a JSON object";
    } else {
        read_wish(body, &wish);
    }
    if (wish.problem != NULL) {
        exchange_refuse(exchange, 400, NULL, wish.problem);
    } else if (!exchange_fault_before(exchange, SLICE_EMPTY)) {
        answer_list(exchange, &wish);
    }
    json_decref(body);
}
