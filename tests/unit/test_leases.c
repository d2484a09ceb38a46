#include "actors/leases.h"

#include "tests/unit/test.h"

enum {
    COUNT = 1000,
};

static struct id job_id(uint32_t number)
{
    struct id id = {{0}};
    memcpy(id.bytes + ID_SIZE - sizeof(number), &number, sizeof(number));
    return id;
}

static struct lease *add(struct leases *leases, uint32_t number)
{
    struct lease *lease = NULL;
    struct id job = job_id(number);
    assert_int_equal(leases_add(leases, &job, 1, &lease), STATUS_OK);
    return lease;
}

static struct result *result_of(const struct lease *lease)
{
    struct result *result = NULL;
    struct message message = {.type = MESSAGE_TYPE_DONE};
    message.done = (struct message_done){
        .job = lease->job, .lease = lease->number, .document = SLICE_LITERAL("{}")};
    assert_int_equal(result_new(&message, NULL, &result), STATUS_OK);
    return result;
}

static void are_found_by_job_and_number_whatever_came_and_went(void **state)
{
    struct leases leases;
    (void)state;
    leases_init(&leases, COUNT);
    for (uint32_t number = 0; number < COUNT; number++) {
        add(&leases, number);
    }
    for (uint32_t number = 0; number < COUNT; number += 3) {
        struct id job = job_id(number);
        leases_remove(&leases, leases_find(&leases, &job, 1));
    }
    for (uint32_t number = 0; number < COUNT; number++) {
        struct id job = job_id(number);
        struct lease *lease = leases_find(&leases, &job, 1);
        assert_int_equal(lease == NULL, number % 3 == 0);
        assert_true(lease == NULL || id_equal(&lease->job, &job));
        assert_null(leases_find(&leases, &job, 2));
    }
    leases_fini(&leases);
}

static void occupy_a_slot_until_their_result_is_acknowledged(void **state)
{
    struct leases leases;
    struct lease *lease;
    struct lease *other = NULL;
    struct id job = job_id(9);
    (void)state;
    leases_init(&leases, 2);
    assert_int_equal(leases_free(&leases), 2);
    lease = add(&leases, 1);
    add(&leases, 2);
    assert_int_equal(leases_free(&leases), 0);
    assert_int_equal(leases_add(&leases, &job, 1, &other), STATUS_FULL);
    leases_end(&leases, lease, result_of(lease));
    assert_int_equal(lease->state, LEASE_STATE_ENDED);
    assert_int_equal(leases.working, 1);
    assert_int_equal(leases_free(&leases), 0);
    leases_remove(&leases, lease);
    assert_int_equal(leases_free(&leases), 1);
    leases_fini(&leases);
}

static void are_not_added_twice(void **state)
{
    struct leases leases;
    struct lease *other = NULL;
    struct id job = job_id(1);
    (void)state;
    leases_init(&leases, 5);
    add(&leases, 1);
    assert_int_equal(leases_add(&leases, &job, 1, &other), STATUS_EXISTS);
    assert_int_equal(leases_add(&leases, &job, 2, &other), STATUS_OK);
    assert_int_equal(leases.count, 2);
    leases_fini(&leases);
}

static void are_all_seen_by_a_walk_that_removes_some(void **state)
{
    struct leases leases;
    size_t cursor = 0;
    size_t seen = 0;
    (void)state;
    leases_init(&leases, COUNT);
    for (uint32_t number = 0; number < COUNT; number++) {
        add(&leases, number);
    }
    for (struct lease *lease = leases_next(&leases, &cursor); lease != NULL;
         lease = leases_next(&leases, &cursor)) {
        leases_remove(&leases, lease);
        cursor--;
        seen++;
    }
    assert_int_equal(seen, COUNT);
    assert_int_equal(leases.count, 0);
    assert_int_equal(leases.working, 0);
    leases_fini(&leases);
}

static void records_that_go_with_a_result_own_theirs(void **state)
{
    char task[] = "task-1";
    struct result *result = NULL;
    struct message message = {.type = MESSAGE_TYPE_FAIL};
    struct message record = {.type = MESSAGE_TYPE_OPERATION};
    (void)state;
    message.fail.code = SLICE_LITERAL("cancelled");
    record.operation.provider = SLICE_LITERAL("studio");
    record.operation.task = slice_from_string(task);
    assert_int_equal(result_new(&message, &record, &result), STATUS_OK);
    memset(task, 'x', sizeof(task));
    assert_true(result->has_record);
    assert_true(slice_equal(result->message.fail.code, SLICE_LITERAL("cancelled")));
    assert_true(slice_equal(result->record.operation.provider, SLICE_LITERAL("studio")));
    assert_true(slice_equal(result->record.operation.task, SLICE_LITERAL("task-1")));
    result_destroy(&result);
}

static void results_own_their_bytes(void **state)
{
    char code[] = "timeout";
    struct result *result = NULL;
    struct message message = {.type = MESSAGE_TYPE_FAIL};
    (void)state;
    message.fail.code = slice_from_string(code);
    message.fail.message = SLICE_LITERAL("too long");
    assert_int_equal(result_new(&message, NULL, &result), STATUS_OK);
    memset(code, 'x', sizeof(code));
    assert_true(slice_equal(result->message.fail.code, SLICE_LITERAL("timeout")));
    assert_true(slice_equal(result->message.fail.message, SLICE_LITERAL("too long")));
    result_destroy(&result);
    result_destroy(&result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(are_found_by_job_and_number_whatever_came_and_went),
        cmocka_unit_test(occupy_a_slot_until_their_result_is_acknowledged),
        cmocka_unit_test(are_not_added_twice),
        cmocka_unit_test(are_all_seen_by_a_walk_that_removes_some),
        cmocka_unit_test(results_own_their_bytes),
        cmocka_unit_test(records_that_go_with_a_result_own_theirs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
