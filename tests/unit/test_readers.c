#include "broker/readers.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include "broker/keys.h"
#include "broker/values.h"
#include "tests/unit/test.h"

/* Real threads over a real, small store in a directory of its own. */

enum {
    WAIT_MS = 20000,
    NOW = 1000,
};

static char directory[32];
static struct store *store;
static struct readers *readers;
static const struct id document = {{9}};

static void open_store(uint64_t fault_read)
{
    uint8_t key[KEY_BYTES_MAX];
    struct batch batch;
    struct buffer value;
    char *detail = NULL;
    const struct store_options options = {.directory = directory, .fault_read = fault_read};
    const struct document_value stored = {.type = DOCUMENT_TYPE_CHARACTER,
                                          .owner = SLICE_LITERAL("owner"),
                                          .json = SLICE_LITERAL("{}")};
    assert_int_equal(store_open(&options, &store, &detail), STATUS_OK);
    buffer_init(&value, VALUE_SIZE_MAX);
    batch_init(&batch);
    batch_clear(&batch, 1);
    assert_int_equal(document_value_write(&value, &stored), STATUS_OK);
    assert_int_equal(batch_put(&batch, key_document(key, &document), buffer_slice(&value)),
                     STATUS_OK);
    assert_int_equal(store_commit(store, &batch), COMMIT_DURABLE);
    batch_fini(&batch);
    buffer_fini(&value);
    assert_int_equal(readers_new(store, &readers), STATUS_OK);
}

static int set_up(void **state)
{
    (void)state;
    snprintf(directory, sizeof directory, "/tmp/troupe-readers-XXXXXX");
    assert_non_null(mkdtemp(directory));
    return 0;
}

static int tear_down(void **state)
{
    char command[64];
    (void)state;
    readers_destroy(&readers);
    readers_destroy(&readers);
    store_close(&store);
    snprintf(command, sizeof command, "rm -rf %s", directory);
    assert_int_equal(system(command), 0);
    return 0;
}

static struct read *ask(uint64_t request)
{
    struct read *read = read_new(READ_ANSWER, 5, 6);
    const struct message message = {.type = MESSAGE_TYPE_GET_DOCUMENT,
                                    .get_document = {.request = request, .id = document}};
    assert_non_null(read);
    assert_int_equal(record_write(&read->request, &message), STATUS_OK);
    return read;
}

/* Waits until the descriptor says that there is an answer, and takes it. */
static struct read *await(void)
{
    struct pollfd item = {.fd = readers_descriptor(readers), .events = POLLIN};
    assert_int_equal(poll(&item, 1, WAIT_MS), 1);
    struct read *read = readers_take(readers);
    assert_non_null(read);
    return read;
}

static bool is_readable(void)
{
    struct pollfd item = {.fd = readers_descriptor(readers), .events = POLLIN};
    return poll(&item, 1, 0) == 1;
}

static void an_answer_comes_as_records_of_one_frame(void **state)
{
    struct message message;
    (void)state;
    open_store(0);
    assert_int_equal(readers_give(readers, ask(7), NOW), STATUS_OK);
    struct read *read = await();
    assert_int_equal(read->status, STATUS_OK);
    assert_int_equal(read->peer, 5);
    assert_int_equal(read->session, 6);
    assert_int_equal(read->records_count, 1);
    struct slice records = read->records;
    assert_int_equal(record_read(&records, &message), STATUS_OK);
    assert_int_equal(message.type, MESSAGE_TYPE_DOCUMENT);
    assert_int_equal(message.document.request, 7);
    assert_int_equal(message.document.code, REPLY_CODE_OK);
    read_free(read);
}

static void the_descriptor_is_readable_while_there_are_answers(void **state)
{
    (void)state;
    open_store(0);
    assert_false(is_readable());
    assert_null(readers_take(readers));
    for (uint64_t request = 1; request <= 3; request++) {
        assert_int_equal(readers_give(readers, ask(request), NOW), STATUS_OK);
    }
    for (int count = 0; count < 3; count++) {
        read_free(await());
    }
    assert_false(is_readable());
    assert_null(readers_take(readers));
}

static void facts_are_stamped_with_the_commit(void **state)
{
    const struct message cancel = {.type = MESSAGE_TYPE_CANCEL_JOB,
                                   .cancel_job = {.request = 1, .owner = SLICE_LITERAL("owner")}};
    (void)state;
    open_store(0);
    struct read *read = read_new(READ_FACTS, 1, 2);
    assert_int_equal(record_write(&read->request, &cancel), STATUS_OK);
    assert_int_equal(readers_give(readers, read, NOW), STATUS_OK);
    read = await();
    assert_int_equal(read->status, STATUS_OK);
    assert_int_equal(read->facts.commit, 1);
    assert_false(read->facts.job_found);
    read_free(read);
}

static void a_read_that_fails_says_so(void **state)
{
    (void)state;
    open_store(1);
    assert_int_equal(readers_give(readers, ask(1), NOW), STATUS_OK);
    struct read *read = await();
    assert_int_equal(read->status, STATUS_IO);
    read_free(read);
}

static void a_dispatch_whose_input_is_missing_says_so(void **state)
{
    (void)state;
    open_store(0);
    struct read *read = read_new(READ_DISPATCH, 1, 2);
    read->head.state = JOB_STATE_ACTIVE;
    assert_int_equal(buffer_append_slice(&read->owner, SLICE_LITERAL("owner")), STATUS_OK);
    assert_int_equal(readers_give(readers, read, NOW), STATUS_OK);
    read = await();
    assert_int_equal(read->status, STATUS_NOT_FOUND);
    read_free(read);
}

/* Large requests fill the bytes long before the count is reached. Answers are taken by nobody, so
 * that the threads stop as well. */
static void gateways_are_told_when_too_much_waits_and_dispatches_are_not(void **state)
{
    int given = 0;
    struct read *read = NULL;
    (void)state;
    open_store(0);
    for (enum status status = STATUS_OK; status == STATUS_OK;) {
        uint8_t *room;
        read = ask(1);
        assert_int_equal(buffer_reserve(&read->request, 1 << 20, &room), STATUS_OK);
        status = readers_give(readers, read, NOW);
        given += status == STATUS_OK;
        assert_true(given < READS_WAITING_MAX);
    }
    read_free(read);
    read = read_new(READ_DISPATCH, 1, 2);
    read->head.state = JOB_STATE_ACTIVE;
    assert_int_equal(readers_give(readers, read, NOW), STATUS_OK);
    for (int count = 0; count < given + 1; count++) {
        read_free(await());
    }
    assert_int_equal(readers_give(readers, ask(2), NOW), STATUS_OK);
    read_free(await());
}

static void what_waits_is_dropped_at_the_end(void **state)
{
    (void)state;
    open_store(0);
    for (uint64_t request = 1; request <= 100; request++) {
        assert_int_equal(readers_give(readers, ask(request), NOW), STATUS_OK);
    }
    readers_destroy(&readers);
    assert_null(readers);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_answer_comes_as_records_of_one_frame),
        TEST(the_descriptor_is_readable_while_there_are_answers),
        TEST(facts_are_stamped_with_the_commit),
        TEST(a_read_that_fails_says_so),
        TEST(a_dispatch_whose_input_is_missing_says_so),
        TEST(gateways_are_told_when_too_much_waits_and_dispatches_are_not),
        TEST(what_waits_is_dropped_at_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
