#include "broker/core/groups.h"

#include <stdlib.h>
#include <string.h>

enum {
    GROUPS_CAPACITY_FIRST = 64,
};

static uint32_t *group_next(void *context, uint32_t index)
{
    return &groups_group(context, index)->hash_next;
}

static uint64_t group_hash(void *context, uint32_t index)
{
    return hash_id(&groups_group(context, index)->id);
}

static const struct table_methods groups_methods = {.next = group_next, .hash = group_hash};

enum status groups_init(struct groups *groups)
{
    *groups = (struct groups){.member_free = JOB_NONE, .group_free = JOB_NONE, .orphans = JOB_NONE};
    return table_init(&groups->table, &groups_methods);
}

void groups_fini(struct groups *groups)
{
    free(groups->members);
    free(groups->groups);
    table_fini(&groups->table);
    *groups = (struct groups){.member_free = JOB_NONE, .group_free = JOB_NONE, .orphans = JOB_NONE};
}

/* Makes an array large enough for `wanted` entries in use. */
static enum status grow(void **items, uint32_t *capacity, uint32_t wanted, size_t size)
{
    uint32_t larger = *capacity == 0 ? GROUPS_CAPACITY_FIRST : *capacity;
    if (wanted <= *capacity) {
        return STATUS_OK;
    }
    while (larger < wanted) {
        larger *= 2;
    }
    void *grown = realloc(*items, larger * size);
    if (grown == NULL) {
        return STATUS_NO_MEMORY;
    }
    *items = grown;
    *capacity = larger;
    return STATUS_OK;
}

enum status groups_reserve(struct groups *groups, uint32_t members)
{
    enum status status = grow((void **)&groups->members, &groups->member_capacity,
                              groups->members_used + members, sizeof groups->members[0]);
    if (status == STATUS_OK) {
        status = grow((void **)&groups->groups, &groups->group_capacity, groups->groups_used + 1,
                      sizeof groups->groups[0]);
    }
    return status == STATUS_OK ? table_reserve(&groups->table, groups->table.entries + 1) : status;
}

uint32_t groups_find(const struct groups *groups, const struct id *group)
{
    uint32_t index = table_first(&groups->table, hash_id(group));
    while (index != JOB_NONE && !id_equal(&groups_group(groups, index)->id, group)) {
        index = groups_group(groups, index)->hash_next;
    }
    return index;
}

static uint32_t take_group(struct groups *groups, const struct id *id)
{
    uint32_t index = groups->group_free;
    if (index == JOB_NONE) {
        index = groups->group_count++;
        assert(index < groups->group_capacity);
    } else {
        groups->group_free = groups_group(groups, index)->hash_next;
    }
    groups->groups_used++;
    groups->groups[index] = (struct group){.id = *id, .hash_next = JOB_NONE, .first = JOB_NONE};
    table_put(&groups->table, groups, index);
    return index;
}

static void give_group(struct groups *groups, uint32_t index)
{
    struct group *group = groups_group(groups, index);
    assert(group->first == JOB_NONE);
    table_remove(&groups->table, groups, index);
    group->hash_next = groups->group_free;
    groups->group_free = index;
    groups->groups_used--;
}

static uint32_t take_member(struct groups *groups)
{
    uint32_t index = groups->member_free;
    if (index == JOB_NONE) {
        index = groups->member_count++;
        assert(index < groups->member_capacity);
    } else {
        groups->member_free = groups_member(groups, index)->job;
    }
    groups->members_used++;
    return index;
}

/* ---- who waits for whom ---- */

static void sibling_put(struct groups *groups, uint32_t *first, uint32_t index)
{
    struct member *member = groups_member(groups, index);
    member->sibling_previous = JOB_NONE;
    member->sibling_next = *first;
    if (*first != JOB_NONE) {
        groups_member(groups, *first)->sibling_previous = index;
    }
    *first = index;
}

static void sibling_remove(struct groups *groups, uint32_t *first, uint32_t index)
{
    struct member *member = groups_member(groups, index);
    if (member->sibling_previous == JOB_NONE) {
        assert(*first == index);
        *first = member->sibling_next;
    } else {
        groups_member(groups, member->sibling_previous)->sibling_next = member->sibling_next;
    }
    if (member->sibling_next != JOB_NONE) {
        groups_member(groups, member->sibling_next)->sibling_previous = member->sibling_previous;
    }
}

void groups_release(struct groups *groups, uint32_t index)
{
    struct member *member = groups_member(groups, index);
    if (member->parent != JOB_NONE) {
        sibling_remove(groups, &groups_member(groups, member->parent)->child_first, index);
    } else if (member->orphan) {
        sibling_remove(groups, &groups->orphans, index);
    }
    member->parent = JOB_NONE;
    member->orphan = false;
}

void groups_orphan(struct groups *groups, uint32_t index)
{
    struct member *member = groups_member(groups, index);
    assert(member->parent == JOB_NONE && !member->orphan);
    member->orphan = true;
    sibling_put(groups, &groups->orphans, index);
}

/* ---- members ---- */

uint32_t groups_join(struct groups *groups, uint32_t job, const struct job_links *links,
                     uint32_t parent)
{
    assert(!id_is_zero(&links->group));
    uint32_t index = take_member(groups);
    uint32_t group_index = groups_find(groups, &links->group);
    if (group_index == JOB_NONE) {
        group_index = take_group(groups, &links->group);
    }
    struct group *group = groups_group(groups, group_index);
    groups->members[index] = (struct member){
        .links = *links,
        .job = job,
        .group = group_index,
        .previous = JOB_NONE,
        .next = group->first,
        .parent = parent,
        .child_first = JOB_NONE,
        .sibling_previous = JOB_NONE,
        .sibling_next = JOB_NONE,
    };
    if (parent != JOB_NONE) {
        sibling_put(groups, &groups_member(groups, parent)->child_first, index);
    }
    if (group->first != JOB_NONE) {
        groups_member(groups, group->first)->previous = index;
    }
    group->first = index;
    group->live++;
    return index;
}

void groups_leave(struct groups *groups, uint32_t index)
{
    struct member *member = groups_member(groups, index);
    struct group *group = groups_group(groups, member->group);
    assert(group->live > 0);
    groups_release(groups, index);
    if (member->previous == JOB_NONE) {
        assert(group->first == index);
        group->first = member->next;
    } else {
        groups_member(groups, member->previous)->next = member->next;
    }
    if (member->next != JOB_NONE) {
        groups_member(groups, member->next)->previous = member->previous;
    }
    group->live--;
    if (group->live == 0) {
        give_group(groups, member->group);
        member->group = JOB_NONE;
    }
}

void groups_give(struct groups *groups, uint32_t index)
{
    struct member *member = groups_member(groups, index);
    member->job = groups->member_free;
    groups->member_free = index;
    groups->members_used--;
}
