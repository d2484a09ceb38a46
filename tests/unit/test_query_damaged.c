#include "broker/query.h"
#include "broker/query_webhook.h"

#include <stdlib.h>
#include "broker/keys.h"
#include "broker/list_source.h"
#include "tests/unit/ledger.h"
#include "tests/unit/test.h"

/* Lists of a store of which something is damaged: it is left out and noted, and all others are
 * there. ann has characters that were made, one job that waits, and an endpoint with deliveries. */

enum {
    JOBS = 300, /* more than two chunks of an index */
    DELIVERIES = 6,
};

static const struct retention retention;
static const struct slice ann = SLICE_LITERAL("ann");
static struct ledger ledger;
static struct job jobs[JOBS];
static struct job waiting;
static struct job deliveries[DELIVERIES];
static const struct id endpoint = {{0xee}};
static struct view_damage damage;
static struct buffer frame;
static struct frame_writer writer;
static struct message page;
static struct message records[LIST_LIMIT_MAX];
static uint8_t next[CURSOR_SIZE_MAX];

static void put_endpoint(void)
{
    static const uint8_t secret[WEBHOOK_SECRET_SIZE_MIN] = {1};
    const struct message_put_endpoint put = {.endpoint = endpoint,
                                             .owner = ann,
                                             .url = SLICE_LITERAL("https://receiver.test/"),
                                             .secret = slice_make(secret, sizeof secret),
                                             .events = WEBHOOK_EVENTS_USUAL,
                                             .version = 1};
    ledger_effect(&ledger, &(struct effect){.type = EFFECT_PUT_ENDPOINT,
                                            .owner = ann,
                                            .id = endpoint,
                                            .endpoint = &put,
                                            .version = 1});
    ledger_commit(&ledger);
}

static void deliver(struct job *delivery, uint32_t number, const struct job *reported)
{
    const struct message_event event = {.event = ledger.event_last,
                                        .job = reported->id,
                                        .version = 2,
                                        .kind = EVENT_KIND_COMPLETED,
                                        .owner = ann};
    *delivery = ledger_job(JOB_KIND_WEBHOOK, number);
    delivery->source = endpoint;
    delivery->accepted = ledger.event_last + 1;
    ledger_effect(&ledger, &(struct effect){.type = EFFECT_ACCEPT,
                                            .job = delivery,
                                            .owner = ann,
                                            .id = delivery->id,
                                            .reported = &event});
    ledger_event(&ledger, delivery, "ann", EVENT_KIND_QUEUED);
    ledger_commit(&ledger);
}

static int set_up(void **state)
{
    (void)state;
    ledger_init(&ledger);
    buffer_init(&frame, FRAME_SIZE_MAX);
    for (uint32_t index = 0; index < JOBS; index++) {
        jobs[index] = ledger_job(JOB_KIND_CHARACTER, index + 1);
        ledger_ended(&ledger, &jobs[index], "ann", JOB_STATE_COMPLETED, "{}", "{}");
    }
    waiting = ledger_job(JOB_KIND_CHARACTER, JOBS + 1);
    ledger_accept(&ledger, &waiting, "ann", "{}");
    ledger_commit(&ledger);
    put_endpoint();
    for (uint32_t index = 0; index < DELIVERIES; index++) {
        deliver(&deliveries[index], 1000 + index, &jobs[0]);
    }
    damage = (struct view_damage){0};
    ledger.memory.view.damage = &damage;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    buffer_fini(&frame);
    ledger_fini(&ledger);
    return 0;
}

static void spoil(struct slice key)
{
    memory_view_put(&ledger.memory, key, SLICE_LITERAL("damaged"));
}

/* ---- what is asked ---- */

/* Reads the page and the records that it has. */
static void take(enum status status, uint32_t count_of(void))
{
    struct frame_reader reader;
    struct message end;
    assert_int_equal(status, STATUS_OK);
    frame_end(&writer);
    assert_int_equal(frame_open(&reader, buffer_slice(&frame)), STATUS_OK);
    assert_int_equal(frame_next(&reader, &page), STATUS_OK);
    for (uint32_t index = 0; index < count_of(); index++) {
        assert_int_equal(frame_next(&reader, &records[index]), STATUS_OK);
    }
    assert_int_equal(frame_next(&reader, &end), STATUS_NOT_FOUND);
}

static void begin(void)
{
    buffer_clear(&frame);
    assert_int_equal(frame_begin(&writer, &frame, 0), STATUS_OK);
}

static struct slice keep_cursor(struct slice cursor)
{
    if (cursor.size > 0) {
        memcpy(next, cursor.data, cursor.size);
    }
    return slice_make(next, cursor.size);
}

static uint32_t count_jobs(void)
{
    return page.list_page.count;
}

static void list(uint8_t states, uint32_t limit, struct slice cursor)
{
    const struct message_list_jobs request = {
        .owner = ann, .kinds = 7, .states = states, .limit = limit, .cursor = cursor};
    struct live_counts live = {0};
    live.counts[JOB_KIND_CHARACTER][JOB_STATE_WAITING] = 1;
    begin();
    take(query_list(&ledger.memory.view, &request, &live, &retention, &writer), count_jobs);
}

static uint32_t count_documents(void)
{
    return page.document_page.count;
}

static void list_characters(uint32_t limit, struct slice cursor)
{
    const struct message_list_documents request = {.owner = ann, .limit = limit, .cursor = cursor};
    begin();
    take(query_documents(&ledger.memory.view, &request, &writer), count_documents);
}

static uint32_t count_deliveries(void)
{
    return page.delivery_page.count;
}

static void list_deliveries(uint32_t limit)
{
    const struct message_list_deliveries request = {
        .endpoint = endpoint, .owner = ann, .limit = limit};
    begin();
    take(query_deliveries(&ledger.memory.view, &request, &writer), count_deliveries);
}

static uint32_t count_endpoints(void)
{
    return page.endpoint_page.count;
}

/* How many jobs all pages of a list have. */
static uint32_t count_listed(uint8_t states)
{
    uint32_t count = 0;
    struct slice cursor = SLICE_EMPTY;
    do {
        list(states, 50, cursor);
        count += page.list_page.count;
        cursor = keep_cursor(page.list_page.next);
    } while (cursor.size > 0);
    return count;
}

/* ---- the tests ---- */

static void a_damaged_job_is_left_out_of_its_page(void **state)
{
    uint8_t key[KEY_BYTES_MAX];
    (void)state;
    spoil(key_job(key, &jobs[JOBS - 2].id));
    list(0, 4, SLICE_EMPTY);
    assert_int_equal(page.list_page.count, 3);
    assert_true(id_equal(&records[0].job_state.job, &waiting.id));
    assert_true(id_equal(&records[2].job_state.job, &jobs[JOBS - 3].id));
    assert_int_equal(damage.count, 1);
    assert_true(id_equal(&damage.ids[0], &jobs[JOBS - 2].id));
    assert_int_equal(count_listed(0), JOBS);
}

static void a_live_job_whose_state_cannot_be_read_is_in_no_state(void **state)
{
    uint8_t key[KEY_BYTES_MAX];
    (void)state;
    spoil(key_job(key, &waiting.id));
    list(1 << JOB_STATE_WAITING, 4, SLICE_EMPTY);
    assert_int_equal(page.list_page.count, 0);
    assert_int_equal(damage.count, 1);
}

static void a_damaged_entry_of_an_index_is_passed_over(void **state)
{
    const struct job *job = &jobs[JOBS - 2];
    uint8_t key[KEY_BYTES_MAX];
    (void)state;
    struct slice entry =
        key_state(key, ann, FAMILY_CHARACTER, JOB_STATE_COMPLETED, job->accepted, &job->id);
    spoil(entry);
    assert_int_equal(count_listed(1 << JOB_STATE_COMPLETED), JOBS - 1);
    assert_true(damage.entries > 0);
    damage.entries = 0;
    spoil(slice_make(key, entry.size - 2));
    spoil(slice_make(key, entry.size - ID_SIZE - 3));
    assert_int_equal(count_listed(1 << JOB_STATE_COMPLETED), JOBS - 1);
    assert_true(damage.entries >= 3);
}

/* Nobody is told how many there are then, and each is there all the same. */
static void a_damaged_counter_ends_no_list(void **state)
{
    uint8_t key[KEY_BYTES_MAX];
    (void)state;
    spoil(key_total(key, ann, JOB_KIND_CHARACTER, TOTAL_ACCEPTED));
    spoil(key_total(key, ann, JOB_KIND_CHARACTER, JOB_STATE_COMPLETED));
    spoil(key_total(key, ann, JOB_KIND_CHARACTER, TOTAL_CHARACTERS));
    assert_int_equal(count_listed(0), JOBS + 1);
    assert_int_equal(count_listed(1 << JOB_STATE_COMPLETED), JOBS);
    list_characters(50, SLICE_EMPTY);
    assert_int_equal(page.document_page.count, 50);
    assert_true(damage.entries >= 3);
}

static void a_damaged_document_is_left_out(void **state)
{
    struct slice cursor = SLICE_EMPTY;
    uint32_t count = 0;
    uint8_t key[KEY_BYTES_MAX];
    (void)state;
    spoil(key_document(key, &jobs[JOBS - 1].character));
    struct slice entry = key_character(key, ann, 0, &jobs[0].character);
    spoil(slice_make(key, entry.size - 1)); /* no entry of ours */
    do {
        list_characters(40, cursor);
        count += page.document_page.count;
        cursor = keep_cursor(page.document_page.next);
    } while (cursor.size > 0);
    assert_int_equal(count, JOBS - 1);
    assert_int_equal(damage.count, 1);
    assert_true(id_equal(&damage.ids[0], &jobs[JOBS - 1].character));
}

static void a_damaged_portrait_is_left_out_of_its_characters_media(void **state)
{
    uint8_t key[KEY_BYTES_MAX];
    const struct message_list_documents request = {
        .owner = ann, .character = jobs[0].character, .limit = 9};
    (void)state;
    spoil(key_document(key, &jobs[0].media));
    begin();
    take(query_documents(&ledger.memory.view, &request, &writer), count_documents);
    assert_int_equal(page.document_page.count, 0);
    assert_int_equal(damage.count, 1);
}

static void a_damaged_delivery_is_left_out_of_the_log(void **state)
{
    uint8_t key[KEY_BYTES_MAX];
    (void)state;
    spoil(key_job(key, &deliveries[DELIVERIES - 1].id));
    spoil(key_input(key, &deliveries[DELIVERIES - 2].id));
    list_deliveries(4);
    assert_int_equal(page.delivery_page.count, 2);
    assert_true(page.delivery_page.next.size > 0);
    assert_true(id_equal(&records[0].delivery.delivery, &deliveries[DELIVERIES - 3].id));
    assert_int_equal(damage.count, 2);
}

static void a_damaged_endpoint_is_left_out_unless_it_was_asked_for(void **state)
{
    struct message_list_endpoints request = {.owner = ann};
    uint8_t key[KEY_BYTES_MAX];
    (void)state;
    spoil(key_endpoint(key, ann, &endpoint));
    begin();
    take(query_endpoints(&ledger.memory.view, &request, &writer), count_endpoints);
    assert_int_equal(page.endpoint_page.count, 0);
    assert_int_equal(damage.count, 1);
    request.endpoint = endpoint;
    begin();
    assert_int_equal(query_endpoints(&ledger.memory.view, &request, &writer), STATUS_MALFORMED);
}

/* As a block of RocksDB's is: nobody knows what was in it. */
static void a_damaged_part_of_an_index_is_passed_over(void **state)
{
    const struct job *job = &jobs[JOBS / 2];
    uint8_t key[KEY_BYTES_MAX];
    (void)state;
    struct slice entry =
        key_state(key, ann, FAMILY_CHARACTER, JOB_STATE_COMPLETED, job->accepted, &job->id);
    memory_view_damage(&ledger.memory, slice_make(key, entry.size - ID_SIZE - 1));
    assert_in_range(count_listed(1 << JOB_STATE_COMPLETED), JOBS / 4, JOBS - 1);
    assert_true(damage.entries > 0);
    damage.entries = 0;
    memory_view_damage(&ledger.memory,
                       key_delivery(key, &endpoint, deliveries[2].accepted, &deliveries[2].id));
    list_deliveries(DELIVERIES);
    assert_int_equal(page.delivery_page.count, DELIVERIES - 1);
    assert_int_equal(damage.entries, 1);
}

static enum status visit_endpoint(void *context, const struct message_put_endpoint *put,
                                  bool disabled)
{
    (void)context;
    (void)put;
    (void)disabled;
    return STATUS_OK;
}

/* Nobody can say that there is no such endpoint; and a start must know all of them. */
static void endpoints_that_cannot_be_found_are_not_gone(void **state)
{
    struct message_list_endpoints request = {.owner = ann};
    uint8_t key[KEY_BYTES_MAX];
    (void)state;
    memory_view_damage(&ledger.memory, key_endpoint(key, ann, &endpoint));
    begin();
    take(query_endpoints(&ledger.memory.view, &request, &writer), count_endpoints);
    assert_int_equal(page.endpoint_page.count, 0);
    assert_int_equal(damage.entries, 1);
    request.endpoint = endpoint;
    begin();
    assert_int_equal(query_endpoints(&ledger.memory.view, &request, &writer), STATUS_MALFORMED);
    assert_int_equal(query_endpoints_all(&ledger.memory.view, visit_endpoint, NULL),
                     STATUS_MALFORMED);
}

#define DAMAGED_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        DAMAGED_TEST(a_damaged_job_is_left_out_of_its_page),
        DAMAGED_TEST(a_live_job_whose_state_cannot_be_read_is_in_no_state),
        DAMAGED_TEST(a_damaged_entry_of_an_index_is_passed_over),
        DAMAGED_TEST(a_damaged_counter_ends_no_list),
        DAMAGED_TEST(a_damaged_document_is_left_out),
        DAMAGED_TEST(a_damaged_portrait_is_left_out_of_its_characters_media),
        DAMAGED_TEST(a_damaged_delivery_is_left_out_of_the_log),
        DAMAGED_TEST(a_damaged_endpoint_is_left_out_unless_it_was_asked_for),
        DAMAGED_TEST(a_damaged_part_of_an_index_is_passed_over),
        DAMAGED_TEST(endpoints_that_cannot_be_found_are_not_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
