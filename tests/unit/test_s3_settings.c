/* The settings of an object store: what is read from the environment and from files. */

#include "s3/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "tests/unit/test.h"

static const char *const names[] = {
    "TROUPE_S3_ENDPOINT",   "TROUPE_S3_PUBLIC_ENDPOINT", "TROUPE_S3_REGION",
    "TROUPE_S3_STYLE",      "TROUPE_S3_KEY_ID",          "TROUPE_S3_SECRET",
    "TROUPE_S3_TOKEN",      "TROUPE_S3_KEY_ID_FILE",     "TROUPE_S3_SECRET_FILE",
    "TROUPE_S3_TOKEN_FILE",
};

static int clear(void **state)
{
    (void)state;
    for (size_t index = 0; index < sizeof(names) / sizeof(names[0]); index++) {
        unsetenv(names[index]);
    }
    setenv("TROUPE_S3_KEY_ID", "id", 1);
    setenv("TROUPE_S3_SECRET", "secret", 1);
    return 0;
}

/* Makes a file of that mode and names it as the setting's. */
static void set_file(const char *setting, char path[32], const char *content, mode_t mode)
{
    snprintf(path, 32, "/tmp/troupe-test-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, content, strlen(content)), strlen(content));
    assert_int_equal(fchmod(fd, mode), 0);
    close(fd);
    setenv(setting, path, 1);
}

static enum status status_of(const char *location)
{
    struct s3_settings settings;
    enum status status = s3_settings_read(location, &settings);
    s3_settings_fini(&settings);
    s3_settings_fini(&settings);
    return status;
}

static void a_place_is_a_bucket_or_a_directory(void **state)
{
    const char *location = NULL;
    (void)state;
    assert_true(s3_is_location("s3:bucket/prefix", &location));
    assert_string_equal(location, "bucket/prefix");
    assert_false(s3_is_location("/var/lib/assets", &location));
    assert_false(s3_is_location("file:s3:x", &location));
    assert_string_equal(s3_directory_of("file:/var/lib/assets"), "/var/lib/assets");
    assert_string_equal(s3_directory_of("assets"), "assets");
}

static void a_bucket_is_aws_own_without_an_endpoint(void **state)
{
    struct s3_settings settings;
    (void)state;
    assert_int_equal(s3_settings_read("bucket/stage", &settings), STATUS_OK);
    assert_string_equal(settings.bucket.host, "bucket.s3.us-east-1.amazonaws.com");
    assert_true(settings.bucket.is_tls);
    assert_string_equal(settings.bucket.prefix, "stage/");
    assert_string_equal(settings.bucket.key.id, "id");
    assert_string_equal(settings.bucket.key.secret, "secret");
    assert_null(settings.bucket.key.token);
    assert_string_equal(settings.visitors.host, settings.bucket.host);
    s3_settings_fini(&settings);
    assert_null(settings.secret);
}

static void visitors_may_see_another_address(void **state)
{
    struct s3_settings settings;
    (void)state;
    setenv("TROUPE_S3_ENDPOINT", "http://store:9000", 1);
    setenv("TROUPE_S3_PUBLIC_ENDPOINT", "https://assets.test", 1);
    setenv("TROUPE_S3_REGION", "eu-1", 1);
    setenv("TROUPE_S3_TOKEN", "token", 1);
    assert_int_equal(s3_settings_read("bucket", &settings), STATUS_OK);
    assert_string_equal(settings.bucket.host, "store:9000");
    assert_string_equal(settings.bucket.path, "/bucket/");
    assert_string_equal(settings.visitors.host, "assets.test");
    assert_string_equal(settings.visitors.key.region, "eu-1");
    assert_string_equal(settings.visitors.key.token, "token");
    s3_settings_fini(&settings);
    setenv("TROUPE_S3_PUBLIC_ENDPOINT", "assets.test", 1);
    assert_int_equal(status_of("bucket"), STATUS_INVALID);
}

static void the_style_is_path_or_host(void **state)
{
    struct s3_settings settings;
    (void)state;
    setenv("TROUPE_S3_ENDPOINT", "https://store.test", 1);
    setenv("TROUPE_S3_STYLE", "host", 1);
    assert_int_equal(s3_settings_read("bucket", &settings), STATUS_OK);
    assert_string_equal(settings.bucket.host, "bucket.store.test");
    s3_settings_fini(&settings);
    setenv("TROUPE_S3_STYLE", "path", 1);
    assert_int_equal(status_of("bucket"), STATUS_OK);
    setenv("TROUPE_S3_STYLE", "virtual", 1);
    assert_int_equal(status_of("bucket"), STATUS_INVALID);
}

static void secrets_come_from_files_that_nobody_else_can_read(void **state)
{
    struct s3_settings settings;
    char path[32];
    (void)state;
    set_file("TROUPE_S3_SECRET_FILE", path, "of-a-file\n", 0600);
    assert_int_equal(s3_settings_read("bucket", &settings), STATUS_OK);
    assert_string_equal(settings.secret, "of-a-file"); /* before the one in the environment */
    s3_settings_fini(&settings);
    chmod(path, 0640);
    assert_int_equal(status_of("bucket"), STATUS_INVALID);
    unlink(path);
    assert_int_equal(status_of("bucket"), STATUS_INVALID);
}

static void a_file_that_is_empty_or_too_large_is_refused(void **state)
{
    char path[32];
    char large[5000];
    (void)state;
    set_file("TROUPE_S3_SECRET_FILE", path, "\n", 0600);
    assert_int_equal(status_of("bucket"), STATUS_INVALID);
    unlink(path);
    memset(large, 'a', sizeof(large) - 1);
    large[sizeof(large) - 1] = '\0';
    set_file("TROUPE_S3_SECRET_FILE", path, large, 0600);
    assert_int_equal(status_of("bucket"), STATUS_INVALID);
    unlink(path);
}

static void what_is_missing_is_told(void **state)
{
    (void)state;
    unsetenv("TROUPE_S3_SECRET");
    assert_int_equal(status_of("bucket"), STATUS_INVALID);
    setenv("TROUPE_S3_SECRET", "secret", 1);
    unsetenv("TROUPE_S3_KEY_ID");
    assert_int_equal(status_of("bucket"), STATUS_INVALID);
    setenv("TROUPE_S3_KEY_ID", "id", 1);
    assert_int_equal(status_of("B"), STATUS_INVALID);
    assert_int_equal(status_of(""), STATUS_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_place_is_a_bucket_or_a_directory, clear),
        cmocka_unit_test_setup(a_bucket_is_aws_own_without_an_endpoint, clear),
        cmocka_unit_test_setup(visitors_may_see_another_address, clear),
        cmocka_unit_test_setup(the_style_is_path_or_host, clear),
        cmocka_unit_test_setup(secrets_come_from_files_that_nobody_else_can_read, clear),
        cmocka_unit_test_setup(a_file_that_is_empty_or_too_large_is_refused, clear),
        cmocka_unit_test_setup(what_is_missing_is_told, clear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
