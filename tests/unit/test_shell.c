#include "broker/shell.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <zmq.h>
#include "base/log.h"
#include "broker/keys.h"
#include "broker/store.h"
#include "proto/codec.h"
#include "tests/unit/test.h"

/* A whole shell over a store in a directory of its own, run by a thread, and one gateway and one
 * actor that speak to it. */

enum {
    WAIT_MS = 20000,
    PAYLOAD_SIZE = 60000,
    FLOOD = 600, /* submissions in one burst: many times what one batch holds */
};

static char directory[32];
static char store_path[64];
static char addresses[2][64];
static void *context;
static void *gateway;
static void *actor;
static int stop;
static pthread_t thread;
static struct shell *shell;
static enum status ended;

static void *run(void *unused)
{
    (void)unused;
    ended = shell_run(shell);
    return NULL;
}

static void start(void)
{
    struct shell_options options = {.context = context,
                                    .directory = store_path,
                                    .gateway_endpoint = addresses[0],
                                    .actor_endpoint = addresses[1],
                                    .signals = stop};
    core_options_default(&options.core);
    assert_int_equal(shell_new(&options, &shell), STATUS_OK);
    assert_int_equal(pthread_create(&thread, NULL, run, NULL), 0);
}

/* Ends the shell; returns why it ended. */
static enum status end(void)
{
    if (shell == NULL) {
        return ended;
    }
    eventfd_t count;
    eventfd_write(stop, 1);
    pthread_join(thread, NULL);
    eventfd_read(stop, &count);
    shell_destroy(&shell);
    return ended;
}

static void *connect_to(const char *address)
{
    const int wait_ms = WAIT_MS;
    const int zero = 0;
    void *dealer = zmq_socket(context, ZMQ_DEALER);
    zmq_setsockopt(dealer, ZMQ_RCVTIMEO, &wait_ms, sizeof wait_ms);
    zmq_setsockopt(dealer, ZMQ_LINGER, &zero, sizeof zero);
    assert_int_equal(zmq_connect(dealer, address), 0);
    return dealer;
}

static int set_up(void **state)
{
    (void)state;
    snprintf(directory, sizeof directory, "/tmp/troupe-shell-XXXXXX");
    assert_non_null(mkdtemp(directory));
    snprintf(store_path, sizeof store_path, "%s/store", directory);
    snprintf(addresses[0], sizeof addresses[0], "ipc://%s/gateways", directory);
    snprintf(addresses[1], sizeof addresses[1], "ipc://%s/actors", directory);
    context = zmq_ctx_new();
    stop = eventfd(0, EFD_NONBLOCK);
    return 0;
}

static int tear_down(void **state)
{
    char command[64];
    (void)state;
    end();
    if (gateway != NULL) {
        zmq_close(gateway);
    }
    if (actor != NULL) {
        zmq_close(actor);
    }
    gateway = NULL;
    actor = NULL;
    zmq_ctx_term(context);
    close(stop);
    snprintf(command, sizeof command, "rm -rf %s", directory);
    assert_int_equal(system(command), 0);
    return 0;
}

static void send_message(void *socket, uint64_t session, const struct message *message)
{
    struct buffer frame;
    struct frame_writer writer;
    buffer_init(&frame, FRAME_SIZE_MAX);
    assert_int_equal(frame_begin(&writer, &frame, session), STATUS_OK);
    assert_int_equal(frame_write(&writer, message), STATUS_OK);
    frame_end(&writer);
    assert_int_equal(zmq_send(socket, frame.data, frame.size, 0), (int)frame.size);
    buffer_fini(&frame);
}

/* Receives records until `count` of the type have come; *out is the last, without its slices. */
static void await(void *socket, enum message_type type, int count, struct message *out)
{
    while (count > 0) {
        zmq_msg_t body;
        struct frame_reader reader;
        struct message message;
        zmq_msg_init(&body);
        assert_true(zmq_msg_recv(&body, socket, 0) > 0);
        struct slice bytes = slice_make(zmq_msg_data(&body), zmq_msg_size(&body));
        assert_int_equal(frame_open(&reader, bytes), STATUS_OK);
        while (frame_next(&reader, &message) == STATUS_OK) {
            if (message.type == type) {
                *out = message;
                count--;
            }
        }
        zmq_msg_close(&body);
    }
}

static uint64_t greet_as_gateway(void)
{
    struct message message = {.type = MESSAGE_TYPE_GATEWAY_HELLO};
    memset(&message.gateway_hello.instance, 1, ID_SIZE);
    gateway = connect_to(addresses[0]);
    send_message(gateway, 0, &message);
    await(gateway, MESSAGE_TYPE_GATEWAY_WELCOME, 1, &message);
    return message.gateway_welcome.session;
}

static uint64_t greet_as_actor(void)
{
    struct message message = {.type = MESSAGE_TYPE_HELLO};
    message.hello.kind = JOB_KIND_CHARACTER;
    message.hello.slots = 1;
    message.hello.credit = 1;
    memset(&message.hello.instance, 2, ID_SIZE);
    actor = connect_to(addresses[1]);
    send_message(actor, 0, &message);
    await(actor, MESSAGE_TYPE_WELCOME, 1, &message);
    return message.welcome.session;
}

static struct id numbered(uint8_t first, uint32_t number)
{
    struct id id;
    memset(&id, first, sizeof id);
    memcpy(id.bytes + 8, &number, sizeof number);
    return id;
}

static struct message submission(uint32_t number, const char *key, struct slice payload)
{
    static uint8_t hash[HASH_SIZE];
    struct message message = {.type = MESSAGE_TYPE_SUBMIT};
    message.submit.request = number;
    message.submit.job = numbered(3, number);
    message.submit.character = numbered(4, number);
    message.submit.media = numbered(5, number);
    message.submit.kind = JOB_KIND_CHARACTER;
    message.submit.owner = SLICE_LITERAL("owner");
    message.submit.payload = payload;
    message.submit.key = slice_from_string(key);
    message.submit.key_hash = key[0] == '\0' ? SLICE_EMPTY : slice_make(hash, sizeof hash);
    return message;
}

static void submit(uint64_t session, uint32_t number)
{
    struct message message = submission(number, "", SLICE_LITERAL("{}"));
    send_message(gateway, session, &message);
    await(gateway, MESSAGE_TYPE_REPLY, 1, &message);
    assert_int_equal(message.reply.code, REPLY_CODE_OK);
}

/* Writes bytes that are no value at a key, while the shell does not run. */
static void damage(struct slice key)
{
    struct store *store;
    struct view *view;
    struct batch batch;
    char *detail = NULL;
    const struct store_options options = {.directory = store_path};
    assert_int_equal(store_open(&options, &store, &detail), STATUS_OK);
    assert_int_equal(store_view_open(store, &view), STATUS_OK);
    batch_init(&batch);
    batch_clear(&batch, 1000000);
    assert_int_equal(batch_put(&batch, key, SLICE_LITERAL("\xff\xff")), STATUS_OK);
    assert_int_equal(store_commit(store, &batch), COMMIT_DURABLE);
    batch_fini(&batch);
    store_view_close(&view);
    store_close(&store);
    free(detail);
}

/* ---- tests ---- */

static void it_ends_when_it_is_told_to(void **state)
{
    (void)state;
    start();
    assert_int_equal(end(), STATUS_OK);
}

static void a_store_in_use_is_busy(void **state)
{
    struct shell_options options = {.context = context, .directory = store_path};
    struct shell *second;
    (void)state;
    core_options_default(&options.core);
    start();
    assert_int_equal(shell_new(&options, &second), STATUS_BUSY);
    assert_null(second);
}

static void an_address_that_is_none_is_invalid(void **state)
{
    struct shell_options options = {
        .context = context, .directory = store_path, .actor_endpoint = "nonsense"};
    struct shell *none;
    (void)state;
    core_options_default(&options.core);
    assert_int_equal(shell_new(&options, &none), STATUS_INVALID);
    assert_null(none);
}

static void a_burst_larger_than_a_batch_is_taken_over_several_turns(void **state)
{
    static uint8_t payload[PAYLOAD_SIZE];
    char key[16];
    struct message message;
    (void)state;
    start();
    uint64_t session = greet_as_gateway();
    memset(payload, 'x', sizeof payload);
    for (uint32_t number = 1; number <= FLOOD; number++) {
        snprintf(key, sizeof key, "key-%u", number);
        message = submission(number, key, slice_make(payload, sizeof payload));
        send_message(gateway, session, &message);
    }
    await(gateway, MESSAGE_TYPE_REPLY, FLOOD, &message);
    assert_int_equal(message.reply.code, REPLY_CODE_OK);
    assert_int_equal(end(), STATUS_OK);
}

static void a_frame_of_small_submissions_is_taken_over_several_turns(void **state)
{
    struct buffer frame;
    struct frame_writer writer;
    struct message message;
    (void)state;
    start();
    uint64_t session = greet_as_gateway();
    buffer_init(&frame, FRAME_SIZE_MAX);
    assert_int_equal(frame_begin(&writer, &frame, session), STATUS_OK);
    for (uint32_t number = 1; number <= FRAME_RECORDS_MAX; number++) {
        message = submission(number, "", SLICE_LITERAL("{}"));
        assert_int_equal(frame_write(&writer, &message), STATUS_OK);
    }
    frame_end(&writer);
    assert_int_equal(zmq_send(gateway, frame.data, frame.size, 0), (int)frame.size);
    buffer_fini(&frame);
    await(gateway, MESSAGE_TYPE_REPLY, FRAME_RECORDS_MAX, &message);
    assert_int_equal(message.reply.code, REPLY_CODE_OK);
    assert_int_equal(end(), STATUS_OK);
}

static void a_damaged_record_is_the_trouble_of_who_asks_for_it(void **state)
{
    uint8_t key[KEY_BYTES_MAX];
    const struct id document = numbered(9, 1);
    struct message message = {.type = MESSAGE_TYPE_GET_DOCUMENT};
    (void)state;
    damage(key_document(key, &document));
    start();
    uint64_t session = greet_as_gateway();
    message.get_document.request = 7;
    message.get_document.id = document;
    send_message(gateway, session, &message);
    await(gateway, MESSAGE_TYPE_DOCUMENT, 1, &message);
    assert_int_equal(message.document.request, 7);
    assert_int_equal(message.document.code, REPLY_CODE_BUSY);
    submit(session, 1);
    assert_int_equal(end(), STATUS_OK);
}

static void a_damaged_input_fails_its_job_only(void **state)
{
    uint8_t key[KEY_BYTES_MAX];
    const struct id job = numbered(3, 1);
    struct message message = {.type = MESSAGE_TYPE_ERROR};
    (void)state;
    start();
    submit(greet_as_gateway(), 1);
    assert_int_equal(end(), STATUS_OK);
    damage(key_input(key, &job));
    start();
    greet_as_actor();
    await(actor, MESSAGE_TYPE_ERROR, 1, &message); /* instead of the job */
    assert_int_equal(message.error.code, ERROR_CODE_SESSION);
    zmq_close(gateway);
    uint64_t session = greet_as_gateway();
    message = (struct message){.type = MESSAGE_TYPE_GET_JOB};
    message.get_job.request = 8;
    message.get_job.job = job;
    send_message(gateway, session, &message);
    await(gateway, MESSAGE_TYPE_JOB_STATE, 1, &message);
    assert_int_equal(message.job_state.attempts_made, 1);
    assert_int_equal(message.job_state.state, JOB_STATE_WAITING);
    assert_int_equal(end(), STATUS_OK);
}

static void errors_are_not_answered_by_errors(void **state)
{
    struct message message = {.type = MESSAGE_TYPE_ERROR};
    (void)state;
    start();
    greet_as_gateway();
    send_message(gateway, 0, &message); /* outside of its session */
    message.type = MESSAGE_TYPE_PING;
    send_message(gateway, 0, &message);
    await(gateway, MESSAGE_TYPE_ERROR, 1, &message);
    assert_int_equal(message.error.code, ERROR_CODE_SESSION);
    message.type = MESSAGE_TYPE_GATEWAY_HELLO;
    memset(&message.gateway_hello, 1, sizeof message.gateway_hello);
    message.gateway_hello = (struct message_gateway_hello){.instance = numbered(1, 1)};
    send_message(gateway, 0, &message);
    zmq_msg_t body;
    struct frame_reader reader;
    zmq_msg_init(&body);
    do { /* the next that is said is WELCOME, or ticks of the session */
        assert_true(zmq_msg_recv(&body, gateway, 0) > 0);
        assert_int_equal(frame_open(&reader, slice_make(zmq_msg_data(&body), zmq_msg_size(&body))),
                         STATUS_OK);
        assert_int_equal(frame_next(&reader, &message), STATUS_OK);
        assert_int_not_equal(message.type, MESSAGE_TYPE_ERROR);
    } while (message.type != MESSAGE_TYPE_GATEWAY_WELCOME);
    zmq_msg_close(&body);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(it_ends_when_it_is_told_to),
        TEST(a_store_in_use_is_busy),
        TEST(an_address_that_is_none_is_invalid),
        TEST(a_burst_larger_than_a_batch_is_taken_over_several_turns),
        TEST(a_frame_of_small_submissions_is_taken_over_several_turns),
        TEST(a_damaged_record_is_the_trouble_of_who_asks_for_it),
        TEST(a_damaged_input_fails_its_job_only),
        TEST(errors_are_not_answered_by_errors),
    };
    log_init("test", LOG_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
