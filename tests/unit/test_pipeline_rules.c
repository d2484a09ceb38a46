/* The body of a pipeline: which jobs it comes to, which is made from which, and what is wrong. */
#include "tests/unit/test.h"

#include <stdio.h>
#include "gateway/pipeline_rules.h"

#define ID_TEXT "01234567-89ab-4cde-8f01-23456789abcd"

/* Reads the pipeline and all its jobs. Gives the first problem as "field text", "" for none. */
static void check(const char *json, char out[256], struct pipeline *pipeline)
{
    struct body *body = NULL;
    char reason[BODY_ERROR_SIZE];
    struct problems problems = {0};
    struct group_item item;
    assert_int_equal(body_parse(slice_from_string(json), &body, reason), STATUS_OK);
    if (pipeline_read(body, pipeline, &problems)) {
        for (uint32_t index = 0; index < pipeline_count(pipeline); index++) {
            pipeline_item_read(pipeline, index, false, &item, &problems);
        }
    }
    body_destroy(&body);
    out[0] = '\0';
    if (problems.count > 0) {
        snprintf(out, 256, "%s %s", problems.items[0].field, problems.items[0].text);
    }
}

static void every_flaw_is_named_by_its_way(void **state)
{
    static const char *const cases[][2] = {
        {"{\"images\":[{}]}", "character or characterId is required"},
        {"{\"character\":{\"name\":\"A\"}}", "images must be a list"},
        {"{\"character\":{\"name\":\"A\"},\"images\":[]}", "images must have 1 to 10 items"},
        {"{\"character\":{},\"characterId\":\"" ID_TEXT "\",\"images\":[{}]}",
         "characterId cannot be combined with character"},
        {"{\"characterId\":7,\"images\":[{}]}", "characterId must be an id"},
        {"{\"character\":{},\"images\":[{}]}", "character.name is required"},
        {"{\"characterId\":\"" ID_TEXT "\",\"images\":[7]}", "images[0] must be an object"},
        {"{\"characterId\":\"" ID_TEXT "\",\"images\":[{}],\"video\":{}}",
         "video.duration is required"},
        {"{\"characterId\":\"" ID_TEXT "\",\"images\":[{}],\"videos\":[{\"duration\":5},{}]}",
         "videos[1].duration is required"},
        {"{\"characterId\":\"" ID_TEXT "\",\"images\":[{}],\"videos\":{}}",
         "videos must be a list"},
        {"{\"characterId\":\"" ID_TEXT "\",\"images\":[{}],\"video\":{},\"videos\":[]}",
         "videos cannot be combined with video"},
        {"{\"characterId\":\"" ID_TEXT "\",\"images\":[{}],\"video\":{\"duration\":5,\"image\":1}}",
         "video.image must be the place of one of the images, from 0"},
        {"{\"characterId\":\"" ID_TEXT "\",\"images\":[{}],\"videos\":[]}", ""},
    };
    (void)state;
    for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
        char found[256];
        struct pipeline pipeline;
        check(cases[index][0], found, &pipeline);
        assert_string_equal(found, cases[index][1]);
    }
}

static void each_job_knows_what_it_is_made_from(void **state)
{
    static const struct {
        enum job_kind kind;
        const char *name;
        int parent; /* -1 for none */
    } expected[] = {
        {JOB_KIND_CHARACTER, "character", -1}, {JOB_KIND_IMAGE, "images[0]", 0},
        {JOB_KIND_IMAGE, "images[1]", 0},      {JOB_KIND_VIDEO, "videos[0]", 1},
        {JOB_KIND_VIDEO, "videos[1]", 2},
    };
    char found[256];
    struct pipeline pipeline;
    (void)state;
    check("{\"character\":{\"name\":\"A\"},\"images\":[{},{}],"
          "\"videos\":[{\"duration\":5},{\"duration\":8,\"image\":1}]}",
          found, &pipeline);
    assert_string_equal(found, "");
    assert_int_equal(pipeline_count(&pipeline), 5);
    for (uint32_t index = 0; index < 5; index++) {
        char name[PROBLEM_FIELD_SIZE];
        uint32_t parent;
        pipeline_name(&pipeline, index, name);
        assert_string_equal(name, expected[index].name);
        assert_int_equal(pipeline_kind(&pipeline, index), expected[index].kind);
        bool has_parent = pipeline_parent(&pipeline, index, &parent);
        assert_int_equal(has_parent ? (int)parent : -1, expected[index].parent);
    }
}

static void a_given_character_is_nobodys_work(void **state)
{
    char found[256];
    struct pipeline pipeline;
    uint32_t parent;
    (void)state;
    check("{\"characterId\":\"" ID_TEXT "\",\"images\":[{}],\"video\":{\"duration\":5}}", found,
          &pipeline);
    assert_string_equal(found, "");
    assert_false(pipeline.makes_character);
    assert_int_equal(pipeline_count(&pipeline), 2);
    assert_false(pipeline_parent(&pipeline, 0, &parent));
    assert_true(pipeline_parent(&pipeline, 1, &parent));
    assert_int_equal(parent, 0);
    assert_int_equal(pipeline_kind(&pipeline, 1), JOB_KIND_VIDEO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_flaw_is_named_by_its_way),
        cmocka_unit_test(each_job_knows_what_it_is_made_from),
        cmocka_unit_test(a_given_character_is_nobodys_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
