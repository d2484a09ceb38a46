#include "base/log.h"

#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "tests/unit/test.h"

/* Method: standard error goes to a file while a test logs; captured_stop reads it back. */

struct capture {
    FILE *file;
    int saved;
    char text[10000];
};

static void captured_start(struct capture *capture)
{
    fflush(stderr);
    capture->file = tmpfile();
    capture->saved = dup(STDERR_FILENO);
    assert_non_null(capture->file);
    assert_true(dup2(fileno(capture->file), STDERR_FILENO) >= 0);
}

static const char *captured_stop(struct capture *capture)
{
    dup2(capture->saved, STDERR_FILENO);
    close(capture->saved);
    rewind(capture->file);
    size_t size = fread(capture->text, 1, sizeof capture->text - 1, capture->file);
    capture->text[size] = '\0';
    fclose(capture->file);
    return capture->text;
}

static void a_line_has_time_level_program_message_and_pairs(void **state)
{
    struct capture capture;
    (void)state;
    log_init("troupe-test", LOG_INFO);
    captured_start(&capture);
    log_warn("job leased", "job=%s lease=%u", "abc", 7u);
    log_info("stopped", "");
    char *text = (char *)captured_stop(&capture);
    char *second = strchr(text, '\n');
    assert_non_null(second);
    *second++ = '\0';
    assert_memory_equal(text, "time=2", 6);
    assert_int_equal(text[strlen("time=2026-01-02T03:04:05.678Z") - 1], 'Z');
    const char *rest = text + strlen("time=2026-01-02T03:04:05.678Z");
    assert_string_equal(rest, " level=warn program=troupe-test msg=\"job leased\" job=abc lease=7");
    rest = second + strlen("time=2026-01-02T03:04:05.678Z");
    assert_string_equal(rest, " level=info program=troupe-test msg=\"stopped\"\n");
}

static void only_lines_of_the_level_and_above_are_written(void **state)
{
    (void)state;
    for (int least = LOG_DEBUG; least <= LOG_ERROR; least++) {
        struct capture capture;
        int count = 0;
        log_set_level((enum log_level)least);
        captured_start(&capture);
        log_debug("line", "");
        log_info("line", "");
        log_warn("line", "");
        log_error("line", "");
        for (const char *byte = captured_stop(&capture); *byte != '\0'; byte++) {
            count += *byte == '\n';
        }
        assert_int_equal(count, LOG_ERROR - least + 1);
    }
}

static void a_value_cannot_begin_a_line_or_hide_bytes(void **state)
{
    struct capture capture;
    (void)state;
    log_init("troupe-test", LOG_INFO);
    captured_start(&capture);
    log_info("request", "path=%s", "a\nlevel=error\x1b[2J\r\x7f");
    const char *text = captured_stop(&capture);
    assert_non_null(strstr(text, "path=a?level=error?[2J??\n"));
    assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
}

static void a_value_cannot_act_on_the_terminal_that_shows_it(void **state)
{
    struct capture capture;
    (void)state;
    log_init("troupe-test", LOG_INFO);
    captured_start(&capture);
    log_info("request", "path=%s name=\"%s\"",
             "\xc2\x9b"
             "2J\xc2\x85",
             "a\xe2\x80\xae"
             "b\xe2\x81\xa7"
             "c\xe2\x80\xa8\xc3\xa4\xe2\x82\xac");
    const char *text = captured_stop(&capture);
    assert_non_null(strstr(text, "path=?2J? name=\"a?b?c?\xc3\xa4\xe2\x82\xac\"\n"));
}

static void a_long_line_is_cut_to_2048_bytes(void **state)
{
    static const int sizes[] = {1900, 1950, 1960, 1965, 1970, 1975, 1980, 2047, 2048, 2049, 9000};
    char *value = malloc(9001);
    (void)state;
    assert_non_null(value);
    for (size_t index = 0; index < sizeof sizes / sizeof sizes[0]; index++) {
        struct capture capture;
        memset(value, 'v', 9000);
        value[sizes[index]] = '\0';
        captured_start(&capture);
        log_error("long", "value=%s", value);
        log_error(value, "value=%s", value);
        const char *text = captured_stop(&capture);
        const char *end = strchr(text, '\n');
        assert_non_null(end);
        assert_true(end - text < 2048);
        assert_true(end - text >= 1900);
        assert_true(strlen(end + 1) <= 2048);
        assert_int_equal(end[strlen(end) - 1], '\n');
    }
    free(value);
}

static void a_value_ends_with_its_pair(void **state)
{
    struct capture capture;
    (void)state;
    log_init("troupe-test", LOG_INFO);
    captured_start(&capture);
    log_info("request", "path=%s need=\"a or %d\" size=%zu last=%s", "a\" job=\\1", 7, (size_t)3,
             "");
    assert_non_null(
        strstr(captured_stop(&capture),
               " msg=\"request\" path=\"a\\\" job=\\\\1\" need=\"a or 7\" size=3 last=\"\"\n"));
}

static void bytes_that_are_not_utf8_become_question_marks(void **state)
{
    struct capture capture;
    (void)state;
    captured_start(&capture);
    log_info("request", "good=%s bad=%s", "gr\xc3\xbc\xc3\x9f", "\xc3(\xff\xed\xa0\x80");
    assert_non_null(strstr(captured_stop(&capture), " good=gr\xc3\xbc\xc3\x9f bad=?(????\n"));
}

static void json_has_an_object_a_line(void **state)
{
    struct capture capture;
    (void)state;
    log_init("troupe-test", LOG_INFO);
    log_set_form(LOG_FORM_JSON);
    captured_start(&capture);
    log_warn("job \"leased\"", "job=%s lease=%u left=%d detail=\"%s\" id=%s", "12", 7u, -3,
             "a \"b\" \\ \n{", "");
    const char *text = captured_stop(&capture);
    log_set_form(LOG_FORM_LOGFMT);
    assert_memory_equal(text, "{\"time\":\"2", 10);
    assert_string_equal(text + strlen("{\"time\":\"2026-01-02T03:04:05.678Z"),
                        "\",\"level\":\"warn\",\"program\":\"troupe-test\",\"msg\":\"job "
                        "\\\"leased\\\"\",\"job\":\"12\",\"lease\":7,\"left\":-3,\"detail\":\"a "
                        "\\\"b\\\" \\\\ ?{\",\"id\":\"\"}\n");
}

/* Around the size where a line is full, byte by byte, with values whose escapes could be halved. */
static void a_cut_line_of_json_is_still_an_object(void **state)
{
    static const char *const fillings[] = {"v", "\"", "\xc3\xbc"};
    char value[4200];
    (void)state;
    log_set_form(LOG_FORM_JSON);
    for (size_t at = 0; at < 3 * 300; at++) {
        const char *filling = fillings[at / 300];
        size_t size = strlen(filling);
        struct capture capture;
        size_t count = (at / 300 == 0 ? 1750 : 850) + at % 300;
        for (size_t index = 0; index < count; index++) {
            memcpy(value + index * size, filling, size);
        }
        value[count * size] = '\0';
        captured_start(&capture);
        log_error("long", "value=\"%s\" number=%d word=%s", value, 12345, "end");
        const char *text = captured_stop(&capture);
        json_t *object = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
        json_t *number = json_object_get(object, "number");
        assert_non_null(object);
        assert_true(strlen(text) <= 2048);
        assert_memory_equal(json_string_value(json_object_get(object, "value")), filling, size);
        assert_true(number == NULL || json_integer_value(number) == 12345);
        json_decref(object);
    }
    log_set_form(LOG_FORM_LOGFMT);
}

static void a_signal_makes_the_level_debug_and_sets_it_back(void **state)
{
    struct capture capture;
    (void)state;
    log_init("troupe-test", LOG_WARN);
    log_follow_signal();
    captured_start(&capture);
    log_debug("before", "");
    raise(SIGUSR2);
    log_debug("between", "");
    raise(SIGUSR2);
    log_info("after", "");
    log_warn("last", "");
    const char *text = captured_stop(&capture);
    assert_null(strstr(text, "before"));
    assert_non_null(strstr(text, "between"));
    assert_null(strstr(text, "after"));
    assert_non_null(strstr(text, "last"));
}

static void send(int value)
{
    const union sigval told = {.sival_int = value};
    assert_int_equal(sigqueue(getpid(), SIGUSR2, told), 0);
}

static void a_signal_that_says_the_level_sets_it_however_often_it_comes(void **state)
{
    struct capture capture;
    (void)state;
    log_init("troupe-test", LOG_WARN);
    log_follow_signal();
    assert_int_equal(log_level_value(), LOG_VALUE_AS_SET);
    send(LOG_VALUE_AS_SET);
    assert_int_equal(log_level_value(), LOG_VALUE_AS_SET);
    send(LOG_VALUE_DEBUG);
    send(LOG_VALUE_DEBUG);
    assert_int_equal(log_level_value(), LOG_VALUE_DEBUG);
    captured_start(&capture);
    log_debug("between", "");
    log_tell_level();
    send(LOG_VALUE_DEBUG);
    log_tell_level();
    const char *text = captured_stop(&capture);
    assert_non_null(strstr(text, "between"));
    const char *told = strstr(text, "now=debug");
    assert_non_null(told);
    assert_null(strstr(told + 1, "now="));
    send(LOG_VALUE_AS_SET);
    assert_int_equal(log_level_value(), LOG_VALUE_AS_SET);
    send(0); /* of no value that is known: the plain one */
    assert_int_equal(log_level_value(), LOG_VALUE_DEBUG);
}

static void a_switch_is_told_once_and_whatever_the_level(void **state)
{
    struct capture capture;
    (void)state;
    log_init("troupe-test", LOG_ERROR);
    captured_start(&capture);
    log_tell_level();
    assert_string_equal(captured_stop(&capture), "");
    log_switch_level(1);
    captured_start(&capture);
    log_tell_level();
    log_tell_level();
    const char *text = captured_stop(&capture);
    const char *told = strstr(text, "msg=\"log level switched\" now=debug\n");
    assert_non_null(told);
    assert_null(strstr(told + strlen("msg=\"log level switched"), "switched"));
    log_switch_level(1);
    captured_start(&capture);
    log_tell_level();
    assert_non_null(strstr(captured_stop(&capture), "msg=\"log level switched\" now=error\n"));
}

static void a_signal_that_a_parent_passes_on_too_is_one(void **state)
{
    struct capture capture;
    (void)state;
    log_init("troupe-test", LOG_WARN);
    log_switch_level(7);
    log_switch_level(8);
    captured_start(&capture);
    log_debug("between", "");
    assert_non_null(strstr(captured_stop(&capture), "between"));
    log_switch_level(8);
    captured_start(&capture);
    log_debug("after", "");
    assert_string_equal(captured_stop(&capture), "");
}

static void levels_and_forms_are_read_by_name(void **state)
{
    static const char *const levels[] = {"debug", "info", "warn", "error"};
    enum log_level level = LOG_WARN;
    enum log_form form = LOG_FORM_LOGFMT;
    (void)state;
    for (int index = LOG_DEBUG; index <= LOG_ERROR; index++) {
        assert_true(log_level_parse(levels[index], &level));
        assert_int_equal(level, index);
    }
    assert_false(log_level_parse("Error", &level));
    assert_false(log_level_parse("", &level));
    assert_true(log_form_parse("json", &form));
    assert_int_equal(form, LOG_FORM_JSON);
    assert_true(log_form_parse("logfmt", &form));
    assert_int_equal(form, LOG_FORM_LOGFMT);
    assert_false(log_form_parse("xml", &form));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_has_time_level_program_message_and_pairs),
        cmocka_unit_test(only_lines_of_the_level_and_above_are_written),
        cmocka_unit_test(a_value_cannot_begin_a_line_or_hide_bytes),
        cmocka_unit_test(a_value_cannot_act_on_the_terminal_that_shows_it),
        cmocka_unit_test(a_long_line_is_cut_to_2048_bytes),
        cmocka_unit_test(a_value_ends_with_its_pair),
        cmocka_unit_test(bytes_that_are_not_utf8_become_question_marks),
        cmocka_unit_test(json_has_an_object_a_line),
        cmocka_unit_test(a_cut_line_of_json_is_still_an_object),
        cmocka_unit_test(a_signal_makes_the_level_debug_and_sets_it_back),
        cmocka_unit_test(a_signal_that_says_the_level_sets_it_however_often_it_comes),
        cmocka_unit_test(a_switch_is_told_once_and_whatever_the_level),
        cmocka_unit_test(a_signal_that_a_parent_passes_on_too_is_one),
        cmocka_unit_test(levels_and_forms_are_read_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
