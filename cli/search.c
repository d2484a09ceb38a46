/* `troupe jobs`: searches all users' jobs, from the admin API. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "cli/beginning.h"
#include "cli/command.h"
#include "cli/job_page.h"
#include "cli/job_watch.h"
#include "cli/session.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "cli/terminal_text.h"

enum {
    MEMBER_SIZE = 96,
    TEXT_SIZE_MAX = 32 << 20,
    LIMIT_USUAL = 20,
    EXPORT_MAX = 100000, /* jobs: the API's contract, as is ... */
    NAMED_MAX = 20,      /* ... how many can be named */
    NAMED_SIZE = 8 + NAMED_MAX * ID_TEXT_SIZE,
    GROUP_WORD_SIZE = 8 + ID_TEXT_SIZE,
};

const char usage_jobs[] =
    "usage: troupe jobs [NAME=VALUE]... [--group ID] [--limit 20] [--cursor CURSOR]\n"
    "                   [--wide | --json] [--user NAME] [--data DIR]\n"
    "       troupe jobs jobId=ID[,ID]... [--wide | --json] [--user NAME] [--data DIR]\n"
    "       troupe jobs [NAME=VALUE]... --watch [--group ID] [--limit N] [--json]\n"
    "                   [--user NAME] [--data DIR]\n"
    "       troupe jobs [NAME=VALUE]... --export csv|ndjson [--limit 100000]\n"
    "                   [--user NAME] [--data DIR]\n"
    "All users' jobs, newest first, that are all of what is asked for:\n"
    "  queue=character|image|video|webhook   status=STATUS[,STATUS]...   owner=USER\n"
    "  characterId=ID   tag=TAG   errorCode=CODE\n"
    "  from=TIME   to=TIME, when they were made, or 90s, 30m, 24h or 7d ago\n"
    "  q=TEXT, in name, id, input or error, or in the id of its batch or pipeline\n"
    "  errorGroup=GROUP, of `troupe failures`\n"
    "  jobId=ID[,ID]..., up to 20 of them, or their beginnings, and nothing else\n"
    "  groupId=ID, of a batch or pipeline, or its beginning; --group ID says it, too\n"
    "A terminal shows what it has room for, an error below its job where there is\n"
    "none beside it; --wide, and a pipe, have everything in one line a job.\n"
    "STEP tells of a job that waits what it waits for.\n"
    "--limit is at most 1000. When there may be more it tells the cursor to go on.\n"
    "--watch shows the newest that match live, as many as a terminal has room for or\n"
    "--limit says, until q or Ctrl-C (exit code 0), and once into a pipe; with --json\n"
    "it tells them once a second, one object a line, until Ctrl-C.\n"
    "--export writes all that match, up to the limit, as they come: a table for\n"
    "spreadsheets or a JSON object a line, into a file or a pipe. Where there may be\n"
    "more than the limit it says so on standard error.\n";

struct search {
    struct session session;
    struct job_page page;
    int64_t left; /* jobs that are still wanted */
    char cursor[256];
    bool more;
    bool json, wide, watch;
    char named[NAMED_SIZE];           /* jobId= with whole ids */
    char group_word[GROUP_WORD_SIZE]; /* groupId= of --group */
    char group[ID_TEXT_SIZE];         /* the whole id that groupId= means; empty: any */
    struct json_writer writer;
    struct table table;
};

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
            job_page_put(&search->table, document, index);
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
    buffer_init(&path, JOB_PAGE_PATH_SIZE_MAX);
    int64_t limit = search->left < JOB_PAGE_MAX ? search->left : JOB_PAGE_MAX;
    if (job_page_path(&search->page, limit, search->cursor, &path) == STATUS_OK) {
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
    struct buffer text;
    int code = EXIT_CODE_OK;
    job_page_table(&search->table);
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
        status = filter_write_query(&search->page.filter, path);
    }
    return status == STATUS_OK ? buffer_append(path, "", 1) : status;
}

struct written {
    bool is_table;  /* a field between quotes may have several lines */
    bool is_quoted; /* at the end of what has come */
    int64_t lines;
};

/* client_copy */
static bool export_write(void *context, struct slice part)
{
    struct written *written = context;
    for (size_t at = 0; at < part.size; at++) {
        written->is_quoted ^=
            written->is_table && part.data[at] == '"'; /* twice for one of its own */
        written->lines += part.data[at] == '\n' && !written->is_quoted;
    }
    return fwrite(part.data, 1, part.size, stdout) == part.size;
}

/* As many as were asked for may not be all. */
static void tell_cut(const struct search *search, const struct written *written)
{
    int64_t jobs = written->lines - (written->is_table ? 1 : 0); /* the head */
    if (jobs >= search->left) {
        fprintf(stderr,
                "troupe: the newest %" PRId64 " jobs were written, and there may be more: --limit "
                "is at most %d, to=TIME finds older ones\n",
                jobs, EXPORT_MAX);
    }
}

/* A text of others is not for a terminal as it stands. */
static int export(struct search *search, const char *format)
{
    struct buffer path;
    struct client_answer answer = {0};
    struct written written = {.is_table = strcmp(format, "csv") == 0};
    int code = EXIT_CODE_USAGE;
    if (isatty(STDOUT_FILENO) == 1) {
        fprintf(stderr, "troupe: an export goes into a file or a pipe, not onto a terminal\n");
        return code;
    }
    buffer_init(&path, JOB_PAGE_PATH_SIZE_MAX);
    if (export_path_write(search, format, &path) == STATUS_OK) {
        const struct client_request request = {.method = "GET",
                                               .path = (const char *)path.data,
                                               .copy = export_write,
                                               .context = &written};
        enum status status = client_perform(search->session.client, &request, &answer);
        bool is_done = status == STATUS_OK && answer.code == 200;
        bool is_lost = ferror(stdout) != 0; /* main tells it: it is no fault of the server's */
        code = is_done   ? EXIT_CODE_OK
               : is_lost ? EXIT_CODE_FAILED
                         : session_judge(&search->session, status, &answer);
        if (is_done) {
            tell_cut(search, &written);
        }
    } else {
        fprintf(stderr, "troupe: what is asked for is too long\n");
    }
    document_destroy(&answer.document);
    buffer_fini(&path);
    return code;
}

/* ---- what was asked for ---- */

struct wish {
    const char *data, *user, *limit, *cursor, *group, *format;
};

/* Has --group as the word groupId=, behind the others: where the option stood there is room.
 * Returns how many there are then; -1 after a message. */
static int add_group(struct search *search, const char *group, int count, char **words)
{
    static const char name[] = "groupId=";
    for (int index = 0; index < count; index++) {
        if (strncmp(words[index], name, sizeof name - 1) != 0) {
            continue;
        }
        if (strcmp(words[index] + sizeof name - 1, group) != 0) {
            fprintf(stderr, "troupe: --group and groupId= are not the same group\n");
            return -1;
        }
        return count;
    }
    if (!beginning_is(group)) {
        return -1;
    }
    snprintf(search->group_word, sizeof search->group_word, "%s%s", name, group);
    words[count] = search->group_word;
    return count + 1;
}

/* Reads the limit and what else the words are checked for. Returns EXIT_CODE_OK or _USAGE. */
static int take_wish(struct search *search, const struct wish *wish)
{
    static const char *const formats[] = {"csv", "ndjson", NULL};
    int64_t most = wish->format != NULL ? EXPORT_MAX
                   : search->watch      ? JOB_PAGE_MAX
                                        : TABLE_ROWS_MAX;
    search->left = wish->format != NULL ? EXPORT_MAX : LIMIT_USUAL;
    if (wish->format != NULL && !options_word("--export", wish->format, formats)) {
        return EXIT_CODE_USAGE;
    }
    if (wish->format != NULL && (search->json || wish->cursor[0] != '\0')) {
        return options_wrong(usage_jobs, "--export is used without --json and --cursor");
    }
    if (search->watch && (wish->format != NULL || wish->cursor[0] != '\0' || search->wide)) {
        return options_wrong(usage_jobs, "--watch is used without --wide, --cursor and --export");
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

/* Takes the words and the limits. Returns EXIT_CODE_OK or _USAGE. */
static int take_words(struct search *search, const struct wish *wish, int count, char **words)
{
    struct clock clock;
    clock_init(&clock, 0);
    if (!job_page_take(&search->page, count, words, clock_now_ms(&clock))) {
        return EXIT_CODE_USAGE;
    }
    bool has_more = wish->format != NULL || wish->cursor[0] != '\0';
    if (search->page.jobs != NULL && has_more) {
        return options_wrong(usage_jobs, "jobId= is used without other words");
    }
    return take_wish(search, wish);
}

/* Puts whole ids in the place of those that jobId= names by their beginnings. */
static int find_named(struct search *search, char **word)
{
    char part[ID_TEXT_SIZE];
    char id[ID_TEXT_SIZE];
    int code = EXIT_CODE_OK;
    size_t used = (size_t)snprintf(search->named, sizeof search->named, "jobId=");
    const char *rest = search->page.jobs;
    while (rest != NULL && code == EXIT_CODE_OK && used < sizeof search->named) {
        size_t size = strcspn(rest, ",");
        bool is_last = rest[size] == '\0';
        snprintf(part, sizeof part, "%.*s", (int)size, rest);
        code = beginning_find_job(&search->session, part, BEGINNING_READS_JOB, id);
        used += (size_t)snprintf(search->named + used, sizeof search->named - used, "%s%s", id,
                                 is_last ? "" : ",");
        rest = is_last ? NULL : rest + size + 1;
    }
    if (code == EXIT_CODE_OK && used >= sizeof search->named) {
        return options_wrong(usage_jobs, "jobId= takes %d ids at most", NAMED_MAX);
    }
    *word = search->named;
    search->page.jobs = search->named + strlen("jobId=");
    return code;
}

/* Puts whole ids in the place of beginnings. */
static int find_ids(struct search *search, char **words)
{
    return search->page.jobs != NULL ? find_named(search, &words[0])
                                     : beginning_find_group(&search->session, &search->page.filter,
                                                            BEGINNING_READS_GROUP, search->group);
}

/* Live where somebody looks, or a program reads it line by line; once into a pipe. */
static int watch(struct search *search, const struct wish *wish, int count, char *const *words)
{
    const struct job_watch live = {.count = count,
                                   .words = words,
                                   .group = search->group[0] != '\0' ? search->group : NULL,
                                   .limit = wish->limit != NULL ? search->left : 0,
                                   .json = search->json};
    bool is_live = search->json || terminal_is_drawn_on(STDOUT_FILENO);
    return is_live ? job_watch(&search->session, &live) : run(search);
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
        {"--watch", NULL, &search.watch},
    };
    int others = options_take(count, words, rules, sizeof rules / sizeof rules[0]);
    if (others < 0) {
        return options_bad(usage_jobs);
    }
    others = wish.group == NULL ? others : add_group(&search, wish.group, others, words);
    if (others < 0) {
        return EXIT_CODE_USAGE;
    }
    int code = take_words(&search, &wish, others, words);
    if (code != EXIT_CODE_OK) {
        return code;
    }
    code = EXIT_CODE_FAILED;
    if (session_open_admin(&search.session, wish.data, wish.user) == STATUS_OK) {
        code = find_ids(&search, words);
    }
    if (code == EXIT_CODE_OK) {
        code = search.watch          ? watch(&search, &wish, others, words)
               : wish.format != NULL ? export(&search, wish.format)
                                     : run(&search);
    }
    session_close(&search.session);
    return code;
}
