#include "base/random.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/unit/test.h"

/* Method: the linker sends getrandom through __wrap_getrandom. */

static bool is_stuttering; /* every other call is interrupted, the others give 3 bytes at most */
static bool is_missing;
static int stutter_count;

ssize_t __real_getrandom(void *out, size_t size, unsigned flags);
ssize_t __wrap_getrandom(void *out, size_t size, unsigned flags);

ssize_t __wrap_getrandom(void *out, size_t size, unsigned flags)
{
    if (is_missing || (is_stuttering && stutter_count++ % 2 == 0)) {
        errno = is_missing ? ENOSYS : EINTR;
        return -1;
    }
    return __real_getrandom(out, is_stuttering && size > 3 ? 3 : size, flags);
}

static void fills_all_that_was_asked_and_no_more(void **state)
{
    uint8_t bytes[1024];
    (void)state;
    for (size_t size = 0; size <= 1000; size += 100) {
        memset(bytes, 0, sizeof bytes);
        random_bytes(bytes, size);
        /* Sixteen zeros in a row come by chance once in 2^128. */
        const uint8_t zeros[16] = {0};
        for (size_t index = 0; index + sizeof zeros <= size; index += sizeof zeros) {
            assert_memory_not_equal(bytes + index, zeros, sizeof zeros);
        }
        for (size_t index = size; index < sizeof bytes; index++) {
            assert_int_equal(bytes[index], 0);
        }
    }
}

static void is_different_every_time(void **state)
{
    uint8_t first[16];
    uint8_t second[16];
    (void)state;
    random_bytes(first, sizeof first);
    random_bytes(second, sizeof second);
    assert_memory_not_equal(first, second, sizeof first);
}

static void interrupted_and_short_answers_are_completed(void **state)
{
    is_stuttering = true;
    fills_all_that_was_asked_and_no_more(state);
    is_stuttering = false;
}

static void a_kernel_without_randomness_ends_the_process(void **state)
{
    int status = 0;
    (void)state;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        const struct rlimit no_core = {0, 0};
        uint8_t bytes[16];
        setrlimit(RLIMIT_CORE, &no_core);
        signal(SIGABRT, SIG_DFL);
        is_missing = true;
        random_bytes(bytes, sizeof bytes);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fills_all_that_was_asked_and_no_more),
        cmocka_unit_test(is_different_every_time),
        cmocka_unit_test(interrupted_and_short_answers_are_completed),
        cmocka_unit_test(a_kernel_without_randomness_ends_the_process),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
