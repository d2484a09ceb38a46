#include "cli/table.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "cli/terminal_text.h"

enum {
    GAP = 2, /* spaces between columns */
    TEXT_SIZE_MAX = 16 << 20,
};

/* In table.text a cell is its colour, a byte, and its text with a NUL. */

void table_init(struct table *table, const char *const *names)
{
    *table = (struct table){.names = names};
    while (names[table->columns] != NULL) {
        table->columns++;
    }
    assert(table->columns > 0 && table->columns <= TABLE_COLUMNS_MAX);
    buffer_init(&table->text, TEXT_SIZE_MAX);
}

void table_fini(struct table *table)
{
    buffer_fini(&table->text);
}

void table_put(struct table *table, enum table_colour colour, const char *format, ...)
{
    char cell[TABLE_CELL_SIZE_MAX];
    const uint8_t byte = (uint8_t)colour;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(cell, sizeof cell, format, arguments);
    va_end(arguments);
    terminal_text(cell);
    if (table->status == STATUS_OK && table->cells / table->columns >= TABLE_ROWS_MAX) {
        table->status = STATUS_TOO_LARGE;
    }
    if (table->status == STATUS_OK) {
        table->status = buffer_append(&table->text, &byte, 1);
    }
    if (table->status == STATUS_OK) {
        table->status = buffer_append(&table->text, cell, strlen(cell) + 1);
    }
    table->cells += table->status == STATUS_OK;
}

/* How many columns of a terminal a text takes: characters of UTF-8, each one wide. */
static int width_of(const char *text)
{
    int width = 0;
    for (; *text != '\0'; text++) {
        width += ((unsigned char)*text & 0xc0) != 0x80;
    }
    return width;
}

/* Bytes of a text's first so many characters. */
static int bytes_of(const char *text, int width)
{
    const char *at = text;
    while (*at != '\0' && width >= 0) {
        width -= ((unsigned char)*at & 0xc0) != 0x80;
        at += width >= 0;
    }
    return (int)(at - text);
}

static const char *name_of(const struct table *table, size_t column)
{
    return table->names[column] + (table->names[column][0] == '#');
}

static void measure(const struct table *table, int widths[TABLE_COLUMNS_MAX])
{
    const char *at = (const char *)table->text.data;
    for (size_t column = 0; column < table->columns; column++) {
        widths[column] = width_of(name_of(table, column));
    }
    for (size_t cell = 0; cell < table->cells; cell++) {
        int width = width_of(at + 1);
        int *widest = &widths[cell % table->columns];
        *widest = width > *widest ? width : *widest;
        at += strlen(at + 1) + 2;
    }
}

struct pen {
    const struct table *table;
    const int *widths;
    int left; /* columns of this line */
    bool colours;
    struct buffer *out;
};

static const char *code_of(enum table_colour colour)
{
    static const char *const codes[] = {"", "\033[32m", "\033[33m", "\033[31m", "\033[36m"};
    return codes[colour];
}

/* Draws a cell as far as the line has room for it. */
static enum status draw_cell(struct pen *pen, size_t column, enum table_colour colour,
                             const char *text)
{
    bool is_last = column + 1 == pen->table->columns;
    bool is_number = pen->table->names[column][0] == '#';
    int width = width_of(text);
    int padding = pen->widths[column] - width;
    int before = is_number ? padding : 0;
    int after = is_last ? 0 : GAP + (is_number ? 0 : padding);
    before = before < pen->left ? before : pen->left;
    pen->left -= before;
    int shown = width < pen->left ? width : pen->left;
    pen->left -= shown;
    after = after < pen->left ? after : pen->left;
    pen->left -= after;
    bool is_coloured = pen->colours && colour != TABLE_PLAIN;
    return buffer_append_format(pen->out, "%*s%s%.*s%s%*s", before, "",
                                is_coloured ? code_of(colour) : "", bytes_of(text, shown), text,
                                is_coloured ? "\033[0m" : "", after, "");
}

/* Ends the line, without the spaces at its end. */
static enum status end_line(struct pen *pen, int width)
{
    while (pen->out->size > 0 && pen->out->data[pen->out->size - 1] == ' ') {
        pen->out->size--;
    }
    pen->left = width;
    return buffer_append(pen->out, "\n", 1);
}

enum status table_draw(const struct table *table, int width, bool colours, struct buffer *out)
{
    int widths[TABLE_COLUMNS_MAX];
    enum status status = table->status;
    const char *at = (const char *)table->text.data;
    width = width > 0 ? width : INT32_MAX;
    struct pen pen = {table, widths, width, colours, out};
    measure(table, widths);
    for (size_t column = 0; column < table->columns && status == STATUS_OK; column++) {
        status = draw_cell(&pen, column, TABLE_PLAIN, name_of(table, column));
    }
    if (status == STATUS_OK) {
        status = end_line(&pen, width);
    }
    for (size_t cell = 0; cell < table->cells && status == STATUS_OK; cell++) {
        size_t column = cell % table->columns;
        status = draw_cell(&pen, column, (enum table_colour)at[0], at + 1);
        if (status == STATUS_OK && column + 1 == table->columns) {
            status = end_line(&pen, width);
        }
        at += strlen(at + 1) + 2;
    }
    return status;
}
