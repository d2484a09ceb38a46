#include "cli/wait_reason.h"

#include <stdio.h>
#include "tests/unit/test.h"

static void tells_each_reason_in_words_that_have_room(void **state)
{
    static const struct {
        const char *job, *words;
    } rows[] = {
        {"{\"waitReason\": \"scheduled\"}", "waits until its time"},
        {"{\"waitReason\": \"dependency\"}", "waits for another job"},
        {"{\"waitReason\": \"backoff\"}", "waits to be tried again"},
        {"{\"waitReason\": \"no_worker\", \"queuePosition\": 1}", "no worker takes jobs"},
        {"{\"waitReason\": \"capped\"}", "as many run as may run"},
        {"{\"waitReason\": \"rate_limited\"}", "held by a rate limit"},
        {"{\"waitReason\": \"provider_down\"}", "its provider is down"},
        {"{\"waitReason\": \"paused\"}", "the queue is paused"},
        {"{\"waitReason\": \"queued\"}", "waits in line"},
        {"{\"waitReason\": \"queued\", \"queuePosition\": 4000000}", "in line, place 4000000"},
        {"{\"waitReason\": \"one_of_a_newer_server\"}", "one_of_a_newer_server"},
        {"{\"waitReason\": null}", ""},
        {"{}", ""},
        {"null", ""},
    };
    (void)state;
    for (size_t index = 0; index < sizeof rows / sizeof rows[0]; index++) {
        char text[128];
        char words[WAIT_REASON_SIZE];
        struct document *document = NULL;
        snprintf(text, sizeof text, "{\"data\": {\"images\": [%s]}}", rows[index].job);
        assert_int_equal(document_parse(slice_from_string(text), &document), STATUS_OK);
        wait_reason_write(document, "data.images.0", words);
        assert_string_equal(words, rows[index].words);
        assert_true(strlen(words) <= 24); /* columns beside a bar */
        document_destroy(&document);
    }
}

static void cuts_what_is_too_long(void **state)
{
    char words[WAIT_REASON_SIZE];
    struct document *document = NULL;
    struct slice text = SLICE_LITERAL(
        "{\"data\": {\"waitReason\": \"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz\"}}");
    (void)state;
    assert_int_equal(document_parse(text, &document), STATUS_OK);
    wait_reason_write(document, "data", words);
    assert_string_equal(words, "abcdefghijklmnopqrstuvwxyzabcdefghijklm");
    document_destroy(&document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_each_reason_in_words_that_have_room),
        cmocka_unit_test(cuts_what_is_too_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
