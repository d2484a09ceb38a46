#ifndef TROUPE_CLI_COMMAND_H
#define TROUPE_CLI_COMMAND_H

/*
 * The commands of `troupe`: each takes the words after its own name and returns the exit code. Exit
 * codes are the same for all of them.
 */

#include <stdbool.h>

enum {
    EXIT_CODE_OK = 0,
    EXIT_CODE_FAILED = 1,        /* it could not be done: no connection, an error of the server */
    EXIT_CODE_USAGE = 2,         /* bad words or settings */
    EXIT_CODE_IN_USE = 3,        /* up: the port or the data directory is taken */
    EXIT_CODE_REFUSED = 4,       /* the server refused the request (HTTP 4xx) */
    EXIT_CODE_JOB_FAILED = 5,    /* tail, submit --follow: the job failed */
    EXIT_CODE_JOB_CANCELLED = 6, /* tail, submit --follow: the job was cancelled */
    EXIT_CODE_INTERRUPTED = 130, /* Ctrl-C */
};

int command_up(int count, char **words);
int command_init(int count, char **words);
int command_ping(int count, char **words);
int command_token(int count, char **words);
int command_submit(int count, char **words);
int command_show(int count, char **words);
int command_tail(int count, char **words);
int command_cancel(int count, char **words);

/* ---- reading the words (options.c) ---- */

struct option_rule {
    const char *name;   /* "--port" */
    const char **value; /* set to the next word; NULL for a flag */
    bool *flag;         /* set to true; NULL for a value */
};

/* Takes the options out of words and leaves the others in order. Returns how many others there are,
 * or -1 after a message about an unknown option or a missing value. `--` ends the options. */
int options_take(int count, char **words, const struct option_rule *rules, int rules_count);

#endif
