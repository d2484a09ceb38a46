#include "cli/sheet.h"

#include <stdio.h>
#include <unistd.h>
#include "base/clock.h"
#include "cli/command.h"
#include "cli/filter.h"
#include "cli/json_line.h"
#include "cli/rows.h"
#include "cli/terminal.h"
#include "cli/terminal_text.h"
#include "cli/view_head.h"

enum {
    PATH_SIZE = 4096,
    MEMBER_SIZE = 96,
    PAGE_MAX = 100,
};

void sheet_query_init(struct sheet_query *query, const char *path)
{
    buffer_init(&query->path, PATH_SIZE);
    query->status = buffer_append_format(&query->path, "%s?", path);
}

void sheet_query_fini(struct sheet_query *query)
{
    buffer_fini(&query->path);
}

void sheet_query_add(struct sheet_query *query, const char *name, const char *value)
{
    if (value == NULL || query->status != STATUS_OK) {
        return;
    }
    query->status = buffer_append_format(&query->path, "&%s=", name);
    if (query->status == STATUS_OK) {
        query->status = filter_escape(value, &query->path);
    }
}

bool sheet_limit_is_good(const struct sheet_wish *wish)
{
    int64_t limit;
    return wish->limit == NULL || options_number("--limit", wish->limit, 1, PAGE_MAX, &limit);
}

/* Begins a table, which table_fini ends, with all items of an answer. */
static void fill_table(const struct session *session, const struct sheet *sheet,
                       const struct document *document, struct table *table)
{
    struct sheet_item item = {.session = session, .document = document, .list = sheet->list};
    size_t count = document_count(document, sheet->list);
    table_init(table, sheet->names);
    table_narrow(table, sheet->steps);
    if (sheet->beside_steps > 0) {
        table_flow(table, (size_t)sheet->beside_steps);
    }
    for (; item.index < count; item.index++) {
        sheet->put(table, &item);
    }
}

static int print_table(const struct session *session, const struct sheet *sheet,
                       const struct document *document)
{
    struct table table;
    fill_table(session, sheet, document, &table);
    enum status status = terminal_table(&table, false, sheet->none);
    table_fini(&table);
    return status == STATUS_OK ? EXIT_CODE_OK : EXIT_CODE_FAILED;
}

/* ---- live ---- */

struct watch {
    struct session *session;
    const struct sheet_wish *wish;
    const struct sheet *sheet;
    const char *path;
    bool colours;
};

static int ask(struct watch *watch, struct client_answer *answer)
{
    const struct client_request request = {
        .method = "GET", .path = watch->path, .stop = terminal_is_ending};
    return session_perform(watch->session, &request, answer);
}

static int64_t wall_ms(void)
{
    struct clock clock;
    clock_init(&clock, 0);
    return clock_now_ms(&clock);
}

/* terminal_draw */
static int draw(void *context, struct buffer *out)
{
    struct watch *watch = context;
    struct client_answer answer = {0};
    struct table table;
    int code = ask(watch, &answer);
    enum status status = view_head_draw(watch->session, watch->wish->what, wall_ms(), out);
    if (code == EXIT_CODE_OK && status == STATUS_OK) {
        fill_table(watch->session, watch->sheet, answer.document, &table);
        status = table.cells == 0 ? buffer_append_format(out, "%s\n", watch->sheet->none)
                                  : table_draw(&table, terminal_columns(), watch->colours, out);
        table_fini(&table);
    }
    document_destroy(&answer.document);
    return code == EXIT_CODE_OK && status != STATUS_OK ? EXIT_CODE_FAILED : code;
}

/* terminal_tell */
static int tell(void *context)
{
    struct watch *watch = context;
    struct client_answer answer = {0};
    int code = ask(watch, &answer);
    if (code == EXIT_CODE_OK) {
        code = json_line_print(wall_ms(), answer.document, watch->sheet->list);
    }
    document_destroy(&answer.document);
    return code;
}

/* ---- once ---- */

static int print_once(struct session *session, const struct sheet_wish *wish, const char *path,
                      const struct sheet *sheet)
{
    struct client_answer answer = {0};
    const struct client_request request = {.method = "GET", .path = path};
    int code = session_perform(session, &request, &answer);
    if (code == EXIT_CODE_OK) {
        code = wish->json ? rows_print_json(answer.document)
                          : print_table(session, sheet, answer.document);
        const char *next = document_text(answer.document, "pagination.nextCursor", "");
        if (next[0] != '\0') {
            terminal_line(stderr, "troupe: there may be more: --cursor %s", next);
        }
    }
    document_destroy(&answer.document);
    return code;
}

int sheet_print(struct session *session, const struct sheet_wish *wish, struct sheet_query *query,
                const struct sheet *sheet)
{
    sheet_query_add(query, "limit", wish->limit);
    sheet_query_add(query, "cursor", wish->cursor);
    if (query->status != STATUS_OK || buffer_append(&query->path, "", 1) != STATUS_OK) {
        fprintf(stderr, "troupe: what is asked for is too long\n");
        return EXIT_CODE_USAGE;
    }
    struct watch watch = {session, wish, sheet, (const char *)query->path.data,
                          terminal_has_colours()};
    if (wish->watch && wish->json) {
        return terminal_repeat(tell, &watch);
    }
    bool is_live = wish->watch && isatty(STDOUT_FILENO) == 1;
    return is_live ? terminal_show(draw, &watch) : print_once(session, wish, watch.path, sheet);
}

int sheet_print_as_admin(const struct sheet_wish *wish, struct sheet_query *query,
                         const struct sheet *sheet)
{
    struct session session;
    int code = EXIT_CODE_FAILED;
    if (session_open_admin(&session, wish->data, wish->user) == STATUS_OK) {
        code = sheet_print(&session, wish, query, sheet);
    }
    session_close(&session);
    return code;
}

const char *sheet_text(const struct sheet_item *item, const char *name)
{
    char member[MEMBER_SIZE];
    snprintf(member, sizeof member, "%s.%zu.%s", item->list, item->index, name);
    return document_text(item->document, member, "");
}

int64_t sheet_number(const struct sheet_item *item, const char *name)
{
    char member[MEMBER_SIZE];
    snprintf(member, sizeof member, "%s.%zu.%s", item->list, item->index, name);
    return document_integer(item->document, member, 0);
}
