#include "cli/table.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include "cli/terminal_text.h"
#include "cli/width.h"
#include "cli/wrap.h"

enum {
    GAP = 2,   /* spaces between columns */
    GONE = -1, /* the width of a column that is left out */
    LAST_WIDTH_MIN =
        20, /* columns of the terminal that a last column of text has, if it needs them */
    BELOW_INDENT = 4,
    BELOW_LINES_MAX = 12,
    TEXT_SIZE_MAX = 16 << 20,
};

#define ELLIPSIS "…"

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

void table_narrow(struct table *table, const struct table_step *steps)
{
    table->steps = steps;
}

static bool is_number(const struct table *table, size_t column)
{
    return table->names[column][0] == '#';
}

void table_flow(struct table *table, size_t beside_steps)
{
    assert(!is_number(table, table->columns - 1));
    table->flows = true;
    table->beside_steps = beside_steps;
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

static int width_of(const char *text)
{
    return width_columns(slice_from_string(text));
}

/* Bytes of a text's beginning of so many columns. */
static int bytes_of(const char *text, int columns)
{
    return (int)width_cut(slice_from_string(text), columns);
}

static const char *name_of(const struct table *table, size_t column)
{
    return table->names[column] + (table->names[column][0] == '#');
}

static void measure(const struct table *table, int widths[TABLE_COLUMNS_MAX],
                    bool empty[TABLE_COLUMNS_MAX])
{
    const char *at = (const char *)table->text.data;
    for (size_t column = 0; column < table->columns; column++) {
        widths[column] = width_of(name_of(table, column));
        empty[column] = table->cells > 0;
    }
    for (size_t cell = 0; cell < table->cells; cell++) {
        int width = width_of(at + 1);
        int *widest = &widths[cell % table->columns];
        *widest = width > *widest ? width : *widest;
        empty[cell % table->columns] = empty[cell % table->columns] && width == 0;
        at += strlen(at + 1) + 2;
    }
}

/* ---- narrowing ---- */

/* How wide the columns before this one are, with the gaps behind them. */
static int width_before(const int *widths, size_t column)
{
    int sum = 0;
    for (size_t index = 0; index < column; index++) {
        sum += widths[index] == GONE ? 0 : widths[index] + GAP;
    }
    return sum;
}

static int width_of_all(const struct table *table, const int *widths)
{
    size_t last = table->columns - 1;
    int before = width_before(widths, last);
    return widths[last] == GONE ? before - GAP : before + widths[last];
}

/* What is in the last column may be cut, but not to less than a little. */
static bool is_too_wide(const struct table *table, const int *widths, int width)
{
    size_t last = table->columns - 1;
    bool may_be_cut = !table->flows && !is_number(table, last) && widths[last] > LAST_WIDTH_MIN;
    int spare = may_be_cut ? widths[last] - LAST_WIDTH_MIN : 0;
    return width_of_all(table, widths) - spare > width;
}

static void take_step(const struct table *table, const struct table_step *step, int *widths)
{
    for (size_t column = 0; column < table->columns; column++) {
        if (strcmp(name_of(table, column), step->column) != 0) {
            continue;
        }
        assert(step->width == 0 || !is_number(table, column));
        if (step->width == 0) {
            widths[column] = GONE;
        } else if (widths[column] > step->width) {
            widths[column] = step->width;
        }
    }
}

/* Makes the columns fit into width, which is positive. */
static void narrow(const struct table *table, int width, size_t steps_max, const bool *empty,
                   int *widths)
{
    size_t last = table->columns - 1;
    size_t taken = 0;
    for (size_t column = table->columns; column-- > 1 && width_of_all(table, widths) > width;) {
        widths[column] = empty[column] ? GONE : widths[column];
    }
    for (const struct table_step *step = table->steps;
         step != NULL && step->column != NULL && taken < steps_max &&
         is_too_wide(table, widths, width);
         step++, taken++) {
        take_step(table, step, widths);
    }
    for (size_t column = table->columns; column-- > 1 && is_too_wide(table, widths, width);) {
        widths[column] = GONE;
    }
    int room = width - width_before(widths, last);
    if (widths[last] != GONE && last > 0 && widths[last] > room) {
        widths[last] = room;
    }
    if (widths[0] > width) {
        widths[0] = width;
    }
}

/* Decides the widths. Returns whether what is in the last column stands below its rows. */
static bool fit(const struct table *table, int width, int *widths)
{
    bool empty[TABLE_COLUMNS_MAX];
    size_t last = table->columns - 1;
    measure(table, widths, empty);
    if (width <= 0) {
        return false;
    }
    bool may_go_below = table->flows && !empty[last];
    narrow(table, width, may_go_below ? table->beside_steps : SIZE_MAX, empty, widths);
    if (!may_go_below || widths[last] != GONE) {
        return false;
    }
    measure(table, widths, empty);
    widths[last] = GONE;
    narrow(table, width, SIZE_MAX, empty, widths);
    return true;
}

bool table_has_room(const struct table *table, int width, const char *column)
{
    int widths[TABLE_COLUMNS_MAX];
    size_t place = 0;
    (void)fit(table, width, widths);
    while (place < table->columns && strcmp(name_of(table, place), column) != 0) {
        place++;
    }
    return place < table->columns && widths[place] != GONE;
}

/* ---- drawing ---- */

struct pen {
    const struct table *table;
    const int *widths;
    size_t last; /* column that is drawn */
    int below;   /* columns of the lines that the last column's text has below; 0: none */
    bool colours;
    struct buffer *out;
};

static const char *code_of(enum table_colour colour)
{
    static const char *const codes[] = {"", "\033[32m", "\033[33m", "\033[31m", "\033[36m"};
    return codes[colour];
}

/* Whether text goes on with the same word, number or part of an id. */
static bool is_in_word(const char *text)
{
    unsigned char byte = (unsigned char)*text;
    return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= 'a' && byte <= 'z') || byte >= 0x80;
}

/* How many bytes of a text, which is wider than room, are shown, and whether an ellipsis follows:
 * between the words of the last column; in others not after a whole part of an id or a time. */
static int cut(const char *text, int room, bool is_last, bool *has_ellipsis)
{
    int size = bytes_of(text, room);
    *has_ellipsis = is_last || is_in_word(text + size);
    if (!*has_ellipsis) {
        return size;
    }
    size = bytes_of(text, room - 1);
    int end = size;
    while (is_last && end > 0 && text[end] != ' ') {
        end--;
    }
    while (end > 0 && (text[end - 1] == ' ' || text[end - 1] == ',')) {
        end--;
    }
    return is_last && end > 0 ? end : size;
}

static enum status draw_cell(struct pen *pen, size_t column, enum table_colour colour,
                             const char *text)
{
    int room = pen->widths[column];
    if (room == GONE) {
        return STATUS_OK;
    }
    bool has_ellipsis = false;
    int size = (int)strlen(text);
    int width = width_of(text);
    if (width > room) {
        size = cut(text, room, column + 1 == pen->table->columns, &has_ellipsis);
        /* A wide character that did not fit leaves a column. */
        width = width_columns(slice_make(text, (size_t)size)) + has_ellipsis;
    }
    int padding = room - width;
    int before = is_number(pen->table, column) ? padding : 0;
    int after = column == pen->last ? 0 : GAP + padding - before;
    bool is_coloured = pen->colours && colour != TABLE_PLAIN;
    return buffer_append_format(
        pen->out, "%*s%s%.*s%s%s%*s", before, "", is_coloured ? code_of(colour) : "", size, text,
        has_ellipsis ? ELLIPSIS : "", is_coloured ? "\033[0m" : "", after, "");
}

/* Ends the line, without the spaces at its end. */
static enum status end_line(struct pen *pen)
{
    while (pen->out->size > 0 && pen->out->data[pen->out->size - 1] == ' ') {
        pen->out->size--;
    }
    return buffer_append(pen->out, "\n", 1);
}

/* Draws what stands below a row, if there is anything. */
static enum status draw_below(struct pen *pen, const char *text)
{
    if (pen->below == 0 || text[0] == '\0') {
        return STATUS_OK;
    }
    enum status status = buffer_append_format(pen->out, "%*s", BELOW_INDENT, "");
    if (status == STATUS_OK) {
        status = wrap_draw(text, BELOW_INDENT, pen->below, BELOW_LINES_MAX, pen->out);
    }
    return status == STATUS_OK ? end_line(pen) : status;
}

static enum status draw_head(struct pen *pen)
{
    size_t last = pen->table->columns - 1;
    enum status status = STATUS_OK;
    for (size_t column = 0; column <= last && status == STATUS_OK; column++) {
        status = draw_cell(pen, column, TABLE_PLAIN, name_of(pen->table, column));
    }
    if (status == STATUS_OK) {
        status = end_line(pen);
    }
    return status == STATUS_OK ? draw_below(pen, name_of(pen->table, last)) : status;
}

enum status table_draw(const struct table *table, int width, bool colours, struct buffer *out)
{
    int widths[TABLE_COLUMNS_MAX];
    enum status status = table->status;
    const char *at = (const char *)table->text.data;
    bool is_below = fit(table, width, widths);
    struct pen pen = {table, widths, table->columns - 1, is_below ? width : 0, colours, out};
    while (widths[pen.last] == GONE) {
        pen.last--;
    }
    if (status == STATUS_OK) {
        status = draw_head(&pen);
    }
    for (size_t cell = 0; cell < table->cells && status == STATUS_OK; cell++) {
        size_t column = cell % table->columns;
        status = draw_cell(&pen, column, (enum table_colour)at[0], at + 1);
        if (status == STATUS_OK && column + 1 == table->columns) {
            status = end_line(&pen);
            status = status == STATUS_OK ? draw_below(&pen, at + 1) : status;
        }
        at += strlen(at + 1) + 2;
    }
    return status;
}
