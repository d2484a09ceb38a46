#include "cli/supervisor.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/log.h"

enum {
    TURN_MS = 1000,     /* the loop wakes up at least so often */
    TURN_START_MS = 20, /* and so often until the stack is ready */
    EXIT_USAGE = 2,
    EXIT_IN_USE = 3,
};

enum status supervisor_init(struct supervisor *supervisor, struct supervisor_hooks hooks)
{
    sigset_t set;
    memset(supervisor, 0, sizeof *supervisor);
    supervisor->hooks = hooks;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGUSR2);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
    supervisor->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (supervisor->signals < 0) {
        log_error("no signalfd", "error=%s", strerror(errno));
        return STATUS_IO;
    }
    return STATUS_OK;
}

void supervisor_fini(struct supervisor *supervisor)
{
    if (supervisor->signals > 0) {
        close(supervisor->signals);
        supervisor->signals = -1;
    }
}

void supervisor_add(struct supervisor *supervisor, struct child *child)
{
    assert(supervisor->children_count < SUPERVISOR_CHILDREN_MAX);
    supervisor->children[supervisor->children_count++] = child;
}

static struct child *find(struct supervisor *supervisor, pid_t pid)
{
    for (int index = 0; index < supervisor->children_count; index++) {
        if (supervisor->children[index]->pid == pid ||
            supervisor->children[index]->retiring == pid) {
            return supervisor->children[index];
        }
    }
    return NULL;
}

/* Takes the ends of all children that have died. Returns the exit code of one that cannot be
 * helped, or 0. */
static int reap(struct supervisor *supervisor, bool stopping)
{
    int fatal = 0;
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        struct child *child = find(supervisor, pid);
        if (child == NULL) {
            continue;
        }
        supervisor->hooks.child_ended(supervisor->hooks.context, child, pid,
                                      child_exit_code(status));
        if (child->retiring == pid) {
            child->retiring = 0;
            continue;
        }
        child_ended(child, status, clock_monotonic_ms());
        if (stopping) {
            continue;
        }
        if (!child->ready_ever &&
            (child->exit_code == EXIT_USAGE || child->exit_code == EXIT_IN_USE)) {
            log_error("child cannot start", "child=%s code=%d", child->name, child->exit_code);
            fatal = child->exit_code;
            continue;
        }
        bool is_wanted = pid == supervisor->restarted;
        log_line(is_wanted ? LOG_INFO : LOG_WARN, "child ended",
                 "child=%s pid=%d code=%d restart_in_ms=%d", child->name, (int)pid,
                 child->exit_code, (int)child->delay_ms);
    }
    return fatal;
}

/* Switches the level of the log, here and in all that run. One that is not ready may not know the
 * signal yet: it is told when it is. */
static void switch_level(const struct supervisor *supervisor, int from)
{
    log_switch_level(from);
    log_tell_level();
    for (int index = 0; index < supervisor->children_count; index++) {
        child_tell_level(supervisor->children[index]);
    }
}

/* Reads the pending signals. Returns whether one of them asks for a stop. */
static bool take_signals(struct supervisor *supervisor)
{
    struct signalfd_siginfo information;
    bool stop = false;
    while (read(supervisor->signals, &information, sizeof information) ==
           (ssize_t)sizeof information) {
        if (information.ssi_signo == SIGUSR1) {
            supervisor->again = true;
        } else if (information.ssi_signo == SIGUSR2) {
            switch_level(supervisor, (int)information.ssi_pid);
        } else {
            stop = stop || information.ssi_signo != SIGCHLD;
        }
    }
    return stop;
}

/* A process starts with the level of its settings, and comes to the one that was switched to. */
static void read_child(struct child *child)
{
    bool was_ready = child->ready;
    child_read(child);
    if (!was_ready && child->ready && log_level_value() == LOG_VALUE_DEBUG) {
        child_tell_level(child);
    }
}

/* Waits for a signal, output of a child, or until timeout_ms have passed; reads the outputs. */
static void wait_for_something(struct supervisor *supervisor, int timeout_ms)
{
    struct pollfd polls[SUPERVISOR_CHILDREN_MAX + 1] = {
        {.fd = supervisor->signals, .events = POLLIN}};
    for (int index = 0; index < supervisor->children_count; index++) {
        polls[index + 1] =
            (struct pollfd){.fd = supervisor->children[index]->output, .events = POLLIN};
    }
    if (poll(polls, (nfds_t)supervisor->children_count + 1, timeout_ms) <= 0) {
        return;
    }
    for (int index = 0; index < supervisor->children_count; index++) {
        if (polls[index + 1].revents != 0) {
            read_child(supervisor->children[index]);
        }
    }
}

static void start_due(struct supervisor *supervisor)
{
    int64_t now_ms = clock_monotonic_ms();
    for (int index = 0; index < supervisor->children_count; index++) {
        struct child *child = supervisor->children[index];
        if (child->pid != 0 || child->start_at_ms > now_ms ||
            !supervisor->hooks.may_start(supervisor->hooks.context, child)) {
            continue;
        }
        if (child_start(child, now_ms) == STATUS_OK) {
            supervisor->hooks.child_started(supervisor->hooks.context, child);
        } else {
            child->start_at_ms = now_ms + CHILD_DELAY_MAX_MS;
        }
    }
}

/* How long the loop may sleep: until the next delayed start, or the next look whether the stack is
 * ready. */
static int next_turn_ms(const struct supervisor *supervisor)
{
    int64_t now_ms = clock_monotonic_ms();
    int64_t wait_ms = supervisor->ready ? TURN_MS : TURN_START_MS;
    for (int index = 0; index < supervisor->children_count; index++) {
        const struct child *child = supervisor->children[index];
        if (child->pid == 0 && child->start_at_ms > now_ms &&
            child->start_at_ms - now_ms < wait_ms) {
            wait_ms = child->start_at_ms - now_ms;
        }
    }
    return (int)wait_ms;
}

static int running(const struct supervisor *supervisor, int from, int to)
{
    int count = 0;
    for (int index = from; index < to; index++) {
        const struct child *child = supervisor->children[index];
        count += (child->pid > 0) + (child->retiring > 0);
    }
    return count;
}

static void stop_group(struct supervisor *supervisor, int from, int to)
{
    int64_t kill_at_ms = clock_monotonic_ms() + STOP_MS;
    bool is_hurried = false;
    for (int index = from; index < to; index++) {
        child_signal(supervisor->children[index], SIGTERM);
    }
    while (running(supervisor, from, to) > 0) {
        wait_for_something(supervisor, TURN_START_MS);
        bool again = take_signals(supervisor);
        reap(supervisor, true);
        if (!is_hurried && clock_monotonic_ms() >= kill_at_ms - HURRY_MS) {
            for (int index = from; index < to; index++) {
                child_hurry(supervisor->children[index]);
            }
            is_hurried = true;
        }
        if (again || clock_monotonic_ms() >= kill_at_ms) {
            for (int index = from; index < to; index++) {
                child_signal(supervisor->children[index], SIGKILL);
            }
        }
    }
}

/* ---- restarts ---- */

/* How many children a restart of all is of. */
static int restart_size(const struct supervisor *supervisor)
{
    int count = 0;
    for (int index = 0; index < supervisor->children_count; index++) {
        count += !supervisor->children[index]->stays;
    }
    return count;
}

/* Tells a child, if it runs, to make room for its next process. */
static void restart_begin(struct supervisor *supervisor, struct child *child)
{
    supervisor->hooks.child_restarting(supervisor->hooks.context, child, restart_size(supervisor));
    if (child->pid == 0) {
        return;
    }
    supervisor->restarted = child->pid;
    log_info("restarting", "child=%s pid=%d", child->name, (int)child->pid);
    if (child->overlaps) {
        child_retire(child, clock_monotonic_ms());
    } else {
        child_signal(child, SIGTERM);
    }
}

/* Whether the child's new process has taken over; tells the old one to end as soon as that is
 * ready. */
static bool restart_is_over(struct child *child, pid_t before)
{
    if (child->retiring == before && child->ready && !child->retiring_told) {
        kill(before, SIGTERM);
        child->retiring_told = true;
    }
    return child->ready && child->pid != before && child->retiring == 0;
}

/* Moves the restart of all on. What does not run is started anyway. */
static void restart_go_on(struct supervisor *supervisor)
{
    if (supervisor->again && supervisor->restarting == supervisor->children_count) {
        supervisor->again = false;
        supervisor->restarting = 0;
        supervisor->hooks.restarting(supervisor->hooks.context);
    }
    while (supervisor->restarting < supervisor->children_count) {
        struct child *child = supervisor->children[supervisor->restarting];
        if (supervisor->restarted == 0 && !child->stays) {
            restart_begin(supervisor, child);
        }
        if (supervisor->restarted != 0 && !restart_is_over(child, supervisor->restarted)) {
            return;
        }
        supervisor->restarted = 0;
        if (++supervisor->restarting == supervisor->children_count) {
            log_info("restarted", "children=%d", supervisor->children_count);
            supervisor->hooks.restarted(supervisor->hooks.context);
        }
    }
}

int supervisor_run(struct supervisor *supervisor)
{
    int fatal = 0;
    bool stop = false;
    supervisor->restarting = supervisor->children_count;
    while (!stop && fatal == 0) {
        start_due(supervisor);
        wait_for_something(supervisor, next_turn_ms(supervisor));
        stop = take_signals(supervisor);
        fatal = reap(supervisor, stop);
        if (!supervisor->ready && !stop) {
            supervisor->ready = supervisor->hooks.ready(supervisor->hooks.context);
        }
        if (supervisor->ready && !stop) {
            restart_go_on(supervisor);
        }
    }
    supervisor->hooks.stopping(supervisor->hooks.context);
    stop_group(supervisor, supervisor->last_to_stop, supervisor->children_count);
    stop_group(supervisor, 0, supervisor->last_to_stop);
    return fatal;
}
