/* Positions against the turns themselves, played to the end: queues of users are filled and emptied
 * at random, and after each change every job's position is compared. */

#include "broker/core/rounds.h"

#include <stdbool.h>

#include "tests/unit/memory.h"
#include "tests/unit/test.h"

enum {
    USERS = 12,
    JOBS_MAX = 40, /* of one user */
    CHANGES = 4000,
};

static uint32_t next_random(uint32_t *random)
{
    *random = *random * 1664525 + 1013904223;
    return *random >> 8;
}

/* The starts up to a user's k-th job, when all others have their turns before it. */
static uint32_t play(const uint32_t jobs[USERS], uint32_t user, uint32_t place)
{
    uint32_t started = 0;
    for (uint32_t round = 1; round <= place; round++) {
        for (uint32_t other = 0; other < USERS; other++) {
            started += other != user && jobs[other] >= round;
        }
        started++; /* its own, last in the round */
    }
    return started;
}

static void tells_the_place_of_every_job_while_queues_change(void **state)
{
    struct rounds rounds;
    uint32_t jobs[USERS] = {0};
    uint32_t random = 7;
    (void)state;
    rounds_init(&rounds);
    for (int count = 0; count < CHANGES; count++) {
        uint32_t user = next_random(&random) % USERS;
        bool grows = next_random(&random) % 100 < (count / 500 % 2 == 0 ? 70 : 35);
        if (grows && jobs[user] < JOBS_MAX) {
            assert_int_equal(rounds_reserve(&rounds, jobs[user] + 1), STATUS_OK);
            rounds_put(&rounds, ++jobs[user]);
        } else if (!grows && jobs[user] > 0) {
            rounds_remove(&rounds, jobs[user]--);
        }
        for (uint32_t place = 1; place <= jobs[user]; place++) {
            assert_int_equal(rounds_sum(&rounds, place), play(jobs, user, place));
        }
    }
    rounds_fini(&rounds);
}

static void counts_all_jobs_behind_the_longest_queue(void **state)
{
    struct rounds rounds;
    (void)state;
    rounds_init(&rounds);
    assert_int_equal(rounds_sum(&rounds, 1), 0);
    assert_int_equal(rounds_reserve(&rounds, 1000), STATUS_OK);
    for (uint32_t jobs = 1; jobs <= 1000; jobs++) {
        rounds_put(&rounds, jobs);
    }
    assert_int_equal(rounds_sum(&rounds, 999), 999);
    assert_int_equal(rounds_sum(&rounds, UINT32_MAX), 1000);
    rounds_fini(&rounds);
    rounds_fini(&rounds);
}

static void stays_as_it_is_when_memory_is_short(void **state)
{
    struct rounds rounds;
    (void)state;
    rounds_init(&rounds);
    assert_int_equal(rounds_reserve(&rounds, 16), STATUS_OK);
    rounds_put(&rounds, 1);
    memory_fail_at(1);
    assert_int_equal(rounds_reserve(&rounds, 17), STATUS_NO_MEMORY);
    memory_fail_never();
    assert_int_equal(rounds_sum(&rounds, 17), 1);
    rounds_fini(&rounds);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_the_place_of_every_job_while_queues_change),
        cmocka_unit_test(counts_all_jobs_behind_the_longest_queue),
        cmocka_unit_test(stays_as_it_is_when_memory_is_short),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
