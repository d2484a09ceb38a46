#include "cli/waiting.h"

#include <stdio.h>
#include <string.h>

enum {
    ASK_MS = 1000, /* nothing is drawn meanwhile */
    ASKED_MAX = 8, /* jobs of a pipeline that are asked for one by one, in a round */
    PATH_SIZE = 256,
    MEMBER_SIZE = 64,
};

/* Returns whether there is an answer, which the caller owns in any case. */
static bool ask(struct client *client, const char *path, struct client_answer *answer)
{
    const struct client_request request = {.method = "GET", .path = path, .timeout_ms = ASK_MS};
    return client_perform(client, &request, answer) == STATUS_OK && answer->code == 200 &&
           answer->document != NULL;
}

void waiting_ask_job(struct client *client, const char *family, const char *job,
                     char out[WAIT_REASON_SIZE])
{
    char path[PATH_SIZE];
    struct client_answer answer = {0};
    out[0] = '\0';
    snprintf(path, sizeof path, "/api/v1/%s/%s", family, job);
    if (ask(client, path, &answer)) {
        wait_reason_write(answer.document, "data", out);
    }
    document_destroy(&answer.document);
}

/* A round of questions about a group. */
struct round {
    struct client *client;
    const struct document *answer;
    struct bars *bars;
    int asked; /* jobs that were asked for one by one */
};

/* Tells why the job at a path waits, which may be null. A pipeline tells it of those only that wait
 * for another one: its family is that of the others. */
static void tell_job(struct round *round, const char *path, const char *family)
{
    char member[MEMBER_SIZE + 8];
    char reason[WAIT_REASON_SIZE];
    snprintf(member, sizeof member, "%s.status", path);
    bool waits = strcmp(document_text(round->answer, member, ""), "waiting") == 0;
    snprintf(member, sizeof member, "%s.jobId", path);
    const char *job = document_text(round->answer, member, NULL);
    if (job == NULL) {
        return;
    }
    wait_reason_write(round->answer, path, reason);
    if (waits && family != NULL && reason[0] == '\0' && round->asked < ASKED_MAX) {
        waiting_ask_job(round->client, family, job, reason);
        round->asked++;
    }
    bars_wait(round->bars, job, reason);
}

static void tell_list(struct round *round, const char *list, const char *family)
{
    char path[MEMBER_SIZE];
    size_t count = document_count(round->answer, list);
    for (size_t index = 0; index < count; index++) {
        snprintf(path, sizeof path, "%s.%zu", list, index);
        tell_job(round, path, family);
    }
}

void waiting_ask_group(struct client *client, const char *family, const char *group,
                       struct bars *bars)
{
    char path[PATH_SIZE];
    struct client_answer answer = {0};
    bool is_batch = strcmp(family, "batches") == 0;
    bool is_any = strcmp(family, "admin/groups") == 0;
    if (is_batch) {
        snprintf(path, sizeof path, "/api/v1/batches/%s/jobs?limit=%d", group, BARS_SHOWN_MAX);
    } else if (is_any) {
        snprintf(path, sizeof path, "/api/v1/admin/jobs?groupId=%s&limit=%d", group,
                 BARS_SHOWN_MAX);
    } else {
        snprintf(path, sizeof path, "/api/v1/%s/%s", family, group);
    }
    bool is_answered = ask(client, path, &answer);
    struct round round = {.client = client, .answer = answer.document, .bars = bars};
    if (is_answered && is_batch) {
        tell_list(&round, "data", NULL);
    } else if (is_answered && is_any) {
        tell_list(&round, "data.jobs", NULL);
    } else if (is_answered) {
        tell_job(&round, "data.character", "character-jobs");
        tell_list(&round, "data.images", "media-jobs");
        tell_list(&round, "data.videos", "media-jobs");
    }
    document_destroy(&answer.document);
}
