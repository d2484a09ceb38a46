#ifndef TROUPE_CLI_FAILURE_LIST_H
#define TROUPE_CLI_FAILURE_LIST_H

/*
 * The pages of GET /api/v1/admin/failures as one list: a group that is on several pages is one, and
 * its counts add up. Pure but for allocation; owned by who asks for the pages.
 */

#include "base/json_writer.h"
#include "cli/document.h"
#include "cli/table.h"

enum {
    FAILURE_GROUPS_MAX = 1000, /* that are kept: 2 MB; jobs of others are counted as such */
};

struct failure_list;

/* Returns OK or NO_MEMORY. */
enum status failure_list_new(struct failure_list **out);
void failure_list_destroy(struct failure_list **list);

/* Adds an answer's groups. */
void failure_list_add(struct failure_list *list, const struct document *document);

/* The groups with the most jobs come first, and of equals those that failed last. */
void failure_list_sort(struct failure_list *list);

/* Failed jobs in all, and those that are in none of the first `limit` groups. */
int64_t failure_list_jobs(const struct failure_list *list);
int64_t failure_list_others(const struct failure_list *list, size_t limit);

/* The columns of a table, ended by NULL, and the first `limit` groups as its rows. is_below: a
 * group's id, which has no room in a row, stands before its message: the names are names_below. */
extern const char *const failure_list_names[];
extern const char *const failure_list_names_below[];
void failure_list_put(const struct failure_list *list, size_t limit, bool is_below,
                      struct table *table);

/* Writes the members of an object: "groups": […], "jobs", "others". */
void failure_list_write(const struct failure_list *list, size_t limit, struct json_writer *writer);

#endif
