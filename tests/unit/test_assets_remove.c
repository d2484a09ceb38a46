#include "gateway/assets.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "tests/unit/test.h"

static const struct id character = {{0x12, 0x30, 0, 0, 0, 0, 0x40, 0, 0x80, 0, 0, 0, 0, 0, 0, 1}};

#define NAME "12300000-0000-4000-8000-000000000001"
#define URL  "/assets/characters/" NAME

static char root[64];
static struct assets assets;

static void path_write(char out[256], const char *name)
{
    snprintf(out, 256, "%s/characters/%s", root, name);
}

static void make(const char *name)
{
    char path[256];
    path_write(path, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fclose(file);
}

static bool exists(const char *name)
{
    char path[256];
    path_write(path, name);
    return access(path, F_OK) == 0;
}

static void make_directory(const char *name)
{
    char path[256];
    path_write(path, name);
    assert_int_equal(mkdir(path, 0700), 0);
}

static int set_up(void **state)
{
    (void)state;
    snprintf(root, sizeof(root), "/tmp/troupe-assets-XXXXXX");
    if (mkdtemp(root) == NULL || assets_init(&assets, root) != STATUS_OK) {
        return -1;
    }
    make_directory("");
    make_directory(NAME);
    make(NAME "/a.png");
    make(NAME "/b.mp4");
    make(NAME "/.c.part");
    return 0;
}

static int tear_down(void **state)
{
    char command[128];
    (void)state;
    assets_fini(&assets);
    snprintf(command, sizeof(command), "rm -rf '%s'", root);
    return system(command);
}

static void all_of_a_character_go_a_few_at_a_time_and_none_is_reached_meanwhile(void **state)
{
    uint32_t left = 1;
    int fd;
    (void)state;
    assert_int_equal(assets_open(&assets, SLICE_LITERAL("characters/" NAME "/a.png"), &fd),
                     STATUS_OK);
    close(fd);
    assert_int_equal(assets_remove_character(&assets, &character, &left), STATUS_AGAIN);
    assert_int_equal(left, 0);
    assert_true(exists("." NAME));
    assert_int_equal(assets_open(&assets, SLICE_LITERAL("characters/" NAME "/a.png"), &fd),
                     STATUS_NOT_FOUND);
    assert_int_equal(assets_open(&assets, SLICE_LITERAL("characters/." NAME "/a.png"), &fd),
                     STATUS_NOT_FOUND);
    left = 10;
    assert_int_equal(assets_remove_character(&assets, &character, &left), STATUS_OK);
    assert_int_equal(left, 8);
    assert_false(exists("." NAME) || exists(NAME));
    assert_int_equal(assets_remove_character(&assets, &character, &left), STATUS_OK);
}

static void what_is_written_late_goes_with_the_next_call(void **state)
{
    uint32_t left = 1;
    (void)state;
    assert_int_equal(assets_remove_character(&assets, &character, &left), STATUS_AGAIN);
    make_directory(NAME);
    make(NAME "/late.png");
    left = 10;
    assert_int_equal(assets_remove_character(&assets, &character, &left), STATUS_AGAIN);
    assert_int_equal(assets_remove_character(&assets, &character, &left), STATUS_OK);
    assert_false(exists("." NAME) || exists(NAME));
}

static void one_asset_goes_and_the_others_stay(void **state)
{
    (void)state;
    for (int again = 0; again < 2; again++) {
        assert_int_equal(assets_remove(&assets, &character, SLICE_LITERAL(URL "/a.png")),
                         STATUS_OK);
        assert_false(exists(NAME "/a.png"));
    }
    assert_true(exists(NAME "/b.mp4"));
}

static void nothing_outside_the_characters_directory_is_removed(void **state)
{
    static const char *const urls[] = {
        "",
        "x",
        URL,
        URL "/",
        URL "/.c.part",
        URL "/../" NAME "/b.mp4",
        URL "/../../kept",
        "/assets/characters/12300000-0000-4000-8000-000000000002/b.mp4",
        "/assets/kept"};
    (void)state;
    make("../kept");
    for (size_t index = 0; index < sizeof(urls) / sizeof(urls[0]); index++) {
        assert_int_equal(assets_remove(&assets, &character, slice_from_string(urls[index])),
                         STATUS_OK);
    }
    assert_true(exists("../kept") && exists(NAME "/b.mp4") && exists(NAME "/.c.part"));
}

static void a_directory_in_the_way_is_told(void **state)
{
    uint32_t left = 10;
    (void)state;
    make_directory(NAME "/d");
    assert_int_equal(assets_remove(&assets, &character, SLICE_LITERAL(URL "/d")), STATUS_IO);
    assert_int_equal(assets_remove_character(&assets, &character, &left), STATUS_IO);
}

#define ASSETS_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ASSETS_TEST(all_of_a_character_go_a_few_at_a_time_and_none_is_reached_meanwhile),
        ASSETS_TEST(what_is_written_late_goes_with_the_next_call),
        ASSETS_TEST(one_asset_goes_and_the_others_stay),
        ASSETS_TEST(nothing_outside_the_characters_directory_is_removed),
        ASSETS_TEST(a_directory_in_the_way_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
