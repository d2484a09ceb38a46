#include "cli/sse.h"

#include <stdio.h>
#include "tests/unit/test.h"

/* Collects what was visited as "id|name|data;" texts. */
struct seen {
    char text[512];
};

static void visit(void *context, const struct sse_event *event)
{
    struct seen *seen = context;
    size_t size = strlen(seen->text);
    snprintf(seen->text + size, sizeof seen->text - size, "%s|%s|%.*s;", event->id, event->name,
             SLICE_PRINT(event->data));
}

static const struct {
    const char *bytes;
    const char *events;
} cases[] = {
    {"id: 7\nevent: progress\ndata: {}\n\n", "7|progress|{};"},
    {": a comment\n\ndata: x\n\n", "|message|x;"},
    {"data: a\ndata: b\n\n", "|message|a\nb;"},
    {"data:a\r\n\r\ndata:  b\r\r", "|message|a;|message| b;"},
    {"id: 1\ndata: a\n\ndata: b\n\n", "1|message|a;1|message|b;"},
    {"data: cut short\n", ""},
    {"event: lonely\n\ndata\n\n", "|message|;"},
    {"nonsense\nother: x\ndata: y\n\n", "|message|y;"},
};

static void reads_events_however_they_are_cut(void **state)
{
    (void)state;
    for (size_t row = 0; row < sizeof cases / sizeof cases[0]; row++) {
        struct slice bytes = slice_from_string(cases[row].bytes);
        for (size_t cut = 1; cut <= bytes.size; cut++) {
            struct seen seen = {""};
            struct sse sse;
            sse_init(&sse, visit, &seen);
            for (size_t position = 0; position < bytes.size; position += cut) {
                size_t size = bytes.size - position < cut ? bytes.size - position : cut;
                assert_int_equal(sse_feed(&sse, slice_make(bytes.data + position, size)),
                                 STATUS_OK);
            }
            assert_string_equal(seen.text, cases[row].events);
            sse_fini(&sse);
        }
    }
}

static void keeps_the_id_over_a_reconnect_but_no_half_event(void **state)
{
    struct seen seen = {""};
    struct sse sse;
    (void)state;
    sse_init(&sse, visit, &seen);
    sse_feed(&sse, SLICE_LITERAL("id: 9\ndata: a\n\nevent: x\ndata: half"));
    sse_reset(&sse);
    sse_feed(&sse, SLICE_LITERAL("data: b\n\n"));
    assert_string_equal(seen.text, "9|message|a;9|message|b;");
    sse_fini(&sse);
}

static void refuses_an_endless_line(void **state)
{
    static uint8_t bytes[4096];
    struct seen seen = {""};
    struct sse sse;
    enum status status = STATUS_OK;
    (void)state;
    memset(bytes, 'x', sizeof bytes);
    sse_init(&sse, visit, &seen);
    for (int count = 0; count < 2 * SSE_LINE_SIZE_MAX / 4096 && status == STATUS_OK; count++) {
        status = sse_feed(&sse, slice_make(bytes, sizeof bytes));
    }
    assert_int_equal(status, STATUS_TOO_LARGE);
    sse_fini(&sse);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_events_however_they_are_cut),
        cmocka_unit_test(keeps_the_id_over_a_reconnect_but_no_half_event),
        cmocka_unit_test(refuses_an_endless_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
