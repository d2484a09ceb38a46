/* The cache: versions, fills that events overtake, gaps, and its limits. */
#include "tests/unit/test.h"

#include <string.h>
#include "gateway/cache.h"
#include "gateway/limits.h"

static struct id id_of(uint32_t number)
{
    struct id id = {{0}};
    memcpy(id.bytes + 8, &number, sizeof(number));
    return id;
}

static struct message_job_state job_at(uint32_t number, uint32_t version)
{
    return (struct message_job_state){
        .job = id_of(number),
        .version = version,
        .owner = SLICE_LITERAL("ada"),
        .character_name = SLICE_LITERAL("Ada"),
        .state = JOB_STATE_WAITING,
        .created_at = 1,
    };
}

static struct message_event event_at(uint32_t number, uint32_t version)
{
    return (struct message_event){
        .job = id_of(number),
        .version = version,
        .kind = EVENT_KIND_PROGRESS,
        .state = JOB_STATE_ACTIVE,
        .progress = (uint8_t)version,
        .step = SLICE_LITERAL("step"),
    };
}

static void fill(struct cache *cache, uint32_t number, uint32_t version)
{
    struct message_job_state job = job_at(number, version);
    uint64_t ticket = cache_fill_begin(cache, &job.job);
    cache_fill_end(cache, ticket, &job.job, &job);
}

/* The version that the cache has, 0 for none. */
static uint32_t version_of(struct cache *cache, uint32_t number)
{
    struct id id = id_of(number);
    struct cached_job job;
    return cache_find(cache, &id, &job) ? job.state->version : 0;
}

static int setup(void **state)
{
    return cache_new(42, (struct cache **)state) == STATUS_OK ? 0 : -1;
}

static int teardown(void **state)
{
    cache_destroy((struct cache **)state);
    return 0;
}

static void test_a_filled_job_is_found_with_its_body(void **state)
{
    struct cached_job job;
    struct id id = id_of(1);
    fill(*state, 1, 3);
    assert_true(cache_find(*state, &id, &job));
    assert_int_equal(job.state->version, 3);
    assert_true(slice_equal(job.state->owner, SLICE_LITERAL("ada")));
    assert_true(job.body.size > 100);
    assert_int_equal(version_of(*state, 2), 0);
}

static void test_events_move_a_job_on_and_its_body_with_it(void **state)
{
    struct cached_job job;
    struct id id = id_of(1);
    struct message_event event = event_at(1, 44);
    fill(*state, 1, 3);
    assert_true(cache_find(*state, &id, &job));
    cache_fold(*state, &event);
    assert_true(cache_find(*state, &id, &job));
    assert_int_equal(job.state->version, 44);
    assert_int_equal(job.state->state, JOB_STATE_ACTIVE);
    assert_true(slice_equal(job.state->step, SLICE_LITERAL("step")));
    assert_true(slice_equal(job.state->character_name, SLICE_LITERAL("Ada")));
    assert_non_null(memmem(job.body.data, job.body.size, "\"progress\":44", 13));
}

static bool body_has(struct cache *cache, uint32_t number, const char *text)
{
    struct id id = id_of(number);
    struct cached_job job;
    assert_true(cache_find(cache, &id, &job));
    return memmem(job.body.data, job.body.size, text, strlen(text)) != NULL;
}

static void test_what_a_job_waits_for_is_kept_until_it_changes(void **state)
{
    const struct job_wait wait = {WAIT_REASON_QUEUED, 5, 9};
    struct message_event event = event_at(1, 4);
    struct id id = id_of(1);
    struct cached_job job;
    cache_wait(*state, &id, 3, &wait, 1000); /* not there: nothing happens */
    fill(*state, 1, 3);
    assert_true(body_has(*state, 1, "\"waitReason\":null"));
    cache_wait(*state, &id, 2, &wait, 1000); /* of an earlier version */
    assert_true(body_has(*state, 1, "\"waitReason\":null"));
    cache_wait(*state, &id, 3, &wait, 2000);
    assert_true(body_has(*state, 1, "\"waitReason\":\"queued\",\"queuePosition\":5"));
    assert_true(cache_find(*state, &id, &job));
    assert_int_equal(job.waited_at_ms, 2000);
    cache_fold(*state, &event);
    assert_false(body_has(*state, 1, "waitReason"));
    assert_true(cache_find(*state, &id, &job));
    assert_int_equal(job.waited_at_ms, 0);
}

static void test_a_higher_version_is_never_replaced(void **state)
{
    struct message_event event = event_at(1, 4);
    fill(*state, 1, 5);
    cache_fold(*state, &event);
    assert_int_equal(version_of(*state, 1), 5);
    fill(*state, 1, 3);
    assert_int_equal(version_of(*state, 1), 5);
    fill(*state, 1, 9);
    assert_int_equal(version_of(*state, 1), 9);
}

static void test_an_event_that_overtakes_a_fill_is_not_lost(void **state)
{
    struct message_job_state job = job_at(1, 3);
    struct message_event event = event_at(1, 4);
    struct cached_job found;
    uint64_t ticket = cache_fill_begin(*state, &job.job);
    assert_int_equal(version_of(*state, 1), 0);
    cache_fold(*state, &event);
    assert_int_equal(version_of(*state, 1), 0);
    cache_fill_end(*state, ticket, &job.job, &job);
    assert_true(cache_find(*state, &job.job, &found));
    assert_int_equal(found.state->version, 4);
    assert_int_equal(found.state->state, JOB_STATE_ACTIVE);
    assert_true(slice_equal(found.state->owner, SLICE_LITERAL("ada")));
    assert_int_equal(found.state->created_at, 1);
}

static void test_a_fill_begun_before_a_gap_does_not_enter(void **state)
{
    struct message_job_state job = job_at(1, 3);
    uint64_t ticket = cache_fill_begin(*state, &job.job);
    cache_clear(*state);
    cache_fill_end(*state, ticket, &job.job, &job);
    assert_int_equal(version_of(*state, 1), 0);
    assert_int_equal(cache_count(*state), 0);
}

static void test_a_fill_begun_before_a_gap_does_not_end_a_later_one(void **state)
{
    struct message_job_state old = job_at(1, 3);
    struct message_job_state new = job_at(1, 5);
    uint64_t before = cache_fill_begin(*state, &old.job);
    cache_clear(*state);
    uint64_t after = cache_fill_begin(*state, &old.job);
    cache_fill_end(*state, before, &old.job, &old);
    assert_int_equal(version_of(*state, 1), 0);
    cache_fill_end(*state, after, &new.job, &new);
    assert_int_equal(version_of(*state, 1), 5);
}

static void test_a_fill_without_an_answer_leaves_nothing(void **state)
{
    struct id id = id_of(1);
    uint64_t first = cache_fill_begin(*state, &id);
    uint64_t second = cache_fill_begin(*state, &id);
    cache_fill_end(*state, first, &id, NULL);
    assert_int_equal(cache_count(*state), 1);
    cache_fill_end(*state, second, &id, NULL);
    assert_int_equal(cache_count(*state), 0);
}

static void test_a_fill_without_an_answer_keeps_what_is_known(void **state)
{
    struct id id = id_of(1);
    fill(*state, 1, 3);
    cache_fill_end(*state, cache_fill_begin(*state, &id), &id, NULL);
    assert_int_equal(version_of(*state, 1), 3);
}

static void test_events_of_unknown_jobs_take_no_memory(void **state)
{
    struct message_event event = event_at(1, 4);
    cache_fold(*state, &event);
    assert_int_equal(cache_count(*state), 0);
}

static void test_the_least_recently_used_go_at_the_limit(void **state)
{
    for (uint32_t number = 0; number < CACHE_ENTRIES_MAX; number++) {
        fill(*state, number, 1);
    }
    assert_int_equal(cache_count(*state), CACHE_ENTRIES_MAX);
    assert_int_equal(version_of(*state, 0), 1);
    fill(*state, CACHE_ENTRIES_MAX, 1);
    assert_int_equal(cache_count(*state), CACHE_ENTRIES_MAX);
    assert_int_equal(version_of(*state, 0), 1);
    assert_int_equal(version_of(*state, 1), 0);
}

static void test_bytes_are_bounded_as_well(void **state)
{
    enum {
        TEXT_SIZE = 8000
    };
    static char text[TEXT_SIZE];
    memset(text, 'x', sizeof(text));
    for (uint32_t number = 0; number < CACHE_SIZE_MAX / TEXT_SIZE + 100; number++) {
        struct message_job_state job = job_at(number, 1);
        job.character_name = slice_make(text, sizeof(text));
        cache_fill_end(*state, cache_fill_begin(*state, &job.job), &job.job, &job);
        assert_int_equal(version_of(*state, number), 1);
    }
    assert_true(cache_count(*state) < CACHE_SIZE_MAX / TEXT_SIZE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_filled_job_is_found_with_its_body, setup, teardown),
        cmocka_unit_test_setup_teardown(test_events_move_a_job_on_and_its_body_with_it, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_what_a_job_waits_for_is_kept_until_it_changes, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_a_higher_version_is_never_replaced, setup, teardown),
        cmocka_unit_test_setup_teardown(test_an_event_that_overtakes_a_fill_is_not_lost, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_a_fill_begun_before_a_gap_does_not_enter, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_a_fill_begun_before_a_gap_does_not_end_a_later_one,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_fill_without_an_answer_leaves_nothing, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_a_fill_without_an_answer_keeps_what_is_known, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_events_of_unknown_jobs_take_no_memory, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_the_least_recently_used_go_at_the_limit, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_bytes_are_bounded_as_well, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
