#include "broker/batch.h"

#include "tests/unit/test.h"

static void gives_back_what_was_put_in_its_order(void **state)
{
    struct batch batch;
    struct batch_entry entry;
    size_t position = 0;
    (void)state;
    batch_init(&batch);
    batch_clear(&batch, 7);
    assert_int_equal(batch_put(&batch, SLICE_LITERAL("a"), SLICE_LITERAL("one")), STATUS_OK);
    assert_int_equal(batch_delete(&batch, SLICE_LITERAL("b")), STATUS_OK);
    assert_int_equal(batch_add(&batch, SLICE_LITERAL("c"), -2), STATUS_OK);
    assert_int_equal(batch_put(&batch, SLICE_LITERAL("d"), SLICE_EMPTY), STATUS_OK);
    assert_int_equal(batch.count, 4);
    assert_int_equal(batch_size(&batch), 4 + 3 + 8);

    assert_true(batch_next(&batch, &position, &entry));
    assert_int_equal(entry.operation, BATCH_PUT);
    assert_true(slice_equal(entry.key, SLICE_LITERAL("a")));
    assert_true(slice_equal(entry.value, SLICE_LITERAL("one")));
    assert_true(batch_next(&batch, &position, &entry));
    assert_int_equal(entry.operation, BATCH_DELETE);
    assert_true(slice_equal(entry.key, SLICE_LITERAL("b")));
    assert_true(batch_next(&batch, &position, &entry));
    assert_int_equal(entry.operation, BATCH_ADD);
    assert_memory_equal(entry.value.data, "\xfe\xff\xff\xff\xff\xff\xff\xff", BATCH_ADD_SIZE);
    assert_true(batch_next(&batch, &position, &entry));
    assert_int_equal(entry.value.size, 0);
    assert_false(batch_next(&batch, &position, &entry));
    batch_fini(&batch);
}

static void is_empty_after_a_clear(void **state)
{
    struct batch batch;
    struct batch_entry entry;
    size_t position = 0;
    (void)state;
    batch_init(&batch);
    assert_int_equal(batch_delete(&batch, SLICE_LITERAL("b")), STATUS_OK);
    batch_clear(&batch, 8);
    assert_int_equal(batch.number, 8);
    assert_int_equal(batch.count, 0);
    assert_false(batch_next(&batch, &position, &entry));
    batch_fini(&batch);
    batch_fini(&batch);
}

static void refuses_more_than_its_limit_and_stays_as_it_was(void **state)
{
    static uint8_t big[1 << 20];
    struct batch batch;
    (void)state;
    batch_init(&batch);
    for (int index = 0; index < 7; index++) {
        assert_int_equal(batch_put(&batch, SLICE_LITERAL("k"), slice_make(big, sizeof big)),
                         STATUS_OK);
    }
    assert_int_equal(batch_put(&batch, SLICE_LITERAL("k"), slice_make(big, sizeof big)),
                     STATUS_TOO_LARGE);
    assert_int_equal(batch.count, 7);
    assert_int_equal(batch_size(&batch), 7 * (1 + sizeof big));
    batch_fini(&batch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_back_what_was_put_in_its_order),
        cmocka_unit_test(is_empty_after_a_clear),
        cmocka_unit_test(refuses_more_than_its_limit_and_stays_as_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
