/* `troupe usage`: what was spent, by days and providers, and what is left of the budget. */

#include <stdarg.h>
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
#include "cli/wrap.h"

enum {
    DAYS_MAX = 35,
    PATH_SIZE = 1024,
    MEMBER_SIZE = 96,
    SENTENCE_SIZE = 512,
    SENTENCE_LINES_MAX = 8,
    TEXT_SIZE_MAX = 1 << 20,
};

const char usage_usage[] =
    "usage: troupe usage [--days 7] [--owner NAME | --all] [--json] [--user NAME]\n"
    "                    [--data DIR]\n"
    "What the calls of providers have cost, in US dollars, by days (UTC) and\n"
    "providers, and what is left of today's budget. MAYBE is the part of it of which\n"
    "nobody knows whether it was charged. --owner tells of another user, --all of all\n"
    "users together; both need an admin. Days are kept for 35.\n";

static const char *money_at(const struct document *document, const char *path, const char *name,
                            char out[MONEY_TEXT_SIZE])
{
    char member[MEMBER_SIZE];
    uint64_t amount;
    snprintf(member, sizeof member, "%s.%s", path, name);
    return document_money(document, member, &amount) ? money_format(amount, out) : "-";
}

static long long number_at(const struct document *document, const char *path, const char *name)
{
    char member[MEMBER_SIZE];
    snprintf(member, sizeof member, "%s.%s", path, name);
    return (long long)document_integer(document, member, 0);
}

static void put_sums(struct table *table, const struct document *document, const char *path,
                     const char *date, const char *provider)
{
    char spent[MONEY_TEXT_SIZE];
    char uncertain[MONEY_TEXT_SIZE];
    const char *maybe = money_at(document, path, "uncertainUsd", uncertain);
    table_put(table, TABLE_PLAIN, "%s", date);
    table_put(table, TABLE_PLAIN, "%s", provider);
    table_put(table, TABLE_PLAIN, "%s", money_at(document, path, "spentUsd", spent));
    table_put(table, strcmp(maybe, "0") == 0 ? TABLE_PLAIN : TABLE_YELLOW, "%s", maybe);
    table_put(table, TABLE_PLAIN, "%lld", number_at(document, path, "operations"));
    table_put(table, TABLE_PLAIN, "%lld", number_at(document, path, "jobs"));
}

/* A row for the day, and, when several had a part in it, one for each provider. */
static void put_day(struct table *table, const struct document *document, size_t day)
{
    char path[MEMBER_SIZE];
    char member[MEMBER_SIZE];
    snprintf(member, sizeof member, "data.days.%zu.providers", day);
    size_t count = document_count(document, member);
    snprintf(member, sizeof member, "data.days.%zu.date", day);
    snprintf(path, sizeof path, "data.days.%zu", day);
    put_sums(table, document, path, document_text(document, member, "?"), "");
    for (size_t index = 0; index < count; index++) {
        snprintf(path, sizeof path, "data.days.%zu.providers.%zu", day, index);
        snprintf(member, sizeof member, "data.days.%zu.providers.%zu.provider", day, index);
        put_sums(table, document, path, "", document_text(document, member, "(not known)"));
    }
}

/* How wide it may be; 0: as wide as it gets. */
static int columns(void)
{
    return isatty(STDOUT_FILENO) == 1 ? terminal_columns() : 0;
}

static int print_days(const struct document *document)
{
    static const char *const names[] = {"DATE",        "PROVIDER", "#SPENT", "#MAYBE",
                                        "#OPERATIONS", "#JOBS",    NULL};
    static const struct table_step steps[] = {
        {"OPERATIONS", 0}, {"PROVIDER", 16}, {"JOBS", 0}, {"PROVIDER", 8}, {"MAYBE", 0}, {NULL, 0},
    };
    struct table table;
    struct buffer text;
    size_t count = document_count(document, "data.days");
    table_init(&table, names);
    table_narrow(&table, steps);
    buffer_init(&text, TEXT_SIZE_MAX);
    for (size_t day = 0; day < count; day++) {
        put_day(&table, document, day);
    }
    enum status status = table_draw(&table, columns(), terminal_has_colours(), &text);
    if (status == STATUS_OK) {
        fwrite(text.data, 1, text.size, stdout);
    }
    buffer_fini(&text);
    table_fini(&table);
    return status == STATUS_OK ? EXIT_CODE_OK : EXIT_CODE_FAILED;
}

/* A sentence, in as many lines as a terminal needs. */
static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void say(const char *format, ...)
{
    char text[SENTENCE_SIZE];
    struct buffer lines;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    terminal_text(text);
    buffer_init(&lines, TEXT_SIZE_MAX);
    if (wrap_draw(text, 0, columns(), SENTENCE_LINES_MAX, &lines) == STATUS_OK) {
        printf("%.*s\n", SLICE_PRINT(buffer_slice(&lines)));
    }
    buffer_fini(&lines);
}

static void print_budget(const struct document *document)
{
    static const char path[] = "data.budget";
    char spent[MONEY_TEXT_SIZE], reserved[MONEY_TEXT_SIZE], left[MONEY_TEXT_SIZE];
    char limit[MONEY_TEXT_SIZE];
    say("%s: %s spent today, %s reserved for jobs under way",
        document_text(document, "data.owner", "all users"),
        money_at(document, path, "spentUsd", spent),
        money_at(document, path, "reservedUsd", reserved));
    if (strcmp(money_at(document, path, "limitUsd", limit), "-") != 0) {
        say("budget: %s left of %s, until %s", money_at(document, path, "leftUsd", left), limit,
            document_text(document, "data.budget.resetsAt", "?"));
    }
}

struct wish {
    const char *data, *user, *owner, *days;
    bool all, json;
};

/* Whether it asks for more than the user's own. */
static bool is_admin(const struct wish *wish)
{
    return wish->all || wish->owner != NULL;
}

static enum status write_path(const struct wish *wish, struct buffer *out)
{
    enum status status =
        buffer_append_format(out, "/api/v1/%susage?days=%s", is_admin(wish) ? "admin/" : "",
                             wish->days == NULL ? "7" : wish->days);
    if (status == STATUS_OK && wish->owner != NULL) {
        status = buffer_append_format(out, "&owner=");
        status = status == STATUS_OK ? filter_escape(wish->owner, out) : status;
    }
    return status == STATUS_OK ? buffer_append(out, "", 1) : status;
}

static int perform(const struct wish *wish, const char *path)
{
    const struct client_request request = {.method = "GET", .path = path};
    struct client_answer answer = {0};
    struct session session;
    int code = EXIT_CODE_FAILED;
    enum status status = is_admin(wish) ? session_open_admin(&session, wish->data, wish->user)
                                        : session_open(&session, wish->data, wish->user);
    if (status == STATUS_OK) {
        code = session_perform(&session, &request, &answer);
    }
    if (code == EXIT_CODE_OK && wish->json) {
        code = rows_print_json(answer.document);
    } else if (code == EXIT_CODE_OK) {
        print_budget(answer.document);
        code = print_days(answer.document);
    }
    document_destroy(&answer.document);
    session_close(&session);
    return code;
}

int command_usage(int count, char **words)
{
    struct wish wish = {0};
    struct buffer path;
    const struct option_rule rules[] = {
        {"--data", &wish.data, NULL}, {"--user", &wish.user, NULL}, {"--owner", &wish.owner, NULL},
        {"--days", &wish.days, NULL}, {"--all", NULL, &wish.all},   {"--json", NULL, &wish.json},
    };
    int64_t days;
    int code = EXIT_CODE_USAGE;
    int others = options_take(count, words, rules, sizeof rules / sizeof rules[0]);
    if (others == 0 && wish.all && wish.owner != NULL) {
        return options_wrong(usage_usage, "--all and --owner are not used together");
    }
    if (others != 0) {
        return options_words(usage_usage, "", 0, 0, others, words);
    }
    if (wish.days != NULL && !options_number("--days", wish.days, 1, DAYS_MAX, &days)) {
        return EXIT_CODE_USAGE;
    }
    buffer_init(&path, PATH_SIZE);
    if (write_path(&wish, &path) == STATUS_OK) {
        code = perform(&wish, (const char *)path.data);
    } else {
        fprintf(stderr, "troupe: the owner's name is too long\n");
    }
    buffer_fini(&path);
    return code;
}
