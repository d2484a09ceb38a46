/* What was spent, as the store tells it: by owner, of all owners, and to the core at a start. */
#include "broker/query_spent.h"

#include <string.h>
#include "tests/unit/ledger.h"
#include "tests/unit/test.h"

enum {
    TODAY = 20000,
    DAYS_MAX = 16,
};

static struct ledger ledger;
static struct buffer frame;
static struct message_usage usage;
static struct message_usage_day days[DAYS_MAX];

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

/* Somebody's job has spent 10, of which 3 may not have been charged, on a day with a provider. */
static void spend(const char *owner, uint32_t day, const char *provider)
{
    struct job job = ledger_job(JOB_KIND_IMAGE, 1);
    const struct effect effect = {
        .type = EFFECT_OPERATION,
        .job = &job,
        .owner = slice_from_string(owner),
        .operation = {.job = job.id,
                      .state = OPERATION_STATE_FINISHED,
                      .provider = slice_from_string(provider)},
        .spend = {.day = day, .amount = 10, .uncertain = 3, .operations = 1, .is_first = true}};
    ledger_effect(&ledger, &effect);
    ledger_commit(&ledger);
}

static void ask(const char *owner, uint8_t wanted)
{
    const struct message_get_usage request = {
        .request = 7, .owner = slice_from_string(owner), .days = wanted};
    const struct spending spending = {.day = TODAY, .spent = 1, .reserved = 2, .budget = 3};
    struct frame_writer writer;
    struct frame_reader reader;
    struct message message;
    buffer_clear(&frame);
    assert_int_equal(frame_begin(&writer, &frame, 0), STATUS_OK);
    assert_int_equal(query_usage(&ledger.memory.view, &request, &spending, &writer), STATUS_OK);
    frame_end(&writer);
    assert_int_equal(frame_open(&reader, buffer_slice(&frame)), STATUS_OK);
    assert_int_equal(frame_next(&reader, &message), STATUS_OK);
    assert_int_equal(message.type, MESSAGE_TYPE_USAGE);
    usage = message.usage;
    for (uint32_t index = 0; index < usage.count; index++) {
        assert_int_equal(frame_next(&reader, &message), STATUS_OK);
        assert_int_equal(message.type, MESSAGE_TYPE_USAGE_DAY);
        days[index] = message.usage_day;
    }
    assert_int_equal(frame_next(&reader, &message), STATUS_NOT_FOUND);
}

static void expect_day(uint32_t index, uint32_t day, const char *provider, uint64_t times)
{
    const struct message_usage_day *found = &days[index];
    assert_int_equal(found->day, day);
    assert_true(slice_equal(found->provider, slice_from_string(provider)));
    assert_int_equal(found->spent, 10 * times);
    assert_int_equal(found->uncertain, 3 * times);
    assert_int_equal(found->operations, times);
    assert_int_equal(found->jobs, times);
}

static void an_owner_is_told_of_its_own_days_and_providers(void **state)
{
    (void)state;
    spend("ann", TODAY, "studio");
    spend("ann", TODAY, "studio");
    spend("ann", TODAY, "artist");
    spend("ann", TODAY - 2, "");
    spend("ann", TODAY - 3, "studio");
    spend("anna", TODAY, "studio");
    spend("an", TODAY, "studio");
    ask("ann", 3);
    assert_int_equal(usage.today, TODAY);
    assert_int_equal(usage.spent, 1);
    assert_int_equal(usage.reserved, 2);
    assert_int_equal(usage.budget, 3);
    assert_int_equal(usage.count, 3);
    expect_day(0, TODAY, "artist", 1);
    expect_day(1, TODAY, "studio", 2);
    expect_day(2, TODAY - 2, "", 1);
    ask("nobody", 35);
    assert_int_equal(usage.count, 0);
}

static void without_an_owner_all_are_told_together(void **state)
{
    (void)state;
    spend("ann", TODAY, "studio");
    spend("ben", TODAY, "studio");
    spend("ben", TODAY, "artist");
    spend("ben", TODAY - 1, "studio");
    ask("", 35);
    assert_int_equal(usage.count, 3);
    expect_day(0, TODAY, "artist", 1);
    expect_day(1, TODAY, "studio", 2);
    expect_day(2, TODAY - 1, "studio", 1);
}

struct restored {
    uint32_t visits;
    uint64_t amount;
};

static enum status visit(void *context, uint32_t day, struct slice owner, uint64_t amount)
{
    struct restored *restored = context;
    assert_int_equal(day, TODAY);
    assert_true(owner.size > 0);
    restored->visits++;
    restored->amount += amount;
    return restored->visits == 3 ? STATUS_FULL : STATUS_OK;
}

static void a_start_is_told_each_amount_once(void **state)
{
    struct restored restored = {0};
    (void)state;
    spend("ann", TODAY, "studio");
    spend("ben", TODAY, "studio");
    spend("ben", TODAY - 1, "studio");
    spend("ben", TODAY + 1, "studio");
    assert_int_equal(query_spent(&ledger.memory.view, TODAY, visit, &restored), STATUS_OK);
    assert_int_equal(restored.visits, 2);
    assert_int_equal(restored.amount, 20);
}

static void a_start_stops_where_it_is_told_to(void **state)
{
    struct restored restored = {0};
    (void)state;
    for (const char *name = "abcde"; *name != '\0'; name++) {
        spend(name, TODAY, "studio");
    }
    assert_int_equal(query_spent(&ledger.memory.view, TODAY, visit, &restored), STATUS_FULL);
    assert_int_equal(restored.visits, 3);
}

/* A start must know what was spent today. Who asks is told the rest: the log names the damage. */
static void a_damaged_counter_stops_a_start_and_is_left_out_of_an_answer(void **state)
{
    struct view_damage damage = {0};
    uint8_t key[KEY_BYTES_MAX];
    struct restored restored = {0};
    const struct message_get_usage request = {
        .request = 7, .owner = SLICE_LITERAL("ann"), .days = 1};
    const struct spending spending = {.day = TODAY};
    struct frame_writer writer;
    (void)state;
    spend("ann", TODAY, "studio");
    memory_view_put(&ledger.memory,
                    key_spent(key, TODAY, SLICE_LITERAL("ann"), SLICE_LITERAL("studio"), 0),
                    SLICE_LITERAL("short"));
    assert_int_equal(query_spent(&ledger.memory.view, TODAY, visit, &restored), STATUS_MALFORMED);
    assert_int_equal(frame_begin(&writer, &frame, 0), STATUS_OK);
    ledger.memory.view.damage = &damage;
    assert_int_equal(query_usage(&ledger.memory.view, &request, &spending, &writer), STATUS_OK);
    assert_int_equal(damage.entries, 1);
    memory_view_damage(&ledger.memory, slice_make(key, 1));
    assert_int_equal(query_spent(&ledger.memory.view, TODAY, visit, &restored), STATUS_MALFORMED);
    assert_int_equal(query_usage(&ledger.memory.view, &request, &spending, &writer), STATUS_OK);
    assert_int_equal(damage.entries, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_owner_is_told_of_its_own_days_and_providers, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(without_an_owner_all_are_told_together, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_start_is_told_each_amount_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_start_stops_where_it_is_told_to, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_damaged_counter_stops_a_start_and_is_left_out_of_an_answer, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
