/* `troupe show`, `tail`, `cancel` and `retry`: one job, batch or pipeline, from its id alone. What
 * jobs made is shown as made.h has it. */

#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/id.h"
#include "cli/about.h"
#include "cli/beginning.h"
#include "cli/command.h"
#include "cli/follow.h"
#include "cli/made.h"
#include "cli/members.h"
#include "cli/operation.h"
#include "cli/repeat.h"
#include "cli/rows.h"
#include "cli/session.h"
#include "cli/terminal_text.h"
#include "cli/timeline.h"
#include "base/words.h"
#include "proto/word_lists.h"

const char usage_show[] =
    "usage: troupe show JOB|BATCH|PIPELINE [--timeline] [--json] [--user NAME]\n"
    "                   [--data DIR]\n"
    "       troupe show JOB --curl [--user NAME] [--data DIR]\n"
    "       troupe show character CHARACTER [--json] [--user NAME] [--data DIR]\n"
    "       troupe show media CHARACTER MEDIA [--json] [--user NAME] [--data DIR]\n"
    "Of a batch or pipeline its jobs are listed, too. Admins and viewers are also\n"
    "told a job's owner, what it was asked with (input) and who was called for it;\n"
    "admins are shown characters and media entries of other users, too.\n"
    "Long texts are cut on a terminal; --json, and a pipe, have them whole. --curl\n"
    "prints, for them, the command that asks for the same again, with the token of\n"
    "whom it is to be for in TOKEN. JOB, BATCH and PIPELINE may be as much of the\n"
    "beginning of an id, four characters or more, as no other has, here and wherever\n"
    "jobs are named: of all jobs for them, of their own for others.\n";
const char usage_tail[] =
    "usage: troupe tail [JOB|BATCH|PIPELINE] [--json] [--user NAME] [--data DIR]\n"
    "Follows a job, or those of a batch or pipeline, to the end, or everything of\n"
    "yours. Others' are for admins, and for viewers, who are told once a second what\n"
    "has become of the jobs, and so is of a webhook's delivery who may see it. How a\n"
    "job ended that was removed between two looks is not known: that is exit code 1.\n";
const char usage_cancel[] =
    "usage: troupe cancel JOB|BATCH|PIPELINE [--json] [--user NAME] [--data DIR]\n"
    "       troupe cancel JOB JOB... [--json] [--user NAME] [--data DIR]\n"
    "       troupe cancel --where NAME=VALUE... [--json] [--user NAME] [--data DIR]\n"
    "       troupe cancel --where --all [--json] [--user NAME] [--data DIR]\n"
    "Several jobs, or with --where all users' that `troupe jobs NAME=VALUE...` finds,\n"
    "are done in the background, as an admin; Ctrl-C stops it.\n";
const char usage_retry[] =
    "usage: troupe retry JOB [--json] [--user NAME] [--data DIR]\n"
    "       troupe retry JOB JOB... [--json] [--user NAME] [--data DIR]\n"
    "       troupe retry --where NAME=VALUE... [--json] [--user NAME] [--data DIR]\n"
    "       troupe retry --where --all [--json] [--user NAME] [--data DIR]\n"
    "Several jobs, or with --where all users' that `troupe jobs NAME=VALUE...` finds,\n"
    "are done in the background, as an admin; Ctrl-C stops it.\n";

enum {
    MEMBER_SIZE = 64,
    PROVIDERS_MAX = 17, /* of a job that are told, and the end of their list */
    NAMES_SIZE = 512,
    CURL_SIZE_MAX = 2 << 20, /* bytes: a request's body, its quotes escaped */
};

struct words {
    const char *data, *user;
    bool json;
    bool curl;       /* of show */
    bool timeline;   /* of show */
    bool where, all; /* of cancel and retry */
};

static int take_words(struct words *out, bool is_show, int count, char **words)
{
    const struct option_rule rules[] = {
        {"--data", &out->data, NULL},
        {"--user", &out->user, NULL},
        {"--json", NULL, &out->json},
        {"--timeline", NULL, &out->timeline}, /* only show has these */
        {"--curl", NULL, &out->curl},
    };
    int rule_count = (int)(sizeof rules / sizeof rules[0]);
    return options_take(count, words, rules, is_show ? rule_count : rule_count - 2);
}

/* What is told of a character's job alone: its type, which goes without saying in the API. */
static void print_type(struct session *session, const char *family, const struct document *document)
{
    char name[ABOUT_NAME_SIZE];
    bool has_many = document_integer(document, "data.total", 0) > 0;
    if (has_many && strcmp(family, "admin/groups") == 0) {
        rows_print_text("type", document_text(document, "data.type", ""));
    } else if (!has_many) {
        about_name(session, family, document, name);
        printf("%-12s %s\n", "type", about_type(family, document));
        if (name[0] != '\0') {
            terminal_line(stdout, "%-12s %s", "character", name);
        }
    }
}

/* The providers that were called for it, each once, in the order of their first calls. */
static void print_providers(const struct document *document)
{
    char member[MEMBER_SIZE];
    char names[NAMES_SIZE] = "";
    const char *known[PROVIDERS_MAX] = {NULL};
    size_t count = document_count(document, "data.timeline.events");
    size_t used = 0;
    size_t size = 0;
    for (size_t index = 0; index < count && used < PROVIDERS_MAX - 1; index++) {
        snprintf(member, sizeof member, "data.timeline.events.%zu.provider", index);
        const char *name = document_text(document, member, NULL);
        if (name == NULL) { /* a call without a price is told by its step */
            snprintf(member, sizeof member, "data.timeline.events.%zu.call.provider", index);
            name = document_text(document, member, NULL);
        }
        if (name == NULL || words_has(known, name) || size >= sizeof names) {
            continue;
        }
        size +=
            (size_t)snprintf(names + size, sizeof names - size, "%s%s", used > 0 ? ", " : "", name);
        known[used++] = name;
    }
    if (used > 0) {
        rows_print_text("providers", names);
    }
}

/* What its calls have cost. */
static void print_cost(const struct document *document)
{
    char text[3 * MONEY_TEXT_SIZE + 48];
    char amount[MONEY_TEXT_SIZE];
    uint64_t spent;
    uint64_t other;
    if (!document_money(document, "data.cost.spentUsd", &spent)) {
        return;
    }
    int size = snprintf(text, sizeof text, "%s USD", money_format(spent, amount));
    if (document_money(document, "data.cost.estimateUsd", &other)) {
        size += snprintf(text + size, sizeof text - (size_t)size, ", estimated at %s",
                         money_format(other, amount));
    }
    if (document_money(document, "data.cost.uncertainUsd", &other) && other > 0) {
        snprintf(text + size, sizeof text - (size_t)size, ", %s of it uncertain",
                 money_format(other, amount));
    }
    rows_print_text("cost", text);
}

/* A cancel that was asked for, and is not over. */
static void print_cancel(const char *status)
{
    if (strcmp(status, "active") == 0) {
        printf("%-12s %s\n", "cancel", "asked for; the job ends within seconds");
    } else if (strcmp(status, "waiting") == 0) {
        printf(
            "%-12s %s\n", "cancel",
            "asked for; the job waits for a worker that drops its provider's task, 30 s at most");
    }
}

/* How many jobs of a group are in each status, of those that some are in. */
static void print_counts(const struct document *document)
{
    char text[NAMES_SIZE] = "";
    size_t size = 0;
    for (size_t index = 0; WORD_LIST_STATUSES[index] != NULL && size < sizeof text; index++) {
        char member[MEMBER_SIZE];
        snprintf(member, sizeof member, "data.counts.%s", WORD_LIST_STATUSES[index]);
        long long count = (long long)document_integer(document, member, 0);
        if (count > 0) {
            size += (size_t)snprintf(text + size, sizeof text - size, "%s%lld %s",
                                     size > 0 ? ", " : "", count, WORD_LIST_STATUSES[index]);
        }
    }
    if (size > 0) {
        rows_print_text("of them", text);
    }
}

static void print_job(struct session *session, const char *family, const struct document *document)
{
    static const struct row ids[] = {
        {"job", "data.jobId"},
        {"batch", "data.batchId"},
        {"pipeline", "data.pipelineId"},
        {"group", "data.groupId"},
    };
    static const struct row made[] = {
        {"owner", "data.owner"},
        {"status", "data.status"},
        {"progress", "data.progress"},
        {"jobs", "data.total"},
        {"waits for", "data.waitReason"},
        {"position", "data.queuePosition"},
        {"starts in s", "data.etaSeconds"},
        {"step", "data.step"},
        {"worker", "data.workerId"},
    };
    /* The one that it has made, or is to be made from. */
    static const struct row characters[] = {
        {"characterId", "data.result.characterId"},
        {"characterId", "data.characterId"},
    };
    static const struct row media[] = {
        {"mediaId", "data.result.mediaId"},
        {"images", "data.result.images"},
        {"videos", "data.result.videos"},
    };
    static const struct row rows[] = {
        {"input", "data.input"},           {"made from", "data.sourceMediaId"},
        {"priority", "data.priority"},     {"tags", "data.tags"},
        {"metadata", "data.metadata"},     {"run at", "data.runAt"},
        {"start by", "data.startBy"},      {"deadline", "data.deadline"},
        {"attempts", "data.attemptsMade"}, {"last error", "data.lastError"},
        {"failed", "data.failedReason"},   {"created", "data.createdAt"},
        {"started", "data.startedAt"},     {"completed", "data.completedAt"},
        {"kept until", "data.expiresAt"},
    };
    bool has_made = document_text(document, "data.result.characterId", NULL) != NULL;
    rows_print(document, ids, sizeof ids / sizeof ids[0]);
    print_type(session, family, document);
    rows_print(document, made, sizeof made / sizeof made[0]);
    print_counts(document);
    print_providers(document);
    rows_print(document, &characters[has_made ? 0 : 1], 1);
    rows_print(document, media, sizeof media / sizeof media[0]);
    about_print_url(session, "url", document, "data.result.url");
    about_print_portrait(session, document);
    print_cost(document);
    rows_print(document, rows, sizeof rows / sizeof rows[0]);
    if (document_flag(document, "data.cancelRequested", false)) {
        print_cancel(document_text(document, "data.status", ""));
    }
}

/* Prints the request that makes such a job. */
static int print_curl(const struct session *session, const struct document *document)
{
    struct buffer command;
    buffer_init(&command, CURL_SIZE_MAX);
    enum status status = repeat_write(document, session->stack.url, &command);
    if (status == STATUS_OK) {
        printf("%.*s\n", (int)command.size, (const char *)command.data);
    } else if (status == STATUS_NOT_FOUND) {
        fprintf(stderr, "troupe: no request makes such a job\n");
    } else if (status == STATUS_DENIED) {
        fprintf(stderr, "troupe: what it was asked with is told to admins and viewers\n");
    } else {
        fprintf(stderr, "troupe: %s\n", status_text(status));
    }
    buffer_fini(&command);
    return status == STATUS_OK ? EXIT_CODE_OK : EXIT_CODE_FAILED;
}

/* Prints what one request was answered with. */
static int print_answer(struct session *session, const char *family,
                        const struct document *document, const struct words *options)
{
    if (options->json) {
        return rows_print_json(document);
    }
    print_job(session, family, document);
    if (options->timeline) {
        timeline_print(document);
    }
    return EXIT_CODE_OK;
}

/* Performs method on one job and prints it. */
static int perform_on(const char *word, const char *method, const char *action,
                      const struct words *options)
{
    struct session session;
    struct client_answer answer = {0};
    const char *family;
    char id[ID_TEXT_SIZE];
    char job[ID_TEXT_SIZE + sizeof "/retry"];
    int code = EXIT_CODE_FAILED;
    if (!beginning_is(word)) {
        return EXIT_CODE_USAGE;
    }
    if (session_open(&session, options->data, options->user) == STATUS_OK) {
        code = beginning_find_job(&session, word, BEGINNING_CHANGES, id);
    }
    if (code == EXIT_CODE_OK) {
        snprintf(job, sizeof job, "%s%s", id, action);
        code = session_find_job(&session, method, job, &family, &answer);
    }
    if (code == EXIT_CODE_OK) {
        code = print_answer(&session, family, answer.document, options);
    }
    document_destroy(&answer.document);
    session_close(&session);
    return code;
}

/* The answer about a batch or pipeline, with its jobs. Of a pipeline the answer has them. */
static int print_group(struct session *session, const char *family, const char *group,
                       const struct document *document, const struct words *options)
{
    struct members members = {0};
    if (options->json && strcmp(family, "pipelines") == 0) {
        return rows_print_json(document);
    }
    int code = members_load(session, family, group, &members);
    if (code == EXIT_CODE_OK && options->json) {
        code = members_print_json(&members, document);
    } else if (code == EXIT_CODE_OK) {
        print_job(session, family, document);
        printf("\n");
        code = members_print(&members);
    }
    members_fini(&members);
    return code;
}

static int show(const char *word, const struct words *options)
{
    struct session session;
    struct client_answer answer = {0};
    const char *family;
    char job[ID_TEXT_SIZE];
    int code = EXIT_CODE_FAILED;
    if (!beginning_is(word)) {
        return EXIT_CODE_USAGE;
    }
    if (session_open(&session, options->data, options->user) == STATUS_OK) {
        code = beginning_find_job(&session, word, BEGINNING_READS, job);
    }
    if (code == EXIT_CODE_OK) {
        code = session_show_job(&session, job, options->timeline, &family, &answer);
    }
    bool has_many = code == EXIT_CODE_OK && document_integer(answer.document, "data.total", 0) > 0;
    if (has_many && options->curl) {
        code = options_wrong(usage_show, "--curl is of one job, and by itself");
    } else if (has_many) {
        code = print_group(&session, family, job, answer.document, options);
    } else if (code == EXIT_CODE_OK && options->curl) {
        code = print_curl(&session, answer.document);
    } else if (code == EXIT_CODE_OK) {
        code = print_answer(&session, family, answer.document, options);
    }
    document_destroy(&answer.document);
    session_close(&session);
    return code;
}

/* Performs method on the one job named by the words and prints it, or the operation on several, or
 * on all that they describe. */
static int perform(const char *usage, const char *method, const char *action, const char *operation,
                   int count, char **words)
{
    struct words options = {0};
    const struct option_rule rules[] = {
        {"--data", &options.data, NULL}, {"--user", &options.user, NULL},
        {"--json", NULL, &options.json}, {"--where", NULL, &options.where},
        {"--all", NULL, &options.all},
    };
    int others = options_take(count, words, rules, sizeof rules / sizeof rules[0]);
    const struct operation_options wish = {
        .data = options.data, .user = options.user, .json = options.json, .all = options.all};
    if (others >= 0 && options.where) {
        return operation_perform(usage, operation, &wish, others, words);
    }
    if (others > 1 && !options.all) {
        return operation_perform_on_jobs(operation, &wish, others, words);
    }
    if (others >= 0 && options.all) {
        return options_wrong(usage, "--all is only for --where");
    }
    return others == 1 ? perform_on(words[0], method, action, &options)
                       : options_words(usage, "JOB", 1, 1, others, words);
}

int command_show(int count, char **words)
{
    struct words options = {0};
    int others = take_words(&options, true, count, words);
    bool is_made =
        others == 1 && (strcmp(words[0], "character") == 0 || strcmp(words[0], "media") == 0);
    if (options.curl && (options.json || options.timeline || is_made)) {
        return options_wrong(usage_show, "--curl is of one job, and by itself");
    }
    if (others == 1 && !is_made) {
        return show(words[0], &options);
    }
    const struct made_options made = {options.data, options.user, options.json};
    if (others <= 0) {
        return options_words(usage_show, "the id of what to show", 1, 1, others, words);
    }
    return options.timeline ? options_wrong(usage_show, "--timeline is only for one job")
                            : made_perform(usage_show, "GET", &made, others, words);
}

int command_cancel(int count, char **words)
{
    return perform(usage_cancel, "DELETE", "", "cancel", count, words);
}

int command_retry(int count, char **words)
{
    return perform(usage_retry, "POST", "/retry", "retry", count, words);
}

static int tail_job(struct session *session, const char *word, bool json)
{
    struct client_answer answer = {0};
    const char *family;
    char job[ID_TEXT_SIZE];
    int code = beginning_find_job(session, word, BEGINNING_READS, job);
    if (code == EXIT_CODE_OK) {
        code = session_find_job(session, "GET", job, &family, &answer);
    }
    if (code == EXIT_CODE_OK) {
        uint32_t total = (uint32_t)document_integer(answer.document, "data.total", 0);
        const char *label = about_type(family, answer.document);
        const struct follow_options options = {family, job, label, json, total, NULL};
        code = about_follow(session, &options, answer.document);
    }
    document_destroy(&answer.document);
    return code;
}

int command_tail(int count, char **words)
{
    struct words options = {0};
    struct session session;
    int code = EXIT_CODE_FAILED;
    int others = take_words(&options, false, count, words);
    if (others < 0 || others > 1) {
        return options_words(usage_tail, "JOB", 0, 1, others, words);
    }
    if (others == 1 && !beginning_is(words[0])) {
        return EXIT_CODE_USAGE;
    }
    if (session_open(&session, options.data, options.user) == STATUS_OK) {
        const struct follow_options everything = {.json = options.json};
        if (others == 0 && !options.json && isatty(STDERR_FILENO)) {
            fprintf(stderr, "troupe: everything of yours from now on, until Ctrl-C\n");
        }
        code = others == 1 ? tail_job(&session, words[0], options.json)
                           : follow(&session, &everything);
    }
    session_close(&session);
    return code;
}
