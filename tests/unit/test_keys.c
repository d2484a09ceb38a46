#include "broker/keys.h"

#include "proto/messages.h"
#include "tests/unit/test.h"

static const struct id low = {{1}};
static const struct id high = {{2}};

static int compare(struct slice left, struct slice right)
{
    size_t size = left.size < right.size ? left.size : right.size;
    int order = memcmp(left.data, right.data, size);
    return order != 0 ? order : (int)left.size - (int)right.size;
}

static void list_keys_put_the_newest_first(void **state)
{
    uint8_t one[KEY_BYTES_MAX];
    uint8_t two[KEY_BYTES_MAX];
    struct slice owner = SLICE_LITERAL("ann");
    (void)state;
    assert_true(compare(key_list(one, owner, 0, 300, &high), key_list(two, owner, 0, 5, &low)) < 0);
    assert_true(compare(key_live(one, owner, 0, 300, &high), key_live(two, owner, 0, 5, &low)) < 0);
    assert_true(
        compare(key_state(one, owner, 1, 3, 300, &high), key_state(two, owner, 1, 3, 5, &low)) < 0);
}

static void event_keys_put_the_oldest_first(void **state)
{
    uint8_t one[KEY_BYTES_MAX];
    uint8_t two[KEY_BYTES_MAX];
    struct slice owner = SLICE_LITERAL("ann");
    (void)state;
    assert_true(compare(key_events(one, &low, 255), key_events(two, &low, 256)) < 0);
    assert_true(compare(key_owner_events(one, owner, 255), key_owner_events(two, owner, 256)) < 0);
}

/* An owner whose name continues another's is not in its range. */
static void owners_do_not_mix(void **state)
{
    uint8_t one[KEY_BYTES_MAX];
    uint8_t two[KEY_BYTES_MAX];
    uint8_t other[KEY_BYTES_MAX];
    (void)state;
    struct slice first = key_list(one, SLICE_LITERAL("ann"), 0, UINT64_MAX, &low);
    struct slice last = key_list(two, SLICE_LITERAL("ann"), 0, 0, &high);
    struct slice between = key_list(other, SLICE_LITERAL("anna"), 0, 7, &low);
    assert_true(compare(between, first) < 0 || compare(between, last) > 0);
}

static void the_longest_owner_fits(void **state)
{
    uint8_t out[KEY_BYTES_MAX];
    uint8_t name[OWNER_SIZE_MAX];
    (void)state;
    memset(name, 'o', sizeof name);
    struct slice owner = slice_make(name, sizeof name);
    assert_true(key_state(out, owner, 1, 5, 1, &low).size <= KEY_BYTES_MAX);
    assert_true(key_idempotency(out, owner, owner).size <= KEY_BYTES_MAX);
    assert_true(key_dedupe(out, owner, JOB_KIND_VIDEO, owner).size <= KEY_BYTES_MAX);
}

static void the_tail_tells_age_and_job(void **state)
{
    uint8_t out[KEY_BYTES_MAX];
    uint64_t accepted;
    struct id job;
    (void)state;
    struct slice key = key_live(out, SLICE_LITERAL("ann"), JOB_KIND_VIDEO, 123456789, &high);
    assert_true(key_read_tail(key, &accepted, &job));
    assert_int_equal(accepted, 123456789);
    assert_true(id_equal(&job, &high));
    assert_false(key_read_tail(slice_make(out, 24), &accepted, &job));
}

static void retention_keys_put_the_oldest_first_and_can_be_read(void **state)
{
    uint8_t one[KEY_BYTES_MAX];
    uint8_t two[KEY_BYTES_MAX];
    uint8_t retained;
    uint32_t version;
    int64_t since;
    struct id job;
    (void)state;
    struct slice older = key_retained(one, 4, 255, &high);
    assert_true(compare(older, key_retained(two, 4, 256, &low)) < 0);
    assert_true(key_read_retained(older, &retained, &since, &job));
    assert_int_equal(retained, 4);
    assert_int_equal(since, 255);
    assert_true(id_equal(&job, &high));
    assert_false(key_read_retained(slice_make(one, older.size - 1), &retained, &since, &job));
    assert_true(key_read_version(key_events(one, &low, 77), &version));
    assert_int_equal(version, 77);
    assert_false(key_read_version(older, &version));
    assert_int_equal(key_read_event(key_owner_events(one, SLICE_LITERAL("ann"), 4711)), 4711);
}

static void keys_of_calls_put_the_oldest_first_and_can_be_read(void **state)
{
    uint8_t one[KEY_BYTES_MAX];
    uint8_t two[KEY_BYTES_MAX];
    static const uint8_t nameless[] = {'N', 0, 0, 0, 1, 0};
    static const uint8_t longer[] = {'N', 0, 0, 0, 1, 1, 'a', 'b'};
    struct slice account;
    uint32_t part;
    (void)state;
    assert_true(compare(key_calls(one, 255, SLICE_LITERAL("b")),
                        key_calls(two, 256, SLICE_LITERAL("a"))) < 0);
    assert_true(key_read_calls(key_calls(one, 300, SLICE_LITERAL("ann")), &part, &account));
    assert_int_equal(part, 300);
    assert_true(slice_equal(account, SLICE_LITERAL("ann")));
    for (size_t size = 0; size < 9; size++) {
        assert_false(key_read_calls(slice_make(one, size), &part, &account));
    }
    assert_false(key_read_calls(slice_make(nameless, sizeof nameless), &part, &account));
    assert_false(key_read_calls(slice_make(longer, sizeof longer), &part, &account));
}

/* As they are on disks. */
static void keys_keep_their_bytes(void **state)
{
    uint8_t out[KEY_BYTES_MAX];
    static const uint8_t listed[] = {'I',  1,    'a', 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                     0xff, 0xf8, 1,   0, 0,    0,    0,    0,    0,    0,
                                     0,    0,    0,   0, 0,    0,    0,    0};
    static const uint8_t events[] = {'E', 1, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                                     0,   0, 0, 0, 0, 0, 0, 0, 1, 2};
    static const uint8_t retained[] = {'R', 5, 0, 0, 0, 0, 0, 0, 1, 2, 1, 0, 0,
                                       0,   0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    static const uint8_t total[] = {'T', 1, 'a', 2, 255};
    static const uint8_t calls[] = {'N', 0, 0, 1, 2, 1, 'a'};
    static const uint8_t day[] = {'e', 0, 0, 1, 2};
    (void)state;
    assert_true(slice_equal(key_event_day(out, 0x102), slice_make(day, sizeof day)));
    assert_true(slice_equal(key_list(out, SLICE_LITERAL("a"), 1, 7, &low),
                            slice_make(listed, sizeof listed)));
    assert_true(slice_equal(key_events(out, &low, 0x102), slice_make(events, sizeof events)));
    assert_true(
        slice_equal(key_retained(out, 5, 0x102, &low), slice_make(retained, sizeof retained)));
    assert_true(slice_equal(key_total(out, SLICE_LITERAL("a"), 2, TOTAL_ACCEPTED),
                            slice_make(total, sizeof total)));
    assert_true(
        slice_equal(key_calls(out, 0x102, SLICE_LITERAL("a")), slice_make(calls, sizeof calls)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(list_keys_put_the_newest_first),
        cmocka_unit_test(event_keys_put_the_oldest_first),
        cmocka_unit_test(owners_do_not_mix),
        cmocka_unit_test(the_longest_owner_fits),
        cmocka_unit_test(the_tail_tells_age_and_job),
        cmocka_unit_test(retention_keys_put_the_oldest_first_and_can_be_read),
        cmocka_unit_test(keys_of_calls_put_the_oldest_first_and_can_be_read),
        cmocka_unit_test(keys_keep_their_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
