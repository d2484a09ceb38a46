#ifndef TROUPE_CLI_JSON_LINE_H
#define TROUPE_CLI_JSON_LINE_H

/* What a command tells of itself with --json: one object, on one line of standard output. Answers
 * of a server are printed by rows.h. */

#include "base/json_writer.h"
#include "cli/document.h"

enum {
    JSON_LINE_SIZE_MAX = 32 << 20, /* bytes: two answers of a server and more */
};

struct json_line {
    struct buffer text;
    struct json_writer json; /* for the members */
};

/* Begins an object, which json_line_end prints. The line is not moved in between. */
void json_line_begin(struct json_line *line);

/* Prints it at once, without characters that act on a terminal (terminal_text.h), and lets go of
 * it. Returns an exit code of command.h, after a message when it could not be made. */
int json_line_end(struct json_line *line);

/* Appends it to out instead, as it would be printed, and lets go of it. Returns OK, TOO_LARGE or
 * NO_MEMORY. */
enum status json_line_write(struct json_line *line, struct buffer *out);

/* Adds what stands at a path of an answer, under the last name of the path; null where the answer
 * has none such. Returns OK, TOO_LARGE or NO_MEMORY. */
enum status json_line_put(struct json_writer *json, const struct document *document,
                          const char *path);

/* Lets go of one that is not told after all. */
void json_line_drop(struct json_line *line);

#endif
