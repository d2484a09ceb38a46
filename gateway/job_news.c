#include "gateway/job_news.h"

#include <assert.h>

static struct job_news_item *item_of(struct job_news *news, const struct id *job)
{
    for (uint32_t index = 0; index < news->count; index++) {
        if (id_equal(&news->items[index].job, job)) {
            return &news->items[index];
        }
    }
    return news->count < JOB_NEWS_MAX ? &news->items[news->count++] : NULL;
}

void job_news_note(struct job_news *news, const struct message_event *event)
{
    struct job_news_item *item = item_of(news, &event->job);
    if (item == NULL) {
        return;
    }
    assert(event->step.size <= STEP_SIZE_MAX);
    *item = (struct job_news_item){
        .job = event->job,
        .kind = event->job_kind,
        .state = event->state,
        .progress = event->progress,
        .step_size = (uint8_t)event->step.size,
    };
    if (event->step.size > 0) {
        memcpy(item->step, event->step.data, event->step.size);
    }
}

static void write_item(struct json_writer *writer, const struct job_news_item *item)
{
    json_object_begin(writer);
    json_member_id(writer, "jobId", &item->job);
    json_member_text(writer, "queue", slice_from_string(job_kind_name((enum job_kind)item->kind)));
    json_member_text(writer, "status",
                     slice_from_string(job_state_name((enum job_state)item->state)));
    json_member_integer(writer, "progress", item->progress);
    json_member_text_or_null(writer, "step", slice_make(item->step, item->step_size));
    json_object_end(writer);
}

void job_news_write(const struct job_news *news, struct json_writer *writer)
{
    json_object_begin(writer);
    json_name(writer, "jobs");
    json_array_begin(writer);
    for (uint32_t index = 0; index < news->count; index++) {
        write_item(writer, &news->items[index]);
    }
    json_array_end(writer);
    json_object_end(writer);
}
