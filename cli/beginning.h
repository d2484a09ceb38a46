#ifndef TROUPE_CLI_BEGINNING_H
#define TROUPE_CLI_BEGINNING_H

/* An id that is named by its beginning, as tables on narrow terminals show it, in either case.
 * Jobs, batches and pipelines are looked for by the search of the admin API, which goes through all
 * jobs, and for plain users in the lists of their own. Where several begin so it is said which. */

#include "base/id.h"
#include "cli/filter.h"
#include "cli/session.h"

/* What has ids: workers, operations. */
struct beginning_list {
    const char *path;   /* of the request that lists them */
    const char *list;   /* where its answer has them: data.workers */
    const char *member; /* of each, its id */
    const char *about;  /* and what is told of it where it is one of several */
    const char *name;   /* of one of them, for messages */
};

/* Takes a whole id, and of its beginning asks the server for the only one that has it.
 * Returns an exit code of command.h, after a message unless it is EXIT_CODE_OK. */
int beginning_find(struct session *session, const struct beginning_list *of, const char *word,
                   char out[ID_TEXT_SIZE]);

/* What is looked for, and to what. */
enum beginning_use {
    BEGINNING_READS,       /* a job, batch or pipeline: one of the newest is enough where there are
                            * too many jobs to look at all */
    BEGINNING_READS_JOB,   /* the same with jobs alone */
    BEGINNING_CHANGES,     /* a job, batch or pipeline: it must be the only one of all */
    BEGINNING_CHANGES_JOB, /* the same with jobs alone */
    BEGINNING_READS_GROUP, /* a batch or pipeline: one of those of the newest jobs is enough */
    BEGINNING_CHANGES_GROUP, /* the same: it must be the only one of all */
};

/* Does the same with a job or delivery of anybody's, or a batch or pipeline of them, for whom sees
 * all (session.h), and for others with their own where that is neither of jobs nor of groups alone,
 * which only admins and viewers name: there may be many, through which it goes for seconds at most.
 */
int beginning_find_job(struct session *session, const char *word, enum beginning_use use,
                       char out[ID_TEXT_SIZE]);

/* Does the same with the batch or pipeline whose jobs a filter means, if it does. out: kept as long
 * as the filter. */
int beginning_find_group(struct session *session, struct filter *filter, enum beginning_use use,
                         char out[ID_TEXT_SIZE]);

/* Whether a word may be an id or the beginning of one, after a message when not. */
bool beginning_is(const char *word);

#endif
