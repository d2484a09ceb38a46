#include "actors/studio/multipart.h"

#include <stdlib.h>
#include "tests/unit/test.h"

static const char TYPE[] = "multipart/form-data; boundary=----b0";
static const char BODY[] =
    "preamble\r\n------b0\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nx\r\n"
    "------b0\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a \\b.png\"\r\n"
    "Content-Type: image/png\r\n\r\n\x89PNG\r\n--\r\n----b0 is inside\r\n------b0--\r\n";

static enum status find(const char *type, const char *body, const char *name,
                        struct multipart_part *out)
{
    return multipart_find(slice_from_string(type), slice_from_string(body), name, out);
}

static void finds_a_part_with_its_file_name(void **state)
{
    struct multipart_part part;
    (void)state;
    assert_int_equal(find(TYPE, BODY, "file", &part), STATUS_OK);
    assert_true(slice_equal(part.content, SLICE_LITERAL("\x89PNG\r\n--\r\n----b0 is inside")));
    assert_true(slice_equal(part.file_name, SLICE_LITERAL("a \\b.png")));
    assert_int_equal(find(TYPE, BODY, "model", &part), STATUS_OK);
    assert_true(slice_equal(part.content, SLICE_LITERAL("x")));
    assert_int_equal(part.file_name.size, 0);
}

static void reads_a_quoted_boundary_and_an_empty_part(void **state)
{
    struct multipart_part part;
    (void)state;
    assert_int_equal(find("Multipart/Form-Data; charset=x; boundary=\"a b\"",
                          "--a b\r\nContent-Disposition: form-data; name=file\r\n\r\n\r\n--a b--",
                          "file", &part),
                     STATUS_OK);
    assert_int_equal(part.content.size, 0);
}

static void says_what_is_wrong(void **state)
{
    struct multipart_part part;
    (void)state;
    assert_int_equal(find("application/json", BODY, "file", &part), STATUS_UNSUPPORTED);
    assert_int_equal(find("", BODY, "file", &part), STATUS_UNSUPPORTED);
    assert_int_equal(find("multipart/form-data", BODY, "file", &part), STATUS_MALFORMED);
    assert_int_equal(find("multipart/form-data; boundary=", BODY, "file", &part), STATUS_MALFORMED);
    assert_int_equal(find(TYPE, "nothing here", "file", &part), STATUS_MALFORMED);
    assert_int_equal(find(TYPE, BODY, "picture", &part), STATUS_NOT_FOUND);
}

static void stands_every_cut(void **state)
{
    struct multipart_part part;
    (void)state;
    for (size_t size = 0; size < sizeof BODY - 1; size++) {
        char *exact = malloc(size > 0 ? size : 1); /* so that the sanitizer sees a step too far */
        memcpy(exact, BODY, size);
        multipart_find(slice_from_string(TYPE), slice_make(exact, size), "file", &part);
        free(exact);
    }
    for (size_t size = 0; size < sizeof TYPE - 1; size++) {
        char *exact = malloc(size > 0 ? size : 1);
        memcpy(exact, TYPE, size);
        multipart_find(slice_make(exact, size), slice_from_string(BODY), "file", &part);
        free(exact);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_a_part_with_its_file_name),
        cmocka_unit_test(reads_a_quoted_boundary_and_an_empty_part),
        cmocka_unit_test(says_what_is_wrong),
        cmocka_unit_test(stands_every_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
