#ifndef TROUPE_CLI_JOB_PAGE_H
#define TROUPE_CLI_JOB_PAGE_H

/*
 * A page of all users' jobs, by the admin API: how it is asked for, and how its jobs are shown in a
 * table. Does no input or output but messages about words.
 */

#include "cli/document.h"
#include "cli/filter.h"
#include "cli/table.h"

enum {
    JOB_PAGE_MAX = 100, /* jobs of one request */
    JOB_PAGE_PATH_SIZE_MAX = 8192,
};

/* Which jobs are meant. */
struct job_page {
    struct filter filter;
    const char *jobs; /* ids that are asked for, and nothing else; NULL: by the filter. As they were
                       * taken they may be beginnings */
};

/* Takes words: jobId= alone, or what filter_take does. Returns whether they are such, after a
 * message when not. The page is not moved from then on; the words are borrowed. */
bool job_page_take(struct job_page *page, int count, char *const *words, int64_t now_ms);

/* Appends the path of a request, with a NUL at its end. cursor: "" for the newest. Returns OK,
 * TOO_LARGE or NO_MEMORY. */
enum status job_page_path(const struct job_page *page, int64_t limit, const char *cursor,
                          struct buffer *path);

/* Begins a table of jobs, which table_fini ends. */
void job_page_table(struct table *table);

/* Adds a job of an answer to it. */
void job_page_put(struct table *table, const struct document *document, size_t index);

#endif
