/* What is removed of the assets of a character: what is certain to be unused, and nothing else. */
#include "gateway/asset_use.h"

#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include "gateway/limits.h"
#include "tests/unit/memory.h"
#include "tests/unit/test.h"

enum {
    AT = 1000000,
    SLACK = 100,
};

static const struct id character = {{7}};
static struct asset_use use;

static int tear_down(void **state)
{
    (void)state;
    asset_use_fini(&use);
    return 0;
}

static void begin(struct message_asset_names page)
{
    asset_use_begin(&use, &character, &page);
    use.is_complete = true;
}

/* The name of the number-th asset, with a newline. */
static const char *name_of(uint32_t number)
{
    static char name[64];
    snprintf(name, sizeof(name), "%08x%024x.png\n", number * 2654435761u, number);
    return name;
}

static void add(const char *names)
{
    const struct message_asset_names page = {.names = slice_from_string(names)};
    assert_int_equal(asset_use_add(&use, &page), STATUS_OK);
}

static enum asset_standing judge(uint32_t number, int64_t at_ms)
{
    struct stored_asset asset;
    const char *name = name_of(number);
    stored_asset_read(&character, slice_make(name, strlen(name) - 1), &asset);
    asset.at_ms = at_ms;
    return asset_use_judge(&use, &asset, SLACK);
}

static void what_no_entry_names_is_unused(void **state)
{
    (void)state;
    begin((struct message_asset_names){.known = true});
    add(name_of(1));
    assert_int_equal(judge(1, AT), ASSET_KEPT);
    assert_int_equal(judge(2, AT), ASSET_UNUSED);
}

static void what_is_used_is_kept_whatever_else_is_said(void **state)
{
    (void)state;
    for (uint32_t number = 1; number <= 5000; number++) {
        if (number == 1) {
            begin((struct message_asset_names){.known = true});
        }
        add(name_of(number));
    }
    add("1.png\nnotes\n\n");
    add(name_of(5)); /* again */
    assert_int_equal(use.count, 5000);
    for (uint32_t number = 1; number <= 5000; number++) {
        assert_int_equal(judge(number, AT), ASSET_KEPT);
    }
    assert_int_equal(judge(5001, AT), ASSET_UNUSED);
}

static void what_a_live_job_may_have_made_is_kept(void **state)
{
    (void)state;
    begin((struct message_asset_names){.known = true, .live_since = AT});
    assert_int_equal(judge(1, AT + 5000000), ASSET_KEPT);
    assert_int_equal(judge(1, AT), ASSET_KEPT);
    assert_int_equal(judge(1, AT - SLACK), ASSET_KEPT);
    assert_int_equal(judge(1, AT - SLACK - 1), ASSET_UNUSED);
    begin((struct message_asset_names){.live_since = AT});
    assert_int_equal(judge(1, AT), ASSET_KEPT);
}

static void what_belongs_to_a_character_of_which_nothing_is_known_is_left(void **state)
{
    (void)state;
    begin((struct message_asset_names){.known = false});
    assert_int_equal(judge(1, AT), ASSET_LEFT);
    begin((struct message_asset_names){.gone = true});
    assert_int_equal(judge(1, AT), ASSET_UNUSED);
}

static void what_was_written_while_the_store_knew_nothing_is_left(void **state)
{
    const uint64_t times[] = {htobe64(AT), htobe64(AT + 1000), htobe64(0), htobe64(5000)};
    (void)state;
    begin((struct message_asset_names){.known = true, .gaps = slice_make(times, sizeof(times))});
    assert_int_equal(judge(1, AT - SLACK - 1), ASSET_UNUSED);
    assert_int_equal(judge(1, AT - SLACK), ASSET_LEFT);
    assert_int_equal(judge(1, AT + 500), ASSET_LEFT);
    assert_int_equal(judge(1, AT + 1000 + SLACK), ASSET_LEFT);
    assert_int_equal(judge(1, AT + 1001 + SLACK), ASSET_UNUSED);
    assert_int_equal(judge(1, 1), ASSET_LEFT);
    assert_int_equal(judge(1, 5001 + SLACK), ASSET_UNUSED);
    add(name_of(1));
    assert_int_equal(judge(1, AT + 500), ASSET_KEPT);
}

static void of_one_with_too_many_assets_all_are_left(void **state)
{
    (void)state;
    begin((struct message_asset_names){.known = true});
    use.count = ASSET_NAMES_HELD_MAX; /* as if they had been told */
    add(name_of(1));
    assert_true(use.is_too_much);
    use.count = 0;
    assert_int_equal(judge(2, AT), ASSET_LEFT);
}

static void the_next_character_begins_anew(void **state)
{
    (void)state;
    begin((struct message_asset_names){.known = true, .live_since = 1});
    add(name_of(1));
    begin((struct message_asset_names){.known = true});
    assert_int_equal(judge(1, AT), ASSET_UNUSED);
}

static void no_memory_is_told(void **state)
{
    enum status status = STATUS_NO_MEMORY;
    (void)state;
    for (uint64_t fail = 1; status != STATUS_OK; fail++) {
        const struct message_asset_names page = {.names = slice_from_string(name_of(1))};
        begin((struct message_asset_names){.known = true});
        memory_fail_at((size_t)fail);
        status = asset_use_add(&use, &page);
        memory_fail_never();
        assert_true(status == STATUS_OK || status == STATUS_NO_MEMORY);
    }
    assert_int_equal(judge(1, AT), ASSET_KEPT);
}

static void a_look_removes_a_few_and_then_a_part_of_all(void **state)
{
    (void)state;
    assert_true(asset_use_is_within(1, 0));
    assert_true(asset_use_is_within(999, 999));
    assert_true(asset_use_is_within(1000, 1099));
    assert_false(asset_use_is_within(1000, 1100));
    assert_true(asset_use_is_within(1000000, 100999));
    assert_false(asset_use_is_within(1000000, 101000));
}

#define USE_TEST(name) cmocka_unit_test_teardown(name, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        USE_TEST(what_no_entry_names_is_unused),
        USE_TEST(what_is_used_is_kept_whatever_else_is_said),
        USE_TEST(what_a_live_job_may_have_made_is_kept),
        USE_TEST(what_belongs_to_a_character_of_which_nothing_is_known_is_left),
        USE_TEST(what_was_written_while_the_store_knew_nothing_is_left),
        USE_TEST(of_one_with_too_many_assets_all_are_left),
        USE_TEST(the_next_character_begins_anew),
        USE_TEST(no_memory_is_told),
        USE_TEST(a_look_removes_a_few_and_then_a_part_of_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
