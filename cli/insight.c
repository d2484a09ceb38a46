/* `troupe audit`, `users` and `providers`: tables from the admin API. */

#include <stdio.h>
#include <string.h>
#include "cli/command.h"
#include "cli/sheet.h"
#include "cli/watch.h"

enum {
    DAY_MS = 86400000,
    MEMBER_SIZE = 96,
};

const char usage_audit[] =
    "usage: troupe audit [--by WHO] [--action ACTION] [--limit 20] [--cursor CURSOR]\n"
    "                    [--watch] [--json] [--user NAME] [--data DIR]\n"
    "Who did what to the stack, and who was refused, the newest first; --by and\n"
    "--action find the lines of one user or one action. --limit is at most 100. When\n"
    "there may be more it tells the cursor that goes on. --watch shows the newest\n"
    "live, as many as a terminal has room for or --limit says, until q or Ctrl-C\n"
    "(exit code 0), and once into a pipe; with --json it tells them once a second,\n"
    "one object a line, until Ctrl-C.\n";

const char usage_users[] =
    "usage: troupe users [--limit 20] [--cursor CURSOR] [--watch] [--json]\n"
    "                    [--user NAME] [--data DIR]\n"
    "Who has live jobs, those with the most first, or has spent today, and how much\n"
    "(UTC), in US dollars. --limit is at most 100. When there are more it tells the\n"
    "cursor that goes on. --watch shows them live, as many as a terminal has room for\n"
    "or --limit says, until q or Ctrl-C (exit code 0), and once into a pipe; with\n"
    "--json it tells them, and the totals of all, once a second, one object a line,\n"
    "until Ctrl-C.\n";

const char usage_providers[] =
    "usage: troupe providers [--watch] [--json] [--user NAME] [--data DIR]\n"
    "The providers that workers call: whether each is down, how many calls its\n"
    "account has left, and how many jobs wait for it. What each has cost is told by\n"
    "troupe usage --all. CALLS and ERRORS are of the last 60 seconds. A call counts\n"
    "when its answer is there, so a picture that takes a minute counts after it, and\n"
    "of a task its order; what went well is told by workers once a second. Polls and\n"
    "downloads count where they fail. --watch shows them live, until q or Ctrl-C\n"
    "(exit code 0), and once into a pipe; with --json it tells them once a second,\n"
    "one object a line, until Ctrl-C.\n";

/* ---- audit ---- */

static void put_line(struct table *table, const struct sheet_item *item)
{
    const char *outcome = sheet_text(item, "outcome");
    const char *target = sheet_text(item, "target");
    int64_t left_out = sheet_number(item, "leftOut");
    bool good = strcmp(outcome, "ok") == 0 || strcmp(outcome, "unchanged") == 0;
    table_put(table, TABLE_PLAIN, "%s", sheet_text(item, "at"));
    table_put(table, TABLE_PLAIN, "%s", sheet_text(item, "user"));
    table_put(table, TABLE_PLAIN, "%s", sheet_text(item, "role"));
    table_put(table, TABLE_PLAIN, "%s", sheet_text(item, "action"));
    table_put(table, TABLE_PLAIN, "%s", target[0] == '\0' ? "-" : target);
    if (left_out > 0) {
        table_put(table, TABLE_RED, "%s, %lld times", outcome, (long long)left_out);
    } else {
        table_put(table, good ? TABLE_GREEN : TABLE_RED, "%s", outcome);
    }
    table_put(table, TABLE_PLAIN, "%s", sheet_text(item, "requestId"));
}

/* What is watched of it. */
static void name_audit(const char *by, const char *action, char out[WATCH_NAME_SIZE])
{
    snprintf(out, WATCH_NAME_SIZE, "audit%s%s%s%s", by == NULL ? "" : " by ", by == NULL ? "" : by,
             action == NULL ? "" : " action ", action == NULL ? "" : action);
}

int command_audit(int count, char **words)
{
    static const char *const names[] = {"AT",     "WHO",     "ROLE",    "ACTION",
                                        "TARGET", "OUTCOME", "REQUEST", NULL};
    static const struct table_step steps[] = {
        {"REQUEST", 0}, {"ROLE", 0},   {"AT", 19}, {"WHO", 16},    {"TARGET", 8},  {"WHO", 8},
        {"AT", 16},     {"TARGET", 0}, {"AT", 0},  {"OUTCOME", 9}, {"ACTION", 16}, {NULL, 0},
    };
    static const struct sheet sheet = {.list = "data.audit",
                                       .names = names,
                                       .steps = steps,
                                       .put = put_line,
                                       .none = "nothing in the audit log matches",
                                       .has_pages = true};
    char what[WATCH_NAME_SIZE];
    struct sheet_wish wish = {.what = what};
    struct sheet_query query;
    const char *by = NULL, *action = NULL;
    const struct option_rule rules[] = {
        {"--data", &wish.data, NULL},
        {"--user", &wish.user, NULL},
        {"--by", &by, NULL},
        {"--action", &action, NULL},
        {"--limit", &wish.limit, NULL},
        {"--cursor", &wish.cursor, NULL},
        {"--json", NULL, &wish.json},
        {"--watch", NULL, &wish.watch},
    };
    int others = options_take(count, words, rules, sizeof rules / sizeof rules[0]);
    if (others != 0) {
        return options_words(usage_audit, "", 0, 0, others, words);
    }
    name_audit(by, action, what);
    if (!sheet_limit_is_good(&wish)) {
        return EXIT_CODE_USAGE;
    }
    sheet_query_init(&query, "/api/v1/admin/audit");
    sheet_query_add(&query, "user", by);
    sheet_query_add(&query, "action", action);
    int code = sheet_print_as_admin(&wish, &query, &sheet);
    sheet_query_fini(&query);
    return code;
}

/* ---- users ---- */

static void put_user(struct table *table, const struct sheet_item *item)
{
    static const char *const names[] = {"active", "waiting", "pending"};
    table_put(table, TABLE_PLAIN, "%s", sheet_text(item, "owner"));
    int64_t all = document_integer(item->document, "data.totals.active", 0);
    int64_t active = sheet_number(item, "active");
    for (size_t name = 0; name < sizeof names / sizeof names[0]; name++) {
        int64_t number = sheet_number(item, names[name]);
        table_put(table, TABLE_PLAIN, "%lld", (long long)number);
    }
    table_put(table, TABLE_PLAIN, "%.1f%%", all > 0 ? 100.0 * (double)active / (double)all : 0.0);
    char member[MEMBER_SIZE];
    char spent[MONEY_TEXT_SIZE];
    uint64_t amount;
    snprintf(member, sizeof member, "data.users.%zu.spentTodayUsd", item->index);
    bool is_told = document_money(item->document, member, &amount);
    table_put(table, TABLE_PLAIN, "%s", is_told ? money_format(amount, spent) : "-");
}

int command_users(int count, char **words)
{
    static const char *const names[] = {"USER",   "#ACTIVE", "#WAITING", "#PENDING",
                                        "#SHARE", "#SPENT",  NULL};
    static const struct table_step steps[] = {
        {"USER", 24}, {"SHARE", 0}, {"PENDING", 0}, {"SPENT", 0}, {NULL, 0},
    };
    static const struct sheet sheet = {.list = "data.users",
                                       .names = names,
                                       .steps = steps,
                                       .put = put_user,
                                       .none = "nobody has live jobs, or has spent today",
                                       .has_pages = true,
                                       .beside = "data.totals"};
    struct sheet_wish wish = {.what = "users"};
    struct sheet_query query;
    const struct option_rule rules[] = {
        {"--data", &wish.data, NULL},   {"--user", &wish.user, NULL},
        {"--limit", &wish.limit, NULL}, {"--cursor", &wish.cursor, NULL},
        {"--json", NULL, &wish.json},   {"--watch", NULL, &wish.watch},
    };
    int others = options_take(count, words, rules, sizeof rules / sizeof rules[0]);
    if (others != 0) {
        return options_words(usage_users, "", 0, 0, others, words);
    }
    if (!sheet_limit_is_good(&wish)) {
        return EXIT_CODE_USAGE;
    }
    sheet_query_init(&query, "/api/v1/admin/users");
    int code = sheet_print_as_admin(&wish, &query, &sheet);
    sheet_query_fini(&query);
    return code;
}

/* ---- providers ---- */

static void put_state(struct table *table, const struct sheet_item *item)
{
    const char *breaker = sheet_text(item, "breaker.state");
    if (sheet_number(item, "workers") == 0) {
        table_put(table, TABLE_PLAIN, "unused");
    } else if (strcmp(breaker, "closed") == 0) {
        bool pauses = sheet_text(item, "blockedUntil")[0] != '\0';
        bool is_limited = sheet_text(item, "limitedUntil")[0] != '\0';
        table_put(table, pauses || is_limited ? TABLE_YELLOW : TABLE_GREEN,
                  pauses       ? "pausing"
                  : is_limited ? "at limit"
                               : "works");
    } else {
        bool is_open = strcmp(breaker, "open") == 0;
        table_put(table, is_open ? TABLE_RED : TABLE_YELLOW, is_open ? "down" : "trying");
    }
}

/* The parts of a list in one cell. */
static void put_list(struct table *table, const struct sheet_item *item, const char *name,
                     const char *otherwise,
                     int (*write)(char *out, size_t size, const struct document *document,
                                  const char *part))
{
    char text[TABLE_CELL_SIZE_MAX] = "";
    char member[MEMBER_SIZE];
    size_t used = 0;
    snprintf(member, sizeof member, "data.providers.%zu.%s", item->index, name);
    size_t count = document_count(item->document, member);
    for (size_t part = 0; part < count && used < sizeof text - 1; part++) {
        snprintf(member, sizeof member, "data.providers.%zu.%s.%zu", item->index, name, part);
        used += (size_t)snprintf(text + used, sizeof text - used, "%s", part == 0 ? "" : ",");
        used += (size_t)write(text + used, sizeof text - used, item->document, member);
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
static const char *provider_until(const struct sheet_item *item)
{
    static const char *const names[] = {"breaker.until", "blockedUntil", "limitedUntil"};
    const char *until = "";
    for (size_t name = 0; name < sizeof names / sizeof names[0] && until[0] == '\0'; name++) {
        until = sheet_text(item, names[name]);
    }
    return until;
}

static void put_provider(struct table *table, const struct sheet_item *item)
{
    const char *until = provider_until(item);
    int64_t errors = sheet_number(item, "perMinute.errors");
    table_put(table, TABLE_PLAIN, "%s", sheet_text(item, "provider"));
    put_state(table, item);
    put_list(table, item, "uses", "-", write_use);
    table_put(table, TABLE_PLAIN, "%lld", (long long)sheet_number(item, "perMinute.calls"));
    table_put(table, errors > 0 ? TABLE_RED : TABLE_PLAIN, "%lld", (long long)errors);
    table_put(table, TABLE_PLAIN, "%lld", (long long)sheet_number(item, "waiting"));
    table_put(table, TABLE_PLAIN, "%lld", (long long)sheet_number(item, "workers"));
    table_put(table, TABLE_PLAIN, "%s", sheet_text(item, "account"));
    put_list(table, item, "limits", "none", write_limit);
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
    static const struct sheet sheet = {.list = "data.providers",
                                       .names = names,
                                       .steps = steps,
                                       .put = put_provider,
                                       .none = "no provider is known: no actor has declared one"};
    struct sheet_wish wish = {.what = "providers"};
    struct sheet_query query;
    const struct option_rule rules[] = {
        {"--data", &wish.data, NULL},
        {"--user", &wish.user, NULL},
        {"--json", NULL, &wish.json},
        {"--watch", NULL, &wish.watch},
    };
    int others = options_take(count, words, rules, sizeof rules / sizeof rules[0]);
    if (others != 0) {
        return options_words(usage_providers, "", 0, 0, others, words);
    }
    sheet_query_init(&query, "/api/v1/admin/providers");
    int code = sheet_print_as_admin(&wish, &query, &sheet);
    sheet_query_fini(&query);
    return code;
}
