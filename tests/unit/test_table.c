/* The hash table that grows bucket by bucket, with entries in an array. */

#include "broker/core/table.h"

#include "tests/unit/memory.h"
#include "tests/unit/test.h"

enum {
    ENTRIES = 5000,
};

struct entries {
    uint32_t next[ENTRIES];
    uint64_t keys[ENTRIES];
};

static uint32_t *entry_next(void *context, uint32_t index)
{
    return &((struct entries *)context)->next[index];
}

static uint64_t entry_hash(void *context, uint32_t index)
{
    return hash_mix(((struct entries *)context)->keys[index]);
}

static const struct table_methods methods = {.next = entry_next, .hash = entry_hash};

static uint32_t find(const struct table *table, const struct entries *entries, uint64_t key)
{
    uint32_t index = table_first(table, hash_mix(key));
    while (index != JOB_NONE && entries->keys[index] != key) {
        index = entries->next[index];
    }
    return index;
}

static void put(struct table *table, struct entries *entries, uint32_t index)
{
    entries->keys[index] = index * UINT64_C(7919);
    assert_int_equal(table_reserve(table, table->entries + 1), STATUS_OK);
    table_put(table, entries, index);
}

static void finds_each_entry_while_it_grows_and_shrinks(void **state)
{
    static struct entries entries;
    struct table table;
    (void)state;
    assert_int_equal(table_init(&table, &methods), STATUS_OK);
    for (uint32_t index = 0; index < ENTRIES; index++) {
        assert_int_equal(find(&table, &entries, index * UINT64_C(7919)), JOB_NONE);
        put(&table, &entries, index);
        for (uint32_t back = 0; back <= index; back += 1 + index / 16) {
            assert_int_equal(find(&table, &entries, back * UINT64_C(7919)), back);
        }
    }
    for (uint32_t index = 0; index < ENTRIES; index += 2) {
        table_remove(&table, &entries, index);
    }
    for (uint32_t index = 0; index < ENTRIES; index++) {
        uint32_t expected = index % 2 == 0 ? JOB_NONE : index;
        assert_int_equal(find(&table, &entries, index * UINT64_C(7919)), expected);
    }
    table_fini(&table);
    table_fini(&table);
}

static void keeps_chains_short(void **state)
{
    static struct entries entries;
    struct table table;
    uint32_t longest = 0;
    (void)state;
    assert_int_equal(table_init(&table, &methods), STATUS_OK);
    for (uint32_t index = 0; index < ENTRIES; index++) {
        put(&table, &entries, index);
    }
    for (uint32_t bucket = 0; bucket < table.count; bucket++) {
        uint32_t length = 0;
        for (uint32_t index = table.buckets[bucket]; index != JOB_NONE;
             index = entries.next[index]) {
            length++;
        }
        longest = length > longest ? length : longest;
    }
    assert_in_range(longest, 1, 16);
    table_fini(&table);
}

static void tells_that_memory_is_out_before_it_changes(void **state)
{
    static struct entries entries;
    struct table table;
    (void)state;
    memory_fail_at(1);
    assert_int_equal(table_init(&table, &methods), STATUS_NO_MEMORY);
    memory_fail_never();
    table_fini(&table);
    assert_int_equal(table_init(&table, &methods), STATUS_OK);
    put(&table, &entries, 0);
    memory_fail_at(1);
    assert_int_equal(table_reserve(&table, 1000), STATUS_NO_MEMORY);
    memory_fail_never();
    assert_int_equal(find(&table, &entries, 0), 0);
    table_fini(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_each_entry_while_it_grows_and_shrinks),
        cmocka_unit_test(keeps_chains_short),
        cmocka_unit_test(tells_that_memory_is_out_before_it_changes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
