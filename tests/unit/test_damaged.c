/* Which damaged jobs the log has been told of. */

#include "broker/damaged.h"

#include "tests/unit/test.h"

static struct view_damage damage_of(uint8_t first, uint32_t count)
{
    struct view_damage damage = {.count = count};
    for (uint32_t index = 0; index < count; index++) {
        damage.ids[index] = (struct id){{(uint8_t)(first + index)}};
    }
    return damage;
}

static void each_job_is_told_once(void **state)
{
    struct damaged damaged = {0};
    const struct view_damage none = {0};
    struct view_damage two = damage_of(1, 2);
    struct view_damage three = damage_of(1, 3);
    (void)state;
    damaged_tell(&damaged, &none);
    assert_int_equal(damaged.count, 0);
    damaged_tell(&damaged, &two);
    damaged_tell(&damaged, &two);
    assert_int_equal(damaged.count, 2);
    damaged_tell(&damaged, &three);
    assert_int_equal(damaged.count, 3);
    assert_true(id_equal(&damaged.told[2], &three.ids[2]));
}

static void entries_are_told_once_and_keys_each_time(void **state)
{
    struct damaged damaged = {0};
    const struct view_damage keys = {.keys = 1};
    const struct view_damage entries = {.entries = 3};
    (void)state;
    damaged_tell(&damaged, &keys);
    assert_false(damaged.entries_told);
    damaged_tell(&damaged, &entries);
    assert_true(damaged.entries_told);
    damaged_tell(&damaged, &entries);
    assert_int_equal(damaged.count, 0);
}

static void a_store_full_of_them_does_not_fill_the_log(void **state)
{
    struct damaged damaged = {0};
    (void)state;
    for (uint8_t first = 0; first < 2 * DAMAGED_TOLD_MAX; first += VIEW_DAMAGE_MAX) {
        struct view_damage damage = damage_of(first, VIEW_DAMAGE_MAX);
        damaged_tell(&damaged, &damage);
    }
    assert_int_equal(damaged.count, DAMAGED_TOLD_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_job_is_told_once),
        cmocka_unit_test(entries_are_told_once_and_keys_each_time),
        cmocka_unit_test(a_store_full_of_them_does_not_fill_the_log),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
