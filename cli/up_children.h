#ifndef TROUPE_CLI_UP_CHILDREN_H
#define TROUPE_CLI_UP_CHILDREN_H

/*
 * The programs of `troupe up`: which ones run, with which settings, and what each may know. Starts
 * none of them: that is the supervisor's. Embedded by its owner, zeroed before it is prepared.
 */

#include "cli/secrets.h"
#include "cli/supervisor.h"
#include "cli/up_options.h"

struct up_children {
    const struct up_options *options;
    const char *run;              /* the directory of the sockets */
    char programs[PATH_SIZE_MAX]; /* that of this program and the others */
    struct document *providers;   /* the file that names them; NULL without one */
    struct secrets of_actors, of_gateway, of_others;
    struct child broker;
    struct child gateway;
    struct child studio;
    struct child *actors;
    int actor_count;
};

/* Decides on them and hands them to the supervisor. options and run are borrowed; listener: the
 * gateway's socket. Returns an exit code of command.h, after a message unless it is 0. */
int up_children_prepare(struct up_children *children, const struct up_options *options,
                        const char *run, int listener, struct supervisor *supervisor);
void up_children_fini(struct up_children *children);

/* Whether the programs take their settings: EXIT_CODE_OK, or EXIT_CODE_USAGE after a message. */
int up_children_check(struct up_children *children, const struct supervisor *supervisor);

/* Reads anew which variables hold keys, before all are restarted. */
void up_children_read_providers(struct up_children *children);

/* Whether a child may start now (supervisor_hooks.may_start); completes its settings. */
bool up_children_may_start(struct up_children *children, struct child *child);

/* Where the gateway says that it is; NULL before it has said so. */
const char *up_children_address(const struct up_children *children);

#endif
