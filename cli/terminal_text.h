#ifndef TROUPE_CLI_TERMINAL_TEXT_H
#define TROUPE_CLI_TERMINAL_TEXT_H

/*
 * What users and providers wrote, on its way to an operator's terminal: no character of it may act
 * on the terminal (utf8_acting_size of base/encoding.h tells which could). Also where the output is
 * no terminal: it may be shown on one later.
 */

#include <stdio.h>
#include "base/buffer.h"

/* Makes a space of each such character, in place. */
void terminal_text(char *text);

/* Prints a line as printf would, with a space for each such character in it, and ends it. */
void terminal_line(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Appends JSON text with those escaped that JSON lets through; the document is the same.
 * Returns OK, NO_MEMORY or TOO_LARGE. */
enum status terminal_json(struct slice json, struct buffer *out);

#endif
