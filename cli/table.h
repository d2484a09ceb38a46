#ifndef TROUPE_CLI_TABLE_H
#define TROUPE_CLI_TABLE_H

/*
 * Rows and columns as text: columns as wide as what is in them, numbers to the right. Where a line
 * has no room for all of them, what is in the last one is cut between its words, or goes below its
 * row, and other columns are cut or left out as their table declares it; no number is ever cut.
 * Pure but for allocation. Embedded by its owner.
 */

#include <stdbool.h>
#include "base/buffer.h"

enum {
    TABLE_COLUMNS_MAX = 16,
    TABLE_ROWS_MAX = 1000,
    TABLE_CELL_SIZE_MAX = 2048,     /* bytes of a cell; more is cut. An error's message has less */
    TABLE_TEXT_SIZE_MAX = 32 << 20, /* bytes of a table that is drawn */
};

enum table_colour {
    TABLE_PLAIN,
    TABLE_GREEN,
    TABLE_YELLOW,
    TABLE_RED,
    TABLE_CYAN,
};

/* One way to make lines narrower. */
struct table_step {
    const char *column; /* its name, without the # */
    int width;          /* it is at most so wide from then on; 0: it goes */
};

struct table {
    const char *const *names; /* of the columns; borrowed, ended by NULL; "#NAME": numbers */
    const struct table_step *steps;
    bool flows;          /* table_flow */
    size_t beside_steps; /* that are taken before the last column's text goes below */
    size_t columns;
    size_t cells; /* so far, row by row, the head not counted */
    struct buffer text;
    enum status status; /* the first failure sticks */
};

/* names: see above; at most TABLE_COLUMNS_MAX. */
void table_init(struct table *table, const char *const *names);
void table_fini(struct table *table);

/* Declares what is done, one step after another, while lines are too wide: what matters least goes
 * first. Columns with nothing in them go before all others. steps: borrowed, ended by one without a
 * column; columns of numbers can only go. */
void table_narrow(struct table *table, const struct table_step *steps);

/* Declares that what is in the last column is what one looks for. It is not cut: where it has no
 * room beside the others after so many of the steps, it stands below its row, on a few lines of
 * their own, and the others have the width. */
void table_flow(struct table *table, size_t beside_steps);

/* Whether a column, its name without the #, has room beside the others in lines of width columns
 * (0: as wide as it gets). */
bool table_has_room(const struct table *table, int width, const char *column);

/* Adds the next cell, from left to right. Control characters become spaces. */
void table_put(struct table *table, enum table_colour colour, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Appends the head and all rows, each with a line end, at most width columns wide (0: as wide as it
 * gets). What is too wide after all steps loses its last columns. Returns OK, TOO_LARGE or
 * NO_MEMORY. */
enum status table_draw(const struct table *table, int width, bool colours, struct buffer *out);

#endif
