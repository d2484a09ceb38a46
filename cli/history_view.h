#ifndef TROUPE_CLI_HISTORY_VIEW_H
#define TROUPE_CLI_HISTORY_VIEW_H

/* What happened in a queue, from an answer of GET /api/v1/admin/history: a picture for a terminal,
 * or rows of a table. Pure. */

#include "cli/document.h"
#include "cli/table.h"

enum {
    HISTORY_POINTS_MAX = 120, /* of an answer; others are passed over */
};

struct history_look {
    int columns; /* of the terminal */
    bool colours;
};

/* Whether any attempt started or any job ended in it. */
bool history_has_any(const struct document *document);

/* Appends a picture: a line of bars for each count and time, with its sum and the most of a bar.
 * Where there is no room for a bar for each step, several are one. Returns OK, TOO_LARGE or
 * NO_MEMORY. */
enum status history_draw(const struct document *document, const char *queue,
                         const struct history_look *look, struct buffer *out);

/* The columns of a table, ended by NULL, and a row of it for each step. */
extern const char *const history_names[];
void history_put(const struct document *document, const char *queue, struct table *table);

#endif
