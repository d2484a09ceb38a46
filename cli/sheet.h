#ifndef TROUPE_CLI_SHEET_H
#define TROUPE_CLI_SHEET_H

/* A page of a list that the API answers with, as a table or as JSON: what a command asks, with
 * which query, and how each item is one row. */

#include "cli/session.h"
#include "cli/table.h"

/* What becomes a row. */
struct sheet_item {
    const struct session *session;
    const struct document *document; /* the whole answer */
    const char *list;                /* where it has them: data.users */
    size_t index;
};

/* How an answer is printed. */
struct sheet {
    const char *list;         /* where the answer has the items: data.users */
    const char *const *names; /* of the columns, as table_init takes them */
    const struct table_step *steps;
    void (*put)(struct table *table, const struct sheet_item *item);
    int beside_steps;   /* of table_flow; 0: the last column is cut as others are */
    const char *none;   /* what is said of an empty list */
    bool has_pages;     /* it takes a limit */
    const char *beside; /* what is told with the list to who watches by a program, or NULL */
};

/* A query string that grows by what was asked for. */
struct sheet_query {
    struct buffer path;
    enum status status; /* the first failure sticks */
};

void sheet_query_init(struct sheet_query *query, const char *path);
void sheet_query_fini(struct sheet_query *query);

/* Adds a parameter; NULL for one that was not asked for. */
void sheet_query_add(struct sheet_query *query, const char *name, const char *value);

struct sheet_wish {
    const char *data, *user, *cursor, *limit;
    bool json;
    bool watch;       /* on a terminal live, until q or Ctrl-C; as JSON a line a second */
    const char *what; /* is watched: of the line above it (watch.h) */
};

/* Whether the limit, where one is given, is one, after a message when not. */
bool sheet_limit_is_good(const struct sheet_wish *wish);

/* Asks for the page that the wish means, prints it, and tells whether there may be more; or shows
 * it live. Returns an exit code. */
int sheet_print(struct session *session, const struct sheet_wish *wish, struct sheet_query *query,
                const struct sheet *sheet);

/* The same in a session of its own, as an admin where the token is made here. */
int sheet_print_as_admin(const struct sheet_wish *wish, struct sheet_query *query,
                         const struct sheet *sheet);

/* Members of an item; "" and 0 when it has none such. */
const char *sheet_text(const struct sheet_item *item, const char *name);
int64_t sheet_number(const struct sheet_item *item, const char *name);

#endif
