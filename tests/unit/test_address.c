#include "base/address.h"

#include "tests/unit/test.h"
#include <string.h>

static void files_and_this_hosts_ports_may_be_bound(void **state)
{
    static const char *const good[] = {
        "ipc:///run/troupe/broker", "ipc://a",           "ipc://./@a",
        "tcp://127.0.0.1:1",        "tcp://127.1.2.3:9", "tcp://127.255.255.255:65535",
        "tcp://localhost:5000",     "tcp://[::1]:5000",
    };
    (void)state;
    for (size_t index = 0; index < sizeof good / sizeof good[0]; index++) {
        assert_null(address_problem(good[index]));
    }
}

static void everything_else_is_refused_with_a_reason(void **state)
{
    static const struct {
        const char *address;
        const char *word; /* of the reason */
    } bad[] = {
        {"", "begins with"},
        {"/run/broker", "begins with"},
        {"inproc://a", "begins with"},
        {"IPC://a", "begins with"},
        {"ipc://", "path of a file"},
        {"ipc://@abstract", "path of a file"}, /* whoever comes may connect */
        {"ipc://*", "path of a file"},         /* ZeroMQ would choose one */
        {"tcp://127.0.0.1", "needs a port"},
        {"tcp://127.0.0.1:", "needs a port"},
        {"tcp://127.0.0.1:0", "needs a port"},
        {"tcp://127.0.0.1:*", "needs a port"},
        {"tcp://127.0.0.1:65536", "needs a port"},
        {"tcp://127.0.0.1:000001", "needs a port"},
        {"tcp://127.0.0.1:-1", "needs a port"},
        {"tcp://127.0.0.1:80 ", "needs a port"},
        {"tcp://", "needs a port"},
        {"tcp://:80", "this host only"},
        {"tcp://*:80", "this host only"},
        {"tcp://0.0.0.0:80", "this host only"},
        {"tcp://128.0.0.1:80", "this host only"},
        {"tcp://10.0.0.1:80", "this host only"},
        {"tcp://127.0.0:80", "this host only"},
        {"tcp://127.0.0.:80", "this host only"},
        {"tcp://127.0.0.1.:80", "this host only"},
        {"tcp://127.0.0.1.1:80", "this host only"},
        {"tcp://127.0.0.256:80", "this host only"},
        {"tcp://127.0.0.0001:80", "this host only"},
        {"tcp://127.0.0.1x:80", "this host only"},
        {"tcp://127.0..1:80", "this host only"},
        {"tcp://127.0.0.1;10.0.0.1:80", "this host only"},
        {"tcp://localhost.example:80", "this host only"},
        {"tcp://local:80", "this host only"},
        {"tcp://[::]:80", "this host only"},
        {"tcp://::1:80", "this host only"},
        {"tcp://eth0:80", "this host only"},
    };
    (void)state;
    for (size_t index = 0; index < sizeof bad / sizeof bad[0]; index++) {
        const char *problem = address_problem(bad[index].address);
        if (problem == NULL || strstr(problem, bad[index].word) == NULL) {
            fail_msg("%s: %s", bad[index].address, problem == NULL ? "accepted" : problem);
        }
    }
}

static void a_path_has_the_size_that_a_socket_takes(void **state)
{
    char address[ADDRESS_PATH_SIZE_MAX + 8] = "ipc://";
    (void)state;
    memset(address + 6, 'p', ADDRESS_PATH_SIZE_MAX);
    assert_null(address_problem(address));
    address[6 + ADDRESS_PATH_SIZE_MAX] = 'p';
    assert_non_null(address_problem(address));
}

static void only_a_file_has_a_path(void **state)
{
    (void)state;
    assert_string_equal(address_path("ipc:///run/troupe/broker"), "/run/troupe/broker");
    assert_null(address_path("tcp://127.0.0.1:80"));
    assert_null(address_path("ipc:/run"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_and_this_hosts_ports_may_be_bound),
        cmocka_unit_test(everything_else_is_refused_with_a_reason),
        cmocka_unit_test(a_path_has_the_size_that_a_socket_takes),
        cmocka_unit_test(only_a_file_has_a_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
