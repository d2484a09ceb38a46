#include "cli/job_watch.h"

#include <stdio.h>
#include "base/clock.h"
#include "cli/command.h"
#include "cli/job_page.h"
#include "cli/terminal.h"
#include "cli/watch.h"

enum {
    PAUSE_MS_MAX =
        5000, /* nobody takes an older list for how it is; one slow answer was bad luck */
    LIMIT_USUAL = 20,
};

struct job_list {
    struct session *session;
    const struct job_watch *wish;
    struct document *page; /* the newest; NULL before it */
    int64_t limit;         /* of it */
};

/* As many jobs as have a line each. */
static int64_t limit_of(const struct job_watch *wish)
{
    int64_t room = wish->limit > 0 ? wish->limit : wish->json ? LIMIT_USUAL : watch_room();
    return room < JOB_PAGE_MAX ? room : JOB_PAGE_MAX;
}

/* Whether the words, with their times as of now, make a path. */
static bool write_path(const struct job_watch *wish, int64_t limit, struct buffer *path)
{
    struct clock clock;
    struct job_page page;
    clock_init(&clock, 0);
    if (!job_page_take(&page, wish->count, wish->words, clock_now_ms(&clock))) {
        return false;
    }
    if (wish->group != NULL) {
        filter_set_group(&page.filter, wish->group);
    }
    bool fits = job_page_path(&page, limit, "", path) == STATUS_OK;
    if (!fits) {
        fputs("troupe: what is asked for is too long\n", stderr);
    }
    return fits;
}

/* watch_view.ask */
static int ask(void *context, struct watch *watch)
{
    struct job_list *list = context;
    struct buffer path;
    struct client_answer answer = {0};
    int code = EXIT_CODE_USAGE;
    int64_t limit = limit_of(list->wish);
    buffer_init(&path, JOB_PAGE_PATH_SIZE_MAX);
    if (write_path(list->wish, limit, &path)) {
        code = watch_get(list->session, watch, (const char *)path.data, &answer);
    }
    if (code == EXIT_CODE_OK) {
        document_destroy(&list->page);
        list->page = answer.document;
        list->limit = limit;
        answer.document = NULL;
    }
    document_destroy(&answer.document);
    buffer_fini(&path);
    return code;
}

/* What there is to say below the list; nothing of one that is whole. */
static enum status draw_foot(const struct job_list *list, size_t count, struct buffer *out)
{
    const char *next = document_text(list->page, "pagination.nextCursor", "");
    if (next[0] != '\0' && (int64_t)count < list->limit) {
        long long scanned = (long long)document_integer(list->page, "pagination.scanned", 0);
        return buffer_append_format(out, "of the newest %lld jobs: there may be more\n", scanned);
    }
    return count == 0 ? buffer_append_format(out, "no jobs match\n") : STATUS_OK;
}

/* watch_view.draw */
static enum status draw(void *context, int64_t at_ms, struct buffer *out)
{
    const struct job_list *list = context;
    struct table table;
    enum status status = STATUS_OK;
    (void)at_ms;
    if (list->page == NULL) {
        return STATUS_OK;
    }
    size_t count = document_count(list->page, "data.jobs");
    job_page_table(&table);
    for (size_t index = 0; index < count; index++) {
        job_page_put(&table, list->page, index);
    }
    if (count > 0) {
        status = table_draw(&table, terminal_columns(), terminal_has_colours(), out);
    }
    table_fini(&table);
    return status == STATUS_OK ? draw_foot(list, count, out) : status;
}

/* watch_view.put */
static enum status put(void *context, struct json_writer *json)
{
    const struct job_list *list = context;
    return json_line_put(json, list->page, "data.jobs");
}

int job_watch(struct session *session, const struct job_watch *wish)
{
    char what[WATCH_NAME_SIZE];
    struct job_list list = {.session = session, .wish = wish};
    const struct watch_view view = {what, PAUSE_MS_MAX, ask, draw, put, &list};
    watch_name(what, "jobs", wish->count, wish->words);
    int code = watch_show(session, &view, wish->json);
    document_destroy(&list.page);
    return code;
}
