#ifndef TROUPE_CLI_FOLLOW_H
#define TROUPE_CLI_FOLLOW_H

/*
 * Follows event streams to the terminal: a progress bar for one job, bars for a batch or pipeline,
 * a line an event for all of a user's, or one JSON object a line. Reconnects and resumes by itself.
 * A client of exactly the streams that everybody gets.
 */

#include "cli/members.h"
#include "cli/session.h"

struct follow_options {
    const char *family; /* as in paths: "media-jobs", "batches", or for whom there is no stream
                         * "admin/jobs", "admin/groups"; NULL: everything of the user */
    const char *job;    /* its id, or a batch's or pipeline's; NULL with family */
    const char *label;  /* what the bar is called; NULL: the family's */
    bool json;
    uint32_t total;                /* jobs of a batch or pipeline; 0: it is one job */
    const struct members *members; /* what these are called, as far as it is known; or NULL */
};

/* Follows until the job has ended (or all of them have), the server refuses, nobody reads the
 * output, or Ctrl-C. Returns an exit code of command.h. */
int follow(struct session *session, const struct follow_options *options);

#endif
