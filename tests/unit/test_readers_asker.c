/* Who asked for a job that cannot be read. Method: a real store in a directory of the test, in
 * which the record of a job is damaged and that of its request is not. */
#include "broker/readers.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include "broker/values.h"
#include "tests/unit/test.h"

enum {
    WAIT_MS = 60000, /* for a thread on a busy machine */
};

static char directory[32];
static struct store *store;
static struct clock test_clock;
static const struct retention retention;
static struct readers *readers;

static int set_up(void **state)
{
    char path[64];
    char *detail = NULL;
    (void)state;
    snprintf(directory, sizeof directory, "/tmp/troupe-askers-XXXXXX");
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/broker", directory);
    const struct store_options options = {.directory = path};
    clock_init(&test_clock, 0);
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

static struct read *wait_for_read(void)
{
    struct read *read;
    while ((read = readers_done(readers)) == NULL) {
        struct pollfd item = {.fd = readers_descriptor(readers), .events = POLLIN};
        assert_int_equal(poll(&item, 1, WAIT_MS), 1);
    }
    return read;
}

/* A job whose own record is damaged, that an index still names, and what it was submitted with. */
static struct id store_damaged(uint64_t number)
{
    uint8_t key[KEY_BYTES_MAX];
    struct batch batch;
    struct buffer record, value;
    struct message input = {.type = MESSAGE_TYPE_SUBMIT};
    input.submit.job.bytes[0] = (uint8_t)number;
    input.submit.owner = SLICE_LITERAL("ada");
    input.submit.request_id = SLICE_LITERAL("asked-by-ada");
    batch_init(&batch);
    batch_clear(&batch, number);
    buffer_init(&record, VALUE_SIZE_MAX);
    buffer_init(&value, VALUE_SIZE_MAX);
    const struct id *job = &input.submit.job;
    assert_int_equal(record_write(&record, &input), STATUS_OK);
    assert_int_equal(plain_value_write(&value, buffer_slice(&record)), STATUS_OK);
    batch_put(&batch, key_input(key, job), buffer_slice(&value));
    batch_put(&batch, key_job(key, job), SLICE_LITERAL("?"));
    batch_put(&batch, key_retained(key, JOB_STATE_FAILED, 1, job), SLICE_LITERAL(""));
    assert_int_equal(batch.count, 3);
    assert_int_equal(store_commit(store, &batch), COMMIT_DURABLE);
    batch_fini(&batch);
    buffer_fini(&record);
    buffer_fini(&value);
    return *job;
}

static void who_asked_for_a_job_that_cannot_be_read_is_known(void **state)
{
    struct sweep *sweep = calloc(1, sizeof *sweep);
    struct read *read = readers_take(readers, READ_DISPATCH, SLICE_EMPTY);
    (void)state;
    read->job = store_damaged(1);
    readers_push(readers, read);
    assert_ptr_equal(wait_for_read(), read);
    assert_int_not_equal(read->status, STATUS_OK);
    assert_true(slice_equal(read_asker(read, 0), SLICE_LITERAL("asked-by-ada")));
    assert_int_equal(read_asker(read, 1).size, 0);
    readers_give(readers, read);
    read = readers_take(readers, READ_SWEEP, SLICE_EMPTY);
    assert_int_equal(read_asker(read, 0).size, 0);
    sweep->now = 1000;
    read->sweep = sweep;
    readers_push(readers, read);
    assert_ptr_equal(wait_for_read(), read);
    assert_int_equal(sweep->damaged_count, 1);
    assert_true(slice_equal(read_asker(read, 0), SLICE_LITERAL("asked-by-ada")));
    readers_give(readers, read);
    free(sweep);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_asked_for_a_job_that_cannot_be_read_is_known),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
