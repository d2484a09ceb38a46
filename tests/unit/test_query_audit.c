#include "broker/query_audit.h"

#include "broker/forget.h"
#include "tests/unit/ledger.h"
#include "tests/unit/test.h"

/* What is told of the audit log. */

enum {
    LIMIT = 2,
};
#define NOW INT64_C(1800000000000)

static struct ledger ledger;
static uint32_t looks_left; /* questions until a look's time is over */
static struct message page;
static struct message lines[LIST_LIMIT_MAX];
static struct buffer frame;
static uint8_t next[CURSOR_SIZE_MAX];

static int set_up(void **state)
{
    (void)state;
    ledger_init(&ledger);
    buffer_init(&frame, FRAME_SIZE_MAX);
    looks_left = UINT32_MAX;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    buffer_fini(&frame);
    ledger_fini(&ledger);
    return 0;
}

static void add(uint64_t number, const char *user, const char *action, int64_t at)
{
    const struct effect effect = {.type = EFFECT_AUDIT,
                                  .line = {.number = number,
                                           .at = at,
                                           .user = slice_from_string(user),
                                           .role = SLICE_LITERAL("admin"),
                                           .action = slice_from_string(action),
                                           .target = SLICE_LITERAL("image")}};
    ledger_effect(&ledger, &effect);
    ledger_commit(&ledger);
}

static bool is_over(void *context)
{
    (void)context;
    return looks_left-- == 0;
}

static enum status ask(const struct message_get_audit *request)
{
    struct frame_writer writer;
    struct frame_reader reader;
    const struct search_limit limit = {.is_over = is_over};
    buffer_clear(&frame);
    assert_int_equal(frame_begin(&writer, &frame, 0), STATUS_OK);
    enum status status = query_audit(&ledger.memory.view, request, &limit, NOW, &writer);
    if (status != STATUS_OK) {
        return status;
    }
    frame_end(&writer);
    assert_int_equal(frame_open(&reader, buffer_slice(&frame)), STATUS_OK);
    assert_int_equal(frame_next(&reader, &page), STATUS_OK);
    assert_int_equal(page.type, MESSAGE_TYPE_AUDIT_PAGE);
    assert_int_equal(page.audit_page.request, request->request);
    for (uint32_t index = 0; index < page.audit_page.count; index++) {
        assert_int_equal(frame_next(&reader, &lines[index]), STATUS_OK);
        assert_int_equal(lines[index].type, MESSAGE_TYPE_AUDIT_LINE);
    }
    struct message end;
    assert_int_equal(frame_next(&reader, &end), STATUS_NOT_FOUND);
    return STATUS_OK;
}

static struct message_get_audit wish(const char *user, const char *action)
{
    return (struct message_get_audit){.request = 9,
                                      .limit = LIMIT,
                                      .user = slice_from_string(user),
                                      .action = slice_from_string(action)};
}

/* Asks, and expects lines with these numbers (0 ends them), and whether there are others. */
static void expect(struct message_get_audit request, uint64_t first, uint64_t second,
                   bool exhausted)
{
    assert_int_equal(ask(&request), STATUS_OK);
    assert_int_equal(page.audit_page.code, REPLY_CODE_OK);
    uint32_t count = (first > 0) + (second > 0);
    assert_int_equal(page.audit_page.count, count);
    if (count > 0) {
        assert_int_equal(lines[0].audit_line.number, first);
    }
    if (count > 1) {
        assert_int_equal(lines[1].audit_line.number, second);
    }
    assert_int_equal(page.audit_page.exhausted, exhausted);
    assert_int_equal(page.audit_page.next.size == 0, exhausted);
}

static struct message_get_audit go_on(struct message_get_audit request)
{
    memcpy(next, page.audit_page.next.data, page.audit_page.next.size);
    request.cursor = slice_make(next, page.audit_page.next.size);
    return request;
}

static void the_newest_comes_first_page_by_page(void **state)
{
    (void)state;
    struct message_get_audit request = wish("", "");
    expect(request, 0, 0, true);
    for (uint64_t number = 1; number <= 5; number++) {
        add(number, "ann", "pause", NOW - 10);
    }
    expect(request, 5, 4, false);
    request = go_on(request);
    expect(request, 3, 2, false);
    request = go_on(request);
    expect(request, 1, 0, true);
}

static void a_full_page_knows_that_it_is_the_last(void **state)
{
    (void)state;
    add(1, "ann", "pause", NOW);
    add(2, "ann", "pause", NOW);
    expect(wish("", ""), 2, 1, true);
}

static void lines_are_found_by_user_and_action(void **state)
{
    (void)state;
    add(1, "ann", "pause", NOW);
    add(2, "ben", "pause", NOW);
    add(3, "ann", "drain", NOW);
    add(4, "ben", "drain", NOW);
    expect(wish("ann", ""), 3, 1, true);
    expect(wish("", "pause"), 2, 1, true);
    expect(wish("ben", "drain"), 4, 0, true);
    assert_int_equal(page.audit_page.scanned, 4);
    expect(wish("be", ""), 0, 0, true);
}

static void a_look_whose_time_is_over_goes_on_with_its_cursor(void **state)
{
    (void)state;
    for (uint64_t number = 1; number <= 200; number++) {
        add(number, number == 1 ? "ann" : "ben", "pause", NOW);
    }
    struct message_get_audit request = wish("ann", "");
    looks_left = 0;
    expect(request, 0, 0, false);
    assert_in_range(page.audit_page.scanned, 1, 199);
    looks_left = UINT32_MAX;
    expect(go_on(request), 1, 0, true);
}

static void what_is_too_old_or_too_much_is_not_told(void **state)
{
    (void)state;
    int64_t since = NOW - AUDIT_KEPT_S * INT64_C(1000);
    add(1, "ann", "pause", since - 1);
    add(2, "ann", "pause", since);
    expect(wish("", ""), 2, 0, true);
    add(AUDIT_LINES_MAX + 2, "ann", "pause", NOW);
    expect(wish("", ""), AUDIT_LINES_MAX + 2, 0, true);
}

static void a_cursor_that_is_none_is_invalid(void **state)
{
    static const uint8_t zero[AUDIT_CURSOR_SIZE + 1];
    (void)state;
    struct message_get_audit request = wish("", "");
    add(1, "ann", "pause", NOW);
    for (size_t size = 1; size <= sizeof zero; size++) {
        request.cursor = slice_make(zero, size);
        assert_int_equal(ask(&request), STATUS_OK);
        assert_int_equal(page.audit_page.code, REPLY_CODE_INVALID);
    }
    request = wish("", "");
    request.limit = 0;
    assert_int_equal(ask(&request), STATUS_OK);
    assert_int_equal(page.audit_page.code, REPLY_CODE_INVALID);
}

static void the_last_number_is_that_of_the_newest(void **state)
{
    uint64_t last = 7;
    (void)state;
    assert_int_equal(query_audit_last(&ledger.memory.view, &last), STATUS_OK);
    assert_int_equal(last, 0);
    add(1, "ann", "pause", NOW);
    add(256, "ann", "pause", NOW);
    assert_int_equal(query_audit_last(&ledger.memory.view, &last), STATUS_OK);
    assert_int_equal(last, 256);
}

static void a_read_that_fails_is_told(void **state)
{
    (void)state;
    const struct message_get_audit request = wish("", "");
    add(1, "ann", "pause", NOW);
    for (uint32_t fail_at = 1; fail_at <= 2; fail_at++) {
        ledger.memory.reads = 0;
        ledger.memory.fail_at = fail_at;
        assert_int_equal(ask(&request), STATUS_IO);
    }
    ledger.memory.fail_at = 0;
}

static void a_damaged_line_is_passed_over(void **state)
{
    uint8_t key[KEY_BYTES_MAX];
    struct view_damage damage = {0};
    uint64_t last;
    (void)state;
    struct message_get_audit request = wish("", "");
    ledger.memory.view.damage = &damage;
    for (uint64_t number = 1; number <= 4; number++) {
        add(number, "ann", "pause", NOW);
    }
    memory_view_put(&ledger.memory, key_audit(key, 3), SLICE_LITERAL("nonsense"));
    expect(request, 4, 2, false);
    assert_int_equal(damage.entries, 1);
    expect(go_on(request), 1, 0, true);
    /* A key of another size that stands before all. */
    memory_view_put(&ledger.memory, slice_make("A\0\0\0\0\0\0\0\0\0", 10), SLICE_LITERAL(""));
    expect(request, 4, 2, false);
    assert_int_equal(query_audit_last(&ledger.memory.view, &last), STATUS_OK);
    assert_int_equal(last, 4);
}

/* The next line is not put where nobody would find it. */
static void a_damaged_part_is_passed_over_and_its_numbers_are_left_out(void **state)
{
    uint8_t key[KEY_BYTES_MAX];
    struct view_damage damage = {0};
    uint64_t last;
    (void)state;
    struct message_get_audit request = wish("", "");
    ledger.memory.view.damage = &damage;
    for (uint64_t number = 1; number <= 4; number++) {
        add(number, "ann", "pause", NOW);
    }
    memory_view_damage(&ledger.memory, key_audit(key, 3));
    expect(request, 4, 2, false);
    assert_int_equal(damage.entries, 1);
    assert_int_equal(query_audit_last(&ledger.memory.view, &last), STATUS_OK);
    assert_int_equal(last, 4);
    memory_view_damage(&ledger.memory, key_audit(key, 4));
    expect(request, 3, 2, false);
    assert_int_equal(query_audit_last(&ledger.memory.view, &last), STATUS_OK);
    assert_true(last > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_newest_comes_first_page_by_page, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_full_page_knows_that_it_is_the_last, set_up, tear_down),
        cmocka_unit_test_setup_teardown(lines_are_found_by_user_and_action, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_look_whose_time_is_over_goes_on_with_its_cursor, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_is_too_old_or_too_much_is_not_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_cursor_that_is_none_is_invalid, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_last_number_is_that_of_the_newest, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_read_that_fails_is_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_damaged_line_is_passed_over, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_damaged_part_is_passed_over_and_its_numbers_are_left_out,
                                        set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
