/* The history as gateways are told of it: which percentile of what is which field. */
#include "tests/unit/test.h"

#include "broker/broker.h"

static const int64_t NOW = INT64_C(1767225600000);

static struct meters meters[JOB_KIND_COUNT];
static struct buffer frame;

const struct meters *__wrap_core_meters(const struct core *core, enum job_kind kind);

const struct meters *__wrap_core_meters(const struct core *core, enum job_kind kind)
{
    (void)core;
    return &meters[kind];
}

/* 60 values that are small, 36 that are middling and 4 that are large. */
static void add_hundred(struct histogram *histogram, const uint64_t values[3])
{
    for (uint32_t index = 0; index < 100; index++) {
        size_t which = index < 60 ? 0 : index < 96 ? 1 : 2;
        histogram_add(histogram, &HISTOGRAM_JOB, values[which]);
    }
}

/* The newest point of an hour, as the answer tells it. */
static struct message_history_point newest_point(struct broker *broker)
{
    const struct message question = {.type = MESSAGE_TYPE_GET_HISTORY,
                                     .get_history = {.request = 7, .all = true}};
    struct frame_writer writer;
    struct frame_reader reader;
    struct message record;
    buffer_clear(&frame);
    assert_int_equal(frame_begin(&writer, &frame, 0), STATUS_OK);
    assert_int_equal(chronicle_write(broker, &question, &writer), STATUS_OK);
    frame_end(&writer);
    assert_int_equal(frame_open(&reader, buffer_slice(&frame)), STATUS_OK);
    assert_int_equal(frame_next(&reader, &record), STATUS_OK);
    assert_int_equal(record.type, MESSAGE_TYPE_HISTORY);
    assert_int_equal(record.history.request, 7);
    for (uint32_t left = record.history.count; left > 0; left--) {
        assert_int_equal(frame_next(&reader, &record), STATUS_OK);
        assert_int_equal(record.type, MESSAGE_TYPE_HISTORY_POINT);
    }
    return record.history_point;
}

/* Each within its bucket of HISTOGRAM_JOB: no two are the same. */
static void each_percentile_is_of_its_own_times(void **state)
{
    static const uint64_t waits[3] = {8, 80, 400};
    static const uint64_t runs[3] = {2000, 8000, 100000};
    struct broker broker = {.now = NOW};
    (void)state;
    buffer_init(&frame, FRAME_SIZE_MAX);
    assert_int_equal(history_new(NOW, &broker.history), STATUS_OK);
    add_hundred(&meters[JOB_KIND_IMAGE].waits, waits);
    add_hundred(&meters[JOB_KIND_IMAGE].runs, runs);
    const struct message_history_point point = newest_point(&broker);
    assert_int_equal(point.waits, 100);
    assert_in_range(point.wait_p50, 5, 10);
    assert_in_range(point.wait_p95, 50, 100);
    assert_in_range(point.wait_p99, 250, 500);
    assert_int_equal(point.runs, 100);
    assert_in_range(point.run_p50, 1000, 2500);
    assert_in_range(point.run_p95, 5000, 10000);
    assert_in_range(point.run_p99, 60000, 120000);
    history_destroy(&broker.history);
    buffer_fini(&frame);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_percentile_is_of_its_own_times),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
