#include "base/random.h"

#include <string.h>
#include "tests/unit/test.h"

static void fills_all_that_was_asked_and_no_more(void **state)
{
    uint8_t bytes[1024];
    (void)state;
    for (size_t size = 0; size <= 1000; size += 100) {
        memset(bytes, 0, sizeof bytes);
        random_bytes(bytes, size);
        /* Sixteen zeros in a row come by chance once in 2^128. */
        const uint8_t zeros[16] = {0};
        for (size_t index = 0; index + sizeof zeros <= size; index += sizeof zeros) {
            assert_memory_not_equal(bytes + index, zeros, sizeof zeros);
        }
        for (size_t index = size; index < sizeof bytes; index++) {
            assert_int_equal(bytes[index], 0);
        }
    }
}

static void is_different_every_time(void **state)
{
    uint8_t first[16];
    uint8_t second[16];
    (void)state;
    random_bytes(first, sizeof first);
    random_bytes(second, sizeof second);
    assert_memory_not_equal(first, second, sizeof first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fills_all_that_was_asked_and_no_more),
        cmocka_unit_test(is_different_every_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
