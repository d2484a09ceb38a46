/* The page of the busiest users, whatever the order in which they are shown. */
#include "broker/busiest.h"

#include <stdio.h>
#include <string.h>
#include "tests/unit/test.h"

enum {
    USERS = 250, /* more than two pages */
};

static const struct busiest_place first;
static struct busiest busiest;

/* A user of this number; eight of them have as many jobs. */
static void show(uint32_t number)
{
    char name[16];
    int size = snprintf(name, sizeof name, "user-%03u", number);
    const struct user_told user = {.owner = slice_make(name, (size_t)size),
                                   .waiting = number / 8,
                                   .active = 1,
                                   .delayed = 2,
                                   .spent = number};
    busiest_add(&busiest, &user);
}

static void expect_user(uint32_t rank, const char *name)
{
    const struct busiest_user *user = busiest_at(&busiest, rank);
    if (!slice_equal(slice_make(user->owner, user->owner_size), slice_from_string(name))) {
        fail_msg("%.*s, should be %s", user->owner_size, (const char *)user->owner, name);
    }
}

/* Where the page ends. */
static struct busiest_place end_of_page(void)
{
    const struct busiest_user *user = busiest_at(&busiest, busiest.count - 1);
    struct busiest_place place = {.jobs = user->waiting + user->active + user->delayed,
                                  .owner_size = user->owner_size};
    memcpy(place.owner, user->owner, user->owner_size);
    return place;
}

static void shows_those_with_the_most_first_and_equals_by_name(void **state)
{
    (void)state;
    busiest_begin(&busiest, &first);
    for (uint32_t number = 0; number < 16; number++) {
        show(number * 7 % 16);
    }
    assert_int_equal(busiest.count, 16);
    assert_int_equal(busiest.behind, 16);
    expect_user(0, "user-008");
    expect_user(7, "user-015");
    expect_user(8, "user-000");
    expect_user(15, "user-007");
    assert_int_equal(busiest.users, 16);
    assert_int_equal(busiest.waiting, 8);
    assert_int_equal(busiest.active, 16);
    assert_int_equal(busiest.delayed, 32);
}

static void pages_show_each_user_once(void **state)
{
    struct busiest_place after = first;
    bool seen[USERS] = {false};
    uint32_t total = 0;
    (void)state;
    for (uint32_t step = 1; total < USERS; step += 2) {
        busiest_begin(&busiest, &after);
        for (uint32_t index = 0; index < USERS; index++) {
            show(index * (step == 1 ? 1 : 249) % USERS); /* forwards, then backwards */
        }
        assert_int_equal(busiest.users, USERS);
        assert_int_equal(busiest.behind, USERS - total);
        assert_true(busiest.count > 0);
        for (uint32_t rank = 0; rank < busiest.count; rank++) {
            unsigned number = 0;
            const struct busiest_user *user = busiest_at(&busiest, rank);
            assert_int_equal(sscanf((const char *)user->owner, "user-%3u", &number), 1);
            assert_false(seen[number]);
            seen[number] = true;
        }
        total += busiest.count;
        after = end_of_page();
    }
    assert_int_equal(total, USERS);
    busiest_begin(&busiest, &after); /* behind the last, user-007 */
    show(0);
    show(249);
    assert_int_equal(busiest.behind + busiest.count, 0);
}

static void a_place_is_that_of_a_name_and_a_number(void **state)
{
    struct busiest_place one = {.jobs = 1, .owner_size = 1, .owner = "a"};
    struct busiest_place other = one;
    (void)state;
    assert_true(busiest_place_equal(&one, &other));
    other.owner[0] = 'b';
    assert_false(busiest_place_equal(&one, &other));
    other = one;
    other.jobs = 2;
    assert_false(busiest_place_equal(&one, &other));
    assert_false(busiest_place_equal(&one, &first));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shows_those_with_the_most_first_and_equals_by_name),
        cmocka_unit_test(pages_show_each_user_once),
        cmocka_unit_test(a_place_is_that_of_a_name_and_a_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
