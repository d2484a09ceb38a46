#include "base/encoding.h"

#include "tests/unit/memory.h"
#include "tests/unit/test.h"

typedef enum status coder(struct slice, struct buffer *);

struct example {
    coder *code;
    const char *from;
    enum status status;
    const char *to;
};

static void check(const struct example *examples, size_t count)
{
    for (size_t index = 0; index < count; index++) {
        const struct example *example = &examples[index];
        struct buffer out;
        buffer_init(&out, 100);
        assert_int_equal(buffer_append(&out, "<", 1), STATUS_OK);
        enum status status = example->code(slice_from_string(example->from), &out);
        if (status != example->status) {
            print_error("of \"%s\"\n", example->from);
        }
        assert_int_equal(status, example->status);
        buffer_consume(&out, 1);
        assert_true(slice_equal(buffer_slice(&out), slice_from_string(example->to)));
        buffer_fini(&out);
    }
}

static void encodes_the_vectors_of_rfc_4648(void **state)
{
    static const struct example examples[] = {
        {encode_base64, "", STATUS_OK, ""},
        {encode_base64, "f", STATUS_OK, "Zg=="},
        {encode_base64, "fo", STATUS_OK, "Zm8="},
        {encode_base64, "foo", STATUS_OK, "Zm9v"},
        {encode_base64, "foob", STATUS_OK, "Zm9vYg=="},
        {encode_base64, "fooba", STATUS_OK, "Zm9vYmE="},
        {encode_base64, "foobar", STATUS_OK, "Zm9vYmFy"},
        {encode_base64url, "", STATUS_OK, ""},
        {encode_base64url, "f", STATUS_OK, "Zg"},
        {encode_base64url, "fo", STATUS_OK, "Zm8"},
        {encode_base64url, "foo", STATUS_OK, "Zm9v"},
        {encode_base64, "\xfb\xff", STATUS_OK, "+/8="},
        {encode_base64url, "\xfb\xff", STATUS_OK, "-_8"},
        {encode_hex, "", STATUS_OK, ""},
        {encode_hex, "\x01\xaf\xff", STATUS_OK, "01afff"},
    };
    (void)state;
    check(examples, sizeof examples / sizeof examples[0]);
}

static void decodes_what_it_encodes(void **state)
{
    static const struct example examples[] = {
        {decode_base64, "", STATUS_OK, ""},
        {decode_base64, "Zg==", STATUS_OK, "f"},
        {decode_base64, "Zm8=", STATUS_OK, "fo"},
        {decode_base64, "Zm9vYmFy", STATUS_OK, "foobar"},
        {decode_base64, "+/8=", STATUS_OK, "\xfb\xff"},
        {decode_base64url, "", STATUS_OK, ""},
        {decode_base64url, "Zg", STATUS_OK, "f"},
        {decode_base64url, "Zm8", STATUS_OK, "fo"},
        {decode_base64url, "Zm9vYmFy", STATUS_OK, "foobar"},
        {decode_base64url, "-_8", STATUS_OK, "\xfb\xff"},
    };
    (void)state;
    check(examples, sizeof examples / sizeof examples[0]);
}

static void refuses_all_but_the_one_text_of_a_content(void **state)
{
    static const struct example examples[] = {
        {decode_base64, "Z", STATUS_MALFORMED, ""},
        {decode_base64, "Zg", STATUS_MALFORMED, ""},
        {decode_base64, "Zg=", STATUS_MALFORMED, ""},
        {decode_base64, "Z===", STATUS_MALFORMED, ""},
        {decode_base64, "====", STATUS_MALFORMED, ""},
        {decode_base64, "=", STATUS_MALFORMED, ""},
        {decode_base64, "Zm=v", STATUS_MALFORMED, ""},
        {decode_base64, "Zh==", STATUS_MALFORMED, ""},
        {decode_base64, "Zm9=", STATUS_MALFORMED, ""},
        {decode_base64, "-_8=", STATUS_MALFORMED, ""},
        {decode_base64, "Zm9v\n", STATUS_MALFORMED, ""},
        {decode_base64, "Zm 9", STATUS_MALFORMED, ""},
        {decode_base64url, "Z", STATUS_MALFORMED, ""},
        {decode_base64url, "Zg==", STATUS_MALFORMED, ""},
        {decode_base64url, "Zm9vY", STATUS_MALFORMED, ""},
        {decode_base64url, "Zh", STATUS_MALFORMED, ""},
        {decode_base64url, "+/8", STATUS_MALFORMED, ""},
        {decode_base64url, "Zm\xc3\xa9", STATUS_MALFORMED, ""},
    };
    (void)state;
    check(examples, sizeof examples / sizeof examples[0]);
}

static void takes_base64_as_others_write_it(void **state)
{
    static const struct example examples[] = {
        {decode_base64_lenient, "", STATUS_OK, ""},
        {decode_base64_lenient, "Zm9vYmFy", STATUS_OK, "foobar"},
        {decode_base64_lenient, "Zm9v\r\nYmFy\n", STATUS_OK, "foobar"},
        {decode_base64_lenient, " Zm9v Y mE= \n", STATUS_OK, "fooba"},
        {decode_base64_lenient, "Zg", STATUS_OK, "f"},
        {decode_base64_lenient, "Zg=", STATUS_OK, "f"},
        {decode_base64_lenient, "Zg==", STATUS_OK, "f"},
        {decode_base64_lenient, "Zm8\n=", STATUS_OK, "fo"},
        {decode_base64_lenient, "Zh", STATUS_OK, "f"},
        {decode_base64_lenient, "+/8", STATUS_OK, "\xfb\xff"},
        {decode_base64_lenient, "Z", STATUS_MALFORMED, ""},
        {decode_base64_lenient, "Zm9vY", STATUS_MALFORMED, ""},
        {decode_base64_lenient, "Zg==Zg==", STATUS_MALFORMED, ""},
        {decode_base64_lenient, "-_8", STATUS_MALFORMED, ""},
        {decode_base64_lenient, "Zm\xc3\xa9", STATUS_MALFORMED, ""},
        {decode_base64_lenient, "***", STATUS_MALFORMED, ""},
    };
    (void)state;
    check(examples, sizeof examples / sizeof examples[0]);
}

static void every_byte_survives_both_ways(void **state)
{
    uint8_t all[256];
    (void)state;
    for (size_t index = 0; index < sizeof all; index++) {
        all[index] = (uint8_t)index;
    }
    for (size_t size = 0; size <= sizeof all; size++) {
        struct buffer text;
        struct buffer back;
        buffer_init(&text, 1000);
        buffer_init(&back, 1000);
        assert_int_equal(encode_base64(slice_make(all, size), &text), STATUS_OK);
        assert_int_equal(decode_base64(buffer_slice(&text), &back), STATUS_OK);
        assert_true(slice_equal(buffer_slice(&back), slice_make(all, size)));
        buffer_clear(&back);
        assert_int_equal(decode_base64_lenient(buffer_slice(&text), &back), STATUS_OK);
        assert_true(slice_equal(buffer_slice(&back), slice_make(all, size)));
        buffer_clear(&text);
        buffer_clear(&back);
        assert_int_equal(encode_base64url(slice_make(all, size), &text), STATUS_OK);
        assert_int_equal(decode_base64url(buffer_slice(&text), &back), STATUS_OK);
        assert_true(slice_equal(buffer_slice(&back), slice_make(all, size)));
        buffer_fini(&text);
        buffer_fini(&back);
    }
}

static void a_full_buffer_and_no_memory_are_told(void **state)
{
    static coder *const coders[] = {encode_hex,    encode_base64,    encode_base64url,
                                    decode_base64, decode_base64url, decode_base64_lenient};
    (void)state;
    for (size_t index = 0; index < sizeof coders / sizeof coders[0]; index++) {
        struct buffer out;
        buffer_init(&out, 5);
        assert_int_equal(coders[index](SLICE_LITERAL("Zm9vYmFy"), &out), STATUS_TOO_LARGE);
        assert_int_equal(out.size, 0);
        buffer_init(&out, 100);
        memory_fail_always();
        assert_int_equal(coders[index](SLICE_LITERAL("Zm9vYmFy"), &out), STATUS_NO_MEMORY);
        memory_fail_never();
        assert_int_equal(out.size, 0);
        buffer_fini(&out);
    }
}

static void hashes_the_vectors_of_fips_180_4(void **state)
{
    static const struct {
        const char *text;
        const char *hex;
    } cases[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    };
    (void)state;
    for (size_t index = 0; index < sizeof cases / sizeof cases[0]; index++) {
        uint8_t digest[SHA256_SIZE];
        struct buffer hex;
        buffer_init(&hex, 100);
        sha256(slice_from_string(cases[index].text), digest);
        assert_int_equal(encode_hex(slice_make(digest, sizeof digest), &hex), STATUS_OK);
        assert_true(slice_equal(buffer_slice(&hex), slice_from_string(cases[index].hex)));
        buffer_fini(&hex);
    }
}

static void writes_hexadecimal_with_its_end(void **state)
{
    char text[8] = "xxxxxxx";
    (void)state;
    hex_write(slice_make("\x01\xaf\xff", 3), text);
    assert_memory_equal(text, "01afff\0", 8);
    hex_write(SLICE_EMPTY, text);
    assert_string_equal(text, "");
}

static void hashes_pieces_like_the_whole(void **state)
{
    static const char text[] = "the quick brown fox jumps over the lazy dog";
    (void)state;
    for (size_t cut = 0; cut < sizeof text; cut++) {
        uint8_t whole[SHA256_SIZE];
        uint8_t pieces[SHA256_SIZE];
        struct sha256_stream stream = {0};
        sha256_stream_fini(&stream);
        assert_int_equal(sha256_stream_init(&stream), STATUS_OK);
        sha256_stream_add(&stream, slice_make(text, cut));
        sha256_stream_add(&stream, slice_make(text + cut, sizeof text - cut));
        sha256_stream_finish(&stream, pieces);
        sha256_stream_fini(&stream);
        sha256(slice_make(text, sizeof text), whole);
        assert_memory_equal(whole, pieces, sizeof whole);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(encodes_the_vectors_of_rfc_4648),
        cmocka_unit_test(decodes_what_it_encodes),
        cmocka_unit_test(refuses_all_but_the_one_text_of_a_content),
        cmocka_unit_test(takes_base64_as_others_write_it),
        cmocka_unit_test(every_byte_survives_both_ways),
        cmocka_unit_test(a_full_buffer_and_no_memory_are_told),
        cmocka_unit_test(hashes_the_vectors_of_fips_180_4),
        cmocka_unit_test(hashes_pieces_like_the_whole),
        cmocka_unit_test(writes_hexadecimal_with_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
