/* What clients may say of a webhook. */

#include "gateway/webhook_rules.h"

#include <stdio.h>
#include "proto/messages.h"
#include "tests/unit/test.h"

static bool url_is_fit(const char *url, bool private_allowed)
{
    struct problems problems = {0};
    webhook_url_check("url", slice_from_string(url), private_allowed, &problems);
    return problems.count == 0;
}

static void addresses_are_judged_by_their_text(void **state)
{
    static const struct {
        const char *url;
        bool fit;
        bool fit_private;
    } cases[] = {
        {"https://receiver.test", true, true},
        {"https://receiver.test/a?b=c#d", true, true},
        {"HTTPS://receiver.test:8443/", true, true},
        {"https://8.8.8.8/", true, true},
        {"https://[2606:4700::1111]:443/", true, true},
        {"http://receiver.test/", false, true},
        {"https://localhost:1/", false, true},
        {"https://LOCALHOST/", false, true},
        {"https://127.0.0.1/", false, true},
        {"https://10.1.2.3?x", false, true},
        {"https://[::1]/", false, true},
        {"https://[::ffff:10.0.0.1]/", false, true},
        {"https://", false, false},
        {"https:///path", false, false},
        {"https://:443/", false, false},
        {"https://[::1/", false, false},
        {"https://ann@receiver.test/", false, false},
        {"https://ann:word@receiver.test/", false, false},
        {"https://receiver.test/a b", false, false},
        {"https://receiver.test\\@other.test/", false, false},
        {"https://receiver.test/\xc3\xa4", false, false},
        {"https://receiver.test/\n", false, false},
        {"ftp://receiver.test/", false, false},
        {"receiver.test", false, false},
        {"", false, false},
    };
    (void)state;
    for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index++) {
        if (url_is_fit(cases[index].url, false) != cases[index].fit ||
            url_is_fit(cases[index].url, true) != cases[index].fit_private) {
            fail_msg("%s", cases[index].url);
        }
    }
}

static void a_long_address_is_refused(void **state)
{
    char url[WEBHOOK_URL_SIZE_MAX + 2];
    (void)state;
    memset(url, 'x', sizeof(url));
    memcpy(url, "https://a/", 10);
    url[WEBHOOK_URL_SIZE_MAX] = '\0';
    assert_true(url_is_fit(url, false));
    url[WEBHOOK_URL_SIZE_MAX] = 'x';
    url[WEBHOOK_URL_SIZE_MAX + 1] = '\0';
    assert_false(url_is_fit(url, false));
    memset(url + 8, 'h', 300); /* a host without end */
    url[308] = '\0';
    assert_false(url_is_fit(url, false));
}

/* Reads a body; returns the number of problems. */
static size_t read(const char *text, bool is_new, struct webhook_wish *out)
{
    struct problems problems = {0};
    struct body *body = NULL;
    char error[BODY_ERROR_SIZE];
    assert_int_equal(body_parse(slice_from_string(text), &body, error), STATUS_OK);
    webhook_wish_read(body, is_new, false, out, &problems);
    body_destroy(&body);
    return problems.count;
}

static void events_become_bits(void **state)
{
    struct webhook_wish wish;
    (void)state;
    assert_int_equal(
        read("{\"url\":\"https://a/\",\"events\":[\"failed\",\"active\"]}", true, &wish), 0);
    assert_int_equal(wish.events, 1 << EVENT_KIND_FAILED | 1 << EVENT_KIND_ACTIVE);
    assert_int_equal(read("{\"url\":\"https://a/\"}", true, &wish), 0);
    assert_int_equal(wish.events, 0);
    assert_int_equal(read("{\"url\":\"https://a/\",\"events\":[\"queued\"]}", true, &wish), 1);
    assert_int_equal(read("{\"url\":\"https://a/\",\"events\":[1]}", true, &wish), 1);
    assert_int_equal(read("{\"url\":\"https://a/\",\"events\":{}}", true, &wish), 1);
}

static void a_list_of_events_has_a_limit(void **state)
{
    static const char *const most[] = {"waiting",          "active",   "retry_scheduled", "stalled",
                                       "cancel_requested", "provider", "completed",       "failed",
                                       "cancelled",        "failed"};
    struct webhook_wish wish;
    char text[512];
    (void)state;
    assert_int_equal(read("{\"url\":\"https://a/\",\"events\":[]}", true, &wish), 1);
    int size = snprintf(text, sizeof(text), "{\"url\":\"https://a/\",\"events\":[");
    for (int count = 1; count <= 10; count++) {
        size += snprintf(text + size, sizeof(text) - (size_t)size, "%s\"%s\"",
                         count == 1 ? "" : ",", most[count - 1]);
        snprintf(text + size, sizeof(text) - (size_t)size, "]}");
        assert_int_equal(read(text, true, &wish), count <= WEBHOOK_EVENT_COUNT ? 0 : 1);
        assert_true(count != WEBHOOK_EVENT_COUNT || wish.events == WEBHOOK_EVENTS);
    }
}

static void what_a_new_one_needs_a_change_may_leave_out(void **state)
{
    struct webhook_wish wish;
    (void)state;
    assert_int_equal(read("{}", true, &wish), 1);
    assert_int_equal(read("{}", false, &wish), 0);
    assert_false(wish.has_description);
    assert_int_equal(read("{\"description\":null,\"enabled\":true}", false, &wish), 0);
    assert_true(wish.has_description && wish.description.size == 0 && wish.enabled);
    assert_int_equal(read("{\"enabled\":false}", false, &wish), 1);
    assert_int_equal(read("{\"enabled\":1}", false, &wish), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_judged_by_their_text),
        cmocka_unit_test(a_long_address_is_refused),
        cmocka_unit_test(events_become_bits),
        cmocka_unit_test(a_list_of_events_has_a_limit),
        cmocka_unit_test(what_a_new_one_needs_a_change_may_leave_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
