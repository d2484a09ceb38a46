#ifndef TROUPE_CLI_SUPERVISOR_H
#define TROUPE_CLI_SUPERVISOR_H

/*
 * Runs the children of `troupe up` until SIGTERM or SIGINT: starts them, starts them again when
 * they die, and stops them in order. Knows nothing of what they do. One thread, one poll loop.
 */

#include "cli/child.h"

enum {
    SUPERVISOR_CHILDREN_MAX = 260, /* four roles of up to 64 actors, and the others */
    STOP_MS = 20000,               /* for each group of children to end before it is killed ... */
    HURRY_MS = 2000,               /* ... and is told so much earlier to wait for nothing more */
};

/* What the supervisor asks of its owner. */
struct supervisor_hooks {
    /* Whether a child may start now (it may wait for another's ready line); may complete the
     * child's settings. */
    bool (*may_start)(void *context, struct child *child);
    /* Called after each turn of the loop until it returns true: the stack answers. */
    bool (*ready)(void *context);
    /* Called when the stop begins, before a restart of all begins, and when it has ended. */
    void (*stopping)(void *context);
    void (*restarting)(void *context);
    void (*restarted)(void *context);
    /* Called when a restart of all, of so many children, comes to this one. */
    void (*child_restarting)(void *context, const struct child *child, int count);
    /* Called for each process of a child that was started, or has ended, which the supervisor
     * wanted or not; exit_code is as in struct child. */
    void (*child_started)(void *context, const struct child *child);
    void (*child_ended)(void *context, const struct child *child, pid_t pid, int exit_code);
    void *context;
};

struct supervisor {
    struct child *children[SUPERVISOR_CHILDREN_MAX];
    int children_count;
    int last_to_stop; /* the first so many children are stopped after all others have ended */
    int signals;      /* signalfd, -1 before supervisor_init */
    bool ready;
    int restarting;  /* the child that is being restarted, as many as there are for none */
    pid_t restarted; /* its process before, 0 when it was not told to end yet */
    bool again;      /* a restart was asked for while one was under way */
    struct supervisor_hooks hooks;
};

/* Blocks the signals that it handles. Returns OK or IO. */
enum status supervisor_init(struct supervisor *supervisor, struct supervisor_hooks hooks);
void supervisor_fini(struct supervisor *supervisor);

void supervisor_add(struct supervisor *supervisor, struct child *child);

/* Runs until a stop signal; SIGUSR1 restarts the children one after another, each when the one
 * before it is ready, and SIGUSR2 switches the level of the log, of all of them and of what is
 * started later. Returns the exit code: 0 after a clean stop, or that of a child which ended with 2
 * or 3 (bad settings, address or data in use) before it was ever ready: starting it again cannot
 * help. Stops all children. */
int supervisor_run(struct supervisor *supervisor);

#endif
