#include "base/buffer.h"

#include "tests/unit/test.h"

static void grows_up_to_its_limit_and_not_beyond(void **state)
{
    struct buffer buffer;
    (void)state;
    buffer_init(&buffer, 1000);
    for (int index = 0; index < 1000; index++) {
        assert_int_equal(buffer_append_byte(&buffer, (uint8_t)index), STATUS_OK);
    }
    assert_int_equal(buffer_append_byte(&buffer, 1), STATUS_TOO_LARGE);
    assert_int_equal(buffer.size, 1000);
    assert_int_equal(buffer.data[999], 999 & 255);
    buffer_fini(&buffer);
    buffer_fini(&buffer);
}

static void formats_text_that_just_fits(void **state)
{
    struct buffer buffer;
    (void)state;
    buffer_init(&buffer, 5);
    assert_int_equal(buffer_append_format(&buffer, "%d", 12345), STATUS_OK);
    assert_true(slice_equal(buffer_slice(&buffer), SLICE_LITERAL("12345")));
    assert_int_equal(buffer_append_format(&buffer, "%d", 6), STATUS_TOO_LARGE);
    assert_int_equal(buffer.size, 5);
    buffer_fini(&buffer);
}

static void drops_bytes_from_its_front(void **state)
{
    struct buffer buffer;
    (void)state;
    buffer_init(&buffer, 100);
    assert_int_equal(buffer_append(&buffer, "abcdef", 6), STATUS_OK);
    buffer_consume(&buffer, 2);
    assert_true(slice_equal(buffer_slice(&buffer), SLICE_LITERAL("cdef")));
    buffer_consume(&buffer, 4);
    assert_int_equal(buffer.size, 0);
    buffer_fini(&buffer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grows_up_to_its_limit_and_not_beyond),
        cmocka_unit_test(formats_text_that_just_fits),
        cmocka_unit_test(drops_bytes_from_its_front),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
