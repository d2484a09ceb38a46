#include "broker/core/waiting.h"

#include "tests/unit/test.h"

enum {
    JOBS = 1000,
};

static struct slab slab;
static uint32_t first;

static int set_up(void **state)
{
    (void)state;
    slab_init(&slab);
    first = JOB_NONE;
    assert_int_equal(slab_reserve(&slab, JOBS), STATUS_OK);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    slab_fini(&slab);
    return 0;
}

static uint32_t put(int64_t waiting_at)
{
    uint32_t index = slab_take(&slab);
    slab_job(&slab, index)->waiting_at = waiting_at;
    waiting_put(&first, &slab, index);
    return index;
}

/* Checks that there are so many, in their order, linked both ways. */
static void expect(uint32_t count)
{
    uint32_t index = first;
    int64_t before = 0;
    for (uint32_t place = 0; place < count; place++) {
        const struct job *job = slab_job(&slab, index);
        assert_true(job->waiting_at >= before);
        assert_int_equal(slab_job(&slab, job->chain_next)->chain_previous, index);
        before = job->waiting_at;
        index = job->chain_next;
    }
    assert_int_equal(index, first);
}

static void the_first_one_is_the_first_that_came(void **state)
{
    (void)state;
    uint32_t one = put(10);
    uint32_t two = put(20);
    uint32_t three = put(30);
    expect(3);
    waiting_remove(&first, &slab, two);
    assert_int_equal(first, one);
    waiting_remove(&first, &slab, one);
    assert_int_equal(first, three);
    waiting_remove(&first, &slab, three);
    assert_int_equal(first, JOB_NONE);
    assert_int_equal(slab_job(&slab, three)->chain_next, JOB_NONE);
}

static void a_latecomer_goes_to_the_place_of_its_time(void **state)
{
    static const int64_t times[] = {20, 10, 30, 20, 5, 25};
    uint32_t indexes[6];
    (void)state;
    for (uint32_t place = 0; place < 6; place++) {
        indexes[place] = slab_take(&slab);
        slab_job(&slab, indexes[place])->waiting_at = times[place];
        waiting_insert(&first, &slab, indexes[place]);
        expect(place + 1);
    }
    assert_int_equal(first, indexes[4]);
    assert_int_equal(slab_job(&slab, indexes[0])->chain_next, indexes[3]); /* of equals the last */
}

static void its_class_tells_how_far_a_job_has_got(void **state)
{
    struct job job = {0};
    (void)state;
    assert_int_equal(waiting_class_of(&job), WAITING_CLASS_USUAL);
    job.paid_lease = 1;
    assert_int_equal(waiting_class_of(&job), WAITING_CLASS_BEGUN);
    job.flags = JOB_FLAG_TASK | JOB_FLAG_INPUT;
    assert_int_equal(waiting_class_of(&job), WAITING_CLASS_TASK);
}

static void sorting_puts_those_of_a_restart_in_order(void **state)
{
    uint32_t random = 1;
    (void)state;
    waiting_sort(&first, &slab);
    assert_int_equal(first, JOB_NONE);
    for (uint32_t count = 1; count <= JOBS; count++) {
        random = random * 1664525 + 1013904223;
        put((random >> 20) % 500);
        if (count < 20 || count == JOBS) {
            waiting_sort(&first, &slab);
            expect(count);
        }
    }
}

static void equals_stay_in_their_order(void **state)
{
    uint32_t indexes[5];
    (void)state;
    for (int place = 0; place < 5; place++) {
        indexes[place] = put(7);
    }
    waiting_sort(&first, &slab);
    uint32_t index = first;
    for (int place = 0; place < 5; place++) {
        assert_int_equal(index, indexes[place]);
        index = slab_job(&slab, index)->chain_next;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_first_one_is_the_first_that_came, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_latecomer_goes_to_the_place_of_its_time, set_up,
                                        tear_down),
        cmocka_unit_test(its_class_tells_how_far_a_job_has_got),
        cmocka_unit_test_setup_teardown(sorting_puts_those_of_a_restart_in_order, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(equals_stay_in_their_order, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
