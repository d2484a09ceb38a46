#ifndef TROUPE_CLI_TERMINAL_H
#define TROUPE_CLI_TERMINAL_H

/* What a terminal can show, and a view on it that is drawn again and again. */

#include "cli/table.h"

/* How wide and high the terminal of standard output is; 80 and 24 when it does not say. */
int terminal_columns(void);
/* The same of another file. */
int terminal_columns_of(int file);
int terminal_lines(void);

/* Whether a file is a terminal that can be drawn on: TERM=dumb takes no escapes, and gets lines. */
bool terminal_is_drawn_on(int file);

/* Whether standard output is to have colours: it can be drawn on, and NO_COLOR (no-color.org) is
 * unset. */
bool terminal_has_colours(void);

/* Prints a table on standard output, on a terminal as wide as that is, or whole where is_wide says
 * so. Of one without rows a line on standard error tells, none; a terminal does not get its head.
 * Returns a status of table_draw. */
enum status terminal_table(const struct table *table, bool is_wide, const char *none);

/* A view that is being shown. */
struct terminal_view;

/* Draws what view has to tell; returns an exit code of command.h: another than 0 ends the view. */
typedef int terminal_draw(void *context, struct terminal_view *view, struct buffer *out);

/* For a drawing that waits for something: puts another one on the screen meanwhile, and whether
 * somebody has ended the view, by q, Ctrl-C or another such signal. It returns then
 * EXIT_CODE_INTERRUPTED. Keys that mean nothing are taken. */
void terminal_put(struct slice drawing);
bool terminal_is_left(struct terminal_view *view);

/* Whether Ctrl-C or another such signal waits to be taken, of those that are blocked. For what is
 * waited for meanwhile (client_stop). */
bool terminal_is_ending(void *context);

/* Whether nobody reads standard output any more: the pipe or the terminal behind it is gone. */
bool terminal_is_unread(void);

/* Writes a text to standard output, and waits for room there. Returns an exit code:
 * EXIT_CODE_INTERRUPTED where a signal waits to be taken (terminal_is_ending), EXIT_CODE_FAILED
 * where it cannot be written. Nothing else may be kept for it. */
int terminal_write(struct slice text);

/* Shows a view on the terminal's other screen until q, Ctrl-C or a failure, drawn once a second
 * and after every key. What was on the screen is there again afterwards, and below it what was said
 * on standard error meanwhile. Returns an exit code: 0 after q and Ctrl-C. */
int terminal_show(terminal_draw *draw, void *context);

/* Writes to standard output what there is to tell now; returns an exit code: another than 0 ends
 * it. */
typedef int terminal_tell(void *context);

/* Tells once a second until Ctrl-C, a failure, or nobody reads it. Returns an exit code: 0 after
 * Ctrl-C. */
int terminal_repeat(terminal_tell *tell, void *context);

#endif
