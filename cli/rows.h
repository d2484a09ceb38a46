#ifndef TROUPE_CLI_ROWS_H
#define TROUPE_CLI_ROWS_H

/* How the answer about one thing is printed: its members by name, a row each, or as JSON. On a
 * terminal a long text stands below itself on a few lines, and what they have no room for is cut;
 * elsewhere it is whole. */

#include "cli/document.h"

struct row {
    const char *name; /* at most 12 characters */
    const char *path; /* of the member; it has no row when it is null or not there */
};

void rows_print(const struct document *document, const struct row *rows, size_t count);

/* Prints one row; control characters become spaces. */
void rows_print_text(const char *name, const char *text);

/* Prints the value at a path, indented. Returns an exit code of command.h. */
int rows_print_json_at(const struct document *document, const char *path);

/* Prints the answer's data, indented. Returns an exit code of command.h. */
int rows_print_json(const struct document *document);

/* The same in a line, where others follow. */
int rows_print_json_line(const struct document *document);

#endif
