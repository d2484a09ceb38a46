/* Where requests to a bucket go, and what is refused as its settings. */

#include "s3/bucket.h"

#include "s3/request.h"
#include "tests/unit/test.h"

static const struct s3_options plain = {
    .location = "troupe-assets/stage",
    .endpoint = "http://127.0.0.1:9000",
    .region = "eu-central-1",
    .key_id = "ID",
    .secret = "secret",
};

static void check_address(const struct s3_options *options, const char *host, const char *url)
{
    struct s3_bucket bucket;
    struct s3_call call;
    const char *problem = NULL;
    const struct s3_request request = {.method = "GET", .key = SLICE_LITERAL("characters/1/a.png")};
    assert_int_equal(s3_bucket_init(&bucket, options, &problem), STATUS_OK);
    assert_string_equal(bucket.host, host);
    assert_int_equal(s3_call_make(&bucket, &request, 0, &call), STATUS_OK);
    assert_string_equal(call.url, url);
    s3_call_fini(&call);
}

static void an_endpoint_of_its_own_has_the_bucket_in_the_path(void **state)
{
    (void)state;
    check_address(&plain, "127.0.0.1:9000",
                  "http://127.0.0.1:9000/troupe-assets/stage/characters/1/a.png");
    struct s3_options options = plain;
    options.endpoint = "https://store.example:443";
    options.location = "troupe-assets";
    check_address(&options, "store.example",
                  "https://store.example/troupe-assets/characters/1/a.png");
    options.style = S3_STYLE_HOST;
    check_address(&options, "troupe-assets.store.example",
                  "https://troupe-assets.store.example/characters/1/a.png");
    options.endpoint = "http://store.example:80";
    options.style = S3_STYLE_DEFAULT;
    check_address(&options, "store.example",
                  "http://store.example/troupe-assets/characters/1/a.png");
}

static void without_an_endpoint_it_is_that_of_the_region_with_the_bucket_in_the_host(void **state)
{
    struct s3_options options = plain;
    (void)state;
    options.endpoint = NULL;
    options.location = "troupe-assets/a/b/";
    check_address(&options, "troupe-assets.s3.eu-central-1.amazonaws.com",
                  "https://troupe-assets.s3.eu-central-1.amazonaws.com/a/b/characters/1/a.png");
    options.style = S3_STYLE_PATH;
    check_address(&options, "s3.eu-central-1.amazonaws.com",
                  "https://s3.eu-central-1.amazonaws.com/troupe-assets/a/b/characters/1/a.png");
}

static void bad_settings_are_refused_in_words(void **state)
{
    struct s3_options bad[18];
    struct s3_bucket bucket;
    size_t count = 0;
    (void)state;
    for (size_t index = 0; index < sizeof(bad) / sizeof(bad[0]); index++) {
        bad[index] = plain;
    }
    static const char *const locations[] = {"",     "ab",     "Upper",  "-ab",     "a_b_c",
                                            "ab./", "abc//x", "abc/..", "abc/a b", "abc/a/../b"};
    for (size_t index = 0; index < sizeof(locations) / sizeof(locations[0]); index++) {
        bad[count++].location = locations[index];
    }
    static const char *const endpoints[] = {"ftp://x", "http://", "http://x/y", "http://a b"};
    for (size_t index = 0; index < sizeof(endpoints) / sizeof(endpoints[0]); index++) {
        bad[count++].endpoint = endpoints[index];
    }
    bad[count++].region = "US";
    bad[count++].secret = NULL;
    bad[count++].secret = "a\nb";
    bad[count++].key_id = "a/b";
    for (size_t index = 0; index < count; index++) {
        const char *problem = NULL;
        assert_int_equal(s3_bucket_init(&bucket, &bad[index], &problem), STATUS_INVALID);
        assert_non_null(problem);
    }
}

static const char *line_of(const struct s3_call *call, const char *name)
{
    for (size_t index = 0; index < call->line_count; index++) {
        if (strncmp(call->lines[index], name, strlen(name)) == 0) {
            return call->lines[index];
        }
    }
    return NULL;
}

static void a_request_carries_its_hash_its_time_and_its_signature(void **state)
{
    struct s3_options options = plain;
    struct s3_bucket bucket;
    struct s3_call call;
    const char *problem = NULL;
    (void)state;
    options.token = "session";
    assert_int_equal(s3_bucket_init(&bucket, &options, &problem), STATUS_OK);
    const struct s3_request request = {
        .method = "PUT",
        .key = SLICE_LITERAL("characters/1/a.mp4"),
        .query = {{SLICE_LITERAL("uploadId"), SLICE_LITERAL("a/b")},
                  {SLICE_LITERAL("partNumber"), SLICE_LITERAL("2")}},
        .query_count = 2,
        .headers = {{SLICE_LITERAL("content-type"), SLICE_LITERAL("video/mp4")}},
        .header_count = 1,
        .body = SLICE_LITERAL("abc"),
    };
    assert_int_equal(s3_call_make(&bucket, &request, 1440938160000, &call), STATUS_OK);
    assert_string_equal(call.url, "http://127.0.0.1:9000/troupe-assets/stage/characters/1/a.mp4"
                                  "?partNumber=2&uploadId=a%2Fb");
    assert_string_equal(line_of(&call, "x-amz-date"), "x-amz-date: 20150830T123600Z");
    assert_string_equal(
        line_of(&call, "x-amz-content-sha256"),
        "x-amz-content-sha256: ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_string_equal(line_of(&call, "x-amz-security-token"), "x-amz-security-token: session");
    assert_string_equal(line_of(&call, "content-type"), "content-type: video/mp4");
    assert_non_null(strstr(line_of(&call, "authorization"),
                           "Credential=ID/20150830/eu-central-1/s3/aws4_request, "
                           "SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date;"
                           "x-amz-security-token, Signature="));
    assert_null(line_of(&call, "host"));
    s3_call_fini(&call);
    s3_call_fini(&call);
}

static void a_hash_that_is_known_is_not_computed(void **state)
{
    static const uint8_t hash[SHA256_SIZE] = {0xab, 0xcd};
    struct s3_bucket bucket;
    struct s3_call call;
    const char *problem = NULL;
    (void)state;
    const struct s3_request request = {.method = "PUT",
                                       .key = SLICE_LITERAL("k"),
                                       .body = SLICE_LITERAL("abc"),
                                       .body_hash = hash};
    assert_int_equal(s3_bucket_init(&bucket, &plain, &problem), STATUS_OK);
    assert_int_equal(s3_call_make(&bucket, &request, 0, &call), STATUS_OK);
    assert_string_equal(
        line_of(&call, "x-amz-content-sha256"),
        "x-amz-content-sha256: abcd000000000000000000000000000000000000000000000000000000000000");
    s3_call_fini(&call);
}

static void a_key_that_is_too_long_is_refused(void **state)
{
    static char key[S3_KEY_SIZE_MAX + 2];
    struct s3_bucket bucket;
    struct s3_call call;
    struct buffer out;
    const char *problem = NULL;
    (void)state;
    memset(key, 'k', sizeof(key) - 1);
    const struct s3_request request = {.method = "GET", .key = slice_from_string(key)};
    assert_int_equal(s3_bucket_init(&bucket, &plain, &problem), STATUS_OK);
    assert_int_equal(s3_call_make(&bucket, &request, 0, &call), STATUS_TOO_LARGE);
    s3_call_fini(&call);
    buffer_init(&out, 4096);
    assert_int_equal(s3_presign(&bucket, "GET", request.key, 0, 60, &out), STATUS_TOO_LARGE);
    assert_int_equal(s3_presign(&bucket, "GET", SLICE_LITERAL("k"), 0, 60, &out), STATUS_OK);
    assert_memory_equal(out.data,
                        "http://127.0.0.1:9000/troupe-assets/stage/k?X-Amz-Algorithm=", 60);
    buffer_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_endpoint_of_its_own_has_the_bucket_in_the_path),
        cmocka_unit_test(without_an_endpoint_it_is_that_of_the_region_with_the_bucket_in_the_host),
        cmocka_unit_test(bad_settings_are_refused_in_words),
        cmocka_unit_test(a_request_carries_its_hash_its_time_and_its_signature),
        cmocka_unit_test(a_hash_that_is_known_is_not_computed),
        cmocka_unit_test(a_key_that_is_too_long_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
