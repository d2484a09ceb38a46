#ifndef TROUPE_CLI_OPERATION_FOLLOW_H
#define TROUPE_CLI_OPERATION_FOLLOW_H

/* An operation upon many jobs as it goes on, for who began it and for who only looks. */

#include "cli/session.h"

enum {
    OPERATION_PATH_SIZE = 256,
    OPERATION_WHERE_SIZE = 4096, /* bytes, the NUL included; more is cut */
};

#define OPERATIONS_PATH "/api/v1/admin/operations"

/* What Ctrl-C does. */
enum operation_part {
    OPERATION_PART_OWNER,   /* stops it; the second one ends the following */
    OPERATION_PART_WATCHER, /* ends the following; the operation goes on */
};

/* Has Ctrl-C wait until it is asked for, also while an answer is awaited (terminal_is_ending).
 * Returns a descriptor to be closed, or -1. */
int operation_signals(void);

/* Asks how far an operation is until it is over, and draws that on a terminal. Returns an exit code
 * of command.h, after a message: OK when it came to its end; of one that was stopped INTERRUPTED to
 * its owner and JOB_CANCELLED to a watcher; INTERRUPTED when the following ended before. answer:
 * the last one; the caller owns its document in every case. */
int operation_follow(struct session *session, const char *id, enum operation_part part, int signals,
                     struct client_answer *answer);

/* Writes which jobs the operation at a path of an answer is of: its filter as `troupe jobs` takes
 * it (but for a value with a quote), how many were named, or "" when that is not known. Returns
 * out. */
const char *operation_where(const struct document *document, const char *path,
                            char out[OPERATION_WHERE_SIZE]);

/* Prints what is known of one, a row each, or as JSON. Returns an exit code. */
int operation_print(const struct document *document, bool json);

#endif
