/* `troupe promote`, `remove`, `priority` and `duplicate`: what those who run the stack do with one
 * job, or with all that a search finds. */

#include <stdio.h>
#include "base/id.h"
#include "cli/beginning.h"
#include "cli/command.h"
#include "cli/operation.h"
#include "cli/rows.h"
#include "cli/session.h"

#define USAGE_SEVERAL                                                                    \
    "Several jobs, or with --where all users' that `troupe jobs NAME=VALUE...` finds,\n" \
    "are done in the background; Ctrl-C stops it.\n"

#define USAGE_WHERE(action)                                                                \
    "       troupe " action " JOB JOB... [--json] [--user NAME] [--data DIR]\n"            \
    "       troupe " action " --where NAME=VALUE... [--json] [--user NAME] [--data DIR]\n" \
    "       troupe " action " --where --all [--json] [--user NAME] [--data DIR]\n" USAGE_SEVERAL

const char usage_promote[] =
    "usage: troupe promote JOB [--json] [--user NAME] [--data DIR]\n" USAGE_WHERE("promote");
const char usage_remove[] =
    "usage: troupe remove JOB [--json] [--user NAME] [--data DIR]\n" USAGE_WHERE(
        "remove") "What it made stays: `troupe delete` deletes that.\n";
const char usage_priority[] =
    "usage: troupe priority PRIORITY JOB [--json] [--user NAME] [--data DIR]\n"
    "       troupe priority PRIORITY JOB JOB... [--json] [--user NAME] [--data DIR]\n"
    "       troupe priority PRIORITY --where NAME=VALUE... [--json] [--user NAME]\n"
    "                       [--data DIR]\n"
    "       troupe priority PRIORITY --where --all [--json] [--user NAME]\n"
    "                       [--data DIR]\n" USAGE_SEVERAL
    "PRIORITY: 1 to 255, 128 is usual; lower goes first.\n";

const char usage_duplicate[] =
    "usage: troupe duplicate JOB [--key IDEMPOTENCY-KEY] [--json] [--user NAME]\n"
    "                        [--data DIR]\n"
    "Makes another job like this one for the same user, and tells its id. With a key,\n"
    "one job is made however often it is asked for.\n";

enum {
    PATH_SIZE = 128,
    BODY_SIZE = 32,
};

struct wish {
    const char *usage;
    const char *action;
    struct operation_options options;
    const char *key; /* of a duplicate, or NULL */
    bool where;
};

/* Returns how many other words there are, or -1 after a message. */
static int take(struct wish *out, int count, char **words)
{
    struct operation_options *options = &out->options;
    const struct option_rule rules[] = {
        {"--data", &options->data, NULL}, {"--user", &options->user, NULL},
        {"--json", NULL, &options->json}, {"--where", NULL, &out->where},
        {"--all", NULL, &options->all},   {"--key", &out->key, NULL},
    };
    return options_take(count, words, rules, sizeof rules / sizeof rules[0]);
}

static int print(const struct client_answer *answer, bool json)
{
    static const struct row rows[] = {
        {"job", "data.jobId"},         {"status", "data.status"}, {"removed", "data.removed"},
        {"priority", "data.priority"}, {"run at", "data.runAt"},
    };
    if (json) {
        return rows_print_json(answer->document);
    }
    rows_print(answer->document, rows, sizeof rows / sizeof rows[0]);
    return EXIT_CODE_OK;
}

/* Asks for it of a job. */
static int ask(const struct wish *wish, const char *method, const char *job,
               struct session *session, struct client_answer *answer)
{
    char path[PATH_SIZE];
    char body[BODY_SIZE] = "";
    bool has_path = method[0] == 'P'; /* a DELETE is of the job itself */
    snprintf(path, sizeof path, "/api/v1/admin/jobs/%s%s%s", job, has_path ? "/" : "",
             has_path ? wish->action : "");
    if (wish->options.priority != 0) {
        snprintf(body, sizeof body, "{\"priority\":%lld}", (long long)wish->options.priority);
    }
    const struct client_request request = {
        .method = method, .path = path, .body = slice_from_string(body), .key = wish->key};
    return session_perform(session, &request, answer);
}

static int perform_on(const struct wish *wish, const char *method, const char *word)
{
    char job[ID_TEXT_SIZE];
    struct session session;
    struct client_answer answer = {0};
    int code = EXIT_CODE_FAILED;
    if (!beginning_is(word)) {
        return EXIT_CODE_USAGE;
    }
    if (session_open_admin(&session, wish->options.data, wish->options.user) == STATUS_OK) {
        code = beginning_find_job(&session, word, BEGINNING_CHANGES_JOB, job);
    }
    if (code == EXIT_CODE_OK) {
        code = ask(wish, method, job, &session, &answer);
    }
    if (code == EXIT_CODE_OK) {
        code = print(&answer, wish->options.json);
    }
    document_destroy(&answer.document);
    session_close(&session);
    return code;
}

static int perform(const struct wish *wish, const char *method, int count, char **words)
{
    if (wish->key != NULL && wish->usage != usage_duplicate) {
        return options_wrong(wish->usage, "--key is only for `troupe duplicate`");
    }
    if (wish->where) {
        return operation_perform(wish->usage, wish->action, &wish->options, count, words);
    }
    if (count > 1 && !wish->options.all && wish->usage != usage_duplicate) {
        return operation_perform_on_jobs(wish->action, &wish->options, count, words);
    }
    if (wish->options.all) {
        return options_wrong(wish->usage, "--all is only for --where");
    }
    return count == 1 ? perform_on(wish, method, words[0])
                      : options_words(wish->usage, "JOB", 1, 1, count, words);
}

int command_promote(int count, char **words)
{
    struct wish wish = {.usage = usage_promote, .action = "promote"};
    int others = take(&wish, count, words);
    return others < 0 ? options_bad(usage_promote) : perform(&wish, "POST", others, words);
}

int command_duplicate(int count, char **words)
{
    struct wish wish = {.usage = usage_duplicate, .action = "duplicate"};
    int others = take(&wish, count, words);
    if (others >= 0 && wish.where) {
        return options_wrong(usage_duplicate, "one job is duplicated at a time, without --where");
    }
    return others < 0 ? options_bad(usage_duplicate) : perform(&wish, "POST", others, words);
}

int command_remove(int count, char **words)
{
    struct wish wish = {.usage = usage_remove, .action = "remove"};
    int others = take(&wish, count, words);
    return others < 0 ? options_bad(usage_remove) : perform(&wish, "DELETE", others, words);
}

int command_priority(int count, char **words)
{
    struct wish wish = {.usage = usage_priority, .action = "priority"};
    int others = take(&wish, count, words);
    if (others < 1) {
        return options_words(usage_priority, "PRIORITY", 1, 1, others, words);
    }
    if (!options_number("PRIORITY", words[0], 1, 255, &wish.options.priority)) {
        return EXIT_CODE_USAGE;
    }
    return perform(&wish, "POST", others - 1, words + 1);
}
