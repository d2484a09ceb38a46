/* The body of a batch: its jobs, what each says, and which member of which job is named. */
#include "tests/unit/test.h"

#include <stdio.h>
#include "gateway/batch_rules.h"

#define ID_TEXT "01234567-89ab-4cde-8f01-23456789abcd"

/* Reads all jobs of a batch. Gives the first problem as "field text", "" for none. */
static void check(const char *json, char out[256], struct group_item *last, struct buffer *payload)
{
    struct body *body = NULL;
    char reason[BODY_ERROR_SIZE];
    struct problems problems = {0};
    struct json_value jobs;
    assert_int_equal(body_parse(slice_from_string(json), &body, reason), STATUS_OK);
    if (batch_jobs(body, &jobs, &problems)) {
        for (uint32_t index = 0; index < jobs.count; index++) {
            batch_item_read(&jobs, index, false, last, &problems);
        }
    }
    if (payload != NULL && problems.count == 0) {
        assert_int_equal(group_item_payload(last, payload), STATUS_OK);
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
        {"{}", "jobs is required"},
        {"{\"jobs\":{}}", "jobs must be a list"},
        {"{\"jobs\":[]}", "jobs must have 1 to 1000 jobs"},
        {"{\"jobs\":[1]}", "jobs[0] must be an object"},
        {"{\"jobs\":[{\"name\":\"A\"}]}", "jobs[0].type must be one of character, image, video"},
        {"{\"jobs\":[{\"type\":7}]}", "jobs[0].type must be one of character, image, video"},
        {"{\"jobs\":[{\"type\":\"character\",\"name\":\"A\"}]}", ""},
        {"{\"jobs\":[{\"type\":\"character\",\"name\":\"A\"},{\"type\":\"character\"}]}",
         "jobs[1].name is required"},
        {"{\"jobs\":[{\"type\":\"image\"}]}", "jobs[0].characterId is required"},
        {"{\"jobs\":[{\"type\":\"image\",\"characterId\":1}]}",
         "jobs[0].characterId must be an id"},
        {"{\"jobs\":[{\"type\":\"image\",\"characterId\":\"" ID_TEXT "\"}]}", ""},
        {"{\"jobs\":[{\"type\":\"video\",\"characterId\":\"" ID_TEXT "\",\"duration\":5}]}",
         "jobs[0].mediaId is required"},
        {"{\"jobs\":[{\"type\":\"video\",\"characterId\":\"" ID_TEXT "\",\"mediaId\":\"" ID_TEXT
         "\",\"duration\":6}]}",
         "jobs[0].duration must be one of 5, 8"},
    };
    (void)state;
    for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
        char found[256];
        struct group_item item;
        check(cases[index][0], found, &item, NULL);
        assert_string_equal(found, cases[index][1]);
    }
}

static void an_actor_gets_the_job_without_what_says_which_it_is(void **state)
{
    char found[256];
    struct group_item item;
    struct buffer payload;
    struct id expected;
    (void)state;
    buffer_init(&payload, 1024);
    check("{\"jobs\":[{\"type\":\"video\",\"characterId\":\"" ID_TEXT "\",\"mediaId\":\"" ID_TEXT
          "\",\"duration\":5,\"mood\":{\"type\":\"calm\"}}]}",
          found, &item, &payload);
    assert_string_equal(found, "");
    assert_int_equal(item.kind, JOB_KIND_VIDEO);
    assert_int_equal(id_parse(SLICE_LITERAL(ID_TEXT), &expected), STATUS_OK);
    assert_true(id_equal(&item.character, &expected));
    assert_true(id_equal(&item.source, &expected));
    assert_true(slice_equal(buffer_slice(&payload),
                            SLICE_LITERAL("{\"duration\":5,\"mood\":{\"type\":\"calm\"}}")));
    buffer_fini(&payload);
}

static void an_input_above_its_limit_is_told(void **state)
{
    struct body *body = NULL;
    char reason[BODY_ERROR_SIZE];
    struct buffer payload;
    (void)state;
    assert_int_equal(body_parse(SLICE_LITERAL("{\"name\":\"long enough\"}"), &body, reason),
                     STATUS_OK);
    static const char *const none[] = {NULL};
    const struct group_item item = {.body = body, .own_members = none};
    buffer_init(&payload, 8);
    assert_int_equal(group_item_payload(&item, &payload), STATUS_TOO_LARGE);
    assert_int_equal(payload.size, 0);
    buffer_fini(&payload);
    body_destroy(&body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_flaw_is_named_by_its_way),
        cmocka_unit_test(an_actor_gets_the_job_without_what_says_which_it_is),
        cmocka_unit_test(an_input_above_its_limit_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
