#include "actors/studio/wavespeed_image.h"

#include <stdlib.h>

#include "actors/studio/picture.h"
#include "actors/studio/portrait_file.h"
#include "actors/studio/wavespeed.h"
#include "actors/studio/wavespeed_result.h"
#include "actors/studio/work.h"
#include "base/log.h"

/* A picture on its way, from the submit to its file. */
struct sitting {
    struct work work;
    char id[MEDIA_ID_SIZE];
    struct buffer prompt;
    uint64_t seed;
    struct buffer picture;
    enum status status;
};

static void sitting_destroy(struct sitting *sitting)
{
    buffer_fini(&sitting->prompt);
    buffer_fini(&sitting->picture);
    free(sitting);
}

static void sitting_work(struct pool_job *job)
{
    struct sitting *sitting = (struct sitting *)job;
    sitting->status =
        portrait_file_write(buffer_slice(&sitting->prompt), sitting->seed, &sitting->picture);
}

/* The prediction may have been deleted meanwhile. */
static void sitting_finish(struct studio *studio, struct work *work)
{
    struct sitting *sitting = (struct sitting *)work;
    struct task *task = tasks_find(&studio->tasks, slice_from_string(sitting->id));
    int64_t now_ms = clock_now_ms(&studio->clock);
    struct media_file *file;
    enum status status = sitting->status;
    if (task != NULL && status == STATUS_OK) {
        status =
            media_add(&studio->media, sitting->id, "image/png", "png", &sitting->picture, &file);
    }
    if (task != NULL && status == STATUS_OK) {
        memcpy(file->trace, task->trace, TRACE_SIZE);
        task_complete(&studio->tasks, task, now_ms);
    } else if (task != NULL) {
        log_warn("picture failed", "task=%s status=%s", sitting->id, status_name(status));
        if (task_fail(&studio->tasks, task, WAVESPEED_CODE_FAILED, "task execution failed",
                      now_ms)) {
            ledger_refund(&studio->ledger, sitting->id);
        }
    }
    sitting_destroy(sitting);
}

enum status wavespeed_image_start(struct exchange *exchange, struct task *task, struct slice prompt,
                                  uint64_t seed)
{
    struct studio *studio = exchange_studio(exchange);
    struct sitting *sitting = calloc(1, sizeof *sitting);
    if (sitting == NULL) {
        return STATUS_NO_MEMORY;
    }
    sitting->work.job.work = sitting_work;
    sitting->work.finish = sitting_finish;
    sitting->status = STATUS_CLOSED; /* what it stays when the studio stops before the work */
    sitting->seed = seed;
    memcpy(sitting->id, task->id, MEDIA_ID_SIZE);
    buffer_init(&sitting->prompt, WAVESPEED_PROMPT_SIZE_MAX);
    buffer_init(&sitting->picture, PICTURE_SIZE_MAX);
    enum status status = buffer_append_slice(&sitting->prompt, prompt);
    if (status == STATUS_OK) {
        status = pool_submit(studio->pool, &sitting->work.job, false);
    }
    if (status != STATUS_OK) {
        sitting_destroy(sitting);
        return status;
    }
    task_start(task, clock_now_ms(&studio->clock));
    return STATUS_OK;
}
