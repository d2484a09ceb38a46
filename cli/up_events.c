#include "cli/up_events.h"

#include <poll.h>
#include <stdio.h>
#include <unistd.h>
#include "base/clock.h"
#include "cli/json_line.h"

/* Begins an event. Returns false when there is no room for it. */
static bool begin(struct json_line *line, const char *event)
{
    struct clock clock;
    struct pollfd output = {.fd = STDOUT_FILENO, .events = POLLOUT};
    if (poll(&output, 1, 0) != 1) {
        return false;
    }
    clock_init(&clock, 0);
    json_line_begin(line);
    json_member_time(&line->json, "at", clock_now_ms(&clock));
    json_member_text(&line->json, "event", slice_from_string(event));
    return true;
}

void up_events_say(const struct stack_state *state)
{
    printf("troupe: ready %s\n", state->url);
    if (isatty(STDOUT_FILENO) == 1) {
        printf("  dashboard  %s/admin, which asks for what\n"
               "             `troupe token --user me --role admin` prints\n"
               "  API        %s/docs\n"
               "Ctrl-C ends it. What to do next, in another terminal: troupe --help\n",
               state->url, state->url);
    }
    fflush(stdout);
}

void up_events_ready(const struct stack_state *state, const char *data)
{
    struct json_line line;
    if (begin(&line, "ready")) {
        json_member_text(&line.json, "url", slice_from_string(state->url));
        json_member_text(&line.json, "data", slice_from_string(data));
        json_member_integer(&line.json, "pid", state->pid);
        json_line_end(&line);
    }
}

void up_events_started(const char *program, pid_t pid)
{
    struct json_line line;
    if (begin(&line, "started")) {
        json_member_text(&line.json, "program", slice_from_string(program));
        json_member_integer(&line.json, "pid", pid);
        json_line_end(&line);
    }
}

void up_events_ended(const char *program, pid_t pid, int exit_code)
{
    struct json_line line;
    if (begin(&line, "ended")) {
        json_member_text(&line.json, "program", slice_from_string(program));
        json_member_integer(&line.json, "pid", pid);
        json_member_integer(&line.json, "exitCode", exit_code);
        json_line_end(&line);
    }
}

void up_events_all(const char *event)
{
    struct json_line line;
    if (begin(&line, event)) {
        json_line_end(&line);
    }
}

void up_events_stopped(int exit_code)
{
    struct json_line line;
    if (begin(&line, "stopped")) {
        json_member_integer(&line.json, "exitCode", exit_code);
        json_line_end(&line);
    }
}
