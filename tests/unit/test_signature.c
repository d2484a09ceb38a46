/* Signatures of webhooks against the vector that the reference libraries of Standard Webhooks are
 * tested with, and secrets both ways. */

#include "base/signature.h"

#include "tests/unit/test.h"

static void signs_like_the_reference_libraries(void **state)
{
    struct buffer secret;
    struct buffer out;
    (void)state;
    buffer_init(&secret, SIGNATURE_SECRET_SIZE_MAX);
    buffer_init(&out, 256);
    assert_int_equal(
        signature_secret_read(SLICE_LITERAL("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), &secret),
        STATUS_OK);
    assert_int_equal(signature_add(buffer_slice(&secret),
                                   SLICE_LITERAL("msg_p5jXN8AQM9LWM0D4loKWxJek"), 1614265330,
                                   SLICE_LITERAL("{\"test\": 2432232314}"), &out),
                     STATUS_OK);
    assert_true(slice_equal(buffer_slice(&out),
                            SLICE_LITERAL("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")));
    assert_int_equal(signature_add(buffer_slice(&secret), SLICE_LITERAL("other"), 1614265330,
                                   SLICE_LITERAL("{}"), &out),
                     STATUS_OK);
    assert_int_equal(out.data[47], ' ');
    assert_memory_equal(out.data + 48, "v1,", 3);
    buffer_fini(&secret);
    buffer_fini(&out);
}

static void secrets_come_back_as_they_were_written(void **state)
{
    (void)state;
    for (size_t size = SIGNATURE_SECRET_SIZE_MIN; size <= SIGNATURE_SECRET_SIZE_MAX; size++) {
        uint8_t bytes[SIGNATURE_SECRET_SIZE_MAX];
        struct buffer text;
        struct buffer back;
        memset(bytes, (int)size * 3, sizeof(bytes));
        buffer_init(&text, SIGNATURE_SECRET_TEXT_SIZE_MAX);
        buffer_init(&back, SIGNATURE_SECRET_SIZE_MAX);
        assert_int_equal(signature_secret_write(slice_make(bytes, size), &text), STATUS_OK);
        assert_int_equal(signature_secret_read(buffer_slice(&text), &back), STATUS_OK);
        assert_true(slice_equal(buffer_slice(&back), slice_make(bytes, size)));
        buffer_fini(&text);
        buffer_fini(&back);
    }
}

static void refuses_what_is_no_secret(void **state)
{
    static const char *const texts[] = {
        "",
        "whsec_",
        "whsec_AAAA",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa==", /* 23 bytes with bits left over */
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa",   /* no padding */
        "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",       /* no prefix */
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS_", /* of the other alphabet */
        "WHSEC_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        "AAAA", /* 66 bytes */
    };
    (void)state;
    for (size_t index = 0; index < sizeof(texts) / sizeof(texts[0]); index++) {
        struct buffer out;
        buffer_init(&out, SIGNATURE_SECRET_SIZE_MAX);
        assert_int_equal(signature_secret_read(slice_from_string(texts[index]), &out),
                         STATUS_MALFORMED);
        buffer_fini(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signs_like_the_reference_libraries),
        cmocka_unit_test(secrets_come_back_as_they_were_written),
        cmocka_unit_test(refuses_what_is_no_secret),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
