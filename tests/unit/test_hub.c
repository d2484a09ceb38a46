/* The hub: who is told of what, once, and of gaps; waits.c on top of it. */
#include "gateway/hub.h"

#include "gateway/waits.h"
#include "tests/unit/test.h"

struct listener {
    struct subscription subscription;
    int events;
    int gaps;
    uint64_t seen;
    bool leaves; /* cancels itself when it is told */
    size_t text_size;
};

static void on_event(struct subscription *subscription, const struct message_event *event,
                     struct slice text)
{
    struct listener *listener = LIST_OWNER(subscription, struct listener, subscription);
    (void)event;
    listener->events++;
    listener->text_size = text.size;
    if (listener->leaves) {
        hub_cancel(subscription);
    }
}

static void on_gap(struct subscription *subscription, uint64_t seen)
{
    struct listener *listener = LIST_OWNER(subscription, struct listener, subscription);
    listener->gaps++;
    listener->seen = seen;
    if (listener->leaves) {
        hub_cancel(subscription);
    }
}

static struct id id_of(uint8_t number)
{
    return (struct id){{[ID_SIZE - 1] = number}};
}

static void listen(struct hub *hub, struct listener *listener, uint8_t job, const char *owner)
{
    *listener = (struct listener){.subscription = {.on_event = on_event, .on_gap = on_gap}};
    listener->subscription.job = id_of(job);
    listener->subscription.owner = slice_from_string(owner);
    hub_subscribe(hub, &listener->subscription);
}

static void publish(struct hub *hub, uint8_t job, const char *owner, enum job_state job_state)
{
    struct message_event event = {
        .event = 1,
        .version = 2,
        .job = id_of(job),
        .owner = slice_from_string(owner),
        .state = (uint8_t)job_state,
    };
    hub_publish(hub, &event);
}

static int setup(void **state)
{
    static struct hub hub; /* of the test program */
    *state = &hub;
    return hub_init(&hub, 3) == STATUS_OK ? 0 : -1;
}

static int teardown(void **state)
{
    hub_fini(*state);
    return 0;
}

static void test_events_reach_their_job_and_their_owner(void **state)
{
    struct listener job;
    struct listener other_job;
    struct listener owner;
    struct listener other_owner;
    listen(*state, &job, 1, "ada");
    listen(*state, &other_job, 2, "ada");
    listen(*state, &owner, 0, "ada");
    listen(*state, &other_owner, 0, "bob");
    publish(*state, 1, "ada", JOB_STATE_ACTIVE);
    assert_int_equal(job.events, 1);
    assert_true(job.text_size > 0);
    assert_int_equal(other_job.events, 0);
    assert_int_equal(owner.events, 1);
    assert_int_equal(owner.text_size, job.text_size);
    assert_int_equal(other_owner.events, 0);
}

static void test_who_listens_to_everything_is_told_of_all_without_text(void **state)
{
    struct hub *hub = *state;
    struct listener every = {
        .subscription = {.on_event = on_event, .on_gap = on_gap, .every = true}};
    struct listener own;
    hub_subscribe(hub, &every.subscription);
    listen(hub, &own, 1, "");
    publish(hub, 1, "ada", JOB_STATE_ACTIVE);
    publish(hub, 2, "ben", JOB_STATE_ACTIVE);
    assert_int_equal(every.events, 2);
    assert_int_equal(every.text_size, 0);
    assert_int_equal(own.events, 1);
    hub_gap(hub, 9);
    assert_int_equal(every.gaps, 1);
    hub_cancel(&every.subscription);
    publish(hub, 2, "ben", JOB_STATE_ACTIVE);
    assert_int_equal(every.events, 2);
    hub_cancel(&own.subscription);
}

static void test_a_listener_may_leave_while_it_is_told(void **state)
{
    struct listener listeners[3];
    for (size_t index = 0; index < 3; index++) {
        listen(*state, &listeners[index], 1, "ada");
        listeners[index].leaves = index < 2;
    }
    publish(*state, 1, "ada", JOB_STATE_ACTIVE);
    publish(*state, 1, "ada", JOB_STATE_ACTIVE);
    assert_int_equal(listeners[0].events, 1);
    assert_int_equal(listeners[1].events, 1);
    assert_int_equal(listeners[2].events, 2);
    listeners[2].leaves = true;
    hub_gap(*state, 9);
    hub_gap(*state, 9);
    assert_int_equal(listeners[0].gaps, 0);
    assert_int_equal(listeners[2].gaps, 1);
}

static void test_a_gap_tells_what_was_seen_before_it(void **state)
{
    struct listener listener;
    struct hub *hub = *state;
    listen(hub, &listener, 1, "ada");
    hub_advance(hub, 5);
    hub_advance(hub, 4);
    hub_gap(hub, 9);
    assert_int_equal(listener.seen, 5);
    assert_int_equal(hub->seen, 9);
    hub_cancel(&listener.subscription);
    hub_cancel(&listener.subscription);
}

/* ---- waits ---- */

struct waiter {
    struct wait wait;
    int done;
};

static void on_done(struct wait *wait)
{
    LIST_OWNER(wait, struct waiter, wait)->done++;
}

static void wait_for(struct waits *waits, struct hub *hub, struct waiter *waiter)
{
    const struct id job = id_of(1);
    waiter->done = 0;
    waiter->wait.done = on_done;
    assert_int_equal(waits_add(waits, hub, &job, &waiter->wait), STATUS_OK);
}

static void test_waits_end_when_their_condition_comes_true(void **state)
{
    struct waits waits;
    struct waiter status = {.wait = {.deadline_ms = 1000, .state = JOB_STATE_WAITING}};
    struct waiter any = {.wait = {.deadline_ms = 1000, .any_version = true}};
    struct waiter since = {.wait = {.deadline_ms = 1000, .version_min = 3, .any_version = true}};
    waits_init(&waits);
    wait_for(&waits, *state, &status);
    wait_for(&waits, *state, &any);
    wait_for(&waits, *state, &since);
    publish(*state, 1, "ada", JOB_STATE_WAITING);
    assert_int_equal(any.done, 1);
    assert_int_equal(status.done, 0);
    publish(*state, 1, "ada", JOB_STATE_ACTIVE);
    assert_int_equal(status.done, 1);
    assert_int_equal(since.done, 0); /* the event has version 2 */
    waits_tick(&waits, 999);
    assert_int_equal(since.done, 0);
    waits_tick(&waits, 1000);
    assert_int_equal(since.done, 1);
    assert_int_equal(waits.count, 0);
}

static void publish_version(struct hub *hub, uint32_t version, enum job_state job_state)
{
    const struct message_event event = {
        .job = id_of(1), .version = version, .owner = SLICE_LITERAL("ada"), .state = job_state};
    hub_publish(hub, &event);
}

static void test_an_event_that_comes_late_ends_no_wait(void **state)
{
    struct waits waits;
    struct waiter status = {
        .wait = {.deadline_ms = 1000, .version_min = 6, .state = JOB_STATE_ACTIVE}};
    waits_init(&waits);
    wait_for(&waits, *state, &status);
    publish_version(*state, 4, JOB_STATE_WAITING);
    publish_version(*state, 6, JOB_STATE_ACTIVE);
    assert_int_equal(status.done, 0);
    publish_version(*state, 7, JOB_STATE_WAITING);
    assert_int_equal(status.done, 1);
}

static void test_a_wait_for_the_end_passes_over_what_was_known(void **state)
{
    struct waits waits;
    struct waiter end = {.wait = {.deadline_ms = 1000, .until_end = true, .version_min = 7}};
    waits_init(&waits);
    wait_for(&waits, *state, &end);
    publish_version(*state, 6, JOB_STATE_FAILED);
    publish_version(*state, 7, JOB_STATE_ACTIVE);
    assert_int_equal(end.done, 0);
    publish_version(*state, 8, JOB_STATE_CANCELLED);
    assert_int_equal(end.done, 1);
}

static void test_waits_end_at_a_gap_and_at_the_end(void **state)
{
    struct waits waits;
    struct waiter first = {.wait = {.deadline_ms = 1000, .version_min = 100}};
    struct waiter second = first;
    waits_init(&waits);
    wait_for(&waits, *state, &first);
    hub_gap(*state, 1);
    assert_int_equal(first.done, 1);
    wait_for(&waits, *state, &second);
    waits_stop(&waits);
    assert_int_equal(second.done, 1);
    waits_remove(&second.wait);
    const struct id job = id_of(1);
    assert_int_equal(waits_add(&waits, *state, &job, &second.wait), STATUS_FULL);
}

static void test_a_group_is_told_of_its_jobs_once(void **state)
{
    struct hub hub;
    struct listener group;
    struct listener job;
    (void)state;
    assert_int_equal(hub_init(&hub, 7), STATUS_OK);
    listen(&hub, &group, 9, "ada");
    listen(&hub, &job, 1, "ada");
    struct message_event event = {.event = 1, .job = id_of(1), .group = id_of(9)};
    hub_publish(&hub, &event);
    event.job = id_of(2);
    hub_publish(&hub, &event);
    event.group = id_of(8);
    hub_publish(&hub, &event);
    assert_int_equal(group.events, 2);
    assert_int_equal(job.events, 1);
    hub_fini(&hub);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_group_is_told_of_its_jobs_once),
        cmocka_unit_test_setup_teardown(test_events_reach_their_job_and_their_owner, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_who_listens_to_everything_is_told_of_all_without_text,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_listener_may_leave_while_it_is_told, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_a_gap_tells_what_was_seen_before_it, setup, teardown),
        cmocka_unit_test_setup_teardown(test_waits_end_when_their_condition_comes_true, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_an_event_that_comes_late_ends_no_wait, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_a_wait_for_the_end_passes_over_what_was_known, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_waits_end_at_a_gap_and_at_the_end, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
