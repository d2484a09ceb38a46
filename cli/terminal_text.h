#ifndef TROUPE_CLI_TERMINAL_TEXT_H
#define TROUPE_CLI_TERMINAL_TEXT_H

/*
 * What users and providers wrote, on its way to an operator's terminal: no character of it may act
 * on the terminal. Those that could are the control characters of ISO 6429: C0 (U+0000 to U+001F),
 * DEL and C1 (U+0080 to U+009F, of which U+009B alone begins a sequence); and those of Unicode that
 * end a line or show what follows in another order (U+2028 to U+202E, U+2066 to U+2069; UAX #9).
 * Also where the output is no terminal: it may be shown on one later.
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
