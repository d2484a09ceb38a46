#include "actors/provider_error.h"

#include "actors/limits.h"
#include "tests/unit/test.h"

static struct provider_failure explain(long status, const char *body, int64_t retry_after_ms)
{
    struct provider_failure failure;
    struct http_response response = {
        .outcome = HTTP_OUTCOME_ANSWERED,
        .status = status,
        .body = slice_from_string(body),
        .retry_after_ms = retry_after_ms,
        .error = "",
    };
    provider_error_of_response(&response, "sk-secret", &failure);
    return failure;
}

static void a_status_decides_about_the_job_and_the_money(void **state)
{
    static const struct {
        long status;
        const char *body;
        enum fail_kind kind;
        bool is_unknown;
        const char *code;
    } cases[] = {
        {301, "", FAIL_KIND_PERMANENT, false, "provider_redirect"},
        {400, "", FAIL_KIND_PERMANENT, false, "provider_refused"},
        {401, "", FAIL_KIND_PERMANENT, false, "provider_credentials"},
        {402, "", FAIL_KIND_PERMANENT, false, "provider_quota"},
        {403, "", FAIL_KIND_PERMANENT, false, "provider_credentials"},
        {404, "", FAIL_KIND_PERMANENT, false, "provider_refused"},
        {408, "", FAIL_KIND_RETRY, true, "provider_timeout"},
        {409, "", FAIL_KIND_RETRY, true, "provider_conflict"},
        {413, "", FAIL_KIND_PERMANENT, false, "provider_refused"},
        {422, "", FAIL_KIND_PERMANENT, false, "provider_refused"},
        {425, "", FAIL_KIND_RETRY, false, "provider_error"},
        {429, "", FAIL_KIND_THROTTLED, false, "provider_throttled"},
        {451, "", FAIL_KIND_PERMANENT, false, "content_policy"},
        {500, "", FAIL_KIND_RETRY, false, "provider_error"},
        {502, "", FAIL_KIND_RETRY, true, "provider_error"},
        {501, "", FAIL_KIND_RETRY, false, "provider_error"},
        {503, "", FAIL_KIND_RETRY, false, "provider_error"},
        {504, "", FAIL_KIND_RETRY, true, "provider_error"},
        {505, "", FAIL_KIND_RETRY, true, "provider_error"},
        {520, "", FAIL_KIND_RETRY, true, "provider_error"},
        {524, "", FAIL_KIND_RETRY, true, "provider_error"},
        {529, "", FAIL_KIND_RETRY, false, "provider_error"},
        {530, "", FAIL_KIND_RETRY, true, "provider_error"},
        {599, "", FAIL_KIND_RETRY, true, "provider_error"},
        {600, "", FAIL_KIND_RETRY, true, "provider_error"},
        {999, "", FAIL_KIND_RETRY, true, "provider_error"},
        {201, "", FAIL_KIND_RETRY, true, "provider_answer"},
        {400, "{\"error\":{\"code\":\"content_policy_violation\"}}", FAIL_KIND_PERMANENT, false,
         "content_policy"},
        {400, "{\"error\":{\"type\":\"moderation_blocked\"}}", FAIL_KIND_PERMANENT, false,
         "content_policy"},
        {429, "{\"error\":{\"type\":\"insufficient_quota\",\"code\":null}}", FAIL_KIND_PERMANENT,
         false, "provider_quota"},
        {429, "{\"error\":{\"code\":\"billing_hard_limit_reached\"}}", FAIL_KIND_PERMANENT, false,
         "provider_quota"},
        {429, "{\"error\":{\"code\":\"credit_balance_exhausted\"}}", FAIL_KIND_PERMANENT, false,
         "provider_quota"},
        {403,
         "{\"error\":{\"code\":403,\"metadata\":{\"reasons\":[\"x\"],\"flagged_input\":\"y\"}}}",
         FAIL_KIND_PERMANENT, false, "content_policy"},
        {403, "{\"error\":{\"code\":403,\"metadata\":{\"provider_name\":\"x\"}}}",
         FAIL_KIND_PERMANENT, false, "provider_credentials"},
        {404, "{\"error\":{\"code\":\"model_not_found\"}}", FAIL_KIND_PERMANENT, false,
         "provider_refused"},
        {503, "{\"error\":{\"code\":503,\"message\":\"Loading model\"}}", FAIL_KIND_RETRY, false,
         "provider_error"},
        {400, "{\"code\":1200,\"message\":\"x\"}", FAIL_KIND_PERMANENT, false, "content_policy"},
        {400, "{\"code\":1401,\"message\":\"x\"}", FAIL_KIND_PERMANENT, false, "provider_refused"},
        {400, "{\"code\":1402,\"message\":\"x\"}", FAIL_KIND_RETRY, false, "provider_media"},
        {400, "{\"code\":5000,\"message\":\"x\"}", FAIL_KIND_RETRY, false, "provider_error"},
        {504, "{\"code\":5004,\"message\":\"x\"}", FAIL_KIND_RETRY, true, "provider_timeout"},
        {400, "{\"code\":400,\"message\":\"x\"}", FAIL_KIND_PERMANENT, false, "provider_refused"},
    };
    (void)state;
    for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
        struct provider_failure failure = explain(cases[index].status, cases[index].body, -1);
        assert_int_equal(failure.kind, cases[index].kind);
        assert_int_equal(failure.is_unknown, cases[index].is_unknown);
        assert_string_equal(failure.code, cases[index].code);
    }
}

static void the_providers_words_are_kept_in_all_known_shapes(void **state)
{
    static const char *const bodies[] = {
        "{\"error\":{\"message\":\"too busy\",\"type\":\"x\"}}",
        "{\"object\":\"error\",\"message\":\"too busy\",\"code\":5}",
        "{\"error\":\"too busy\"}",
        "{\"detail\":\"too busy\"}",
        "{\"detail\":[{\"loc\":[\"body\",\"size\"],\"msg\":\"too busy\"},{\"msg\":\"x\"}]}",
    };
    (void)state;
    for (size_t index = 0; index < sizeof(bodies) / sizeof(bodies[0]); index++) {
        assert_string_equal(explain(500, bodies[index], -1).message, "too busy");
    }
    assert_string_equal(explain(500, "{\"detail\":[3]}", -1).message,
                        "the provider answered HTTP 500");
    assert_string_equal(explain(500, "<html>", -1).message, "the provider answered HTTP 500");
    assert_string_equal(explain(500, "[1]", -1).message, "the provider answered HTTP 500");
}

static void secrets_and_control_characters_do_not_pass(void **state)
{
    (void)state;
    struct provider_failure failure =
        explain(401, "{\"error\":{\"message\":\"bad key sk-secret\\nsk-secret!\"}}", -1);
    assert_string_equal(failure.message, "bad key ********* *********!");
}

/* The key is looked for before the words are cut to what is kept. */
static void no_part_of_a_key_passes_at_the_end(void **state)
{
    (void)state;
    for (size_t before = ERROR_TEXT_SIZE_MAX - 12; before <= ERROR_TEXT_SIZE_MAX; before++) {
        char body[2048] = "{\"message\":\"";
        memset(body + strlen(body), 'a', before);
        memcpy(body + strlen(body), "sk-secret\"}", sizeof("sk-secret\"}"));
        struct provider_failure failure = explain(401, body, -1);
        assert_null(strstr(failure.message, "sk"));
        assert_int_equal(failure.message[before - 1], 'a');
    }
}

/* Hidden queries make the words shorter, and draw in what stood far behind what is kept. */
static void no_part_of_a_key_is_drawn_in(void **state)
{
    static char body[3 * PROVIDER_KEY_SIZE_MAX];
    (void)state;
    for (size_t query = 0; query < 3 * PROVIDER_KEY_SIZE_MAX - 64; query += 5) {
        memcpy(body, "{\"message\":\"a://b?", sizeof("{\"message\":\"a://b?"));
        size_t size = strlen(body);
        memset(body + size, 'q', query);
        memcpy(body + size + query, " sk-secret\"}", sizeof(" sk-secret\"}"));
        assert_null(strstr(explain(401, body, -1).message, "sk"));
    }
}

static void signed_addresses_and_foreign_keys_do_not_pass(void **state)
{
    struct provider_failure failure;
    (void)state;
    provider_error_of_task(1402, SLICE_LITERAL("cannot load https://cdn.test/a.png?sig=secret"),
                           NULL, &failure);
    assert_string_equal(failure.message, "cannot load https://cdn.test/a.png?***");
    failure = explain(401, "{\"error\":\"wrong key: sk-ABCDEFGH12\"}", -1);
    assert_string_equal(failure.message, "wrong key: sk-***");
}

static void long_words_are_cut_to_the_wires_limit(void **state)
{
    char body[4096] = "{\"message\":\"";
    (void)state;
    memset(body + strlen(body), 'a', 3000);
    memcpy(body + strlen(body), "\"}", 3);
    assert_int_equal(strlen(explain(500, body, -1).message), ERROR_TEXT_SIZE_MAX);
}

static void a_provider_that_says_when_to_come_again_is_believed(void **state)
{
    (void)state;
    assert_int_equal(explain(429, "", 7000).retry_after_ms, 7000);
    assert_int_equal(explain(429, "", 0).retry_after_ms, 0);
    assert_int_equal(explain(429, "", -1).retry_after_ms, THROTTLED_MS_DEFAULT);
    assert_int_equal(explain(503, "", 9000).retry_after_ms, 9000);
    assert_int_equal(explain(503, "", -1).retry_after_ms, 0);
}

static void who_says_when_it_takes_orders_again_is_waited_for(void **state)
{
    static const struct {
        long status;
        const char *body;
        int64_t told_ms;
        enum fail_kind kind;
        bool is_unknown;
        const char *code;
    } cases[] = {
        {503, "", 2000, FAIL_KIND_THROTTLED, false, "provider_error"},
        {529, "", 2000, FAIL_KIND_THROTTLED, false, "provider_error"},
        {503, "{\"code\":5003,\"message\":\"x\"}", 2000, FAIL_KIND_THROTTLED, false,
         "provider_error"},
        {503, "", 0, FAIL_KIND_RETRY, false, "provider_error"},
        {503, "", -1, FAIL_KIND_RETRY, false, "provider_error"},
        {500, "", 2000, FAIL_KIND_RETRY, false, "provider_error"},
        {502, "", 2000, FAIL_KIND_RETRY, true, "provider_error"},
        {503, "{\"code\":5004,\"message\":\"x\"}", 2000, FAIL_KIND_RETRY, true, "provider_timeout"},
        {503, "{\"code\":1403,\"message\":\"x\"}", 2000, FAIL_KIND_RETRY, false, "provider_task"},
        {503, "{\"error\":{\"code\":\"content_filter\"}}", 2000, FAIL_KIND_PERMANENT, false,
         "content_policy"},
    };
    (void)state;
    for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
        struct provider_failure failure =
            explain(cases[index].status, cases[index].body, cases[index].told_ms);
        assert_int_equal(failure.kind, cases[index].kind);
        assert_int_equal(failure.is_unknown, cases[index].is_unknown);
        assert_string_equal(failure.code, cases[index].code);
    }
}

static void what_broke_decides_whether_money_may_be_gone(void **state)
{
    static const struct {
        enum http_outcome outcome;
        enum fail_kind kind;
        bool is_unknown;
        const char *code;
    } cases[] = {
        {HTTP_OUTCOME_NOT_MADE, FAIL_KIND_RETRY, false, "request_not_possible"},
        {HTTP_OUTCOME_NOT_SENT, FAIL_KIND_RETRY, false, "provider_unreachable"},
        {HTTP_OUTCOME_BROKEN, FAIL_KIND_RETRY, true, "provider_broken"},
        {HTTP_OUTCOME_TIMEOUT, FAIL_KIND_RETRY, true, "provider_timeout"},
        {HTTP_OUTCOME_TOO_LARGE, FAIL_KIND_PERMANENT, true, "provider_answer_too_large"},
        {HTTP_OUTCOME_REFUSED, FAIL_KIND_RETRY, true, "asset_store"},
    };
    (void)state;
    for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
        struct provider_failure failure;
        struct http_response response = {.outcome = cases[index].outcome, .error = "why"};
        provider_error_of_response(&response, NULL, &failure);
        assert_int_equal(failure.kind, cases[index].kind);
        assert_int_equal(failure.is_unknown, cases[index].is_unknown);
        assert_string_equal(failure.code, cases[index].code);
        assert_string_equal(failure.message, "why");
    }
}

static void a_sender_that_hands_a_result_out_later_is_waited_for(void **state)
{
    static const struct {
        long status;
        int64_t told_ms;
        enum fail_kind kind;
        int64_t retry_after_ms;
    } cases[] = {
        {429, -1, FAIL_KIND_THROTTLED, THROTTLED_MS_DEFAULT},
        {429, 7000, FAIL_KIND_THROTTLED, 7000},
        {503, 7000, FAIL_KIND_THROTTLED, 7000},
        {529, 7000, FAIL_KIND_THROTTLED, 7000},
        {503, -1, FAIL_KIND_RETRY, 0},
        {500, 7000, FAIL_KIND_RETRY, 7000},
        {404, -1, FAIL_KIND_RETRY, 0},
    };
    (void)state;
    for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
        struct provider_failure failure;
        struct http_response response = {.outcome = HTTP_OUTCOME_ANSWERED,
                                         .status = cases[index].status,
                                         .retry_after_ms = cases[index].told_ms,
                                         .error = ""};
        provider_error_of_download(&response, &failure);
        assert_int_equal(failure.kind, cases[index].kind);
        assert_int_equal(failure.retry_after_ms, cases[index].retry_after_ms);
        assert_string_equal(failure.code, "result_unavailable");
        assert_true(failure.is_unknown && failure.is_charged);
    }
}

static void an_error_within_a_200_is_read_in_all_shapes(void **state)
{
    static const struct {
        const char *body;
        bool is_unknown;
        const char *code; /* NULL: it tells of no error */
        const char *message;
    } cases[] = {
        {"{\"error\":\"no such endpoint\"}", true, "provider_answer", "no such endpoint"},
        {"{\"error\":{\"message\":\"odd\",\"type\":\"x\"}}", true, "provider_answer", "odd"},
        {"{\"error\":\"no key\",\"code\":401}", false, "provider_credentials", "no key"},
        {"{\"error\":{\"message\":\"no key\"},\"code\":401}", false, "provider_credentials",
         "no key"},
        {"{\"error\":\"too many\",\"code\":429}", false, "provider_throttled", "too many"},
        {"{\"error\":\"busy\",\"code\":\"503\"}", false, "provider_error", "busy"},
        {"{\"error\":\"odd\",\"code\":200}", true, "provider_answer", "odd"},
        {"{\"error\":{},\"message\":\"no key\",\"code\":401}", false, "provider_credentials",
         "no key"},
        {"{\"object\":\"error\",\"message\":\"busy\",\"code\":503}", false, "provider_error",
         "busy"},
        {"{\"message\":\"no key\",\"code\":401}", false, "provider_credentials", "no key"},
        {"{\"message\":\"no key\",\"code\":\"401\"}", false, "provider_credentials", "no key"},
        {"{\"message\":\"flagged\",\"code\":1200}", false, "content_policy", "flagged"},
        {"{\"object\":\"error\",\"message\":\"odd\",\"code\":null}", true, "provider_answer",
         "odd"},
        {"{\"message\":\"fine\",\"code\":200}", false, NULL, NULL},
        {"{\"message\":\"fine\",\"code\":0}", false, NULL, NULL},
        {"{\"message\":\"fine\"}", false, NULL, NULL},
        {"{\"message\":\"\",\"code\":503}", false, NULL, NULL},
        {"{\"code\":503}", false, NULL, NULL},
        {"{\"error\":null}", false, NULL, NULL},
        {"[]", false, NULL, NULL},
        {"<html>", false, NULL, NULL},
    };
    (void)state;
    for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
        struct provider_failure failure;
        bool is_told =
            provider_error_is_told(slice_from_string(cases[index].body), "sk-1", &failure);
        assert_int_equal(is_told, cases[index].code != NULL);
        if (is_told) {
            assert_int_equal(failure.is_unknown, cases[index].is_unknown);
            assert_string_equal(failure.code, cases[index].code);
            assert_string_equal(failure.message, cases[index].message);
        }
    }
}

static void a_failed_task_is_read_by_its_number(void **state)
{
    static const struct {
        int64_t number;
        enum fail_kind kind;
        const char *code;
    } cases[] = {
        {1200, FAIL_KIND_PERMANENT, "content_policy"},
        {1400, FAIL_KIND_PERMANENT, "provider_refused"},
        {1401, FAIL_KIND_PERMANENT, "provider_refused"},
        {1402, FAIL_KIND_RETRY, "provider_media"},
        {1403, FAIL_KIND_RETRY, "provider_task"},
        {5003, FAIL_KIND_RETRY, "provider_task"},
        {0, FAIL_KIND_RETRY, "provider_task"},
    };
    (void)state;
    for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
        struct provider_failure failure;
        provider_error_of_task(cases[index].number, SLICE_EMPTY, NULL, &failure);
        assert_int_equal(failure.kind, cases[index].kind);
        assert_false(failure.is_unknown);
        assert_string_equal(failure.code, cases[index].code);
    }
}

static void a_failure_that_others_would_meet_is_the_providers(void **state)
{
    static const struct {
        long status;
        const char *body;
        enum provider_fault fault;
    } cases[] = {
        {400, "", PROVIDER_FAULT_NONE},
        {401, "", PROVIDER_FAULT_CREDENTIALS},
        {402, "", PROVIDER_FAULT_QUOTA},
        {408, "", PROVIDER_FAULT_DOWN},
        {409, "", PROVIDER_FAULT_NONE},
        {429, "", PROVIDER_FAULT_THROTTLED},
        {451, "", PROVIDER_FAULT_NONE},
        {500, "", PROVIDER_FAULT_DOWN},
        {502, "", PROVIDER_FAULT_DOWN},
        {429, "{\"error\":{\"code\":\"insufficient_quota\"}}", PROVIDER_FAULT_QUOTA},
        {500, "{\"error\":{\"code\":\"content_filter\"}}", PROVIDER_FAULT_NONE},
        {200, "<html>", PROVIDER_FAULT_DOWN},
        {302, "", PROVIDER_FAULT_DOWN},
        {404, "", PROVIDER_FAULT_DOWN},
        {404, "{\"error\":{\"code\":\"content_filter\"}}", PROVIDER_FAULT_NONE},
        {405, "", PROVIDER_FAULT_DOWN},
        {400, "{\"error\":{\"code\":\"model_not_found\"}}", PROVIDER_FAULT_DOWN},
        {400, "{\"error\":{\"type\":\"model_not_found\"}}", PROVIDER_FAULT_DOWN},
        {403, "{\"error\":{\"code\":\"model_not_found\"}}", PROVIDER_FAULT_CREDENTIALS},
        {413, "", PROVIDER_FAULT_NONE},
        {422, "", PROVIDER_FAULT_NONE},
        {429, "{\"error\":{\"code\":\"credit_balance_exhausted\"}}", PROVIDER_FAULT_QUOTA},
    };
    (void)state;
    for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
        struct provider_failure failure = explain(cases[index].status, cases[index].body, -1);
        assert_int_equal(provider_error_fault(&failure), cases[index].fault);
    }
    struct provider_failure failure;
    provider_error_of_nonsense("no picture", &failure);
    assert_int_equal(provider_error_fault(&failure), PROVIDER_FAULT_DOWN);
    provider_error_of_task(1400, SLICE_EMPTY, NULL, &failure);
    assert_int_equal(provider_error_fault(&failure), PROVIDER_FAULT_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_status_decides_about_the_job_and_the_money),
        cmocka_unit_test(the_providers_words_are_kept_in_all_known_shapes),
        cmocka_unit_test(secrets_and_control_characters_do_not_pass),
        cmocka_unit_test(no_part_of_a_key_passes_at_the_end),
        cmocka_unit_test(no_part_of_a_key_is_drawn_in),
        cmocka_unit_test(signed_addresses_and_foreign_keys_do_not_pass),
        cmocka_unit_test(long_words_are_cut_to_the_wires_limit),
        cmocka_unit_test(a_provider_that_says_when_to_come_again_is_believed),
        cmocka_unit_test(who_says_when_it_takes_orders_again_is_waited_for),
        cmocka_unit_test(what_broke_decides_whether_money_may_be_gone),
        cmocka_unit_test(a_sender_that_hands_a_result_out_later_is_waited_for),
        cmocka_unit_test(an_error_within_a_200_is_read_in_all_shapes),
        cmocka_unit_test(a_failed_task_is_read_by_its_number),
        cmocka_unit_test(a_failure_that_others_would_meet_is_the_providers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
