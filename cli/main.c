/* `troupe`: the command line. This file is the table of commands. */

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include "base/log.h"
#include "base/settings.h"
#include "cli/command.h"

static const struct {
    const char *name;
    int (*run)(int count, char **words);
    const char *help;
} commands[] = {
    {"up", command_up, "run the whole stack here, until Ctrl-C"},
    {"submit", command_submit, "queue a character, a picture or a video"},
    {"show", command_show, "print a job"},
    {"tail", command_tail, "follow a job, or everything of yours, live"},
    {"cancel", command_cancel, "cancel a job"},
    {"token", command_token, "print a bearer token for a user"},
    {"init", command_init, "lay out a data directory, with its secret"},
    {"ping", command_ping, "ask an address whether it is well"},
};

static void help(FILE *out)
{
    fprintf(out, "usage: troupe COMMAND ...\n\n");
    for (size_t index = 0; index < sizeof commands / sizeof commands[0]; index++) {
        fprintf(out, "  %-8s %s\n", commands[index].name, commands[index].help);
    }
    fprintf(out, "\nA command without its words prints how it is used. Commands find a local stack "
                 "by its data\n"
                 "directory (--data, TROUPE_DATA, or ~/.local/share/troupe), and a remote one by "
                 "TROUPE_URL and\n"
                 "TROUPE_TOKEN. They act as --user, TROUPE_USER, or `me` on a local stack.\n\n"
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

int main(int count, char **words)
{
    log_init("troupe", log_level_parse(settings_text("TROUPE_LOG_LEVEL", NULL), LOG_INFO));
    signal(SIGPIPE, SIG_IGN);
    if (count < 2) {
        help(stderr);
        return EXIT_CODE_USAGE;
    }
    if (strcmp(words[1], "--version") == 0) {
        printf("troupe %s\n", TROUPE_VERSION);
        return finish(EXIT_CODE_OK);
    }
    if (strcmp(words[1], "--help") == 0 || strcmp(words[1], "help") == 0) {
        help(stdout);
        return finish(EXIT_CODE_OK);
    }
    for (size_t index = 0; index < sizeof commands / sizeof commands[0]; index++) {
        if (strcmp(words[1], commands[index].name) == 0) {
            return finish(commands[index].run(count - 2, words + 2));
        }
    }
    fprintf(stderr, "troupe: no command %s; `troupe --help` lists them\n", words[1]);
    return EXIT_CODE_USAGE;
}
