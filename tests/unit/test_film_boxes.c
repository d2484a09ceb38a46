#include "actors/film_boxes.h"

#include "tests/unit/test.h"

#define FTYP     \
    "\0\0\0\x0c" \
    "ftyp"       \
    "isom"
#define MOOV     \
    "\0\0\0\x0a" \
    "moov"       \
    "xx"
#define MDAT     \
    "\0\0\0\x0b" \
    "mdat"       \
    "xxx"
#define LONG             \
    "\0\0\0\1"           \
    "mdat"               \
    "\0\0\0\0\0\0\0\x12" \
    "xx"
#define REST   \
    "\0\0\0\0" \
    "mdat"     \
    "as long as it likes"
#define TEXT(t) slice_make(t, sizeof(t) - 1)

/* Takes bytes in pieces of a size. */
static enum status take(struct film_boxes *boxes, struct slice bytes, size_t piece)
{
    enum status status = STATUS_OK;
    *boxes = (struct film_boxes){0};
    for (size_t at = 0; at < bytes.size && status == STATUS_OK; at += piece) {
        size_t size = bytes.size - at < piece ? bytes.size - at : piece;
        status = film_boxes_take(boxes, slice_make(bytes.data + at, size));
    }
    return status;
}

static void a_film_is_whole_at_its_end_and_nowhere_before(void **state)
{
    static const struct slice films[] = {
        {(const uint8_t *)FTYP MOOV MDAT, sizeof(FTYP MOOV MDAT) - 1},
        {(const uint8_t *)FTYP MDAT MOOV, sizeof(FTYP MDAT MOOV) - 1},
        {(const uint8_t *)FTYP MOOV LONG, sizeof(FTYP MOOV LONG) - 1},
    };
    struct film_boxes boxes;
    (void)state;
    for (size_t index = 0; index < sizeof films / sizeof films[0]; index++) {
        for (size_t size = 0; size <= films[index].size; size++) {
            for (size_t piece = 1; piece < 9; piece++) {
                struct slice part = slice_make(films[index].data, size);
                assert_int_equal(take(&boxes, part, piece), STATUS_OK);
                assert_int_equal(film_boxes_are_whole(&boxes), size == films[index].size);
            }
        }
    }
}

static void a_last_box_may_have_no_end(void **state)
{
    struct film_boxes boxes;
    (void)state;
    assert_int_equal(take(&boxes, TEXT(FTYP MOOV REST), 5), STATUS_OK);
    assert_true(film_boxes_are_whole(&boxes));
}

static void what_cannot_be_played_is_not_whole(void **state)
{
    struct film_boxes boxes;
    (void)state;
    assert_int_equal(take(&boxes, TEXT(FTYP), 64), STATUS_OK);
    assert_false(film_boxes_are_whole(&boxes));
    assert_int_equal(take(&boxes, TEXT(FTYP MOOV), 64), STATUS_OK);
    assert_false(film_boxes_are_whole(&boxes));
    assert_int_equal(take(&boxes, TEXT(FTYP MDAT), 64), STATUS_OK);
    assert_false(film_boxes_are_whole(&boxes));
}

static void what_is_no_film_is_refused(void **state)
{
    static const struct slice bad[] = {
        {(const uint8_t *)"<html><body>", 12},
        {(const uint8_t *)MOOV FTYP MDAT, sizeof(MOOV FTYP MDAT) - 1},
        {(const uint8_t *)FTYP "\0\0\0\x07moov", sizeof(FTYP) + 7},
        {(const uint8_t *)FTYP "\0\0\0\1moov\0\0\0\0\0\0\0\x0f", sizeof(FTYP) + 15},
    };
    struct film_boxes boxes;
    (void)state;
    for (size_t index = 0; index < sizeof bad / sizeof bad[0]; index++) {
        assert_int_equal(take(&boxes, bad[index], 64), STATUS_MALFORMED);
        assert_int_equal(take(&boxes, bad[index], 3), STATUS_MALFORMED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_film_is_whole_at_its_end_and_nowhere_before),
        cmocka_unit_test(a_last_box_may_have_no_end),
        cmocka_unit_test(what_cannot_be_played_is_not_whole),
        cmocka_unit_test(what_is_no_film_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
