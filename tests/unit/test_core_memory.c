/* Every allocation of the core fails once: a request is refused or a start fails, and nothing else
 * has changed. */

#include "tests/unit/core_world.h"
#include "tests/unit/memory.h"

static void refuses_a_job_and_changes_nothing(void **state)
{
    struct core_statistics statistics;
    struct world world;
    uint32_t refused = 0;
    uint32_t accepted = 0;
    (void)state;
    world_init(&world, NULL);
    for (uint32_t number = 1; number <= 3000; number++) {
        char owner[2] = {(char)('a' + number % 26), '\0'};
        struct message message = world_submit_message(JOB_KIND_CHARACTER, number);
        message.submit.owner = slice_from_string(owner);
        for (size_t nth = 1;; nth++) {
            const struct core_event event = {
                .type = CORE_EVENT_GATEWAY, .peer = WORLD_GATEWAY, .message = &message};
            memory_fail_at(nth);
            core_step(world.core, &event, world.now, &world.effects);
            memory_fail_never();
            if (world.effects.count != 1) {
                break; /* it asked for less memory than that */
            }
            world_expect_reply(&world, REPLY_CODE_TOO_MANY_JOBS);
            core_check(world.core);
            refused++;
        }
        accepted++;
    }
    core_check(world.core);
    assert_int_equal(accepted, 3000);
    assert_true(refused >= 26 + 2);
    core_statistics(world.core, &statistics);
    assert_int_equal(statistics.accepted, 3000);
    assert_int_equal(statistics.refused, refused);
    world_fini(&world);
}

static void refuses_a_worker(void **state)
{
    struct world world;
    uint32_t refused = 0;
    (void)state;
    world_init(&world, NULL);
    for (uint32_t number = 1; number <= 200; number++) {
        struct message message = {.type = MESSAGE_TYPE_HELLO};
        message.hello = (struct message_hello){.instance = world_id(number), .slots = 1};
        for (size_t nth = 1;; nth++) {
            memory_fail_at(nth);
            const struct core_event event = {
                .type = CORE_EVENT_ACTOR, .peer = number, .message = &message};
            core_step(world.core, &event, world.now, &world.effects);
            memory_fail_never();
            core_check(world.core);
            if (world.effects.items[0].type == EFFECT_WELCOME) {
                break;
            }
            assert_int_equal(world_effect(&world, EFFECT_ERROR)->error_code_number,
                             ERROR_CODE_LIMIT);
            refused++;
        }
    }
    assert_in_range(refused, 5, 100);
    world_fini(&world);
}

static void starts_or_tells_that_it_cannot(void **state)
{
    struct core_options options;
    struct core *core;
    enum status status = STATUS_NO_MEMORY;
    size_t failed = 0;
    (void)state;
    core_options_default(&options);
    for (size_t nth = 1; status != STATUS_OK; nth++) {
        memory_fail_at(nth);
        status = core_new(&options, 1, &core);
        memory_fail_never();
        failed += status == STATUS_NO_MEMORY;
        assert_true((core == NULL) == (status == STATUS_NO_MEMORY));
    }
    assert_int_equal(failed,
                     10); /* the core, tables of jobs, users, groups and workers, limiters */
    core_destroy(&core);
}

static void restores_a_job_or_tells_that_it_cannot(void **state)
{
    struct core_options options = world_options();
    struct job head = {.version = 2,
                       .lease = 1,
                       .attempt = 1,
                       .state = JOB_STATE_ACTIVE,
                       .started_at = 1,
                       .attempt_at = 1,
                       .accepted = 1,
                       .deadline = 1000000};
    enum status status = STATUS_NO_MEMORY;
    size_t failed = 0;
    (void)state;
    options.event_last = 1;
    head.id = world_id(1);
    head.worker = world_id(2);
    for (size_t nth = 1; status != STATUS_OK; nth++) {
        struct core *core;
        assert_int_equal(core_new(&options, 1, &core), STATUS_OK);
        memory_fail_at(nth);
        status = core_restore(core, &head, SLICE_LITERAL("user"), NULL, 1);
        memory_fail_never();
        core_check(core);
        failed += status == STATUS_NO_MEMORY;
        core_destroy(&core);
    }
    assert_int_equal(failed, 6); /* jobs, timers, users' slots, the user, rounds, workers */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_a_job_and_changes_nothing),
        cmocka_unit_test(refuses_a_worker),
        cmocka_unit_test(starts_or_tells_that_it_cannot),
        cmocka_unit_test(restores_a_job_or_tells_that_it_cannot),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
