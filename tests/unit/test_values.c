#include "broker/values.h"

#include "tests/unit/test.h"

static struct buffer buffer;

static int set_up(void **state)
{
    (void)state;
    buffer_init(&buffer, VALUE_SIZE_MAX);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    buffer_fini(&buffer);
    return 0;
}

static void a_job_keeps_its_owner_and_texts(void **state)
{
    const struct job job = {.id = {{1}}, .kind = JOB_KIND_IMAGE, .state = JOB_STATE_FAILED};
    uint8_t head[HEAD_SIZE];
    struct job_value value;
    (void)state;
    head_write(&job, head);
    assert_int_equal(job_value_write(&buffer, head, SLICE_LITERAL("ann"), SLICE_LITERAL("timeout"),
                                     SLICE_LITERAL("took too long"), SLICE_LITERAL("/assets/x"),
                                     SLICE_LITERAL("0123456789abcdefABCDEFGHIJKLMNOP")),
                     STATUS_OK);
    assert_int_equal(job_value_read(buffer_slice(&buffer), &value), STATUS_OK);
    assert_true(id_equal(&value.head.id, &job.id));
    assert_int_equal(value.head.state, JOB_STATE_FAILED);
    assert_true(slice_equal(value.owner, SLICE_LITERAL("ann")));
    assert_true(slice_equal(value.error_code, SLICE_LITERAL("timeout")));
    assert_true(slice_equal(value.error_message, SLICE_LITERAL("took too long")));
    assert_true(slice_equal(value.url, SLICE_LITERAL("/assets/x")));
    assert_true(value.is_linked);
    assert_memory_equal(value.links.group.bytes, "0123456789abcdef", ID_SIZE);
    assert_memory_equal(value.links.parent.bytes, "ABCDEFGHIJKLMNOP", ID_SIZE);
    for (size_t size = 0; size < buffer.size; size++) {
        assert_int_equal(job_value_read(slice_make(buffer.data, size), &value), STATUS_MALFORMED);
    }
}

static void a_tombstone_keeps_whose_and_what_it_was(void **state)
{
    const struct tombstone_value tombstone = {.kind = JOB_KIND_VIDEO,
                                              .state = JOB_STATE_FAILED,
                                              .version = 0x01020304,
                                              .owner = SLICE_LITERAL("ann")};
    static const uint8_t bytes[] = {1, 2, 4, 4, 3, 2, 1, 3, 0, 'a', 'n', 'n'};
    struct tombstone_value back;
    (void)state;
    assert_int_equal(tombstone_value_write(&buffer, &tombstone), STATUS_OK);
    assert_true(slice_equal(buffer_slice(&buffer), slice_make(bytes, sizeof bytes)));
    assert_int_equal(tombstone_value_read(buffer_slice(&buffer), &back), STATUS_OK);
    assert_int_equal(back.kind, JOB_KIND_VIDEO);
    assert_int_equal(back.state, JOB_STATE_FAILED);
    assert_int_equal(back.version, 0x01020304);
    assert_true(slice_equal(back.owner, SLICE_LITERAL("ann")));
    for (size_t size = 0; size < buffer.size; size++) {
        assert_int_equal(tombstone_value_read(slice_make(buffer.data, size), &back),
                         STATUS_MALFORMED);
    }
}

static void a_document_keeps_what_its_entry_says(void **state)
{
    const struct document_value document = {.type = DOCUMENT_TYPE_IMAGE,
                                            .owner = SLICE_LITERAL("ann"),
                                            .parent = {{9}},
                                            .display_id = "ABCD2345",
                                            .number = 7,
                                            .url = SLICE_LITERAL("/assets/x.png"),
                                            .json = SLICE_LITERAL("{}")};
    struct document_value back;
    (void)state;
    assert_int_equal(document_value_write(&buffer, &document), STATUS_OK);
    assert_int_equal(document_value_read(buffer_slice(&buffer), &back), STATUS_OK);
    assert_int_equal(back.type, DOCUMENT_TYPE_IMAGE);
    assert_true(slice_equal(back.owner, document.owner));
    assert_true(id_equal(&back.parent, &document.parent));
    assert_memory_equal(back.display_id, document.display_id, 8);
    assert_int_equal(back.number, 7);
    assert_true(slice_equal(back.url, document.url));
    assert_true(slice_equal(back.json, document.json));
    for (size_t size = 0; size + back.json.size < buffer.size; size++) {
        assert_int_equal(document_value_read(slice_make(buffer.data, size), &back),
                         STATUS_MALFORMED);
    }
    buffer.data[1] = DOCUMENT_TYPE_COUNT;
    assert_int_equal(document_value_read(buffer_slice(&buffer), &back), STATUS_MALFORMED);
}

static void a_removal_comes_back(void **state)
{
    const struct removal_value removal = {
        .character = {{5}}, .time_ms = 77, .url = SLICE_LITERAL("/assets/x.png")};
    struct removal_value back;
    (void)state;
    assert_int_equal(removal_value_write(&buffer, &removal), STATUS_OK);
    assert_int_equal(removal_value_read(buffer_slice(&buffer), &back), STATUS_OK);
    assert_true(id_equal(&back.character, &removal.character));
    assert_int_equal(back.time_ms, 77);
    assert_true(slice_equal(back.url, removal.url));
    for (size_t size = 0; size < buffer.size; size++) {
        assert_int_equal(removal_value_read(slice_make(buffer.data, size), &back),
                         STATUS_MALFORMED);
    }
}

static void a_key_and_the_meta_record_come_back(void **state)
{
    const struct key_value key = {.job = {{3}}, .hash = {4}, .time_ms = 5};
    const struct meta meta = {6, 7, 8};
    struct key_value key_back;
    struct meta meta_back;
    (void)state;
    assert_int_equal(key_value_write(&buffer, &key), STATUS_OK);
    assert_int_equal(key_value_read(buffer_slice(&buffer), &key_back), STATUS_OK);
    assert_memory_equal(&key_back, &key, sizeof key);
    buffer_clear(&buffer);
    assert_int_equal(meta_write(&buffer, &meta), STATUS_OK);
    assert_int_equal(meta_read(buffer_slice(&buffer), &meta_back), STATUS_OK);
    assert_memory_equal(&meta_back, &meta, sizeof meta);
}

static void a_dedupe_key_comes_back(void **state)
{
    const struct dedupe_value dedupe = {.job = {{3}}, .time_ms = 5, .ttl_ms = 6};
    struct dedupe_value back;
    (void)state;
    assert_int_equal(dedupe_value_write(&buffer, &dedupe), STATUS_OK);
    assert_int_equal(dedupe_value_read(buffer_slice(&buffer), &back), STATUS_OK);
    assert_memory_equal(&back, &dedupe, sizeof dedupe);
    for (size_t size = 0; size < buffer.size; size++) {
        assert_int_equal(dedupe_value_read(slice_make(buffer.data, size), &back), STATUS_MALFORMED);
    }
    buffer.data[0]++;
    assert_int_equal(dedupe_value_read(buffer_slice(&buffer), &back), STATUS_MALFORMED);
}

static void an_owners_list_gives_its_jobs(void **state)
{
    const struct id one = {{1}};
    const struct id two = {{2}};
    struct id job;
    uint32_t version;
    uint32_t count;
    int64_t time_ms;
    (void)state;
    assert_int_equal(owner_events_write(&buffer, 1234), STATUS_OK);
    assert_int_equal(owner_events_add(&buffer, &one, 5), STATUS_OK);
    assert_int_equal(owner_events_add(&buffer, &two, 6), STATUS_OK);
    assert_int_equal(owner_events_read(buffer_slice(&buffer), &time_ms, &count), STATUS_OK);
    assert_int_equal(time_ms, 1234);
    assert_int_equal(count, 2);
    owner_events_get(buffer_slice(&buffer), 1, &job, &version);
    assert_true(id_equal(&job, &two));
    assert_int_equal(version, 6);
    assert_int_equal(owner_events_read(slice_make(buffer.data, buffer.size - 1), &time_ms, &count),
                     STATUS_MALFORMED);
}

/* Format 1 as it is on disks: these bytes must be read for ever. */
static void reads_the_bytes_of_format_1(void **state)
{
    static const uint8_t document[] = {1, 2, 3, 0, 'a', 'n', 'n', 9, 0,   0, 0, 0,   0,   0,  0,
                                       0, 0, 0, 0, 0,   0,   0,   0, 'A', 0, 0, 0,   0,   0,  0,
                                       0, 7, 0, 0, 0,   0,   0,   0, 0,   1, 0, 'u', '{', '}'};
    static const uint8_t meta[] = {1, 6, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0,
                                   0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0};
    static const uint8_t index[] = {1, 2};
    struct document_value document_back;
    struct meta meta_back;
    uint8_t kind;
    (void)state;
    assert_int_equal(document_value_read(slice_make(document, sizeof document), &document_back),
                     STATUS_OK);
    assert_int_equal(document_back.type, DOCUMENT_TYPE_VIDEO);
    assert_int_equal(document_back.parent.bytes[0], 9);
    assert_int_equal(document_back.number, 7);
    assert_true(slice_equal(document_back.url, SLICE_LITERAL("u")));
    assert_true(slice_equal(document_back.json, SLICE_LITERAL("{}")));
    assert_int_equal(meta_read(slice_make(meta, sizeof meta), &meta_back), STATUS_OK);
    assert_int_equal(meta_back.event_last, 7);
    assert_int_equal(index_value_read(slice_make(index, sizeof index), &kind), STATUS_OK);
    assert_int_equal(kind, 2);
}

static void an_order_has_no_more_than_what_is_to_be_done(void **state)
{
    struct buffer value;
    struct message_start_bulk back;
    const struct message_start_bulk order = {.request = 7,
                                             .bulk = {{1}},
                                             .user = SLICE_LITERAL("boss"),
                                             .owner = SLICE_LITERAL("ada"),
                                             .where = SLICE_LITERAL("{\"owner\":\"ada\"}")};
    (void)state;
    buffer_init(&value, 4096);
    assert_int_equal(order_value_write(&value, &order), STATUS_OK);
    assert_int_equal(order_value_read(buffer_slice(&value), &back), STATUS_OK);
    assert_true(slice_equal(back.owner, order.owner));
    assert_int_equal(back.where.size, 0);
    buffer_fini(&value);
}

static void refuses_other_formats(void **state)
{
    static const uint8_t newer[64] = {VALUE_FORMAT + 1};
    struct slice value = slice_make(newer, sizeof newer);
    struct slice plain;
    struct key_value key;
    struct meta meta;
    struct document_value document;
    struct message_start_bulk order;
    int64_t time_ms;
    uint32_t count;
    uint8_t kind;
    (void)state;
    assert_int_equal(plain_value_read(value, &plain), STATUS_MALFORMED);
    assert_int_equal(plain_value_read(SLICE_EMPTY, &plain), STATUS_MALFORMED);
    assert_int_equal(order_value_read(value, &order), STATUS_MALFORMED);
    assert_int_equal(order_value_read(SLICE_EMPTY, &order), STATUS_MALFORMED);
    assert_int_equal(key_value_read(value, &key), STATUS_MALFORMED);
    assert_int_equal(meta_read(value, &meta), STATUS_MALFORMED);
    assert_int_equal(document_value_read(value, &document), STATUS_MALFORMED);
    assert_int_equal(owner_events_read(value, &time_ms, &count), STATUS_MALFORMED);
    assert_int_equal(index_value_read(value, &kind), STATUS_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_job_keeps_its_owner_and_texts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_tombstone_keeps_whose_and_what_it_was, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_document_keeps_what_its_entry_says, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_removal_comes_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_key_and_the_meta_record_come_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_dedupe_key_comes_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_owners_list_gives_its_jobs, set_up, tear_down),
        cmocka_unit_test(reads_the_bytes_of_format_1),
        cmocka_unit_test(an_order_has_no_more_than_what_is_to_be_done),
        cmocka_unit_test(refuses_other_formats),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
