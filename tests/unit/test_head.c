#include "broker/head.h"

#include "tests/unit/test.h"

/* A head with a different value in every field. */
static struct job example(void)
{
    struct job job = {
        .display_id = "ABCDEFGH",
        .step = "image_generated",
        .created_at = 1,
        .started_at = 2,
        .completed_at = 3,
        .attempt_at = 4,
        .next_attempt_at = 5,
        .start_by = 6,
        .deadline = 7,
        .stop_by = 8,
        .accepted = 9,
        .version = 10,
        .lease = 11,
        .paid_lease = 12,
        .attempt = 13,
        .attempts_made = 14,
        .workers_lost = 15,
        .kind = JOB_KIND_VIDEO,
        .state = JOB_STATE_CANCELLED,
        .priority = 16,
        .progress = 17,
        .operations = 16,
        .retries = 18,
        .flags = 19,
        .spent = 20,
        .uncertain = 19,
        .estimate = 22,
        .expected = 23,
        .open_price = 24,
        .open = 25,
        .open_before = 9,
    };
    memset(job.id.bytes, 0xa1, ID_SIZE);
    memset(job.character.bytes, 0xa2, ID_SIZE);
    memset(job.media.bytes, 0xa3, ID_SIZE);
    memset(job.source.bytes, 0xa4, ID_SIZE);
    memset(job.worker.bytes, 0xa5, ID_SIZE);
    return job;
}

static void comes_back_as_it_was_written(void **state)
{
    uint8_t bytes[HEAD_SIZE];
    struct job job = example();
    struct job back;
    (void)state;
    memset(&back, 0, sizeof back);
    head_write(&job, bytes);
    assert_int_equal(head_read(slice_make(bytes, sizeof bytes), &back), STATUS_OK);
    assert_memory_equal(&back, &job, offsetof(struct job, owner));
}

/* Beside how the job is to end. */
static void keeps_that_somebody_was_asked_to_drop_its_task(void **state)
{
    uint8_t bytes[HEAD_SIZE];
    struct job job = example();
    struct job back;
    (void)state;
    job.flags = JOB_FLAG_TASK | JOB_FLAG_ASKED;
    job_set_ending(&job, JOB_ENDING_FAILED);
    head_write(&job, bytes);
    assert_int_equal(head_read(slice_make(bytes, sizeof bytes), &back), STATUS_OK);
    assert_int_equal(back.flags, job.flags);
    assert_int_equal(job_ending(&back), JOB_ENDING_FAILED);
    job_set_ending(&back, JOB_ENDING_CANCEL);
    assert_int_equal(back.flags, JOB_FLAG_TASK | JOB_FLAG_ASKED);
}

static void leaves_the_memory_only_fields_alone(void **state)
{
    uint8_t bytes[HEAD_SIZE];
    struct job job = example();
    struct job back = {.owner = 77, .worker_index = JOB_NONE};
    (void)state;
    head_write(&job, bytes);
    assert_int_equal(head_read(slice_make(bytes, sizeof bytes), &back), STATUS_OK);
    assert_int_equal(back.owner, 77);
    assert_int_equal(back.worker_index, JOB_NONE);
}

/* Format 1 as it is on disks: these bytes must be read for ever. */
static void reads_the_bytes_of_format_1(void **state)
{
    /* clang-format off */
    static const uint8_t tail[] = {
        'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', /* display_id */
        'i', 'm', 'a', 'g', 'e', '_', 'g', 'e', 'n', 'e', 'r', 'a', 't', 'e', 'd', 0, /* step */
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, /* times */
        3, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0,
        5, 0, 0, 0, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0,
        7, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0,
        9, 0, 0, 0, 0, 0, 0, 0,                /* accepted */
        10, 0, 0, 0, 11, 0, 0, 0, 12, 0, 0, 0, /* version, lease, paid_lease */
        13, 0, 0, 0, 14, 0, 0, 0, 15, 0, 0, 0, /* attempt, attempts_made, workers_lost */
        2, 5, 16, 17, 16,                      /* kind, state, priority, progress, operations */
        0, 0, 18, 19,                          /* webhook_events, retries, flags */
        0, 0,                                  /* room */
    };
    /* clang-format on */
    uint8_t bytes[HEAD_SIZE_1] = {1};
    struct job expected = example();
    struct job back;
    (void)state;
    memset(&back, 0, sizeof back);
    for (int index = 0; index < 5; index++) {
        memset(bytes + 1 + index * ID_SIZE, 0xa1 + index, ID_SIZE);
    }
    assert_int_equal(1 + 5 * ID_SIZE + sizeof tail, HEAD_SIZE_1);
    expected.spent = 0;
    expected.uncertain = 0;
    expected.estimate = 0;
    expected.expected = 0;
    expected.open_price = 0;
    expected.open = 0;
    expected.open_before = 0;
    memcpy(bytes + 1 + 5 * ID_SIZE, tail, sizeof tail);
    assert_int_equal(head_size(slice_make(bytes, sizeof bytes)), HEAD_SIZE_1);
    assert_int_equal(head_read(slice_make(bytes, sizeof bytes), &back), STATUS_OK);
    assert_memory_equal(&back, &expected, offsetof(struct job, owner));
    assert_int_equal(head_read(slice_make(bytes, sizeof bytes - 1), &back), STATUS_MALFORMED);
}

/* What format 2 has behind that. */
static void reads_the_bytes_of_format_2(void **state)
{
    /* clang-format off */
    static const uint8_t tail[] = {
        20, 0, 0, 0, 0, 0, 0, 0, 19, 0, 0, 0, 0, 0, 0, 0, /* spent, uncertain */
        22, 0, 0, 0, 23, 0, 0, 0, 24, 0, 0, 0, 25, 0,     /* estimate, expected, open_price, open */
    };
    /* clang-format on */
    static const uint8_t before[] = {15, 0, 9, 0};
    uint8_t bytes[HEAD_SIZE];
    struct job job = example();
    (void)state;
    head_write(&job, bytes);
    assert_int_equal(bytes[0], 2);
    assert_memory_equal(bytes + HEAD_SIZE - sizeof tail, tail, sizeof tail);
    /* workers_lost had four bytes; open_before has the two of them that were always zero */
    assert_memory_equal(bytes + 1 + 5 * ID_SIZE + 132, before, sizeof before);
}

static void refuses_a_head_that_is_damaged(void **state)
{
    static const struct {
        size_t offset;
        uint8_t byte;
    } damages[] = {
        {0, 0},                           /* no format */
        {0, 3},                           /* a newer one */
        {1 + 5 * ID_SIZE + 8 + 31, 'x'},  /* step without an end */
        {1 + 5 * ID_SIZE + 40 + 7, 0x80}, /* a time before 1970 */
        {HEAD_SIZE_1 - 6 - 5, 4},         /* kind */
        {HEAD_SIZE_1 - 6 - 4, 6},         /* state */
        {HEAD_SIZE_1 - 6 - 2, 101},       /* progress */
        {HEAD_SIZE_1 - 6 - 1, 17},        /* operations */
        {HEAD_SIZE_1 - 4, 101},           /* retries */
        {HEAD_SIZE_1 - 3, 0x60},          /* an ending that is none */
        {HEAD_SIZE_1 - 3, 0x80},          /* somebody was asked to drop no task */
        {HEAD_SIZE - 30 + 7, 0x80},       /* spent, above all sums */
        {HEAD_SIZE - 30 + 8, 21},         /* more uncertain than spent */
    };
    uint8_t bytes[HEAD_SIZE];
    struct job job = example();
    struct job back;
    (void)state;
    memset(job.step, 'x', STEP_SIZE_MAX);
    for (size_t index = 0; index < sizeof damages / sizeof damages[0]; index++) {
        head_write(&job, bytes);
        bytes[damages[index].offset] = damages[index].byte;
        assert_int_equal(head_read(slice_make(bytes, sizeof bytes), &back), STATUS_MALFORMED);
    }
    head_write(&job, bytes);
    for (size_t size = 0; size < HEAD_SIZE; size++) {
        assert_int_equal(head_read(slice_make(bytes, size), &back), STATUS_MALFORMED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comes_back_as_it_was_written),
        cmocka_unit_test(keeps_that_somebody_was_asked_to_drop_its_task),
        cmocka_unit_test(leaves_the_memory_only_fields_alone),
        cmocka_unit_test(reads_the_bytes_of_format_1),
        cmocka_unit_test(reads_the_bytes_of_format_2),
        cmocka_unit_test(refuses_a_head_that_is_damaged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
