#include "actors/documents.h"

#include "tests/unit/test.h"

static const struct asset asset = {.url = "/assets/characters/c/a.png",
                                   .content_type = "image/png",
                                   .sha256 = "abcd",
                                   .size = 12,
                                   .width = 3,
                                   .height = 4};

static const struct id character = {{0x12, 0x30, 0, 0, 0, 0, 0x40, 0, 0x80, 0, 0, 0, 0, 0, 0, 1}};
static const struct id media = {{0x12, 0x30, 0, 0, 0, 0, 0x40, 0, 0x80, 0, 0, 0, 0, 0, 0, 2}};

static void a_character_is_its_request_with_our_members_on_top(void **state)
{
    struct message_job job = {
        .character = character, .media = media, .display_id = SLICE_LITERAL("ABCDEFGH")};
    json_t *request =
        json_loads("{\"id\":\"forged\",\"name\":\"Mira\",\"imageUrl\":\"x\",\"extra\":"
                   "[1],\"personality\":{\"a\":1}}",
                   0, NULL);
    json_t *personality = json_loads("{\"summary\":\"calm\"}", 0, NULL);
    json_t *document = document_of_character(&job, request, personality, &asset, 0);
    struct buffer out;
    (void)state;
    buffer_init(&out, 10000);
    assert_int_equal(document_write(document, &out), STATUS_OK);
    assert_true(slice_equal(
        buffer_slice(&out),
        SLICE_LITERAL("{\"id\":\"12300000-0000-4000-8000-000000000001\",\"displayId\":\"ABCDEFGH\","
                      "\"name\":\"Mira\",\"imageUrl\":\"/assets/characters/c/a.png\",\"extra\":[1],"
                      "\"personality\":{\"a\":1},\"aiPersonality\":{\"summary\":\"calm\"},"
                      "\"mediaId\":\"12300000-0000-4000-8000-000000000002\","
                      "\"createdAt\":\"1970-01-01T00:00:00.000Z\"}")));
    buffer_fini(&out);
    json_decref(document);
    json_decref(personality);
    json_decref(request);
}

static void a_media_entry_says_null_for_what_it_has_not(void **state)
{
    struct buffer out;
    struct media_entry entry = {
        .id = &media, .character = &character, .type = "image", .asset = &asset};
    (void)state;
    buffer_init(&out, 10000);
    assert_int_equal(document_of_media(&entry, &out), STATUS_OK);
    assert_true(slice_equal(
        buffer_slice(&out),
        SLICE_LITERAL("{\"id\":\"12300000-0000-4000-8000-000000000002\",\"characterId\":"
                      "\"12300000-0000-4000-8000-000000000001\",\"type\":\"image\",\"url\":"
                      "\"/assets/characters/c/a.png\",\"poseId\":null,\"source\":null,\"duration\":"
                      "null,\"resolution\":null,\"width\":3,\"height\":4,\"contentType\":"
                      "\"image/png\",\"size\":12,\"sha256\":\"abcd\",\"createdAt\":null,"
                      "\"prompt\":null}")));
    buffer_fini(&out);
}

static void an_asset_survives_a_draft(void **state)
{
    struct asset read;
    json_t *draft = json_pack("{s:o}", "portrait", draft_of_asset(&asset));
    (void)state;
    assert_true(draft_read_asset(draft, "portrait", &read));
    assert_string_equal(read.url, asset.url);
    assert_string_equal(read.sha256, asset.sha256);
    assert_int_equal(read.size, asset.size);
    assert_int_equal(read.height, asset.height);
    assert_false(draft_read_asset(draft, "video", &read));
    json_decref(draft);
}

static void a_draft_that_is_not_ours_has_no_asset(void **state)
{
    struct asset read;
    json_t *draft = json_loads("{\"a\":5,\"b\":{\"url\":7},\"c\":{\"url\":\"/x\"}}", 0, NULL);
    (void)state;
    assert_false(draft_read_asset(draft, "a", &read));
    assert_false(draft_read_asset(draft, "b", &read));
    assert_false(draft_read_asset(draft, "c", &read));
    json_decref(draft);
}

static void only_whole_objects_are_documents(void **state)
{
    static const char *const bad[] = {"", "[]", "5", "{", "{}x", "{\"a\":1,\"a\":2}", "\xff"};
    json_t *document = NULL;
    (void)state;
    for (size_t index = 0; index < sizeof(bad) / sizeof(bad[0]); index++) {
        assert_int_equal(document_parse(slice_from_string(bad[index]), &document),
                         STATUS_MALFORMED);
    }
    assert_int_equal(document_parse(SLICE_LITERAL("{\"a\":1}"), &document), STATUS_OK);
    json_decref(document);
}

static void a_document_that_does_not_fit_is_not_half_written(void **state)
{
    struct buffer out;
    json_t *document = json_loads("{\"text\":\"0123456789\"}", 0, NULL);
    (void)state;
    buffer_init(&out, 10);
    assert_int_equal(document_write(document, &out), STATUS_TOO_LARGE);
    assert_int_equal(out.size, 0);
    buffer_fini(&out);
    json_decref(document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_character_is_its_request_with_our_members_on_top),
        cmocka_unit_test(a_media_entry_says_null_for_what_it_has_not),
        cmocka_unit_test(an_asset_survives_a_draft),
        cmocka_unit_test(a_draft_that_is_not_ours_has_no_asset),
        cmocka_unit_test(only_whole_objects_are_documents),
        cmocka_unit_test(a_document_that_does_not_fit_is_not_half_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
