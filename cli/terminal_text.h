#ifndef TROUPE_CLI_TERMINAL_TEXT_H
#define TROUPE_CLI_TERMINAL_TEXT_H

/*
 * What users and providers wrote, on its way to an operator's terminal: no character of it may act
 * on the terminal. Those that could are the control characters of ISO 6429: C0 (U+0000 to U+001F),
 * DEL and C1 (U+0080 to U+009F, of which U+009B alone begins a sequence). Also where the output is
 * no terminal: it may be shown on one later.
 */

#include <stdio.h>
#include "base/buffer.h"

/* Makes a space of each control character, in place. */
void terminal_text(char *text);

/* Prints a line as printf would, with a space for each control character in it, and ends it. */
void terminal_line(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Appends JSON text with DEL and C1 escaped, which JSON lets through; the document is the same.
 * Returns OK, NO_MEMORY or TOO_LARGE. */
enum status terminal_json(struct slice json, struct buffer *out);

#endif
