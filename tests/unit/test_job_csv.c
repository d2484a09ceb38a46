/* Jobs as lines for spreadsheets. */
#include "tests/unit/test.h"

#include "gateway/job_csv.h"

static struct buffer out;

static int set_up(void **state)
{
    (void)state;
    buffer_init(&out, 4096);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    buffer_fini(&out);
    return 0;
}

static void expect(const struct message_job_state *job, const char *line)
{
    buffer_clear(&out);
    assert_int_equal(job_csv_write(job, &out), STATUS_OK);
    if (!slice_equal(buffer_slice(&out), slice_from_string(line))) {
        fail_msg("%.*s", (int)out.size, (const char *)out.data);
    }
}

static size_t columns(void)
{
    size_t count = 1;
    for (size_t index = 0; index < out.size; index++) {
        count += out.data[index] == ',';
    }
    return count;
}

static void a_job_has_as_many_columns_as_are_named(void **state)
{
    (void)state;
    const struct message_job_state job = {.job = {{1}}};
    assert_int_equal(job_csv_head(&out), STATUS_OK);
    size_t named = columns();
    expect(&job, "01000000-0000-0000-0000-000000000000,character,pending,,,,,,0,0,,0,0,0,,,,,,"
                 "0.000000\r\n");
    assert_int_equal(columns(), named);
}

static void texts_of_others_stand_in_quotes_and_are_no_formulas(void **state)
{
    (void)state;
    const struct message_job_state job = {
        .job = {{1}},
        .kind = JOB_KIND_IMAGE,
        .state = JOB_STATE_FAILED,
        .owner = SLICE_LITERAL("=cmd()"),
        .character_name = SLICE_LITERAL("Ada \"the\" First, Queen"),
        .media = {{2}},
        .error_code = SLICE_LITERAL("timeout"),
        .error_message = SLICE_LITERAL("two\nlines"),
        .step = SLICE_LITERAL("image_started"),
        .priority = 128,
        .created_at = 1000,
        .spent = 1234567,
    };
    expect(&job, "01000000-0000-0000-0000-000000000000,image,failed,\"'=cmd()\","
                 "\"Ada \"\"the\"\" First, Queen\",,,,128,0,\"image_started\",0,0,0,"
                 "1970-01-01T00:00:01.000Z,,,\"timeout\",\"two\nlines\",1.234567\r\n");
}

static void what_was_made_is_named_when_it_is_there(void **state)
{
    (void)state;
    const struct message_job_state job = {
        .job = {{1}},
        .kind = JOB_KIND_IMAGE,
        .state = JOB_STATE_COMPLETED,
        .character = {{3}},
        .media = {{2}},
        .group = {{4}},
    };
    expect(&job, "01000000-0000-0000-0000-000000000000,image,completed,,,"
                 "03000000-0000-0000-0000-000000000000,02000000-0000-0000-0000-000000000000,"
                 "04000000-0000-0000-0000-000000000000,0,0,,0,0,0,,,,,,0.000000\r\n");
}

static void a_delivery_names_nothing_that_another_job_made(void **state)
{
    (void)state;
    const struct message_job_state job = {
        .job = {{1}},
        .kind = JOB_KIND_WEBHOOK,
        .state = JOB_STATE_COMPLETED,
        .character = {{3}},
        .media = {{2}},
    };
    expect(&job, "01000000-0000-0000-0000-000000000000,webhook,completed,,,,,,0,0,,0,0,0,,,,,,"
                 "0.000000\r\n");
}

static void a_line_that_does_not_fit_is_told(void **state)
{
    (void)state;
    const struct message_job_state job = {.job = {{1}}, .owner = SLICE_LITERAL("ada")};
    struct buffer small;
    for (size_t size = 1; size < 80; size++) {
        buffer_init(&small, size);
        assert_int_equal(job_csv_write(&job, &small), STATUS_TOO_LARGE);
        buffer_fini(&small);
    }
    buffer_init(&small, 10);
    assert_int_equal(job_csv_head(&small), STATUS_TOO_LARGE);
    buffer_fini(&small);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_job_has_as_many_columns_as_are_named, set_up, tear_down),
        cmocka_unit_test_setup_teardown(texts_of_others_stand_in_quotes_and_are_no_formulas, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_was_made_is_named_when_it_is_there, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_delivery_names_nothing_that_another_job_made, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_line_that_does_not_fit_is_told, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
