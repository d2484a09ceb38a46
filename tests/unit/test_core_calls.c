/* What reports tell of calls: in the event that the report makes, and in no other. */
#include "tests/unit/core_world.h"

enum {
    TOOK_MS = 1500,
    PRICE = 40000,
};

static void fail_of_a_call(struct world *world, uint64_t session, enum fail_kind kind)
{
    struct message message = {.type = MESSAGE_TYPE_FAIL};
    message.fail = (struct message_fail){
        .job = world_id(1),
        .lease = 1,
        .kind = (uint8_t)kind,
        .code = SLICE_LITERAL("provider_error"),
        .provider = SLICE_LITERAL("ollama"),
        .purpose = CALL_PURPOSE_CHAT,
        .took_ms = TOOK_MS,
    };
    world_actor(world, 10, session, &message);
}

static void expect_call(const struct message_event *event, uint32_t price)
{
    world_expect_text(event->provider, "ollama");
    assert_int_equal(event->purpose, CALL_PURPOSE_CHAT);
    assert_int_equal(event->took_ms, TOOK_MS);
    assert_int_equal(event->price, price);
}

static void a_step_tells_of_the_call_that_it_made(void **state)
{
    struct message message = {.type = MESSAGE_TYPE_PROGRESS};
    struct world world;
    (void)state;
    world_init(&world, NULL);
    uint64_t session = world_lease(&world, JOB_KIND_IMAGE, 1, 10);
    message.progress = (struct message_progress){
        .job = world_id(1),
        .lease = 1,
        .progress = 60,
        .step = SLICE_LITERAL("drawn"),
        .provider = SLICE_LITERAL("ollama"),
        .purpose = CALL_PURPOSE_CHAT,
        .took_ms = TOOK_MS,
        .price = PRICE,
    };
    world_actor(&world, 10, session, &message);
    expect_call(world_expect_event(&world, 1, EVENT_KIND_PROGRESS), PRICE);
    assert_int_equal(world_job(&world, 1)->spent, 0); /* its own record counts it */
    world_actor(&world, 10, session, &message);
    assert_int_equal(world.effects.count, 0); /* said again in another session */
    world_progress(&world, 10, session, 1, 1, 80, "stored");
    assert_int_equal(world_expect_event(&world, 1, EVENT_KIND_PROGRESS)->purpose,
                     CALL_PURPOSE_NONE);
    world_fini(&world);
}

static void what_ends_an_attempt_tells_of_the_call_that_it_failed_of(void **state)
{
    const struct {
        enum fail_kind kind;
        bool is_cancelled;
        enum event_kind event;
    } cases[] = {
        {FAIL_KIND_RETRY, false, EVENT_KIND_RETRY_SCHEDULED},
        {FAIL_KIND_THROTTLED, false, EVENT_KIND_RETRY_SCHEDULED},
        {FAIL_KIND_PERMANENT, false, EVENT_KIND_FAILED},
        {FAIL_KIND_CANCELLED, false, EVENT_KIND_RETRY_SCHEDULED},
        {FAIL_KIND_CANCELLED, true, EVENT_KIND_CANCELLED},
    };
    (void)state;
    for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
        struct world world;
        world_init(&world, NULL);
        uint64_t session = world_lease(&world, JOB_KIND_IMAGE, 1, 10);
        if (cases[index].is_cancelled) {
            world_cancel(&world, 1);
        }
        fail_of_a_call(&world, session, cases[index].kind);
        expect_call(world_expect_event(&world, 1, cases[index].event), 0);
        world_fini(&world);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_step_tells_of_the_call_that_it_made),
        cmocka_unit_test(what_ends_an_attempt_tells_of_the_call_that_it_failed_of),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
