#include "broker/core/users.h"

#include <stdlib.h>

enum {
    USERS_CAPACITY_FIRST = 64,
};

_Static_assert(OWNER_SIZE_MAX <= UINT8_MAX, "an owner's size is kept in one byte");

static uint32_t *user_next(void *context, uint32_t index)
{
    return &users_user(context, index)->hash_next;
}

static uint64_t user_hash(void *context, uint32_t index)
{
    return hash_slice(user_owner(users_user(context, index)), 0);
}

static const struct table_methods users_methods = {.next = user_next, .hash = user_hash};

enum status users_init(struct users *users)
{
    *users = (struct users){.free_first = JOB_NONE};
    return table_init(&users->table, &users_methods);
}

void users_fini(struct users *users)
{
    for (uint32_t bucket = 0; bucket < users->table.count; bucket++) {
        uint32_t index = users->table.buckets == NULL ? JOB_NONE : users->table.buckets[bucket];
        while (index != JOB_NONE) {
            struct user *user = users_user(users, index);
            index = user->hash_next;
            free(user);
        }
    }
    free(users->slots);
    table_fini(&users->table);
    *users = (struct users){.free_first = JOB_NONE};
}

uint32_t users_find(const struct users *users, struct slice owner)
{
    uint32_t index = table_first(&users->table, hash_slice(owner, 0));
    while (index != JOB_NONE && !slice_equal(user_owner(users_user(users, index)), owner)) {
        index = users_user(users, index)->hash_next;
    }
    return index;
}

static enum status reserve_slot(struct users *users)
{
    if (users->free_first != JOB_NONE || users->count < users->capacity) {
        return STATUS_OK;
    }
    uint32_t capacity = users->capacity == 0 ? USERS_CAPACITY_FIRST : users->capacity * 2;
    union user_slot *slots = realloc(users->slots, capacity * sizeof(*slots));
    if (slots == NULL) {
        return STATUS_NO_MEMORY;
    }
    users->slots = slots;
    users->capacity = capacity;
    return STATUS_OK;
}

static struct user *user_new(struct slice owner)
{
    struct user *user = calloc(1, sizeof(*user) + owner.size);
    if (user == NULL) {
        return NULL;
    }
    user->hash_next = JOB_NONE;
    user->endpoints = JOB_NONE;
    user->spent_day = DAY_NONE;
    user->spender_previous = JOB_NONE;
    user->spender_next = JOB_NONE;
    user->owner_size = (uint8_t)owner.size;
    memcpy(user->owner, owner.data, owner.size);
    for (uint32_t kind = 0; kind < JOB_KIND_COUNT; kind++) {
        order_init(&user->queues[kind].order);
        user->queues[kind].next = JOB_NONE;
        user->queues[kind].previous = JOB_NONE;
    }
    return user;
}

enum status users_take(struct users *users, struct slice owner, uint32_t *out)
{
    assert(owner.size > 0);
    assert(owner.size <= OWNER_SIZE_MAX);
    uint32_t index = users_find(users, owner);
    if (index == JOB_NONE) {
        if (reserve_slot(users) != STATUS_OK ||
            table_reserve(&users->table, users->table.entries + 1) != STATUS_OK) {
            return STATUS_NO_MEMORY;
        }
        struct user *user = user_new(owner);
        if (user == NULL) {
            return STATUS_NO_MEMORY;
        }
        index = users->free_first;
        if (index == JOB_NONE) {
            index = users->count++;
        } else {
            users->free_first = (uint32_t)(users->slots[index].free_next >> 1);
        }
        users->slots[index].user = user;
        table_put(&users->table, users, index);
    }
    users_user(users, index)->references++;
    *out = index;
    return STATUS_OK;
}

void users_give(struct users *users, uint32_t index)
{
    struct user *user = users_user(users, index);
    assert(user->references > 0);
    user->references--;
    if (user->references > 0) {
        return;
    }
    table_remove(&users->table, users, index);
    free(user);
    users->slots[index] = (union user_slot){.free_next = (uint64_t)users->free_first << 1 | 1};
    users->free_first = index;
}
