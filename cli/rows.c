#include "cli/rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "cli/client.h"
#include "cli/command.h"
#include "cli/terminal.h"
#include "cli/terminal_text.h"
#include "cli/wrap.h"

enum {
    NAME_WIDTH = 12,
    LINES_MAX = 4, /* of a row on a terminal; the rest of its text is told elsewhere */
};

/* Whether there is nothing to tell: null, {} or []. */
static bool is_nothing(struct slice text)
{
    return slice_equal(text, SLICE_LITERAL("null")) || slice_equal(text, SLICE_LITERAL("{}")) ||
           slice_equal(text, SLICE_LITERAL("[]"));
}

/* Prints a row with a text that has no control characters. */
static void print_text(const char *name, const char *text)
{
    struct buffer lines;
    int columns = isatty(STDOUT_FILENO) == 1 ? terminal_columns() : 0;
    buffer_init(&lines, CLIENT_ANSWER_SIZE_MAX);
    if (wrap_draw(text, NAME_WIDTH + 1, columns, LINES_MAX, &lines) == STATUS_OK) {
        printf("%-*s %.*s\n", NAME_WIDTH, name, SLICE_PRINT(buffer_slice(&lines)));
    }
    buffer_fini(&lines);
}

void rows_print_text(const char *name, const char *text)
{
    char *shown = strdup(text);
    if (shown != NULL) {
        terminal_text(shown);
        print_text(name, shown);
        free(shown);
    }
}

static void print_row(const struct document *document, const struct row *row)
{
    struct buffer text;
    const char *value = document_text(document, row->path, NULL);
    if (value != NULL) {
        rows_print_text(row->name, value);
        return;
    }
    buffer_init(&text, CLIENT_ANSWER_SIZE_MAX);
    if (document_write(document, row->path, false, &text) == STATUS_OK &&
        !is_nothing(buffer_slice(&text)) && buffer_append(&text, "", 1) == STATUS_OK) {
        print_text(row->name, (const char *)text.data);
    }
    buffer_fini(&text);
}

void rows_print(const struct document *document, const struct row *rows, size_t count)
{
    for (size_t index = 0; index < count; index++) {
        print_row(document, &rows[index]);
    }
}

static int print_json(const struct document *document, const char *path, bool indented)
{
    struct buffer text;
    buffer_init(&text, CLIENT_ANSWER_SIZE_MAX);
    enum status status = document_write(document, path, indented, &text);
    if (status == STATUS_OK) {
        printf("%.*s\n", SLICE_PRINT(buffer_slice(&text)));
    }
    buffer_fini(&text);
    return status == STATUS_OK ? EXIT_CODE_OK : EXIT_CODE_FAILED;
}

int rows_print_json(const struct document *document)
{
    return rows_print_json_at(document, "data");
}

int rows_print_json_line(const struct document *document)
{
    return print_json(document, "data", false);
}

int rows_print_json_at(const struct document *document, const char *path)
{
    return print_json(document, path, true);
}
