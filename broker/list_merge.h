#ifndef TROUPE_BROKER_LIST_MERGE_H
#define TROUPE_BROKER_LIST_MERGE_H

/*
 * Several listing indexes read as one, newest first. Pure; embedded in a query, zeroed before the
 * first source is added.
 */

#include "broker/list_source.h"

enum {
    MERGE_SOURCES_MAX = FAMILY_COUNT * 3 + JOB_KIND_COUNT,
};

struct merge {
    uint32_t count;
    struct source sources[MERGE_SOURCES_MAX];
};

/* Adds the indexes of one owner, from the newest entry before `before`: the listing index when all
 * states are wanted, otherwise one index for each terminal state and the live index. kinds and
 * states are bit sets; of deliveries there are only live ones. */
void merge_add_owner(struct merge *merge, struct slice owner, uint8_t kinds, uint8_t states,
                     uint64_t before);

/* Adds the index of all jobs by age. */
void merge_add_age(struct merge *merge, uint8_t kinds, uint8_t states, uint64_t before);

/* Adds the jobs of a group, of all kinds and in all states. */
void merge_add_group(struct merge *merge, const struct id *group, uint64_t before);

/* From now on no take reads more than one scan of each source: it may find nothing though there is
 * more. */
void merge_make_hasty(struct merge *merge);

/* Takes the newest entry; *live: it is of a live index. *found is false at the end, or after haste.
 * Returns OK or IO. */
enum status merge_take(struct merge *merge, struct view *view, struct source_entry *out, bool *live,
                       bool *found);

/* Whether every source was read to its end and all of its entries were taken. */
bool merge_is_exhausted(const struct merge *merge);

/* Every entry from here on up has been taken or passed over: where another merge goes on. */
uint64_t merge_before(const struct merge *merge);

/* Index entries looked at, and those of them that lie at merge_before or above. */
uint64_t merge_scanned(const struct merge *merge);
uint64_t merge_passed(const struct merge *merge);

#endif
