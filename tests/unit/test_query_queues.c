#include "broker/query_queues.h"

#include "tests/unit/ledger.h"
#include "tests/unit/test.h"

/* What a start reads of queues as a whole. */

static struct ledger ledger;
static struct batch mend;

static int set_up(void **state)
{
    (void)state;
    ledger_init(&ledger);
    batch_init(&mend);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    batch_fini(&mend);
    ledger_fini(&ledger);
    return 0;
}

static void read_all(struct queue_value out[JOB_KIND_COUNT])
{
    batch_clear(&mend, 1);
    assert_int_equal(query_queues(&ledger.memory.view, out, &mend), STATUS_OK);
}

static void end(uint32_t number, const char *owner, enum job_state job_state)
{
    struct job job = ledger_job(JOB_KIND_CHARACTER, number);
    ledger_ended(&ledger, &job, owner, job_state, "{}", "{}");
}

static void pause_queue(uint8_t kind, bool paused)
{
    const struct effect effect = {.type = EFFECT_QUEUE, .kind = kind, .paused = paused};
    ledger_effect(&ledger, &effect);
    ledger_commit(&ledger);
}

static void a_new_store_has_nothing(void **state)
{
    struct queue_value queues[JOB_KIND_COUNT];
    (void)state;
    read_all(queues);
    for (int kind = 0; kind < JOB_KIND_COUNT; kind++) {
        assert_false(queues[kind].paused);
        assert_int_equal(queues[kind].ended[JOB_STATE_COMPLETED], 0);
    }
    assert_int_equal(mend.count, 0);
}

static void a_pause_is_there_until_the_queue_goes_on(void **state)
{
    struct queue_value queues[JOB_KIND_COUNT];
    (void)state;
    pause_queue(JOB_KIND_WEBHOOK, true);
    read_all(queues);
    assert_true(queues[JOB_KIND_WEBHOOK].paused);
    assert_false(queues[JOB_KIND_VIDEO].paused);
    pause_queue(JOB_KIND_WEBHOOK, false);
    read_all(queues);
    assert_false(queues[JOB_KIND_WEBHOOK].paused);
}

static void ended_jobs_of_all_owners_are_counted(void **state)
{
    struct queue_value queues[JOB_KIND_COUNT];
    (void)state;
    end(1, "ann", JOB_STATE_COMPLETED);
    end(2, "ben", JOB_STATE_COMPLETED);
    end(3, "ben", JOB_STATE_CANCELLED);
    struct job again = ledger_job(JOB_KIND_CHARACTER, 4);
    ledger_ended(&ledger, &again, "ann", JOB_STATE_FAILED, "", "");
    read_all(queues);
    assert_int_equal(queues[JOB_KIND_CHARACTER].ended[JOB_STATE_COMPLETED], 2);
    assert_int_equal(queues[JOB_KIND_CHARACTER].ended[JOB_STATE_CANCELLED], 1);
    assert_int_equal(queues[JOB_KIND_CHARACTER].ended[JOB_STATE_FAILED], 1);
    assert_int_equal(mend.count, 0);
    ledger_revive(&ledger, &again, "ann");
    ledger_commit(&ledger);
    read_all(queues);
    assert_int_equal(queues[JOB_KIND_CHARACTER].ended[JOB_STATE_FAILED], 0);
}

/* A store that was written before there were counters of all owners. */
static void an_older_store_is_added_up_once(void **state)
{
    struct queue_value queues[JOB_KIND_COUNT];
    uint8_t key[KEY_BYTES_MAX];
    struct batch old;
    (void)state;
    batch_init(&old);
    batch_add(&old, key_total(key, SLICE_LITERAL("ann"), 1, JOB_STATE_COMPLETED), 3);
    batch_add(&old, key_total(key, SLICE_LITERAL("ben"), 1, JOB_STATE_COMPLETED), 4);
    batch_add(&old, key_total(key, SLICE_LITERAL("ben"), 1, TOTAL_ACCEPTED), 9);
    batch_add(&old, key_total(key, SLICE_LITERAL("ben"), 0, TOTAL_CHARACTERS), 5);
    memory_view_apply(&ledger.memory, &old);
    batch_fini(&old);
    read_all(queues);
    assert_int_equal(queues[1].ended[JOB_STATE_COMPLETED], 7);
    assert_int_equal(mend.count, 1);
    memory_view_apply(&ledger.memory, &mend);
    read_all(queues);
    assert_int_equal(queues[1].ended[JOB_STATE_COMPLETED], 7);
    assert_int_equal(mend.count, 0);
}

static void a_counter_below_zero_counts_as_none(void **state)
{
    struct queue_value queues[JOB_KIND_COUNT];
    uint8_t key[KEY_BYTES_MAX];
    struct batch odd;
    (void)state;
    batch_init(&odd);
    batch_add(&odd, key_total(key, SLICE_EMPTY, 3, JOB_STATE_COMPLETED), -2);
    memory_view_apply(&ledger.memory, &odd);
    batch_fini(&odd);
    read_all(queues);
    assert_int_equal(queues[3].ended[JOB_STATE_COMPLETED], 0);
}

static void what_is_damaged_is_told(void **state)
{
    static const uint8_t keys[][5] = {{'T', 0, 1}, {'T', 0, 1, 3}, {'q', 9}, {'q', 1, 1}};
    static const size_t sizes[] = {3, 4, 2, 3};
    (void)state;
    for (int index = 0; index < 4; index++) {
        struct queue_value queues[JOB_KIND_COUNT];
        tear_down(NULL);
        set_up(NULL);
        memory_view_put(&ledger.memory, slice_make(keys[index], sizes[index]),
                        SLICE_LITERAL("short"));
        batch_clear(&mend, 1);
        assert_int_equal(query_queues(&ledger.memory.view, queues, &mend), STATUS_MALFORMED);
    }
}

static void a_read_that_fails_is_told(void **state)
{
    struct queue_value queues[JOB_KIND_COUNT];
    (void)state;
    for (uint32_t at = 1; at <= 2; at++) {
        ledger.memory.reads = 0;
        ledger.memory.fail_at = at;
        batch_clear(&mend, 1);
        assert_int_equal(query_queues(&ledger.memory.view, queues, &mend), STATUS_IO);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_new_store_has_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_pause_is_there_until_the_queue_goes_on, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(ended_jobs_of_all_owners_are_counted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_older_store_is_added_up_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_counter_below_zero_counts_as_none, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_damaged_is_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_read_that_fails_is_told, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
