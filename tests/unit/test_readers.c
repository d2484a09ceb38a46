/* The threads that read the store. Method: a real store in a directory of the test; the linker
 * sends what a thread begins with, and what the start needs of the system, through the test, which
 * can hold the threads or fail the calls. What a thread does is waited for at its descriptor. */
#include "broker/readers.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "tests/unit/memory.h"
#include "tests/unit/test.h"

enum {
    WAIT_MS = 60000, /* for a thread on a busy machine */
};

/* ---- what is wrapped ---- */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static bool held;         /* threads wait when they open a view */
static uint32_t arrivals; /* of threads there */
static enum status view_status;
static size_t answer_size;    /* of each JOB_STATE; 0: the store's */
static size_t failing_thread; /* the nth thread cannot be made; 0 for none */
static bool failing_eventfd;

enum status __real_store_view_open(struct store *store, struct view **out);
enum status __wrap_store_view_open(struct store *store, struct view **out);
enum status __real_query_job(struct view *view, const struct message_get_job *request,
                             const struct retention *kept, struct frame_writer *out);
enum status __wrap_query_job(struct view *view, const struct message_get_job *request,
                             const struct retention *kept, struct frame_writer *out);
int __real_eventfd(unsigned int count, int flags);
int __wrap_eventfd(unsigned int count, int flags);
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*function)(void *), void *context);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*function)(void *), void *context);

enum status __wrap_store_view_open(struct store *store, struct view **out)
{
    pthread_mutex_lock(&lock);
    arrivals++;
    pthread_cond_broadcast(&changed);
    while (held) {
        pthread_cond_wait(&changed, &lock);
    }
    enum status status = view_status;
    pthread_mutex_unlock(&lock);
    return status == STATUS_OK ? __real_store_view_open(store, out) : status;
}

enum status __wrap_query_job(struct view *view, const struct message_get_job *request,
                             const struct retention *kept, struct frame_writer *out)
{
    static const uint8_t bytes[FRAME_SIZE_MAX];
    return answer_size > 0 ? frame_splice(out, slice_make(bytes, answer_size), 1)
                           : __real_query_job(view, request, kept, out);
}

int __wrap_eventfd(unsigned int count, int flags)
{
    return failing_eventfd ? -1 : __real_eventfd(count, flags);
}

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*function)(void *), void *context)
{
    bool is_reader = failing_thread > 0;
    if (is_reader && --failing_thread == 0) {
        return EAGAIN;
    }
    return __real_pthread_create(thread, attributes, function, context);
}

static void hold(void)
{
    pthread_mutex_lock(&lock);
    held = true;
    arrivals = 0;
    pthread_mutex_unlock(&lock);
}

static void wait_for_arrivals(uint32_t count)
{
    pthread_mutex_lock(&lock);
    while (arrivals < count) {
        pthread_cond_wait(&changed, &lock); /* ctest bounds it */
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

/* ---- readers on an empty store ---- */

static char directory[32];
static struct store *store;
static struct clock test_clock;
static const struct retention retention;
static struct readers *readers;

static int open_store(void **state)
{
    char path[64];
    char *detail = NULL;
    (void)state;
    snprintf(directory, sizeof directory, "/tmp/troupe-readers-XXXXXX");
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/broker", directory);
    const struct store_options options = {.directory = path};
    clock_init(&test_clock, 0);
    return store_open(&options, &store, &detail) == STATUS_OK ? 0 : -1;
}

static int close_store(void **state)
{
    char command[64];
    (void)state;
    store_close(&store);
    snprintf(command, sizeof command, "rm -rf %s", directory);
    return system(command);
}

static int set_up(void **state)
{
    (void)state;
    memory_fail_never();
    held = false;
    view_status = STATUS_OK;
    answer_size = 0;
    return readers_new(store, NULL, &test_clock, &retention, &readers) == STATUS_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    memory_fail_never();
    readers_destroy(&readers);
    readers_destroy(&readers);
    return 0;
}

static struct read *take(enum read_type type, const struct message *message)
{
    struct buffer request;
    buffer_init(&request, FRAME_SIZE_MAX);
    if (message != NULL) {
        assert_int_equal(record_write(&request, message), STATUS_OK);
    }
    struct read *read = readers_take(readers, type, buffer_slice(&request));
    buffer_fini(&request);
    return read;
}

static struct message get_job(uint64_t number)
{
    struct message message = {.type = MESSAGE_TYPE_GET_JOB, .get_job = {.request = number}};
    message.get_job.job.bytes[0] = 9;
    return message;
}

static void push_get_job(uint64_t number)
{
    const struct message message = get_job(number);
    struct read *read = take(READ_REQUEST, &message);
    assert_non_null(read);
    read->peer = number;
    readers_push(readers, read);
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

static void each_request_is_answered_by_its_own_kind_of_record(void **state)
{
    struct {
        struct message request;
        enum message_type answer;
    } questions[] = {
        {get_job(1), MESSAGE_TYPE_JOB_STATE},
        {{.type = MESSAGE_TYPE_LIST_JOBS, .list_jobs = {.request = 1, .kinds = 7, .limit = 5}},
         MESSAGE_TYPE_LIST_PAGE},
        {{.type = MESSAGE_TYPE_GET_EVENTS, .get_events = {.request = 1, .limit = 5}},
         MESSAGE_TYPE_EVENT_PAGE},
        {{.type = MESSAGE_TYPE_GET_DOCUMENT, .get_document = {.request = 1}},
         MESSAGE_TYPE_DOCUMENT},
        {{.type = MESSAGE_TYPE_GET_GROUP, .get_group = {.request = 1}}, MESSAGE_TYPE_GROUP_STATE},
    };
    (void)state;
    questions[1].request.list_jobs.owner = SLICE_LITERAL("ada");
    questions[2].request.get_events.owner = SLICE_LITERAL("ada");
    for (size_t index = 0; index < sizeof questions / sizeof questions[0]; index++) {
        struct frame_reader reader;
        struct message message;
        struct read *read = take(READ_REQUEST, &questions[index].request);
        read->peer = index;
        readers_push(readers, read);
        assert_ptr_equal(wait_for_read(), read);
        assert_int_equal(read->status, STATUS_OK);
        assert_int_equal(read->peer, index);
        assert_int_equal(frame_open(&reader, buffer_slice(&read->answer)), STATUS_OK);
        assert_int_equal(frame_next(&reader, &message), STATUS_OK);
        assert_int_equal(message.type, questions[index].answer);
        readers_give(readers, read);
    }
    assert_null(readers_done(readers));
}

static struct message group_of(uint32_t count, struct buffer *out)
{
    struct message group = {.type = MESSAGE_TYPE_SUBMIT_GROUP,
                            .submit_group = {.request = 1, .count = count}};
    struct message item = {.type = MESSAGE_TYPE_SUBMIT, .submit = {.kind = JOB_KIND_IMAGE}};
    group.submit_group.owner = SLICE_LITERAL("ada");
    item.submit.owner = SLICE_LITERAL("ada");
    item.submit.payload = SLICE_LITERAL("{}");
    item.submit.character.bytes[0] = 5;
    buffer_init(out, FRAME_SIZE_MAX);
    assert_int_equal(record_write(out, &group), STATUS_OK);
    for (uint32_t index = 0; index < count; index++) {
        assert_int_equal(record_write(out, &item), STATUS_OK);
    }
    return group;
}

static void facts_are_looked_up_for_a_request_and_for_a_group(void **state)
{
    struct buffer group;
    struct message cancel = {.type = MESSAGE_TYPE_CANCEL_JOB, .cancel_job = {.request = 1}};
    (void)state;
    cancel.cancel_job.owner = SLICE_LITERAL("ada");
    struct read *read = take(READ_FACTS, &cancel);
    read->facts.job_found = true;
    readers_push(readers, read);
    assert_ptr_equal(wait_for_read(), read);
    assert_int_equal(read->status, STATUS_OK);
    assert_false(read->facts.job_found);
    readers_give(readers, read);
    group_of(3, &group);
    read = readers_take(readers, READ_FACTS, buffer_slice(&group));
    for (int times = 0; times < 2; times++) { /* the core may ask again */
        readers_push(readers, read);
        assert_ptr_equal(wait_for_read(), read);
        assert_int_equal(read->status, STATUS_OK);
        assert_non_null(read->facts.items);
        assert_int_equal(read->facts.items[2].character, FACT_UNKNOWN);
    }
    readers_give(readers, read);
    buffer_fini(&group);
}

static void a_group_without_memory_for_its_facts_has_failed(void **state)
{
    struct buffer group;
    (void)state;
    group_of(3, &group);
    for (size_t nth = 1; nth <= 2; nth++) { /* its jobs, their facts */
        struct read *read = readers_take(readers, READ_FACTS, buffer_slice(&group));
        memory_fail_at(nth);
        readers_push(readers, read);
        assert_ptr_equal(wait_for_read(), read);
        memory_fail_never();
        assert_int_equal(read->status, STATUS_NO_MEMORY);
        readers_give(readers, read);
    }
    buffer_fini(&group);
}

static void a_job_that_is_not_there_cannot_be_dispatched(void **state)
{
    struct read *read = take(READ_DISPATCH, NULL);
    (void)state;
    read->lease = 1;
    readers_push(readers, read);
    assert_ptr_equal(wait_for_read(), read);
    assert_int_equal(read->status, STATUS_NOT_FOUND);
    readers_give(readers, read);
}

static void a_store_that_cannot_be_looked_at_fails_the_read(void **state)
{
    (void)state;
    view_status = STATUS_NO_MEMORY;
    push_get_job(1);
    struct read *read = wait_for_read();
    assert_int_equal(read->status, STATUS_NO_MEMORY);
    readers_give(readers, read);
    view_status = STATUS_OK;
    push_get_job(1);
    read = wait_for_read();
    assert_int_equal(read->status, STATUS_OK);
    readers_give(readers, read);
}

static void an_answer_above_a_frame_fails_the_read(void **state)
{
    (void)state;
    answer_size = FRAME_SIZE_MAX;
    push_get_job(1);
    struct read *read = wait_for_read();
    assert_int_equal(read->status, STATUS_TOO_LARGE);
    readers_give(readers, read);
}

static void clients_leave_room_for_facts_and_dispatches(void **state)
{
    static struct read *taken[READS_MAX];
    const struct message message = get_job(1);
    uint32_t count = 0;
    (void)state;
    while ((taken[count] = take(READ_REQUEST, &message)) != NULL) {
        count++;
    }
    assert_int_equal(count, READS_MAX - READS_RESERVED);
    while (count < READS_MAX) {
        taken[count] =
            take(count % 2 == 0 ? READ_FACTS : READ_DISPATCH, count % 2 == 0 ? &message : NULL);
        assert_non_null(taken[count++]);
    }
    assert_null(take(READ_DISPATCH, NULL));
    assert_null(take(READ_FACTS, &message));
    while (count > 0) {
        readers_give(readers, taken[--count]);
    }
    for (count = 0; (taken[count] = take(READ_REQUEST, &message)) != NULL; count++) {
    }
    assert_int_equal(count, READS_MAX - READS_RESERVED);
    while (count > 0) {
        readers_give(readers, taken[--count]);
    }
}

static void requests_under_way_hold_so_many_bytes(void **state)
{
    static const uint8_t bytes[FRAME_SIZE_MAX];
    static struct read *taken[REQUESTS_SIZE_MAX / FRAME_SIZE_MAX + 1];
    const struct slice large = slice_make(bytes, sizeof bytes);
    uint32_t count = 0;
    (void)state;
    while ((taken[count] = readers_take(readers, READ_REQUEST, large)) != NULL) {
        count++;
    }
    assert_int_equal(count, REQUESTS_SIZE_MAX / FRAME_SIZE_MAX);
    assert_null(readers_take(readers, READ_FACTS, large));
    struct read *dispatch = take(READ_DISPATCH, NULL);
    assert_non_null(dispatch);
    readers_give(readers, dispatch);
    readers_give(readers, taken[--count]);
    taken[count] = readers_take(readers, READ_FACTS, large);
    assert_non_null(taken[count++]);
    while (count > 0) {
        readers_give(readers, taken[--count]);
        assert_int_equal(taken[count]->request.capacity, 0);
    }
}

/* Many times more than may stand there: the threads wait for the loop, and go on with it. */
static void answers_that_are_not_taken_hold_up_the_threads_and_no_longer(void **state)
{
    uint32_t count = 4 * ANSWERS_SIZE_MAX / FRAME_SIZE_MAX + 2 * READERS_COUNT * READ_BATCH;
    size_t size = 0;
    (void)state;
    answer_size = FRAME_SIZE_MAX - 100;
    for (uint32_t number = 0; number < count; number++) {
        push_get_job(number);
    }
    for (uint32_t number = 0; number < count; number++) {
        struct read *read = wait_for_read();
        assert_int_equal(read->status, STATUS_OK);
        size += read->answer.size;
        readers_give(readers, read);
        assert_int_equal(read->answer.capacity, 0);
    }
    assert_true(size > 4 * (size_t)ANSWERS_SIZE_MAX);
}

static void what_is_under_way_is_dropped_at_the_end(void **state)
{
    (void)state;
    hold();
    push_get_job(1);
    wait_for_arrivals(1);
    for (uint32_t number = 2; number < 100; number++) {
        push_get_job(number);
    }
    let_go();
}

static void without_memory_a_read_is_refused_and_its_place_is_kept(void **state)
{
    const struct message message = get_job(1);
    struct buffer request;
    (void)state;
    buffer_init(&request, FRAME_SIZE_MAX);
    assert_int_equal(record_write(&request, &message), STATUS_OK);
    for (uint32_t times = 0; times < 2 * READS_MAX; times++) {
        memory_fail_at(1);
        assert_null(readers_take(readers, READ_FACTS, buffer_slice(&request)));
    }
    memory_fail_never();
    buffer_fini(&request);
    push_get_job(1);
    readers_give(readers, wait_for_read());
}

static void readers_that_cannot_be_started_leave_nothing(void **state)
{
    struct readers *none;
    (void)state;
    for (size_t nth = 1; nth <= 2; nth++) {
        memory_fail_at(nth);
        assert_int_equal(readers_new(store, NULL, &test_clock, &retention, &none),
                         STATUS_NO_MEMORY);
        assert_null(none);
    }
    memory_fail_never();
    failing_eventfd = true;
    assert_int_equal(readers_new(store, NULL, &test_clock, &retention, &none), STATUS_IO);
    assert_null(none);
    failing_eventfd = false;
    for (size_t nth = 1; nth <= READERS_COUNT; nth++) {
        failing_thread = nth;
        assert_int_equal(readers_new(store, NULL, &test_clock, &retention, &none), STATUS_IO);
        assert_null(none);
    }
    assert_int_equal(failing_thread, 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_request_is_answered_by_its_own_kind_of_record),
        TEST(facts_are_looked_up_for_a_request_and_for_a_group),
        TEST(a_group_without_memory_for_its_facts_has_failed),
        TEST(a_job_that_is_not_there_cannot_be_dispatched),
        TEST(a_store_that_cannot_be_looked_at_fails_the_read),
        TEST(an_answer_above_a_frame_fails_the_read),
        TEST(clients_leave_room_for_facts_and_dispatches),
        TEST(requests_under_way_hold_so_many_bytes),
        TEST(answers_that_are_not_taken_hold_up_the_threads_and_no_longer),
        TEST(what_is_under_way_is_dropped_at_the_end),
        TEST(without_memory_a_read_is_refused_and_its_place_is_kept),
        TEST(readers_that_cannot_be_started_leave_nothing),
    };
    return cmocka_run_group_tests(tests, open_store, close_store);
}
