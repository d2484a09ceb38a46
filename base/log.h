#ifndef TROUPE_BASE_LOG_H
#define TROUPE_BASE_LOG_H

/*
 * One line an event on standard error, logfmt: time, level, program, a stable message, then
 * key=value pairs. No secrets, no bodies. The level and the program's name are the only
 * process-wide state of base; main sets them once, and the level may change at run time.
 */

enum log_level {
    LOG_DEBUG,
    LOG_INFO,
    LOG_WARN,
    LOG_ERROR,
};

/* program must live as long as the process. */
void log_init(const char *program, enum log_level level);
void log_set_level(enum log_level level);

/* Reads debug, info, warn or error; anything else gives otherwise. */
enum log_level log_level_parse(const char *text, enum log_level otherwise);

/* message is a stable text without values; pairs is a format of key=value pairs ("" for none). One
 * line is at most 2048 bytes; control characters and line ends in values are replaced. */
void log_line(enum log_level level, const char *message, const char *pairs, ...)
    __attribute__((format(printf, 3, 4)));

#define log_debug(message, ...) log_line(LOG_DEBUG, message, __VA_ARGS__)
#define log_info(message, ...)  log_line(LOG_INFO, message, __VA_ARGS__)
#define log_warn(message, ...)  log_line(LOG_WARN, message, __VA_ARGS__)
#define log_error(message, ...) log_line(LOG_ERROR, message, __VA_ARGS__)

#endif
