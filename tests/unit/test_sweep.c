/* The way out of the store: what is found to be over, and what is left of it. */

#include "broker/query.h"

#include "tests/unit/ledger.h"
#include "tests/unit/test.h"

static const struct retention retention = {
    .ended_ms =
        {[JOB_STATE_COMPLETED] = 3000, [JOB_STATE_FAILED] = 2000, [JOB_STATE_CANCELLED] = 1000},
    .tombstone_ms = 500,
};
static struct ledger ledger;
static struct sweep sweep;

static int set_up(void **state)
{
    (void)state;
    ledger_init(&ledger);
    memset(&sweep, 0, sizeof sweep);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ledger_fini(&ledger);
    return 0;
}

static struct job end_job(uint32_t number, enum job_state state)
{
    struct job job = ledger_job(JOB_KIND_CHARACTER, number);
    ledger_ended(&ledger, &job, "ann", state, "{}", "{}");
    return job;
}

/* Looks at a time, and lets go of everything that is found, as the core does. */
static void look_and_let_go(int64_t now)
{
    ledger.now = now;
    sweep.now = now;
    assert_int_equal(query_sweep(&ledger.memory.view, &retention, &sweep), STATUS_OK);
    for (uint32_t index = 0; index < sweep.count; index++) {
        const struct swept *swept = &sweep.items[index];
        const struct effect effect = {.type = EFFECT_EXPIRE,
                                      .job = &swept->head,
                                      .id = swept->head.id,
                                      .owner = slice_make(swept->owner, swept->owner_size),
                                      .swept = swept};
        ledger_effect(&ledger, &effect);
    }
    ledger_commit(&ledger);
}

static size_t keys_of(char prefix)
{
    return memory_view_count(&ledger.memory, slice_make(&prefix, 1));
}

static int64_t total(uint8_t state)
{
    uint8_t key[KEY_BYTES_MAX];
    struct slice bytes;
    int64_t number;
    struct slice name = key_total(key, SLICE_LITERAL("ann"), JOB_KIND_CHARACTER, state);
    assert_true(memory_view_get(&ledger.memory, name, &bytes));
    memcpy(&number, bytes.data, sizeof number);
    return number;
}

static void each_state_is_kept_for_its_own_time(void **state)
{
    int64_t start = ledger.now;
    (void)state;
    end_job(1, JOB_STATE_COMPLETED);
    end_job(2, JOB_STATE_FAILED);
    end_job(3, JOB_STATE_CANCELLED);
    static const struct {
        int64_t at;
        size_t left;
    } times[] = {{999, 3}, {1000, 2}, {1999, 2}, {2000, 1}, {2999, 1}, {3000, 0}};
    for (size_t index = 0; index < sizeof times / sizeof times[0]; index++) {
        look_and_let_go(start + times[index].at);
        assert_int_equal(keys_of('J'), times[index].left);
    }
}

static void nothing_is_left_of_a_job_but_its_tombstone_and_documents(void **state)
{
    struct job job = ledger_job(JOB_KIND_CHARACTER, 1);
    int64_t start = ledger.now;
    (void)state;
    ledger_accept(&ledger, &job, "ann", "{}");
    ledger_commit(&ledger);
    job.operations = 2;
    for (uint8_t operation = 0; operation < 2; operation++) {
        ledger_effect(&ledger, &(struct effect){.type = EFFECT_OPERATION,
                                                .job = &job,
                                                .operation = {.job = job.id,
                                                              .operation = operation,
                                                              .provider = SLICE_LITERAL("p")}});
    }
    ledger_event(&ledger, &job, "ann", EVENT_KIND_PROGRESS);
    ledger_commit(&ledger);
    ledger_end(&ledger, &job, "ann", JOB_STATE_COMPLETED, "{}", "{}");
    ledger_commit(&ledger);
    assert_int_equal(keys_of('E'), 3);
    assert_int_equal(keys_of('Q'), 2);
    look_and_let_go(start + 3000);
    for (const char *prefix = "JPLISEQD"; *prefix != '\0'; prefix++) {
        assert_int_equal(keys_of(*prefix), 0);
    }
    assert_int_equal(keys_of('Z'), 1);
    assert_int_equal(keys_of('R'), 1);
    assert_int_equal(keys_of('C'), 2);
    assert_int_equal(total(TOTAL_ACCEPTED), 0);
    assert_int_equal(total(JOB_STATE_COMPLETED), 0);
    look_and_let_go(start + 3499);
    assert_int_equal(keys_of('Z'), 1);
    look_and_let_go(start + 3500);
    assert_int_equal(keys_of('Z'), 0);
    assert_int_equal(keys_of('R'), 0);
}

static void the_draft_of_a_job_that_failed_goes_with_it(void **state)
{
    struct job job = ledger_job(JOB_KIND_CHARACTER, 1);
    (void)state;
    ledger_accept(&ledger, &job, "ann", "{}");
    job.lease = 1;
    ledger_effect(&ledger, &(struct effect){.type = EFFECT_DRAFT,
                                            .job = &job,
                                            .owner = SLICE_LITERAL("ann"),
                                            .document = SLICE_LITERAL("half")});
    ledger_commit(&ledger);
    job.state = JOB_STATE_FAILED;
    job.completed_at = ledger.now;
    ledger_effect(&ledger, &(struct effect){.type = EFFECT_END,
                                            .job = &job,
                                            .owner = SLICE_LITERAL("ann"),
                                            .number = ledger.event_last,
                                            .keeps_draft = true});
    ledger_commit(&ledger);
    assert_int_equal(keys_of('D'), 1);
    look_and_let_go(ledger.now + 1000000);
    assert_int_equal(keys_of('J'), 0);
    assert_int_equal(keys_of('D'), 0);
}

static void an_entry_whose_job_lived_on_goes_alone(void **state)
{
    struct job job = end_job(1, JOB_STATE_FAILED);
    int64_t start = ledger.now;
    (void)state;
    job.state = JOB_STATE_WAITING;
    job.completed_at = 0;
    ledger_save(&ledger, &job, "ann", NULL);
    ledger_commit(&ledger);
    look_and_let_go(start + 2000);
    assert_int_equal(sweep.count, 1);
    assert_int_equal(sweep.items[0].kind, SWEPT_INDEX);
    assert_int_equal(keys_of('R'), 0);
    assert_int_equal(keys_of('J'), 1);
    assert_int_equal(keys_of('Z'), 0);
    assert_int_equal(total(JOB_STATE_FAILED), 1);
}

static void a_look_takes_a_bounded_number_and_the_next_goes_on(void **state)
{
    int64_t start = ledger.now;
    (void)state;
    for (uint32_t number = 1; number <= SWEEP_JOBS_MAX + 10; number++) {
        end_job(number, JOB_STATE_CANCELLED);
    }
    look_and_let_go(start + 1000);
    assert_int_equal(sweep.count, SWEEP_JOBS_MAX);
    assert_true(sweep.more);
    assert_int_equal(keys_of('J'), 10);
    look_and_let_go(start + 1000);
    assert_int_equal(sweep.count, 10);
    assert_false(sweep.more);
    assert_int_equal(keys_of('J'), 0);
}

static void a_job_with_too_many_events_goes_in_parts(void **state)
{
    struct job job = ledger_job(JOB_KIND_CHARACTER, 2);
    int64_t start = ledger.now;
    (void)state;
    end_job(1, JOB_STATE_CANCELLED);
    ledger_accept(&ledger, &job, "ann", "{}");
    for (uint32_t count = 0; count < SWEEP_EVENTS_MAX + 5; count++) {
        ledger_event(&ledger, &job, "ann", EVENT_KIND_PROGRESS);
        ledger_commit(&ledger);
    }
    ledger_end(&ledger, &job, "ann", JOB_STATE_CANCELLED, "", "");
    ledger_commit(&ledger);
    look_and_let_go(start + 1000); /* the first job, and no room for the other one */
    assert_int_equal(sweep.count, 1);
    assert_int_equal(keys_of('J'), 1);
    look_and_let_go(start + 1000);
    assert_int_equal(sweep.items[0].kind, SWEPT_EVENTS);
    assert_true(sweep.more);
    assert_int_equal(keys_of('J'), 1);
    assert_int_equal(keys_of('E'), 6);
    look_and_let_go(start + 1000);
    assert_int_equal(keys_of('J'), 0);
    assert_int_equal(keys_of('E'), 0);
}

static void a_look_that_fails_is_made_again_from_where_it_began(void **state)
{
    (void)state;
    end_job(1, JOB_STATE_CANCELLED);
    sweep.now = ledger.now + 1000;
    for (uint32_t nth = 1; nth <= 6; nth++) {
        ledger.memory.fail_at = ledger.memory.reads + nth;
        assert_int_equal(query_sweep(&ledger.memory.view, &retention, &sweep), STATUS_IO);
        assert_int_equal(sweep.count, 0);
    }
    look_and_let_go(sweep.now);
    assert_int_equal(sweep.count, 1);
}

static void damage(struct slice key)
{
    memory_view_put(&ledger.memory, key, SLICE_LITERAL("?"));
}

static void what_is_damaged_is_told_once_and_keeps_nothing_else(void **state)
{
    uint8_t key[KEY_BYTES_MAX];
    int64_t start = ledger.now;
    (void)state;
    end_job(1, JOB_STATE_CANCELLED);
    struct job bad = end_job(2, JOB_STATE_CANCELLED);
    end_job(3, JOB_STATE_CANCELLED);
    damage(key_job(key, &bad.id));
    look_and_let_go(start + 1000);
    assert_int_equal(sweep.count, 2);
    assert_int_equal(sweep.damaged_count, 1);
    assert_true(id_equal(&sweep.damaged[0], &bad.id));
    assert_int_equal(keys_of('J'), 1);
    look_and_let_go(start + 1000);
    assert_int_equal(sweep.damaged_count, 0);
    end_job(4, JOB_STATE_CANCELLED);
    look_and_let_go(start + 5000);
    assert_int_equal(sweep.damaged_count, 0);
    assert_int_equal(keys_of('J'), 1);
}

static void a_delivery_whose_event_is_damaged_is_passed_over(void **state)
{
    uint8_t key[KEY_BYTES_MAX];
    struct job job = ledger_job(JOB_KIND_WEBHOOK, 1);
    int64_t start = ledger.now;
    (void)state;
    const struct message_event event = {.job = job.id, .owner = SLICE_LITERAL("ann")};
    const struct effect accept = {
        .type = EFFECT_ACCEPT, .job = &job, .owner = event.owner, .id = job.id, .reported = &event};
    ledger_effect(&ledger, &accept);
    ledger_event(&ledger, &job, "ann", EVENT_KIND_QUEUED);
    ledger_commit(&ledger);
    ledger_end(&ledger, &job, "ann", JOB_STATE_CANCELLED, "", "");
    ledger_commit(&ledger);
    end_job(2, JOB_STATE_CANCELLED);
    damage(key_input(key, &job.id));
    look_and_let_go(start + 1000);
    assert_int_equal(sweep.damaged_count, 1);
    assert_int_equal(sweep.count, 1);
}

static void an_entry_that_is_none_is_passed_over(void **state)
{
    static const uint8_t bad[] = {'R', JOB_STATE_FAILED, 0, 0, 0, 0, 0, 0, 0, 1};
    int64_t start = ledger.now;
    (void)state;
    end_job(1, JOB_STATE_FAILED);
    damage(slice_make(bad, sizeof bad));
    look_and_let_go(start + 5000);
    assert_int_equal(sweep.damaged_keys, 1);
    assert_int_equal(keys_of('J'), 0);
}

#define SWEEP_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SWEEP_TEST(each_state_is_kept_for_its_own_time),
        SWEEP_TEST(nothing_is_left_of_a_job_but_its_tombstone_and_documents),
        SWEEP_TEST(the_draft_of_a_job_that_failed_goes_with_it),
        SWEEP_TEST(an_entry_whose_job_lived_on_goes_alone),
        SWEEP_TEST(a_look_takes_a_bounded_number_and_the_next_goes_on),
        SWEEP_TEST(a_job_with_too_many_events_goes_in_parts),
        SWEEP_TEST(a_look_that_fails_is_made_again_from_where_it_began),
        SWEEP_TEST(what_is_damaged_is_told_once_and_keeps_nothing_else),
        SWEEP_TEST(a_delivery_whose_event_is_damaged_is_passed_over),
        SWEEP_TEST(an_entry_that_is_none_is_passed_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
