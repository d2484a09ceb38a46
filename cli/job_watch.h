#ifndef TROUPE_CLI_JOB_WATCH_H
#define TROUPE_CLI_JOB_WATCH_H

/* `troupe jobs --watch`: the newest of all users' jobs that match, live. */

#include "cli/session.h"

struct job_watch {
    int count; /* of the words */
    char *const *words;
    const char *group; /* the whole id that groupId= means, or NULL */
    int64_t limit;     /* jobs; 0: as many as the terminal has room for */
    bool json;         /* an object a line for each answer, in the place of a view */
};

/* Shows what the words, which were taken once (job_page.h), mean now: times ago go with the time.
 * Until q, Ctrl-C, a failure, or nobody reads it. Returns an exit code: 0 after q and Ctrl-C. */
int job_watch(struct session *session, const struct job_watch *wish);

#endif
