/* `troupe failures`: failed jobs by what they failed of, from the admin API. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "cli/command.h"
#include "cli/failure_list.h"
#include "cli/filter.h"
#include "cli/session.h"
#include "cli/terminal.h"
#include "cli/terminal_text.h"

enum {
    PATH_SIZE = 8192,
    CURSOR_SIZE = 256,
    TEXT_SIZE_MAX = 16 << 20,
    LIMIT_USUAL = 20,
};

const char usage_failures[] =
    "usage: troupe failures [NAME=VALUE]... [--limit 20] [--wide | --json]\n"
    "                       [--user NAME] [--data DIR]\n"
    "Failed jobs, counted by what they failed of: those of one queue, with one error\n"
    "code, and with one message but for numbers, ids, addresses and quoted texts, are\n"
    "one group. The groups with the most jobs come first. NAME=VALUE as in `troupe\n"
    "jobs`, without a status. --limit is of the groups that are printed, 1000 at\n"
    "most. A terminal shows what it has room for, a message below its group where\n"
    "there is none beside it; --wide, and a pipe, have everything in one line. To try\n"
    "the jobs of one again:\n"
    "  troupe retry --where errorGroup=GROUP\n";

struct asking {
    struct session session;
    struct filter filter;
    struct failure_list *list;
    char cursor[CURSOR_SIZE]; /* where the next page begins; empty behind the last one */
    int64_t scanned;
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

static int ask_page(struct asking *asking)
{
    struct buffer path;
    struct client_answer answer = {0};
    int code = EXIT_CODE_USAGE;
    buffer_init(&path, PATH_SIZE);
    if (path_write(asking, &path) == STATUS_OK) {
        const struct client_request request = {.method = "GET", .path = (const char *)path.data};
        code = session_perform(&asking->session, &request, &answer);
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

/* To the end, however long that takes: counts of a part would mislead. */
static int ask_all(struct asking *asking)
{
    bool is_drawn = isatty(STDERR_FILENO) == 1;
    int code;
    do {
        code = ask_page(asking);
        if (is_drawn && asking->cursor[0] != '\0') {
            fprintf(stderr, "\r\033[K%" PRId64 " failed jobs, %" PRId64 " looked at",
                    failure_list_jobs(asking->list), asking->scanned);
        }
    } while (code == EXIT_CODE_OK && asking->cursor[0] != '\0');
    if (is_drawn) {
        fprintf(stderr, "\r\033[K");
    }
    return code;
}

static enum status print_table(const struct failure_list *list, size_t limit, bool is_wide)
{
    static const struct table_step steps[] = {
        {"FIRST", 0}, {"LAST", 19}, {"LAST", 0}, {"ERROR", 12}, {"QUEUE", 0}, {NULL, 0},
    };
    enum {
        BESIDE_STEPS = 3,   /* a message goes below before errors are cut */
        GROUP_COLUMNS = 68, /* a group has room beside its jobs, queue and error */
    };
    struct table table;
    bool is_below = !is_wide && isatty(STDOUT_FILENO) == 1 && terminal_columns() < GROUP_COLUMNS;
    table_init(&table, is_below ? failure_list_names_below : failure_list_names);
    table_narrow(&table, steps);
    table_flow(&table, BESIDE_STEPS);
    failure_list_put(list, limit, is_below, &table);
    enum status status = terminal_table(&table, is_wide, "no failed jobs match");
    table_fini(&table);
    return status;
}

static enum status print_json(const struct failure_list *list, size_t limit)
{
    struct json_writer writer;
    struct buffer json;
    struct buffer text;
    buffer_init(&text, TEXT_SIZE_MAX);
    buffer_init(&json, TEXT_SIZE_MAX);
    json_writer_init(&writer, &json);
    failure_list_write(list, limit, &writer);
    enum status status = json_writer_status(&writer);
    if (status == STATUS_OK) {
        status = terminal_json(buffer_slice(&json), &text);
    }
    if (status == STATUS_OK) {
        printf("%.*s\n", SLICE_PRINT(buffer_slice(&text)));
    }
    buffer_fini(&json);
    buffer_fini(&text);
    return status;
}

static int print(struct failure_list *list, size_t limit, bool json, bool is_wide)
{
    failure_list_sort(list);
    int64_t others = failure_list_others(list, limit);
    enum status status = json ? print_json(list, limit) : print_table(list, limit, is_wide);
    if (status != STATUS_OK) {
        fprintf(stderr, "troupe: the answer is too long\n");
    }
    if (status == STATUS_OK && !json && others > 0) {
        fprintf(stderr, "troupe: %" PRId64 " jobs more are in other groups\n", others);
    }
    return status == STATUS_OK ? EXIT_CODE_OK : EXIT_CODE_FAILED;
}

int command_failures(int count, char **words)
{
    struct asking asking = {0};
    struct clock clock;
    int64_t groups = LIMIT_USUAL;
    bool json = false, wide = false;
    const char *data = NULL, *user = NULL, *limit = NULL;
    const struct option_rule rules[] = {
        {"--data", &data, NULL}, {"--user", &user, NULL}, {"--limit", &limit, NULL},
        {"--json", NULL, &json}, {"--wide", NULL, &wide},
    };
    int others = options_take(count, words, rules, sizeof rules / sizeof rules[0]);
    if (others < 0) {
        return options_bad(usage_failures);
    }
    clock_init(&clock, 0);
    if (!filter_take(&asking.filter, others, words, clock_now_ms(&clock))) {
        return EXIT_CODE_USAGE;
    }
    if (limit != NULL && !options_number("--limit", limit, 1, FAILURE_GROUPS_MAX, &groups)) {
        return EXIT_CODE_USAGE;
    }
    int code = EXIT_CODE_FAILED;
    if (failure_list_new(&asking.list) == STATUS_OK &&
        session_open_admin(&asking.session, data, user) == STATUS_OK) {
        code = ask_all(&asking);
    }
    if (code == EXIT_CODE_OK) {
        code = print(asking.list, (size_t)groups, json, wide);
    }
    session_close(&asking.session);
    failure_list_destroy(&asking.list);
    return code;
}
