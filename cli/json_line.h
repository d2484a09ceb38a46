#ifndef TROUPE_CLI_JSON_LINE_H
#define TROUPE_CLI_JSON_LINE_H

/* What a command tells of itself with --json: one object, on one line of standard output. Answers
 * of a server are printed by rows.h. */

#include "base/json_writer.h"
#include "cli/document.h"

struct json_line {
    struct buffer text;
    struct json_writer json; /* for the members */
};

/* Begins an object, which json_line_end prints. The line is not moved in between. */
void json_line_begin(struct json_line *line);

/* Prints it at once, without characters that act on a terminal (terminal_text.h), and lets go of
 * it. Returns an exit code of command.h, after a message when it could not be made. */
int json_line_end(struct json_line *line);

/* Prints a line with a member of an answer, under the last name of its path, as of a time.
 * Returns as json_line_end does. */
int json_line_print(int64_t at_ms, const struct document *document, const char *path);

/* Lets go of one that is not told after all. */
void json_line_drop(struct json_line *line);

#endif
