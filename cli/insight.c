/* `troupe audit`, `users` and `providers`: tables from the admin API. */

#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "cli/command.h"
#include "cli/filter.h"
#include "cli/rows.h"
#include "cli/session.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "cli/terminal_text.h"

enum {
    DAY_MS = 86400000,
    PATH_SIZE = 4096,
    MEMBER_SIZE = 96,
    PAGE_MAX = 100,
};

const char usage_audit[] =
    "usage: troupe audit [--by WHO] [--action ACTION] [--limit 20] [--cursor CURSOR]\n"
    "                    [--json] [--user NAME] [--data DIR]\n"
    "Who did what to the stack, and who was refused, the newest first; --by and\n"
    "--action find the lines of one user or one action. --limit is at most 100. When\n"
    "there may be more it tells the cursor that goes on.\n";

const char usage_users[] =
    "usage: troupe users [--limit 20] [--cursor CURSOR] [--json] [--user NAME]\n"
    "                    [--data DIR]\n"
    "Who has live jobs, those with the most first, or has spent today, and how much\n"
    "(UTC), in US dollars. --limit is at most 100. When there are more it tells the\n"
    "cursor that goes on.\n";

const char usage_providers[] =
    "usage: troupe providers [--json] [--user NAME] [--data DIR]\n"
    "The providers that workers call: whether each is down, how many calls its\n"
    "account has left, and how many jobs wait for it. What each has cost is told by\n"
    "troupe usage --all.\n";

/* A query string that grows by what was asked for. */
struct query {
    struct buffer path;
    enum status status;
};

static void query_init(struct query *query, const char *path)
{
    buffer_init(&query->path, PATH_SIZE);
    query->status = buffer_append_format(&query->path, "%s?", path);
}

/* Adds a parameter; NULL for one that was not asked for. */
static void query_add(struct query *query, const char *name, const char *value)
{
    if (value == NULL || query->status != STATUS_OK) {
        return;
    }
    query->status = buffer_append_format(&query->path, "&%s=", name);
    if (query->status == STATUS_OK) {
        query->status = filter_escape(value, &query->path);
    }
}

/* How an answer is printed. */
struct sheet {
    const char *list;         /* of the answer's data */
    const char *const *names; /* of the columns, as table_init takes them */
    const struct table_step *steps;
    void (*put)(struct table *table, const struct document *document, size_t index);
    const char *none; /* what is said of an empty list */
};

static int print_table(const struct sheet *sheet, const struct document *document)
{
    struct table table;
    char member[MEMBER_SIZE];
    snprintf(member, sizeof member, "data.%s", sheet->list);
    size_t count = document_count(document, member);
    table_init(&table, sheet->names);
    table_narrow(&table, sheet->steps);
    for (size_t index = 0; index < count; index++) {
        sheet->put(&table, document, index);
    }
    enum status status = terminal_table(&table, false, sheet->none);
    table_fini(&table);
    return status == STATUS_OK ? EXIT_CODE_OK : EXIT_CODE_FAILED;
}

struct wish {
    const char *data, *user, *cursor, *limit;
    bool json;
};

/* Asks, prints, and tells whether there may be more. */
static int perform(const struct wish *wish, struct query *query, const struct sheet *sheet)
{
    struct session session;
    struct client_answer answer = {0};
    int code = EXIT_CODE_USAGE;
    query_add(query, "limit", wish->limit);
    query_add(query, "cursor", wish->cursor);
    if (query->status != STATUS_OK || buffer_append(&query->path, "", 1) != STATUS_OK) {
        fprintf(stderr, "troupe: what is asked for is too long\n");
        return code;
    }
    const struct client_request request = {.method = "GET", .path = (const char *)query->path.data};
    code = EXIT_CODE_FAILED;
    if (session_open_admin(&session, wish->data, wish->user) == STATUS_OK) {
        code = session_perform(&session, &request, &answer);
    }
    if (code == EXIT_CODE_OK) {
        code = wish->json ? rows_print_json(answer.document) : print_table(sheet, answer.document);
        const char *next = document_text(answer.document, "pagination.nextCursor", "");
        if (next[0] != '\0') {
            terminal_line(stderr, "troupe: there may be more: --cursor %s", next);
        }
    }
    document_destroy(&answer.document);
    session_close(&session);
    return code;
}

static const char *text_at(const struct document *document, const char *list, size_t index,
                           const char *name)
{
    char member[MEMBER_SIZE];
    snprintf(member, sizeof member, "data.%s.%zu.%s", list, index, name);
    return document_text(document, member, "");
}

static int64_t number_at(const struct document *document, const char *list, size_t index,
                         const char *name)
{
    char member[MEMBER_SIZE];
    snprintf(member, sizeof member, "data.%s.%zu.%s", list, index, name);
    return document_integer(document, member, 0);
}

/* ---- audit ---- */

static void put_line(struct table *table, const struct document *document, size_t index)
{
    const char *outcome = text_at(document, "audit", index, "outcome");
    const char *target = text_at(document, "audit", index, "target");
    int64_t left_out = number_at(document, "audit", index, "leftOut");
    bool good = strcmp(outcome, "ok") == 0 || strcmp(outcome, "unchanged") == 0;
    table_put(table, TABLE_PLAIN, "%s", text_at(document, "audit", index, "at"));
    table_put(table, TABLE_PLAIN, "%s", text_at(document, "audit", index, "user"));
    table_put(table, TABLE_PLAIN, "%s", text_at(document, "audit", index, "role"));
    table_put(table, TABLE_PLAIN, "%s", text_at(document, "audit", index, "action"));
    table_put(table, TABLE_PLAIN, "%s", target[0] == '\0' ? "-" : target);
    if (left_out > 0) {
        table_put(table, TABLE_RED, "%s, %lld times", outcome, (long long)left_out);
    } else {
        table_put(table, good ? TABLE_GREEN : TABLE_RED, "%s", outcome);
    }
    table_put(table, TABLE_PLAIN, "%s", text_at(document, "audit", index, "requestId"));
}

int command_audit(int count, char **words)
{
    static const char *const names[] = {"AT",     "WHO",     "ROLE",    "ACTION",
                                        "TARGET", "OUTCOME", "REQUEST", NULL};
    static const struct table_step steps[] = {
        {"REQUEST", 0}, {"ROLE", 0}, {"AT", 19}, {"WHO", 16}, {"TARGET", 8}, {NULL, 0},
    };
    static const struct sheet sheet = {"audit", names, steps, put_line,
                                       "nothing in the audit log matches"};
    struct wish wish = {0};
    struct query query;
    const char *by = NULL, *action = NULL;
    const struct option_rule rules[] = {
        {"--data", &wish.data, NULL},
        {"--user", &wish.user, NULL},
        {"--by", &by, NULL},
        {"--action", &action, NULL},
        {"--limit", &wish.limit, NULL},
        {"--cursor", &wish.cursor, NULL},
        {"--json", NULL, &wish.json},
    };
    int64_t limit;
    int others = options_take(count, words, rules, sizeof rules / sizeof rules[0]);
    if (others != 0) {
        return options_words(usage_audit, "", 0, 0, others, words);
    }
    if (wish.limit != NULL && !options_number("--limit", wish.limit, 1, PAGE_MAX, &limit)) {
        return EXIT_CODE_USAGE;
    }
    query_init(&query, "/api/v1/admin/audit");
    query_add(&query, "user", by);
    query_add(&query, "action", action);
    int code = perform(&wish, &query, &sheet);
    buffer_fini(&query.path);
    return code;
}

/* ---- users ---- */

static void put_user(struct table *table, const struct document *document, size_t index)
{
    static const char *const names[] = {"active", "waiting", "pending"};
    table_put(table, TABLE_PLAIN, "%s", text_at(document, "users", index, "owner"));
    int64_t all = document_integer(document, "data.totals.active", 0);
    int64_t active = number_at(document, "users", index, "active");
    for (size_t name = 0; name < sizeof names / sizeof names[0]; name++) {
        int64_t number = number_at(document, "users", index, names[name]);
        table_put(table, TABLE_PLAIN, "%lld", (long long)number);
    }
    table_put(table, TABLE_PLAIN, "%.1f%%", all > 0 ? 100.0 * (double)active / (double)all : 0.0);
    char member[MEMBER_SIZE];
    char spent[MONEY_TEXT_SIZE];
    uint64_t amount;
    snprintf(member, sizeof member, "data.users.%zu.spentTodayUsd", index);
    bool is_told = document_money(document, member, &amount);
    table_put(table, TABLE_PLAIN, "%s", is_told ? money_format(amount, spent) : "-");
}

int command_users(int count, char **words)
{
    static const char *const names[] = {"USER",   "#ACTIVE", "#WAITING", "#PENDING",
                                        "#SHARE", "#SPENT",  NULL};
    static const struct table_step steps[] = {
        {"USER", 24}, {"SHARE", 0}, {"PENDING", 0}, {"SPENT", 0}, {NULL, 0},
    };
    static const struct sheet sheet = {"users", names, steps, put_user,
                                       "nobody has live jobs, or has spent today"};
    struct wish wish = {0};
    struct query query;
    const struct option_rule rules[] = {
        {"--data", &wish.data, NULL},   {"--user", &wish.user, NULL},
        {"--limit", &wish.limit, NULL}, {"--cursor", &wish.cursor, NULL},
        {"--json", NULL, &wish.json},
    };
    int64_t limit;
    int others = options_take(count, words, rules, sizeof rules / sizeof rules[0]);
    if (others != 0) {
        return options_words(usage_users, "", 0, 0, others, words);
    }
    if (wish.limit != NULL && !options_number("--limit", wish.limit, 1, PAGE_MAX, &limit)) {
        return EXIT_CODE_USAGE;
    }
    query_init(&query, "/api/v1/admin/users");
    int code = perform(&wish, &query, &sheet);
    buffer_fini(&query.path);
    return code;
}

/* ---- providers ---- */

static const char *provider_text(const struct document *document, size_t index, const char *name)
{
    return text_at(document, "providers", index, name);
}

static int64_t provider_number(const struct document *document, size_t index, const char *name)
{
    return number_at(document, "providers", index, name);
}

static void put_state(struct table *table, const struct document *document, size_t index)
{
    const char *breaker = provider_text(document, index, "breaker.state");
    if (provider_number(document, index, "workers") == 0) {
        table_put(table, TABLE_PLAIN, "unused");
    } else if (strcmp(breaker, "closed") == 0) {
        bool pauses = provider_text(document, index, "blockedUntil")[0] != '\0';
        bool is_limited = provider_text(document, index, "limitedUntil")[0] != '\0';
        table_put(table, pauses || is_limited ? TABLE_YELLOW : TABLE_GREEN,
                  pauses       ? "pausing"
                  : is_limited ? "at limit"
                               : "works");
    } else {
        bool is_open = strcmp(breaker, "open") == 0;
        table_put(table, is_open ? TABLE_RED : TABLE_YELLOW, is_open ? "down" : "trying");
    }
}

/* The items of a list in one cell. */
static void put_list(struct table *table, const struct document *document, size_t index,
                     const char *name, const char *otherwise,
                     int (*write)(char *out, size_t size, const struct document *document,
                                  const char *item))
{
    char text[TABLE_CELL_SIZE_MAX] = "";
    char member[MEMBER_SIZE];
    size_t used = 0;
    snprintf(member, sizeof member, "data.providers.%zu.%s", index, name);
    size_t count = document_count(document, member);
    for (size_t item = 0; item < count && used < sizeof text - 1; item++) {
        snprintf(member, sizeof member, "data.providers.%zu.%s.%zu", index, name, item);
        used += (size_t)snprintf(text + used, sizeof text - used, "%s", item == 0 ? "" : ",");
        used += (size_t)write(text + used, sizeof text - used, document, member);
    }
    table_put(table, TABLE_PLAIN, "%s", count == 0 ? otherwise : text);
}

static int write_use(char *out, size_t size, const struct document *document, const char *item)
{
    return snprintf(out, size, "%s", document_text(document, item, ""));
}

static int write_limit(char *out, size_t size, const struct document *document, const char *item)
{
    char member[MEMBER_SIZE];
    int64_t values[3] = {0};
    static const char *const names[] = {"used", "max", "durationMs"};
    for (size_t index = 0; index < 3; index++) {
        snprintf(member, sizeof member, "%s.%s", item, names[index]);
        values[index] = document_integer(document, member, 0);
    }
    bool is_day = values[2] >= DAY_MS;
    return snprintf(out, size, "%lld/%lld in %lld%c", (long long)values[0], (long long)values[1],
                    (long long)values[2] / (is_day ? DAY_MS : 1000), is_day ? 'd' : 's');
}

/* When it may be called again: what holds it first is told. */
static const char *provider_until(const struct document *document, size_t index)
{
    static const char *const names[] = {"breaker.until", "blockedUntil", "limitedUntil"};
    const char *until = "";
    for (size_t name = 0; name < sizeof names / sizeof names[0] && until[0] == '\0'; name++) {
        until = provider_text(document, index, names[name]);
    }
    return until;
}

static void put_provider(struct table *table, const struct document *document, size_t index)
{
    const char *until = provider_until(document, index);
    int64_t errors = provider_number(document, index, "perMinute.errors");
    table_put(table, TABLE_PLAIN, "%s", provider_text(document, index, "provider"));
    put_state(table, document, index);
    put_list(table, document, index, "uses", "-", write_use);
    table_put(table, TABLE_PLAIN, "%lld",
              (long long)provider_number(document, index, "perMinute.calls"));
    table_put(table, errors > 0 ? TABLE_RED : TABLE_PLAIN, "%lld", (long long)errors);
    table_put(table, TABLE_PLAIN, "%lld", (long long)provider_number(document, index, "waiting"));
    table_put(table, TABLE_PLAIN, "%lld", (long long)provider_number(document, index, "workers"));
    table_put(table, TABLE_PLAIN, "%s", provider_text(document, index, "account"));
    put_list(table, document, index, "limits", "none", write_limit);
    table_put(table, TABLE_PLAIN, "%s", until[0] == '\0' ? "-" : until);
}

int command_providers(int count, char **words)
{
    static const char *const names[] = {"PROVIDER", "STATE",    "USES",     "#CALLS",
                                        "#ERRORS",  "#WAITING", "#WORKERS", "ACCOUNT",
                                        "LIMITS",   "UNTIL",    NULL};
    static const struct table_step steps[] = {
        {"ACCOUNT", 0}, {"CALLS", 0},     {"WORKERS", 0}, {"USES", 12}, {"UNTIL", 19},
        {"USES", 0},    {"PROVIDER", 24}, {"LIMITS", 16}, {NULL, 0},
    };
    static const struct sheet sheet = {"providers", names, steps, put_provider,
                                       "no provider is known: no actor has declared one"};
    struct wish wish = {0};
    struct query query;
    const struct option_rule rules[] = {
        {"--data", &wish.data, NULL},
        {"--user", &wish.user, NULL},
        {"--json", NULL, &wish.json},
    };
    int others = options_take(count, words, rules, sizeof rules / sizeof rules[0]);
    if (others != 0) {
        return options_words(usage_providers, "", 0, 0, others, words);
    }
    query_init(&query, "/api/v1/admin/providers");
    int code = perform(&wish, &query, &sheet);
    buffer_fini(&query.path);
    return code;
}
