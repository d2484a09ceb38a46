/* In which order the readers take what waits. Method: the linker sends the opening of a view, with
 * which each batch begins, through the test, which counts them and can hold the threads there. */
#include <dirent.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include "broker/readers.h"
#include "tests/unit/test.h"

enum {
    WAIT_MS = 60000, /* for a thread on a busy machine */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static bool held;         /* threads wait when they open a view ... */
static bool keeps;        /* ... and some of them longer */
static uint32_t to_keep;  /* of threads that are to stay longer, and do not yet */
static uint32_t arrivals; /* of threads there */

enum status __real_store_view_open(struct store *store, struct view **out);
enum status __wrap_store_view_open(struct store *store, struct view **out);

enum status __wrap_store_view_open(struct store *store, struct view **out)
{
    pthread_mutex_lock(&lock);
    arrivals++;
    pthread_cond_broadcast(&changed);
    while (held) {
        pthread_cond_wait(&changed, &lock);
    }
    if (to_keep > 0) {
        to_keep--;
        while (keeps) {
            pthread_cond_wait(&changed, &lock);
        }
    }
    pthread_mutex_unlock(&lock);
    return __real_store_view_open(store, out);
}

/* ---- readers on an empty store ---- */

static char directory[32];
static struct store *store;
static struct clock test_clock;
static const struct retention retention;
static struct readers *readers;

static const struct message get_job = {.type = MESSAGE_TYPE_GET_JOB, .get_job = {.request = 1}};
static const struct message cancel = {.type = MESSAGE_TYPE_CANCEL_JOB,
                                      .cancel_job = {.request = 1}};
static struct message list = {.type = MESSAGE_TYPE_LIST_JOBS,
                              .list_jobs = {.request = 1, .kinds = 7, .limit = 5}};

static int set_up(void **state)
{
    char path[64];
    char *detail = NULL;
    (void)state;
    snprintf(directory, sizeof directory, "/tmp/troupe-readers-XXXXXX");
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/broker", directory);
    const struct store_options options = {.directory = path};
    clock_init(&test_clock, 0);
    list.list_jobs.owner = SLICE_LITERAL("ada");
    assert_int_equal(store_open(&options, &store, &detail), STATUS_OK);
    return readers_new(store, NULL, &test_clock, &retention, &readers) == STATUS_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    char command[64];
    (void)state;
    readers_destroy(&readers);
    store_close(&store);
    snprintf(command, sizeof command, "rm -rf %s", directory);
    return system(command);
}

static void push(enum read_type type, const struct message *message, uint64_t peer)
{
    struct buffer request;
    buffer_init(&request, FRAME_SIZE_MAX);
    if (message != NULL) {
        assert_int_equal(record_write(&request, message), STATUS_OK);
    }
    struct read *read = readers_take(readers, type, buffer_slice(&request));
    buffer_fini(&request);
    assert_non_null(read);
    read->peer = peer;
    read->length = message == &list ? READ_LONG : READ_SHORT;
    readers_push(readers, read);
}

static void push_scan_of(uint64_t peer, uint64_t searcher)
{
    struct buffer request;
    buffer_init(&request, FRAME_SIZE_MAX);
    assert_int_equal(record_write(&request, &list), STATUS_OK);
    struct read *read = readers_take(readers, READ_REQUEST, buffer_slice(&request));
    buffer_fini(&request);
    assert_non_null(read);
    read->peer = peer;
    read->length = READ_SCAN;
    read->searcher = searcher;
    readers_push(readers, read);
}

static void push_scan(uint64_t peer)
{
    push_scan_of(peer, 1);
}

/* Holds each thread with a read of its own. */
static void hold_all(void)
{
    pthread_mutex_lock(&lock);
    held = true;
    arrivals = 0;
    for (uint32_t thread = 1; thread <= READERS_COUNT; thread++) {
        push(READ_REQUEST, &get_job, thread);
        while (arrivals < thread) {
            pthread_cond_wait(&changed, &lock); /* ctest bounds it */
        }
    }
    pthread_mutex_unlock(&lock);
}

static void let_go(void)
{
    pthread_mutex_lock(&lock);
    held = false;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

/* All but one stay where they are until keeps is false: what one thread does has one order. */
static void let_one_go(void)
{
    pthread_mutex_lock(&lock);
    keeps = true;
    to_keep = READERS_COUNT - 1;
    pthread_mutex_unlock(&lock);
    let_go();
}

static void let_the_others_go(void)
{
    pthread_mutex_lock(&lock);
    keeps = false;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

static struct read *wait_for_read(void)
{
    struct read *read;
    while ((read = readers_done(readers)) == NULL) {
        struct pollfd item = {.fd = readers_descriptor(readers), .events = POLLIN};
        assert_int_equal(poll(&item, 1, WAIT_MS), 1);
    }
    return read;
}

/* ---- tests ---- */

static void what_jobs_need_goes_before_what_clients_ask(void **state)
{
    (void)state;
    hold_all();
    push(READ_REQUEST, &get_job, 12);
    push(READ_REQUEST, &get_job, 13);
    push(READ_DISPATCH, NULL, 10);
    push(READ_FACTS, &cancel, 11);
    let_one_go();
    for (uint64_t count = 1, expected = 10; count <= READERS_COUNT + 4; count++) {
        if (count == 1 + 4 + 1) {
            let_the_others_go();
        }
        struct read *read = wait_for_read();
        if (read->peer >= 10) {
            assert_int_equal(read->peer, expected++);
        }
        readers_give(readers, read);
    }
}

static void what_clients_ask_has_its_turn_among_what_jobs_need(void **state)
{
    uint32_t facts_count = READERS_COUNT * (READ_URGENT_BATCHES + 2) * READ_BATCH;
    uint32_t place = 0;
    (void)state;
    hold_all();
    push(READ_REQUEST, &get_job, 10);
    for (uint32_t count = 0; count < facts_count; count++) {
        push(READ_FACTS, &cancel, 1);
    }
    let_one_go();
    for (uint32_t count = 1; count <= READERS_COUNT + 1 + facts_count; count++) {
        if (count == 2 + facts_count + 1) {
            let_the_others_go();
        }
        struct read *read = wait_for_read();
        place = read->peer == 10 ? count : place;
        readers_give(readers, read);
    }
    assert_true(place > READ_BATCH);
    assert_true(place <= facts_count - READ_BATCH);
}

/* Each batch opens a view: as many views as there are long reads, and one of the others. */
static void nothing_is_handed_over_together_with_a_long_read(void **state)
{
    enum {
        LISTS = 5
    };
    (void)state;
    hold_all();
    for (uint32_t count = 0; count < LISTS; count++) {
        push(READ_REQUEST, &list, 10);
        push(READ_REQUEST, &get_job, 11);
    }
    let_go();
    for (uint32_t count = 0; count < READERS_COUNT + 2 * LISTS; count++) {
        readers_give(readers, wait_for_read());
    }
    assert_int_equal(arrivals, READERS_COUNT + 2 * LISTS);
}

static void wait_for_arrivals(uint32_t count)
{
    pthread_mutex_lock(&lock);
    while (arrivals < count) {
        pthread_cond_wait(&changed, &lock); /* ctest bounds it */
    }
    pthread_mutex_unlock(&lock);
}

/* However many there are: one thread takes them, one by one, and the others none. */
static void scans_take_no_thread_from_the_others(void **state)
{
    enum {
        SCANS = 9
    };
    (void)state;
    held = true;
    arrivals = 0;
    for (uint32_t count = 0; count < SCANS; count++) {
        push_scan(20);
    }
    wait_for_arrivals(SCANNERS_COUNT);
    for (uint32_t thread = 1; thread <= READERS_COUNT; thread++) {
        push(READ_REQUEST, &list, thread);
        wait_for_arrivals(SCANNERS_COUNT + thread);
    }
    let_go();
    for (uint32_t count = 0; count < READERS_COUNT + SCANS; count++) {
        readers_give(readers, wait_for_read());
    }
    assert_int_equal(arrivals, READERS_COUNT + SCANS);
}

/* One more than wait: the thread has taken it. Each searcher has as many as may wait. */
static void push_scans(uint32_t waiting)
{
    held = true;
    arrivals = 0;
    push_scan(20);
    wait_for_arrivals(SCANNERS_COUNT);
    for (uint32_t count = 0; count < waiting; count++) {
        uint64_t searcher = 2 + count / SCANS_EACH_MAX;
        assert_true(readers_have_room(readers, READ_SCAN, searcher));
        push_scan_of(21, searcher);
    }
}

static void of_scans_so_many_wait_and_of_other_reads_more(void **state)
{
    (void)state;
    push_scans(SCANS_MAX);
    assert_false(readers_have_room(readers, READ_SCAN, 1));
    assert_true(readers_have_room(readers, READ_LONG, 1));
    assert_true(readers_have_room(readers, READ_SHORT, 1));
    let_go();
    for (uint32_t count = 0; count < SCANNERS_COUNT + SCANS_MAX; count++) {
        struct read *read = wait_for_read();
        assert_int_equal(read->status, STATUS_OK);
        readers_give(readers, read);
    }
    assert_true(readers_have_room(readers, READ_SCAN, 1));
}

static void of_one_searcher_fewer_scans_wait_than_of_all(void **state)
{
    (void)state;
    push_scans(SCANS_EACH_MAX); /* all of searcher 2 */
    assert_false(readers_have_room(readers, READ_SCAN, 2));
    assert_true(readers_have_room(readers, READ_SCAN, 3));
    assert_true(readers_have_room(readers, READ_LONG, 2));
    let_go();
    for (uint32_t count = 0; count < SCANNERS_COUNT + SCANS_EACH_MAX; count++) {
        readers_give(readers, wait_for_read());
    }
    assert_true(readers_have_room(readers, READ_SCAN, 2));
}

/* Waits for the scans of push_scans, of which those that waited end with the status. */
static void assert_waiting_end(uint32_t waiting, enum status status)
{
    let_go();
    for (uint32_t count = 0; count < SCANNERS_COUNT + waiting; count++) {
        struct read *read = wait_for_read();
        assert_int_equal(read->status, read->peer == 20 ? STATUS_OK : status);
        readers_give(readers, read);
    }
}

static void a_scan_is_made_as_long_as_gateways_wait_for_it(void **state)
{
    (void)state;
    push_scans(3);
    test_clock.wall_start_ms += SCAN_WAIT_MS / 2; /* the other half for a busy machine */
    assert_waiting_end(3, STATUS_OK);
    assert_int_equal(arrivals, SCANNERS_COUNT + 3);
}

static void a_scan_that_nobody_waits_for_any_more_is_not_made(void **state)
{
    (void)state;
    push_scans(3);
    test_clock.wall_start_ms += SCAN_WAIT_MS + 1;
    assert_waiting_end(3, STATUS_TIMEOUT);
    assert_int_equal(arrivals, SCANNERS_COUNT);
}

/* Threads of this process by what stands in /proc: how many are less urgent than usual. */
static uint32_t nice_threads(void)
{
    uint32_t count = 0;
    DIR *tasks = opendir("/proc/self/task");
    assert_non_null(tasks);
    for (struct dirent *entry = readdir(tasks); entry != NULL; entry = readdir(tasks)) {
        long task = strtol(entry->d_name, NULL, 10); /* 0: . and .. */
        count += task > 0 && getpriority(PRIO_PROCESS, (id_t)task) >= SCANNER_NICE;
    }
    closedir(tasks);
    return count;
}

static void scans_give_way_where_processors_are_short(void **state)
{
    (void)state;
    push_scan(20); /* its thread is there when it is done */
    readers_give(readers, wait_for_read());
    assert_int_equal(nice_threads(), SCANNERS_COUNT);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_jobs_need_goes_before_what_clients_ask),
        TEST(what_clients_ask_has_its_turn_among_what_jobs_need),
        TEST(nothing_is_handed_over_together_with_a_long_read),
        TEST(scans_take_no_thread_from_the_others),
        TEST(of_scans_so_many_wait_and_of_other_reads_more),
        TEST(of_one_searcher_fewer_scans_wait_than_of_all),
        TEST(a_scan_is_made_as_long_as_gateways_wait_for_it),
        TEST(a_scan_that_nobody_waits_for_any_more_is_not_made),
        TEST(scans_give_way_where_processors_are_short),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
