#include "base/buffer.h"

#include "tests/unit/memory.h"
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

static void takes_no_memory_that_its_limit_makes_useless(void **state)
{
    static const size_t limits[] = {0, 1, 255, 256, 257, 1000, 5000};
    (void)state;
    for (size_t index = 0; index < sizeof limits / sizeof limits[0]; index++) {
        struct buffer buffer;
        buffer_init(&buffer, limits[index]);
        while (buffer_append_byte(&buffer, 'x') == STATUS_OK) {
            assert_true(buffer.capacity <= limits[index]);
        }
        assert_int_equal(buffer.size, limits[index]);
        buffer_fini(&buffer);
    }
}

static void nothing_can_be_appended_to_nothing(void **state)
{
    struct buffer buffer;
    uint8_t *out;
    (void)state;
    buffer_init(&buffer, 0);
    assert_int_equal(buffer_append(&buffer, NULL, 0), STATUS_OK);
    assert_int_equal(buffer_append_slice(&buffer, SLICE_EMPTY), STATUS_OK);
    assert_int_equal(buffer_reserve(&buffer, 0, &out), STATUS_OK);
    assert_int_equal(buffer_append_format(&buffer, "%s", ""), STATUS_OK);
    buffer_commit(&buffer, 0);
    buffer_consume(&buffer, 0);
    assert_int_equal(buffer.size, 0);
    assert_int_equal(buffer_append_byte(&buffer, 1), STATUS_TOO_LARGE);
    buffer_fini(&buffer);
}

static void sizes_near_the_largest_do_not_wrap(void **state)
{
    struct buffer buffer;
    uint8_t *out = NULL;
    (void)state;
    buffer_init(&buffer, SIZE_MAX);
    assert_int_equal(buffer_append(&buffer, "abc", 3), STATUS_OK);
    assert_int_equal(buffer_reserve(&buffer, SIZE_MAX - 2, &out), STATUS_TOO_LARGE);
    memory_fail_always(); /* a request that large must reach the allocator, not overflow */
    assert_int_equal(buffer_reserve(&buffer, SIZE_MAX - 3, &out), STATUS_NO_MEMORY);
    memory_fail_never();
    assert_null(out);
    assert_true(slice_equal(buffer_slice(&buffer), SLICE_LITERAL("abc")));
    buffer_fini(&buffer);
}

static void reserved_bytes_count_once_they_are_committed(void **state)
{
    struct buffer buffer;
    uint8_t *out;
    (void)state;
    buffer_init(&buffer, 10);
    assert_int_equal(buffer_append_byte(&buffer, 'a'), STATUS_OK);
    assert_int_equal(buffer_reserve(&buffer, 9, &out), STATUS_OK);
    assert_ptr_equal(out, buffer.data + 1);
    memcpy(out, "bc", 2);
    assert_int_equal(buffer.size, 1);
    buffer_commit(&buffer, 2);
    assert_true(slice_equal(buffer_slice(&buffer), SLICE_LITERAL("abc")));
    buffer_fini(&buffer);
}

static void a_cleared_buffer_keeps_its_memory(void **state)
{
    struct buffer buffer;
    (void)state;
    buffer_init(&buffer, 100);
    assert_int_equal(buffer_append_format(&buffer, "%s-%d", "job", 7), STATUS_OK);
    const uint8_t *data = buffer.data;
    buffer_clear(&buffer);
    assert_int_equal(buffer.size, 0);
    memory_fail_always();
    assert_int_equal(buffer_append_format(&buffer, "%s-%d", "job", 8), STATUS_OK);
    memory_fail_never();
    assert_ptr_equal(buffer.data, data);
    buffer_fini(&buffer);
}

static void a_failed_append_changes_nothing(void **state)
{
    struct buffer buffer;
    uint8_t *out = NULL;
    uint8_t more[300] = {0};
    (void)state;
    buffer_init(&buffer, 1000);
    assert_int_equal(buffer_append(&buffer, "abc", 3), STATUS_OK);
    memory_fail_always();
    assert_int_equal(buffer_append(&buffer, more, sizeof more), STATUS_NO_MEMORY);
    assert_int_equal(buffer_reserve(&buffer, sizeof more, &out), STATUS_NO_MEMORY);
    assert_int_equal(buffer_append_format(&buffer, "%300d", 1), STATUS_NO_MEMORY);
    memory_fail_never();
    assert_true(slice_equal(buffer_slice(&buffer), SLICE_LITERAL("abc")));
    buffer_fini(&buffer);
}

static void a_zeroed_buffer_can_be_released(void **state)
{
    struct buffer buffer = {0};
    (void)state;
    buffer_fini(&buffer);
    buffer_fini(&buffer);
    assert_null(buffer.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grows_up_to_its_limit_and_not_beyond),
        cmocka_unit_test(formats_text_that_just_fits),
        cmocka_unit_test(drops_bytes_from_its_front),
        cmocka_unit_test(takes_no_memory_that_its_limit_makes_useless),
        cmocka_unit_test(nothing_can_be_appended_to_nothing),
        cmocka_unit_test(sizes_near_the_largest_do_not_wrap),
        cmocka_unit_test(reserved_bytes_count_once_they_are_committed),
        cmocka_unit_test(a_cleared_buffer_keeps_its_memory),
        cmocka_unit_test(a_failed_append_changes_nothing),
        cmocka_unit_test(a_zeroed_buffer_can_be_released),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
