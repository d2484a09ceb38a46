#ifndef TROUPE_CLI_CHILD_H
#define TROUPE_CLI_CHILD_H

/*
 * One supervised process of `troupe up`: started, watched through its standard output (one ready
 * line) and started again when it dies. Embedded by the supervisor; the environment and arguments
 * are built by up.c.
 */

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include "base/buffer.h"

enum {
    CHILD_ENVIRONMENT_MAX = 24,
    CHILD_SETTING_SIZE_MAX = 4608, /* bytes of one NAME=value, the NUL included */
    CHILD_LINE_SIZE_MAX = 512,     /* bytes of a ready line that are looked at */
    CHILD_EARLY_MS = 1000,         /* one that dies sooner after its start waits before the next */
    CHILD_DELAY_MIN_MS = 100,
    CHILD_DELAY_MAX_MS = 10000,
};

/* Whether a child is started without a variable of our own environment. */
typedef bool child_hides(const void *context, const char *name);

struct child {
    const char *name; /* of the program, for messages; a literal */
    char path[4096];
    char settings[CHILD_ENVIRONMENT_MAX][CHILD_SETTING_SIZE_MAX]; /* added to our own environment */
    int settings_count;
    child_hides *hides; /* NULL: it gets all of our own environment */
    const void *hides_context;
    char *arguments[4]; /* after the program's name; ends with NULL; borrowed */
    int inherited;      /* descriptor that it gets as one of socket activation, -1 for none */
    bool says_all;      /* what it writes to standard error is output, too */
    bool stays;         /* at a restart it is left as it is */
    bool overlaps;  /* at a restart the new process is ready before the old one is told to end */
    pid_t pid;      /* 0 while it does not run */
    pid_t retiring; /* of the process whose place it has taken; 0 once that has ended */
    bool retiring_told; /* to end: a second signal would end it at once */
    int output;         /* read end of its standard output, -1 for none */
    char line[CHILD_LINE_SIZE_MAX];
    size_t line_size;
    char ready_line[CHILD_LINE_SIZE_MAX]; /* its first line; empty before */
    bool ready;                           /* since its last start */
    bool ready_ever;
    int64_t started_ms;
    int64_t start_at_ms; /* when to start it (again) while it does not run */
    int64_t delay_ms;
    int exit_code; /* of its last end; 128 + signal when killed by one */
};

/* Prepares a child that is to be started at once. */
void child_init(struct child *child, const char *name, const char *directory);

/* Sets NAME=value in its environment, in place of an earlier one. A value that does not fit, or one
 * too many, is our bug. */
void child_set(struct child *child, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Starts it: it gets SIGTERM when this process dies, an empty signal mask and the usual SIGPIPE,
 * and takes no harm of a SIGUSR2 before it knows that signal. Returns OK or IO (after a log
 * line). */
enum status child_start(struct child *child, int64_t now_ms);

/* Reads what it wrote; its first line makes it ready. */
void child_read(struct child *child);

/* Makes room for a new process beside the one that runs, which goes on as the retiring one. */
void child_retire(struct child *child, int64_t now_ms);

/* With what a process has ended, as waitpid(2) tells it: 128 + signal when killed by one. */
int child_exit_code(int wait_status);

/* Notes its end, and when it is to be started again. */
void child_ended(struct child *child, int wait_status, int64_t now_ms);

/* Brings both of its processes to this process's level of the log; a new one when it is ready. */
void child_tell_level(const struct child *child);

/* To both of its processes; SIGTERM once only to the one that retires. */
void child_signal(const struct child *child, int signal_number);

/* Tells what has been told to end that it is to wait for nothing more: a second SIGTERM. */
void child_hurry(const struct child *child);

#endif
