#include "actors/studio/faults.h"
#include "actors/studio/ledger.h"

#include "tests/unit/test.h"

static void set(struct faults *faults, const char *rules)
{
    char problem[FAULT_TEXT_SIZE];
    faults_init(faults, 1);
    assert_int_equal(faults_parse(faults, slice_from_string(rules), problem, sizeof problem),
                     STATUS_OK);
}

static enum fault_kind decide(struct faults *faults, enum step step)
{
    return faults_decide(faults, step, SLICE_LITERAL("a prompt"), "").kind;
}

static void without_rules_nothing_goes_wrong(void **state)
{
    struct faults faults;
    (void)state;
    faults_init(&faults, 1);
    assert_int_equal(decide(&faults, STEP_CHAT), FAULT_NONE);
}

static void a_rule_fires_for_its_step_and_count(void **state)
{
    struct faults faults;
    (void)state;
    set(&faults,
        "[{\"match\":\"chat\",\"kind\":\"status\",\"status\":503,\"skip\":1,\"count\":2}]");
    assert_int_equal(decide(&faults, STEP_IMAGE), FAULT_NONE);
    assert_int_equal(decide(&faults, STEP_CHAT), FAULT_NONE);
    assert_int_equal(faults_decide(&faults, STEP_CHAT, SLICE_EMPTY, "").status, 503);
    assert_int_equal(decide(&faults, STEP_CHAT), FAULT_STATUS);
    assert_int_equal(decide(&faults, STEP_CHAT), FAULT_NONE);
}

static void a_rule_for_all_spares_what_is_never_at_fault(void **state)
{
    struct faults faults;
    (void)state;
    set(&faults, "[{\"match\":\"all\",\"kind\":\"reset\"}]");
    assert_int_equal(decide(&faults, STEP_DOWNLOAD), FAULT_RESET);
    assert_int_equal(decide(&faults, STEP_NONE), FAULT_NONE);
}

static void a_rule_can_wait_for_words(void **state)
{
    struct faults faults;
    (void)state;
    set(&faults, "[{\"match\":\"all\",\"kind\":\"garbage\",\"contains\":\"Mira\"}]");
    assert_int_equal(faults_decide(&faults, STEP_CHAT, SLICE_LITERAL("Tom"), "").kind, FAULT_NONE);
    assert_int_equal(faults_decide(&faults, STEP_CHAT, SLICE_EMPTY, "").kind, FAULT_NONE);
    assert_int_equal(faults_decide(&faults, STEP_CHAT, SLICE_LITERAL("of Mira."), "").kind,
                     FAULT_GARBAGE);
}

static void a_rule_fires_every_so_often(void **state)
{
    struct faults faults;
    (void)state;
    set(&faults, "[{\"match\":\"poll\",\"kind\":\"reset\",\"every\":3,\"skip\":1}]");
    for (int index = 0; index < 13; index++) {
        bool is_third = index > 0 && index % 3 == 0;
        assert_int_equal(decide(&faults, STEP_POLL), is_third ? FAULT_RESET : FAULT_NONE);
    }
}

static void a_rule_can_be_for_one_trace(void **state)
{
    static const char trace[] = "0123456789abcdef0123456789abcdef";
    struct faults faults;
    (void)state;
    set(&faults, "[{\"match\":\"all\",\"kind\":\"cut\","
                 "\"trace\":\"0123456789abcdef0123456789abcdef\"}]");
    assert_int_equal(faults_decide(&faults, STEP_CHAT, SLICE_EMPTY, "").kind, FAULT_NONE);
    assert_int_equal(faults_decide(&faults, STEP_CHAT, SLICE_EMPTY, trace).kind, FAULT_CUT);
}

static void a_rate_is_kept_and_repeats_with_the_seed(void **state)
{
    static const char rules[] = "[{\"match\":\"poll\",\"kind\":\"reset\",\"rate\":0.25}]";
    struct faults first;
    struct faults second;
    int fired = 0;
    (void)state;
    set(&first, rules);
    set(&second, rules);
    for (int index = 0; index < 4000; index++) {
        enum fault_kind kind = decide(&first, STEP_POLL);
        assert_int_equal(kind, decide(&second, STEP_POLL));
        fired += kind == FAULT_RESET;
    }
    assert_in_range(fired, 900, 1100);
}

static void latencies_add_up_and_others_still_apply(void **state)
{
    struct faults faults;
    (void)state;
    set(&faults, "[{\"match\":\"chat\",\"kind\":\"latency_ms\",\"latency_ms\":30},"
                 "{\"match\":\"chat\",\"kind\":\"refusal\"},"
                 "{\"match\":\"chat\",\"kind\":\"latency_ms\",\"latency_ms\":12}]");
    struct fault fault = faults_decide(&faults, STEP_CHAT, SLICE_EMPTY, "");
    assert_int_equal(fault.kind, FAULT_REFUSAL);
    assert_int_equal(fault.latency_ms, 42);
}

static void the_first_rule_that_fires_decides(void **state)
{
    struct faults faults;
    (void)state;
    set(&faults, "[{\"match\":\"chat\",\"kind\":\"reset\",\"count\":1},{\"match\":\"all\",\"kind\":"
                 "\"truncate\",\"count\":1}]");
    assert_int_equal(decide(&faults, STEP_CHAT), FAULT_RESET);
    assert_int_equal(decide(&faults, STEP_CHAT), FAULT_TRUNCATE);
    assert_int_equal(decide(&faults, STEP_CHAT), FAULT_NONE);
}

static void bad_rules_are_refused_and_change_nothing(void **state)
{
    static const char *const bad[] = {
        "",
        "{}",
        "[1]",
        "[{}]",
        "[{\"match\":\"chat\"}]",
        "[{\"match\":\"nobody\",\"kind\":\"reset\"}]",
        "[{\"match\":\"chat\",\"kind\":\"none\"}]",
        "[{\"match\":\"chat\",\"kind\":\"reset\",\"rate\":2}]",
        "[{\"match\":\"chat\",\"kind\":\"reset\",\"rate\":\"1\"}]",
        "[{\"match\":\"chat\",\"kind\":\"reset\",\"count\":-1}]",
        "[{\"match\":\"chat\",\"kind\":\"status\",\"status\":200}]",
        "[{\"match\":\"chat\",\"kind\":\"reset\",\"often\":1}]",
        "[{\"match\":\"chat\",\"kind\":\"reset\",\"every\":0}]",
        "[{\"match\":\"chat\",\"kind\":\"reset\",\"trace\":\"abc\"}]",
        "[{\"match\":\"chat\",\"kind\":\"reset\"}",
        "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
        "[{\"match\":\"chat\",\"match\":\"chat\",\"kind\":\"reset\"}]",
    };
    struct faults faults;
    char problem[FAULT_TEXT_SIZE];
    (void)state;
    set(&faults, "[{\"match\":\"chat\",\"kind\":\"reset\"}]");
    for (size_t index = 0; index < sizeof bad / sizeof bad[0]; index++) {
        assert_int_not_equal(
            faults_parse(&faults, slice_from_string(bad[index]), problem, sizeof problem),
            STATUS_OK);
        assert_true(strlen(problem) > 0);
        assert_int_equal(faults.count, 1);
    }
}

static void too_many_rules_are_refused(void **state)
{
    struct faults faults;
    struct buffer rules;
    char problem[FAULT_TEXT_SIZE];
    (void)state;
    buffer_init(&rules, 65536);
    faults_init(&faults, 1);
    for (int index = 0; index <= FAULT_RULE_COUNT_MAX; index++) {
        buffer_append_format(&rules, "%s{\"match\":\"chat\",\"kind\":\"reset\"}",
                             index == 0 ? "[" : ",");
    }
    buffer_append_byte(&rules, ']');
    assert_int_equal(faults_parse(&faults, buffer_slice(&rules), problem, sizeof problem),
                     STATUS_TOO_LARGE);
    buffer_fini(&rules);
}

static void rules_can_be_read_back(void **state)
{
    struct faults faults;
    struct buffer out;
    (void)state;
    buffer_init(&out, 4096);
    set(&faults, "[{\"match\":\"chat\",\"kind\":\"reset\",\"count\":3}]");
    decide(&faults, STEP_CHAT);
    assert_int_equal(faults_write(&faults, &out), STATUS_OK);
    buffer_append_byte(&out, 0);
    assert_string_equal((char *)out.data,
                        "[{\"match\":\"chat\",\"kind\":\"reset\",\"fired\":1,\"count\":3}]");
    buffer_fini(&out);
}

static void the_ledger_keeps_the_newest_and_totals_of_all(void **state)
{
    static struct ledger ledger;
    struct buffer out;
    (void)state;
    for (int index = 0; index < LEDGER_ENTRY_COUNT + 10; index++) {
        struct ledger_entry entry = {.step = STEP_IMAGE, .price_microusd = 2, .at_ms = 1};
        ledger_add(&ledger, &entry);
    }
    assert_int_equal(ledger.count[STEP_IMAGE], LEDGER_ENTRY_COUNT + 10);
    assert_int_equal(ledger.price_microusd[STEP_IMAGE], 2 * (LEDGER_ENTRY_COUNT + 10));
    buffer_init(&out, 4 * 1024 * 1024);
    assert_int_equal(ledger_write(&ledger, &out), STATUS_OK);
    assert_null(memmem(out.data, out.size, "\"number\":10,", 12));
    assert_non_null(memmem(out.data, out.size, "\"number\":11,", 12));
    buffer_fini(&out);
    ledger_clear(&ledger);
    assert_int_equal(ledger.last_number, 0);
}

static void the_ledger_tells_what_was_cancelled(void **state)
{
    static struct ledger ledger;
    const struct ledger_entry first = {.step = STEP_SUBMIT, .id = "first"};
    const struct ledger_entry second = {.step = STEP_SUBMIT, .id = "second"};
    (void)state;
    ledger_add(&ledger, &first);
    ledger_add(&ledger, &second);
    ledger_cancel(&ledger, "nobody", 5, true);
    ledger_cancel(&ledger, "first", 7, true);
    ledger_cancel(&ledger, "first", 9, false);
    assert_int_equal(ledger.entries[1].cancelled_at_ms, 7);
    assert_true(ledger.entries[1].in_time);
    assert_int_equal(ledger.entries[2].cancelled_at_ms, 0);
}

static void what_failed_is_refunded_once(void **state)
{
    static struct ledger ledger;
    const struct ledger_entry entry = {.step = STEP_SUBMIT, .id = "film", .price_microusd = 9};
    (void)state;
    ledger_add(&ledger, &entry);
    ledger_refund(&ledger, "film");
    ledger_refund(&ledger, "film");
    assert_true(ledger.entries[1].refunded);
    assert_int_equal(ledger.count[STEP_SUBMIT], 0);
    assert_int_equal(ledger.price_microusd[STEP_SUBMIT], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_rules_nothing_goes_wrong),
        cmocka_unit_test(a_rule_fires_for_its_step_and_count),
        cmocka_unit_test(a_rule_for_all_spares_what_is_never_at_fault),
        cmocka_unit_test(a_rule_can_wait_for_words),
        cmocka_unit_test(a_rule_fires_every_so_often),
        cmocka_unit_test(a_rule_can_be_for_one_trace),
        cmocka_unit_test(a_rate_is_kept_and_repeats_with_the_seed),
        cmocka_unit_test(latencies_add_up_and_others_still_apply),
        cmocka_unit_test(the_first_rule_that_fires_decides),
        cmocka_unit_test(bad_rules_are_refused_and_change_nothing),
        cmocka_unit_test(too_many_rules_are_refused),
        cmocka_unit_test(rules_can_be_read_back),
        cmocka_unit_test(the_ledger_keeps_the_newest_and_totals_of_all),
        cmocka_unit_test(the_ledger_tells_what_was_cancelled),
        cmocka_unit_test(what_failed_is_refunded_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
