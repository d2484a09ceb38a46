#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "actors/studio/film.h"
#include "actors/studio/tasks.h"

bool task_is_finished(const struct task *task)
{
    return task->status == TASK_COMPLETED || task->status == TASK_FAILED;
}

static void remove_at(struct tasks *tasks, size_t index)
{
    struct task *task = tasks->list[index];
    if (!task_is_finished(task)) {
        tasks->unfinished--;
    }
    if (task->watch != NULL) {
        atomic_store(&task->watch->stop, true);
    }
    free(task);
    tasks->count--;
    memmove(&tasks->list[index], &tasks->list[index + 1],
            (tasks->count - index) * sizeof tasks->list[0]);
}

void tasks_fini(struct tasks *tasks)
{
    while (tasks->count > 0) {
        remove_at(tasks, tasks->count - 1);
    }
}

static bool make_room(struct tasks *tasks)
{
    for (size_t index = 0; tasks->count == TASK_COUNT_MAX && index < tasks->count; index++) {
        if (task_is_finished(tasks->list[index])) {
            remove_at(tasks, index);
        }
    }
    return tasks->count < TASK_COUNT_MAX && tasks->unfinished < TASK_UNFINISHED_MAX;
}

enum status tasks_add(struct tasks *tasks, const char id[MEDIA_ID_SIZE], struct slice model,
                      int64_t now_ms, struct task **out)
{
    if (!make_room(tasks)) {
        return STATUS_FULL;
    }
    struct task *task = calloc(1, sizeof *task);
    if (task == NULL) {
        return STATUS_NO_MEMORY;
    }
    memcpy(task->id, id, MEDIA_ID_SIZE);
    snprintf(task->model, sizeof task->model, "%.*s", SLICE_PRINT(model));
    task->created_ms = now_ms;
    tasks->list[tasks->count++] = task;
    tasks->unfinished++;
    *out = task;
    return STATUS_OK;
}

struct task *tasks_find(struct tasks *tasks, struct slice id)
{
    for (size_t index = 0; index < tasks->count; index++) {
        if (slice_equal(slice_from_string(tasks->list[index]->id), id)) {
            return tasks->list[index];
        }
    }
    return NULL;
}

void task_start(struct task *task, int64_t now_ms)
{
    if (task->status == TASK_CREATED) {
        task->status = TASK_PROCESSING;
        task->started_ms = now_ms;
    }
}

static void finish(struct tasks *tasks, struct task *task, enum task_status status, int64_t now_ms)
{
    if (!task_is_finished(task)) {
        assert(tasks->unfinished > 0);
        tasks->unfinished--;
    }
    task->status = status;
    task->finished_ms = now_ms;
    task->started_ms = task->started_ms == 0 ? now_ms : task->started_ms;
}

void task_complete(struct tasks *tasks, struct task *task, int64_t now_ms)
{
    if (!task_is_finished(task) && !task->stuck) {
        finish(tasks, task, TASK_COMPLETED, now_ms);
    }
}

bool task_fail(struct tasks *tasks, struct task *task, int code, const char *error, int64_t now_ms)
{
    if (task->told || task->stuck || task->status == TASK_FAILED) {
        return false;
    }
    task->error_code = code;
    snprintf(task->error, sizeof task->error, "%s", error);
    finish(tasks, task, TASK_FAILED, now_ms);
    return true;
}

void task_stick(struct tasks *tasks, struct task *task)
{
    if (task->told) {
        return;
    }
    task->stuck = true;
    if (task_is_finished(task)) {
        task->status = TASK_PROCESSING;
        tasks->unfinished++;
    }
}

void tasks_remove(struct tasks *tasks, struct task *task)
{
    for (size_t index = 0; index < tasks->count; index++) {
        if (tasks->list[index] == task) {
            remove_at(tasks, index);
            return;
        }
    }
}

void tasks_stop(struct tasks *tasks)
{
    for (size_t index = 0; index < tasks->count; index++) {
        if (tasks->list[index]->watch != NULL) {
            atomic_store(&tasks->list[index]->watch->stop, true);
        }
    }
}

enum task_status task_status_shown(const struct task *task, int64_t now_ms, int64_t latency_ms)
{
    bool early = now_ms < task->created_ms + latency_ms;
    return task_is_finished(task) && early ? TASK_PROCESSING : task->status;
}

const char *task_status_name(enum task_status status)
{
    static const char *const NAMES[] = {
        [TASK_CREATED] = "created",
        [TASK_PROCESSING] = "processing",
        [TASK_COMPLETED] = "completed",
        [TASK_FAILED] = "failed",
    };
    return NAMES[status];
}
