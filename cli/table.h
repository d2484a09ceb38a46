#ifndef TROUPE_CLI_TABLE_H
#define TROUPE_CLI_TABLE_H

/*
 * Rows and columns as text: columns as wide as what is in them, numbers to the right, the last one
 * cut where the line ends. Pure but for allocation. Embedded by its owner.
 */

#include "base/buffer.h"

enum {
    TABLE_COLUMNS_MAX = 16,
    TABLE_ROWS_MAX = 1000,
    TABLE_CELL_SIZE_MAX = 256, /* bytes of a cell; more is cut */
};

enum table_colour {
    TABLE_PLAIN,
    TABLE_GREEN,
    TABLE_YELLOW,
    TABLE_RED,
    TABLE_CYAN,
};

struct table {
    const char *const *names; /* of the columns; borrowed, ended by NULL; "#NAME": numbers */
    size_t columns;
    size_t cells; /* so far, row by row, the head not counted */
    struct buffer text;
    enum status status; /* the first failure sticks */
};

/* names: see above; at most TABLE_COLUMNS_MAX. */
void table_init(struct table *table, const char *const *names);
void table_fini(struct table *table);

/* Adds the next cell, from left to right. Control characters become spaces. */
void table_put(struct table *table, enum table_colour colour, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Appends the head and all rows, each with a line end, at most width columns wide (0: as wide as it
 * gets). Returns OK, TOO_LARGE or NO_MEMORY. */
enum status table_draw(const struct table *table, int width, bool colours, struct buffer *out);

#endif
