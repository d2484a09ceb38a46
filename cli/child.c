#include "cli/child.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/log.h"

enum {
    NAME_SIZE_MAX = 256, /* bytes of a variable's name that may be hidden, the NUL included */
};

void child_init(struct child *child, const char *name, const char *directory)
{
    memset(child, 0, sizeof *child);
    child->name = name;
    child->output = -1;
    child->inherited = -1;
    int size = snprintf(child->path, sizeof child->path, "%s/%s", directory, name);
    assert(size > 0 && (size_t)size < sizeof child->path);
}

void child_set(struct child *child, const char *format, ...)
{
    va_list arguments;
    char setting[CHILD_SETTING_SIZE_MAX];
    va_start(arguments, format);
    int size = vsnprintf(setting, sizeof setting, format, arguments);
    va_end(arguments);
    assert(size > 0 && size < CHILD_SETTING_SIZE_MAX);
    const char *end = strchr(setting, '=');
    assert(end != NULL);
    size_t name_size = (size_t)(end - setting) + 1;
    int index = 0;
    while (index < child->settings_count &&
           strncmp(child->settings[index], setting, name_size) != 0) {
        index++;
    }
    assert(index < CHILD_ENVIRONMENT_MAX);
    child->settings_count += index == child->settings_count;
    memcpy(child->settings[index], setting, (size_t)size + 1);
}

/* Hands a descriptor over as sd_listen_fds(3) has it. */
static bool hand_over(int descriptor)
{
    enum {
        FIRST = 3 /* where the protocol has the first one */
    };
    char pid[24];
    snprintf(pid, sizeof pid, "%d", (int)getpid());
    bool moved =
        descriptor == FIRST ? fcntl(descriptor, F_SETFD, 0) == 0 : dup2(descriptor, FIRST) == FIRST;
    return moved && setenv("LISTEN_PID", pid, 1) == 0 && setenv("LISTEN_FDS", "1", 1) == 0;
}

/* Takes what the child is not to have out of the environment. */
static void hide(const struct child *child)
{
    char name[NAME_SIZE_MAX];
    char **variable = environ;
    while (child->hides != NULL && *variable != NULL) {
        size_t size = strcspn(*variable, "=");
        bool is_hidden = false;
        if (size < sizeof name) {
            memcpy(name, *variable, size);
            name[size] = '\0';
            is_hidden = child->hides(child->hides_context, name) && unsetenv(name) == 0;
        }
        variable += !is_hidden; /* another has taken its place */
    }
}

/* The rest of a child's start, in the new process; never returns. */
static void become(const struct child *child, int output)
{
    sigset_t none;
    char *arguments[6] = {(char *)child->name};
    for (int index = 0; index < 4 && child->arguments[index] != NULL; index++) {
        arguments[index + 1] = child->arguments[index];
    }
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL); /* what this process ignores, a new program would ignore too */
    signal(SIGUSR2, SIG_IGN); /* until it handles it: the first moments are no time to die of it */
    setpgid(0, 0);            /* Ctrl-C is for the supervisor, which stops its children in order */
    hide(child);
    for (int index = 0; index < child->settings_count; index++) {
        if (putenv((char *)child->settings[index]) != 0) {
            _exit(127);
        }
    }
    if (dup2(output, STDOUT_FILENO) < 0 || (child->says_all && dup2(output, STDERR_FILENO) < 0) ||
        (child->inherited >= 0 && !hand_over(child->inherited))) {
        _exit(127);
    }
    execv(child->path, arguments);
    fprintf(stderr, "troupe: cannot start %s: %s\n", child->path, strerror(errno));
    _exit(127);
}

enum status child_start(struct child *child, int64_t now_ms)
{
    int ends[2];
    pid_t parent = getpid();
    assert(child->pid == 0);
    if (pipe2(ends, O_CLOEXEC) != 0) {
        log_error("no pipe for a child", "child=%s error=%s", child->name, strerror(errno));
        return STATUS_IO;
    }
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (getppid() != parent) {
            _exit(127); /* the supervisor died before the line above */
        }
        become(child, ends[1]);
    }
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        log_error("cannot fork", "child=%s error=%s", child->name, strerror(errno));
        return STATUS_IO;
    }
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    if (child->output >= 0) {
        close(child->output);
    }
    child->output = ends[0];
    child->pid = pid;
    child->ready = false;
    child->line_size = 0;
    child->started_ms = now_ms;
    log_debug("child started", "child=%s pid=%d", child->name, (int)pid);
    return STATUS_OK;
}

static void take_line(struct child *child)
{
    if (child->ready) {
        return;
    }
    child->ready = true;
    child->ready_ever = true;
    snprintf(child->ready_line, sizeof child->ready_line, "%.*s", (int)child->line_size,
             child->line);
}

void child_read(struct child *child)
{
    char bytes[1024];
    ssize_t size = read(child->output, bytes, sizeof bytes);
    if (size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR)) {
        close(child->output);
        child->output = -1;
    }
    for (ssize_t index = 0; index < size; index++) {
        if (bytes[index] == '\n') {
            take_line(child);
            child->line_size = 0;
        } else if (child->line_size < sizeof child->line - 1) {
            child->line[child->line_size++] = bytes[index];
        }
    }
}

void child_retire(struct child *child, int64_t now_ms)
{
    assert(child->retiring == 0);
    child->retiring = child->pid;
    child->retiring_told = false;
    child->pid = 0;
    child->ready = false;
    child->delay_ms = 0;
    child->start_at_ms = now_ms;
}

int child_exit_code(int wait_status)
{
    return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 128 + WTERMSIG(wait_status);
}

void child_ended(struct child *child, int wait_status, int64_t now_ms)
{
    bool early = now_ms - child->started_ms < CHILD_EARLY_MS;
    child->exit_code = child_exit_code(wait_status);
    child->pid = 0;
    child->ready = false;
    child->delay_ms = !early ? 0 : child->delay_ms == 0 ? CHILD_DELAY_MIN_MS : child->delay_ms * 2;
    if (child->delay_ms > CHILD_DELAY_MAX_MS) {
        child->delay_ms = CHILD_DELAY_MAX_MS;
    }
    child->start_at_ms = now_ms + child->delay_ms;
}

void child_hurry(const struct child *child)
{
    if (child->pid > 0) {
        kill(child->pid, SIGTERM);
    }
    if (child->retiring > 0) {
        kill(child->retiring, SIGTERM);
    }
}

void child_tell_level(const struct child *child)
{
    const union sigval value = {.sival_int = log_level_value()};
    if (child->pid > 0 && child->ready) {
        sigqueue(child->pid, SIGUSR2, value);
    }
    if (child->retiring > 0) {
        sigqueue(child->retiring, SIGUSR2, value);
    }
}

void child_signal(const struct child *child, int signal_number)
{
    if (child->pid > 0) {
        kill(child->pid, signal_number);
    }
    if (child->retiring > 0 && !(signal_number == SIGTERM && child->retiring_told)) {
        kill(child->retiring, signal_number);
    }
}
