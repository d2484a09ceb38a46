#include "cli/preflight.h"

#include <assert.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/clock.h"
#include "cli/command.h"
#include "cli/problem.h"
#include "cli/terminal_text.h"

enum {
    CHECK_MS = 10000,         /* a program needs milliseconds */
    SAID_SIZE_MAX = 64 << 10, /* bytes that it says */
    LINE_SIZE_MAX = 4096,
    TOLD_SIZE_MAX = 256 << 10, /* bytes of all that is told */
};

/* Begins to ask a program; NULL when that cannot be done. */
static struct child *ask(const struct child *child)
{
    struct child *check = malloc(sizeof *check);
    if (check == NULL) {
        return NULL;
    }
    memcpy(check, child, sizeof *check);
    check->arguments[0] = (char *)"--check-settings";
    check->arguments[1] = NULL;
    check->inherited = -1;
    check->says_all = true;
    child_set(check, "TROUPE_LOG_LEVEL=error");
    child_set(check, "TROUPE_LOG_FORMAT=json");
    if (child_start(check, clock_monotonic_ms()) != STATUS_OK) {
        free(check);
        return NULL;
    }
    return check;
}

/* Reads all that a program says. Returns false when it has not ended in time. */
static bool read_all(int output, int64_t until_ms, struct buffer *said)
{
    uint8_t bytes[4096];
    struct pollfd polled = {.fd = output, .events = POLLIN};
    for (;;) {
        int64_t left_ms = until_ms - clock_monotonic_ms();
        if (left_ms <= 0 || poll(&polled, 1, (int)left_ms) <= 0) {
            return false;
        }
        ssize_t size = read(output, bytes, sizeof bytes);
        if (size <= 0) {
            return true;
        }
        buffer_append(said, bytes, (size_t)size);
    }
}

/* Waits for an answer and lets go of who gives it. Returns its exit code. */
static int take(struct child *check, int64_t until_ms, struct buffer *said)
{
    int wait_status = 0;
    if (!read_all(check->output, until_ms, said)) {
        kill(check->pid, SIGKILL);
    }
    close(check->output);
    bool is_known = waitpid(check->pid, &wait_status, 0) == check->pid;
    free(check);
    return is_known ? child_exit_code(wait_status) : EXIT_CODE_OK;
}

/* Tells a line in words, unless it was told already. */
static void tell(struct slice line, struct buffer *told)
{
    struct buffer words;
    buffer_init(&words, LINE_SIZE_MAX);
    bool is_made =
        problem_write(line, &words) == STATUS_OK && buffer_append_byte(&words, '\n') == STATUS_OK;
    bool is_new = is_made && (told->size == 0 ||
                              memmem(told->data, told->size, words.data, words.size) == NULL);
    if (is_new) {
        buffer_append_slice(told, buffer_slice(&words));
        terminal_line(stderr, "troupe: %.*s", (int)words.size - 1, (const char *)words.data);
    }
    buffer_fini(&words);
}

/* Tells each line, unless the program has nothing to say against its settings. */
static bool judge(int code, struct slice said, struct buffer *told)
{
    size_t begin = 0;
    if (code != EXIT_CODE_USAGE) {
        return true;
    }
    for (size_t at = 0; at < said.size; at++) {
        if (said.data[at] == '\n') {
            tell(slice_make(said.data + begin, at - begin), told);
            begin = at + 1;
        }
    }
    return false;
}

bool preflight(struct child *const *children, int count)
{
    struct child *checks[PREFLIGHT_CHILDREN_MAX];
    struct buffer told;
    bool is_right = true;
    int64_t until_ms = clock_monotonic_ms() + CHECK_MS;
    assert(count <= PREFLIGHT_CHILDREN_MAX);
    buffer_init(&told, TOLD_SIZE_MAX);
    for (int index = 0; index < count; index++) {
        checks[index] = ask(children[index]);
    }
    for (int index = 0; index < count; index++) {
        struct buffer said;
        buffer_init(&said, SAID_SIZE_MAX);
        int code = checks[index] == NULL ? EXIT_CODE_OK : take(checks[index], until_ms, &said);
        is_right = judge(code, buffer_slice(&said), &told) && is_right;
        buffer_fini(&said);
    }
    buffer_fini(&told);
    return is_right;
}
