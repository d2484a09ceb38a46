#ifndef TROUPE_BROKER_SEARCH_H
#define TROUPE_BROKER_SEARCH_H

/*
 * A walk through all users' jobs, newest first, that gives those which a filter lets through, as
 * far as its time goes. Of one group it reads those that the group names, of one owner that one's
 * indexes, otherwise the index by age. A text that is the whole id of a job names that one alone.
 * Pure over a view: whoever walks says when the time is over. Owned by its walker.
 */

#include "broker/job_filter.h"
#include "broker/list_merge.h"

/* When a walk is to stop; asked before each job but its first, and between the looks for the first
 * that is old enough, since a disk may take milliseconds for one. */
struct search_limit {
    bool (*is_over)(void *context);
    void *context;
};

enum search_end {
    SEARCH_FOUND,
    SEARCH_DAMAGED,   /* there is one by its index; of what is given its id and number are good */
    SEARCH_STOPPED,   /* its time was over: go on from search_cursor */
    SEARCH_EXHAUSTED, /* there are no others */
};

struct search;

static inline bool search_goes_on(enum search_end end)
{
    return end == SEARCH_FOUND || end == SEARCH_DAMAGED;
}

/* Begins behind the filter's cursor; filter and limit must outlive the walk. Returns OK, NO_MEMORY,
 * IO, or INVALID for a cursor that is none. */
enum status search_new(struct view *view, const struct message_search_jobs *filter,
                       const struct search_limit *limit, struct search **out);
void search_destroy(struct search **search);

/* Gives the next job, valid until the next call. Returns OK, NO_MEMORY or IO. */
enum status search_next(struct search *search, enum search_end *end, struct job_value *out);

/* Where another walk goes on behind what this one has given. */
void search_cursor(const struct search *search, uint8_t out[LIST_CURSOR_SIZE]);

/* The same as a number: the jobs that were accepted before this one are left. */
uint64_t search_before(const struct search *search);

/* Jobs that lie between where it began and its cursor. */
uint64_t search_scanned(const struct search *search);

#endif
