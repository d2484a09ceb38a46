#ifndef TROUPE_BASE_LOG_H
#define TROUPE_BASE_LOG_H

/*
 * One line an event on standard error, in logfmt or JSON: time, level, program, a stable message,
 * then pairs. No secrets, no bodies. The level, the form and the program's name are the only
 * process-wide state of base; main sets them once, and the level may change at run time.
 */

#include <stdbool.h>

enum log_level {
    LOG_DEBUG,
    LOG_INFO,
    LOG_WARN,
    LOG_ERROR,
};

enum {
    LOG_SAME_MS = 500,
};

enum log_value {
    LOG_VALUE_AS_SET = 1,
    LOG_VALUE_DEBUG,
};

enum log_form {
    LOG_FORM_LOGFMT,
    LOG_FORM_JSON,
};

/* program must live as long as the process. */
void log_init(const char *program, enum log_level level);
void log_set_level(enum log_level level);
void log_set_form(enum log_form form);

/* From now on a SIGUSR2 makes the level debug, and the next one sets it back to what it was. Waits
 * of the process may be interrupted by it. One with a log_value says which of them. */
void log_follow_signal(void);

/* What such a signal does, for who takes it otherwise. from: the process that sent it. One that
 * comes from another process less than LOG_SAME_MS after the last is the same wish, sent to all and
 * passed on by a parent, too. Safe in a signal's handler. */
void log_switch_level(int from);

/* What a parent sends with SIGUSR2 by sigqueue(3) to bring a process to its own level: one of
 * log_value, which says the level and so may be sent at any time, and twice. */
int log_level_value(void);

/* Tells the level in a line, whatever it is, once after each switch: for the turns of a loop. */
void log_tell_level(void);

/* Each reads a name: debug, info, warn or error; logfmt or json. Returns whether it is one. */
bool log_level_parse(const char *text, enum log_level *out);
bool log_form_parse(const char *text, enum log_form *out);

/* message is a stable text without values. pairs is a format ("" for none) of pairs with one space
 * between: key=%d, key=%s, key="%s at %s". Whatever a value holds, it ends with its pair: it is
 * quoted and escaped where it must be, control characters and what is not UTF-8 become question
 * marks. A whole number is one in JSON too. One line is at most 2048 bytes, cut so that it stays
 * well formed. */
void log_line(enum log_level level, const char *message, const char *pairs, ...)
    __attribute__((format(printf, 3, 4)));

#define log_debug(message, ...) log_line(LOG_DEBUG, message, __VA_ARGS__)
#define log_info(message, ...)  log_line(LOG_INFO, message, __VA_ARGS__)
#define log_warn(message, ...)  log_line(LOG_WARN, message, __VA_ARGS__)
#define log_error(message, ...) log_line(LOG_ERROR, message, __VA_ARGS__)

#endif
