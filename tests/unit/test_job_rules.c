/* Bodies against the rules of the three queues: what passes, and which field is named. This is the
 * test of body.c and validate.c as well: they are used through it. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>
#include "gateway/job_rules.h"

/* The first problem as "field: text", "" for none. */
static void check(enum job_kind kind, const char *json, char out[256])
{
    struct body *body = NULL;
    char reason[BODY_ERROR_SIZE];
    struct problems problems = {0};
    if (body_parse(slice_from_string(json), &body, reason) != STATUS_OK) {
        snprintf(out, 256, "body %s", reason);
        return;
    }
    job_rules_check(kind, body, &problems);
    body_destroy(&body);
    out[0] = '\0';
    if (problems.count > 0) {
        snprintf(out, 256, "%s %s", problems.items[0].field, problems.items[0].text);
    }
}

static void check_all(enum job_kind kind, const char *const (*cases)[2], size_t count)
{
    for (size_t index = 0; index < count; index++) {
        char found[256];
        check(kind, cases[index][0], found);
        assert_string_equal(found, cases[index][1]);
    }
}

static void test_character_bodies(void **state)
{
    static const char *const cases[][2] = {
        {"{\"name\":\"A\"}", ""},
        {"{\"name\":\"A\",\"age\":0,\"traits\":[\"x\"],\"tags\":[],\"personality\":{},"
         "\"appearance\":{\"hair\":\"red\"},\"public\":true,\"other\":[1,2.5,null]}",
         ""},
        {"{}", "name is required"},
        {"{\"name\":\"\"}", "name must have 1 to 200 characters"},
        {"{\"name\":null}", "name must be a string"},
        {"{\"name\":7}", "name must be a string"},
        {"{\"name\":\"A\",\"age\":10001}", "age must be 0 to 10000"},
        {"{\"name\":\"A\",\"age\":-1}", "age must be 0 to 10000"},
        {"{\"name\":\"A\",\"age\":1.5}", "age must be an integer"},
        {"{\"name\":\"A\",\"age\":\"1\"}", "age must be an integer"},
        {"{\"name\":\"A\",\"description\":1}", "description must be a string"},
        {"{\"name\":\"A\",\"traits\":\"x\"}", "traits must be a list of strings"},
        {"{\"name\":\"A\",\"tags\":[\"x\",1]}", "tags item 1 must be a string"},
        {"{\"name\":\"A\",\"personality\":[]}", "personality must be an object"},
        {"{\"name\":\"A\",\"public\":\"yes\"}", "public must be true or false"},
    };
    (void)state;
    check_all(JOB_KIND_CHARACTER, cases, sizeof(cases) / sizeof(cases[0]));
}

static void test_image_bodies(void **state)
{
    static const char *const cases[][2] = {
        {"{}", ""},
        {"{\"poseId\":null}", ""},
        {"{\"poseId\":\"waving\"}", ""},
        {"{\"poseId\":\"flying\"}",
         "poseId must be one of standing, sitting, portrait, three-quarter, profile, action, "
         "waving, thinking, dancing, reading"},
        {"{\"poseId\":3}", "poseId must be a string"},
    };
    (void)state;
    check_all(JOB_KIND_IMAGE, cases, sizeof(cases) / sizeof(cases[0]));
}

static void test_video_bodies(void **state)
{
    static const char *const cases[][2] = {
        {"{\"duration\":5}", ""},
        {"{\"duration\":8,\"resolution\":\"480p\",\"poseId\":null}", ""},
        {"{}", "duration is required"},
        {"{\"duration\":6}", "duration must be one of 5, 8"},
        {"{\"duration\":\"5\"}", "duration must be an integer"},
        {"{\"duration\":5,\"resolution\":\"1080p\"}", "resolution must be one of 480p, 720p"},
        {"{\"duration\":5,\"resolution\":null}", "resolution must be a string"},
    };
    (void)state;
    check_all(JOB_KIND_VIDEO, cases, sizeof(cases) / sizeof(cases[0]));
}

static void test_names_are_counted_in_characters_not_bytes(void **state)
{
    char json[2048];
    char found[256];
    (void)state;
    for (int count = 200; count <= 201; count++) {
        size_t size = (size_t)snprintf(json, sizeof(json), "{\"name\":\"");
        for (int index = 0; index < count; index++) {
            memcpy(json + size, "\xf0\x9f\x8e\xad", 4);
            size += 4;
        }
        snprintf(json + size, sizeof(json) - size, "\"}");
        check(JOB_KIND_CHARACTER, json, found);
        assert_string_equal(found, count == 200 ? "" : "name must have 1 to 200 characters");
    }
}

static void test_lists_have_at_most_32_strings(void **state)
{
    char json[1024];
    char found[256];
    (void)state;
    for (int count = 32; count <= 33; count++) {
        size_t size = (size_t)snprintf(json, sizeof(json), "{\"name\":\"A\",\"tags\":[");
        for (int index = 0; index < count; index++) {
            size += (size_t)snprintf(json + size, sizeof(json) - size, "%s\"t\"",
                                     index == 0 ? "" : ",");
        }
        snprintf(json + size, sizeof(json) - size, "]}");
        check(JOB_KIND_CHARACTER, json, found);
        assert_string_equal(found, count == 32 ? "" : "tags must have at most 32 items");
    }
}

static void test_text_that_is_not_a_json_object_is_refused(void **state)
{
    static const char *const texts[] = {
        "",
        " ",
        "[]",
        "1",
        "null",
        "{",
        "{]",
        "{\"name\":\"A\"} x",
        "{\"name\":\"A\"}{}",
        "{\"name\":\"A\",\"name\":\"B\"}",
        "{\"name\":\"\xff\"}",
        "{\"name\":\"\xc0\xaf\"}",
        "{\"name\":\"\\ud800\"}",
        "{\"name\":\"\\u0000\"}",
        "{'name':'A'}",
        "{\"name\":\"A\",}",
        "{\"name\":\"A\nB\"}",
        "{\"name\":01}",
        "{\"name\":NaN}",
        "{\"name\":99999999999999999999}",
    };
    (void)state;
    for (size_t index = 0; index < sizeof(texts) / sizeof(texts[0]); index++) {
        char found[256];
        check(JOB_KIND_CHARACTER, texts[index], found);
        assert_memory_equal(found, "body ", 5);
    }
}

static void test_nesting_is_refused_beyond_16_levels(void **state)
{
    char found[256];
    char json[512];
    (void)state;
    for (int depth = 15; depth <= 16; depth++) {
        size_t size = (size_t)snprintf(json, sizeof(json), "{\"name\":\"A [{[{\\\"[\",\"x\":");
        memset(json + size, '[', (size_t)depth);
        memset(json + size + depth, ']', (size_t)depth);
        snprintf(json + size + 2 * depth, 8, "}");
        check(JOB_KIND_CHARACTER, json, found);
        assert_int_equal(strncmp(found, "body is nested deeper", 21) == 0, depth == 16);
        assert_true(depth == 16 || found[0] == '\0');
    }
}

static void test_hostile_nesting_is_refused_without_recursion(void **state)
{
    enum {
        SIZE = 65536
    };
    static char json[SIZE + 1];
    char found[256];
    (void)state;
    memset(json, '[', SIZE);
    check(JOB_KIND_CHARACTER, json, found);
    assert_string_equal(found, "body is nested deeper than 16 levels at byte 16");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_character_bodies),
        cmocka_unit_test(test_image_bodies),
        cmocka_unit_test(test_video_bodies),
        cmocka_unit_test(test_names_are_counted_in_characters_not_bytes),
        cmocka_unit_test(test_lists_have_at_most_32_strings),
        cmocka_unit_test(test_text_that_is_not_a_json_object_is_refused),
        cmocka_unit_test(test_nesting_is_refused_beyond_16_levels),
        cmocka_unit_test(test_hostile_nesting_is_refused_without_recursion),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
