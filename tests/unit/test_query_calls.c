/* Calls of accounts: as they are recorded, and read at a start. */

#include "broker/query_calls.h"

#include "broker/bytes.h"
#include "broker/keys.h"
#include "broker/record_keys.h"
#include "tests/unit/memory_view.h"
#include "tests/unit/test.h"

struct found {
    uint32_t count;
    uint32_t part[4];
    struct slice account[4];
    uint64_t calls[4];
    enum status status; /* what the visit says */
};

static struct memory_view memory;

static int set_up(void **state)
{
    (void)state;
    memory_view_init(&memory);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    memory_view_fini(&memory);
    return 0;
}

static enum status take(void *context, uint32_t part, struct slice account, uint64_t count)
{
    struct found *found = context;
    assert_true(found->count < 4);
    found->part[found->count] = part;
    found->account[found->count] = account;
    found->calls[found->count++] = count;
    return found->status;
}

static void put(struct batch *batch, uint32_t part, const char *account, enum effect_type type)
{
    const struct effect effect = {
        .type = type, .account = slice_from_string(account), .day_part = part};
    assert_int_equal(record_counts(batch, &effect), STATUS_OK);
}

static void calls_that_were_granted_are_counted_by_their_part(void **state)
{
    struct found found = {0};
    struct batch batch;
    (void)state;
    batch_init(&batch);
    batch_clear(&batch, 1);
    put(&batch, 255, "studio", EFFECT_OPERATION);
    put(&batch, 256, "studio", EFFECT_OPERATION);
    put(&batch, 256, "studio", EFFECT_OPERATION);
    put(&batch, 256, "other", EFFECT_OPERATION);
    put(&batch, 254, "studio", EFFECT_OPERATION); /* before what is asked for */
    assert_int_equal(batch.count, 5);
    put(&batch, 256, "", EFFECT_OPERATION); /* no call, or of nobody's account */
    put(&batch, 256, "", EFFECT_END);
    assert_int_equal(batch.count, 5);
    memory_view_apply(&memory, &batch);
    batch_fini(&batch);
    assert_int_equal(query_calls(&memory.view, 255, take, &found), STATUS_OK);
    assert_int_equal(found.count, 3);
    assert_int_equal(found.part[0], 255);
    assert_int_equal(found.calls[0], 1);
    assert_true(slice_equal(found.account[1], SLICE_LITERAL("other")));
    assert_int_equal(found.calls[1], 1);
    assert_int_equal(found.part[2], 256);
    assert_true(slice_equal(found.account[2], SLICE_LITERAL("studio")));
    assert_int_equal(found.calls[2], 2);
}

static void what_is_damaged_is_told(void **state)
{
    static const uint8_t one[BATCH_ADD_SIZE] = {1};
    uint8_t key[KEY_BYTES_MAX];
    struct found found = {0};
    (void)state;
    memory_view_put(&memory, key_calls(key, 7, SLICE_LITERAL("studio")), slice_make(one, 4));
    assert_int_equal(query_calls(&memory.view, 7, take, &found), STATUS_MALFORMED);
    assert_int_equal(query_calls(&memory.view, 8, take, &found), STATUS_OK);
    memory_view_put(&memory, key_calls_part(key, 8), slice_make(one, sizeof one));
    assert_int_equal(query_calls(&memory.view, 8, take, &found), STATUS_MALFORMED);
    assert_int_equal(found.count, 0);
}

static void ends_with_the_visit_or_the_store(void **state)
{
    static const uint8_t one[BATCH_ADD_SIZE] = {1};
    uint8_t key[KEY_BYTES_MAX];
    struct found found = {.status = STATUS_MALFORMED};
    (void)state;
    memory_view_put(&memory, key_calls(key, 7, SLICE_LITERAL("a")), slice_make(one, sizeof one));
    memory_view_put(&memory, key_calls(key, 7, SLICE_LITERAL("b")), slice_make(one, sizeof one));
    assert_int_equal(query_calls(&memory.view, 7, take, &found), STATUS_MALFORMED);
    assert_int_equal(found.count, 1);
    memory.fail_at = memory.reads + 1;
    assert_int_equal(query_calls(&memory.view, 7, take, &found), STATUS_IO);
}

#define CALLS_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CALLS_TEST(calls_that_were_granted_are_counted_by_their_part),
        CALLS_TEST(what_is_damaged_is_told),
        CALLS_TEST(ends_with_the_visit_or_the_store),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
