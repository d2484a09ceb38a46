#include "cli/rows.h"

#include <stdio.h>
#include "cli/client.h"
#include "cli/command.h"
#include "cli/terminal_text.h"

/* Whether there is nothing to tell: null, {} or []. */
static bool is_nothing(struct slice text)
{
    return slice_equal(text, SLICE_LITERAL("null")) || slice_equal(text, SLICE_LITERAL("{}")) ||
           slice_equal(text, SLICE_LITERAL("[]"));
}

static void print_row(const struct document *document, const struct row *row)
{
    struct buffer text;
    const char *value = document_text(document, row->path, NULL);
    buffer_init(&text, CLIENT_ANSWER_SIZE_MAX);
    if (value != NULL) {
        terminal_line(stdout, "%-12s %s", row->name, value);
    } else if (document_write(document, row->path, false, &text) == STATUS_OK &&
               !is_nothing(buffer_slice(&text))) {
        printf("%-12s %.*s\n", row->name, SLICE_PRINT(buffer_slice(&text)));
    }
    buffer_fini(&text);
}

void rows_print(const struct document *document, const struct row *rows, size_t count)
{
    for (size_t index = 0; index < count; index++) {
        print_row(document, &rows[index]);
    }
}

int rows_print_json(const struct document *document)
{
    return rows_print_json_at(document, "data");
}

int rows_print_json_at(const struct document *document, const char *path)
{
    struct buffer text;
    buffer_init(&text, CLIENT_ANSWER_SIZE_MAX);
    enum status status = document_write(document, path, true, &text);
    if (status == STATUS_OK) {
        printf("%.*s\n", SLICE_PRINT(buffer_slice(&text)));
    }
    buffer_fini(&text);
    return status == STATUS_OK ? EXIT_CODE_OK : EXIT_CODE_FAILED;
}
