#include "actors/studio/tasks.h"

#include <stdio.h>
#include "actors/studio/film.h"
#include "actors/studio/pool.h"
#include "tests/unit/test.h"

static struct task *add(struct tasks *tasks, int number, int64_t now_ms, enum status want)
{
    char id[MEDIA_ID_SIZE];
    struct task *task = NULL;
    snprintf(id, sizeof id, "%032d", number);
    assert_int_equal(tasks_add(tasks, id, SLICE_LITERAL("a/model"), now_ms, &task), want);
    return task;
}

static void a_task_ends_once(void **state)
{
    struct tasks tasks = {0};
    (void)state;
    struct task *task = add(&tasks, 1, 100, STATUS_OK);
    assert_int_equal(task->status, TASK_CREATED);
    task_start(task, 150);
    task_complete(&tasks, task, 200);
    task->told = true;
    task_stick(&tasks, task);
    assert_false(task_fail(&tasks, task, 1405, "too late", 300));
    assert_int_equal(task->status, TASK_COMPLETED);
    assert_int_equal(task->finished_ms, 200);
    assert_int_equal(tasks.unfinished, 0);
    tasks_fini(&tasks);
}

static void a_stuck_task_never_ends(void **state)
{
    struct tasks tasks = {0};
    (void)state;
    struct task *task = add(&tasks, 1, 100, STATUS_OK);
    task_stick(&tasks, task);
    task_start(task, 150);
    task_complete(&tasks, task, 200);
    assert_int_equal(task->status, TASK_PROCESSING);
    assert_false(task_fail(&tasks, task, 1405, "too late", 300));
    tasks_fini(&tasks);
}

static void what_nobody_was_told_can_still_change(void **state)
{
    struct tasks tasks = {0};
    (void)state;
    struct task *task = add(&tasks, 1, 100, STATUS_OK);
    task_complete(&tasks, task, 200);
    task_stick(&tasks, task);
    assert_int_equal(task->status, TASK_PROCESSING);
    assert_int_equal(tasks.unfinished, 1);
    task = add(&tasks, 2, 100, STATUS_OK);
    task_complete(&tasks, task, 200);
    assert_true(task_fail(&tasks, task, 1405, "failed", 300));
    assert_false(task_fail(&tasks, task, 1200, "again", 400));
    assert_int_equal(task->error_code, 1405);
    assert_int_equal(tasks.unfinished, 1);
    tasks_fini(&tasks);
}

static void an_end_is_shown_after_its_latency(void **state)
{
    struct tasks tasks = {0};
    (void)state;
    struct task *task = add(&tasks, 1, 100, STATUS_OK);
    task_complete(&tasks, task, 110);
    assert_int_equal(task_status_shown(task, 599, 500), TASK_PROCESSING);
    assert_int_equal(task_status_shown(task, 600, 500), TASK_COMPLETED);
    tasks_fini(&tasks);
}

static void unfinished_tasks_are_bounded_and_finished_ones_leave(void **state)
{
    struct tasks tasks = {0};
    (void)state;
    for (int number = 0; number < TASK_UNFINISHED_MAX; number++) {
        add(&tasks, number, 1, STATUS_OK);
    }
    add(&tasks, 9999, 1, STATUS_FULL);
    for (int number = 0; number < TASK_COUNT_MAX; number++) {
        task_complete(&tasks, tasks.list[tasks.count - 1], 2);
        add(&tasks, 10000 + number, 1, STATUS_OK);
    }
    assert_true(tasks.count <= TASK_COUNT_MAX);
    assert_non_null(tasks_find(&tasks, SLICE_LITERAL("00000000000000000000000000000000")));
    tasks_fini(&tasks);
}

static void a_task_that_leaves_stops_its_encoder(void **state)
{
    struct tasks tasks = {0};
    struct film_watch watch = {0};
    (void)state;
    struct task *task = add(&tasks, 1, 100, STATUS_OK);
    task->watch = &watch;
    tasks_remove(&tasks, task);
    assert_true(watch.stop);
    assert_int_equal(tasks.unfinished, 0);
    assert_null(tasks_find(&tasks, SLICE_LITERAL("00000000000000000000000000000001")));
}

static struct media_file *store(struct media *media, int number, size_t size, enum status want)
{
    char id[MEDIA_ID_SIZE];
    struct buffer content;
    struct media_file *file = NULL;
    uint8_t *room;
    snprintf(id, sizeof id, "%032d", number);
    buffer_init(&content, 1 << 20);
    assert_int_equal(buffer_reserve(&content, size, &room), STATUS_OK);
    memset(room, 'x', size);
    buffer_commit(&content, size);
    assert_int_equal(media_add(media, id, "image/png", "png", &content, &file), want);
    buffer_fini(&content);
    return file;
}

static void the_oldest_files_make_room(void **state)
{
    static struct media media;
    (void)state;
    media_init(&media, 1000);
    store(&media, 1, 400, STATUS_OK);
    store(&media, 2, 400, STATUS_OK);
    struct media_file *held = media_hold(&media, SLICE_LITERAL("00000000000000000000000000000001"));
    assert_non_null(held);
    store(&media, 3, 400, STATUS_OK);
    assert_null(media_hold(&media, SLICE_LITERAL("00000000000000000000000000000001")));
    assert_int_equal(media.size, 800);
    assert_int_equal(held->content.size, 400); /* who holds it still has it */
    media_file_release(held);
    store(&media, 4, 1001, STATUS_TOO_LARGE);
    media_fini(&media);
}

static void the_number_of_files_is_bounded(void **state)
{
    static struct media media;
    (void)state;
    media_init(&media, 1 << 20);
    for (int number = 0; number < MEDIA_COUNT_MAX + 5; number++) {
        store(&media, number, 1, STATUS_OK);
    }
    assert_int_equal(media.count, MEDIA_COUNT_MAX);
    assert_null(media_hold(&media, SLICE_LITERAL("00000000000000000000000000000004")));
    media_fini(&media);
}

/* ---- the pool ---- */

struct counted {
    struct pool_job job;
    atomic_int *worked;
};

struct tally {
    atomic_int worked;
    atomic_int done;
};

static void count_work(struct pool_job *job)
{
    atomic_fetch_add(((struct counted *)job)->worked, 1);
}

static void count_done(void *context, struct pool_job *job)
{
    (void)job;
    atomic_fetch_add(&((struct tally *)context)->done, 1);
}

static void every_job_comes_back_even_at_the_end(void **state)
{
    static struct counted jobs[POOL_QUEUE_COUNT_MAX * 2];
    struct tally tally = {0};
    struct pool *pool;
    int taken = 0;
    (void)state;
    assert_int_equal(pool_new(3, count_done, &tally, &pool), STATUS_OK);
    for (size_t index = 0; index < sizeof jobs / sizeof jobs[0]; index++) {
        jobs[index] = (struct counted){{.work = count_work}, &tally.worked};
        taken += pool_submit(pool, &jobs[index].job, index % 2 == 0) == STATUS_OK;
    }
    pool_destroy(&pool);
    assert_true(taken >= POOL_QUEUE_COUNT_MAX);
    assert_int_equal(tally.done, taken);
    assert_true(tally.worked <= taken);
    pool_destroy(&pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_task_ends_once),
        cmocka_unit_test(a_stuck_task_never_ends),
        cmocka_unit_test(what_nobody_was_told_can_still_change),
        cmocka_unit_test(an_end_is_shown_after_its_latency),
        cmocka_unit_test(unfinished_tasks_are_bounded_and_finished_ones_leave),
        cmocka_unit_test(a_task_that_leaves_stops_its_encoder),
        cmocka_unit_test(the_oldest_files_make_room),
        cmocka_unit_test(the_number_of_files_is_bounded),
        cmocka_unit_test(every_job_comes_back_even_at_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
