#include "base/id.h"

#include "tests/unit/test.h"

static void carries_its_owners_slot(void **state)
{
    uint8_t random[ID_SIZE];
    (void)state;
    memset(random, 0xff, sizeof random);
    uint16_t slot = id_slot_of_owner(SLICE_LITERAL("abc")); /* SHA-256 begins with ba 78 */
    assert_int_equal(slot, 0xba7);
    struct id id = id_make(slot, random);
    assert_int_equal(id_slot(&id), slot);
}

static void is_a_version_4_uuid_in_text(void **state)
{
    char text[ID_TEXT_SIZE];
    uint8_t random[ID_SIZE] = {0};
    struct id back;
    (void)state;
    struct id id = id_make(0x123, random);
    id_format(&id, text);
    assert_string_equal(text, "12300000-0000-4000-8000-000000000000");
    assert_int_equal(id_parse(slice_from_string(text), &back), STATUS_OK);
    assert_true(id_equal(&id, &back));
}

static void refuses_what_is_not_one(void **state)
{
    static const char *const bad[] = {
        "",
        "12300000-0000-4000-8000-00000000000",
        "12300000-0000-1000-8000-000000000000",
        "12300000-0000-4000-c000-000000000000",
        "12300000x0000-4000-8000-000000000000",
        "g2300000-0000-4000-8000-000000000000",
        "12300000-0000-4000-8000-0000000000000",
    };
    struct id id;
    (void)state;
    for (size_t index = 0; index < sizeof bad / sizeof bad[0]; index++) {
        assert_int_equal(id_parse(slice_from_string(bad[index]), &id), STATUS_MALFORMED);
    }
}

static void is_read_in_either_case_and_written_in_lower(void **state)
{
    struct id lower;
    struct id upper;
    char text[ID_TEXT_SIZE];
    (void)state;
    assert_int_equal(id_parse(SLICE_LITERAL("abcdef01-2345-4789-abcd-ef0123456789"), &lower),
                     STATUS_OK);
    assert_int_equal(id_parse(SLICE_LITERAL("ABCDEF01-2345-4789-ABCD-EF0123456789"), &upper),
                     STATUS_OK);
    assert_true(id_equal(&lower, &upper));
    id_format(&upper, text);
    assert_string_equal(text, "abcdef01-2345-4789-abcd-ef0123456789");
}

static void is_refused_with_any_byte_of_its_text_replaced(void **state)
{
    static const char good[] = "abcdef01-2345-4789-abcd-ef0123456789";
    static const char wrong[] = {'\0', ' ', '/', ':', '@', 'G', '`', 'g', '\xff'};
    struct id id = {{0}};
    (void)state;
    for (size_t place = 0; place < sizeof good - 1; place++) {
        for (size_t index = 0; index < sizeof wrong; index++) {
            char text[sizeof good];
            memcpy(text, good, sizeof good);
            text[place] = wrong[index];
            assert_int_equal(id_parse(slice_make(text, sizeof good - 1), &id), STATUS_MALFORMED);
        }
    }
    assert_true(id_is_zero(&id));
}

static void keeps_all_random_bits_but_18(void **state)
{
    uint8_t ones[ID_SIZE];
    uint8_t zeros[ID_SIZE] = {0};
    int differing = 0;
    (void)state;
    memset(ones, 0xff, sizeof ones);
    struct id left = id_make(0, ones);
    struct id right = id_make(0, zeros);
    for (size_t index = 0; index < ID_SIZE; index++) {
        differing += __builtin_popcount(left.bytes[index] ^ right.bytes[index]);
    }
    assert_int_equal(differing, 128 - 12 - 4 - 2);
}

static void carries_every_slot(void **state)
{
    uint8_t random[ID_SIZE] = {0xaa, 0x55, 0xaa, 0x55, 0xaa, 0x55, 0xaa, 0x55};
    (void)state;
    for (uint16_t slot = 0; slot < ID_SLOT_COUNT; slot++) {
        struct id id = id_make(slot, random);
        assert_int_equal(id_slot(&id), slot);
        assert_false(id_is_zero(&id));
    }
}

static void makes_display_ids_of_base32(void **state)
{
    char text[DISPLAY_ID_TEXT_SIZE];
    (void)state;
    display_id_make((const uint8_t *)"fooba", text); /* RFC 4648, 10 */
    assert_string_equal(text, "MZXW6YTB");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(carries_its_owners_slot),
        cmocka_unit_test(is_a_version_4_uuid_in_text),
        cmocka_unit_test(refuses_what_is_not_one),
        cmocka_unit_test(is_read_in_either_case_and_written_in_lower),
        cmocka_unit_test(is_refused_with_any_byte_of_its_text_replaced),
        cmocka_unit_test(keeps_all_random_bits_but_18),
        cmocka_unit_test(carries_every_slot),
        cmocka_unit_test(makes_display_ids_of_base32),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
