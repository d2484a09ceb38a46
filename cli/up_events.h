#ifndef TROUPE_CLI_UP_EVENTS_H
#define TROUPE_CLI_UP_EVENTS_H

/* What `troupe up --json` tells while it runs: one object a line, each with `at` and `event`. Who
 * reads slowly does not hold the stack up: what standard output has no room for is not told. */

#include "cli/stack.h"

/* For people: that it is ready, and on a terminal what they may open in a browser, and do next. Who
 * waits for it by a program has the line alone. */
void up_events_say(const struct stack_state *state);

/* The stack answers: its address, where its data are, and the process to signal. */
void up_events_ready(const struct stack_state *state, const char *data);

/* A program was started, or has ended; exit_code: 128 + signal when one ended it. */
void up_events_started(const char *program, pid_t pid);
void up_events_ended(const char *program, pid_t pid, int exit_code);

/* `restarting`, `restarted` or `stopping`: all programs. */
void up_events_all(const char *event);

/* The last one: with what `troupe up` itself ends. */
void up_events_stopped(int exit_code);

#endif
