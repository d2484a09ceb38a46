/* The history of queues: steps, rings, the store, percentiles. */
#include "tests/unit/test.h"

#include "broker/history.h"
#include "broker/keys.h"
#include "broker/values.h"
#include "tests/unit/memory.h"
#include "tests/unit/memory_view.h"

enum {
    MINUTE = 60000,
    ALL = (1 << JOB_KIND_COUNT) - 1,
};

static const int64_t START = INT64_C(1767225600000); /* a whole day */

/* Counts a job that waited and ran so long, and ended. */
static void count(struct meters *meters, uint64_t wait_ms, uint64_t run_ms, enum job_state end)
{
    meters->started++;
    meters->ended[end]++;
    histogram_add(&meters->waits, &HISTOGRAM_JOB, wait_ms);
    histogram_add(&meters->runs, &HISTOGRAM_JOB, run_ms);
}

static struct history_point last_of(const struct history *history, enum history_range range,
                                    uint32_t kinds, int64_t now)
{
    struct history_point point;
    history_read(history, range, kinds, history_points(range) - 1, now, &point);
    return point;
}

static uint64_t completed_in(const struct history *history, enum history_range range, int64_t now)
{
    uint64_t sum = 0;
    for (uint32_t index = 0; index < history_points(range); index++) {
        struct history_point point;
        history_read(history, range, ALL, index, now, &point);
        sum += point.ended[JOB_STATE_COMPLETED];
    }
    return sum;
}

static void test_ranges_are_an_hour_a_day_and_a_month(void **state)
{
    static const int64_t hours[HISTORY_RANGE_COUNT] = {1, 24, 720};
    (void)state;
    for (int range = 0; range < HISTORY_RANGE_COUNT; range++) {
        int64_t step_ms = history_step_ms((enum history_range)range);
        assert_int_equal(step_ms * history_points((enum history_range)range),
                         hours[range] * 60 * MINUTE);
        assert_true(history_points((enum history_range)range) <= HISTORY_LIMIT_MAX);
    }
}

static void test_what_is_counted_stands_in_the_step_of_each_range(void **state)
{
    struct history *history;
    struct meters meters = {0};
    (void)state;
    assert_int_equal(history_new(START, &history), STATUS_OK);
    count(&meters, 3, 800, JOB_STATE_COMPLETED);
    count(&meters, 3, 800, JOB_STATE_FAILED);
    history_take(history, JOB_KIND_IMAGE, &meters, START + 5 * MINUTE);
    history_take(history, JOB_KIND_IMAGE, &meters, START + 6 * MINUTE); /* nothing new */
    count(&meters, 3, 800, JOB_STATE_CANCELLED);
    history_take(history, JOB_KIND_IMAGE, &meters, START + 6 * MINUTE);
    for (int range = 0; range < HISTORY_RANGE_COUNT; range++) {
        struct history_point point =
            last_of(history, (enum history_range)range, ALL, START + 6 * MINUTE);
        bool is_hour = range == HISTORY_HOUR;
        assert_int_equal(point.at, is_hour ? START + 6 * MINUTE : START);
        assert_int_equal(point.started, is_hour ? 1 : 3);
        assert_int_equal(point.ended[JOB_STATE_COMPLETED], is_hour ? 0 : 1);
        assert_int_equal(point.ended[JOB_STATE_FAILED], is_hour ? 0 : 1);
        assert_int_equal(point.ended[JOB_STATE_CANCELLED], 1);
        assert_int_equal(histogram_count(&point.runs), is_hour ? 1 : 3);
        assert_int_equal(point.runs.sum, is_hour ? 800 : 2400);
        uint64_t run = histogram_percentile(&point.runs, &HISTOGRAM_JOB, 50);
        assert_true(run > 500 && run <= 1000);
    }
    history_destroy(&history);
    history_destroy(&history);
}

static void test_queues_are_told_apart_and_together(void **state)
{
    struct history *history;
    struct meters image = {0};
    struct meters video = {0};
    (void)state;
    assert_int_equal(history_new(START, &history), STATUS_OK);
    count(&image, 1, 1, JOB_STATE_COMPLETED);
    count(&video, 1, 1, JOB_STATE_COMPLETED);
    count(&video, 1, 1, JOB_STATE_COMPLETED);
    history_take(history, JOB_KIND_IMAGE, &image, START);
    history_take(history, JOB_KIND_VIDEO, &video, START);
    assert_int_equal(last_of(history, HISTORY_DAY, 1 << JOB_KIND_IMAGE, START).started, 1);
    assert_int_equal(last_of(history, HISTORY_DAY, 1 << JOB_KIND_VIDEO, START).started, 2);
    assert_int_equal(last_of(history, HISTORY_DAY, ALL, START).started, 3);
    history_destroy(&history);
}

static void test_what_is_older_than_its_range_is_gone(void **state)
{
    struct history *history;
    struct meters meters = {0};
    (void)state;
    assert_int_equal(history_new(START, &history), STATUS_OK);
    for (int64_t minute = 0; minute < 3 * 24 * 60; minute++) {
        count(&meters, 1, 1, JOB_STATE_COMPLETED);
        history_take(history, JOB_KIND_IMAGE, &meters, START + minute * MINUTE);
    }
    int64_t now = START + (3 * 24 * 60 - 1) * MINUTE;
    assert_int_equal(completed_in(history, HISTORY_HOUR, now), 60);
    assert_int_equal(completed_in(history, HISTORY_DAY, now), 24 * 60);
    assert_int_equal(completed_in(history, HISTORY_MONTH, now), 3 * 24 * 60);
    now += INT64_C(31) * 24 * 60 * MINUTE;
    for (int range = 0; range < HISTORY_RANGE_COUNT; range++) {
        assert_int_equal(completed_in(history, (enum history_range)range, now), 0);
    }
    history_destroy(&history);
}

static void test_a_write_is_due_once_a_minute(void **state)
{
    struct history *history;
    struct batch batch;
    (void)state;
    batch_init(&batch);
    assert_int_equal(history_new(START + 10, &history), STATUS_OK);
    assert_false(history_is_due(history, START + MINUTE - 1));
    assert_true(history_is_due(history, START + MINUTE));
    assert_int_equal(history_minute(history), START + MINUTE - 1);
    batch_clear(&batch, 1);
    assert_int_equal(history_write(history, &batch, START + MINUTE), STATUS_OK);
    assert_int_equal(batch.count, 0); /* nothing happened */
    assert_false(history_is_due(history, START + 2 * MINUTE - 1));
    history_destroy(&history);
    batch_fini(&batch);
}

/* Keeps what a batch has as the store would. */
static void load_all(struct history *history, const struct memory_view *memory, int64_t now)
{
    for (uint8_t range = 0; range < HISTORY_RANGE_COUNT; range++) {
        for (uint8_t kind = 0; kind < JOB_KIND_COUNT; kind++) {
            for (uint32_t place = 0; place < history_points((enum history_range)range); place++) {
                uint8_t key[KEY_BYTES_MAX];
                struct slice value;
                struct slice name = key_history(key, range, kind, (uint8_t)place);
                if (memory_view_get(memory, name, &value)) {
                    assert_int_equal(history_load(history, name, value, now), STATUS_OK);
                }
            }
        }
    }
}

static void test_the_store_gives_back_what_was_written_and_no_more_than_a_ring(void **state)
{
    struct history *history;
    struct history *restored;
    struct memory_view memory;
    struct batch batch;
    struct meters meters = {0};
    int64_t now = START;
    (void)state;
    batch_init(&batch);
    memory_view_init(&memory);
    assert_int_equal(history_new(START, &history), STATUS_OK);
    for (uint64_t minute = 0; minute < 3 * 60; minute++) {
        now = START + (int64_t)minute * MINUTE;
        count(&meters, 40, minute, JOB_STATE_COMPLETED);
        history_take(history, JOB_KIND_VIDEO, &meters, now);
        batch_clear(&batch, minute + 1);
        assert_int_equal(history_write(history, &batch, now), STATUS_OK);
        assert_int_equal(batch.count, HISTORY_RANGE_COUNT); /* a slot of each */
        memory_view_apply(&memory, &batch);
    }
    assert_int_equal(memory_view_count(&memory, SLICE_LITERAL("H")), 60 + 12 + 1);
    assert_int_equal(history_new(now, &restored), STATUS_OK);
    load_all(restored, &memory, now);
    for (int range = 0; range < HISTORY_RANGE_COUNT; range++) {
        for (uint32_t index = 0; index < history_points((enum history_range)range); index++) {
            struct history_point before;
            struct history_point after;
            history_read(history, (enum history_range)range, ALL, index, now, &before);
            history_read(restored, (enum history_range)range, ALL, index, now, &after);
            assert_memory_equal(&before, &after, sizeof before);
        }
    }
    /* A new run counts on in the steps that are under way. */
    struct meters fresh = {0};
    count(&fresh, 1, 1, JOB_STATE_COMPLETED);
    history_take(restored, JOB_KIND_VIDEO, &fresh, now);
    assert_int_equal(completed_in(restored, HISTORY_MONTH, now), 3 * 60 + 1);
    history_destroy(&history);
    history_destroy(&restored);
    memory_view_fini(&memory);
    batch_fini(&batch);
}

static void test_what_is_no_slot_is_refused_or_left_out(void **state)
{
    static const uint8_t odd[] = {VALUE_FORMAT, 1, 2};
    uint8_t key[KEY_BYTES_MAX];
    struct history *history;
    (void)state;
    assert_int_equal(history_new(START, &history), STATUS_OK);
    struct slice value = slice_make(odd, sizeof odd);
    assert_int_equal(history_load(history, SLICE_LITERAL("H"), value, START), STATUS_MALFORMED);
    assert_int_equal(history_load(history, key_history(key, 3, 0, 0), value, START),
                     STATUS_MALFORMED);
    assert_int_equal(history_load(history, key_history(key, 0, JOB_KIND_COUNT, 0), value, START),
                     STATUS_MALFORMED);
    assert_int_equal(history_load(history, key_history(key, 0, 0, 60), value, START),
                     STATUS_MALFORMED);
    assert_int_equal(history_load(history, key_history(key, 0, 0, 0), value, START), STATUS_OK);
    assert_int_equal(completed_in(history, HISTORY_HOUR, START), 0);
    history_destroy(&history);
}

static void test_want_of_memory_and_room_is_told(void **state)
{
    struct history *history;
    struct batch batch;
    struct meters meters = {0};
    (void)state;
    memory_fail_at(1);
    assert_int_equal(history_new(START, &history), STATUS_NO_MEMORY);
    memory_fail_never();
    assert_null(history);
    batch_init(&batch);
    assert_int_equal(history_new(START, &history), STATUS_OK);
    count(&meters, 1, 1, JOB_STATE_COMPLETED);
    history_take(history, JOB_KIND_IMAGE, &meters, START);
    batch_clear(&batch, 1);
    memory_fail_at(1);
    assert_int_equal(history_write(history, &batch, START), STATUS_NO_MEMORY);
    memory_fail_never();
    history_destroy(&history);
    batch_fini(&batch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ranges_are_an_hour_a_day_and_a_month),
        cmocka_unit_test(test_what_is_counted_stands_in_the_step_of_each_range),
        cmocka_unit_test(test_queues_are_told_apart_and_together),
        cmocka_unit_test(test_what_is_older_than_its_range_is_gone),
        cmocka_unit_test(test_a_write_is_due_once_a_minute),
        cmocka_unit_test(test_the_store_gives_back_what_was_written_and_no_more_than_a_ring),
        cmocka_unit_test(test_what_is_no_slot_is_refused_or_left_out),
        cmocka_unit_test(test_want_of_memory_and_room_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
