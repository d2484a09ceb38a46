/* Walks by skip: a page is continued where it ended, by whom it was given, for a while, and memory
 * is bounded. */
#include "gateway/walks.h"

#include "tests/unit/memory.h"
#include "tests/unit/test.h"

enum {
    NOW = 1000000,
};

static struct walk walk_of(const char *owner)
{
    return (struct walk){
        .owner = slice_from_string(owner),
        .filter = WALK_JOBS | 3,
        .limit = 20,
    };
}

static void expect(const struct walks *walks, const struct walk *walk, uint64_t skip,
                   int64_t now_ms, const char *cursor)
{
    struct slice found = walks_find(walks, walk, skip, now_ms);
    assert_true(slice_equal(found, slice_from_string(cursor)));
}

static void test_a_page_is_continued_where_it_ended(void **state)
{
    struct walks walks = {0};
    struct walk walk = walk_of("mira");
    (void)state;
    assert_int_equal(walks_init(&walks, 7), STATUS_OK);
    expect(&walks, &walk, 20, NOW, "");
    walks_note(&walks, &walk, 20, SLICE_LITERAL("behind 20"), NOW);
    walks_note(&walks, &walk, 40, SLICE_LITERAL("behind 40"), NOW);
    expect(&walks, &walk, 20, NOW, "behind 20");
    expect(&walks, &walk, 40, NOW, "behind 40");
    expect(&walks, &walk, 21, NOW, "");
    walks_note(&walks, &walk, 20, SLICE_LITERAL("a new walk"), NOW);
    expect(&walks, &walk, 20, NOW, "a new walk");
    walks_fini(&walks);
}

static void test_only_the_same_list_asked_for_in_the_same_way_is_continued(void **state)
{
    struct walks walks = {0};
    struct walk walk = walk_of("mira");
    struct walk others[] = {walk, walk, walk, walk, walk};
    (void)state;
    others[0].owner = SLICE_LITERAL("mirb");
    others[1].filter = WALK_JOBS | 1;
    others[2].filter = WALK_DOCUMENTS | 3;
    others[3].limit = 21;
    others[4].character.bytes[15] = 1;
    assert_int_equal(walks_init(&walks, 7), STATUS_OK);
    walks_note(&walks, &walk, 20, SLICE_LITERAL("mine"), NOW);
    for (size_t index = 0; index < sizeof(others) / sizeof(others[0]); index++) {
        expect(&walks, &others[index], 20, NOW, "");
    }
    expect(&walks, &walk, 20, NOW, "mine");
    walks_fini(&walks);
}

static void test_a_page_is_forgotten_after_a_while(void **state)
{
    struct walks walks = {0};
    struct walk walk = walk_of("mira");
    (void)state;
    assert_int_equal(walks_init(&walks, 7), STATUS_OK);
    walks_note(&walks, &walk, 20, SLICE_LITERAL("behind 20"), NOW);
    expect(&walks, &walk, 20, NOW + WALK_MS - 1, "behind 20");
    expect(&walks, &walk, 20, NOW + WALK_MS, "");
    walks_fini(&walks);
}

static void test_the_oldest_pages_make_room_for_the_newest(void **state)
{
    struct walks walks = {0};
    struct walk walk = walk_of("mira");
    uint32_t kept = 0;
    (void)state;
    assert_int_equal(walks_init(&walks, 7), STATUS_OK);
    for (uint64_t skip = 1; skip <= 4 * WALKS_MAX; skip++) {
        walks_note(&walks, &walk, skip, SLICE_LITERAL("here"), NOW + (int64_t)skip);
        expect(&walks, &walk, skip, NOW + (int64_t)skip, "here");
    }
    for (uint64_t skip = 1; skip <= 4 * WALKS_MAX; skip++) {
        kept += walks_find(&walks, &walk, skip, NOW).size > 0;
    }
    assert_int_equal(kept, WALKS_MAX);
    walks_fini(&walks);
}

static void test_no_memory_is_told(void **state)
{
    struct walks walks = {0};
    (void)state;
    memory_fail_at(1);
    assert_int_equal(walks_init(&walks, 7), STATUS_NO_MEMORY);
    memory_fail_never();
    walks_fini(&walks);
    walks_fini(&walks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_page_is_continued_where_it_ended),
        cmocka_unit_test(test_only_the_same_list_asked_for_in_the_same_way_is_continued),
        cmocka_unit_test(test_a_page_is_forgotten_after_a_while),
        cmocka_unit_test(test_the_oldest_pages_make_room_for_the_newest),
        cmocka_unit_test(test_no_memory_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
