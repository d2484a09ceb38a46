#ifndef TROUPE_CLI_BAR_H
#define TROUPE_CLI_BAR_H

/* Draws one job's progress as a line of text. Pure. */

#include "base/buffer.h"

struct bar {
    const char *label;  /* what is made: character, image, video */
    const char *status; /* as the API names it */
    const char *step;   /* "" for none */
    int progress;       /* 0..100 */
    int attempt;
    int64_t elapsed_ms;
    int columns; /* width of the terminal, 40 or more */
    bool colours;
};

/* Appends the line without a line end. */
enum status bar_draw(const struct bar *bar, struct buffer *out);

#endif
