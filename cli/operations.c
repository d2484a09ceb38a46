/* `troupe operations`: what is done to many jobs in the background, whoever began it. */

#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "cli/beginning.h"
#include "cli/command.h"
#include "cli/operation_follow.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "cli/watch.h"

enum {
    MEMBER_SIZE = 96,
    TEXT_SIZE_MAX = 1 << 20,
    LIMIT_USUAL = 20,
    LIMIT_MAX = 100, /* as many as the broker knows */
};

#define OPERATIONS_LIST "data.operations"
#define NONE            "there are no operations"

const char usage_operations[] =
    "usage: troupe operations [--limit 20] [--watch] [--json] [--user NAME]\n"
    "                         [--data DIR]\n"
    "       troupe operations OPERATION [--follow | --stop] [--json] [--user NAME]\n"
    "                         [--data DIR]\n"
    "What is done to many jobs in the background (`troupe retry --where` and its\n"
    "like, and the dashboard), whoever began it, the newest first: those that go on,\n"
    "and the last that have ended, 100 together. --watch shows them live, until q or\n"
    "Ctrl-C (exit code 0), and once into a pipe; with --json it tells them once a\n"
    "second, one object a line, until Ctrl-C. One is told with all its counts;\n"
    "--follow looks on until its end, and Ctrl-C ends only that; --stop stops it, and\n"
    "what it has done stays. OPERATION is an id of the list, or as much of its\n"
    "beginning as no other has.\n";

struct wish {
    const char *data, *user, *limit;
    bool json, watch, follow, stop;
};

/* ---- the list ---- */

static const char *text_at(const struct document *document, size_t index, const char *name)
{
    char member[MEMBER_SIZE];
    snprintf(member, sizeof member, OPERATIONS_LIST ".%zu.%s", index, name);
    return document_text(document, member, "");
}

static long long number_at(const struct document *document, size_t index, const char *name)
{
    char member[MEMBER_SIZE];
    snprintf(member, sizeof member, OPERATIONS_LIST ".%zu.%s", index, name);
    return (long long)document_integer(document, member, 0);
}

static void put_operation(struct table *table, const struct document *document, size_t index)
{
    static const char *const counts[] = {"matched", "done", "alreadyEnded", "refused"};
    char member[MEMBER_SIZE];
    char where[OPERATION_WHERE_SIZE];
    const char *state = text_at(document, index, "state");
    long long priority = number_at(document, index, "priority");
    table_put(table, TABLE_PLAIN, "%s", text_at(document, index, "operationId"));
    if (priority > 0) {
        table_put(table, TABLE_PLAIN, "%s %lld", text_at(document, index, "action"), priority);
    } else {
        table_put(table, TABLE_PLAIN, "%s", text_at(document, index, "action"));
    }
    table_put(table,
              strcmp(state, "running") == 0     ? TABLE_CYAN
              : strcmp(state, "completed") == 0 ? TABLE_GREEN
                                                : TABLE_YELLOW,
              "%s", state);
    table_put(table, TABLE_PLAIN, "%lld%%", number_at(document, index, "progress"));
    for (size_t count = 0; count < sizeof counts / sizeof counts[0]; count++) {
        table_put(table, TABLE_PLAIN, "%lld", number_at(document, index, counts[count]));
    }
    table_put(table, TABLE_PLAIN, "%s", text_at(document, index, "startedAt"));
    table_put(table, TABLE_PLAIN, "%s", text_at(document, index, "by"));
    snprintf(member, sizeof member, OPERATIONS_LIST ".%zu", index);
    table_put(table, TABLE_PLAIN, "%s", operation_where(document, member, where));
}

/* Begins a table, which table_fini ends, of the first so many. */
static void fill_table(const struct document *document, size_t count, struct table *table)
{
    static const char *const names[] = {"ID",       "ACTION", "STATE",      "#PROGRESS",
                                        "#MATCHED", "#DONE",  "#HAD ENDED", "#REFUSED",
                                        "STARTED",  "BY",     "JOBS",       NULL};
    static const struct table_step steps[] = {
        {"STARTED", 19}, {"ID", 13},     {"HAD ENDED", 0}, {"STARTED", 16}, {"ID", 8}, {"BY", 16},
        {"STARTED", 0},  {"REFUSED", 0}, {"MATCHED", 0},   {"BY", 8},       {NULL, 0},
    };
    table_init(table, names);
    table_narrow(table, steps);
    for (size_t index = 0; index < count; index++) {
        put_operation(table, document, index);
    }
}

/* Writes the first so many as a list. */
static enum status write_list(const struct document *document, size_t count,
                              struct json_writer *json)
{
    struct buffer item;
    char member[MEMBER_SIZE];
    enum status status = STATUS_OK;
    buffer_init(&item, TEXT_SIZE_MAX);
    json_name(json, "operations");
    json_array_begin(json);
    for (size_t index = 0; index < count && status == STATUS_OK; index++) {
        snprintf(member, sizeof member, OPERATIONS_LIST ".%zu", index);
        buffer_clear(&item);
        status = document_write(document, member, false, &item);
        json_put_raw(json, buffer_slice(&item));
    }
    json_array_end(json);
    buffer_fini(&item);
    return status == STATUS_OK ? json_writer_status(json) : status;
}

/* The list, as it was asked for. */
struct list {
    struct session *session;
    size_t limit;
    struct document *newest; /* NULL before it */
};

/* How many of them are shown. */
static size_t count_of(const struct list *list)
{
    size_t known = document_count(list->newest, OPERATIONS_LIST);
    return known < list->limit ? known : list->limit;
}

/* watch_view.ask */
static int ask(void *context, struct watch *watch)
{
    struct list *list = context;
    struct client_answer answer = {0};
    int code = watch_get(list->session, watch, OPERATIONS_PATH, &answer);
    if (code == EXIT_CODE_OK) {
        document_destroy(&list->newest);
        list->newest = answer.document;
        answer.document = NULL;
    }
    document_destroy(&answer.document);
    return code;
}

/* watch_view.draw */
static enum status draw(void *context, int64_t at_ms, struct buffer *out)
{
    const struct list *list = context;
    struct table table;
    (void)at_ms;
    if (list->newest == NULL) {
        return STATUS_OK;
    }
    fill_table(list->newest, count_of(list), &table);
    enum status status = table.cells == 0
                             ? buffer_append_format(out, "%s\n", NONE)
                             : table_draw(&table, terminal_columns(), terminal_has_colours(), out);
    table_fini(&table);
    return status;
}

/* watch_view.put */
static enum status put(void *context, struct json_writer *json)
{
    const struct list *list = context;
    return write_list(list->newest, count_of(list), json);
}

static int print_json(struct list *list)
{
    struct json_line line;
    json_line_begin(&line);
    if (put(list, &line.json) != STATUS_OK) {
        json_line_drop(&line);
        fprintf(stderr, "troupe: the answer is too long\n");
        return EXIT_CODE_FAILED;
    }
    return json_line_end(&line);
}

static int print_table(const struct list *list)
{
    struct table table;
    size_t count = count_of(list);
    size_t known = document_count(list->newest, OPERATIONS_LIST);
    fill_table(list->newest, count, &table);
    enum status status = terminal_table(&table, false, NONE);
    table_fini(&table);
    if (status != STATUS_OK) {
        fprintf(stderr, "troupe: the answer is too long\n");
    } else if (known > count) {
        fprintf(stderr, "troupe: %zu more are known: --limit %zu\n", known - count, known);
    }
    return status == STATUS_OK ? EXIT_CODE_OK : EXIT_CODE_FAILED;
}

static int print_once(struct list *list, bool json)
{
    int code = ask(list, NULL);
    if (code != EXIT_CODE_OK) {
        return code;
    }
    return json ? print_json(list) : print_table(list);
}

static int show_list(struct session *session, const struct wish *wish, size_t limit)
{
    struct list list = {.session = session, .limit = limit};
    const struct watch_view live = {"operations", 0, ask, draw, put, &list};
    bool is_live = wish->watch && watch_is_live(wish->json);
    int code = is_live ? watch_show(session, &live, wish->json) : print_once(&list, wish->json);
    document_destroy(&list.newest);
    return code;
}

/* ---- one ---- */

static int follow(struct session *session, const char *id, struct client_answer *answer)
{
    int signals = operation_signals();
    if (signals < 0) {
        fprintf(stderr, "troupe: no signals\n");
        return EXIT_CODE_FAILED;
    }
    int code = operation_follow(session, id, OPERATION_PART_WATCHER, signals, answer);
    close(signals);
    return code;
}

static int one(struct session *session, const struct wish *wish, const char *word)
{
    static const struct beginning_list operations = {OPERATIONS_PATH, OPERATIONS_LIST,
                                                     "operationId", "action", "operation"};
    char id[ID_TEXT_SIZE];
    char path[OPERATION_PATH_SIZE];
    struct client_answer answer = {0};
    const struct client_request request = {.method = wish->stop ? "DELETE" : "GET", .path = path};
    int code = beginning_find(session, &operations, word, id);
    if (code != EXIT_CODE_OK) {
        return code;
    }
    snprintf(path, sizeof path, OPERATIONS_PATH "/%s", id);
    code =
        wish->follow ? follow(session, id, &answer) : session_perform(session, &request, &answer);
    bool is_told = code == EXIT_CODE_OK || code == EXIT_CODE_JOB_CANCELLED ||
                   (code == EXIT_CODE_INTERRUPTED && answer.document != NULL);
    if (is_told) {
        int printed = operation_print(answer.document, wish->json);
        code = printed == EXIT_CODE_OK ? code : printed;
    }
    document_destroy(&answer.document);
    return code;
}

/* Says what does not go together, or is missing or too much. */
static int wrong_words(const struct wish *wish, int others, char *const *words)
{
    if (others == 1 && wish->follow && wish->stop) {
        return options_wrong(usage_operations, "--follow and --stop are not used together");
    }
    if (others == 1 && wish->watch) {
        return options_wrong(usage_operations,
                             "--watch is only for the list; --follow looks on at one");
    }
    if (others == 1) {
        return options_wrong(usage_operations, "--limit is only for the list");
    }
    return options_words(usage_operations, "OPERATION", 1, 1, others, words);
}

int command_operations(int count, char **words)
{
    struct wish wish = {0};
    struct session session;
    int64_t limit = LIMIT_USUAL;
    const struct option_rule rules[] = {
        {"--data", &wish.data, NULL},     {"--user", &wish.user, NULL},
        {"--limit", &wish.limit, NULL},   {"--json", NULL, &wish.json},
        {"--follow", NULL, &wish.follow}, {"--stop", NULL, &wish.stop},
        {"--watch", NULL, &wish.watch},
    };
    int others = options_take(count, words, rules, sizeof rules / sizeof rules[0]);
    bool is_list = others == 0 && !wish.follow && !wish.stop;
    bool is_one = others == 1 && !(wish.follow && wish.stop) && wish.limit == NULL && !wish.watch;
    if (!is_list && !is_one) {
        return wrong_words(&wish, others, words);
    }
    if (wish.limit != NULL && !options_number("--limit", wish.limit, 1, LIMIT_MAX, &limit)) {
        return EXIT_CODE_USAGE;
    }
    if (is_one && !beginning_is(words[0])) {
        return EXIT_CODE_USAGE;
    }
    int code = EXIT_CODE_FAILED;
    if (session_open_admin(&session, wish.data, wish.user) == STATUS_OK) {
        code = is_list ? show_list(&session, &wish, (size_t)limit) : one(&session, &wish, words[0]);
    }
    session_close(&session);
    return code;
}
