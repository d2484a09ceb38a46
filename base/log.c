#include "base/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/clock.h"

enum {
    LINE_SIZE_MAX = 2048,
};

static const char *log_program = "troupe";
static _Atomic int log_threshold = LOG_INFO;

static const char *const level_names[] = {"debug", "info", "warn", "error"};

void log_init(const char *program, enum log_level level)
{
    log_program = program;
    log_set_level(level);
}

void log_set_level(enum log_level level)
{
    atomic_store(&log_threshold, (int)level);
}

enum log_level log_level_parse(const char *text, enum log_level otherwise)
{
    for (int level = LOG_DEBUG; level <= LOG_ERROR; level++) {
        if (text != NULL && strcmp(text, level_names[level]) == 0) {
            return (enum log_level)level;
        }
    }
    return otherwise;
}

void log_line(enum log_level level, const char *message, const char *pairs, ...)
{
    char line[LINE_SIZE_MAX];
    char time[CLOCK_TEXT_SIZE];
    struct clock clock;
    va_list arguments;
    if ((int)level < atomic_load(&log_threshold)) {
        return;
    }
    clock_init(&clock, 0);
    clock_format(clock_now_ms(&clock), time);
    int size = snprintf(line, sizeof line, "time=%s level=%s program=%s msg=\"%s\" ", time,
                        level_names[level], log_program, message);
    size = size < LINE_SIZE_MAX - 1 ? size : LINE_SIZE_MAX - 2;
    va_start(arguments, pairs);
    int more = vsnprintf(line + size, sizeof line - (size_t)size - 1, pairs, arguments);
    va_end(arguments);
    more = more < 0 ? 0 : more;
    size += more < LINE_SIZE_MAX - size - 2 ? more : LINE_SIZE_MAX - size - 2;
    for (int index = 0; index < size; index++) {
        if ((unsigned char)line[index] < 0x20 || line[index] == 0x7f) {
            line[index] = '?';
        }
    }
    while (size > 0 && line[size - 1] == ' ') {
        size--;
    }
    line[size++] = '\n';
    /* One write, so that lines of several processes do not mix; a log that cannot be written is
     * nobody's to mend. */
    ssize_t written = write(STDERR_FILENO, line, (size_t)size);
    (void)written;
}
