#include "actors/picture.h"

#include <stdlib.h>
#include "tests/unit/test.h"

/* The least that is a whole picture of its kind: heads and ends, with nothing between. */
#define PNG                                                                     \
    "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x04\0\0\0\x02\x58\x08\x02\0\0\0\1\2\3\4" \
    "\0\0\0\0IEND\xae\x42\x60\x82"
#define JPEG "\xff\xd8\xff\xe0\0\x04\0\0\xff\xc0\0\x0b\x08\x02\x58\x04\0\1\1\1\0\xff\xd9"
#define WEBP_LOSSY \
    "RIFF\x1e\0\0\0WEBPVP8 \x12\0\0\0\0\0\0\x9d\x01\x2a\0\x04\x58\x02\0\0\0\0\0\0\0\0"
#define WEBP_LOSSLESS "RIFF\x1e\0\0\0WEBPVP8L\x12\0\0\0\x2f\xff\xc3\x95\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
#define WEBP_EXTENDED "RIFF\x1e\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\xff\x03\0\x57\x02\0\0\0\0\0\0\0\0\0"

#define CASE(text, type)                                  \
    {                                                     \
        {(const uint8_t *)(text), sizeof(text) - 1}, type \
    }

static const struct {
    struct slice bytes;
    const char *content_type;
} whole[] = {
    CASE(PNG, "image/png"),
    CASE(JPEG, "image/jpeg"),
    CASE(WEBP_LOSSY, "image/webp"),
    CASE(WEBP_LOSSLESS, "image/webp"),
    CASE(WEBP_EXTENDED, "image/webp"),
};

enum {
    WHOLE_COUNT = sizeof(whole) / sizeof(whole[0]),
};

static void whole_pictures_tell_their_type_and_size(void **state)
{
    (void)state;
    for (size_t index = 0; index < WHOLE_COUNT; index++) {
        struct picture picture;
        assert_int_equal(picture_look(whole[index].bytes, &picture), STATUS_OK);
        assert_string_equal(picture.content_type, whole[index].content_type);
        assert_int_equal(picture.width, 1024);
        assert_int_equal(picture.height, 600);
    }
}

/* However they come, and however much of them. */
static void bytes_that_come_one_after_another_are_the_same_picture(void **state)
{
    (void)state;
    for (size_t index = 0; index < WHOLE_COUNT; index++) {
        for (size_t size = 0; size <= whole[index].bytes.size; size++) {
            for (size_t step = 1; step <= 13; step++) {
                struct picture at_once, in_parts;
                struct picture_scan scan = {0};
                enum status status = STATUS_OK;
                for (size_t at = 0; at < size && status == STATUS_OK; at += step) {
                    size_t part = size - at < step ? size - at : step;
                    status =
                        picture_scan_take(&scan, slice_make(whole[index].bytes.data + at, part));
                }
                status = status == STATUS_OK ? picture_scan_end(&scan, &in_parts) : status;
                assert_int_equal(status,
                                 picture_look(slice_make(whole[index].bytes.data, size), &at_once));
                if (status == STATUS_OK) {
                    assert_string_equal(in_parts.content_type, at_once.content_type);
                    assert_int_equal(in_parts.width, at_once.width);
                    assert_int_equal(in_parts.height, at_once.height);
                }
            }
        }
    }
}

static void what_is_no_picture_is_told_by_its_first_bytes(void **state)
{
    struct picture_scan scan = {0};
    (void)state;
    assert_int_equal(picture_scan_take(&scan, SLICE_LITERAL("<html>")), STATUS_OK);
    assert_int_equal(picture_scan_take(&scan, SLICE_LITERAL("<body>")), STATUS_UNSUPPORTED);
}

/* Each length is copied to a place of its own size, so that reading beyond it is seen. */
static void a_picture_cut_anywhere_is_refused(void **state)
{
    (void)state;
    for (size_t index = 0; index < WHOLE_COUNT; index++) {
        for (size_t size = 0; size < whole[index].bytes.size; size++) {
            struct picture picture;
            uint8_t *bytes = malloc(size == 0 ? 1 : size);
            assert_non_null(bytes);
            memcpy(bytes, whole[index].bytes.data, size);
            assert_int_not_equal(picture_look(slice_make(bytes, size), &picture), STATUS_OK);
            free(bytes);
        }
    }
}

/* ITU T.81, B.1.1.2: any number of 0xff may stand before a marker. */
static void a_picture_may_have_fill_bytes_and_a_short_trailer(void **state)
{
    static const char filled[] = "\xff\xd8\xff\xff\xff\xe0\0\x04\0\0\xff\xff\xc0\0\x0b\x08\x02\x58"
                                 "\x04\0\1\1\1\0\xff\xff\xd9";
    uint8_t trailed[sizeof(JPEG) - 1 + 2000];
    struct picture picture;
    (void)state;
    assert_int_equal(picture_look(slice_make(filled, sizeof(filled) - 1), &picture), STATUS_OK);
    assert_int_equal(picture.width, 1024);
    assert_int_equal(picture.height, 600);
    memset(trailed, 'x', sizeof(trailed));
    memcpy(trailed, JPEG, sizeof(JPEG) - 1);
    assert_int_equal(picture_look(slice_make(trailed, sizeof(JPEG) - 1 + 1), &picture), STATUS_OK);
    assert_int_equal(picture_look(slice_make(trailed, sizeof(JPEG) - 1 + 1024), &picture),
                     STATUS_OK);
    assert_int_equal(picture_look(slice_make(trailed, sizeof(trailed)), &picture),
                     STATUS_MALFORMED);
}

/* Its end of image is not the picture's. */
static void a_cut_picture_with_a_small_one_in_it_is_refused(void **state)
{
    static const char cut[] = "\xff\xd8\xff\xe1\0\x08thu\xff\xd9x\xff\xc0\0\x0b\x08\x02\x58\x04\0"
                              "\1\1\1\0";
    struct picture picture;
    (void)state;
    assert_int_equal(picture_look(slice_make(cut, sizeof(cut) - 1), &picture), STATUS_MALFORMED);
}

static void other_bytes_are_no_picture(void **state)
{
    struct picture picture;
    (void)state;
    assert_int_equal(picture_look(SLICE_LITERAL("<svg xmlns=\"...\"/>"), &picture),
                     STATUS_UNSUPPORTED);
    assert_int_equal(picture_look(SLICE_LITERAL("GIF89a"), &picture), STATUS_UNSUPPORTED);
}

static void a_picture_without_a_size_is_refused(void **state)
{
    struct picture picture;
    uint8_t bytes[sizeof(PNG) - 1];
    (void)state;
    memcpy(bytes, PNG, sizeof(bytes));
    memset(bytes + 16, 0, 4);
    assert_int_equal(picture_look(slice_make(bytes, sizeof(bytes)), &picture), STATUS_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_that_come_one_after_another_are_the_same_picture),
        cmocka_unit_test(what_is_no_picture_is_told_by_its_first_bytes),
        cmocka_unit_test(whole_pictures_tell_their_type_and_size),
        cmocka_unit_test(a_picture_cut_anywhere_is_refused),
        cmocka_unit_test(a_picture_may_have_fill_bytes_and_a_short_trailer),
        cmocka_unit_test(a_cut_picture_with_a_small_one_in_it_is_refused),
        cmocka_unit_test(other_bytes_are_no_picture),
        cmocka_unit_test(a_picture_without_a_size_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
