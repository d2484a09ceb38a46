/* The signer against the published vectors: AWS's signature version 4 test suite, and the examples
 * of S3's documentation. */

#include "s3/sigv4.h"

#include <stdio.h>
#include "base/encoding.h"
#include "tests/unit/test.h"

enum {
    HEADERS_MAX = 6,
    SECOND_MS = 1000,
};

#define EMPTY_HASH "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static const int64_t suite_ms = 1440938160000; /* 20150830T123600Z */
static const int64_t s3_ms = 1369353600000;    /* 20130524T000000Z */

static const struct sigv4_key suite_key = {
    .id = "AKIDEXAMPLE",
    .secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    .region = "us-east-1",
    .service = "service",
};
static const struct sigv4_key s3_key = {
    .id = "AKIAIOSFODNN7EXAMPLE",
    .secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    .region = "us-east-1",
    .service = "s3",
};

struct vector {
    const char *name;
    const char *method;
    const char *path;
    const char *query[4]; /* name, value, ... */
    const char *headers[2 * HEADERS_MAX];
    const char *body;
    const char *signed_headers;
    const char *signature;
};

static size_t fields_of(const char *const *words, size_t count, struct sigv4_field *out)
{
    size_t found = 0;
    while (2 * found < count && words[2 * found] != NULL) {
        out[found].name = slice_from_string(words[2 * found]);
        out[found].value = slice_from_string(words[2 * found + 1]);
        found++;
    }
    return found;
}

static void check_vector(const struct sigv4_key *key, int64_t time_ms, const char *hash,
                         const struct vector *vector)
{
    struct sigv4_field query[2];
    struct sigv4_field headers[HEADERS_MAX];
    struct buffer out;
    char expected[512];
    char time[SIGV4_TIME_SIZE];
    sigv4_time(time_ms, time);
    struct sigv4_request request = {
        .method = vector->method,
        .path = slice_from_string(vector->path),
        .query = query,
        .query_count = fields_of(vector->query, 4, query),
        .headers = headers,
        .header_count = fields_of(vector->headers, 2 * HEADERS_MAX, headers),
        .payload_hash = slice_from_string(hash),
        .time_ms = time_ms,
    };
    buffer_init(&out, 4096);
    assert_int_equal(sigv4_authorize(key, &request, &out), STATUS_OK);
    snprintf(expected, sizeof(expected),
             "AWS4-HMAC-SHA256 Credential=%s/%.8s/%s/%s/aws4_request, SignedHeaders=%s, "
             "Signature=%s",
             key->id, time, key->region, key->service, vector->signed_headers, vector->signature);
    assert_int_equal(buffer_append_byte(&out, '\0'), STATUS_OK);
    assert_string_equal((const char *)out.data, expected);
    buffer_fini(&out);
}

#define SUITE_HEADERS "host", "example.amazonaws.com", "x-amz-date", "20150830T123600Z"

static const struct vector vectors[] = {
    {"get-vanilla",
     "GET",
     "/",
     {0},
     {SUITE_HEADERS},
     "",
     "host;x-amz-date",
     "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
    {"get-unreserved",
     "GET",
     "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
     {0},
     {SUITE_HEADERS},
     "",
     "host;x-amz-date",
     "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"},
    {"get-space",
     "GET",
     "/example space/",
     {0},
     {SUITE_HEADERS},
     "",
     "host;x-amz-date",
     "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741"},
    {"get-utf8",
     "GET",
     "/\xe1\x88\xb4",
     {0},
     {SUITE_HEADERS},
     "",
     "host;x-amz-date",
     "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"},
    {"get-vanilla-query-order-key-case",
     "GET",
     "/",
     {"Param2", "value2", "Param1", "value1"},
     {SUITE_HEADERS},
     "",
     "host;x-amz-date",
     "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
    {"get-vanilla-query-order-value",
     "GET",
     "/",
     {"Param1", "value2", "Param1", "value1"},
     {SUITE_HEADERS},
     "",
     "host;x-amz-date",
     "5772eed61e12b33fae39ee5e7012498b51d56abc0abb7c60486157bd471c4694"},
    {"get-vanilla-utf8-query",
     "GET",
     "/",
     {"\xe1\x88\xb4", "bar"},
     {SUITE_HEADERS},
     "",
     "host;x-amz-date",
     "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"},
    {"get-header-value-order",
     "GET",
     "/",
     {0},
     {SUITE_HEADERS, "my-header1", "value4", "my-header1", "value1", "my-header1", "value3",
      "my-header1", "value2"},
     "",
     "host;my-header1;x-amz-date",
     "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01"},
    {"get-header-key-duplicate",
     "GET",
     "/",
     {0},
     {SUITE_HEADERS, "my-header1", "value2", "my-header1", "value2", "my-header1", "value1"},
     "",
     "host;my-header1;x-amz-date",
     "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"},
    {"get-header-value-trim",
     "GET",
     "/",
     {0},
     {"my-header1", " value1", "my-header2", " \"a   b   c\" ", SUITE_HEADERS},
     "",
     "host;my-header1;my-header2;x-amz-date",
     "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"},
    {"post-x-www-form-urlencoded",
     "POST",
     "/",
     {0},
     {"content-type", "application/x-www-form-urlencoded", SUITE_HEADERS},
     "Param1=value1",
     "content-type;host;x-amz-date",
     "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"},
};

static void the_vectors_of_the_suite_come_out(void **state)
{
    (void)state;
    for (size_t index = 0; index < sizeof(vectors) / sizeof(vectors[0]); index++) {
        uint8_t hash[SHA256_SIZE];
        struct buffer text;
        buffer_init(&text, 65);
        sha256(slice_from_string(vectors[index].body), hash);
        assert_int_equal(encode_hex(slice_make(hash, sizeof(hash)), &text), STATUS_OK);
        assert_int_equal(buffer_append_byte(&text, '\0'), STATUS_OK);
        check_vector(&suite_key, suite_ms, (const char *)text.data, &vectors[index]);
        buffer_fini(&text);
    }
}

#define S3_HEADERS                                                                              \
    "host", "examplebucket.s3.amazonaws.com", "x-amz-content-sha256", EMPTY_HASH, "x-amz-date", \
        "20130524T000000Z"
#define PUT_HASH "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"

static void the_examples_of_s3_come_out(void **state)
{
    static const struct vector examples[] = {
        {"an object's first bytes",
         "GET",
         "/test.txt",
         {0},
         {S3_HEADERS, "range", "bytes=0-9"},
         "",
         "host;range;x-amz-content-sha256;x-amz-date",
         "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"},
        {"a valueless parameter",
         "GET",
         "/",
         {"lifecycle", ""},
         {S3_HEADERS},
         "",
         "host;x-amz-content-sha256;x-amz-date",
         "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"},
        {"a list",
         "GET",
         "/",
         {"max-keys", "2", "prefix", "J"},
         {S3_HEADERS},
         "",
         "host;x-amz-content-sha256;x-amz-date",
         "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"},
    };
    static const struct vector put = {
        "an object whose key needs an escape",
        "PUT",
        "/test$file.text",
        {0},
        {"date", "Fri, 24 May 2013 00:00:00 GMT", "host", "examplebucket.s3.amazonaws.com",
         "x-amz-content-sha256", PUT_HASH, "x-amz-date", "20130524T000000Z", "x-amz-storage-class",
         "REDUCED_REDUNDANCY"},
        "",
        "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
        "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"};
    (void)state;
    for (size_t index = 0; index < sizeof(examples) / sizeof(examples[0]); index++) {
        check_vector(&s3_key, s3_ms, EMPTY_HASH, &examples[index]);
    }
    check_vector(&s3_key, s3_ms, PUT_HASH, &put);
}

static const struct sigv4_field s3_host = {SLICE_LITERAL("host"),
                                           SLICE_LITERAL("examplebucket.s3.amazonaws.com")};

static void the_signed_address_of_s3_comes_out(void **state)
{
    struct buffer out;
    const struct sigv4_request request = {
        .method = "GET",
        .path = SLICE_LITERAL("/test.txt"),
        .headers = &s3_host,
        .header_count = 1,
        .payload_hash = SIGV4_UNSIGNED,
        .time_ms = s3_ms,
    };
    (void)state;
    buffer_init(&out, 4096);
    assert_int_equal(sigv4_presign(&s3_key, &request, 86400, &out), STATUS_OK);
    assert_int_equal(buffer_append_byte(&out, '\0'), STATUS_OK);
    assert_string_equal(
        (const char *)out.data,
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2F"
        "us-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400"
        "&X-Amz-SignedHeaders=host&X-Amz-Signature="
        "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
    buffer_fini(&out);
}

static void a_session_s_token_is_part_of_a_signed_address(void **state)
{
    struct buffer out;
    struct sigv4_key key = s3_key;
    key.token = "a/b+c=";
    const struct sigv4_field own = {SLICE_LITERAL("versionId"), SLICE_LITERAL("1")};
    const struct sigv4_request request = {
        .method = "GET",
        .path = SLICE_LITERAL("/test.txt"),
        .query = &own,
        .query_count = 1,
        .headers = &s3_host,
        .header_count = 1,
        .payload_hash = SIGV4_UNSIGNED,
        .time_ms = s3_ms,
    };
    (void)state;
    buffer_init(&out, 4096);
    assert_int_equal(sigv4_presign(&key, &request, 300, &out), STATUS_OK);
    assert_int_equal(buffer_append_byte(&out, '\0'), STATUS_OK);
    assert_non_null(strstr((const char *)out.data, "&X-Amz-Security-Token=a%2Fb%2Bc%3D&"));
    assert_non_null(strstr((const char *)out.data, "&versionId=1&X-Amz-Signature="));
    buffer_fini(&out);
}

static void check_text(struct buffer *out, const char *expected)
{
    assert_int_equal(buffer_append_byte(out, '\0'), STATUS_OK);
    assert_string_equal((const char *)out->data, expected);
    buffer_fini(out);
}

static void a_path_is_encoded_once_and_keeps_its_slashes(void **state)
{
    struct buffer out;
    (void)state;
    buffer_init(&out, 4096);
    assert_int_equal(sigv4_encode(SLICE_LITERAL("/a b/%41=+&:*'()/../\xc3\xa4//"), true, &out),
                     STATUS_OK);
    check_text(&out, "/a%20b/%2541%3D%2B%26%3A%2A%27%28%29/../%C3%A4//");
    buffer_init(&out, 4096);
    assert_int_equal(sigv4_encode(SLICE_LITERAL("a/b"), false, &out), STATUS_OK);
    check_text(&out, "a%2Fb");
}

/* Names are compared, then values, not the pairs as they are written: "=" is above "-". */
static void parameters_are_sorted_by_their_encoded_names_and_values(void **state)
{
    static const struct sigv4_field query[] = {
        {SLICE_LITERAL("prefix"), SLICE_LITERAL("a/b c")},
        {SLICE_LITERAL("a-b"), SLICE_LITERAL("1")},
        {SLICE_LITERAL("a"), SLICE_LITERAL("2")},
        {SLICE_LITERAL("a"), SLICE_LITERAL("10")},
        {SLICE_LITERAL("uploads"), SLICE_EMPTY},
        {SLICE_LITERAL("Z"), SLICE_LITERAL("\xc3\xa9")},
    };
    struct buffer out;
    (void)state;
    buffer_init(&out, 4096);
    assert_int_equal(sigv4_query(query, 6, &out), STATUS_OK);
    check_text(&out, "Z=%C3%A9&a=10&a=2&a-b=1&prefix=a%2Fb%20c&uploads=");
}

/* Whatever the order that fields come in, the signature is the same; whatever of the request
 * changes, it is another. */
static void a_signature_depends_on_all_of_the_request_and_on_no_order(void **state)
{
    static const struct sigv4_field headers[] = {
        {SLICE_LITERAL("host"), SLICE_LITERAL("h")},
        {SLICE_LITERAL("range"), SLICE_LITERAL("bytes=0-1")}};
    static const struct sigv4_field turned[] = {
        {SLICE_LITERAL("range"), SLICE_LITERAL("bytes=0-1")},
        {SLICE_LITERAL("host"), SLICE_LITERAL("h")}};
    static const struct sigv4_field others[] = {
        {SLICE_LITERAL("host"), SLICE_LITERAL("h")},
        {SLICE_LITERAL("range"), SLICE_LITERAL("bytes=0-2")}};
    const struct sigv4_request base = {.method = "GET",
                                       .path = SLICE_LITERAL("/k"),
                                       .headers = headers,
                                       .header_count = 2,
                                       .payload_hash = SLICE_LITERAL(EMPTY_HASH),
                                       .time_ms = s3_ms};
    struct sigv4_request requests[7] = {base, base, base, base, base, base, base};
    struct sigv4_key other_key = s3_key;
    struct buffer first;
    (void)state;
    requests[1].headers = turned;
    requests[2].headers = others;
    requests[3].method = "PUT";
    requests[4].path = SLICE_LITERAL("/K");
    requests[5].payload_hash = SIGV4_UNSIGNED;
    requests[6].time_ms += SECOND_MS;
    buffer_init(&first, 4096);
    assert_int_equal(sigv4_authorize(&s3_key, &base, &first), STATUS_OK);
    for (size_t index = 0; index < 7; index++) {
        struct buffer out;
        buffer_init(&out, 4096);
        assert_int_equal(sigv4_authorize(&s3_key, &requests[index], &out), STATUS_OK);
        assert_int_equal(slice_equal(buffer_slice(&out), buffer_slice(&first)), index <= 1);
        buffer_fini(&out);
    }
    other_key.secret = "x";
    struct buffer out;
    buffer_init(&out, 4096);
    assert_int_equal(sigv4_authorize(&other_key, &base, &out), STATUS_OK);
    assert_false(slice_equal(buffer_slice(&out), buffer_slice(&first)));
    buffer_fini(&out);
    buffer_fini(&first);
}

static void what_is_too_large_is_refused(void **state)
{
    struct sigv4_field many[SIGV4_FIELDS_MAX + 1];
    static char long_text[SIGV4_TEXT_SIZE_MAX + 1];
    struct sigv4_key key = s3_key;
    struct buffer out;
    (void)state;
    memset(long_text, 'x', sizeof(long_text) - 1);
    long_text[0] = '/';
    for (size_t index = 0; index <= SIGV4_FIELDS_MAX; index++) {
        many[index] = s3_host;
    }
    struct sigv4_request request = {.method = "GET",
                                    .path = SLICE_LITERAL("/k"),
                                    .headers = many,
                                    .header_count = SIGV4_FIELDS_MAX + 1,
                                    .payload_hash = SIGV4_UNSIGNED,
                                    .time_ms = s3_ms};
    buffer_init(&out, 4096);
    assert_int_equal(sigv4_authorize(&s3_key, &request, &out), STATUS_TOO_LARGE);
    assert_int_equal(sigv4_canonical(&request, &out), STATUS_TOO_LARGE);
    request.header_count = 1;
    request.query = many;
    request.query_count = SIGV4_FIELDS_MAX + 1;
    assert_int_equal(sigv4_authorize(&s3_key, &request, &out), STATUS_TOO_LARGE);
    request.query_count = SIGV4_FIELDS_MAX - 5;
    assert_int_equal(sigv4_presign(&s3_key, &request, 1, &out), STATUS_TOO_LARGE);
    request.query_count = 0;
    request.path = slice_from_string(long_text);
    assert_int_equal(sigv4_presign(&s3_key, &request, 1, &out), STATUS_TOO_LARGE);
    request.path = SLICE_LITERAL("/k");
    key.secret = long_text;
    assert_int_equal(sigv4_authorize(&key, &request, &out), STATUS_TOO_LARGE);
    key = s3_key;
    key.region = long_text;
    assert_int_equal(sigv4_authorize(&key, &request, &out), STATUS_TOO_LARGE);
    assert_int_equal(sigv4_presign(&key, &request, 1, &out), STATUS_TOO_LARGE);
    buffer_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_vectors_of_the_suite_come_out),
        cmocka_unit_test(the_examples_of_s3_come_out),
        cmocka_unit_test(the_signed_address_of_s3_comes_out),
        cmocka_unit_test(a_session_s_token_is_part_of_a_signed_address),
        cmocka_unit_test(a_path_is_encoded_once_and_keeps_its_slashes),
        cmocka_unit_test(parameters_are_sorted_by_their_encoded_names_and_values),
        cmocka_unit_test(a_signature_depends_on_all_of_the_request_and_on_no_order),
        cmocka_unit_test(what_is_too_large_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
