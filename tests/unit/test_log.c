#include "base/log.h"

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

static void levels_are_read_by_name(void **state)
{
    (void)state;
    assert_int_equal(log_level_parse("debug", LOG_WARN), LOG_DEBUG);
    assert_int_equal(log_level_parse("info", LOG_WARN), LOG_INFO);
    assert_int_equal(log_level_parse("warn", LOG_ERROR), LOG_WARN);
    assert_int_equal(log_level_parse("error", LOG_WARN), LOG_ERROR);
    assert_int_equal(log_level_parse("Error", LOG_WARN), LOG_WARN);
    assert_int_equal(log_level_parse("", LOG_INFO), LOG_INFO);
    assert_int_equal(log_level_parse(NULL, LOG_INFO), LOG_INFO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_has_time_level_program_message_and_pairs),
        cmocka_unit_test(only_lines_of_the_level_and_above_are_written),
        cmocka_unit_test(a_value_cannot_begin_a_line_or_hide_bytes),
        cmocka_unit_test(a_long_line_is_cut_to_2048_bytes),
        cmocka_unit_test(levels_are_read_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
