/* What a store lists, and what hostile ones may say in its place. */

#include "s3/list.h"

#include "tests/unit/test.h"

static const struct s3_bucket bucket = {.prefix = "stage/"};

#define TIME      "<LastModified>2026-11-26T16:00:00.000Z</LastModified>"
#define ITEM(key) "<Contents><Key>" key "</Key>" TIME "</Contents>"

static void objects_are_read_below_the_prefix(void **state)
{
    struct slice rest = SLICE_LITERAL("<L><IsTruncated>true</IsTruncated>" ITEM("stage/a.png")
                                          ITEM("other/b.png") ITEM("stage/") ITEM("stage/c&amp;d")
                                              ITEM("") "<Contents><Key>stage/e</Key></Contents>"
                                                       "</L>");
    struct s3_listed entry;
    bool is_cut = false;
    (void)state;
    assert_true(s3_list_is_cut(rest, &is_cut));
    assert_true(is_cut);
    assert_true(s3_list_next(&bucket, "Contents", &rest, &entry));
    assert_string_equal(entry.key, "a.png");
    assert_int_equal(entry.at_ms, 1795708800000);
    assert_true(s3_list_next(&bucket, "Contents", &rest, &entry));
    assert_string_equal(entry.key, "c&d");
    assert_false(s3_list_next(&bucket, "Contents", &rest, &entry)); /* the last has no time */
}

static void uploads_are_read_with_their_ids(void **state)
{
    struct slice rest =
        SLICE_LITERAL("<Upload><Key>stage/a</Key><UploadId>x/1+=</UploadId>"
                      "<Initiated>2026-11-26T16:00:00Z</Initiated></Upload>"
                      "<Upload><Key>stage/b</Key><Initiated>2026-11-26T16:00:00Z</Initiated>"
                      "</Upload>");
    struct s3_listed entry;
    (void)state;
    assert_true(s3_list_next(&bucket, "Upload", &rest, &entry));
    assert_string_equal(entry.key, "a");
    assert_string_equal(entry.upload_id, "x/1+=");
    assert_false(s3_list_next(&bucket, "Upload", &rest, &entry)); /* it has no id */
}

static void keys_that_are_too_long_or_hold_a_nul_are_passed_over(void **state)
{
    struct buffer text;
    struct s3_listed entry;
    (void)state;
    for (size_t size = S3_KEY_SIZE_MAX; size <= S3_KEY_SIZE_MAX + 1; size++) {
        buffer_init(&text, 4096);
        buffer_append_format(&text, "<Contents><Key>stage/%0*d</Key>" TIME "</Contents>", (int)size,
                             0);
        struct slice rest = buffer_slice(&text);
        assert_int_equal(s3_list_next(&bucket, "Contents", &rest, &entry), size == S3_KEY_SIZE_MAX);
        buffer_fini(&text);
    }
    struct slice rest = SLICE_LITERAL("<Contents><Key>stage/a\0b</Key>" TIME "</Contents>");
    assert_false(s3_list_next(&bucket, "Contents", &rest, &entry));
}

static void what_is_no_list_is_none(void **state)
{
    bool is_cut = true;
    (void)state;
    assert_false(s3_list_is_cut(SLICE_LITERAL("<html></html>"), &is_cut));
    assert_false(s3_list_is_cut(SLICE_EMPTY, &is_cut));
    assert_true(s3_list_is_cut(SLICE_LITERAL("<IsTruncated>false</IsTruncated>"), &is_cut));
    assert_false(is_cut);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(objects_are_read_below_the_prefix),
        cmocka_unit_test(uploads_are_read_with_their_ids),
        cmocka_unit_test(keys_that_are_too_long_or_hold_a_nul_are_passed_over),
        cmocka_unit_test(what_is_no_list_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
