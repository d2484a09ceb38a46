#include "base/token.h"

#include <jansson.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include "base/encoding.h"
#include "tests/unit/memory.h"
#include "tests/unit/test.h"

#define SECRET SLICE_LITERAL("0123456789abcdef0123456789abcdef")
#define HEADER "{\"alg\":\"HS256\",\"typ\":\"JWT\"}"

static const int64_t now_ms = 1767323045678; /* 2026-01-02T03:04:05.678Z */
static const int64_t now_s = 1767323045;

/* RFC 7515, appendix A.1. Its claims have no sub. */
static const char rfc_key[] =
    "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
static const char rfc_token[] = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
                                "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQog"
                                "Imh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
                                ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

/* Signs whatever is given, as a forger who knows the secret (or an issuer of another mind)
 * would. */
static void forge(struct slice secret, const char *header, struct slice claims, struct buffer *out)
{
    uint8_t signature[SHA256_SIZE];
    unsigned size = sizeof signature;
    buffer_clear(out);
    assert_int_equal(encode_base64url(slice_from_string(header), out), STATUS_OK);
    assert_int_equal(buffer_append_byte(out, '.'), STATUS_OK);
    assert_int_equal(encode_base64url(claims, out), STATUS_OK);
    HMAC(EVP_sha256(), secret.data, (int)secret.size, out->data, out->size, signature, &size);
    assert_int_equal(buffer_append_byte(out, '.'), STATUS_OK);
    assert_int_equal(encode_base64url(slice_make(signature, size), out), STATUS_OK);
}

static enum status verify_forged(const char *header, const char *claims, struct token_claims *out)
{
    struct buffer token;
    buffer_init(&token, 20000);
    forge(SECRET, header, slice_from_string(claims), &token);
    enum status status = token_verify(SECRET, buffer_slice(&token), now_ms, out);
    buffer_fini(&token);
    return status;
}

static struct token_claims claims_of(const char *owner)
{
    struct token_claims claims = {
        .owner_size = strlen(owner), .role = TOKEN_ROLE_USER, .expires_at_ms = now_ms + 86400000};
    memcpy(claims.owner, owner, claims.owner_size + 1);
    return claims;
}

static void sign(const struct token_claims *claims, struct buffer *out)
{
    buffer_init(out, TOKEN_SIZE_MAX);
    assert_int_equal(token_sign(SECRET, claims, now_ms, out), STATUS_OK);
}

static void what_is_signed_verifies(void **state)
{
    struct token_claims claims = claims_of("gr\xc3\xa9ta \"x\"");
    struct token_claims read;
    struct buffer token;
    (void)state;
    sign(&claims, &token);
    assert_int_equal(token_verify(SECRET, buffer_slice(&token), now_ms, &read), STATUS_OK);
    assert_string_equal(read.owner, claims.owner);
    assert_int_equal(read.owner_size, claims.owner_size);
    assert_int_equal(read.role, TOKEN_ROLE_USER);
    assert_int_equal(read.expires_at_ms, claims.expires_at_ms / 1000 * 1000);
    buffer_fini(&token);

    claims.role = TOKEN_ROLE_VIEWER;
    sign(&claims, &token);
    assert_int_equal(token_verify(SECRET, buffer_slice(&token), now_ms, &read), STATUS_OK);
    assert_int_equal(read.role, TOKEN_ROLE_VIEWER);
    buffer_fini(&token);

    claims.role = TOKEN_ROLE_ADMIN;
    claims.expires_at_ms = INT64_MAX;
    sign(&claims, &token);
    assert_int_equal(token_verify(SECRET, buffer_slice(&token), now_ms, &read), STATUS_OK);
    assert_int_equal(read.role, TOKEN_ROLE_ADMIN);
    assert_true(read.expires_at_ms == INT64_MAX);
    buffer_fini(&token);
}

static void the_signature_of_rfc_7515_is_accepted(void **state)
{
    struct buffer key;
    struct token_claims claims;
    char changed[sizeof rfc_token];
    const int64_t then_ms = 1300819380000; /* its exp */
    (void)state;
    buffer_init(&key, 100);
    assert_int_equal(decode_base64url(slice_from_string(rfc_key), &key), STATUS_OK);
    struct slice secret = buffer_slice(&key);
    /* INVALID: everything but the missing sub is in order. */
    assert_int_equal(token_verify(secret, slice_from_string(rfc_token), then_ms, &claims),
                     STATUS_INVALID);
    memcpy(changed, rfc_token, sizeof changed);
    changed[sizeof changed - 10] = 'A';
    assert_int_equal(token_verify(secret, slice_from_string(changed), then_ms, &claims),
                     STATUS_DENIED);
    assert_int_equal(token_verify(SECRET, slice_from_string(rfc_token), then_ms, &claims),
                     STATUS_DENIED);
    buffer_fini(&key);
}

static void only_our_algorithm_and_no_extension_is_accepted(void **state)
{
    static const struct {
        const char *header;
        enum status status;
    } cases[] = {
        {HEADER, STATUS_OK},
        {"{\"alg\":\"HS256\"}", STATUS_OK},
        {"{\"alg\":\"HS256\",\"kid\":\"1\"}", STATUS_OK},
        {"{\"alg\":\"none\"}", STATUS_DENIED},
        {"{\"alg\":\"None\"}", STATUS_DENIED},
        {"{\"alg\":\"hs256\"}", STATUS_DENIED},
        {"{\"alg\":\"HS384\"}", STATUS_DENIED},
        {"{\"alg\":\"RS256\"}", STATUS_DENIED},
        {"{\"alg\":\"ES256\"}", STATUS_DENIED},
        {"{\"alg\":5}", STATUS_DENIED},
        {"{\"alg\":[\"HS256\"]}", STATUS_DENIED},
        {"{\"typ\":\"JWT\"}", STATUS_DENIED},
        {"{\"alg\":\"HS256\",\"crit\":[\"exp\"],\"exp\":1}", STATUS_DENIED},
        {"{\"alg\":\"HS256\",\"crit\":null}", STATUS_DENIED},
        {"{\"alg\":\"none\",\"alg\":\"HS256\"}", STATUS_MALFORMED},
        {"{\"alg\":\"HS256\"", STATUS_MALFORMED},
        {"{\"alg\":\"HS256\"}x", STATUS_MALFORMED},
        {"[\"HS256\"]", STATUS_MALFORMED},
        {"", STATUS_MALFORMED},
    };
    (void)state;
    for (size_t index = 0; index < sizeof cases / sizeof cases[0]; index++) {
        struct token_claims claims;
        assert_int_equal(verify_forged(cases[index].header, "{\"sub\":\"a\"}", &claims),
                         cases[index].status);
    }
}

static void an_unsigned_token_is_denied(void **state)
{
    static const char *const signatures[] = {"", "AA", "e30"};
    (void)state;
    for (size_t index = 0; index < sizeof signatures / sizeof signatures[0]; index++) {
        struct token_claims claims;
        struct buffer token;
        buffer_init(&token, 1000);
        assert_int_equal(encode_base64url(SLICE_LITERAL("{\"alg\":\"none\"}"), &token), STATUS_OK);
        assert_int_equal(buffer_append_byte(&token, '.'), STATUS_OK);
        assert_int_equal(encode_base64url(SLICE_LITERAL("{\"sub\":\"a\"}"), &token), STATUS_OK);
        assert_int_equal(buffer_append_format(&token, ".%s", signatures[index]), STATUS_OK);
        assert_int_equal(token_verify(SECRET, buffer_slice(&token), now_ms, &claims),
                         STATUS_DENIED);
        buffer_fini(&token);
    }
}

static void claims_are_checked(void **state)
{
    static const struct {
        const char *claims;
        enum status status;
    } cases[] = {
        {"{\"sub\":\"a\",\"other\":{\"x\":[1]}}", STATUS_OK},
        {"{\"sub\":\"a\",\"role\":\"auditor\"}", STATUS_OK},
        {"{\"sub\":\"a\",\"role\":1}", STATUS_INVALID},
        {"{\"sub\":\"a\",\"role\":null}", STATUS_INVALID},
        {"{\"sub\":\"a\",\"role\":[\"admin\"]}", STATUS_INVALID},
        {"{}", STATUS_INVALID},
        {"{\"sub\":\"\"}", STATUS_INVALID},
        {"{\"sub\":7}", STATUS_INVALID},
        {"{\"sub\":null}", STATUS_INVALID},
        {"{\"sub\":\"a\",\"sub\":\"b\"}", STATUS_MALFORMED},
        {"{\"sub\":\"a\",\"x\":{\"y\":1,\"y\":2}}", STATUS_MALFORMED},
        {"{\"sub\":\"a\\u0000b\"}", STATUS_MALFORMED},
        {"{\"sub\":\"a\xff\"}", STATUS_MALFORMED},
        {"{\"sub\":\"a\"}{}", STATUS_MALFORMED},
        {"\"sub\"", STATUS_MALFORMED},
        {"null", STATUS_MALFORMED},
        {"", STATUS_MALFORMED},
        {"{\"sub\":\"a\",\"exp\":\"tomorrow\"}", STATUS_INVALID},
        {"{\"sub\":\"a\",\"exp\":-1}", STATUS_INVALID},
        {"{\"sub\":\"a\",\"exp\":1e300}", STATUS_INVALID},
        {"{\"sub\":\"a\",\"exp\":null}", STATUS_INVALID},
        {"{\"sub\":\"a\",\"nbf\":true}", STATUS_INVALID},
    };
    (void)state;
    for (size_t index = 0; index < sizeof cases / sizeof cases[0]; index++) {
        struct token_claims claims = {.owner_size = 77};
        enum status status = verify_forged(HEADER, cases[index].claims, &claims);
        if (status != cases[index].status) {
            print_error("of %s\n", cases[index].claims);
        }
        assert_int_equal(status, cases[index].status);
        assert_int_equal(claims.owner_size, status == STATUS_OK ? 1 : 77);
        assert_true(status != STATUS_OK || claims.role == TOKEN_ROLE_USER);
    }
}

static void times_have_a_minute_of_leeway(void **state)
{
    static const struct {
        const char *name;
        int64_t seconds; /* from now */
        enum status status;
    } cases[] = {
        {"exp", 1, STATUS_OK},        {"exp", 0, STATUS_OK},           {"exp", -59, STATUS_OK},
        {"exp", -60, STATUS_TIMEOUT}, {"exp", -86400, STATUS_TIMEOUT}, {"nbf", -1, STATUS_OK},
        {"nbf", 0, STATUS_OK},        {"nbf", 60, STATUS_OK},          {"nbf", 62, STATUS_INVALID},
    };
    (void)state;
    for (size_t index = 0; index < sizeof cases / sizeof cases[0]; index++) {
        struct token_claims claims;
        char json[100];
        snprintf(json, sizeof json, "{\"sub\":\"a\",\"%s\":%lld.5}", cases[index].name,
                 (long long)(now_s + cases[index].seconds));
        assert_int_equal(verify_forged(HEADER, json, &claims), cases[index].status);
    }
}

static void an_owner_has_1_to_255_bytes_of_utf_8(void **state)
{
    (void)state;
    for (size_t size = 1; size <= 300; size++) {
        struct token_claims claims;
        char json[400];
        char owner[301];
        memset(owner, 'o', size);
        owner[size] = '\0';
        snprintf(json, sizeof json, "{\"sub\":\"%s\"}", owner);
        enum status status = verify_forged(HEADER, json, &claims);
        assert_int_equal(status, size <= 255 ? STATUS_OK : STATUS_INVALID);
        assert_true(status != STATUS_OK || claims.owner_size == size);
    }
    static const struct {
        struct slice owner;
        enum status status;
    } cases[] = {
        {{(const uint8_t *)"", 0}, STATUS_INVALID},
        {{(const uint8_t *)"a\0b", 3}, STATUS_INVALID},
        {{(const uint8_t *)"a\xff", 2}, STATUS_INVALID},
        {{(const uint8_t *)"\xc3\xa9", 2}, STATUS_OK},
    };
    for (size_t index = 0; index < sizeof cases / sizeof cases[0]; index++) {
        struct token_claims claims = claims_of("");
        struct buffer token;
        memcpy(claims.owner, cases[index].owner.data, cases[index].owner.size);
        claims.owner_size = cases[index].owner.size;
        buffer_init(&token, TOKEN_SIZE_MAX);
        assert_int_equal(token_sign(SECRET, &claims, now_ms, &token), cases[index].status);
        assert_true((token.size > 0) == (cases[index].status == STATUS_OK));
        buffer_fini(&token);
    }
    struct token_claims claims = claims_of("a");
    struct buffer token;
    claims.owner_size = TOKEN_OWNER_SIZE_MAX + 1;
    buffer_init(&token, TOKEN_SIZE_MAX);
    assert_int_equal(token_sign(SECRET, &claims, now_ms, &token), STATUS_INVALID);
    buffer_fini(&token);
}

static void no_part_of_a_token_and_no_changed_token_verifies(void **state)
{
    struct token_claims claims = claims_of("alice");
    struct buffer token;
    (void)state;
    sign(&claims, &token);
    for (size_t size = 0; size < token.size; size++) {
        struct slice part = slice_make(token.data, size);
        assert_int_not_equal(token_verify(SECRET, part, now_ms, &claims), STATUS_OK);
        part = slice_make(token.data + token.size - size, size);
        assert_int_not_equal(token_verify(SECRET, part, now_ms, &claims), STATUS_OK);
    }
    for (size_t place = 0; place < token.size; place++) {
        for (int bit = 0; bit < 8; bit++) {
            token.data[place] ^= (uint8_t)(1 << bit);
            assert_int_not_equal(token_verify(SECRET, buffer_slice(&token), now_ms, &claims),
                                 STATUS_OK);
            token.data[place] ^= (uint8_t)(1 << bit);
        }
    }
    assert_int_equal(buffer_append_byte(&token, '.'), STATUS_OK);
    assert_int_equal(token_verify(SECRET, buffer_slice(&token), now_ms, &claims), STATUS_MALFORMED);
    buffer_fini(&token);
}

static void texts_of_another_shape_are_malformed(void **state)
{
    static const char *const texts[] = {"", ".", "..", "...", "a", "a.b", "a.b.c.d", "  "};
    (void)state;
    for (size_t index = 0; index < sizeof texts / sizeof texts[0]; index++) {
        struct token_claims claims;
        enum status status = token_verify(SECRET, slice_from_string(texts[index]), now_ms, &claims);
        assert_true(status == STATUS_MALFORMED || status == STATUS_DENIED);
    }
}

static void a_token_of_up_to_8192_bytes_is_read(void **state)
{
    enum {
        FILL_SIZE_MAX = 7000
    };
    char *json = malloc(FILL_SIZE_MAX + 100);
    size_t largest = 0;
    (void)state;
    assert_non_null(json);
    for (int fill = 5900; fill < FILL_SIZE_MAX; fill++) {
        struct token_claims claims;
        struct buffer token;
        snprintf(json, FILL_SIZE_MAX + 100, "{\"sub\":\"a\",\"fill\":\"%*s\"}", fill, "");
        buffer_init(&token, 20000);
        forge(SECRET, HEADER, slice_from_string(json), &token);
        enum status status = token_verify(SECRET, buffer_slice(&token), now_ms, &claims);
        assert_int_equal(status, token.size <= TOKEN_SIZE_MAX ? STATUS_OK : STATUS_MALFORMED);
        largest = status == STATUS_OK ? token.size : largest;
        buffer_fini(&token);
    }
    assert_in_range(largest, TOKEN_SIZE_MAX - 1, TOKEN_SIZE_MAX);
    free(json);
}

static void deep_claims_do_not_exhaust_the_stack(void **state)
{
    char json[6001];
    struct token_claims claims;
    (void)state;
    memset(json, '[', sizeof json - 1);
    json[sizeof json - 1] = '\0';
    assert_int_equal(verify_forged(HEADER, json, &claims), STATUS_MALFORMED);
}

static void a_short_secret_signs_and_verifies_nothing(void **state)
{
    struct token_claims claims = claims_of("alice");
    struct slice secret = slice_make(SECRET.data, TOKEN_SECRET_SIZE_MIN - 1);
    struct buffer token;
    (void)state;
    buffer_init(&token, TOKEN_SIZE_MAX);
    assert_int_equal(token_sign(secret, &claims, now_ms, &token), STATUS_INVALID);
    assert_int_equal(token_sign(SLICE_EMPTY, &claims, now_ms, &token), STATUS_INVALID);
    assert_int_equal(token.size, 0);
    forge(secret, HEADER, SLICE_LITERAL("{\"sub\":\"a\"}"), &token);
    assert_int_equal(token_verify(secret, buffer_slice(&token), now_ms, &claims), STATUS_DENIED);
    buffer_fini(&token);
}

static void signing_without_room_or_memory_appends_nothing(void **state)
{
    struct token_claims claims = claims_of("alice");
    struct buffer whole;
    (void)state;
    sign(&claims, &whole);
    for (size_t limit = 1; limit < whole.size; limit += 10) {
        struct buffer token;
        buffer_init(&token, limit);
        assert_int_equal(token_sign(SECRET, &claims, now_ms, &token), STATUS_TOO_LARGE);
        assert_int_equal(token.size, 0);
        buffer_fini(&token);
    }
    buffer_fini(&whole);

    size_t nth = 0;
    enum status status;
    do {
        struct buffer token;
        buffer_init(&token, TOKEN_SIZE_MAX);
        memory_fail_at(++nth);
        status = token_sign(SECRET, &claims, now_ms, &token);
        memory_fail_never();
        assert_true(status == STATUS_OK || status == STATUS_NO_MEMORY);
        assert_true((token.size > 0) == (status == STATUS_OK));
        buffer_fini(&token);
    } while (status != STATUS_OK);
    assert_true(nth > 3);
}

static size_t json_fails_at; /* 0 is never */

static void *json_allocate(size_t size)
{
    if (json_fails_at > 0 && --json_fails_at == 0) {
        return NULL;
    }
    return malloc(size);
}

static void verifying_without_memory_fails_and_writes_nothing(void **state)
{
    struct token_claims claims = claims_of("alice");
    struct buffer token;
    enum status status;
    (void)state;
    sign(&claims, &token);
    size_t nth = 0;
    do {
        struct token_claims read = {.owner_size = 77};
        memory_fail_at(++nth);
        status = token_verify(SECRET, buffer_slice(&token), now_ms, &read);
        memory_fail_never();
        assert_true(status == STATUS_OK || status == STATUS_NO_MEMORY);
        assert_int_equal(read.owner_size, status == STATUS_OK ? 5 : 77);
    } while (status != STATUS_OK);
    assert_int_equal(nth, 4); /* signature, header and claims are decoded */

    nth = 0;
    json_set_alloc_funcs(json_allocate, free);
    do {
        struct token_claims read = {.owner_size = 77};
        json_fails_at = ++nth;
        status = token_verify(SECRET, buffer_slice(&token), now_ms, &read);
        assert_int_equal(read.owner_size, status == STATUS_OK ? 5 : 77);
    } while (json_fails_at == 0);
    json_set_alloc_funcs(malloc, free);
    assert_int_equal(status, STATUS_OK);
    assert_true(nth > 5);
    buffer_fini(&token);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_signed_verifies),
        cmocka_unit_test(the_signature_of_rfc_7515_is_accepted),
        cmocka_unit_test(only_our_algorithm_and_no_extension_is_accepted),
        cmocka_unit_test(an_unsigned_token_is_denied),
        cmocka_unit_test(claims_are_checked),
        cmocka_unit_test(times_have_a_minute_of_leeway),
        cmocka_unit_test(an_owner_has_1_to_255_bytes_of_utf_8),
        cmocka_unit_test(no_part_of_a_token_and_no_changed_token_verifies),
        cmocka_unit_test(texts_of_another_shape_are_malformed),
        cmocka_unit_test(a_token_of_up_to_8192_bytes_is_read),
        cmocka_unit_test(deep_claims_do_not_exhaust_the_stack),
        cmocka_unit_test(a_short_secret_signs_and_verifies_nothing),
        cmocka_unit_test(signing_without_room_or_memory_appends_nothing),
        cmocka_unit_test(verifying_without_memory_fails_and_writes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
