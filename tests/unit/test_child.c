/* One supervised process: what it gets, when it is ready, when it is started again. Method: the
 * programs are scripts in a directory of the test; the linker sends pipe2 and fork through it. */
#include "cli/child.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/unit/test.h"

enum {
    WAIT_MS = 60000, /* for a process on a busy machine */
    START_MS = 100000,
};

static char directory[32];
static struct child child;
static bool failing_pipe;
static bool failing_fork;

int __real_pipe2(int ends[2], int flags);
int __wrap_pipe2(int ends[2], int flags);
pid_t __real_fork(void);
pid_t __wrap_fork(void);

int __wrap_pipe2(int ends[2], int flags)
{
    errno = EMFILE;
    return failing_pipe ? -1 : __real_pipe2(ends, flags);
}

pid_t __wrap_fork(void)
{
    errno = EAGAIN;
    return failing_fork ? -1 : __real_fork();
}

static int set_up(void **state)
{
    (void)state;
    snprintf(directory, sizeof directory, "/tmp/troupe-child-XXXXXX");
    assert_non_null(mkdtemp(directory));
    child_init(&child, "program", directory);
    return 0;
}

static int tear_down(void **state)
{
    char command[64];
    (void)state;
    child_signal(&child, SIGKILL);
    if (child.pid > 0) {
        waitpid(child.pid, NULL, 0);
    }
    if (child.output >= 0) {
        close(child.output);
    }
    snprintf(command, sizeof command, "rm -rf %s", directory);
    return system(command);
}

static void write_program(const char *text)
{
    FILE *file = fopen(child.path, "w");
    assert_non_null(file);
    fprintf(file, "#!/bin/sh\n%s\n", text);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(child.path, 0700), 0);
}

/* Reads until it is ready, or until it has closed its output. */
static void read_until_ready(void)
{
    while (!child.ready && child.output >= 0) {
        struct pollfd item = {.fd = child.output, .events = POLLIN};
        assert_int_equal(poll(&item, 1, WAIT_MS), 1);
        child_read(&child);
    }
}

static void read_to_the_end(void)
{
    while (child.output >= 0) {
        struct pollfd item = {.fd = child.output, .events = POLLIN};
        assert_int_equal(poll(&item, 1, WAIT_MS), 1);
        child_read(&child);
    }
}

/* Waits for its end and notes it at a moment. */
static void end_at(int64_t now_ms)
{
    int status;
    assert_int_equal(waitpid(child.pid, &status, 0), child.pid);
    child_ended(&child, status, now_ms);
}

static int open_descriptors(void)
{
    int count = 0;
    DIR *stream = opendir("/proc/self/fd");
    assert_non_null(stream);
    while (readdir(stream) != NULL) {
        count++;
    }
    closedir(stream);
    return count;
}

/* ---- tests ---- */

static void a_child_is_ready_with_its_first_line(void **state)
{
    (void)state;
    write_program("echo first; echo second; exit 7");
    assert_int_equal(child_start(&child, START_MS), STATUS_OK);
    assert_false(child.ready);
    read_until_ready();
    assert_true(child.ready_ever);
    read_to_the_end();
    assert_string_equal(child.ready_line, "first");
    end_at(START_MS + CHILD_EARLY_MS);
    assert_int_equal(child.exit_code, 7);
    assert_int_equal(child.pid, 0);
    assert_false(child.ready);
    assert_true(child.ready_ever);
}

static void a_child_gets_its_arguments_and_settings(void **state)
{
    char one[] = "one";
    char two[] = "two words";
    (void)state;
    write_program("echo \"$1,$2,$TROUPE_A,$TROUPE_B\"");
    child_set(&child, "TROUPE_A=%d", 1);
    child_set(&child, "TROUPE_B=old");
    child_set(&child, "TROUPE_B=%s", "new");
    assert_int_equal(child.settings_count, 2);
    child.arguments[0] = one;
    child.arguments[1] = two;
    assert_int_equal(child_start(&child, START_MS), STATUS_OK);
    read_until_ready();
    assert_string_equal(child.ready_line, "one,two words,1,new");
    end_at(START_MS);
    assert_null(getenv("TROUPE_A"));
}

static bool hides_b(const void *context, const char *name)
{
    assert_string_equal(context, "context");
    return strncmp(name, "TROUPE_B", 8) == 0;
}

static void what_is_hidden_from_a_child_it_does_not_get(void **state)
{
    (void)state;
    write_program("echo \"$TROUPE_A,$TROUPE_B,$TROUPE_B2,$TROUPE_B3\"");
    setenv("TROUPE_A", "1", 1);
    setenv("TROUPE_B", "2", 1);
    setenv("TROUPE_B2", "3", 1);
    child_set(&child, "TROUPE_B3=%s", "set");
    child.hides = hides_b;
    child.hides_context = "context";
    assert_int_equal(child_start(&child, START_MS), STATUS_OK);
    read_until_ready();
    assert_string_equal(child.ready_line, "1,,,set");
    end_at(START_MS);
    assert_string_equal(getenv("TROUPE_B"), "2");
    unsetenv("TROUPE_A");
    unsetenv("TROUPE_B");
    unsetenv("TROUPE_B2");
}

static void a_child_takes_no_blocked_or_ignored_signal_over(void **state)
{
    sigset_t blocked;
    sigset_t before;
    (void)state;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    sigprocmask(SIG_BLOCK, &blocked, &before);
    signal(SIGPIPE, SIG_IGN);
    write_program("grep -E '^Sig(Blk|Ign)' /proc/self/status | tr -d '\\n'; echo");
    assert_int_equal(child_start(&child, START_MS), STATUS_OK);
    sigprocmask(SIG_SETMASK, &before, NULL);
    signal(SIGPIPE, SIG_DFL);
    read_until_ready();
    /* SIGUSR2 alone, until the program handles it. */
    assert_string_equal(child.ready_line, "SigBlk:\t0000000000000000SigIgn:\t0000000000000800");
    end_at(START_MS);
}

static void a_long_line_is_cut(void **state)
{
    (void)state;
    write_program("head -c 3000 /dev/zero | tr '\\0' x; echo; exit 0");
    assert_int_equal(child_start(&child, START_MS), STATUS_OK);
    read_until_ready();
    assert_true(child.ready);
    assert_int_equal(strlen(child.ready_line), CHILD_LINE_SIZE_MAX - 1);
    read_to_the_end();
    end_at(START_MS);
}

static void what_has_no_end_of_line_makes_nobody_ready(void **state)
{
    (void)state;
    write_program("printf almost");
    assert_int_equal(child_start(&child, START_MS), STATUS_OK);
    read_to_the_end();
    assert_false(child.ready);
    assert_false(child.ready_ever);
    end_at(START_MS);
}

static void a_program_that_is_not_there_ends_with_127(void **state)
{
    (void)state;
    assert_int_equal(child_start(&child, START_MS), STATUS_OK);
    end_at(START_MS);
    assert_int_equal(child.exit_code, 127);
    read_to_the_end();
}

static void a_signal_ends_a_child_and_is_told(void **state)
{
    (void)state;
    child_signal(&child, SIGKILL); /* it does not run: nothing happens */
    write_program("echo ready; exec sleep 1000");
    assert_int_equal(child_start(&child, START_MS), STATUS_OK);
    read_until_ready();
    child_signal(&child, SIGTERM);
    end_at(START_MS);
    assert_int_equal(child.exit_code, 128 + SIGTERM);
}

/* At once when it has lived for a while; else later and later. */
static void one_that_dies_early_waits_longer_each_time(void **state)
{
    int64_t now_ms = START_MS;
    int64_t expected_ms = CHILD_DELAY_MIN_MS;
    (void)state;
    for (int times = 0; times < 12; times++) {
        child.started_ms = now_ms;
        child.pid = 1;
        now_ms += CHILD_EARLY_MS - 1;
        child_ended(&child, 1 << 8, now_ms);
        assert_int_equal(child.exit_code, 1);
        assert_int_equal(child.start_at_ms, now_ms + expected_ms);
        now_ms = child.start_at_ms;
        expected_ms = expected_ms * 2 > CHILD_DELAY_MAX_MS ? CHILD_DELAY_MAX_MS : expected_ms * 2;
    }
    child.started_ms = now_ms;
    child_ended(&child, 0, now_ms + CHILD_EARLY_MS);
    assert_int_equal(child.start_at_ms, now_ms + CHILD_EARLY_MS);
    child.started_ms = now_ms;
    child_ended(&child, 0, now_ms);
    assert_int_equal(child.start_at_ms, now_ms + CHILD_DELAY_MIN_MS);
}

static void a_child_that_cannot_be_started_holds_nothing(void **state)
{
    int before = open_descriptors();
    (void)state;
    failing_pipe = true;
    assert_int_equal(child_start(&child, START_MS), STATUS_IO);
    failing_pipe = false;
    failing_fork = true;
    assert_int_equal(child_start(&child, START_MS), STATUS_IO);
    failing_fork = false;
    assert_int_equal(child.pid, 0);
    assert_int_equal(open_descriptors(), before);
    write_program("echo ready");
    for (int times = 0; times < 3; times++) { /* each start has its own output */
        assert_int_equal(child_start(&child, START_MS), STATUS_OK);
        end_at(START_MS);
    }
    assert_int_equal(open_descriptors(), before + 1);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_child_is_ready_with_its_first_line),
        TEST(a_child_gets_its_arguments_and_settings),
        TEST(what_is_hidden_from_a_child_it_does_not_get),
        TEST(a_child_takes_no_blocked_or_ignored_signal_over),
        TEST(a_long_line_is_cut),
        TEST(what_has_no_end_of_line_makes_nobody_ready),
        TEST(a_program_that_is_not_there_ends_with_127),
        TEST(a_signal_ends_a_child_and_is_told),
        TEST(one_that_dies_early_waits_longer_each_time),
        TEST(a_child_that_cannot_be_started_holds_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
