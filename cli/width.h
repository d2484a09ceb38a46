#ifndef TROUPE_CLI_WIDTH_H
#define TROUPE_CLI_WIDTH_H

/* How wide text is on a terminal: two columns for a character of East Asia or an emoji, none for a
 * mark that joins the one before it, one for others (UAX #11). Text that is no UTF-8 is taken as it
 * is: a byte that goes on with a character has no width. Pure. */

#include "base/slice.h"

int width_columns(struct slice text);

/* Bytes of the longest beginning that takes at most so many columns, with its marks. */
size_t width_cut(struct slice text, int columns);

#endif
