/* Which names among the assets are ours. */
#include "gateway/stored_asset.h"

#include <stdio.h>
#include "tests/unit/test.h"

#define CHARACTER "8c7a0f3b-5d2e-4f81-9b6c-fedcba987654"
#define DIGITS    "00112233445566778899aabbccddeeff"

static bool is_ours(const char *key)
{
    struct stored_asset asset;
    stored_asset_read_key(slice_from_string(key), &asset);
    return asset.is_ours;
}

static void an_asset_tells_its_character_and_its_name(void **state)
{
    struct stored_asset asset;
    char text[ID_TEXT_SIZE];
    (void)state;
    stored_asset_read_key(SLICE_LITERAL("characters/" CHARACTER "/" DIGITS ".png"), &asset);
    assert_true(asset.is_ours);
    id_format(&asset.character, text);
    assert_string_equal(text, CHARACTER);
    assert_string_equal(asset.name, DIGITS ".png");
    assert_int_equal(asset.random.bytes[1], 0x11);
    assert_int_equal(asset.random.bytes[15], 0xff);
}

static void what_is_called_otherwise_is_not_ours(void **state)
{
    static const char *const keys[] = {
        "",
        "characters/",
        "characters/" CHARACTER,
        "characters/" CHARACTER "/",
        "characters/" CHARACTER "/" DIGITS,
        "characters/" CHARACTER "/" DIGITS ".",
        "characters/" CHARACTER "/" DIGITS ".PNG",
        "characters/" CHARACTER "/" DIGITS ".png.bak",
        "characters/" CHARACTER "/" DIGITS ".p/g",
        "characters/" CHARACTER "/" DIGITS "0.png",
        "characters/" CHARACTER "/0" DIGITS ".png",
        "characters/" CHARACTER "/" DIGITS ".extensionofmanybytes",
        "characters/" CHARACTER "/." DIGITS ".png.part",
        "characters/" CHARACTER "/00112233445566778899AABBCCDDEEFF.png",
        "characters/" CHARACTER "/0011223344556677-899aabbccddeeff.png",
        "characters/" CHARACTER "/notes.txt",
        "characters/" CHARACTER "/deep/" DIGITS ".png",
        "characters/8C7A0F3B-5D2E-4F81-9B6C-FEDCBA987654/" DIGITS ".png",
        "characters/8c7a0f3b-5d2e-4f81-9b6c-fedcba98765/" DIGITS ".png",
        "characters/8c7a0f3b5d2e4f819b6cfedcba987654/" DIGITS ".png",
        "persons/" CHARACTER "/" DIGITS ".png",
        "xcharacters/" CHARACTER "/" DIGITS ".png",
    };
    (void)state;
    for (size_t index = 0; index < sizeof(keys) / sizeof(keys[0]); index++) {
        if (is_ours(keys[index])) {
            fail_msg("ours: %s", keys[index]);
        }
    }
    assert_true(is_ours("characters/" CHARACTER "/" DIGITS ".mp4"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_asset_tells_its_character_and_its_name),
        cmocka_unit_test(what_is_called_otherwise_is_not_ours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
