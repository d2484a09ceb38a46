#include "broker/query_webhook.h"

#include "tests/unit/ledger.h"
#include "tests/unit/test.h"

/* Webhook endpoints and deliveries in the store: the queries read what the recorder writes. */

static const uint8_t secrets[2][WEBHOOK_SECRET_SIZE_MIN] = {{1}, {2}};

static struct ledger ledger;
static struct buffer frame;

static int set_up(void **state)
{
    (void)state;
    ledger_init(&ledger);
    buffer_init(&frame, FRAME_SIZE_MAX);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    buffer_fini(&frame);
    ledger_fini(&ledger);
    return 0;
}

static struct id endpoint_id(uint32_t number)
{
    uint8_t random[ID_SIZE] = {0};
    memcpy(random + 12, &number, sizeof number);
    return id_make(7, random);
}

static void put_endpoint(uint32_t number, const char *owner, int64_t secret_old_until)
{
    const struct message_put_endpoint put = {
        .request = 5,
        .endpoint = endpoint_id(number),
        .owner = slice_from_string(owner),
        .url = SLICE_LITERAL("https://receiver.test/"),
        .secret = slice_make(secrets[0], sizeof secrets[0]),
        .secret_old = slice_make(secrets[1], secret_old_until == 0 ? 0 : sizeof secrets[1]),
        .secret_old_until = secret_old_until,
        .events = WEBHOOK_EVENTS_USUAL,
        .resent = true,
    };
    const struct effect effect = {.type = EFFECT_PUT_ENDPOINT,
                                  .owner = slice_from_string(owner),
                                  .id = put.endpoint,
                                  .endpoint = &put,
                                  .version = 3};
    ledger_effect(&ledger, &effect);
    ledger_commit(&ledger);
}

static void change_endpoint(enum effect_type type, uint32_t number, const char *owner)
{
    const struct effect effect = {
        .type = type, .owner = slice_from_string(owner), .id = endpoint_id(number)};
    ledger_effect(&ledger, &effect);
    ledger_commit(&ledger);
}

/* A delivery of an event of `reported` to an endpoint; 0: to the job's own webhook. */
static struct job deliver(uint32_t number, const struct job *reported, uint32_t endpoint)
{
    struct job job = ledger_job(JOB_KIND_WEBHOOK, number);
    const struct message_event event = {.event = ledger.event_last,
                                        .job = reported->id,
                                        .version = 2,
                                        .kind = EVENT_KIND_COMPLETED,
                                        .owner = SLICE_LITERAL("ann"),
                                        .at = 5};
    job.source = endpoint == 0 ? (struct id){{0}} : endpoint_id(endpoint);
    job.accepted = ledger.event_last + 1;
    const struct effect accept = {.type = EFFECT_ACCEPT,
                                  .job = &job,
                                  .owner = SLICE_LITERAL("ann"),
                                  .id = job.id,
                                  .reported = &event};
    ledger_effect(&ledger, &accept);
    ledger_event(&ledger, &job, "ann", EVENT_KIND_QUEUED);
    ledger_commit(&ledger);
    return job;
}

/* Begins to read what a query wrote. */
static void open_frame(struct frame_writer *writer, struct frame_reader *reader)
{
    frame_end(writer);
    assert_int_equal(frame_open(reader, buffer_slice(&frame)), STATUS_OK);
}

static void next(struct frame_reader *reader, enum message_type type, struct message *out)
{
    assert_int_equal(frame_next(reader, out), STATUS_OK);
    assert_int_equal(out->type, type);
}

static enum status list(const char *owner, uint32_t number, struct frame_writer *writer)
{
    const struct message_list_endpoints request = {
        .request = 9,
        .owner = slice_from_string(owner),
        .endpoint = number == 0 ? (struct id){{0}} : endpoint_id(number),
    };
    buffer_clear(&frame);
    assert_int_equal(frame_begin(writer, &frame, 0), STATUS_OK);
    return query_endpoints(&ledger.memory.view, &request, writer);
}

static void an_owner_sees_the_endpoints_that_are_there(void **state)
{
    struct frame_writer writer;
    struct frame_reader reader;
    struct message message;
    (void)state;
    put_endpoint(1, "ann", 0);
    put_endpoint(2, "ann", 77);
    put_endpoint(3, "bob", 0);
    change_endpoint(EFFECT_DISABLE_ENDPOINT, 1, "ann");
    assert_int_equal(list("ann", 0, &writer), STATUS_OK);
    open_frame(&writer, &reader);
    next(&reader, MESSAGE_TYPE_ENDPOINT_PAGE, &message);
    assert_int_equal(message.endpoint_page.count, 2);
    next(&reader, MESSAGE_TYPE_ENDPOINT, &message);
    assert_true(message.endpoint.disabled_at > 0);
    assert_int_equal(message.endpoint.version, 3);
    assert_int_equal(message.endpoint.secret.size, WEBHOOK_SECRET_SIZE_MIN);
    next(&reader, MESSAGE_TYPE_ENDPOINT, &message);
    assert_int_equal(message.endpoint.disabled_at, 0);
    assert_int_equal(message.endpoint.secret_old_until, 77);
    put_endpoint(1, "ann", 0); /* enables it */
    change_endpoint(EFFECT_DELETE_ENDPOINT, 2, "ann");
    assert_int_equal(list("ann", 0, &writer), STATUS_OK);
    open_frame(&writer, &reader);
    next(&reader, MESSAGE_TYPE_ENDPOINT_PAGE, &message);
    assert_int_equal(message.endpoint_page.count, 1);
    next(&reader, MESSAGE_TYPE_ENDPOINT, &message);
    assert_int_equal(message.endpoint.disabled_at, 0);
}

static void a_damaged_key_does_not_keep_the_others_from_the_list(void **state)
{
    const struct id id = endpoint_id(1);
    struct view_damage damage = {0};
    uint8_t key[KEY_BYTES_MAX + 1];
    struct frame_writer writer;
    struct frame_reader reader;
    struct message message;
    (void)state;
    put_endpoint(1, "ann", 0);
    put_endpoint(2, "ann", 0);
    size_t size = key_endpoint(key, SLICE_LITERAL("ann"), &id).size;
    key[size] = 7; /* no key of ours, between those two */
    memory_view_put(&ledger.memory, slice_make(key, size + 1), SLICE_LITERAL("nonsense"));
    ledger.memory.view.damage = &damage;
    assert_int_equal(list("ann", 0, &writer), STATUS_OK);
    open_frame(&writer, &reader);
    next(&reader, MESSAGE_TYPE_ENDPOINT_PAGE, &message);
    assert_int_equal(message.endpoint_page.count, 2);
    assert_int_equal(damage.entries, 1);
    ledger.memory.view.damage = NULL;
}

static void one_endpoint_is_its_owners(void **state)
{
    struct frame_writer writer;
    struct frame_reader reader;
    struct message message;
    (void)state;
    put_endpoint(1, "ann", 0);
    put_endpoint(2, "ann", 0);
    assert_int_equal(list("ann", 2, &writer), STATUS_OK);
    open_frame(&writer, &reader);
    next(&reader, MESSAGE_TYPE_ENDPOINT_PAGE, &message);
    assert_int_equal(message.endpoint_page.code, REPLY_CODE_OK);
    assert_int_equal(message.endpoint_page.count, 1);
    const struct {
        const char *owner;
        uint32_t number;
    } unknown[] = {{"bob", 2}, {"ann", 3}, {"an", 1}};
    for (size_t index = 0; index < 3; index++) {
        assert_int_equal(list(unknown[index].owner, unknown[index].number, &writer), STATUS_OK);
        open_frame(&writer, &reader);
        next(&reader, MESSAGE_TYPE_ENDPOINT_PAGE, &message);
        assert_int_equal(message.endpoint_page.code, REPLY_CODE_NOT_FOUND);
    }
}

static enum status count_endpoint(void *context, const struct message_put_endpoint *put,
                                  bool disabled)
{
    uint32_t *counts = context;
    assert_int_equal(put->version, 3);
    counts[disabled]++;
    return STATUS_OK;
}

static void a_restart_visits_every_endpoint(void **state)
{
    uint32_t counts[2] = {0};
    (void)state;
    for (uint32_t number = 1; number <= 600; number++) { /* more than two chunks */
        put_endpoint(number, number % 2 == 0 ? "ann" : "bob", 0);
    }
    change_endpoint(EFFECT_DISABLE_ENDPOINT, 300, "ann");
    assert_int_equal(query_endpoints_all(&ledger.memory.view, count_endpoint, counts), STATUS_OK);
    assert_int_equal(counts[false], 599);
    assert_int_equal(counts[true], 1);
}

/* Sends a delivery to its actor; returns the JOB. */
static struct message_job dispatch(const struct job *job, int64_t now)
{
    struct frame_writer writer;
    struct frame_reader reader;
    struct message message;
    struct job head = *job;
    head.state = JOB_STATE_ACTIVE;
    head.lease = 1;
    buffer_clear(&frame);
    assert_int_equal(frame_begin(&writer, &frame, 0), STATUS_OK);
    assert_int_equal(query_dispatch(&ledger.memory.view, &head, SLICE_LITERAL("ann"), now, &writer),
                     STATUS_OK);
    open_frame(&writer, &reader);
    next(&reader, MESSAGE_TYPE_JOB, &message);
    return message.job;
}

static void a_delivery_goes_where_its_endpoint_is_now(void **state)
{
    struct job job = ledger_job(JOB_KIND_CHARACTER, 1);
    struct message event;
    (void)state;
    ledger_accept(&ledger, &job, "ann", "{}");
    put_endpoint(1, "ann", 1000);
    struct job delivery = deliver(2, &job, 1);
    struct message_job sent = dispatch(&delivery, 999);
    assert_true(slice_equal(sent.webhook_url, SLICE_LITERAL("https://receiver.test/")));
    assert_int_equal(sent.webhook_secret.data[0], 1);
    assert_int_equal(sent.webhook_secret_old.data[0], 2);
    assert_int_equal(record_read(&sent.payload, &event), STATUS_OK);
    assert_true(id_equal(&event.event.job, &job.id));
    assert_int_equal(dispatch(&delivery, 1000).webhook_secret_old.size, 0);
    change_endpoint(EFFECT_DISABLE_ENDPOINT, 1, "ann");
    assert_int_equal(dispatch(&delivery, 1000).webhook_url.size, 0);
    change_endpoint(EFFECT_DELETE_ENDPOINT, 1, "ann");
    assert_int_equal(dispatch(&delivery, 1000).webhook_url.size, 0);
}

static void a_jobs_own_webhook_stands_in_its_input(void **state)
{
    struct job job = ledger_job(JOB_KIND_CHARACTER, 1);
    struct message_submit submit = {
        .job = job.id,
        .owner = SLICE_LITERAL("ann"),
        .character = job.character,
        .media = job.media,
        .payload = SLICE_LITERAL("{}"),
        .webhook_url = SLICE_LITERAL("https://own.test/"),
        .webhook_secret = slice_make(secrets[1], sizeof secrets[1]),
        .webhook_events = WEBHOOK_EVENTS_USUAL,
    };
    const struct effect accept = {.type = EFFECT_ACCEPT,
                                  .job = &job,
                                  .owner = SLICE_LITERAL("ann"),
                                  .id = job.id,
                                  .submit = &submit};
    (void)state;
    ledger_effect(&ledger, &accept);
    ledger_commit(&ledger);
    struct job delivery = deliver(2, &job, 0);
    struct message_job sent = dispatch(&delivery, 0);
    assert_true(slice_equal(sent.webhook_url, SLICE_LITERAL("https://own.test/")));
    assert_int_equal(sent.webhook_secret.data[0], 2);
}

static struct message_delivery_page page_of(const char *owner, struct slice cursor,
                                            struct frame_reader *reader)
{
    struct frame_writer writer;
    struct message message;
    const struct message_list_deliveries request = {.request = 9,
                                                    .endpoint = endpoint_id(1),
                                                    .owner = slice_from_string(owner),
                                                    .limit = 3,
                                                    .cursor = cursor};
    buffer_clear(&frame);
    assert_int_equal(frame_begin(&writer, &frame, 0), STATUS_OK);
    assert_int_equal(query_deliveries(&ledger.memory.view, &request, &writer), STATUS_OK);
    open_frame(&writer, reader);
    next(reader, MESSAGE_TYPE_DELIVERY_PAGE, &message);
    return message.delivery_page;
}

static void the_log_is_read_page_by_page(void **state)
{
    struct job job = ledger_job(JOB_KIND_CHARACTER, 1);
    uint8_t cursor[CURSOR_SIZE_MAX];
    struct frame_reader reader;
    struct message message;
    uint64_t newest = UINT64_MAX;
    uint32_t count = 0;
    struct message_delivery_page page = {0};
    (void)state;
    ledger_accept(&ledger, &job, "ann", "{}");
    put_endpoint(1, "ann", 0);
    put_endpoint(2, "ann", 0);
    for (uint32_t number = 0; number < 7; number++) {
        deliver(10 + number, &job, 1);
        deliver(20 + number, &job, 2);
    }
    do {
        memcpy(cursor, page.next.data == NULL ? cursor : page.next.data, page.next.size);
        page = page_of("ann", slice_make(cursor, page.next.size), &reader);
        assert_int_equal(page.code, REPLY_CODE_OK);
        for (uint32_t index = 0; index < page.count; index++) {
            next(&reader, MESSAGE_TYPE_DELIVERY, &message);
            assert_true(message.delivery.event < newest);
            assert_true(id_equal(&message.delivery.job, &job.id));
            newest = message.delivery.event;
            count++;
        }
    } while (page.next.size > 0);
    assert_int_equal(count, 7);
    assert_int_equal(page_of("bob", SLICE_EMPTY, &reader).code, REPLY_CODE_NOT_FOUND);
    assert_int_equal(page_of("ann", SLICE_LITERAL("x"), &reader).code, REPLY_CODE_INVALID);
}

/* Of job 1, by its owner or another. */
static struct message_delivery_page page_of_job(const struct job *job, const char *owner,
                                                bool admin, struct frame_reader *reader)
{
    struct frame_writer writer;
    struct message message;
    const struct message_list_deliveries request = {.endpoint = job->id,
                                                    .owner = slice_from_string(owner),
                                                    .limit = 3,
                                                    .of_job = true,
                                                    .admin = admin};
    buffer_clear(&frame);
    assert_int_equal(frame_begin(&writer, &frame, 0), STATUS_OK);
    assert_int_equal(query_deliveries(&ledger.memory.view, &request, &writer), STATUS_OK);
    open_frame(&writer, reader);
    next(reader, MESSAGE_TYPE_DELIVERY_PAGE, &message);
    return message.delivery_page;
}

static void the_log_of_a_jobs_own_webhook_is_its_owners_and_an_admins(void **state)
{
    struct job job = ledger_job(JOB_KIND_CHARACTER, 1);
    const struct job unknown = ledger_job(JOB_KIND_CHARACTER, 99);
    struct frame_reader reader;
    struct message message;
    (void)state;
    ledger_accept(&ledger, &job, "ann", "{}");
    put_endpoint(1, "ann", 0);
    deliver(10, &job, 0);
    deliver(11, &job, 1);
    assert_int_equal(page_of_job(&job, "ann", false, &reader).count, 1);
    next(&reader, MESSAGE_TYPE_DELIVERY, &message);
    assert_true(id_equal(&message.delivery.job, &job.id));
    assert_int_equal(page_of_job(&job, "bob", true, &reader).count, 1);
    assert_int_equal(page_of_job(&job, "bob", false, &reader).code, REPLY_CODE_NOT_FOUND);
    assert_int_equal(page_of_job(&unknown, "ann", true, &reader).code, REPLY_CODE_NOT_FOUND);
}

static void a_delivery_is_told_from_that_of_another_job(void **state)
{
    struct job job = ledger_job(JOB_KIND_CHARACTER, 1);
    struct job other = ledger_job(JOB_KIND_CHARACTER, 2);
    struct facts facts;
    (void)state;
    ledger_accept(&ledger, &job, "ann", "{}");
    ledger_accept(&ledger, &other, "ann", "{}");
    struct job delivery = deliver(10, &job, 0);
    struct message retry = {
        .type = MESSAGE_TYPE_RETRY_JOB,
        .retry_job = {.job = delivery.id, .owner = SLICE_LITERAL("ann"), .reporter = job.id}};
    assert_int_equal(query_facts(&ledger.memory.view, &retry, ledger.now, &facts), STATUS_OK);
    assert_true(facts.job_found && facts.is_reported);
    retry.retry_job.reporter = other.id;
    assert_int_equal(query_facts(&ledger.memory.view, &retry, ledger.now, &facts), STATUS_OK);
    assert_true(facts.job_found && !facts.is_reported);
    retry.retry_job.job = job.id; /* which is no delivery */
    assert_int_equal(query_facts(&ledger.memory.view, &retry, ledger.now, &facts), STATUS_OK);
    assert_false(facts.is_reported);
}

static void a_delivery_is_in_no_list_of_its_owner(void **state)
{
    static const uint8_t prefixes[] = {KEY_LIST, KEY_STATE, KEY_OWNER_EVENTS, KEY_DOCUMENT};
    static const uint8_t totals[] = {KEY_TOTAL, 3}; /* of owners with names of three letters */
    struct job job = ledger_job(JOB_KIND_CHARACTER, 1);
    size_t before[sizeof prefixes];
    (void)state;
    ledger_accept(&ledger, &job, "ann", "{}");
    ledger_commit(&ledger);
    for (size_t index = 0; index < sizeof prefixes; index++) {
        before[index] = memory_view_count(&ledger.memory, slice_make(&prefixes[index], 1));
    }
    size_t totals_before = memory_view_count(&ledger.memory, slice_make(totals, sizeof totals));
    put_endpoint(1, "ann", 0);
    struct job delivery = deliver(2, &job, 1);
    ledger_end(&ledger, &delivery, "ann", JOB_STATE_COMPLETED, "", "");
    ledger_commit(&ledger);
    assert_int_equal(memory_view_count(&ledger.memory, slice_make(totals, sizeof totals)),
                     totals_before);
    for (size_t index = 0; index < sizeof prefixes; index++) {
        assert_int_equal(memory_view_count(&ledger.memory, slice_make(&prefixes[index], 1)),
                         before[index]);
    }
}

static void a_replayed_delivery_keeps_its_place(void **state)
{
    struct job job = ledger_job(JOB_KIND_CHARACTER, 1);
    struct frame_reader reader;
    struct message message;
    (void)state;
    ledger_accept(&ledger, &job, "ann", "{}");
    put_endpoint(1, "ann", 0);
    struct job delivery = deliver(2, &job, 1);
    ledger_end(&ledger, &delivery, "ann", JOB_STATE_COMPLETED, "", "");
    ledger_commit(&ledger);
    ledger_revive(&ledger, &delivery, "ann");
    ledger_commit(&ledger);
    assert_int_equal(page_of("ann", SLICE_EMPTY, &reader).count, 1);
    next(&reader, MESSAGE_TYPE_DELIVERY, &message);
    assert_true(id_equal(&message.delivery.delivery, &delivery.id));
    assert_int_equal(message.delivery.state, JOB_STATE_WAITING);
    assert_int_equal(memory_view_count(&ledger.memory, SLICE_LITERAL("S")), 0);
    assert_true(
        slice_equal(dispatch(&delivery, 0).webhook_url, SLICE_LITERAL("https://receiver.test/")));
}

static void a_read_that_fails_is_told(void **state)
{
    struct job job = ledger_job(JOB_KIND_CHARACTER, 1);
    struct frame_writer writer;
    uint32_t failures = 0;
    (void)state;
    ledger_accept(&ledger, &job, "ann", "{}");
    put_endpoint(1, "ann", 0);
    put_endpoint(2, "ann", 0);
    deliver(3, &job, 1);
    for (uint32_t fail_at = 1; fail_at < 50; fail_at++) {
        uint32_t counts[2] = {0};
        const struct message_list_deliveries request = {
            .endpoint = endpoint_id(1), .owner = SLICE_LITERAL("ann"), .limit = 3};
        ledger.memory.reads = 0;
        ledger.memory.fail_at = fail_at;
        enum status status = list("ann", 0, &writer);
        if (status == STATUS_OK) {
            status = query_endpoints_all(&ledger.memory.view, count_endpoint, counts);
        }
        if (status == STATUS_OK) {
            buffer_clear(&frame);
            assert_int_equal(frame_begin(&writer, &frame, 0), STATUS_OK);
            status = query_deliveries(&ledger.memory.view, &request, &writer);
        }
        if (status == STATUS_OK) {
            break;
        }
        assert_int_equal(status, STATUS_IO);
        failures++;
    }
    assert_true(failures > 10);
    assert_true(failures < 49);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_owner_sees_the_endpoints_that_are_there, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_damaged_key_does_not_keep_the_others_from_the_list,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_endpoint_is_its_owners, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_restart_visits_every_endpoint, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_delivery_goes_where_its_endpoint_is_now, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_jobs_own_webhook_stands_in_its_input, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_log_is_read_page_by_page, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_log_of_a_jobs_own_webhook_is_its_owners_and_an_admins,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_delivery_is_told_from_that_of_another_job, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_delivery_is_in_no_list_of_its_owner, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_replayed_delivery_keeps_its_place, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_read_that_fails_is_told, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
