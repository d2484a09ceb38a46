#ifndef TROUPE_CLI_OPERATION_H
#define TROUPE_CLI_OPERATION_H

/* An action on many jobs, which the broker does in the background: on all that a search would find,
 * or on some. */

#include <stdbool.h>
#include <stdint.h>

enum {
    OPERATION_JOBS_MAX = 1000,     /* that can be named: as many as the API takes */
    OPERATION_BEGINNINGS_MAX = 20, /* of them by beginnings, each of which is looked for */
};

struct operation_options {
    const char *data, *user;
    bool json;
    bool all;         /* every job is meant when no filter says which */
    int64_t priority; /* of the action of that name; 0 for the others */
};

/* Begins it with words NAME=VALUE (filter.h), follows it to its end and prints what became of it;
 * Ctrl-C stops it, and ends this when nobody answers or when it is pressed again. usage is the
 * answer to other words. Returns an exit code of command.h. */
int operation_perform(const char *usage, const char *action,
                      const struct operation_options *options, int count, char **words);

/* The same with jobs that are named by their ids, or beginnings of them (beginning.h). */
int operation_perform_on_jobs(const char *action, const struct operation_options *options,
                              int count, char *const *jobs);

#endif
