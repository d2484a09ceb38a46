#ifndef TROUPE_CLI_WATCH_H
#define TROUPE_CLI_WATCH_H

/*
 * A view that is asked for anew again and again: live on a terminal, or as JSON, an object a line
 * for each answer. It says from when it is. What is asked for, and how that is shown, is its
 * owner's, who keeps the newest answer.
 */

#include "cli/json_line.h"
#include "cli/session.h"

/* What a question may come to beside an exit code. */
enum {
    WATCH_BUSY = -1,   /* the server had no time for it: what is shown stays */
    WATCH_MORE = -2,   /* it is not whole yet: to be asked on, soon */
    WATCH_SILENT = -3, /* nobody answered, or the server failed: what is shown stays */
};

enum {
    WATCH_NAME_SIZE = 2048, /* bytes of what a view is called; more is cut */
};

/* One that is shown, while its question is asked. */
struct watch;

struct watch_view {
    const char *what; /* is shown: of the line above it */
    /* The longer an answer takes the later it is asked for again, so that a view takes a tenth of
     * the server's time, but after so long at the latest; 0: once a second, whatever it takes. */
    int64_t pause_ms_max;
    int (*ask)(void *context, struct watch *watch); /* by watch_get */
    /* Appends what there is to see; asked before there is an answer, too. at_ms: when that came,
     * since 1970. Returns OK, TOO_LARGE or NO_MEMORY. */
    enum status (*draw)(void *context, int64_t at_ms, struct buffer *out);
    /* Adds the members of the newest answer, as draw returns. */
    enum status (*put)(void *context, struct json_writer *json);
    void *context;
};

/* Whether a view goes on: somebody looks, or a program reads it line by line. Into a pipe it is
 * told once. */
bool watch_is_live(bool json);

/* Shows it until q, Ctrl-C, a refusal, or nobody reads it. A failure ends it before there was an
 * answer. Afterwards the newest one stays, with a word about that, on standard error for a program,
 * and it is asked for less and less often. Returns an exit code: 0 after q and Ctrl-C. */
int watch_show(struct session *session, const struct watch_view *view, bool json);

/* Prints the line of an answer. Returns an exit code. */
int watch_tell(const struct watch_view *view, int64_t at_ms);

/* Asks for a path. Without a watch, which is NULL, nothing is asked again, and it is
 * session_perform. Otherwise it may return WATCH_BUSY or WATCH_SILENT, too, and
 * EXIT_CODE_INTERRUPTED because the view is to end. */
int watch_get(struct session *session, struct watch *watch, const char *path,
              struct client_answer *answer);

/* As many rows of a line each as a view has room for, at least one. */
int64_t watch_room(void);

/* Writes what a view is called: its name, and the words of the command line that say more. */
void watch_name(char out[WATCH_NAME_SIZE], const char *name, int count, char *const *words);

#endif
