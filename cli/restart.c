/* `troupe restart`: asks `troupe up` to restart its programs, and waits for it. */

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/clock.h"
#include "cli/command.h"
#include "cli/json_line.h"
#include "cli/stack.h"
#include "cli/terminal_text.h"

enum {
    POLL_MS = 50,
    WAIT_MS = 3600000, /* each actor in turn finishes what it has first, paid calls for minutes */
};

const char usage_restart[] =
    "usage: troupe restart [--data DIR] [--json]\n"
    "Restarts the programs of `troupe up` one after another, as after an upgrade, and\n"
    "waits for it: broker, gateway, actors, but not the studio. No request fails: the\n"
    "new gateway is there before the old one goes, and gateways keep requests while\n"
    "the broker is away. A terminal is told which program it has come to.\n";

/* What of the rounds was told to who sits before it. */
struct progress {
    bool is_shown;
    int64_t round;
    int told; /* programs of the round */
};

static void progress_begin(struct progress *progress, const struct stack_state *before)
{
    bool waits = before->restarts_begun > before->restarts;
    progress->round = before->restarts_begun;
    progress->told = before->restarting_count;
    if (waits && progress->told > 0) {
        progress->told--; /* the one that it is at */
    }
    if (waits && progress->is_shown) {
        fputs("troupe: another restart goes on; this one comes after it\n", stderr);
    }
}

static void progress_tell(struct progress *progress, const struct stack_state *now)
{
    if (now->restarts_begun != progress->round) {
        progress->round = now->restarts_begun;
        progress->told = 0;
    }
    for (; progress->is_shown && progress->told < now->restarting_count; progress->told++) {
        terminal_line(stderr, "troupe: restarting %s, %d of %d", now->restarting[progress->told],
                      progress->told + 1, now->to_restart);
    }
}

/* Waits for the end of a round that began after what the state tells: one that was under way when
 * we asked may have passed a program before it was upgraded. */
static int wait_for_round(const char *data, const struct stack_state *before,
                          struct stack_state *now, struct progress *progress)
{
    *now = *before;
    progress_begin(progress, before);
    int64_t until_ms = clock_monotonic_ms() + WAIT_MS;
    while (now->restarts <= before->restarts_begun && clock_monotonic_ms() < until_ms) {
        poll(NULL, 0, POLL_MS);
        if (stack_read(data, now) != STATUS_OK || now->pid != before->pid) {
            fprintf(stderr, "troupe: the stack has ended\n");
            return EXIT_CODE_FAILED;
        }
        progress_tell(progress, now);
    }
    if (now->restarts <= before->restarts_begun) {
        fprintf(stderr, "troupe: the restart takes too long; the stack's log tells why\n");
        return EXIT_CODE_FAILED;
    }
    return EXIT_CODE_OK;
}

static int tell(const struct stack_state *state, bool json)
{
    struct json_line line;
    if (!json) {
        printf("restarted\n");
        return EXIT_CODE_OK;
    }
    json_line_begin(&line);
    json_member_boolean(&line.json, "restarted", true);
    json_member_text(&line.json, "url", slice_from_string(state->url));
    json_member_integer(&line.json, "pid", state->pid);
    return json_line_end(&line);
}

int command_restart(int count, char **words)
{
    const char *given = NULL;
    bool json = false;
    char data[PATH_SIZE_MAX];
    struct stack_state state, now;
    const struct option_rule rules[] = {{"--data", &given, NULL}, {"--json", NULL, &json}};
    int others = options_take(count, words, rules, 2);
    if (others != 0) {
        return options_words(usage_restart, "", 0, 0, others, words);
    }
    if (stack_data_directory(given, data) != STATUS_OK) {
        return EXIT_CODE_USAGE;
    }
    if (stack_read(data, &state) != STATUS_OK) {
        fprintf(stderr, "troupe: no stack is running on %s\n", data);
        return EXIT_CODE_FAILED;
    }
    if (kill(state.pid, SIGUSR1) != 0) {
        fprintf(stderr, "troupe: cannot ask the stack: %s\n", strerror(errno));
        return EXIT_CODE_FAILED;
    }
    struct progress progress = {.is_shown = !json && isatty(STDERR_FILENO) == 1};
    int code = wait_for_round(data, &state, &now, &progress);
    return code == EXIT_CODE_OK ? tell(&now, json) : code;
}
