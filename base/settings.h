#ifndef TROUPE_BASE_SETTINGS_H
#define TROUPE_BASE_SETTINGS_H

/*
 * Settings come from the environment (TROUPE_*, QUEUE_CONCURRENCY). Only main functions read them,
 * here, and pass the values down. A setting that is present but bad is an error with a clear
 * message, never a silent default.
 */

#include <stdbool.h>
#include <stdint.h>
#include "base/status.h"

/* Starts the log of a program, whose name must live as long as the process: TROUPE_LOG_LEVEL,
 * TROUPE_LOG_FORMAT, SIGUSR2. Returns OK, or INVALID after logging. */
enum status settings_log(const char *program);

/* Returns the value, or otherwise (may be NULL) when it is unset or empty. Borrowed from the
 * environment. */
const char *settings_text(const char *name, const char *otherwise);

/* Reads a ZeroMQ endpoint (base/address.h), which has to be there. Returns OK, or INVALID after
 * logging. */
enum status settings_endpoint(const char *name, const char **out);

/* Reads a whole decimal number in min..max. Returns OK, or INVALID after logging what is wrong and
 * what is allowed. */
enum status settings_integer(const char *name, int64_t min, int64_t max, int64_t otherwise,
                             int64_t *out);

/* Reads a time: a whole number with its unit, one of ms, s, m, h and d, in min_ms..max_ms. Returns
 * OK, or INVALID after logging. */
enum status settings_duration(const char *name, int64_t min_ms, int64_t max_ms,
                              int64_t otherwise_ms, int64_t *out_ms);

/* Reads on/off, true/false, yes/no, 1/0. Returns OK, or INVALID after logging. */
enum status settings_flag(const char *name, bool otherwise, bool *out);

/* Reads a whole decimal number in min..max. Returns whether it is one; says nothing. */
bool settings_number(const char *value, int64_t min, int64_t max, int64_t *out);

/* Parses like settings_integer, of a value that came otherwise (a command line). what names it in
 * the message. */
enum status settings_parse_integer(const char *what, const char *value, int64_t min, int64_t max,
                                   int64_t *out);

#endif
