/* What is written to providers and read from them: images, videos. */

#include "actors/image_wire.h"

#include <stdio.h>
#include "actors/wavespeed_wire.h"
#include "tests/unit/test.h"

static void assert_request(struct buffer *body, const char *expected)
{
    assert_true(slice_equal(buffer_slice(body), slice_from_string(expected)));
    buffer_fini(body);
}

static void an_image_request_asks_for_one_square(void **state)
{
    struct buffer body;
    (void)state;
    buffer_init(&body, 10000);
    assert_int_equal(image_wire_request("m", SLICE_LITERAL("a cat"), &body), STATUS_OK);
    assert_request(&body, "{\"model\":\"m\",\"prompt\":\"a cat\",\"n\":1,\"size\":\"1024x1024\"}");
}

static void image_answers_are_bytes_or_an_address(void **state)
{
    static const struct {
        const char *body;
        const char *bytes;
        const char *url;
    } cases[] = {
        {"{\"data\":[{\"b64_json\":\"YWJj\"}]}", "abc", ""},
        {"{\"data\":[{\"url\":\"http://a/b.png\",\"b64_json\":null}]}", "", "http://a/b.png"},
        {"{\"data\":[{\"b64_json\":\"data:image/png;base64,YWJj\"}]}", "abc", ""},
        {"{\"data\":[{\"b64_json\":\"YW\\r\\nJjZA\"}]}", "abcd", ""},
        {"{\"data\":[{\"b64_json\":\"\",\"url\":\"http://a/b.png\"}]}", "", "http://a/b.png"},
        {"{\"data\":[{\"b64_json\":\"***\",\"url\":\"http://a/b.png\"}]}", "", "http://a/b.png"},
        {"{\"data\":[{\"url\":\"data:image/png;base64,YWJj\"}]}", "abc", ""},
        {"{\"data\":[{\"url\":\"DATA:;BASE64,YWJj\",\"b64_json\":\"\"}]}", "abc", ""},
        {"{\"data\":[{\"url\":\"data:image/png,abc\"}]}", NULL, NULL},
        {"{\"data\":[{\"url\":\"data:image/png;base64\"}]}", NULL, NULL},
        {"{\"data\":[{\"url\":\"data:image/png;base64,\"}]}", NULL, NULL},
        {"{\"data\":[{\"b64_json\":\"data:image/png;base64,\"}]}", NULL, NULL},
        {"{\"data\":[{\"b64_json\":\"***\"}]}", NULL, NULL},
        {"{\"data\":[{\"url\":\"\"}]}", NULL, NULL},
        {"{\"data\":[{}]}", NULL, NULL},
        {"{\"data\":[]}", NULL, NULL},
        {"{\"data\":{}}", NULL, NULL},
        {"", NULL, NULL},
    };
    (void)state;
    for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
        struct image_answer answer;
        struct provider_failure failure;
        bool read =
            image_wire_answer(slice_from_string(cases[index].body), NULL, &answer, &failure);
        assert_int_equal(read, cases[index].bytes != NULL);
        if (read) {
            assert_true(
                slice_equal(buffer_slice(&answer.bytes), slice_from_string(cases[index].bytes)));
            assert_string_equal(answer.url, cases[index].url);
        } else {
            assert_true(failure.is_unknown);
        }
        buffer_fini(&answer.bytes);
    }
}

/* HTTP says 200, and the answer is an error. */
static void a_picture_that_is_refused_within_a_200_is_told_in_its_own_words(void **state)
{
    static const char *const bodies[] = {
        "{\"error\":{\"message\":\"no, key-of-ours\",\"code\":429}}",
        "{\"error\":{\"message\":\"no, key-of-ours\",\"code\":429},\"data\":null}",
        "{\"error\":{\"message\":\"no, key-of-ours\",\"code\":429},\"data\":[]}",
        "{\"error\":{\"message\":\"no, key-of-ours\",\"code\":429},\"data\":[null]}",
        "{\"error\":{\"message\":\"no, key-of-ours\",\"code\":429},\"data\":[{\"b64_json\":\"\"}]}",
        "{\"data\":[{\"error\":{\"message\":\"no, key-of-ours\",\"code\":429}}]}",
        "{\"data\":[{\"url\":\"\",\"error\":{\"message\":\"no, key-of-ours\",\"code\":429}}]}",
    };
    (void)state;
    for (size_t index = 0; index < sizeof(bodies) / sizeof(bodies[0]); index++) {
        struct image_answer answer;
        struct provider_failure failure;
        assert_false(
            image_wire_answer(slice_from_string(bodies[index]), "key-of-ours", &answer, &failure));
        assert_int_equal(failure.kind, FAIL_KIND_THROTTLED);
        assert_false(failure.is_unknown);
        assert_string_equal(failure.code, "provider_throttled");
        assert_string_equal(failure.message, "no, ***********");
        buffer_fini(&answer.bytes);
    }
}

/* It was made, and may have been paid for. */
static void an_error_beside_a_picture_does_not_say_that_there_is_none(void **state)
{
    static const char *const entries[] = {
        "{\"b64_json\":\"***\"}",
        "{\"b64_json\":\"***\",\"error\":{\"code\":429}}",
        "{\"url\":\"data:image/png,abc\"}",
    };
    (void)state;
    for (size_t index = 0; index < sizeof(entries) / sizeof(entries[0]); index++) {
        char body[128];
        struct image_answer answer;
        struct provider_failure failure;
        snprintf(body, sizeof(body), "{\"error\":{\"code\":429},\"data\":[%s]}", entries[index]);
        assert_false(image_wire_answer(slice_from_string(body), NULL, &answer, &failure));
        assert_true(failure.is_unknown);
        assert_string_equal(failure.code, "provider_answer");
        buffer_fini(&answer.bytes);
    }
}

static void a_video_order_carries_size_duration_and_seed(void **state)
{
    struct buffer body;
    struct video_order order = {.image_url = "http://a/i.png",
                                .prompt = SLICE_LITERAL("waves"),
                                .resolution = "480p",
                                .duration = 8,
                                .seed = 7};
    (void)state;
    buffer_init(&body, 10000);
    assert_int_equal(wavespeed_wire_video_order(&order, &body), STATUS_OK);
    assert_request(&body, "{\"image\":\"http://a/i.png\",\"prompt\":\"waves\",\"size\":\"832*480\","
                          "\"duration\":8,\"seed\":7}");
}

static void an_image_order_carries_the_seed_and_no_model(void **state)
{
    struct buffer body;
    const struct image_order order = {.prompt = SLICE_LITERAL("a \"cat\""), .seed = 4294967295u};
    (void)state;
    buffer_init(&body, 10000);
    assert_int_equal(wavespeed_wire_image_order(&order, &body), STATUS_OK);
    assert_request(&body,
                   "{\"prompt\":\"a \\\"cat\\\"\",\"size\":\"1024*1024\",\"seed\":4294967295}");
    buffer_init(&body, 10);
    assert_int_equal(wavespeed_wire_image_order(&order, &body), STATUS_TOO_LARGE);
    buffer_fini(&body);
}

static void uploads_answer_with_an_address_under_either_name(void **state)
{
    char url[HTTP_URL_SIZE_MAX + 1];
    struct provider_failure failure;
    (void)state;
    assert_true(wavespeed_wire_uploaded(
        SLICE_LITERAL("{\"code\":200,\"data\":{\"download_url\":\"http://a/1\"}}"), NULL, url,
        &failure));
    assert_string_equal(url, "http://a/1");
    assert_true(wavespeed_wire_uploaded(SLICE_LITERAL("{\"data\":{\"url\":\"http://a/2\"}}"), NULL,
                                        url, &failure));
    assert_string_equal(url, "http://a/2");
    assert_false(wavespeed_wire_uploaded(SLICE_LITERAL("{\"data\":{}}"), NULL, url, &failure));
}

static void task_ids_that_could_leave_their_place_in_an_address_are_refused(void **state)
{
    static const struct {
        const char *body;
        bool is_read;
    } cases[] = {
        {"{\"data\":{\"id\":\"3f_a-B.9\"}}", true},
        {"{\"data\":{\"id\":\"../x\"}}", false},
        {"{\"data\":{\"id\":\"a/b\"}}", false},
        {"{\"data\":{\"id\":\"a?b\"}}", false},
        {"{\"data\":{\"id\":\"..\"}}", false},
        {"{\"data\":{\"id\":\"\"}}", false},
        {"{\"data\":{\"id\":5}}", false},
        {"{\"id\":\"x\"}", false},
        {"", false},
    };
    (void)state;
    for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
        char task[TASK_SIZE_MAX + 1] = "left";
        struct provider_failure failure;
        assert_int_equal(
            wavespeed_wire_submitted(slice_from_string(cases[index].body), NULL, task, &failure),
            cases[index].is_read);
        assert_string_equal(task, cases[index].is_read ? "3f_a-B.9" : "");
        assert_int_equal(wavespeed_wire_is_task(slice_from_string(task)), cases[index].is_read);
    }
    assert_false(wavespeed_wire_is_task(SLICE_LITERAL("a/b")));
}

static void a_list_that_cannot_be_read_does_not_say_that_an_order_is_not_there(void **state)
{
    static const struct {
        const char *body;
        enum wavespeed_found found;
        size_t count;
        const char *task;
    } cases[] = {
        {"{\"data\":{\"items\":[]}}", WAVESPEED_FOUND_NOT_THERE, 0, ""},
        {"{\"data\":{\"items\":[{\"id\":\"a\",\"input\":{\"seed\":8}},{\"id\":\"b\"}]}}",
         WAVESPEED_FOUND_UNTOLD, 2, ""},
        {"{\"data\":{\"items\":[{\"id\":\"a\",\"input\":{\"seed\":8}}]}}",
         WAVESPEED_FOUND_NOT_THERE, 1, ""},
        {"{\"data\":{\"items\":[{\"id\":\"a\"},{\"id\":\"b\",\"input\":{\"seed\":7}}]}}",
         WAVESPEED_FOUND_THERE, 2, "b"},
        {"{\"data\":{\"items\":[{\"id\":\"a\",\"input\":{\"seed\":8}},"
         "{\"id\":\"b\",\"input\":{\"seed\":7}}]}}",
         WAVESPEED_FOUND_THERE, 2, "b"},
        {"{\"data\":{\"items\":[{\"id\":\"b\",\"input\":{\"seed\":7},\"status\":\"failed\"}]}}",
         WAVESPEED_FOUND_NOT_THERE, 1, ""},
        {"{\"data\":{\"items\":[{\"id\":\"a/b\",\"input\":{\"seed\":7}}]}}",
         WAVESPEED_FOUND_UNREADABLE, 1, ""},
        {"{\"data\":{\"items\":[{\"input\":{\"seed\":7}}]}}", WAVESPEED_FOUND_UNREADABLE, 1, ""},
        {"{\"data\":{\"items\":null}}", WAVESPEED_FOUND_UNREADABLE, 0, ""},
        {"{\"data\":{}}", WAVESPEED_FOUND_UNREADABLE, 0, ""},
        {"[]", WAVESPEED_FOUND_UNREADABLE, 0, ""},
        {"<html>", WAVESPEED_FOUND_UNREADABLE, 0, ""},
        {"", WAVESPEED_FOUND_UNREADABLE, 0, ""},
    };
    (void)state;
    for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
        char task[TASK_SIZE_MAX + 1] = "left";
        size_t count = 99;
        assert_int_equal(
            wavespeed_wire_found(slice_from_string(cases[index].body), 7, task, &count),
            cases[index].found);
        assert_int_equal(count, cases[index].count);
        assert_string_equal(task, cases[index].task);
    }
}

static void polls_tell_how_far_a_task_is(void **state)
{
    static const struct {
        const char *body;
        bool is_read;
        enum wavespeed_status status;
        const char *code;
    } cases[] = {
        {"{\"data\":{\"status\":\"created\"}}", true, WAVESPEED_STATUS_RUNNING, NULL},
        {"{\"data\":{\"status\":\"processing\"}}", true, WAVESPEED_STATUS_RUNNING, NULL},
        {"{\"data\":{\"status\":\"pending\"}}", true, WAVESPEED_STATUS_RUNNING, NULL},
        {"{\"data\":{\"status\":\"a new word\"}}", true, WAVESPEED_STATUS_OTHER, NULL},
        {"{\"data\":{\"status\":\"completed\",\"outputs\":[\"http://a/v.mp4\"]}}", true,
         WAVESPEED_STATUS_COMPLETED, NULL},
        {"{\"data\":{\"status\":\"completed\",\"outputs\":[]}}", false, WAVESPEED_STATUS_COMPLETED,
         "provider_answer"},
        {"{\"code\":200,\"data\":{\"status\":\"failed\",\"error\":\"no\",\"code\":1200}}", true,
         WAVESPEED_STATUS_FAILED, "content_policy"},
        {"{\"code\":200,\"data\":{\"status\":\"failed\",\"code\":1401}}", true,
         WAVESPEED_STATUS_FAILED, "provider_refused"},
        {"{\"code\":200,\"data\":{\"status\":\"failed\"}}", true, WAVESPEED_STATUS_FAILED,
         "provider_task"},
        {"{\"data\":{}}", false, WAVESPEED_STATUS_RUNNING, "provider_answer"},
        {"{\"code\":401,\"message\":\"no\"}", false, WAVESPEED_STATUS_RUNNING,
         "provider_credentials"},
        {"{\"code\":404,\"message\":\"no\"}", true, WAVESPEED_STATUS_GONE, NULL},
        {"{\"data\":{\"status\":\"completed\",\"outputs\":[\"http://a/v.mp4\"],"
         "\"has_nsfw_contents\":[false]}}",
         true, WAVESPEED_STATUS_COMPLETED, NULL},
        {"{\"data\":{\"status\":\"completed\",\"outputs\":[\"http://a/v.mp4\"],"
         "\"has_nsfw_contents\":[true]}}",
         true, WAVESPEED_STATUS_NSFW, "content_policy"},
        {"{\"data\":{\"status\":\"completed\",\"outputs\":[],\"has_nsfw_contents\":[true]}}", true,
         WAVESPEED_STATUS_NSFW, "content_policy"},
        {"<html>", false, WAVESPEED_STATUS_RUNNING, "provider_answer"},
    };
    (void)state;
    for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
        char url[HTTP_URL_SIZE_MAX + 1] = "";
        enum wavespeed_status status = WAVESPEED_STATUS_RUNNING;
        struct provider_failure failure = {0};
        assert_int_equal(wavespeed_wire_polled(slice_from_string(cases[index].body), NULL, &status,
                                               url, &failure),
                         cases[index].is_read);
        assert_int_equal(status, cases[index].status);
        if (cases[index].code != NULL) {
            assert_string_equal(failure.code, cases[index].code);
        } else if (status == WAVESPEED_STATUS_COMPLETED) {
            assert_string_equal(url, "http://a/v.mp4");
        }
    }
}

static void what_a_provider_says_of_a_key_does_not_pass(void **state)
{
    static const char failed[] =
        "{\"data\":{\"status\":\"failed\",\"error\":\"no, key-of-ours\",\"code\":1200}}";
    char url[HTTP_URL_SIZE_MAX + 1] = "";
    enum wavespeed_status status = WAVESPEED_STATUS_RUNNING;
    struct provider_failure failure = {0};
    (void)state;
    assert_true(
        wavespeed_wire_polled(slice_from_string(failed), "key-of-ours", &status, url, &failure));
    assert_string_equal(failure.message, "no, ***********");
}

/* HTTP says 200, and the answer says what went wrong. */
static void an_answer_of_200_that_is_none_is_told_in_its_own_words(void **state)
{
    static const struct {
        const char *code;
        enum fail_kind kind;
        bool is_unknown;
        const char *told;
    } cases[] = {
        {"400", FAIL_KIND_PERMANENT, false, "provider_refused"},
        {"401", FAIL_KIND_PERMANENT, false, "provider_credentials"},
        {"402", FAIL_KIND_PERMANENT, false, "provider_quota"},
        {"429", FAIL_KIND_THROTTLED, false, "provider_throttled"},
        {"500", FAIL_KIND_RETRY, false, "provider_error"},
        {"1200", FAIL_KIND_PERMANENT, false, "content_policy"},
        {"1402", FAIL_KIND_RETRY, false, "provider_media"},
        {"5003", FAIL_KIND_RETRY, false, "provider_error"},
        {"5004", FAIL_KIND_RETRY, true, "provider_timeout"},
        {"1999", FAIL_KIND_RETRY, true, "provider_answer"},
    };
    (void)state;
    for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
        char body[128];
        char out[HTTP_URL_SIZE_MAX + 1];
        struct provider_failure failure;
        snprintf(body, sizeof(body), "{\"code\":%s,\"message\":\"no, key-of-ours\",\"data\":{}}",
                 cases[index].code);
        for (int answer = 0; answer < 2; answer++) {
            struct slice bytes = slice_from_string(body);
            assert_false(answer == 0
                             ? wavespeed_wire_submitted(bytes, "key-of-ours", out, &failure)
                             : wavespeed_wire_uploaded(bytes, "key-of-ours", out, &failure));
            assert_int_equal(failure.kind, cases[index].kind);
            assert_int_equal(failure.is_unknown, cases[index].is_unknown);
            assert_string_equal(failure.code, cases[index].told);
            assert_string_equal(failure.message, "no, ***********");
        }
    }
}

static void a_task_is_polled_nowhere_but_below_the_address_that_was_set(void **state)
{
    static const struct {
        const char *url;
        bool is_taken;
    } cases[] = {
        {"https://api.test/v3/x", true},
        {"https://api.test/", true},
        {"https://api.test", false},
        {"https://api.test@evil.test/x", false},
        {"https://api.test.evil.test/x", false},
        {"https://api.test:444/x", false},
        {"http://api.test/x", false},
        {"https://evil.test/https://api.test/", false},
        {"//api.test/x", false},
        {"", false},
    };
    (void)state;
    for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
        char body[256];
        char url[HTTP_URL_SIZE_MAX + 1];
        snprintf(body, sizeof(body), "{\"data\":{\"urls\":{\"get\":\"%s\"}}}", cases[index].url);
        assert_int_equal(
            wavespeed_wire_poll_address(slice_from_string(body), "https://api.test", url),
            cases[index].is_taken);
    }
    char url[HTTP_URL_SIZE_MAX + 1];
    assert_false(
        wavespeed_wire_poll_address(SLICE_LITERAL("{\"data\":{\"urls\":5}}"), "https://a", url));
}

static void a_task_is_dropped_when_the_answer_confirms_it(void **state)
{
    static const struct {
        const char *body;
        enum wavespeed_drop drop;
    } cases[] = {
        {"{\"code\":200,\"data\":{\"deleted_count\":1}}", WAVESPEED_DROP_DONE},
        {"{\"code\":200,\"data\":{\"deleted_count\":0}}", WAVESPEED_DROP_NONE},
        {"{\"code\":200,\"message\":\"success\"}", WAVESPEED_DROP_DONE},
        {"", WAVESPEED_DROP_DONE},
        {"<html>Please log in</html>", WAVESPEED_DROP_AGAIN},
        {"[]", WAVESPEED_DROP_AGAIN},
        {"{\"data\":{\"deleted_count\":1}}", WAVESPEED_DROP_DONE},
        {"{\"data\":{\"deleted_count\":\"1\"}}", WAVESPEED_DROP_REFUSED},
        {"{\"code\":200,\"data\":{\"deleted_count\":null}}", WAVESPEED_DROP_REFUSED},
        {"{}", WAVESPEED_DROP_REFUSED},
        {"{\"message\":\"accepted\"}", WAVESPEED_DROP_REFUSED},
        {"{\"code\":5000,\"message\":\"internal\"}", WAVESPEED_DROP_AGAIN},
        {"{\"code\":503}", WAVESPEED_DROP_AGAIN},
        {"{\"code\":429,\"data\":{\"deleted_count\":1}}", WAVESPEED_DROP_AGAIN},
        {"{\"code\":401,\"message\":\"no\"}", WAVESPEED_DROP_REFUSED},
        {"{\"code\":404}", WAVESPEED_DROP_GONE},
        {"{\"code\":1400}", WAVESPEED_DROP_REFUSED},
    };
    (void)state;
    for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
        assert_int_equal(wavespeed_wire_dropped(slice_from_string(cases[index].body)),
                         cases[index].drop);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_image_request_asks_for_one_square),
        cmocka_unit_test(image_answers_are_bytes_or_an_address),
        cmocka_unit_test(a_picture_that_is_refused_within_a_200_is_told_in_its_own_words),
        cmocka_unit_test(an_error_beside_a_picture_does_not_say_that_there_is_none),
        cmocka_unit_test(a_video_order_carries_size_duration_and_seed),
        cmocka_unit_test(an_image_order_carries_the_seed_and_no_model),
        cmocka_unit_test(uploads_answer_with_an_address_under_either_name),
        cmocka_unit_test(task_ids_that_could_leave_their_place_in_an_address_are_refused),
        cmocka_unit_test(a_list_that_cannot_be_read_does_not_say_that_an_order_is_not_there),
        cmocka_unit_test(polls_tell_how_far_a_task_is),
        cmocka_unit_test(what_a_provider_says_of_a_key_does_not_pass),
        cmocka_unit_test(an_answer_of_200_that_is_none_is_told_in_its_own_words),
        cmocka_unit_test(a_task_is_polled_nowhere_but_below_the_address_that_was_set),
        cmocka_unit_test(a_task_is_dropped_when_the_answer_confirms_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
