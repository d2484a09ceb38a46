/* `troupe failures`: failed jobs by what they failed of, from the admin API. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/clock.h"
#include "cli/beginning.h"
#include "cli/command.h"
#include "cli/failure_list.h"
#include "cli/filter.h"
#include "cli/session.h"
#include "cli/terminal.h"
#include "cli/watch.h"

enum {
    PATH_SIZE = 8192,
    CURSOR_SIZE = 256,
    LIMIT_USUAL = 20,
    TURN_MS = 800, /* of questions, before a view is drawn and keys are heard again */
    PAUSE_MS_MAX =
        60000, /* between two looks through all failed jobs: its head says of when it is */
};

#define NONE   "no failed jobs match"
#define OTHERS " jobs more are in other groups\n"

const char usage_failures[] =
    "usage: troupe failures [NAME=VALUE]... [--limit 20] [--wide | --json]\n"
    "                       [--user NAME] [--data DIR]\n"
    "       troupe failures [NAME=VALUE]... --watch [--limit 20] [--json]\n"
    "                       [--user NAME] [--data DIR]\n"
    "Failed jobs, counted by what they failed of: those of one queue, with one error\n"
    "code, and with one message but for numbers, ids, addresses and quoted texts, are\n"
    "one group. The groups with the most jobs come first. NAME=VALUE as in `troupe\n"
    "jobs`, without a status. --limit is of the groups that are printed, 1000 at\n"
    "most. A terminal shows what it has room for, a message below its group where\n"
    "there is none beside it; --wide, and a pipe, have everything in one line.\n"
    "--watch shows them live, until q or Ctrl-C (exit code 0), and once into a pipe;\n"
    "with --json it tells them, one object a line, until Ctrl-C. What takes long to\n"
    "count is counted less often than once a second. To try the jobs of one again:\n"
    "  troupe retry --where errorGroup=GROUP\n";

/* What is asked for, and how it is shown. */
struct wish {
    int count; /* of the words */
    char *const *words;
    size_t limit; /* groups that are shown */
    bool json, wide, watch;
};

struct asking {
    struct session session;
    const struct wish *wish;
    struct filter filter;      /* of the words, with their times as of when this look began */
    struct failure_list *list; /* what was come to; NULL before a look */
    char cursor[CURSOR_SIZE];  /* where the next page begins; empty behind the last one */
    char group[ID_TEXT_SIZE];  /* the whole id that groupId= means; empty: any */
    int64_t scanned;
    struct failure_list *whole; /* of the newest look that came to its end; NULL before it */
};

static enum status path_write(const struct asking *asking, struct buffer *path)
{
    enum status status = buffer_append_format(path, "/api/v1/admin/failures?limit=100");
    if (status == STATUS_OK) {
        status = filter_write_query(&asking->filter, path);
    }
    if (status == STATUS_OK && asking->cursor[0] != '\0') {
        status = buffer_append_format(path, "&cursor=");
    }
    if (status == STATUS_OK) {
        status = filter_escape(asking->cursor, path);
    }
    return status == STATUS_OK ? buffer_append(path, "", 1) : status;
}

/* Begins a look at all of them. Returns an exit code. */
static int begin(struct asking *asking)
{
    struct clock clock;
    clock_init(&clock, 0);
    asking->scanned = 0;
    if (!filter_take(&asking->filter, asking->wish->count, asking->wish->words,
                     clock_now_ms(&clock))) {
        return EXIT_CODE_USAGE;
    }
    if (asking->group[0] != '\0') {
        filter_set_group(&asking->filter, asking->group);
    }
    return failure_list_new(&asking->list) == STATUS_OK ? EXIT_CODE_OK : EXIT_CODE_FAILED;
}

/* Returns an exit code, or what watch_get does. */
static int ask_page(struct asking *asking, struct watch *watch)
{
    struct buffer path;
    struct client_answer answer = {0};
    int code = EXIT_CODE_USAGE;
    buffer_init(&path, PATH_SIZE);
    if (path_write(asking, &path) == STATUS_OK) {
        code = watch_get(&asking->session, watch, (const char *)path.data, &answer);
    } else {
        fprintf(stderr, "troupe: what is asked for is too long\n");
    }
    if (code == EXIT_CODE_OK) {
        const char *cursor = document_text(answer.document, "pagination.nextCursor", "");
        asking->scanned += document_integer(answer.document, "pagination.scanned", 0);
        snprintf(asking->cursor, sizeof asking->cursor, "%s", cursor);
        failure_list_add(asking->list, answer.document);
    }
    document_destroy(&answer.document);
    buffer_fini(&path);
    return code;
}

/* Puts what was come to in the place of the look before it. */
static void finish(struct asking *asking)
{
    failure_list_destroy(&asking->whole);
    asking->whole = asking->list;
    asking->list = NULL;
    failure_list_sort(asking->whole);
}

/* To the end, however long that takes: counts of a part would mislead. */
static int ask_all(struct asking *asking)
{
    bool is_drawn = terminal_is_drawn_on(STDERR_FILENO);
    int code = begin(asking);
    while (code == EXIT_CODE_OK) {
        code = ask_page(asking, NULL);
        if (asking->cursor[0] == '\0') {
            break;
        }
        if (is_drawn) {
            fprintf(stderr, "\r\033[K%" PRId64 " failed jobs, %" PRId64 " looked at",
                    failure_list_jobs(asking->list), asking->scanned);
        }
    }
    if (is_drawn) {
        fprintf(stderr, "\r\033[K");
    }
    if (code == EXIT_CODE_OK) {
        finish(asking);
    }
    return code;
}

/* ---- as a table, and as JSON ---- */

/* Begins a table, which table_fini ends. */
static void fill_table(const struct asking *asking, struct table *table)
{
    static const struct table_step steps[] = {
        {"FIRST", 0}, {"LAST", 19}, {"LAST", 0}, {"ERROR", 12}, {"QUEUE", 0}, {NULL, 0},
    };
    enum {
        BESIDE_STEPS = 3,   /* a message goes below before errors are cut */
        GROUP_COLUMNS = 68, /* a group has room beside its jobs, queue and error */
    };
    bool is_below =
        !asking->wish->wide && isatty(STDOUT_FILENO) == 1 && terminal_columns() < GROUP_COLUMNS;
    table_init(table, is_below ? failure_list_names_below : failure_list_names);
    table_narrow(table, steps);
    table_flow(table, BESIDE_STEPS);
    failure_list_put(asking->whole, asking->wish->limit, is_below, table);
}

static int print_table(const struct asking *asking)
{
    struct table table;
    int64_t others = failure_list_others(asking->whole, asking->wish->limit);
    fill_table(asking, &table);
    enum status status = terminal_table(&table, asking->wish->wide, NONE);
    table_fini(&table);
    if (status != STATUS_OK) {
        fprintf(stderr, "troupe: the answer is too long\n");
    } else if (others > 0) {
        fprintf(stderr, "troupe: %" PRId64 OTHERS, others);
    }
    return status == STATUS_OK ? EXIT_CODE_OK : EXIT_CODE_FAILED;
}

static int print_json(const struct asking *asking)
{
    struct json_line line;
    json_line_begin(&line);
    failure_list_write(asking->whole, asking->wish->limit, &line.json);
    return json_line_end(&line);
}

static int print_once(struct asking *asking)
{
    int code = ask_all(asking);
    if (code != EXIT_CODE_OK) {
        return code;
    }
    return asking->wish->json ? print_json(asking) : print_table(asking);
}

/* ---- live ---- */

/* watch_view.ask: page by page, for so long that keys are heard meanwhile. */
static int ask_on(void *context, struct watch *watch)
{
    struct asking *asking = context;
    int64_t until_ms = clock_monotonic_ms() + TURN_MS;
    int code = asking->list == NULL ? begin(asking) : EXIT_CODE_OK;
    if (code != EXIT_CODE_OK) {
        return code;
    }
    do {
        code = ask_page(asking, watch);
    } while (code == EXIT_CODE_OK && asking->cursor[0] != '\0' && clock_monotonic_ms() < until_ms);
    if (code == EXIT_CODE_OK && asking->cursor[0] != '\0') {
        return WATCH_MORE;
    }
    if (code == EXIT_CODE_OK) {
        finish(asking);
    }
    return code;
}

/* watch_view.draw */
static enum status draw(void *context, int64_t at_ms, struct buffer *out)
{
    const struct asking *asking = context;
    struct table table;
    (void)at_ms;
    if (asking->whole == NULL) {
        return asking->list == NULL
                   ? STATUS_OK
                   : buffer_append_format(out,
                                          "%" PRId64 " failed jobs, %" PRId64 " looked at so far\n",
                                          failure_list_jobs(asking->list), asking->scanned);
    }
    int64_t others = failure_list_others(asking->whole, asking->wish->limit);
    fill_table(asking, &table);
    enum status status = table.cells == 0
                             ? buffer_append_format(out, "%s\n", NONE)
                             : table_draw(&table, terminal_columns(), terminal_has_colours(), out);
    table_fini(&table);
    return status == STATUS_OK && others > 0 ? buffer_append_format(out, "%" PRId64 OTHERS, others)
                                             : status;
}

/* watch_view.put */
static enum status put(void *context, struct json_writer *json)
{
    const struct asking *asking = context;
    failure_list_write(asking->whole, asking->wish->limit, json);
    return json_writer_status(json);
}

static int watch(struct asking *asking)
{
    char what[WATCH_NAME_SIZE];
    const struct watch_view view = {what, PAUSE_MS_MAX, ask_on, draw, put, asking};
    watch_name(what, "failures", asking->wish->count, asking->wish->words);
    return watch_show(&asking->session, &view, asking->wish->json);
}

/* ---- the command ---- */

/* Checks what was asked for before anything is asked. Returns EXIT_CODE_OK or _USAGE. */
static int check(struct wish *wish, const char *limit, struct filter *filter)
{
    struct clock clock;
    int64_t groups = LIMIT_USUAL;
    clock_init(&clock, 0);
    if (!filter_take(filter, wish->count, wish->words, clock_now_ms(&clock))) {
        return EXIT_CODE_USAGE;
    }
    if (wish->watch && wish->wide) {
        return options_wrong(usage_failures, "--watch is used without --wide");
    }
    if (limit != NULL && !options_number("--limit", limit, 1, FAILURE_GROUPS_MAX, &groups)) {
        return EXIT_CODE_USAGE;
    }
    wish->limit = (size_t)groups;
    return EXIT_CODE_OK;
}

int command_failures(int count, char **words)
{
    struct wish wish = {.words = words};
    struct asking asking = {.wish = &wish};
    const char *data = NULL, *user = NULL, *limit = NULL;
    const struct option_rule rules[] = {
        {"--data", &data, NULL},      {"--user", &user, NULL},      {"--limit", &limit, NULL},
        {"--json", NULL, &wish.json}, {"--wide", NULL, &wish.wide}, {"--watch", NULL, &wish.watch},
    };
    wish.count = options_take(count, words, rules, sizeof rules / sizeof rules[0]);
    if (wish.count < 0) {
        return options_bad(usage_failures);
    }
    int code = check(&wish, limit, &asking.filter);
    if (code != EXIT_CODE_OK) {
        return code;
    }
    code = EXIT_CODE_FAILED;
    bool is_live = wish.watch && watch_is_live(wish.json);
    if (session_open_admin(&asking.session, data, user) == STATUS_OK) {
        code = beginning_find_group(&asking.session, &asking.filter, BEGINNING_READS_GROUP,
                                    asking.group);
    }
    if (code == EXIT_CODE_OK) {
        code = is_live ? watch(&asking) : print_once(&asking);
    }
    session_close(&asking.session);
    failure_list_destroy(&asking.list);
    failure_list_destroy(&asking.whole);
    return code;
}
