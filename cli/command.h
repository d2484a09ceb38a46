#ifndef TROUPE_CLI_COMMAND_H
#define TROUPE_CLI_COMMAND_H

/*
 * The commands of `troupe`: each takes the words after its own name and returns the exit code. Exit
 * codes are the same for all of them.
 */

#include <stdbool.h>
#include <stdint.h>

enum {
    EXIT_CODE_OK = 0,
    EXIT_CODE_FAILED = 1,        /* it could not be done: no connection, an error of the server */
    EXIT_CODE_USAGE = 2,         /* bad words or settings */
    EXIT_CODE_IN_USE = 3,        /* up: the port or the data directory is taken */
    EXIT_CODE_REFUSED = 4,       /* the server refused the request (HTTP 4xx, 507) */
    EXIT_CODE_JOB_FAILED = 5,    /* tail, submit --follow: the job, or one of them, failed */
    EXIT_CODE_JOB_CANCELLED = 6, /* tail, submit --follow: the job was cancelled; operations
                                  * --follow: the operation was stopped */
    EXIT_CODE_INTERRUPTED = 130, /* Ctrl-C */
};

/* How each is used: what --help prints, and what bad words are answered with. */
extern const char usage_up[];
extern const char usage_init[];
extern const char usage_ping[];
extern const char usage_token[];
extern const char usage_submit[];
extern const char usage_show[];
extern const char usage_tail[];
extern const char usage_cancel[];
extern const char usage_retry[];
extern const char usage_duplicate[];
extern const char usage_promote[];
extern const char usage_priority[];
extern const char usage_remove[];
extern const char usage_delete[];
extern const char usage_characters[];
extern const char usage_media[];
extern const char usage_doctor[];
extern const char usage_complete[];
extern const char usage_backup[];
extern const char usage_restore[];
extern const char usage_restart[];
extern const char usage_queues[];
extern const char usage_workers[];
extern const char usage_jobs[];
extern const char usage_failures[];
extern const char usage_operations[];
extern const char usage_history[];
extern const char usage_top[];
extern const char usage_pause[];
extern const char usage_resume[];
extern const char usage_drain[];
extern const char usage_audit[];
extern const char usage_users[];
extern const char usage_providers[];
extern const char usage_usage[];
extern const char usage_system[];
extern const char usage_webhooks[];

int command_up(int count, char **words);
int command_init(int count, char **words);
int command_ping(int count, char **words);
int command_token(int count, char **words);
int command_submit(int count, char **words);
int command_show(int count, char **words);
int command_tail(int count, char **words);
int command_cancel(int count, char **words);
int command_retry(int count, char **words);
int command_duplicate(int count, char **words);
int command_promote(int count, char **words);
int command_priority(int count, char **words);
int command_remove(int count, char **words);
int command_delete(int count, char **words);
int command_characters(int count, char **words);
int command_media(int count, char **words);
int command_doctor(int count, char **words);
int command_complete(int count, char **words);
int command_backup(int count, char **words);
int command_restore(int count, char **words);
int command_restart(int count, char **words);
int command_queues(int count, char **words);
int command_workers(int count, char **words);
int command_jobs(int count, char **words);
int command_failures(int count, char **words);
int command_operations(int count, char **words);
int command_history(int count, char **words);
int command_top(int count, char **words);
int command_pause(int count, char **words);
int command_resume(int count, char **words);
int command_drain(int count, char **words);
int command_audit(int count, char **words);
int command_users(int count, char **words);
int command_providers(int count, char **words);
int command_usage(int count, char **words);
int command_system(int count, char **words);
int command_webhooks(int count, char **words);

/* ---- reading the words (options.c) ---- */

struct option_rule {
    const char *name;   /* "--port" */
    const char **value; /* set to the next word; NULL for a flag */
    bool *flag;         /* set to true; NULL for a value */
};

/* Takes the options out of words and leaves the others in order. Returns how many others there are,
 * or -1 after a message about an unknown option or a missing value. `--` ends the options. */
int options_take(int count, char **words, const struct option_rule *rules, int rules_count);

/* Whether --help or -h is among the words, before a `--`. */
bool options_ask_help(int count, char *const *words);

/* Reads the whole number from min to max that an option was given. Returns whether it is one, after
 * a message when not. */
bool options_number(const char *option, const char *value, int64_t min, int64_t max, int64_t *out);

/* Whether a value is one of the words that what is called so may be, a list that NULL ends, after a
 * message with that list when not. */
bool options_word(const char *name, const char *value, const char *const *words);

/* Says how a command is used. Returns EXIT_CODE_USAGE. */
int options_bad(const char *usage);

/* The same after a line that says what is missing or too much, as printf would. */
int options_wrong(const char *usage, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same where a command takes from min to max words of its own, which are called by what, and
 * was given so many others. count: as options_take returned it, which has told what is wrong where
 * it is negative. words: those. */
int options_words(const char *usage, const char *what, int min, int max, int count,
                  char *const *words);

#endif
