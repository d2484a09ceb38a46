/* `troupe`: the command line. This file is the table of commands. */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/log.h"
#include "base/settings.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/terminal.h"
#include "cli/terminal_text.h"
#include "base/words.h"

/* What the commands are for, in the order of the table. */
enum group {
    GROUP_STACK,
    GROUP_JOBS,
    GROUP_QUEUE,
};

static const char *const groups[] = {
    [GROUP_STACK] = "the stack of this machine",
    [GROUP_JOBS] = "jobs, and what they make",
    [GROUP_QUEUE] = "the queue, as an admin",
};

static const struct {
    const char *name;
    int (*run)(int count, char **words);
    const char *help;
    const char *usage;
    enum group group;
} commands[] = {
    {"up", command_up, "run the whole stack here, until Ctrl-C", usage_up, GROUP_STACK},
    {"restart", command_restart, "restart the programs of `up` without failing a request",
     usage_restart, GROUP_STACK},
    {"restore", command_restore, "put a backup in the place of a stopped stack's store",
     usage_restore, GROUP_STACK},
    {"init", command_init, "lay out a data directory, with its secret", usage_init, GROUP_STACK},
    {"token", command_token, "print a bearer token for a user", usage_token, GROUP_STACK},
    {"doctor", command_doctor, "check the hosted providers: addresses, keys, models, clocks",
     usage_doctor, GROUP_STACK},
    {"ping", command_ping, "ask an address whether it is well", usage_ping, GROUP_STACK},
    {"complete", command_complete, "list what a word may be, for the shells", usage_complete,
     GROUP_STACK},
    {"submit", command_submit, "queue a character, a picture, a video, a batch or a pipeline",
     usage_submit, GROUP_JOBS},
    {"show", command_show, "print a job, batch, pipeline, character or media entry", usage_show,
     GROUP_JOBS},
    {"tail", command_tail, "follow a job, batch or pipeline, or everything of yours, live",
     usage_tail, GROUP_JOBS},
    {"cancel", command_cancel, "cancel a job, batch or pipeline", usage_cancel, GROUP_JOBS},
    {"retry", command_retry, "try a failed or cancelled job again", usage_retry, GROUP_JOBS},
    {"characters", command_characters, "your characters, and the portrait of each",
     usage_characters, GROUP_JOBS},
    {"media", command_media, "the pictures and videos of a character", usage_media, GROUP_JOBS},
    {"delete", command_delete, "delete a character or a media entry, for good", usage_delete,
     GROUP_JOBS},
    {"webhooks", command_webhooks, "your webhooks, and what was delivered to them", usage_webhooks,
     GROUP_JOBS},
    {"usage", command_usage, "what was spent, and what is left of the budget", usage_usage,
     GROUP_JOBS},
    {"queues", command_queues, "what is in the queues, live on a terminal", usage_queues,
     GROUP_QUEUE},
    {"workers", command_workers, "the workers, and what each of them does", usage_workers,
     GROUP_QUEUE},
    {"top", command_top, "queues and workers, live", usage_top, GROUP_QUEUE},
    {"jobs", command_jobs, "search all users' jobs", usage_jobs, GROUP_QUEUE},
    {"failures", command_failures, "failed jobs, counted by what they failed of", usage_failures,
     GROUP_QUEUE},
    {"operations", command_operations, "what is done to many jobs at once, and how far it is",
     usage_operations, GROUP_QUEUE},
    {"history", command_history, "what happened in the queues: the last hour, day or month",
     usage_history, GROUP_QUEUE},
    {"users", command_users, "who has live jobs, and how they are shared", usage_users,
     GROUP_QUEUE},
    {"providers", command_providers, "the providers, which are down, and who waits for them",
     usage_providers, GROUP_QUEUE},
    {"system", command_system, "the broker, its disk and store, and who is connected to it",
     usage_system, GROUP_QUEUE},
    {"audit", command_audit, "who did what to the stack, and who was refused", usage_audit,
     GROUP_QUEUE},
    {"pause", command_pause, "start no more jobs of queues", usage_pause, GROUP_QUEUE},
    {"resume", command_resume, "start jobs of queues again", usage_resume, GROUP_QUEUE},
    {"drain", command_drain, "let a worker finish what it has", usage_drain, GROUP_QUEUE},
    {"duplicate", command_duplicate, "make another job like one that there is", usage_duplicate,
     GROUP_QUEUE},
    {"promote", command_promote, "let a pending job start before its time", usage_promote,
     GROUP_QUEUE},
    {"priority", command_priority, "give a job another place among its owner's", usage_priority,
     GROUP_QUEUE},
    {"remove", command_remove, "let go of a job that has ended", usage_remove, GROUP_QUEUE},
    {"backup", command_backup, "copy the queue's store while it runs", usage_backup, GROUP_QUEUE},
};

enum {
    COMMAND_COUNT = sizeof commands / sizeof commands[0]
};

static void help(FILE *out)
{
    fprintf(out, "usage: troupe COMMAND ...\n");
    for (size_t index = 0; index < COMMAND_COUNT; index++) {
        if (index == 0 || commands[index].group != commands[index - 1].group) {
            fprintf(out, "\n%s:\n", groups[commands[index].group]);
        }
        fprintf(out, "  %-12s%s\n", commands[index].name, commands[index].help);
    }
    fprintf(out,
            "\n`troupe COMMAND --help` tells how one is used. Commands find a local stack by\n"
            "its data directory (--data, TROUPE_DATA, or ~/.local/share/troupe), and a remote\n"
            "one by TROUPE_URL and TROUPE_TOKEN. They act as --user, TROUPE_USER, or `me` on\n"
            "a local stack, where show, tail, cancel and retry find jobs of others too, as an\n"
            "admin. What is named docs/... is in the sources, and below share/doc/troupe\n"
            "where they are installed.\n\n"
            "exit codes: 0 done, 1 failed, 2 bad usage, 3 port or data directory in use, 4\n"
            "refused by the server, 5 the job failed, 6 the job was cancelled, 130\n"
            "interrupted\n");
}

/* A command that was not heard to the end has not done its work, unless it failed otherwise. */
static int finish(int code)
{
    int error = fflush(stdout) == 0 ? 0 : errno; /* of an earlier write it is not known any more */
    if (error == 0 && ferror(stdout) == 0) {
        return code;
    }
    if (!terminal_is_unread()) { /* who has had enough of it needs no word */
        fprintf(stderr, "troupe: cannot write all of it to standard output%s%s\n",
                error != 0 ? ": " : "", error != 0 ? strerror(error) : "");
    }
    return code == EXIT_CODE_OK ? EXIT_CODE_FAILED : code;
}

/* Where a standard file is closed the next one that is opened, a connection say, would take its
 * place, and what is printed go there. What stands there instead fails what is tried with it. */
static void hold_standard_files(void)
{
    for (int file = STDIN_FILENO; file <= STDERR_FILENO; file++) {
        if (fcntl(file, F_GETFD) < 0) { /* the lowest that is free is this one */
            (void)open("/dev/null", file == STDIN_FILENO ? O_WRONLY : O_RDONLY);
        }
    }
}

/* What other programs call a command, and what it is here. NULL when nothing is known of a name. */
static const char *meant_by(const char *name)
{
    static const struct {
        const char *name, *meant;
    } others[] = {
        {"version", "`troupe --version` tells the program's, `troupe system` the broker's"},
        {"status", "`troupe queues` tells how the queues stand, `troupe system` the broker"},
        {"stats", "`troupe history` tells what happened, `troupe usage` what was spent"},
        {"list", "`troupe jobs` lists jobs"},
        {"ls", "`troupe jobs` lists jobs"},
        {"ps", "`troupe workers` lists workers, `troupe jobs status=active` jobs"},
        {"images", "`troupe media CHARACTER` lists its pictures and videos"},
        {"videos", "`troupe media CHARACTER` lists its pictures and videos"},
        {"get", "`troupe show ID` tells of a job, `troupe jobs` lists them"},
        {"log", "`troupe audit` tells who did what, `troupe tail` what happens now"},
        {"logs", "`troupe audit` tells who did what, `troupe tail` what happens now"},
        {"start", "`troupe up` runs the stack"},
        {"run", "`troupe up` runs the stack"},
        {"stop", "Ctrl-C ends `troupe up`, `troupe pause --all` starts no more jobs"},
        {"down", "Ctrl-C ends `troupe up`, `troupe pause --all` starts no more jobs"},
        {"kill", "`troupe cancel JOB` ends a job, `troupe drain --stop` a worker"},
    };
    for (size_t index = 0; index < sizeof others / sizeof others[0]; index++) {
        if (strcmp(others[index].name, name) == 0) {
            return others[index].meant;
        }
    }
    return NULL;
}

/* Says that there is no such command, and which one may have been meant. */
static int tell_unknown(const char *name)
{
    const char *names[COMMAND_COUNT + 1] = {NULL};
    for (size_t index = 0; index < COMMAND_COUNT; index++) {
        names[index] = commands[index].name;
    }
    const char *meant = meant_by(name);
    const char *like = words_like(names, name);
    if (meant != NULL) {
        terminal_line(stderr, "troupe: no command %s; %s", name, meant);
    } else if (like != NULL) {
        terminal_line(stderr, "troupe: no command %s; did you mean %s?", name, like);
    } else {
        terminal_line(stderr, "troupe: no command %s; `troupe --help` lists them", name);
    }
    return EXIT_CODE_USAGE;
}

/* Returns the exit code of a command with its own words. */
static int run(const char *name, int count, char **words)
{
    for (size_t index = 0; index < COMMAND_COUNT; index++) {
        if (strcmp(name, commands[index].name) != 0) {
            continue;
        }
        bool is_of_other = commands[index].run == command_complete && count > 1;
        if (!is_of_other && options_ask_help(count, words)) {
            fputs(commands[index].usage, stdout);
            return EXIT_CODE_OK;
        }
        return commands[index].run(count, words);
    }
    return tell_unknown(name);
}

/* Whether the log can be begun, after a message in words when not. */
static bool log_begin(void)
{
    enum log_level level;
    enum log_form form;
    const char *level_text = settings_text("TROUPE_LOG_LEVEL", "info");
    const char *form_text = settings_text("TROUPE_LOG_FORMAT", "logfmt");
    if (!log_level_parse(level_text, &level)) {
        terminal_line(stderr,
                      "troupe: TROUPE_LOG_LEVEL is \"%s\": it takes debug, info, warn or error",
                      level_text);
        return false;
    }
    if (!log_form_parse(form_text, &form)) {
        terminal_line(stderr, "troupe: TROUPE_LOG_FORMAT is \"%s\": it takes logfmt or json",
                      form_text);
        return false;
    }
    return settings_log("troupe") == STATUS_OK;
}

int main(int count, char **words)
{
    char ask[] = "--help";
    char *ask_help = ask;
    hold_standard_files();
    if (!log_begin()) {
        return EXIT_CODE_USAGE;
    }
    signal(SIGPIPE, SIG_IGN);
    if (count < 2) {
        help(stderr);
        return EXIT_CODE_USAGE;
    }
    if (strcmp(words[1], "--version") == 0) {
        const struct build_library library = client_library();
        build_print("troupe", &library, 1);
        return finish(EXIT_CODE_OK);
    }
    bool is_help = strcmp(words[1], "help") == 0;
    if (options_ask_help(1, words + 1) || (is_help && count == 2)) {
        help(stdout);
        return finish(EXIT_CODE_OK);
    }
    if (is_help) {
        return finish(run(words[2], 1, &ask_help));
    }
    return finish(run(words[1], count - 2, words + 2));
}
