/* Which programs of `troupe up` get which secrets. */
#include "cli/secrets.h"

#include "tests/unit/test.h"

static const struct {
    const char *name;
    bool actor, gateway, others; /* whether it is hidden from them */
} CASES[] = {
    {"PATH", false, false, false},
    {"TROUPE_DATA", false, false, false},
    {"TROUPE_JWT_SECRET_FILE", false, false, false}, /* a path; the secret is on the disk */
    {"TROUPE_TOKEN", true, true, true},
    {"TROUPE_CHAT_KEY", false, true, true},
    {"TROUPE_IMAGE_KEY", false, true, true},
    {"TROUPE_VIDEO_KEY_FILE", false, true, true},
    {"TROUPE_CHAT_URL", false, false, false},
    {"TROUPE_S3_ENDPOINT", false, false, false},
    {"TROUPE_S3_KEY_ID", false, false, true},
    {"TROUPE_S3_SECRET", false, false, true},
    {"TROUPE_S3_TOKEN", false, false, true},
    {"WAVESPEED_KEY", false, true, true},
    {"SECOND_KEY", false, true, true},
    {"UNNAMED_KEY", false, false, false},
};

static void each_program_gets_what_it_needs(void **state)
{
    struct document *file = NULL;
    (void)state;
    assert_int_equal(document_parse(SLICE_LITERAL("{\"chat\":[{\"keyFile\":\"/k\"}],\"video\":[{"
                                                  "\"keyEnv\":\"WAVESPEED_KEY\"},{\"keyEnv\":"
                                                  "\"SECOND_KEY\"}]}"),
                                    &file),
                     STATUS_OK);
    const struct secrets actor = {true, true, file};
    const struct secrets gateway = {false, true, file};
    const struct secrets others = {false, false, file};
    for (size_t index = 0; index < sizeof CASES / sizeof CASES[0]; index++) {
        assert_int_equal(secrets_hide(&actor, CASES[index].name), CASES[index].actor);
        assert_int_equal(secrets_hide(&gateway, CASES[index].name), CASES[index].gateway);
        assert_int_equal(secrets_hide(&others, CASES[index].name), CASES[index].others);
    }
    document_destroy(&file);
}

static void one_without_a_file_hides_the_named_ones(void **state)
{
    const struct secrets others = {0};
    (void)state;
    assert_true(secrets_hide(&others, "TROUPE_CHAT_KEY"));
    assert_false(secrets_hide(&others, "WAVESPEED_KEY"));
}

static void a_variable_of_both_goes_to_who_needs_either(void **state)
{
    struct document *file = NULL;
    (void)state;
    assert_int_equal(
        document_parse(SLICE_LITERAL("{\"chat\":[{\"keyEnv\":\"TROUPE_S3_SECRET\"}]}"), &file),
        STATUS_OK);
    assert_false(secrets_hide(&(struct secrets){true, false, file}, "TROUPE_S3_SECRET"));
    assert_false(secrets_hide(&(struct secrets){false, true, file}, "TROUPE_S3_SECRET"));
    assert_true(secrets_hide(&(struct secrets){false, false, file}, "TROUPE_S3_SECRET"));
    document_destroy(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_program_gets_what_it_needs),
        cmocka_unit_test(one_without_a_file_hides_the_named_ones),
        cmocka_unit_test(a_variable_of_both_goes_to_who_needs_either),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
