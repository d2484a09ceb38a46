/* A paid call whose request could not be made: nothing was sent, so nothing is paid, and the record
 * says so. Method: requests do not start, by the linker's --wrap. */
#include "actors/providers.h"

#include "tests/unit/actor_world.h"

enum status __wrap_http_start(struct http *http, const struct http_request *request,
                              http_function *function, void *context, struct http_transfer **out);

enum status __wrap_http_start(struct http *http, const struct http_request *request,
                              http_function *function, void *context, struct http_transfer **out)
{
    (void)http;
    (void)request;
    (void)function;
    (void)context;
    (void)out;
    return STATUS_NO_MEMORY;
}

static void draw(struct task *task)
{
    const struct image_order order = {.prompt = SLICE_LITERAL("a cat")};
    provider_image(task, task_state(task), &order, NULL);
}

static void close_attempt(struct task *task, const struct ending *ending)
{
    image_call_close(task, task_state(task), ending);
}

static void end(struct task *task)
{
    image_call_fini(task_state(task));
}

static const struct step steps[] = {{100, "completed", draw}};

static const struct role role = {
    .name = "image",
    .kind = JOB_KIND_IMAGE,
    .state_size = sizeof(struct image_call),
    .steps = steps,
    .step_count = 1,
    .uses = 1u << PROVIDER_USE_IMAGE,
    .end = end,
    .close = close_attempt,
};

static void acknowledge_operation(const struct message_operation *operation)
{
    struct message message = {.type = MESSAGE_TYPE_OPERATION_ACK};
    message.operation_ack = (struct message_operation_ack){
        .job = operation->job,
        .lease = operation->lease,
        .operation = operation->operation,
        .state = operation->state,
    };
    actor_forget_sent();
    actor_say(message);
}

static void test_a_request_that_could_not_be_made_is_not_paid_for(void **state)
{
    struct providers providers = {
        .lists = {[PROVIDER_USE_IMAGE] =
                      {.count = 1, .items = {{.name = "a", .url = "http://a", .model = "m"}}}},
    };
    struct runtime runtime;
    struct message last;
    (void)state;
    actor_start(&runtime);
    runtime.options.role = &role;
    runtime.options.providers = &providers;
    actor_give_job(1, true);
    actor_turn(&runtime);
    assert_int_equal(actor_count_sent(MESSAGE_TYPE_OPERATION, &last), 1);
    assert_int_equal(last.operation.state, OPERATION_STATE_INTENT);
    acknowledge_operation(&last.operation);
    actor_turn(&runtime);
    assert_int_equal(actor_count_sent(MESSAGE_TYPE_OPERATION, &last), 1);
    assert_int_equal(last.operation.state, OPERATION_STATE_REFUSED);
    assert_int_equal(last.operation.charged, CHARGE_NO);
    acknowledge_operation(&last.operation);
    actor_turn(&runtime);
    assert_int_equal(actor_count_sent(MESSAGE_TYPE_FAIL, &last), 1);
    assert_int_equal(last.fail.kind, FAIL_KIND_RETRY);
    assert_true(slice_equal(last.fail.code, SLICE_LITERAL("request_not_possible")));
    actor_acknowledge(1);
    actor_stop(&runtime);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_request_that_could_not_be_made_is_not_paid_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
