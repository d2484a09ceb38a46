#include "base/log.h"

#include <assert.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/encoding.h"

#define NEVER_MS (INT64_MIN / 2) /* long ago */

enum {
    LINE_SIZE_MAX = 2048,
    LINE_END_SIZE = 3, /* what may have to follow when the line is full: quote, brace, newline */
    FORMAT_SIZE_MAX = 512, /* of the pairs, which are the program's own text */
};

enum value {
    VALUE_NUMBER,
    VALUE_WORD, /* in quotes where it needs them */
    VALUE_TEXT, /* always in quotes */
};

struct line {
    char text[LINE_SIZE_MAX];
    size_t size;
    bool json;
    bool full; /* something did not fit: nothing else is added */
};

static const char *log_program = "troupe";
static _Atomic int log_threshold = LOG_INFO;
static _Atomic int log_threshold_set = LOG_INFO; /* what a second signal goes back to */
static _Atomic int log_switched_by = 0;
static _Atomic int64_t log_switched_ms = NEVER_MS;
static _Atomic bool log_untold = false; /* that the level was switched */
static _Atomic bool log_json = false;

static const char *const level_names[] = {"debug", "info", "warn", "error"};
static const char *const form_names[] = {"logfmt", "json"};

void log_init(const char *program, enum log_level level)
{
    log_program = program;
    log_set_level(level);
}

void log_set_level(enum log_level level)
{
    atomic_store(&log_threshold_set, (int)level);
    atomic_store(&log_threshold, (int)level);
    atomic_store(&log_switched_ms, NEVER_MS);
    atomic_store(&log_untold, false);
}

void log_set_form(enum log_form form)
{
    atomic_store(&log_json, form == LOG_FORM_JSON);
}

/* In a signal's handler: atomics and the clock only. */
void log_switch_level(int from)
{
    int set = atomic_load(&log_threshold_set);
    int64_t now_ms = clock_monotonic_ms();
    bool is_of_other = atomic_exchange(&log_switched_by, from) != from;
    bool is_soon = now_ms - atomic_exchange(&log_switched_ms, now_ms) < LOG_SAME_MS;
    if (!is_of_other || !is_soon) {
        atomic_store(&log_threshold, atomic_load(&log_threshold) == LOG_DEBUG ? set : LOG_DEBUG);
        atomic_store(&log_untold, true);
    }
}

int log_level_value(void)
{
    bool is_as_set = atomic_load(&log_threshold) == atomic_load(&log_threshold_set);
    return is_as_set ? LOG_VALUE_AS_SET : LOG_VALUE_DEBUG;
}

/* The level that another process has, which may be ours already. Async-signal-safe, too. */
static void take_level(int value, int from)
{
    int level = value == LOG_VALUE_DEBUG ? LOG_DEBUG : atomic_load(&log_threshold_set);
    atomic_store(&log_switched_by, from);
    atomic_store(&log_switched_ms, clock_monotonic_ms());
    if (atomic_exchange(&log_threshold, level) != level) {
        atomic_store(&log_untold, true);
    }
}

static void on_signal(int signal_number, siginfo_t *information, void *context)
{
    int value = information->si_code == SI_QUEUE ? information->si_value.sival_int : 0;
    (void)signal_number;
    (void)context;
    if (value == LOG_VALUE_DEBUG || value == LOG_VALUE_AS_SET) {
        take_level(value, information->si_pid);
    } else {
        log_switch_level(information->si_pid);
    }
}

void log_follow_signal(void)
{
    struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_RESTART | SA_SIGINFO};
    sigemptyset(&action.sa_mask);
    sigaction(SIGUSR2, &action, NULL);
}

bool log_level_parse(const char *text, enum log_level *out)
{
    for (int level = LOG_DEBUG; level <= LOG_ERROR; level++) {
        if (strcmp(text, level_names[level]) == 0) {
            *out = (enum log_level)level;
            return true;
        }
    }
    return false;
}

bool log_form_parse(const char *text, enum log_form *out)
{
    for (int form = LOG_FORM_LOGFMT; form <= LOG_FORM_JSON; form++) {
        if (strcmp(text, form_names[form]) == 0) {
            *out = (enum log_form)form;
            return true;
        }
    }
    return false;
}

/* Adds all of it or, when that does not fit, nothing. */
static void add(struct line *line, const char *text, size_t size)
{
    line->full = line->full || size > LINE_SIZE_MAX - LINE_END_SIZE - line->size;
    if (!line->full) {
        memcpy(line->text + line->size, text, size);
        line->size += size;
    }
}

static void add_text(struct line *line, const char *text)
{
    add(line, text, strlen(text));
}

/* Adds a value, as much of it as fits; between quotes it is escaped. */
static void add_value(struct line *line, struct slice value, bool quoted)
{
    for (size_t size = 0; value.size > 0 && !line->full; value.data += size, value.size -= size) {
        char first = (char)value.data[0];
        uint32_t code;
        size_t acting = utf8_acting_size(value, &code);
        size = acting > 0 ? acting : utf8_size(value);
        if (acting > 0 || size == 0 || first == '\0') { /* a log is shown on a terminal, too */
            size = size > 0 ? size : 1;
            add(line, "?", 1);
        } else if (quoted && (first == '"' || first == '\\')) {
            add(line, (const char[]){'\\', first}, 2);
        } else {
            add(line, (const char *)value.data, size);
        }
    }
}

static bool needs_quotes(struct slice value)
{
    return value.size == 0 || memchr(value.data, ' ', value.size) != NULL ||
           memchr(value.data, '"', value.size) != NULL;
}

/* Adds a quote that the end of a line has room for. */
static void add_last_quote(struct line *line)
{
    line->text[line->size++] = '"';
    line->full = line->full || line->size > LINE_SIZE_MAX - LINE_END_SIZE;
}

/* Adds key and value: the beginning of the value when not all of it fits, but no part of a number,
 * and nothing when not even the key fits. */
static void add_pair(struct line *line, struct slice key, struct slice value, enum value kind)
{
    bool quoted = kind == VALUE_TEXT || (kind == VALUE_WORD && (line->json || needs_quotes(value)));
    size_t before = line->size;
    add_text(line, line->json ? ",\"" : " ");
    add(line, (const char *)key.data, key.size);
    add_text(line, line->json ? "\":" : "=");
    add_text(line, quoted ? "\"" : "");
    if (kind == VALUE_NUMBER) {
        add(line, (const char *)value.data, value.size);
    }
    if (line->full) {
        line->size = before;
        return;
    }
    if (kind != VALUE_NUMBER) {
        add_value(line, value, quoted);
    }
    if (quoted) {
        add_last_quote(line);
    }
}

static bool is_whole_number(struct slice value)
{
    size_t sign = value.size > 0 && value.data[0] == '-';
    for (size_t index = sign; index < value.size; index++) {
        if (value.data[index] < '0' || value.data[index] > '9') {
            return false;
        }
    }
    return value.size > sign;
}

/* Adds the pair whose format and text are these. The format tells what is the value's: its text may
 * hold anything. */
static void add_formatted(struct line *line, const char *format, size_t format_size,
                          struct slice text)
{
    const char *equals = memchr(format, '=', format_size);
    assert(equals != NULL);
    size_t key_size = (size_t)(equals - format);
    bool quoted = key_size + 1 < format_size && equals[1] == '"';
    char last = format[format_size - 1];
    if (text.size <= key_size) {
        line->full = true; /* the pairs before it were too long */
        return;
    }
    struct slice value = slice_make(text.data + key_size + 1, text.size - key_size - 1);
    if (quoted && value.size > 0) {
        value = slice_make(value.data + 1, value.size - 1);
        value.size -= value.size > 0 && value.data[value.size - 1] == '"';
    }
    enum value kind = quoted                                                   ? VALUE_TEXT
                      : (last == 'd' || last == 'u') && is_whole_number(value) ? VALUE_NUMBER
                                                                               : VALUE_WORD;
    add_pair(line, slice_make(format, key_size), value, kind);
}

/* Size of the format of the first pair: up to a space that is not between quotes. */
static size_t pair_size(const char *format)
{
    bool quoted = false;
    size_t size = 0;
    while (format[size] != '\0' && (quoted || format[size] != ' ')) {
        quoted = quoted != (format[size] == '"');
        size++;
    }
    return size;
}

/* The length of what a format makes says where its last value ends, so each beginning of the format
 * is measured by itself: it is a part of one that the compiler has checked. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static size_t text_size(const char *format, size_t size, va_list arguments)
{
    char part[FORMAT_SIZE_MAX];
    memcpy(part, format, size);
    part[size] = '\0';
    int count = vsnprintf(NULL, 0, part, arguments);
    return count < 0 ? 0 : (size_t)count;
}
#pragma GCC diagnostic pop

static void add_pairs(struct line *line, const char *pairs, const char *text, va_list arguments)
{
    size_t length = strlen(text);
    size_t begin = 0;
    assert(strlen(pairs) < FORMAT_SIZE_MAX);
    for (size_t at = 0; pairs[at] != '\0' && !line->full;) {
        va_list again;
        size_t size = pair_size(pairs + at);
        va_copy(again, arguments);
        size_t end = text_size(pairs, at + size, again);
        va_end(again);
        size_t last = end < length ? end : length;
        struct slice pair = begin < last ? slice_make(text + begin, last - begin) : SLICE_EMPTY;
        add_formatted(line, pairs + at, size, pair);
        begin = end + 1;
        at += size + (pairs[at + size] == ' ');
    }
}

static void add_beginning(struct line *line, enum log_level level, const char *message)
{
    char time[CLOCK_TEXT_SIZE];
    struct clock clock;
    clock_init(&clock, 0);
    clock_format(clock_now_ms(&clock), time);
    add_text(line, line->json ? "{\"time\":\"" : "time=");
    add_text(line, time);
    add_text(line, line->json ? "\"" : "");
    add_pair(line, SLICE_LITERAL("level"), slice_from_string(level_names[level]), VALUE_WORD);
    add_pair(line, SLICE_LITERAL("program"), slice_from_string(log_program), VALUE_WORD);
    add_text(line, line->json ? ",\"msg\":\"" : " msg=\"");
    add_value(line, slice_from_string(message), true);
    add_last_quote(line);
}

/* One write, so that lines of several processes do not mix; a log that cannot be written is
 * nobody's to mend. */
static void write_line(struct line *line)
{
    if (line->json) {
        line->text[line->size++] = '}';
    }
    line->text[line->size++] = '\n';
    assert(line->size <= LINE_SIZE_MAX);
    ssize_t written = write(STDERR_FILENO, line->text, line->size);
    (void)written;
}

void log_tell_level(void)
{
    struct line line = {.json = atomic_load(&log_json)};
    if (!atomic_exchange(&log_untold, false)) {
        return;
    }
    const char *now = level_names[atomic_load(&log_threshold)];
    add_beginning(&line, LOG_INFO, "log level switched");
    add_pair(&line, SLICE_LITERAL("now"), slice_from_string(now), VALUE_WORD);
    write_line(&line);
}

void log_line(enum log_level level, const char *message, const char *pairs, ...)
{
    char text[LINE_SIZE_MAX];
    struct line line = {.json = atomic_load(&log_json)};
    va_list arguments;
    if ((int)level < atomic_load(&log_threshold)) {
        return;
    }
    add_beginning(&line, level, message);
    va_start(arguments, pairs);
    vsnprintf(text, sizeof text, pairs, arguments);
    va_end(arguments);
    va_start(arguments, pairs);
    add_pairs(&line, pairs, text, arguments);
    va_end(arguments);
    write_line(&line);
}
