#include "broker/core/table.h"

#include <assert.h>
#include <stdlib.h>

enum {
    TABLE_CAPACITY_FIRST = 64, /* buckets */
};

enum status table_init(struct table *table, const struct table_methods *methods)
{
    *table = (struct table){.methods = methods, .count = 1, .capacity = TABLE_CAPACITY_FIRST};
    table->buckets = malloc(TABLE_CAPACITY_FIRST * sizeof(*table->buckets));
    if (table->buckets == NULL) {
        return STATUS_NO_MEMORY;
    }
    table->buckets[0] = JOB_NONE;
    return STATUS_OK;
}

void table_fini(struct table *table)
{
    free(table->buckets);
    *table = (struct table){0};
}

enum status table_reserve(struct table *table, uint32_t entries)
{
    uint32_t capacity = table->capacity;
    if (entries <= capacity) {
        return STATUS_OK;
    }
    while (capacity < entries) {
        capacity *= 2;
    }
    uint32_t *buckets = realloc(table->buckets, capacity * sizeof(*buckets));
    if (buckets == NULL) {
        return STATUS_NO_MEMORY;
    }
    table->buckets = buckets;
    table->capacity = capacity;
    return STATUS_OK;
}

/* The greatest power of two that is not above value (> 0). */
static uint32_t power_below(uint32_t value)
{
    return UINT32_C(1) << (31 - __builtin_clz(value));
}

static uint32_t bucket_of(const struct table *table, uint64_t hash)
{
    uint32_t high = power_below(table->count);
    uint32_t bucket = (uint32_t)hash & (high * 2 - 1);
    return bucket < table->count ? bucket : bucket & (high - 1);
}

/* Adds one bucket and moves what belongs there from the only bucket it can be in. */
static void split(struct table *table, void *context)
{
    uint32_t added = table->count;
    uint32_t high = power_below(added);
    uint32_t *link = &table->buckets[added - high];
    uint32_t *added_link = &table->buckets[added];
    assert(added < table->capacity);
    table->count++;
    while (*link != JOB_NONE) {
        uint32_t index = *link;
        uint32_t *next = table->methods->next(context, index);
        if (bucket_of(table, table->methods->hash(context, index)) == added) {
            *added_link = index;
            *link = *next;
            added_link = next;
        } else {
            link = next;
        }
    }
    *added_link = JOB_NONE;
}

void table_put(struct table *table, void *context, uint32_t index)
{
    uint32_t *bucket = &table->buckets[bucket_of(table, table->methods->hash(context, index))];
    *table->methods->next(context, index) = *bucket;
    *bucket = index;
    table->entries++;
    if (table->entries > table->count) {
        split(table, context);
    }
    assert(table->entries <= table->count);
}

void table_remove(struct table *table, void *context, uint32_t index)
{
    uint32_t *link = &table->buckets[bucket_of(table, table->methods->hash(context, index))];
    while (*link != index) {
        assert(*link != JOB_NONE);
        link = table->methods->next(context, *link);
    }
    uint32_t *next = table->methods->next(context, index);
    *link = *next;
    *next = JOB_NONE;
    table->entries--;
}

uint32_t table_first(const struct table *table, uint64_t hash)
{
    return table->buckets[bucket_of(table, hash)];
}

uint64_t hash_slice(struct slice bytes, uint64_t seed)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325) ^ seed;
    for (size_t position = 0; position < bytes.size; position++) {
        hash = (hash ^ bytes.data[position]) * UINT64_C(0x100000001b3);
    }
    return hash_mix(hash);
}
