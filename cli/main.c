/* `troupe`: the command line. This file is the table of commands. */

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include "base/log.h"
#include "base/settings.h"
#include "cli/client.h"
#include "cli/command.h"

static const struct {
    const char *name;
    int (*run)(int count, char **words);
    const char *help;
    const char *usage;
} commands[] = {
    {"up", command_up, "run the whole stack here, until Ctrl-C", usage_up},
    {"submit", command_submit, "queue a character, a picture, a video, a batch or a pipeline",
     usage_submit},
    {"show", command_show, "print a job, batch, pipeline, character or media entry", usage_show},
    {"tail", command_tail, "follow a job, batch or pipeline, or everything of yours, live",
     usage_tail},
    {"cancel", command_cancel, "cancel a job, batch or pipeline", usage_cancel},
    {"retry", command_retry, "try a failed or cancelled job again", usage_retry},
    {"duplicate", command_duplicate, "make another job like one that there is", usage_duplicate},
    {"promote", command_promote, "let a job start before its time", usage_promote},
    {"priority", command_priority, "give a job another place among its owner's", usage_priority},
    {"remove", command_remove, "let go of a job that has ended", usage_remove},
    {"delete", command_delete, "delete a character or a media entry, for good", usage_delete},
    {"queues", command_queues, "what is in the queues, live on a terminal", usage_queues},
    {"workers", command_workers, "the workers, and what each of them does", usage_workers},
    {"jobs", command_jobs, "search all users' jobs", usage_jobs},
    {"failures", command_failures, "failed jobs, counted by what they failed of", usage_failures},
    {"top", command_top, "queues and workers, live", usage_top},
    {"pause", command_pause, "start no more jobs of a queue", usage_pause},
    {"resume", command_resume, "start jobs of a queue again", usage_resume},
    {"drain", command_drain, "let a worker finish what it has", usage_drain},
    {"users", command_users, "who has live jobs, and how they are shared", usage_users},
    {"providers", command_providers, "the providers, which are down, and who waits for them",
     usage_providers},
    {"audit", command_audit, "who did what to the stack, and who was refused", usage_audit},
    {"usage", command_usage, "what was spent, and what is left of the budget", usage_usage},
    {"backup", command_backup, "copy the queue's store while it runs", usage_backup},
    {"restore", command_restore, "put a backup in the place of a stopped stack's store",
     usage_restore},
    {"restart", command_restart, "restart the programs of `up` without failing a request",
     usage_restart},
    {"token", command_token, "print a bearer token for a user", usage_token},
    {"doctor", command_doctor, "check the hosted providers: addresses, keys, models, clocks",
     usage_doctor},
    {"init", command_init, "lay out a data directory, with its secret", usage_init},
    {"ping", command_ping, "ask an address whether it is well", usage_ping},
};

static void help(FILE *out)
{
    fprintf(out, "usage: troupe COMMAND ...\n\n");
    for (size_t index = 0; index < sizeof commands / sizeof commands[0]; index++) {
        fprintf(out, "  %-10s%s\n", commands[index].name, commands[index].help);
    }
    fprintf(out, "\n`troupe COMMAND --help` tells how one is used. Commands find a local stack by "
                 "its data\n"
                 "directory (--data, TROUPE_DATA, or ~/.local/share/troupe), and a remote one by "
                 "TROUPE_URL and\n"
                 "TROUPE_TOKEN. They act as --user, TROUPE_USER, or `me` on a local stack, where "
                 "show,\n"
                 "tail, cancel and retry find jobs of others too, as an admin.\n\n"
                 "exit codes: 0 done, 1 failed, 2 bad usage, 3 port or data directory in use, 4 "
                 "refused by the\n"
                 "server, 5 the job failed, 6 the job was cancelled, 130 interrupted\n");
}

/* A command that was not heard to the end has not done its work, unless it failed otherwise. */
static int finish(int code)
{
    bool is_written = fflush(stdout) == 0 && ferror(stdout) == 0;
    return code == EXIT_CODE_OK && !is_written ? EXIT_CODE_FAILED : code;
}

/* Returns the exit code of a command with its own words. */
static int run(const char *name, int count, char **words)
{
    for (size_t index = 0; index < sizeof commands / sizeof commands[0]; index++) {
        if (strcmp(name, commands[index].name) != 0) {
            continue;
        }
        if (options_ask_help(count, words)) {
            fputs(commands[index].usage, stdout);
            return EXIT_CODE_OK;
        }
        return commands[index].run(count, words);
    }
    fprintf(stderr, "troupe: no command %s; `troupe --help` lists them\n", name);
    return EXIT_CODE_USAGE;
}

int main(int count, char **words)
{
    char ask[] = "--help";
    char *ask_help = ask;
    if (settings_log("troupe") != STATUS_OK) {
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
