#include "actors/provider_check.h"

#include "tests/unit/test.h"

static const int64_t now_ms = 1800000000000;

static struct provider_check judge(const struct http_response *response, const char *key)
{
    const struct provider_endpoint endpoint = {.name = "a", .model = "m-1", .key = key};
    struct provider_check check;
    provider_check_judge(&endpoint, response, now_ms, &check);
    return check;
}

static struct provider_check judge_answer(long status, const char *body)
{
    const struct http_response response = {.outcome = HTTP_OUTCOME_ANSWERED,
                                           .status = status,
                                           .body = slice_from_string(body),
                                           .retry_after_ms = -1,
                                           .date_ms = now_ms - 30000,
                                           .error = ""};
    return judge(&response, "sk-1");
}

static void says_in_words_what_is_wrong(void **state)
{
    static const struct {
        long status;
        const char *body;
        bool is_wrong;
        const char *words;
    } cases[] = {
        {200, "{\"data\":[{\"id\":\"m-0\"},{\"id\":\"m-1\"}]}", false, "it offers m-1"},
        {200, "{\"data\":[{\"model_id\":\"m-1\"}]}", false, "it offers m-1"},
        {200, "{\"data\":[{\"id\":\"m-1:latest\"}]}", false, "it offers m-1"},
        {200, "[{\"id\":\"m-0\"},{\"id\":\"m-1\"}]", false, "it offers m-1"},
        {200, "{\"data\":[{\"id\":\"m-10\"},3]}", true,
         "it does not offer the model m-1, but m-10"},
        {200, "[{\"id\":\"b\\u001bc\"},{\"name\":\"sk-1\"}]", true,
         "it does not offer the model m-1, but b c, ****"},
        {200, "[{\"id\":\"a\"},{\"id\":\"b\"},{\"id\":\"mc\"},{\"id\":\"m-2\"},{\"id\":\"d\"}]",
         true, "it does not offer the model m-1, but m-2, mc, a and 2 more"},
        {200, "[]", true, "it does not offer the model m-1"},
        {200, "{\"data\":[]}", true, "it does not offer the model m-1"},
        {200, "<html>", true, "it answers, but not as this API does: is the address right?"},
        {401, "{\"error\":{\"message\":\"bad sk-1\"}}", true,
         "it does not accept the key (bad ****)"},
        {402, "", true, "the account has used up what it may (the provider answered HTTP 402)"},
        {429, "", true,
         "the account is called too often just now (the provider answered HTTP 429)"},
        {503, "", true, "it does not work just now (the provider answered HTTP 503)"},
        {404, "", false,
         "it answers, and does not tell its models, if its address is right: not checked are key "
         "and model m-1"},
        {302, "", true, "it sends elsewhere, where no call would go: is the address right?"},
        {200, "{\"code\":200,\"data\":{}}", true,
         "it answers, but not as this API does: is the address right?"},
        {200, "{\"code\":401,\"message\":\"Invalid key sk-1\"}", true,
         "it does not accept the key (Invalid key ****)"},
        {200, "{\"code\":402,\"message\":\"Top up\"}", true,
         "the account has used up what it may (Top up)"},
        {200, "{\"code\":418,\"message\":\"tea\"}", true, "it refuses (tea)"},
        {418, "{\"message\":\"tea\"}", true, "it refuses (tea)"},
        {200, "{\"error\":{\"code\":401,\"message\":\"no key sk-1\"}}", true,
         "it does not accept the key (no key ****)"},
        {200, "{\"error\":\"Unexpected endpoint sk-1\"}", true,
         "it answers, but not as this API does: is the address right? (Unexpected endpoint ****)"},
    };
    (void)state;
    for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
        struct provider_check check = judge_answer(cases[index].status, cases[index].body);
        assert_string_equal(check.text, cases[index].words);
        assert_int_equal(check.is_wrong, cases[index].is_wrong);
    }
}

static void tells_who_has_no_key_and_who_is_not_there(void **state)
{
    struct http_response response = {
        .outcome = HTTP_OUTCOME_ANSWERED, .status = 401, .retry_after_ms = -1, .error = ""};
    (void)state;
    struct provider_check check = judge(&response, NULL);
    assert_true(check.is_wrong);
    assert_string_equal(check.text,
                        "it wants a key, and none is set (the provider answered HTTP 401)");
    response = (struct http_response){.outcome = HTTP_OUTCOME_NOT_SENT, .error = "refused"};
    check = judge(&response, NULL);
    assert_true(check.is_wrong);
    assert_string_equal(check.text, "it cannot be reached (refused)");
}

static void a_list_that_is_too_long_is_no_provider_that_is_away(void **state)
{
    struct http_response response = {.outcome = HTTP_OUTCOME_TOO_LARGE,
                                     .status = 200,
                                     .retry_after_ms = -1,
                                     .error = "Failed writing received data"};
    (void)state;
    struct provider_check check = judge(&response, "sk-1");
    assert_false(check.is_wrong);
    assert_string_equal(check.text,
                        "it answers with a list too long to look through: not checked is m-1");
    assert_string_equal(provider_check_verdict(&check), "warning");
    response.status = 502;
    check = judge(&response, "sk-1");
    assert_true(check.is_wrong);
    assert_string_equal(check.text, "it answers, but not as this API does: is the address right?");
}

static void tells_whose_clock_is_wrong(void **state)
{
    struct http_response response = {
        .outcome = HTTP_OUTCOME_ANSWERED, .status = 404, .retry_after_ms = -1, .error = ""};
    (void)state;
    response.date_ms = now_ms - 61000;
    struct provider_check check = judge(&response, NULL);
    assert_true(check.is_wrong);
    assert_non_null(strstr(check.text, "; this machine's clock is 61 s ahead of its clock"));
    response.date_ms = now_ms + 3600000;
    check = judge(&response, NULL);
    assert_non_null(strstr(check.text, "; this machine's clock is 3600 s behind its clock"));
}

static void what_accepts_any_key_has_not_accepted_this_one(void **state)
{
    struct provider_check check = judge_answer(200, "{\"data\":[{\"id\":\"m-1\"}]}");
    struct http_response response = {
        .outcome = HTTP_OUTCOME_ANSWERED, .status = 401, .retry_after_ms = -1, .error = ""};
    (void)state;
    provider_check_open(&response, &check);
    assert_string_equal(provider_check_verdict(&check), "ok");
    response.status = 200;
    response.body = slice_from_string("{\"code\":401,\"message\":\"no key\"}");
    provider_check_open(&response, &check);
    assert_string_equal(provider_check_verdict(&check), "ok");
    response.body = slice_from_string("{\"data\":[]}");
    provider_check_open(&response, &check);
    assert_string_equal(provider_check_verdict(&check), "warning");
    assert_string_equal(check.text,
                        "it offers m-1; it tells anybody its models: the key was not checked");
    check = judge_answer(404, "");
    assert_string_equal(provider_check_verdict(&check), "warning");
    check = judge_answer(200, "[{\"id\":\"m-1\"}]");
    response.body = slice_from_string("[]");
    provider_check_open(&response, &check);
    assert_string_equal(provider_check_verdict(&check), "warning");
}

static void where_it_sends_to_is_told_without_credentials(void **state)
{
    static const struct {
        const char *location;
        const char *text;
    } cases[] = {
        {"", "to"},
        {"/v1/models", "to (/v1/models)"},
        {"//a.example/v1\n", "to (//a.example/v1 )"},
        {"https://a.example:8443/v1/models", "to (https://a.example:8443/v1/models)"},
        {"https://a.example/v1?key=secret-key", "to (https://a.example/v1)"},
        {"/login?token=abcdefghsecret", "to (/login)"},
        {"https://user:passw0rd@x.example/", "to (https://x.example/)"},
        {"//user:p@ss@x.example?a=b", "to (//x.example)"},
        {"https:/user:passw0rd@x.example/", "to"},
        {"https://user:w\xff@x.example/\xff", "to (https://x.example/?)"},
        {"https://x.example/cb#access_token=abc", "to (https://x.example/cb)"},
        {"https://x.example/cb;session=abc", "to (https://x.example)"},
        {"https://x.example/to/https%3A%2F%2Fuser%3Aword%40y.example", "to (https://x.example)"},
        {"https://x.example/v1/secret-key/models", "to (https://x.example)"},
        {"https://x.example/v1/%73ecret%2dkey/models", "to (https://x.example)"},
        {"https://x.example/v1/secret%252Dkey", "to (https://x.example)"},
        {"https://x.example/%00secret-key", "to (https://x.example)"},
        {"https://x.example/%25252525252541", "to (https://x.example)"},
        {"https://x.example/a%20b%zz%", "to (https://x.example/a%20b%zz%)"},
        {"https://secret%2Dkey.example/", "to"},
        {"/v1/secret-key", "to"},
    };
    (void)state;
    for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
        struct provider_check check = {.text = "to"};
        provider_check_location(&check, slice_from_string(cases[index].location), "secret-key");
        assert_string_equal(check.text, cases[index].text);
    }
    struct provider_check check = {.text = "to"};
    provider_check_location(&check, SLICE_LITERAL("/%73ecret"), NULL);
    assert_string_equal(check.text, "to (/%73ecret)");
}

static void a_long_address_is_cut_without_a_part_of_the_key(void **state)
{
    static const char host[] = "https://a.example/";
    char longest[ERROR_TEXT_SIZE_MAX + 64];
    struct provider_check check = {.text = ""};
    (void)state;
    memset(longest, 'x', sizeof(longest));
    memcpy(longest, host, sizeof(host) - 1);
    provider_check_location(&check, slice_make(longest, sizeof(longest)), "secret-key");
    assert_int_equal(strlen(check.text), ERROR_TEXT_SIZE_MAX + 3);
    memcpy(longest + ERROR_TEXT_SIZE_MAX - 4, "secret-key", 10); /* across the cut */
    check = (struct provider_check){.text = ""};
    provider_check_location(&check, slice_make(longest, sizeof(longest)), "secret-key");
    assert_string_equal(check.text, " (https://a.example)");
}

static void comes_to_one_of_three(void **state)
{
    static const char offers[] = "{\"data\":[{\"id\":\"m-1\"}]}";
    struct http_response response = {.outcome = HTTP_OUTCOME_ANSWERED,
                                     .status = 200,
                                     .body = slice_from_string(offers),
                                     .retry_after_ms = -1,
                                     .date_ms = now_ms,
                                     .error = ""};
    const struct provider_endpoint endpoint = {.name = "a", .model = "m-1", .key = "sk-1"};
    struct provider_check check = {0};
    (void)state;
    provider_check_judge(&endpoint, &response, now_ms, &check);
    assert_string_equal(provider_check_verdict(&check), "ok");
    provider_check_warn(&check, "; but");
    assert_string_equal(provider_check_verdict(&check), "warning");
    assert_string_equal(check.text, "it offers m-1; but");
    provider_check_judge(&endpoint, &response, now_ms, &check);
    assert_string_equal(provider_check_verdict(&check), "ok"); /* the next one has no part in it */
    response.status = 503;
    provider_check_judge(&endpoint, &response, now_ms, &check);
    provider_check_warn(&check, "; but");
    assert_string_equal(provider_check_verdict(&check), "wrong");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_in_words_what_is_wrong),
        cmocka_unit_test(tells_who_has_no_key_and_who_is_not_there),
        cmocka_unit_test(a_list_that_is_too_long_is_no_provider_that_is_away),
        cmocka_unit_test(tells_whose_clock_is_wrong),
        cmocka_unit_test(what_accepts_any_key_has_not_accepted_this_one),
        cmocka_unit_test(where_it_sends_to_is_told_without_credentials),
        cmocka_unit_test(a_long_address_is_cut_without_a_part_of_the_key),
        cmocka_unit_test(comes_to_one_of_three),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
