#include "cli/job_watch.h"

#include <string.h>
#include "base/clock.h"
#include "cli/command.h"
#include "cli/job_page.h"
#include "cli/json_line.h"
#include "cli/terminal.h"
#include "cli/view_head.h"

enum {
    ASK_MS = 1000,
    ASK_MS_MAX = 5000, /* nobody takes an older list for how it is; one slow answer was bad luck */
    SHARE = 10,        /* of the broker's time for searches a view takes a tenth, below that */
    CODE_BUSY = 503,
    LINES_BESIDE = 5, /* of a view: its head, that of the table, and one below it */
    HEAD_SIZE = 2048,
    LIMIT_USUAL = 20,
};

struct watch {
    struct session *session;
    const struct job_watch *wish;
    struct document *last; /* the newest page; NULL before it */
    int64_t last_at_ms;    /* when it came, as wall_ms tells */
    bool is_new;           /* it came with the last answer */
    bool is_busy;          /* the broker had no time for another search */
    bool colours;
    int64_t limit;     /* of the newest page */
    int64_t ask_at_ms; /* as clock_monotonic_ms tells */
};

static int64_t wall_ms(void)
{
    struct clock clock;
    clock_init(&clock, 0);
    return clock_now_ms(&clock);
}

/* As many jobs as have a line each. */
static int64_t limit_of(const struct watch *watch)
{
    int64_t room = watch->wish->json ? LIMIT_USUAL : terminal_lines() - LINES_BESIDE;
    room = watch->wish->limit > 0 ? watch->wish->limit : room;
    return room < 1 ? 1 : room < JOB_PAGE_MAX ? room : JOB_PAGE_MAX;
}

/* Whether the words, with their times as of now, make a path. */
static bool write_path(const struct watch *watch, struct buffer *path)
{
    const struct job_watch *wish = watch->wish;
    struct job_page page;
    bool is_one = job_page_take(&page, wish->count, wish->words, wall_ms()) &&
                  (wish->group == NULL || filter_add_group(&page.filter, wish->group));
    if (!is_one) {
        return false;
    }
    bool fits = job_page_path(&page, watch->limit, "", path) == STATUS_OK;
    if (!fits) {
        fputs("troupe: what is asked for is too long\n", stderr);
    }
    return fits;
}

/* Takes an answer: the list, or that there was no time for it, which a view outlives. */
static int take(struct watch *watch, enum status status, struct client_answer *answer)
{
    const char *code =
        answer->document == NULL ? "" : document_text(answer->document, "error.code", "");
    watch->is_new = false;
    watch->is_busy = status == STATUS_OK && answer->code == CODE_BUSY && strcmp(code, "busy") == 0;
    if (watch->is_busy) {
        return EXIT_CODE_OK;
    }
    int judged = session_judge(watch->session, status, answer);
    if (judged == EXIT_CODE_OK) {
        document_destroy(&watch->last);
        watch->last = answer->document;
        watch->last_at_ms = wall_ms();
        watch->is_new = true;
        answer->document = NULL;
    }
    return judged;
}

/* How long to wait behind an answer that took so long. */
static int64_t wait_ms(int64_t took_ms)
{
    int64_t share_ms = took_ms * (SHARE - 1);
    int64_t most_ms = share_ms < ASK_MS_MAX ? share_ms : ASK_MS_MAX;
    return most_ms > ASK_MS ? most_ms : ASK_MS;
}

/* Asks for the list. The longer that takes the later it is asked for again. */
static int ask(struct watch *watch)
{
    struct buffer path;
    struct client_answer answer = {0};
    int code = EXIT_CODE_USAGE;
    int64_t begun_ms = clock_monotonic_ms();
    watch->limit = limit_of(watch);
    buffer_init(&path, JOB_PAGE_PATH_SIZE_MAX);
    if (write_path(watch, &path)) {
        const struct client_request request = {
            .method = "GET", .path = (const char *)path.data, .stop = terminal_is_ending};
        enum status status = client_perform(watch->session->client, &request, &answer);
        code = take(watch, status, &answer);
    }
    int64_t ended_ms = clock_monotonic_ms();
    watch->ask_at_ms = ended_ms + wait_ms(ended_ms - begun_ms);
    document_destroy(&answer.document);
    buffer_fini(&path);
    return code;
}

/* ---- a view ---- */

/* The line above the list, with what is searched for, and from when it is. */
static enum status draw_head(const struct watch *watch, struct buffer *out)
{
    char head[HEAD_SIZE] = "jobs";
    const struct job_watch *wish = watch->wish;
    size_t size = strlen(head);
    for (int index = 0; index < wish->count && size < sizeof head; index++) {
        size += (size_t)snprintf(head + size, sizeof head - size, " %s", wish->words[index]);
    }
    if (wish->group != NULL && size < sizeof head) {
        snprintf(head + size, sizeof head - size, " groupId=%s", wish->group);
    }
    return view_head_draw(watch->session, head, watch->last == NULL ? wall_ms() : watch->last_at_ms,
                          out);
}

/* What there is to say below it; nothing of a list that is whole and new. */
static enum status draw_foot(const struct watch *watch, size_t count, struct buffer *out)
{
    const char *next = document_text(watch->last, "pagination.nextCursor", "");
    bool is_short = next[0] != '\0' && (int64_t)count < watch->limit;
    if (watch->is_busy) {
        return buffer_append_format(out, "the broker is busy: as it was\n");
    }
    if (is_short) {
        long long scanned = (long long)document_integer(watch->last, "pagination.scanned", 0);
        return buffer_append_format(out, "of the newest %lld jobs: there may be more\n", scanned);
    }
    return count == 0 ? buffer_append_format(out, "no jobs match\n") : STATUS_OK;
}

static enum status draw_list(const struct watch *watch, struct buffer *out)
{
    struct table table;
    size_t count = document_count(watch->last, "data.jobs");
    job_page_table(&table);
    for (size_t index = 0; index < count; index++) {
        job_page_put(&table, watch->last, index);
    }
    enum status status =
        count > 0 ? table_draw(&table, terminal_columns(), watch->colours, out) : STATUS_OK;
    table_fini(&table);
    return status == STATUS_OK ? draw_foot(watch, count, out) : status;
}

/* terminal_draw */
static int draw(void *context, struct buffer *out)
{
    struct watch *watch = context;
    int code = clock_monotonic_ms() >= watch->ask_at_ms ? ask(watch) : EXIT_CODE_OK;
    enum status status = draw_head(watch, out);
    if (code == EXIT_CODE_OK && status == STATUS_OK && watch->last != NULL) {
        status = draw_list(watch, out);
    }
    return code == EXIT_CODE_OK && status != STATUS_OK ? EXIT_CODE_FAILED : code;
}

/* ---- the same for programs ---- */

/* terminal_tell */
static int tell(void *context)
{
    struct watch *watch = context;
    if (clock_monotonic_ms() < watch->ask_at_ms) {
        return EXIT_CODE_OK;
    }
    int code = ask(watch);
    bool is_told = code == EXIT_CODE_OK && watch->is_new;
    return is_told ? json_line_print(watch->last_at_ms, watch->last, "data.jobs") : code;
}

int job_watch(struct session *session, const struct job_watch *wish)
{
    struct watch watch = {.session = session, .wish = wish, .colours = terminal_has_colours()};
    int code = wish->json ? terminal_repeat(tell, &watch) : terminal_show(draw, &watch);
    document_destroy(&watch.last);
    return code;
}
