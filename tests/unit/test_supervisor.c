/* The loop of `troupe up`: what ends is started again, what cannot be helped ends it, and a stop
 * leaves nobody. Method: the children are scripts in a directory of the test; the hooks, which the
 * loop calls once a turn, look at what has happened and ask for the stop. */
#include "cli/supervisor.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/clock.h"
#include "tests/unit/test.h"

enum {
    CHILDREN = 3,
    WAIT_MS = 60000, /* for everything on a busy machine; then the test stops itself */
};

static char directory[32];
static struct supervisor supervisor;
static struct child children[CHILDREN];
static bool failing_signalfd;
static bool failing_fork;
static int64_t leap_ms; /* of the clock at each look once a stop was asked for */
static int64_t leapt_ms;
static bool stop_asked;
static int64_t started_ms;

int __real_signalfd(int fd, const sigset_t *set, int flags);
int __wrap_signalfd(int fd, const sigset_t *set, int flags);
pid_t __real_fork(void);
pid_t __wrap_fork(void);
int64_t __real_clock_monotonic_ms(void);
int64_t __wrap_clock_monotonic_ms(void);

int __wrap_signalfd(int fd, const sigset_t *set, int flags)
{
    return failing_signalfd ? -1 : __real_signalfd(fd, set, flags);
}

pid_t __wrap_fork(void)
{
    errno = EAGAIN;
    return failing_fork ? -1 : __real_fork();
}

int64_t __wrap_clock_monotonic_ms(void)
{
    leapt_ms += stop_asked ? leap_ms : 0;
    return __real_clock_monotonic_ms() + leapt_ms;
}

/* ---- what the tests ask of the loop ---- */

typedef bool condition(void);

static condition *wanted; /* for the stop */

static void ask_to_stop(void)
{
    if (!stop_asked) {
        stop_asked = true;
        kill(getpid(), SIGTERM);
    }
}

static bool may_start(void *context, struct child *child)
{
    (void)child;
    return *(bool *)context;
}

static bool is_ready(void *context)
{
    bool is_late = __real_clock_monotonic_ms() - started_ms > WAIT_MS;
    (void)context;
    if (is_late || wanted()) {
        ask_to_stop();
    }
    return false;
}

static void nothing(void *context)
{
    (void)context;
}

static bool allowed;
static int starts_told, ends_told;

static void note_start(void *context, const struct child *child)
{
    (void)context;
    assert_true(child->pid > 0);
    starts_told++;
}

static void note_end(void *context, const struct child *child, pid_t pid, int exit_code)
{
    (void)context;
    (void)child;
    assert_true(pid > 0);
    assert_true(exit_code >= 0);
    ends_told++;
}

static const struct supervisor_hooks hooks = {
    .may_start = may_start,
    .ready = is_ready,
    .stopping = nothing,
    .restarting = nothing,
    .restarted = nothing,
    .child_started = note_start,
    .child_ended = note_end,
    .context = &allowed,
};

static int set_up(void **state)
{
    (void)state;
    snprintf(directory, sizeof directory, "/tmp/troupe-supervisor-XXXXXX");
    assert_non_null(mkdtemp(directory));
    assert_int_equal(chdir(directory), 0);
    leap_ms = 0;
    leapt_ms = 0;
    stop_asked = false;
    starts_told = 0;
    ends_told = 0;
    allowed = true;
    started_ms = __real_clock_monotonic_ms();
    return supervisor_init(&supervisor, hooks) == STATUS_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    char command[64];
    (void)state;
    assert_int_equal(ends_told, starts_told);
    for (int index = 0; index < supervisor.children_count; index++) {
        assert_int_equal(supervisor.children[index]->pid, 0); /* nobody is left */
        if (supervisor.children[index]->output >= 0) {
            close(supervisor.children[index]->output);
        }
    }
    supervisor_fini(&supervisor);
    supervisor_fini(&supervisor);
    assert_int_equal(chdir("/"), 0);
    snprintf(command, sizeof command, "rm -rf %s", directory);
    return system(command);
}

/* Each start leaves a line in the file `starts`, each stop that was asked for one in `stops`. */
static void add(const char *name, const char *text)
{
    struct child *child = &children[supervisor.children_count];
    child_init(child, name, directory);
    FILE *file = fopen(child->path, "w");
    assert_non_null(file);
    fprintf(file, "#!/bin/sh\necho %s >>starts\n%s\n", name, text);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(child->path, 0700), 0);
    supervisor_add(&supervisor, child);
}

#define STAYS "trap 'echo '$0' >>stops; exit 0' TERM; echo ready; while :; do sleep 1 & wait; done"

/* The names in a file, as one text; empty without the file. */
static const char *names_in(const char *path)
{
    static char text[4096];
    FILE *file = fopen(path, "r");
    size_t size = file == NULL ? 0 : fread(text, 1, sizeof text - 1, file);
    if (file != NULL) {
        fclose(file);
    }
    text[size] = '\0';
    return text;
}

static int count_of(const char *path, const char *name)
{
    int count = 0;
    const char *place = names_in(path);
    while ((place = strstr(place, name)) != NULL) {
        count++;
        place += strlen(name);
    }
    return count;
}

/* ---- tests ---- */

static bool all_are_ready(void)
{
    for (int index = 0; index < supervisor.children_count; index++) {
        if (!children[index].ready) {
            return false;
        }
    }
    return true;
}

static void a_stop_ends_all_and_the_first_ones_last(void **state)
{
    (void)state;
    add("first", STAYS);
    add("second", STAYS);
    add("third", STAYS);
    supervisor.last_to_stop = 1;
    wanted = all_are_ready;
    assert_int_equal(supervisor_run(&supervisor), 0);
    const char *stops = names_in("stops");
    for (int index = 0; index < CHILDREN; index++) {
        assert_int_equal(count_of("stops", children[index].name), 1);
    }
    assert_true(strstr(stops, "first") > strstr(stops, "second"));
    assert_true(strstr(stops, "first") > strstr(stops, "third"));
}

static bool mayfly_was_started_again(void)
{
    return count_of("starts", "mayfly") >= 3 && children[1].ready;
}

static void what_ends_is_started_again_and_the_others_stay(void **state)
{
    (void)state;
    add("mayfly", "echo ready; exit 1");
    add("stayer", STAYS);
    wanted = mayfly_was_started_again;
    assert_int_equal(supervisor_run(&supervisor), 0);
    assert_true(count_of("starts", "mayfly") >= 3);
    assert_int_equal(count_of("starts", "stayer"), 1);
}

static bool never(void)
{
    return false;
}

static void expect_the_end(int code)
{
    char text[32];
    snprintf(text, sizeof text, "exit %d", code);
    add("stayer", STAYS);
    add("hopeless", text);
    wanted = never;
    assert_int_equal(supervisor_run(&supervisor), code);
    assert_int_equal(count_of("starts", "hopeless"), 1);
}

static void bad_settings_end_everything(void **state)
{
    (void)state;
    expect_the_end(2);
}

static void an_address_in_use_ends_everything(void **state)
{
    (void)state;
    expect_the_end(3);
}

/* It may end once its line was read. */
static bool fickle_was_started_again(void)
{
    if (children[0].ready) {
        fclose(fopen("go", "w"));
    }
    return count_of("starts", "fickle") >= 2;
}

static void one_that_was_ready_once_is_worth_another_start(void **state)
{
    (void)state;
    add("fickle", "echo ready; while [ ! -e go ]; do sleep 0.01; done; exit 2");
    wanted = fickle_was_started_again;
    assert_int_equal(supervisor_run(&supervisor), 0);
    assert_true(count_of("starts", "fickle") >= 2);
}

static int turns;

static bool turned_enough(void)
{
    turns++;
    if (turns == 5) {
        assert_string_equal(names_in("starts"), "");
        allowed = true;
    }
    return turns > 5 && all_are_ready();
}

static void nobody_starts_before_it_may(void **state)
{
    (void)state;
    add("patient", STAYS);
    allowed = false;
    wanted = turned_enough;
    assert_int_equal(supervisor_run(&supervisor), 0);
    assert_int_equal(count_of("starts", "patient"), 1);
}

static bool is_put_off(void)
{
    return children[0].start_at_ms > __real_clock_monotonic_ms() + CHILD_DELAY_MAX_MS / 2;
}

static void a_start_that_fails_is_put_off(void **state)
{
    (void)state;
    add("unborn", STAYS);
    wanted = is_put_off;
    failing_fork = true;
    assert_int_equal(supervisor_run(&supervisor), 0);
    failing_fork = false;
    assert_true(is_put_off());
    assert_string_equal(names_in("starts"), "");
}

static void who_does_not_stop_is_killed_after_a_while(void **state)
{
    (void)state;
    add("stubborn", "trap '' TERM; echo ready; while :; do sleep 1; done");
    wanted = all_are_ready;
    leap_ms = STOP_MS / 4;
    assert_int_equal(supervisor_run(&supervisor), 0);
    assert_int_equal(children[0].exit_code, 128 + SIGKILL);
}

/* The child asks for it, as somebody does who presses Ctrl-C twice. */
static void a_second_signal_kills_at_once(void **state)
{
    (void)state;
    add("stubborn", "trap 'kill -TERM $PPID' TERM; echo ready; while :; do sleep 1 & wait; done");
    wanted = all_are_ready;
    assert_int_equal(supervisor_run(&supervisor), 0);
    assert_int_equal(children[0].exit_code, 128 + SIGKILL);
    assert_true(__real_clock_monotonic_ms() - started_ms < WAIT_MS);
}

static void without_signals_there_is_no_supervisor(void **state)
{
    struct supervisor other;
    (void)state;
    failing_signalfd = true;
    assert_int_equal(supervisor_init(&other, hooks), STATUS_IO);
    failing_signalfd = false;
    supervisor_fini(&other);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_stop_ends_all_and_the_first_ones_last),
        TEST(what_ends_is_started_again_and_the_others_stay),
        TEST(bad_settings_end_everything),
        TEST(an_address_in_use_ends_everything),
        TEST(one_that_was_ready_once_is_worth_another_start),
        TEST(nobody_starts_before_it_may),
        TEST(a_start_that_fails_is_put_off),
        TEST(who_does_not_stop_is_killed_after_a_while),
        TEST(a_second_signal_kills_at_once),
        TEST(without_signals_there_is_no_supervisor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
