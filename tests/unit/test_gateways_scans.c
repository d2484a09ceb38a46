/* Gateways that ask for more searches than are answered. Method: a shell whose turns the test
 * makes; the linker sends the opening of a view, with which each search begins, through the test,
 * which can hold the thread of searches there. */
#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>
#include "broker/readers.h"
#include "tests/unit/shell.h"

_Static_assert((SCANS_MAX + 1) * SEARCH_MS < SCAN_WAIT_MS, "the last one that waits is answered");

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static bool held;         /* searches wait when they open a view */
static uint32_t arrivals; /* of searches there */

enum status __real_store_view_open(struct store *store, struct view **out);
enum status __wrap_store_view_open(struct store *store, struct view **out);

enum status __wrap_store_view_open(struct store *store, struct view **out)
{
    bool is_search = getpriority(PRIO_PROCESS, (id_t)gettid()) >= SCANNER_NICE;
    pthread_mutex_lock(&lock);
    arrivals += is_search;
    pthread_cond_broadcast(&changed);
    while (is_search && held) {
        pthread_cond_wait(&changed, &lock);
    }
    pthread_mutex_unlock(&lock);
    return __real_store_view_open(store, out);
}

static struct shell shell;
static uint64_t session;

static int set_up(void **state)
{
    (void)state;
    arrivals = 0;
    held = true;
    shell_open(&shell);
    session = shell_gateway(&shell, "gateway");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    shell_close(&shell);
    return 0;
}

static void let_go(void)
{
    pthread_mutex_lock(&lock);
    held = false;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

static void search(uint64_t number, struct slice searcher)
{
    const struct message message = {
        .type = MESSAGE_TYPE_SEARCH_JOBS,
        .search_jobs = {.request = number, .limit = 5, .searcher = searcher}};
    shell_ask(&shell, "gateway", session, &message);
    shell_turn(&shell);
}

/* Search 1 is in the hand of the thread, those that follow wait: of each user as many as may. */
static void search_all(uint64_t count)
{
    static const uint8_t users[] = "abcdefgh";
    search(1, SLICE_LITERAL("first"));
    pthread_mutex_lock(&lock);
    while (arrivals == 0) {
        pthread_cond_wait(&changed, &lock); /* ctest bounds it */
    }
    pthread_mutex_unlock(&lock);
    for (uint64_t number = 2; number <= count; number++) {
        search(number, slice_make(&users[(number - 2) / SCANS_EACH_MAX], 1));
    }
}

static struct message_search_page answer_after(uint32_t count)
{
    struct message answer;
    shell_until(&shell, "gateway", MESSAGE_TYPE_SEARCH_PAGE, count, &answer);
    return answer.search_page;
}

static void searches_above_what_is_answered_in_time_are_busy_at_once(void **state)
{
    const struct message get = {.type = MESSAGE_TYPE_GET_JOB, .get_job = {.request = 99}};
    struct message_search_page page;
    (void)state;
    search_all(SCANS_MAX + 2);
    page = answer_after(1);
    assert_int_equal(page.code, REPLY_CODE_BUSY);
    assert_int_equal(page.request, SCANS_MAX + 2);
    shell_ask(&shell, "gateway", session, &get);
    shell_until(&shell, "gateway", MESSAGE_TYPE_JOB_STATE, 1, NULL);
    let_go();
    page = answer_after(SCANS_MAX + 2);
    assert_int_equal(page.code, REPLY_CODE_OK);
    assert_int_equal(page.request, SCANS_MAX + 1);
}

/* Asks for as many more of a searcher as may wait, from that number on, and one that is busy. */
static void search_until_busy(uint64_t first, uint32_t answers, struct slice searcher)
{
    struct message_search_page page;
    for (uint64_t number = first; number <= first + SCANS_EACH_MAX; number++) {
        search(number, searcher);
    }
    page = answer_after(answers);
    assert_int_equal(page.code, REPLY_CODE_BUSY);
    assert_int_equal(page.request, first + SCANS_EACH_MAX);
}

static void who_searches_too_much_leaves_places_to_others(void **state)
{
    (void)state;
    search_all(1);
    search_until_busy(100, 1, SLICE_LITERAL("ada"));
    search_until_busy(200, 2, SLICE_LITERAL("eve"));
    search_until_busy(300, 3, SLICE_EMPTY); /* of a gateway that does not say for whom */
    let_go();
    struct message_search_page page = answer_after(3 + 1 + 3 * SCANS_EACH_MAX);
    assert_int_equal(page.code, REPLY_CODE_OK);
    search(400, SLICE_LITERAL("ada"));
    page = answer_after(3 + 1 + 3 * SCANS_EACH_MAX + 1);
    assert_int_equal(page.code, REPLY_CODE_OK);
    assert_int_equal(page.request, 400);
}

static void a_search_that_waited_longer_than_its_gateway_is_busy_and_not_made(void **state)
{
    struct message_search_page page;
    (void)state;
    search_all(2);
    shell.broker.clock.wall_start_ms += SCAN_WAIT_MS + 1;
    let_go();
    page = answer_after(2);
    assert_int_equal(page.code, REPLY_CODE_BUSY);
    assert_int_equal(page.request, 2);
    assert_int_equal(arrivals, 1);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(searches_above_what_is_answered_in_time_are_busy_at_once),
        TEST(who_searches_too_much_leaves_places_to_others),
        TEST(a_search_that_waited_longer_than_its_gateway_is_busy_and_not_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
