/* Authorization headers: what passes, what is refused why, and what is remembered. */
#include "gateway/auth.h"

#include <stdio.h>
#include <string.h>
#include "tests/unit/test.h"

#define SECRET SLICE_LITERAL("0123456789abcdef0123456789abcdef")
#define NOW_MS INT64_C(1767225600000)

static void sign(struct buffer *out, const char *owner, int64_t expires_at_ms)
{
    struct token_claims claims = {.owner_size = strlen(owner), .expires_at_ms = expires_at_ms};
    memcpy(claims.owner, owner, claims.owner_size);
    buffer_clear(out);
    assert_int_equal(buffer_append(out, "Bearer ", 7), STATUS_OK);
    assert_int_equal(token_sign(SECRET, &claims, NOW_MS, out), STATUS_OK);
}

static int setup(void **state)
{
    static struct auth auth; /* of the test program */
    *state = &auth;
    return auth_init(&auth, SECRET, 7) == STATUS_OK ? 0 : -1;
}

static int teardown(void **state)
{
    auth_fini(*state);
    auth_fini(*state);
    return 0;
}

static void test_a_valid_token_tells_its_owner_and_slot(void **state)
{
    struct buffer header;
    const struct identity *identity = NULL;
    buffer_init(&header, TOKEN_SIZE_MAX);
    sign(&header, "abc", NOW_MS + 1000000);
    for (int time = 0; time < 2; time++) { /* verified, then remembered */
        assert_int_equal(auth_check(*state, buffer_slice(&header), NOW_MS, &identity), STATUS_OK);
        assert_string_equal(identity->claims.owner, "abc");
        assert_int_equal(identity->slot, 0xba7);
        assert_int_equal(identity->claims.role, TOKEN_ROLE_USER);
    }
    buffer_fini(&header);
}

static void test_headers_without_a_bearer_token_are_not_found(void **state)
{
    static const char *const headers[] = {"", "Bearer", "Bearer ", "Basic YTpi", "Token x"};
    const struct identity *identity = NULL;
    for (size_t index = 0; index < sizeof(headers) / sizeof(headers[0]); index++) {
        assert_int_equal(auth_check(*state, slice_from_string(headers[index]), NOW_MS, &identity),
                         STATUS_NOT_FOUND);
    }
}

static void test_a_remembered_token_is_compared_whole(void **state)
{
    struct buffer header;
    const struct identity *identity = NULL;
    buffer_init(&header, TOKEN_SIZE_MAX);
    sign(&header, "abc", NOW_MS + 1000000);
    assert_int_equal(auth_check(*state, buffer_slice(&header), NOW_MS, &identity), STATUS_OK);
    for (size_t index = 7; index < header.size; index++) {
        header.data[index] ^= 1;
        assert_int_equal(auth_check(*state, buffer_slice(&header), NOW_MS, &identity),
                         STATUS_DENIED);
        header.data[index] ^= 1;
    }
    assert_int_equal(auth_check(*state, buffer_slice(&header), NOW_MS, &identity), STATUS_OK);
    buffer_fini(&header);
}

static void test_a_remembered_token_expires(void **state)
{
    struct buffer header;
    const struct identity *identity = NULL;
    int64_t expires_ms = NOW_MS + 1000000;
    int64_t late_ms = expires_ms + (TOKEN_LEEWAY_S + 1) * 1000;
    buffer_init(&header, TOKEN_SIZE_MAX);
    sign(&header, "abc", expires_ms);
    assert_int_equal(auth_check(*state, buffer_slice(&header), NOW_MS, &identity), STATUS_OK);
    assert_int_equal(auth_check(*state, buffer_slice(&header), late_ms, &identity), STATUS_TIMEOUT);
    buffer_fini(&header);
}

static void test_the_memory_is_bounded_and_never_wrong(void **state)
{
    struct buffer header;
    const struct identity *identity = NULL;
    buffer_init(&header, TOKEN_SIZE_MAX);
    for (int round = 0; round < 2; round++) {
        for (int number = 0; number < 3000; number++) {
            char owner[16];
            snprintf(owner, sizeof(owner), "user-%d", number * 7);
            sign(&header, owner, NOW_MS + 1000000);
            assert_int_equal(auth_check(*state, buffer_slice(&header), NOW_MS, &identity),
                             STATUS_OK);
            assert_string_equal(identity->claims.owner, owner);
        }
    }
    buffer_fini(&header);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_valid_token_tells_its_owner_and_slot, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_headers_without_a_bearer_token_are_not_found, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_a_remembered_token_is_compared_whole, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_remembered_token_expires, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_memory_is_bounded_and_never_wrong, setup,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
