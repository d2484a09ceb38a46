/* The asset store in a directory, while the disk does not keep what it took. Method: the linker
 * sends fsync and rename through the test. */

#include "actors/asset_store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "actors/limits.h"
#include "tests/unit/test.h"

static const struct id character = {{0x12, 0x30, 0, 0, 0, 0, 0x40, 0, 0x80, 0, 0, 0, 0, 0, 0, 1}};

static const char *failing_call; /* NULL when none fails */
static size_t commits;
static struct asset_store store;
static struct clock wall_clock;
static char root[] = "/tmp/troupe-store-XXXXXX";

int __real_fsync(int fd);
int __wrap_fsync(int fd);
int __real_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to);

static bool fails(const char *call)
{
    if (failing_call == NULL || strcmp(call, failing_call) != 0) {
        return false;
    }
    errno = EDQUOT; /* of a file system over a network, told as late as this */
    return true;
}

int __wrap_fsync(int fd)
{
    return fails("fsync") ? -1 : __real_fsync(fd);
}

int __wrap_rename(const char *from, const char *to)
{
    return fails("rename") ? -1 : __real_rename(from, to);
}

static int set_up(void **state)
{
    (void)state;
    snprintf(root, sizeof(root), "/tmp/troupe-store-XXXXXX");
    clock_init(&wall_clock, 0);
    if (mkdtemp(root) == NULL || asset_store_init(&store, root, NULL) != STATUS_OK) {
        return 1;
    }
    store.objects.line.clock = &wall_clock;
    return 0;
}

static int tear_down(void **state)
{
    char command[128];
    (void)state;
    failing_call = NULL;
    asset_store_fini(&store);
    snprintf(command, sizeof(command), "rm -rf '%s'", root);
    return system(command);
}

/* Whether there is any file, whatever its name. */
static bool has_files(void)
{
    char command[128];
    snprintf(command, sizeof(command), "test -n \"$(find '%s' -type f)\"", root);
    return system(command) == 0;
}

static void ignore_wake(void *context, enum status status)
{
    (void)context;
    (void)status;
}

static void count_commit(void *context, enum status status, const struct asset *asset)
{
    (void)context;
    (void)asset;
    commits += status == STATUS_OK;
}

static void store_something(void)
{
    static const uint8_t random[ID_SIZE] = {0xab};
    const struct asset_plan plan = {.character = &character,
                                    .extension = "png",
                                    .content_type = "image/png",
                                    .size_max = 100,
                                    .is_whole = true};
    struct asset_writer *writer = NULL;
    assert_int_equal(asset_writer_begin(&plan, &store, random, ignore_wake, NULL, &writer),
                     STATUS_OK);
    assert_int_equal(asset_writer_add(writer, SLICE_LITERAL("ab")), STATUS_OK);
    asset_writer_commit(writer, count_commit, NULL);
    asset_writer_destroy(&writer);
}

static bool takes_at_its_next_probe(void)
{
    int64_t wait_ms = 0;
    store.health.probe_ms = clock_now_ms(&wall_clock);
    return asset_store_takes(&store, &character, &wait_ms);
}

static void a_probe_finds_what_only_a_commit_is_told(void **state)
{
    static const char *const calls[] = {"fsync", "rename"};
    int64_t wait_ms = 0;
    (void)state;
    for (size_t index = 0; index < sizeof(calls) / sizeof(calls[0]); index++) {
        failing_call = calls[index];
        commits = 0;
        store_something();
        assert_int_equal(commits, 0);
        assert_false(asset_store_takes(&store, &character, &wait_ms));
        assert_false(takes_at_its_next_probe());
        assert_true(store.health.pause_ms > STORE_PROBE_MS_MIN);
        failing_call = NULL;
        assert_true(takes_at_its_next_probe());
        assert_false(has_files()); /* nothing of it is left */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_probe_finds_what_only_a_commit_is_told, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
