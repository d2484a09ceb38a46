#ifndef TROUPE_CLI_BAR_H
#define TROUPE_CLI_BAR_H

/* Draws one job's progress as a line of text. Pure. */

#include "base/buffer.h"

struct bar {
    const char *label;  /* what is made: character, image, video; or what it is called */
    const char *status; /* as the API names it */
    const char *step;   /* "" for none */
    int progress;       /* 0..100 */
    int attempt;
    int64_t elapsed_ms;
    int columns; /* width of the terminal, 40 or more */
    bool colours;
    int label_width; /* columns that all labels have; 0, or less than the usual: the usual */
};

/* How many columns a label takes. */
int bar_label_width(const char *label);

/* Appends the line without a line end. */
enum status bar_draw(const struct bar *bar, struct buffer *out);

#endif
