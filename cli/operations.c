/* `troupe operations`: what is done to many jobs in the background, whoever began it. */

#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/json_writer.h"
#include "cli/beginning.h"
#include "cli/command.h"
#include "cli/operation_follow.h"
#include "cli/table.h"
#include "cli/terminal.h"

enum {
    MEMBER_SIZE = 96,
    TEXT_SIZE_MAX = 1 << 20,
    LIMIT_USUAL = 20,
    LIMIT_MAX = 100, /* as many as the broker knows */
};

#define OPERATIONS_LIST "data.operations"

const char usage_operations[] =
    "usage: troupe operations [--limit 20] [--json] [--user NAME] [--data DIR]\n"
    "       troupe operations OPERATION [--follow | --stop] [--json] [--user NAME]\n"
    "                         [--data DIR]\n"
    "What is done to many jobs in the background (`troupe retry --where` and its\n"
    "like, and the dashboard), whoever began it, the newest first: those that go on,\n"
    "and the last that have ended, 100 together. One is told with all its counts;\n"
    "--follow looks on until its end, and Ctrl-C ends only that; --stop stops it, and\n"
    "what it has done stays. OPERATION is an id of the list, or as much of its\n"
    "beginning as no other has.\n";

struct wish {
    const char *data, *user, *limit;
    bool json, follow, stop;
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

static enum status print_table(const struct document *document, size_t count)
{
    static const char *const names[] = {"ID",       "ACTION", "STATE",      "#PROGRESS",
                                        "#MATCHED", "#DONE",  "#HAD ENDED", "#REFUSED",
                                        "STARTED",  "BY",     "JOBS",       NULL};
    static const struct table_step steps[] = {
        {"STARTED", 19}, {"ID", 13},     {"HAD ENDED", 0}, {"STARTED", 16}, {"ID", 8},
        {"STARTED", 0},  {"REFUSED", 0}, {"MATCHED", 0},   {NULL, 0},
    };
    struct table table;
    table_init(&table, names);
    table_narrow(&table, steps);
    for (size_t index = 0; index < count; index++) {
        put_operation(&table, document, index);
    }
    enum status status = terminal_table(&table, false, "there are no operations");
    table_fini(&table);
    return status;
}

static enum status write_json(const struct document *document, size_t count, struct buffer *text)
{
    struct json_writer writer;
    struct buffer item;
    char member[MEMBER_SIZE];
    enum status status = STATUS_OK;
    buffer_init(&item, TEXT_SIZE_MAX);
    json_writer_init(&writer, text);
    json_object_begin(&writer);
    json_name(&writer, "operations");
    json_array_begin(&writer);
    for (size_t index = 0; index < count && status == STATUS_OK; index++) {
        snprintf(member, sizeof member, OPERATIONS_LIST ".%zu", index);
        buffer_clear(&item);
        status = document_write(document, member, false, &item);
        json_put_raw(&writer, buffer_slice(&item));
    }
    json_array_end(&writer);
    json_object_end(&writer);
    buffer_fini(&item);
    status = status == STATUS_OK ? json_writer_status(&writer) : status;
    return status == STATUS_OK ? buffer_append(text, "\n", 1) : status;
}

static int print_list(const struct document *document, size_t limit, bool json)
{
    struct buffer text;
    size_t known = document_count(document, OPERATIONS_LIST);
    size_t count = known < limit ? known : limit;
    buffer_init(&text, TEXT_SIZE_MAX);
    enum status status = json ? write_json(document, count, &text) : print_table(document, count);
    if (status == STATUS_OK && json) {
        fwrite(text.data, 1, text.size, stdout);
    }
    if (status == STATUS_OK && !json && known > count) {
        fprintf(stderr, "troupe: %zu more are known: --limit %zu\n", known - count, known);
    }
    if (status != STATUS_OK) {
        fprintf(stderr, "troupe: the answer is too long\n");
    }
    buffer_fini(&text);
    return status == STATUS_OK ? EXIT_CODE_OK : EXIT_CODE_FAILED;
}

static int list(struct session *session, const struct wish *wish, size_t limit)
{
    struct client_answer answer = {0};
    const struct client_request request = {.method = "GET", .path = OPERATIONS_PATH};
    int code = session_perform(session, &request, &answer);
    if (code == EXIT_CODE_OK) {
        code = print_list(answer.document, limit, wish->json);
    }
    document_destroy(&answer.document);
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
                                                     "operationId", "operation"};
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
    };
    int others = options_take(count, words, rules, sizeof rules / sizeof rules[0]);
    bool is_list = others == 0 && !wish.follow && !wish.stop;
    bool is_one = others == 1 && !(wish.follow && wish.stop) && wish.limit == NULL;
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
        code = is_list ? list(&session, &wish, (size_t)limit) : one(&session, &wish, words[0]);
    }
    session_close(&session);
    return code;
}
