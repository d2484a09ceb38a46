#include "tests/sim/store_memory.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    ARENA_BLOCK_SIZE = 1 << 18, /* bytes; a larger piece gets a block of its own */
};

struct arena_block {
    struct arena_block *next;
    size_t used;
    size_t size;
    uint8_t bytes[];
};

/* One version of a key; newest first. */
struct store_version {
    struct store_version *older;
    uint64_t number;
    struct slice value;
    bool deleted;
};

struct store_node {
    struct store_version *newest;
    uint64_t prefix; /* first bytes of the key as a number: most comparisons end here */
    struct slice key;
    int levels;
    struct store_node *next[];
};

static void *arena_take(struct store_memory *store, size_t size)
{
    size = (size + 7) & ~(size_t)7;
    struct arena_block *block = store->arena;
    if (block == NULL || block->size - block->used < size) {
        size_t capacity = size > ARENA_BLOCK_SIZE ? size : ARENA_BLOCK_SIZE;
        block = malloc(sizeof(*block) + capacity);
        assert(block != NULL);
        *block = (struct arena_block){store->arena, 0, capacity};
        store->arena = block;
    }
    void *place = block->bytes + block->used;
    block->used += size;
    return place;
}

static struct slice arena_copy(struct store_memory *store, struct slice bytes)
{
    uint8_t *copy = arena_take(store, bytes.size + 1);
    if (bytes.size > 0) {
        memcpy(copy, bytes.data, bytes.size);
    }
    return slice_make(copy, bytes.size);
}

void store_memory_init(struct store_memory *store)
{
    memset(store, 0, sizeof(*store));
    prng_init(&store->prng, 1);
}

void store_memory_fini(struct store_memory *store)
{
    while (store->arena != NULL) {
        struct arena_block *next = store->arena->next;
        free(store->arena);
        store->arena = next;
    }
    memset(store, 0, sizeof(*store));
}

static uint64_t key_prefix(struct slice key)
{
    uint64_t prefix = 0;
    for (size_t index = 0; index < 8; index++) {
        prefix = prefix << 8 | (index < key.size ? key.data[index] : 0);
    }
    return prefix;
}

static int key_compare(struct slice left, struct slice right)
{
    size_t size = left.size < right.size ? left.size : right.size;
    int order = size == 0 ? 0 : memcmp(left.data, right.data, size);
    return order != 0 ? order : (left.size > right.size) - (left.size < right.size);
}

static bool node_before(const struct store_node *node, uint64_t prefix, struct slice key)
{
    if (node->prefix != prefix) {
        return node->prefix < prefix;
    }
    return key_compare(node->key, key) < 0;
}

/* Returns the first node at or after key; path, if given, gets the links that lead to it. */
static struct store_node *store_seek(const struct store_memory *store, struct slice key,
                                     struct store_node **path[STORE_LEVELS])
{
    uint64_t prefix = key_prefix(key);
    struct store_node *const *links = store->heads;
    for (int level = STORE_LEVELS - 1; level >= 0; level--) {
        while (links[level] != NULL && node_before(links[level], prefix, key)) {
            links = links[level]->next;
        }
        if (path != NULL) {
            path[level] = (struct store_node **)&links[level];
        }
    }
    return links[0];
}

static struct store_node *store_node(struct store_memory *store, struct slice key)
{
    struct store_node **path[STORE_LEVELS];
    struct store_node *node = store_seek(store, key, path);
    if (node != NULL && slice_equal(node->key, key)) {
        return node;
    }
    int levels = 1;
    while (levels < STORE_LEVELS && prng_below(&store->prng, 4) == 0) {
        levels++;
    }
    node = arena_take(store, sizeof(*node) + (size_t)levels * sizeof(node->next[0]));
    node->newest = NULL;
    node->prefix = key_prefix(key);
    node->key = arena_copy(store, key);
    node->levels = levels;
    for (int level = 0; level < levels; level++) {
        node->next[level] = *path[level];
        *path[level] = node;
    }
    store->keys++;
    return node;
}

static const struct store_version *version_at(const struct store_node *node, uint64_t number)
{
    const struct store_version *version = node->newest;
    while (version != NULL && version->number > number) {
        version = version->older;
    }
    return version == NULL || version->deleted ? NULL : version;
}

static int64_t counter_read(const struct store_version *version)
{
    int64_t value = 0;
    if (version != NULL) {
        assert(version->value.size == sizeof(value));
        memcpy(&value, version->value.data, sizeof(value));
    }
    return value;
}

static void store_write(struct store_memory *store, const struct batch_entry *entry,
                        uint64_t number)
{
    struct store_node *node = store_node(store, entry->key);
    struct store_version *version = arena_take(store, sizeof(*version));
    *version = (struct store_version){.older = node->newest, .number = number};
    switch (entry->operation) {
    case BATCH_PUT:
        version->value = arena_copy(store, entry->value);
        break;
    case BATCH_DELETE:
        version->deleted = true;
        break;
    case BATCH_ADD: {
        int64_t amount;
        assert(entry->value.size == sizeof(amount));
        memcpy(&amount, entry->value.data, sizeof(amount));
        amount += counter_read(version_at(node, number));
        version->value = arena_copy(store, slice_make(&amount, sizeof(amount)));
        break;
    }
    }
    node->newest = version;
}

void store_memory_apply(struct store_memory *store, const struct batch *batch)
{
    assert(batch->number > store->applied);
    size_t position = 0;
    struct batch_entry entry;
    while (batch_next(batch, &position, &entry)) {
        store_write(store, &entry, batch->number);
    }
    store->applied = batch->number;
}

void store_memory_skip(struct store_memory *store, uint64_t number)
{
    assert(number > store->applied && store->applied == store->synced);
    store->applied = number;
    store->synced = number;
}

void store_memory_sync(struct store_memory *store)
{
    store->synced = store->applied;
}

void store_memory_crash(struct store_memory *store)
{
    for (struct store_node *node = store->heads[0]; node != NULL; node = node->next[0]) {
        while (node->newest != NULL && node->newest->number > store->synced) {
            node->newest = node->newest->older;
        }
    }
    store->applied = store->synced;
}

void store_memory_open(struct store_memory *store, uint64_t last)
{
    assert(store->applied == store->synced && last <= store->synced);
    store->applied = last;
    store->synced = last;
}

static bool store_get(const struct store_memory *store, struct slice key, uint64_t number,
                      struct slice *value)
{
    struct store_node *node = store_seek(store, key, NULL);
    if (node == NULL || !slice_equal(node->key, key)) {
        return false;
    }
    const struct store_version *version = version_at(node, number);
    if (version == NULL) {
        return false;
    }
    *value = version->value;
    return true;
}

bool store_memory_get(const struct store_memory *store, struct slice key, struct slice *value)
{
    return store_get(store, key, UINT64_MAX, value);
}

bool store_memory_get_durable(const struct store_memory *store, struct slice key,
                              struct slice *value)
{
    return store_get(store, key, store->synced, value);
}

static enum status view_get(struct view *view, struct slice key, struct buffer *value)
{
    struct store_view *self = (struct store_view *)view;
    struct slice found;
    if (!store_get(self->store, key, self->at, &found)) {
        return STATUS_NOT_FOUND;
    }
    buffer_clear(value);
    return buffer_append_slice(value, found);
}

static enum status view_scan(struct view *view, struct slice from, struct slice to,
                             bool (*visit)(void *context, struct slice key, struct slice value),
                             void *context)
{
    struct store_view *self = (struct store_view *)view;
    struct store_node *node = store_seek(self->store, from, NULL);
    for (; node != NULL && key_compare(node->key, to) < 0; node = node->next[0]) {
        const struct store_version *version = version_at(node, self->at);
        if (version != NULL && !visit(context, node->key, version->value)) {
            break;
        }
    }
    return STATUS_OK;
}

void store_view_init(struct store_view *view, const struct store_memory *store, uint64_t at,
                     uint64_t claimed)
{
    static const struct view_methods methods = {view_get, view_scan};
    assert(claimed <= at && at <= store->applied);
    *view = (struct store_view){.view = {&methods, claimed}, .store = store, .at = at};
}
