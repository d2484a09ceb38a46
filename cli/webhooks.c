/* `troupe webhooks`: a user's webhooks, what was delivered to them and to those of single jobs, and
 * one delivery again. */

#include <stdio.h>
#include <string.h>
#include "base/id.h"
#include "cli/command.h"
#include "cli/filter.h"
#include "cli/rows.h"
#include "cli/session.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "cli/terminal_text.h"

enum {
    PATH_SIZE = 1024,
    MEMBER_SIZE = 96,
    EVENTS_SIZE = 256, /* bytes of the names of all events of a webhook, more is cut */
    PAGE_MAX = 100,
};

const char usage_webhooks[] =
    "usage: troupe webhooks [--wide | --json] [--user NAME] [--data DIR]\n"
    "       troupe webhooks WEBHOOK|JOB [--limit 20] [--cursor CURSOR]\n"
    "                       [--wide | --json] [--user NAME] [--data DIR]\n"
    "       troupe webhooks WEBHOOK|JOB --again DELIVERY [--json] [--user NAME]\n"
    "                       [--data DIR]\n"
    "Your webhooks; or what was delivered to one of them, or of a JOB to the webhook\n"
    "that it was given itself, the newest first: which event of which job, how it\n"
    "stands, and when it is tried next. --again has a delivery that has ended sent\n"
    "once more, under the id that its receiver knows. An admin does so for anybody,\n"
    "by `troupe retry DELIVERY`, and finds deliveries by `troupe jobs queue=webhook`.\n";

struct wish {
    const char *data, *user, *limit, *cursor, *again;
    bool json, wide;
};

static const char *text_at(const struct document *document, size_t index, const char *name)
{
    char member[MEMBER_SIZE];
    snprintf(member, sizeof member, "data.%zu.%s", index, name);
    return document_text(document, member, "");
}

/* ---- webhooks ---- */

static void put_webhook(struct table *table, const struct document *document, size_t index)
{
    char member[MEMBER_SIZE];
    char events[EVENTS_SIZE] = "";
    size_t used = 0;
    const char *status = text_at(document, index, "status");
    snprintf(member, sizeof member, "data.%zu.events", index);
    size_t count = document_count(document, member);
    for (size_t event = 0; event < count && used < sizeof events; event++) {
        snprintf(member, sizeof member, "data.%zu.events.%zu", index, event);
        used += (size_t)snprintf(events + used, sizeof events - used, "%s%s", event > 0 ? "," : "",
                                 document_text(document, member, ""));
    }
    table_put(table, TABLE_PLAIN, "%s", text_at(document, index, "webhookId"));
    table_put(table, strcmp(status, "enabled") == 0 ? TABLE_GREEN : TABLE_RED, "%s", status);
    table_put(table, TABLE_PLAIN, "%s", events);
    table_put(table, TABLE_PLAIN, "%s", text_at(document, index, "description"));
    table_put(table, TABLE_PLAIN, "%s", text_at(document, index, "disabledReason"));
    table_put(table, TABLE_PLAIN, "%s", text_at(document, index, "url"));
}

static enum status print_webhooks(const struct document *document, bool is_wide)
{
    static const char *const names[] = {"WEBHOOK", "STATE",   "EVENTS", "DESCRIPTION",
                                        "REASON",  "ADDRESS", NULL};
    static const struct table_step steps[] = {
        {"DESCRIPTION", 24}, {"DESCRIPTION", 0}, {"EVENTS", 24}, {"REASON", 24},
        {"EVENTS", 0},       {"REASON", 0},      {NULL, 0},
    };
    struct table table;
    size_t count = document_count(document, "data");
    table_init(&table, names);
    table_narrow(&table, steps);
    table_flow(&table, 2);
    for (size_t index = 0; index < count; index++) {
        put_webhook(&table, document, index);
    }
    enum status status = terminal_table(&table, is_wide, "there are no webhooks of this user");
    table_fini(&table);
    return status;
}

static int list(struct session *session, const struct wish *wish)
{
    struct client_answer answer = {0};
    const struct client_request request = {.method = "GET", .path = "/api/v1/webhooks"};
    int code = session_perform(session, &request, &answer);
    if (code == EXIT_CODE_OK && wish->json) {
        code = rows_print_json(answer.document);
    } else if (code == EXIT_CODE_OK && print_webhooks(answer.document, wish->wide) != STATUS_OK) {
        code = EXIT_CODE_FAILED;
    }
    document_destroy(&answer.document);
    return code;
}

/* ---- deliveries ---- */

static enum table_colour colour_of(const char *status)
{
    return strcmp(status, "completed") == 0 ? TABLE_GREEN
           : strcmp(status, "failed") == 0  ? TABLE_RED
           : strcmp(status, "active") == 0  ? TABLE_CYAN
                                            : TABLE_YELLOW;
}

static void put_delivery(struct table *table, const struct document *document, size_t index)
{
    static const char of_job[] = "job."; /* which goes without saying beside the job */
    char member[MEMBER_SIZE];
    const char *status = text_at(document, index, "status");
    const char *next = text_at(document, index, "nextAttemptAt");
    table_put(table, TABLE_PLAIN, "%s", text_at(document, index, "deliveryId"));
    const char *event = text_at(document, index, "type");
    bool is_of_job = strncmp(event, of_job, sizeof of_job - 1) == 0;
    table_put(table, TABLE_PLAIN, "%s", event + (is_of_job ? sizeof of_job - 1 : 0));
    table_put(table, TABLE_PLAIN, "%s", text_at(document, index, "jobId"));
    table_put(table, colour_of(status), "%s", status);
    snprintf(member, sizeof member, "data.%zu.attemptsMade", index);
    table_put(table, TABLE_PLAIN, "%lld", (long long)document_integer(document, member, 0));
    snprintf(member, sizeof member, "data.%zu.lastStatus", index);
    int64_t answered = document_integer(document, member, 0);
    if (answered > 0) {
        table_put(table, TABLE_PLAIN, "%lld", (long long)answered);
    } else {
        table_put(table, TABLE_PLAIN, "-");
    }
    table_put(table, TABLE_PLAIN, "%s", text_at(document, index, "createdAt"));
    const char *error = text_at(document, index, "lastError.message");
    bool has_both = error[0] != '\0' && next[0] != '\0';
    table_put(table, TABLE_PLAIN, "%s%s%s%s", error, has_both ? "; " : "",
              next[0] == '\0' ? "" : "next try at ", next);
}

static enum status print_deliveries(const struct document *document, bool is_wide)
{
    static const char *const names[] = {"DELIVERY", "EVENT",   "JOB",     "STATE", "#TRIES",
                                        "#ANSWER",  "CREATED", "OUTCOME", NULL};
    static const struct table_step steps[] = {
        {"CREATED", 19}, {"CREATED", 0}, {"JOB", 8}, {"ANSWER", 0},
        {"TRIES", 0},    {"JOB", 0},     {NULL, 0},
    };
    enum {
        BESIDE_STEPS = 2, /* what became of it goes below before a job is cut */
    };
    struct table table;
    size_t count = document_count(document, "data");
    table_init(&table, names);
    table_narrow(&table, steps);
    table_flow(&table, BESIDE_STEPS);
    for (size_t index = 0; index < count; index++) {
        put_delivery(&table, document, index);
    }
    enum status status = terminal_table(&table, is_wide, "nothing was delivered to it");
    table_fini(&table);
    return status;
}

/* Whose deliveries are meant. */
struct target {
    const char *family;       /* of its path */
    struct document *webhook; /* what is told of it; NULL of a job */
};

/* Finds out whether an id is of a webhook or of a job. Returns an exit code. */
static int find(struct session *session, const char *id, struct target *out)
{
    static const char *const families[] = {"webhooks", "character-jobs", "media-jobs"};
    char path[PATH_SIZE];
    struct client_answer answer = {0};
    const struct client_request request = {.method = "GET", .path = path};
    for (size_t index = 0; index < sizeof families / sizeof families[0]; index++) {
        document_destroy(&answer.document);
        snprintf(path, sizeof path, "/api/v1/%s/%s", families[index], id);
        out->family = families[index];
        enum status status = client_perform(session->client, &request, &answer);
        if (status != STATUS_OK || answer.code != 404) {
            int code = session_judge(session, status, &answer);
            if (code == EXIT_CODE_OK && index == 0) {
                out->webhook = answer.document;
            } else {
                document_destroy(&answer.document);
            }
            return code;
        }
    }
    document_destroy(&answer.document);
    fputs("troupe: 404 You have no such webhook or job\n", stderr);
    return EXIT_CODE_REFUSED;
}

static enum status path_write(const struct wish *wish, const char *family, const char *id,
                              struct buffer *path)
{
    enum status status = buffer_append_format(path, "/api/v1/%s/%s/deliveries?limit=%s", family, id,
                                              wish->limit == NULL ? "20" : wish->limit);
    if (status == STATUS_OK && wish->cursor != NULL) {
        status = buffer_append_format(path, "&cursor=");
    }
    if (status == STATUS_OK && wish->cursor != NULL) {
        status = filter_escape(wish->cursor, path);
    }
    return status == STATUS_OK ? buffer_append(path, "", 1) : status;
}

static int print_log(const struct wish *wish, const struct target *target,
                     const struct document *document)
{
    static const struct row rows[] = {
        {"webhook", "data.webhookId"},       {"state", "data.status"}, {"events", "data.events"},
        {"disabled", "data.disabledReason"}, {"address", "data.url"},
    };
    int code = EXIT_CODE_OK;
    const char *next = document_text(document, "pagination.nextCursor", "");
    if (wish->json) {
        code = rows_print_json(document);
    } else {
        if (target->webhook != NULL) {
            rows_print(target->webhook, rows, sizeof rows / sizeof rows[0]);
            printf("\n");
        }
        code =
            print_deliveries(document, wish->wide) == STATUS_OK ? EXIT_CODE_OK : EXIT_CODE_FAILED;
    }
    if (next[0] != '\0') {
        terminal_line(stderr, "troupe: there may be more: --cursor %s", next);
    }
    return code;
}

static int log_of(struct session *session, const struct wish *wish, const struct target *target,
                  const char *id)
{
    struct buffer path;
    struct client_answer answer = {0};
    int code = EXIT_CODE_USAGE;
    buffer_init(&path, PATH_SIZE);
    if (path_write(wish, target->family, id, &path) == STATUS_OK) {
        const struct client_request request = {.method = "GET", .path = (const char *)path.data};
        code = session_perform(session, &request, &answer);
    } else {
        fprintf(stderr, "troupe: what is asked for is too long\n");
    }
    if (code == EXIT_CODE_OK) {
        code = print_log(wish, target, answer.document);
    }
    document_destroy(&answer.document);
    buffer_fini(&path);
    return code;
}

static int send_again(struct session *session, const struct wish *wish, const char *family,
                      const char *id)
{
    static const struct row rows[] = {{"delivery", "data.deliveryId"}, {"state", "data.status"}};
    char path[PATH_SIZE];
    struct client_answer answer = {0};
    const struct client_request request = {.method = "POST", .path = path};
    snprintf(path, sizeof path, "/api/v1/%s/%s/deliveries/%s/replay", family, id, wish->again);
    int code = session_perform(session, &request, &answer);
    if (code == EXIT_CODE_OK && wish->json) {
        code = rows_print_json(answer.document);
    } else if (code == EXIT_CODE_OK) {
        rows_print(answer.document, rows, sizeof rows / sizeof rows[0]);
    }
    document_destroy(&answer.document);
    return code;
}

static int one(struct session *session, const struct wish *wish, const char *id)
{
    struct target target = {0};
    int code = find(session, id, &target);
    if (code == EXIT_CODE_OK) {
        code = wish->again != NULL ? send_again(session, wish, target.family, id)
                                   : log_of(session, wish, &target, id);
    }
    document_destroy(&target.webhook);
    return code;
}

/* Whether the words mean something. Returns EXIT_CODE_OK or _USAGE, after a message. */
static int check(const struct wish *wish, int others, char *const *words)
{
    int64_t limit;
    bool is_paged = wish->limit != NULL || wish->cursor != NULL;
    if (others < 0 || others > 1) {
        return options_words(usage_webhooks, "WEBHOOK", 0, 1, others, words);
    }
    if (others == 0 && (is_paged || wish->again != NULL)) {
        return options_wrong(usage_webhooks, "WEBHOOK or JOB is missing");
    }
    if (is_paged && wish->again != NULL) {
        return options_wrong(usage_webhooks, "--again is not used with --limit or --cursor");
    }
    if (wish->limit != NULL && !options_number("--limit", wish->limit, 1, PAGE_MAX, &limit)) {
        return EXIT_CODE_USAGE;
    }
    bool is_id = (others == 0 || session_is_id(words[0])) &&
                 (wish->again == NULL || session_is_id(wish->again));
    return is_id ? EXIT_CODE_OK : EXIT_CODE_USAGE;
}

int command_webhooks(int count, char **words)
{
    struct wish wish = {0};
    struct session session;
    const struct option_rule rules[] = {
        {"--data", &wish.data, NULL},   {"--user", &wish.user, NULL},
        {"--limit", &wish.limit, NULL}, {"--cursor", &wish.cursor, NULL},
        {"--again", &wish.again, NULL}, {"--wide", NULL, &wish.wide},
        {"--json", NULL, &wish.json},
    };
    int others = options_take(count, words, rules, sizeof rules / sizeof rules[0]);
    int code = check(&wish, others, words);
    if (code != EXIT_CODE_OK) {
        return code;
    }
    code = EXIT_CODE_FAILED;
    if (session_open(&session, wish.data, wish.user) == STATUS_OK) {
        code = others == 0 ? list(&session, &wish) : one(&session, &wish, words[0]);
    }
    session_close(&session);
    return code;
}
