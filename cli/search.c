/* `troupe jobs`: searches all users' jobs, from the admin API. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/id.h"
#include "cli/command.h"
#include "cli/filter.h"
#include "cli/session.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "cli/terminal_text.h"
#include "cli/wait_reason.h"

enum {
    PAGE_MAX = 100, /* jobs of one request */
    PATH_SIZE = 8192,
    MEMBER_SIZE = 96,
    TEXT_SIZE_MAX = 32 << 20,
    LIMIT_USUAL = 20,
    EXPORT_MAX = 100000, /* jobs: the API's contract */
};

const char usage_jobs[] =
    "usage: troupe jobs [NAME=VALUE]... [--group ID] [--limit 20] [--cursor CURSOR]\n"
    "                   [--wide | --json] [--user NAME] [--data DIR]\n"
    "       troupe jobs jobId=ID[,ID]... [--wide | --json] [--user NAME] [--data DIR]\n"
    "       troupe jobs [NAME=VALUE]... --export csv|ndjson [--limit 100000]\n"
    "                   [--user NAME] [--data DIR]\n"
    "All users' jobs, newest first, that are all of what is asked for:\n"
    "  queue=character|image|video|webhook   status=STATUS[,STATUS]...   owner=USER\n"
    "  characterId=ID   tag=TAG   errorCode=CODE\n"
    "  from=TIME   to=TIME, when they were made, or 90s, 30m, 24h or 7d ago\n"
    "  q=TEXT, in name, id, input or error   errorGroup=GROUP, of `troupe failures`\n"
    "  jobId=ID[,ID]..., up to 20 of them and nothing else\n"
    "  groupId=ID, of a batch or pipeline, which --group ID says, too\n"
    "A terminal shows what it has room for, an error below its job where there is\n"
    "none beside it; --wide, and a pipe, have everything in one line a job.\n"
    "STEP tells of a job that waits what it waits for.\n"
    "--limit is at most 1000. When there may be more it tells the cursor to go on.\n"
    "--export writes all that match, up to the limit, as they come: a table for\n"
    "spreadsheets or a JSON object a line, into a file or a pipe.\n";

struct search {
    struct session session;
    struct filter filter;
    const char *jobs; /* ids that are asked for, and nothing else; NULL: by the filter */
    int64_t left;     /* jobs that are still wanted */
    char cursor[256];
    bool more;
    bool json, wide;
    struct json_writer writer;
    struct table table;
};

static const char *text_at(const struct document *document, size_t index, const char *name)
{
    char member[MEMBER_SIZE];
    snprintf(member, sizeof member, "data.jobs.%zu.%s", index, name);
    return document_text(document, member, "");
}

static enum table_colour colour_of(const char *status)
{
    if (strcmp(status, "completed") == 0) {
        return TABLE_GREEN;
    }
    if (strcmp(status, "failed") == 0) {
        return TABLE_RED;
    }
    return strcmp(status, "active") == 0 ? TABLE_CYAN : TABLE_YELLOW;
}

static void put_job(struct table *table, const struct document *document, size_t index)
{
    char member[MEMBER_SIZE];
    const char *status = text_at(document, index, "status");
    const char *error = text_at(document, index, "failedReason.message");
    const char *step = text_at(document, index, "step");
    char reason[WAIT_REASON_SIZE];
    snprintf(member, sizeof member, "data.jobs.%zu", index);
    wait_reason_write(document, member, reason);
    snprintf(member, sizeof member, "data.jobs.%zu.progress", index);
    if (error[0] == '\0') {
        error = text_at(document, index, "lastError.message");
    }
    if (error[0] == '\0') {
        error = text_at(document, index, "failedReason");
    }
    table_put(table, TABLE_PLAIN, "%s", text_at(document, index, "jobId"));
    table_put(table, TABLE_PLAIN, "%s", text_at(document, index, "queue"));
    table_put(table, colour_of(status), "%s", status);
    table_put(table, TABLE_PLAIN, "%s", text_at(document, index, "character.name"));
    table_put(table, TABLE_PLAIN, "%s", text_at(document, index, "owner"));
    table_put(table, TABLE_PLAIN, "%lld%%", (long long)document_integer(document, member, 0));
    table_put(table, TABLE_PLAIN, "%s", reason[0] != '\0' ? reason : step);
    table_put(table, TABLE_PLAIN, "%s", text_at(document, index, "createdAt"));
    table_put(table, TABLE_PLAIN, "%s", error);
}

static enum status put_json(struct search *search, const struct document *document, size_t index)
{
    char member[MEMBER_SIZE];
    struct buffer text;
    snprintf(member, sizeof member, "data.jobs.%zu", index);
    buffer_init(&text, TEXT_SIZE_MAX);
    enum status status = document_write(document, member, false, &text);
    if (status == STATUS_OK) {
        json_put_raw(&search->writer, buffer_slice(&text));
        status = json_writer_status(&search->writer);
    }
    buffer_fini(&text);
    return status;
}

static enum status path_write(const struct search *search, struct buffer *path)
{
    int64_t limit = search->left < PAGE_MAX ? search->left : PAGE_MAX;
    if (search->jobs != NULL) {
        enum status named = buffer_append_format(path, "/api/v1/admin/jobs?jobId=");
        named = named == STATUS_OK ? filter_escape(search->jobs, path) : named;
        return named == STATUS_OK ? buffer_append(path, "", 1) : named;
    }
    enum status status = buffer_append_format(path, "/api/v1/admin/jobs?limit=%" PRId64, limit);
    if (status == STATUS_OK) {
        status = filter_write_query(&search->filter, path);
    }
    if (status == STATUS_OK && search->cursor[0] != '\0') {
        status = buffer_append_format(path, "&cursor=");
    }
    if (status == STATUS_OK) {
        status = filter_escape(search->cursor, path);
    }
    return status == STATUS_OK ? buffer_append(path, "", 1) : status;
}

/* Takes a page's jobs. Returns OK or why they cannot be kept. */
static enum status take_page(struct search *search, const struct document *document)
{
    enum status status = STATUS_OK;
    size_t count = document_count(document, "data.jobs");
    const char *cursor = document_text(document, "pagination.nextCursor", "");
    for (size_t index = 0; index < count && status == STATUS_OK; index++) {
        if (search->json) {
            status = put_json(search, document, index);
        } else {
            put_job(&search->table, document, index);
        }
    }
    search->left -= (int64_t)count;
    search->more = cursor[0] != '\0' && strlen(cursor) < sizeof search->cursor;
    snprintf(search->cursor, sizeof search->cursor, "%s", search->more ? cursor : "");
    return status;
}

static int ask_page(struct search *search)
{
    struct buffer path;
    struct client_answer answer = {0};
    int code = EXIT_CODE_USAGE;
    buffer_init(&path, PATH_SIZE);
    if (path_write(search, &path) == STATUS_OK) {
        const struct client_request request = {.method = "GET", .path = (const char *)path.data};
        code = session_perform(&search->session, &request, &answer);
    } else {
        fprintf(stderr, "troupe: what is asked for is too long\n");
    }
    if (code == EXIT_CODE_OK && take_page(search, answer.document) != STATUS_OK) {
        fprintf(stderr, "troupe: the answer is too long\n");
        code = EXIT_CODE_FAILED;
    }
    document_destroy(&answer.document);
    buffer_fini(&path);
    return code;
}

/* Asks until there are enough, or no more: a search that took too long stops early. */
static int run(struct search *search)
{
    static const char *const names[] = {"JOB",       "QUEUE", "STATUS",  "NAME",  "OWNER",
                                        "#PROGRESS", "STEP",  "CREATED", "ERROR", NULL};
    static const struct table_step steps[] = {
        {"STEP", 0},  {"OWNER", 16}, {"CREATED", 19}, {"CREATED", 0}, {"NAME", 24}, {"PROGRESS", 0},
        {"OWNER", 0}, {"NAME", 12},  {"QUEUE", 0},    {"NAME", 0},    {NULL, 0},
    };
    enum {
        BESIDE_STEPS = 6, /* an error goes below before its job's queue and name are gone */
    };
    struct buffer text;
    int code = EXIT_CODE_OK;
    table_init(&search->table, names);
    table_narrow(&search->table, steps);
    table_flow(&search->table, BESIDE_STEPS);
    buffer_init(&text, TEXT_SIZE_MAX);
    json_writer_init(&search->writer, &text);
    json_object_begin(&search->writer);
    json_name(&search->writer, "jobs");
    json_array_begin(&search->writer);
    do {
        code = ask_page(search);
    } while (code == EXIT_CODE_OK && search->more && search->left > 0);
    json_array_end(&search->writer);
    json_member_text_or_null(&search->writer, "nextCursor", slice_from_string(search->cursor));
    json_object_end(&search->writer);
    if (code == EXIT_CODE_OK && search->json) {
        printf("%.*s\n", SLICE_PRINT(buffer_slice(&text)));
    } else if (code == EXIT_CODE_OK) {
        enum status status = terminal_table(&search->table, search->wide, "no jobs match");
        code = status == STATUS_OK ? EXIT_CODE_OK : EXIT_CODE_FAILED;
    }
    if (code == EXIT_CODE_OK && search->more && !search->json) {
        terminal_line(stderr, "troupe: there may be more: --cursor %s", search->cursor);
    }
    buffer_fini(&text);
    table_fini(&search->table);
    return code;
}

/* ---- as a file ---- */

static enum status export_path_write(const struct search *search, const char *format,
                                     struct buffer *path)
{
    enum status status =
        buffer_append_format(path, "/api/v1/admin/jobs.%s?limit=%" PRId64, format, search->left);
    if (status == STATUS_OK) {
        status = filter_write_query(&search->filter, path);
    }
    return status == STATUS_OK ? buffer_append(path, "", 1) : status;
}

/* A text of others is not for a terminal as it stands. */
static int export(struct search *search, const char *format)
{
    struct buffer path;
    struct client_answer answer = {0};
    int code = EXIT_CODE_USAGE;
    if (isatty(STDOUT_FILENO) == 1) {
        fprintf(stderr, "troupe: an export goes into a file or a pipe, not onto a terminal\n");
        return code;
    }
    buffer_init(&path, PATH_SIZE);
    if (export_path_write(search, format, &path) == STATUS_OK) {
        const struct client_request request = {
            .method = "GET", .path = (const char *)path.data, .copy = stdout};
        enum status status = client_perform(search->session.client, &request, &answer);
        bool is_done = status == STATUS_OK && answer.code == 200;
        code = is_done ? EXIT_CODE_OK : session_judge(&search->session, status, &answer);
    } else {
        fprintf(stderr, "troupe: what is asked for is too long\n");
    }
    if (fflush(stdout) != 0 && code == EXIT_CODE_OK) {
        fprintf(stderr, "troupe: cannot write all of it\n");
        code = EXIT_CODE_FAILED;
    }
    document_destroy(&answer.document);
    buffer_fini(&path);
    return code;
}

/* ---- what was asked for ---- */

struct wish {
    const char *data, *user, *limit, *cursor, *group, *format;
};

/* Reads the limit and what else the words are checked for. Returns EXIT_CODE_OK or _USAGE. */
static int take_wish(struct search *search, const struct wish *wish)
{
    static const char *const formats[] = {"csv", "ndjson", NULL};
    int64_t most = wish->format != NULL ? EXPORT_MAX : TABLE_ROWS_MAX;
    search->left = wish->format != NULL ? EXPORT_MAX : LIMIT_USUAL;
    if (wish->format != NULL && !options_word("--export", wish->format, formats)) {
        return EXIT_CODE_USAGE;
    }
    if (wish->format != NULL && (search->json || wish->cursor[0] != '\0')) {
        return options_wrong(usage_jobs, "--export is used without --json and --cursor");
    }
    if (wish->group != NULL && !filter_add_group(&search->filter, wish->group)) {
        return EXIT_CODE_USAGE;
    }
    if (wish->limit != NULL && !options_number("--limit", wish->limit, 1, most, &search->left)) {
        return EXIT_CODE_USAGE;
    }
    if (strlen(wish->cursor) >= sizeof search->cursor) {
        return options_wrong(usage_jobs, "the cursor is too long");
    }
    snprintf(search->cursor, sizeof search->cursor, "%s", wish->cursor);
    return EXIT_CODE_OK;
}

/* Takes the words: jobId= alone, or what filter_take does. Returns EXIT_CODE_OK or _USAGE. */
static int take_words(struct search *search, const struct wish *wish, int count, char **words)
{
    static const char name[] = "jobId=";
    char id[ID_TEXT_SIZE];
    struct clock clock;
    int place = 0;
    while (place < count && strncmp(words[place], name, sizeof name - 1) != 0) {
        place++;
    }
    if (place == count) {
        clock_init(&clock, 0);
        return filter_take(&search->filter, count, words, clock_now_ms(&clock)) ? EXIT_CODE_OK
                                                                                : EXIT_CODE_USAGE;
    }
    search->jobs = words[place] + sizeof name - 1;
    if (count > 1 || wish->group != NULL || wish->format != NULL || wish->cursor[0] != '\0') {
        return options_wrong(usage_jobs, "jobId= is used without other words");
    }
    for (const char *rest = search->jobs; rest != NULL;) {
        size_t size = strcspn(rest, ",");
        snprintf(id, sizeof id, "%.*s", (int)(size < sizeof id ? size : sizeof id), rest);
        if (size >= sizeof id || !session_is_id(id)) {
            return options_wrong(usage_jobs, "jobId= takes whole ids, with commas between them");
        }
        rest = rest[size] == ',' ? rest + size + 1 : NULL;
    }
    return EXIT_CODE_OK;
}

int command_jobs(int count, char **words)
{
    struct search search = {0};
    struct wish wish = {.cursor = ""};
    const struct option_rule rules[] = {
        {"--data", &wish.data, NULL},     {"--user", &wish.user, NULL},
        {"--limit", &wish.limit, NULL},   {"--group", &wish.group, NULL},
        {"--cursor", &wish.cursor, NULL}, {"--export", &wish.format, NULL},
        {"--json", NULL, &search.json},   {"--wide", NULL, &search.wide},
    };
    int others = options_take(count, words, rules, sizeof rules / sizeof rules[0]);
    if (others < 0) {
        return options_bad(usage_jobs);
    }
    int code = take_words(&search, &wish, others, words);
    code = code == EXIT_CODE_OK ? take_wish(&search, &wish) : code;
    if (code != EXIT_CODE_OK) {
        return code;
    }
    code = EXIT_CODE_FAILED;
    if (session_open_admin(&search.session, wish.data, wish.user) == STATUS_OK) {
        code = wish.format != NULL ? export(&search, wish.format) : run(&search);
    }
    session_close(&search.session);
    return code;
}
