/* The gateway's pure modules when memory is short: every allocation of theirs fails once, at the
 * place where it is made. Nothing leaks (the developer build looks), and nothing wrong is kept. */
#include "gateway/auth.h"
#include "gateway/cache.h"
#include "gateway/http_error.h"
#include "gateway/job_copy.h"
#include "gateway/job_json.h"
#include "gateway/rates.h"
#include "gateway/session.h"
#include "gateway/stream_queue.h"
#include "tests/unit/memory.h"
#include "tests/unit/test.h"

static struct message_job_state job_make(uint32_t version)
{
    return (struct message_job_state){
        .job = {{1}},
        .version = version,
        .owner = SLICE_LITERAL("ada"),
        .character_name = SLICE_LITERAL("Ada"),
    };
}

static void test_nothing_is_opened_half(void **state)
{
    struct requests requests;
    struct hub hub;
    struct cache *cache = NULL;
    (void)state;
    for (size_t nth = 1; nth <= 2; nth++) {
        memory_fail_at(nth);
        assert_int_equal(requests_init(&requests), STATUS_NO_MEMORY);
        requests_fini(&requests);
        memory_fail_at(nth);
        assert_int_equal(hub_init(&hub, 1), STATUS_NO_MEMORY);
        hub_fini(&hub);
        memory_fail_at(nth);
        assert_int_equal(cache_new(1, &cache), STATUS_NO_MEMORY);
        assert_null(cache);
    }
    cache_destroy(&cache);
    struct auth auth;
    memory_fail_at(1);
    assert_int_equal(auth_init(&auth, SLICE_EMPTY, 1), STATUS_NO_MEMORY);
    auth_fini(&auth);
    const struct rate_policy policy = {1, 1};
    struct rates rates;
    memory_fail_at(1);
    assert_int_equal(rates_init(&rates, &policy, 1), STATUS_NO_MEMORY);
    rates_fini(&rates);
    memory_fail_never();
}

static void test_who_cannot_be_counted_is_not_let_through(void **state)
{
    const struct rate_policy policy = {1, 1};
    struct rates rates;
    struct rate_state out;
    (void)state;
    assert_int_equal(rates_init(&rates, &policy, 1), STATUS_OK);
    for (size_t nth = 1; nth <= 2; nth++) { /* the user, the times */
        memory_fail_at(nth);
        assert_int_equal(rates_take(&rates, SLICE_LITERAL("bob"), 1, 0, &out), STATUS_FULL);
    }
    memory_fail_never();
    assert_int_equal(rates_take(&rates, SLICE_LITERAL("bob"), 1, 0, &out), STATUS_OK);
    assert_int_equal(rates_take(&rates, SLICE_LITERAL("bob"), 1, 1, &out), STATUS_AGAIN);
    rates_fini(&rates);
}

static void test_a_job_that_cannot_be_copied_is_not_in_the_cache(void **state)
{
    struct cache *cache = NULL;
    struct message_job_state job = job_make(3);
    struct cached_job found;
    (void)state;
    assert_int_equal(cache_new(1, &cache), STATUS_OK);
    for (size_t nth = 1; nth <= 2; nth++) { /* the entry, its copy */
        memory_fail_at(nth);
        uint64_t ticket = cache_fill_begin(cache, &job.job);
        cache_fill_end(cache, ticket, &job.job, &job);
        memory_fail_never();
        assert_false(cache_find(cache, &job.job, &found));
        assert_int_equal(cache_count(cache), 0);
    }
    cache_destroy(&cache);
}

static void test_a_job_that_cannot_follow_its_events_leaves_the_cache(void **state)
{
    struct cache *cache = NULL;
    struct message_job_state job = job_make(3);
    struct message_event event = {.job = job.job, .version = 4};
    struct cached_job found;
    (void)state;
    assert_int_equal(cache_new(1, &cache), STATUS_OK);
    cache_fill_end(cache, cache_fill_begin(cache, &job.job), &job.job, &job);
    assert_true(cache_find(cache, &job.job, &found));
    memory_fail_at(1);
    cache_fold(cache, &event);
    memory_fail_never();
    assert_false(cache_find(cache, &job.job, &found));
    cache_destroy(&cache);
}

static void test_a_body_that_cannot_be_rendered_is_empty(void **state)
{
    struct cache *cache = NULL;
    struct message_job_state job = job_make(3);
    struct cached_job found;
    (void)state;
    assert_int_equal(cache_new(1, &cache), STATUS_OK);
    cache_fill_end(cache, cache_fill_begin(cache, &job.job), &job.job, &job);
    memory_fail_always();
    assert_true(cache_find(cache, &job.job, &found));
    memory_fail_never();
    assert_int_equal(found.body.size, 0);
    assert_true(cache_find(cache, &job.job, &found));
    assert_true(found.body.size > 0);
    cache_destroy(&cache);
}

static void test_a_stream_queue_without_memory_keeps_what_it_has(void **state)
{
    struct stream_queue queue = {0};
    const struct message_event event = {.event = 1};
    (void)state;
    for (size_t nth = 1; nth <= 2; nth++) {
        memory_fail_at(nth);
        assert_int_equal(stream_queue_push(&queue, &event, SLICE_LITERAL("text")),
                         STATUS_NO_MEMORY);
        assert_true(stream_queue_is_empty(&queue));
        stream_queue_fini(&queue);
    }
    memory_fail_never();
}

static enum status refuse_frame(void *owner, struct slice frame)
{
    (void)owner;
    (void)frame;
    fail();
    return STATUS_AGAIN;
}

static void test_a_session_without_memory_sends_nothing_and_goes_on(void **state)
{
    struct requests requests;
    struct hub hub;
    struct cache *cache = NULL;
    (void)state;
    assert_int_equal(requests_init(&requests), STATUS_OK);
    assert_int_equal(hub_init(&hub, 1), STATUS_OK);
    assert_int_equal(cache_new(1, &cache), STATUS_OK);
    struct session session = {
        .requests = &requests, .cache = cache, .hub = &hub, .send = refuse_frame, .host = ""};
    session_init(&session);
    memory_fail_always();
    session_tick(&session, 1000);
    memory_fail_never();
    session_fini(&session);
    cache_destroy(&cache);
    hub_fini(&hub);
    requests_fini(&requests);
}

/* Rendering into a buffer that cannot grow, at any of its steps. */
static void test_what_cannot_be_rendered_is_refused(void **state)
{
    const struct message_job_state job = job_make(1);
    const struct message_reply reply = {.job = job.job};
    struct problems problems = {0};
    const struct refusal refusal = {.error = &HTTP_ERROR_BUSY, .problems = &problems};
    struct buffer out;
    (void)state;
    problems_add(&problems, "x", "y");
    buffer_init(&out, 4096);
    memory_fail_always();
    assert_int_equal(job_json_envelope(&job, NULL, "message", &out), STATUS_NO_MEMORY);
    assert_int_equal(job_json_accepted(JOB_KIND_IMAGE, &reply, &out), STATUS_NO_MEMORY);
    assert_int_equal(http_error_render(&refusal, &out), STATUS_NO_MEMORY);
    assert_int_equal(http_error_render_problem(&refusal, &out), STATUS_NO_MEMORY);
    memory_fail_never();
    for (size_t size = 0; size < 180; size += 10) {
        struct buffer small;
        buffer_init(&small, size);
        assert_int_equal(job_json_envelope(&job, NULL, "message", &small), STATUS_TOO_LARGE);
        buffer_clear(&small);
        assert_int_equal(job_json_accepted(JOB_KIND_IMAGE, &reply, &small), STATUS_TOO_LARGE);
        buffer_fini(&small);
    }
    buffer_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_is_opened_half),
        cmocka_unit_test(test_who_cannot_be_counted_is_not_let_through),
        cmocka_unit_test(test_a_job_that_cannot_be_copied_is_not_in_the_cache),
        cmocka_unit_test(test_a_job_that_cannot_follow_its_events_leaves_the_cache),
        cmocka_unit_test(test_a_body_that_cannot_be_rendered_is_empty),
        cmocka_unit_test(test_a_stream_queue_without_memory_keeps_what_it_has),
        cmocka_unit_test(test_a_session_without_memory_sends_nothing_and_goes_on),
        cmocka_unit_test(test_what_cannot_be_rendered_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
