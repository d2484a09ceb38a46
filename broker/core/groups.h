#ifndef TROUPE_BROKER_CORE_GROUPS_H
#define TROUPE_BROKER_CORE_GROUPS_H

/*
 * Which live jobs belong together: groups by id, and a member for each of their jobs. A job of no
 * group has no member, and costs nothing here. A group exists as long as one of its jobs lives;
 * a member as long as its job is in memory. Both are named by small indexes. Embedded by the core.
 */

#include <assert.h>
#include "broker/core/table.h"

struct member {
    struct job_links links;  /* as the store keeps them */
    uint32_t job;            /* slab index; of one that is free: the next free one */
    uint32_t group;          /* JOB_NONE once no job of it lives */
    uint32_t previous, next; /* members of the group, the newest first */
    uint32_t parent;      /* member whose job must complete first; JOB_NONE for none (any more) */
    uint32_t child_first; /* member that waits for this one */
    uint32_t sibling_previous, sibling_next; /* in the list of the parent, or of orphans */
    bool orphan;                             /* its parent's job has ended without success */
};

struct group {
    struct id id;
    uint32_t hash_next; /* of one that is free: the next free one */
    uint32_t first;     /* the newest member whose job lives */
    uint32_t live;      /* members whose job lives */
};

struct groups {
    struct table table; /* by id */
    struct member *members;
    uint32_t member_count, member_capacity; /* handed out so far, free ones included */
    uint32_t member_free, members_used;
    struct group *groups;
    uint32_t group_count, group_capacity;
    uint32_t group_free, groups_used;
    uint32_t orphans; /* first of those whose job must be failed */
};

/* Returns OK or NO_MEMORY; groups_fini is due in either case. */
enum status groups_init(struct groups *groups);
void groups_fini(struct groups *groups);

/* Makes room for one more group and so many members. Members move only here, and with them the
 * links that effects of this step point to. Returns OK or NO_MEMORY. */
enum status groups_reserve(struct groups *groups, uint32_t members);

/* Returns the index of a group with live jobs, or JOB_NONE. */
uint32_t groups_find(const struct groups *groups, const struct id *group);

/* Makes a live job a member of its links' group, which is made when it is not there; room has been
 * reserved. parent: the member that it waits for, or JOB_NONE. Returns the member. */
uint32_t groups_join(struct groups *groups, uint32_t job, const struct job_links *links,
                     uint32_t parent);

/* The member's job has ended: the group does without it, and goes with the last; nor does it wait
 * any more. Its children stay until they are told. */
void groups_leave(struct groups *groups, uint32_t member);

/* The member waits no more, and may be handed to groups_orphan. */
void groups_release(struct groups *groups, uint32_t member);

/* The member waits for what will never be: it is listed to be failed. */
void groups_orphan(struct groups *groups, uint32_t member);

/* The member's job is forgotten. */
void groups_give(struct groups *groups, uint32_t member);

static inline struct member *groups_member(const struct groups *groups, uint32_t index)
{
    assert(index < groups->member_count);
    return &groups->members[index];
}

static inline struct group *groups_group(const struct groups *groups, uint32_t index)
{
    assert(index < groups->group_count);
    return &groups->groups[index];
}

/* Whether the member's job waits for another one, or for its end because that one has none. */
static inline bool groups_waits(const struct groups *groups, uint32_t member)
{
    const struct member *own = groups_member(groups, member);
    return own->parent != JOB_NONE || own->orphan;
}

/* How many jobs of the member's group live. */
static inline uint32_t groups_left(const struct groups *groups, uint32_t member)
{
    uint32_t group = groups_member(groups, member)->group;
    return group == JOB_NONE ? 0 : groups_group(groups, group)->live;
}

#endif
