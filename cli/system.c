/* `troupe system`: the broker, its disk and its store, and the programs that are there. */

#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "cli/command.h"
#include "cli/rows.h"
#include "cli/session.h"
#include "cli/size_text.h"
#include "cli/table.h"
#include "cli/terminal.h"

enum {
    MEMBER_SIZE = 64,
    ROW_SIZE = 256,
    TEXT_SIZE_MAX = 1 << 20,
    SECOND_MS = 1000,
    MINUTE_S = 60,
    HOUR_S = 60 * MINUTE_S,
    DAY_S = 24 * HOUR_S,
};

const char usage_system[] =
    "usage: troupe system [--json] [--user NAME] [--data DIR]\n"
    "The broker: its version, since when it runs, the free space on its disk and\n"
    "whether new jobs are refused for want of it, the newest backup, its commits, its\n"
    "store; how many clients the gateway that was asked has; and each gateway and\n"
    "actor. One of another version than the broker's is marked by a *.\n";

/* A part of the answer's data. */
static long long number_of(const struct document *document, const char *path)
{
    return (long long)document_integer(document, path, 0);
}

/* ---- one line each ---- */

static const char *time_write(long long ms, char out[ROW_SIZE])
{
    long long seconds = ms / SECOND_MS;
    if (seconds < MINUTE_S) {
        snprintf(out, ROW_SIZE, "%lld s", seconds);
    } else if (seconds < HOUR_S) {
        snprintf(out, ROW_SIZE, "%lld m %lld s", seconds / MINUTE_S, seconds % MINUTE_S);
    } else if (seconds < DAY_S) {
        snprintf(out, ROW_SIZE, "%lld h %lld m", seconds / HOUR_S, seconds % HOUR_S / MINUTE_S);
    } else {
        snprintf(out, ROW_SIZE, "%lld d %lld h", seconds / DAY_S, seconds % DAY_S / HOUR_S);
    }
    return out;
}

static void print_broker(const struct document *document)
{
    char row[ROW_SIZE];
    char up[ROW_SIZE];
    const char *commit = document_text(document, "data.broker.commit", "");
    snprintf(row, sizeof row, "%s%s%s%s", document_text(document, "data.broker.version", "?"),
             commit[0] == '\0' ? "" : " (", commit, commit[0] == '\0' ? "" : ")");
    rows_print_text("version", row);
    snprintf(row, sizeof row, "%s, process %lld", document_text(document, "data.broker.host", "?"),
             number_of(document, "data.broker.pid"));
    rows_print_text("host", row);
    snprintf(row, sizeof row, "%.32s, since %s",
             time_write(number_of(document, "data.broker.uptimeMs"), up),
             document_text(document, "data.broker.startedAt", "?"));
    rows_print_text("up", row);
}

static void print_disk(const struct document *document)
{
    char row[ROW_SIZE];
    char size[SIZE_TEXT_SIZE];
    char floor[SIZE_TEXT_SIZE];
    bool is_low = document_flag(document, "data.disk.low", false);
    long long left = number_of(document, "data.disk.freeBytes");
    size_text_write(number_of(document, "data.disk.floorBytes"), floor);
    snprintf(row, sizeof row, "%s free; new jobs are refused %s %s%s",
             left > 0 ? size_text_write(left, size) : "?", is_low ? "now, below" : "below", floor,
             is_low ? "!" : "");
    rows_print_text("disk", row);
    const char *name = document_text(document, "data.backup.name", "");
    snprintf(row, sizeof row, "%s%s%s%s", name[0] == '\0' ? "none" : name,
             name[0] == '\0' ? "" : ", ", document_text(document, "data.backup.completedAt", ""),
             document_flag(document, "data.backup.running", false) ? "; another one is being made"
                                                                   : "");
    rows_print_text("backup", row);
}

static void print_store(const struct document *document)
{
    char row[ROW_SIZE];
    char one[SIZE_TEXT_SIZE];
    char other[SIZE_TEXT_SIZE];
    long long commits = number_of(document, "data.commits.count");
    double batch =
        commits == 0 ? 0 : (double)number_of(document, "data.commits.operations") / (double)commits;
    snprintf(row, sizeof row, "%lld since the start, with %.1f writes each on average", commits,
             batch);
    rows_print_text("commits", row);
    snprintf(row, sizeof row, "half of them at most %.1f ms, 99 of 100 at most %.1f ms",
             (double)number_of(document, "data.commits.timeUs.p50") / 1000,
             (double)number_of(document, "data.commits.timeUs.p99") / 1000);
    if (commits > 0) {
        rows_print_text("commit time", row);
    }
    snprintf(row, sizeof row, "%s on disk, %s in memory, about %lld entries%s%s",
             size_text_write(number_of(document, "data.store.tableBytes"), one),
             size_text_write(number_of(document, "data.store.memtableBytes") +
                                 number_of(document, "data.store.cacheBytes"),
                             other),
             number_of(document, "data.store.keys"),
             document_flag(document, "data.store.writesStopped", false) ? "; writes are stopped"
                                                                        : "",
             number_of(document, "data.store.backgroundErrors") > 0 ? "; it has had errors" : "");
    rows_print_text("store", row);
    snprintf(row, sizeof row,
             "%lld of at most %lld connections, %lld event streams, %lld dashboards",
             number_of(document, "data.gateway.connections"),
             number_of(document, "data.gateway.connectionsMax"),
             number_of(document, "data.gateway.streams"),
             number_of(document, "data.gateway.dashboards"));
    rows_print_text("clients", row);
}

/* ---- programs ---- */

static const char *text_at(const struct document *document, size_t index, const char *name)
{
    char member[MEMBER_SIZE];
    snprintf(member, sizeof member, "data.programs.%zu.%s", index, name);
    return document_text(document, member, "-");
}

static void put_program(struct table *table, const struct document *document, size_t index)
{
    char member[MEMBER_SIZE];
    snprintf(member, sizeof member, "data.programs.%zu.differs", index);
    bool differs = document_flag(document, member, false);
    const char *commit = text_at(document, index, "commit");
    table_put(table, TABLE_PLAIN, "%s", text_at(document, index, "role"));
    table_put(table, differs ? TABLE_YELLOW : TABLE_PLAIN, "%s%s%s%s",
              text_at(document, index, "version"), commit[0] == '-' ? "" : "+",
              commit[0] == '-' ? "" : commit, differs ? " *" : "");
    table_put(table, TABLE_PLAIN, "%s", text_at(document, index, "host"));
    snprintf(member, sizeof member, "data.programs.%zu.pid", index);
    table_put(table, TABLE_PLAIN, "%lld", number_of(document, member));
    table_put(table, TABLE_PLAIN, "%s", text_at(document, index, "connectedAt"));
    table_put(table, TABLE_PLAIN, "%s", text_at(document, index, "programId"));
}

static int print_programs(const struct document *document)
{
    static const char *const names[] = {"ROLE",      "VERSION", "HOST", "#PROCESS",
                                        "CONNECTED", "ID",      NULL};
    static const struct table_step steps[] = {
        {"CONNECTED", 19}, {"ID", 8}, {"CONNECTED", 0}, {"HOST", 12}, {NULL, 0},
    };
    struct table table;
    struct buffer text;
    size_t count = document_count(document, "data.programs");
    table_init(&table, names);
    table_narrow(&table, steps);
    buffer_init(&text, TEXT_SIZE_MAX);
    for (size_t index = 0; index < count; index++) {
        put_program(&table, document, index);
    }
    enum status status = table_draw(&table, isatty(STDOUT_FILENO) == 1 ? terminal_columns() : 0,
                                    terminal_has_colours(), &text);
    if (status == STATUS_OK) {
        printf("\n");
        fwrite(text.data, 1, text.size, stdout);
    }
    buffer_fini(&text);
    table_fini(&table);
    return status == STATUS_OK ? EXIT_CODE_OK : EXIT_CODE_FAILED;
}

/* What is not shown, and what somebody should know. */
static void print_notes(const struct document *document)
{
    long long all =
        number_of(document, "data.totals.gateways") + number_of(document, "data.totals.actors");
    long long shown = (long long)document_count(document, "data.programs");
    long long differing = number_of(document, "data.totals.differing");
    if (all > shown) {
        fprintf(stderr, "troupe: %lld more programs are connected\n", all - shown);
    }
    if (differing > 0) {
        fprintf(stderr, "troupe: %lld of another version than the broker's\n", differing);
    }
}

int command_system(int count, char **words)
{
    struct session session;
    struct client_answer answer = {0};
    const struct client_request request = {.method = "GET", .path = "/api/v1/admin/system"};
    const char *data = NULL, *user = NULL;
    bool json = false;
    const struct option_rule rules[] = {
        {"--data", &data, NULL},
        {"--user", &user, NULL},
        {"--json", NULL, &json},
    };
    int others = options_take(count, words, rules, sizeof rules / sizeof rules[0]);
    if (others != 0) {
        return options_words(usage_system, "", 0, 0, others, words);
    }
    int code = EXIT_CODE_FAILED;
    if (session_open_admin(&session, data, user) == STATUS_OK) {
        code = session_perform(&session, &request, &answer);
    }
    if (code == EXIT_CODE_OK && json) {
        code = rows_print_json(answer.document);
    } else if (code == EXIT_CODE_OK) {
        print_broker(answer.document);
        print_disk(answer.document);
        print_store(answer.document);
        code = print_programs(answer.document);
        print_notes(answer.document);
    }
    document_destroy(&answer.document);
    session_close(&session);
    return code;
}
