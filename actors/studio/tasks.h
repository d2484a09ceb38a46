#ifndef TROUPE_ACTORS_STUDIO_TASKS_H
#define TROUPE_ACTORS_STUDIO_TASKS_H

/*
 * Predictions, of films and pictures: what was submitted and how far it is. The oldest finished
 * ones leave when there are too many. Pure; owned by the loop's thread. States change only here.
 */

#include <stdbool.h>

#include "actors/studio/media.h"

enum {
    TASK_COUNT_MAX = 1024,
    TASK_UNFINISHED_MAX = 256, /* queued and running: beyond, submits are refused with 429 */
    TASK_MODEL_SIZE = 128,
    TASK_TEXT_SIZE = 256,
};

enum task_status {
    TASK_CREATED,
    TASK_PROCESSING,
    TASK_COMPLETED,
    TASK_FAILED,
};

struct film_watch;

struct task {
    char id[MEDIA_ID_SIZE]; /* also the id of its file */
    char model[TASK_MODEL_SIZE];
    enum task_status status;
    char error[TASK_TEXT_SIZE];
    char trace[TRACE_SIZE]; /* that it was submitted in, "" for none */
    const char *ending;     /* of its file, a literal: "mp4" or "png" */
    int64_t seed;           /* as submitted, like the next three; -1: none */
    int seconds;            /* of a film; 0: a picture */
    int width;
    int height;
    int error_code; /* the vendor's number: 1200 policy, 1402 media, 1405 task failed; 0 without */
    int64_t created_ms;
    int64_t started_ms;
    int64_t finished_ms;
    bool stuck;               /* never leaves processing */
    bool told;                /* that it has ended: nothing changes that any more */
    struct film_watch *watch; /* of the encoder while it works on it, else NULL; borrowed */
};

struct tasks {
    struct task *list[TASK_COUNT_MAX]; /* in order of creation */
    size_t count;
    size_t unfinished;
};

void tasks_fini(struct tasks *tasks);

/* Adds a task in TASK_CREATED, borrowed until it is removed or the next tasks_add. Returns OK,
 * FULL or NO_MEMORY. */
enum status tasks_add(struct tasks *tasks, const char id[MEDIA_ID_SIZE], struct slice model,
                      int64_t now_ms, struct task **out);

struct task *tasks_find(struct tasks *tasks, struct slice id);

/* The only ways that a status changes. A task that was told to have ended stays as it is; one that
 * has completed while nobody looked can still fail or stick, so that what comes of it does not
 * depend on who is quicker. task_fail tells whether the task failed by it. */
void task_start(struct task *task, int64_t now_ms);
void task_complete(struct tasks *tasks, struct task *task, int64_t now_ms);
bool task_fail(struct tasks *tasks, struct task *task, int code, const char *error, int64_t now_ms);
void task_stick(struct tasks *tasks, struct task *task);

/* Forgets a task, after telling its encoder to stop. */
void tasks_remove(struct tasks *tasks, struct task *task);

/* Tells all encoders to give up. */
void tasks_stop(struct tasks *tasks);

/* Whether a poller may be told that the task has ended: not before latency_ms after it was
 * created. */
enum task_status task_status_shown(const struct task *task, int64_t now_ms, int64_t latency_ms);

/* Completed or failed. */
bool task_is_finished(const struct task *task);

const char *task_status_name(enum task_status status);

#endif
