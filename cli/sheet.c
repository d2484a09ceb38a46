#include "cli/sheet.h"

#include <inttypes.h>
#include <stdio.h>
#include "cli/command.h"
#include "cli/filter.h"
#include "cli/json_line.h"
#include "cli/rows.h"
#include "cli/terminal.h"
#include "cli/terminal_text.h"
#include "cli/watch.h"

enum {
    PATH_SIZE = 4096,
    LIMIT_SIZE = 32,
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

struct live {
    struct session *session;
    const struct sheet_wish *wish;
    const struct sheet *sheet;
    const char *path;
    struct document *page; /* the newest; NULL before it */
};

/* watch_view.ask */
static int ask(void *context, struct watch *watch)
{
    struct live *live = context;
    char path[PATH_SIZE + LIMIT_SIZE];
    struct client_answer answer = {0};
    bool fits_room = live->sheet->has_pages && live->wish->limit == NULL && !live->wish->json;
    int64_t limit = watch_room();
    snprintf(path, sizeof path, fits_room ? "%s&limit=%" PRId64 : "%s", live->path,
             limit < PAGE_MAX ? limit : PAGE_MAX);
    int code = watch_get(live->session, watch, path, &answer);
    if (code == EXIT_CODE_OK) {
        document_destroy(&live->page);
        live->page = answer.document;
        answer.document = NULL;
    }
    document_destroy(&answer.document);
    return code;
}

/* watch_view.draw */
static enum status draw(void *context, int64_t at_ms, struct buffer *out)
{
    const struct live *live = context;
    struct table table;
    (void)at_ms;
    if (live->page == NULL) {
        return STATUS_OK;
    }
    fill_table(live->session, live->sheet, live->page, &table);
    enum status status = table.cells == 0
                             ? buffer_append_format(out, "%s\n", live->sheet->none)
                             : table_draw(&table, terminal_columns(), terminal_has_colours(), out);
    table_fini(&table);
    return status;
}

/* watch_view.put */
static enum status put(void *context, struct json_writer *json)
{
    const struct live *live = context;
    enum status status = json_line_put(json, live->page, live->sheet->list);
    return status == STATUS_OK && live->sheet->beside != NULL
               ? json_line_put(json, live->page, live->sheet->beside)
               : status;
}

static int watch(struct session *session, const struct sheet_wish *wish, const char *path,
                 const struct sheet *sheet)
{
    struct live live = {.session = session, .wish = wish, .sheet = sheet, .path = path};
    const struct watch_view view = {wish->what, 0, ask, draw, put, &live};
    int code = watch_show(session, &view, wish->json);
    document_destroy(&live.page);
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
    const char *path = (const char *)query->path.data;
    return wish->watch && watch_is_live(wish->json) ? watch(session, wish, path, sheet)
                                                    : print_once(session, wish, path, sheet);
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
