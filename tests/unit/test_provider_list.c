#include "actors/provider_list.h"

#include "tests/unit/test.h"

static struct provider_list three(void)
{
    return (struct provider_list){.count = 3,
                                  .items = {{.name = "a"}, {.name = "b"}, {.name = "c"}}};
}

static void asks_them_in_their_order(void **state)
{
    struct provider_list list = three();
    (void)state;
    assert_string_equal(provider_list_choose(&list, 1000)->name, "a");
    provider_avoid(&list.items[0], 2000);
    assert_string_equal(provider_list_choose(&list, 1000)->name, "b");
    assert_string_equal(provider_list_choose(&list, 2000)->name, "a");
}

static void asks_who_is_soonest_back_when_all_are_passed_over(void **state)
{
    struct provider_list list = three();
    (void)state;
    provider_avoid(&list.items[0], 5000);
    provider_avoid(&list.items[1], 3000);
    provider_avoid(&list.items[2], 4000);
    assert_string_equal(provider_list_choose(&list, 1000)->name, "b");
    assert_false(provider_list_has_other(&list, &list.items[1], 1000));
    assert_true(provider_list_has_other(&list, &list.items[1], 4000));
}

static void a_pause_gets_no_shorter(void **state)
{
    struct provider_list list = three();
    (void)state;
    provider_avoid(&list.items[0], 5000);
    provider_avoid(&list.items[0], 3000);
    assert_int_equal(list.items[0].avoid_until_ms, 5000);
}

static void one_alone_is_asked_whatever_happened(void **state)
{
    struct provider_list list = {.count = 1, .items = {{.name = "a"}}};
    (void)state;
    provider_avoid(&list.items[0], 5000);
    assert_string_equal(provider_list_choose(&list, 1000)->name, "a");
    assert_false(provider_list_has_other(&list, &list.items[0], 1000));
}

static void finds_them_by_name(void **state)
{
    struct provider_list list = three();
    (void)state;
    assert_ptr_equal(provider_list_find(&list, SLICE_LITERAL("c")), &list.items[2]);
    assert_null(provider_list_find(&list, SLICE_LITERAL("d")));
    assert_null(provider_list_find(&list, SLICE_EMPTY));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(asks_them_in_their_order),
        cmocka_unit_test(asks_who_is_soonest_back_when_all_are_passed_over),
        cmocka_unit_test(a_pause_gets_no_shorter),
        cmocka_unit_test(one_alone_is_asked_whatever_happened),
        cmocka_unit_test(finds_them_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
