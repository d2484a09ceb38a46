#ifndef TROUPE_CLI_WRAP_H
#define TROUPE_CLI_WRAP_H

/* A long text over a few lines of a terminal. Pure. */

#include "base/buffer.h"

/* Appends a text that begins in a line of which `indent` columns are taken: lines of at most
 * `columns`, the second and later ones indented as far, and at most lines_max of them; of more an
 * ellipsis tells. Lines end behind a space or a comma where there is one in their second half. An
 * address stays in one piece, to be copied: it begins a line, and is alone in it when it is longer
 * than that. No line end is appended. columns: more than indent, or nothing is divided. Returns OK,
 * TOO_LARGE or NO_MEMORY. */
enum status wrap_draw(const char *text, int indent, int columns, int lines_max, struct buffer *out);

#endif
