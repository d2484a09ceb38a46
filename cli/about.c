#include "cli/about.h"

#include <stdio.h>
#include <string.h>
#include "cli/command.h"
#include "cli/rows.h"
#include "cli/terminal_text.h"

enum {
    PATH_SIZE = 256,
    JOBS_SHOWN_MAX = 100, /* of a batch, a line each */
};

/* Gets a document; NULL when it cannot be had, for which there is no message. */
static struct document *get(struct session *session, const char *path)
{
    struct client_answer answer = {0};
    const struct client_request request = {.method = "GET", .path = path};
    enum status status = client_perform(session->client, &request, &answer);
    if (status != STATUS_OK || answer.code != 200) {
        document_destroy(&answer.document);
    }
    return answer.document;
}

/* Copies a member of what is at a path; nothing when there is none. */
static void copy_member(struct session *session, const char *path, const char *member,
                        char out[ABOUT_NAME_SIZE])
{
    struct document *document = get(session, path);
    if (document != NULL) {
        snprintf(out, ABOUT_NAME_SIZE, "%s", document_text(document, member, ""));
    }
    document_destroy(&document);
}

/* The name in the input of a job, which the admin API tells. */
static void ask_input(const struct session *session, const char *job, char out[ABOUT_NAME_SIZE])
{
    struct session admin;
    char path[PATH_SIZE];
    if (session->stack.data[0] == '\0') {
        return; /* another's token: a refusal would stand in the audit log */
    }
    snprintf(path, sizeof path, "/api/v1/admin/jobs/%s", job);
    if (session_open_admin(&admin, session->stack.data, session->stack.owner) == STATUS_OK) {
        copy_member(&admin, path, "data.input.name", out);
    }
    session_close(&admin);
}

void about_name(struct session *session, const char *family, const struct document *job,
                char out[ABOUT_NAME_SIZE])
{
    char path[PATH_SIZE];
    const char *name = document_text(job, "data.character.name", NULL);
    const char *character = document_text(job, "data.result.characterId", NULL);
    out[0] = '\0';
    if (strcmp(family, "character-jobs") != 0 || name != NULL) {
        snprintf(out, ABOUT_NAME_SIZE, "%s", name == NULL ? "" : name);
    } else if (character != NULL) {
        snprintf(path, sizeof path, "/api/v1/characters/%s", character);
        copy_member(session, path, "data.name", out);
    } else {
        ask_input(session, document_text(job, "data.jobId", ""), out);
    }
}

const char *about_type(const char *family, const struct document *job)
{
    if (strcmp(family, "batches") == 0) {
        return "batch";
    }
    if (strcmp(family, "pipelines") == 0) {
        return "pipeline";
    }
    const char *queue = document_text(job, "data.queue", "character"); /* told to admins */
    return document_text(job, "data.type", queue); /* only characters' jobs have none */
}

static void print_begin(struct session *session, const char *family, const char *job,
                        const struct document *about)
{
    char name[ABOUT_NAME_SIZE];
    int64_t total = document_integer(about, "data.total", 0);
    const char *type = about_type(family, about);
    if (total > 0) {
        terminal_line(stdout, "%s %s: %lld jobs", type, job, (long long)total);
        return;
    }
    about_name(session, family, about, name);
    terminal_line(stdout, "%s job %s%s%s", type, job, name[0] == '\0' ? "" : ": ", name);
}

/* ---- what became of it ---- */

/* Addresses that the gateway serves are told from its root on. */
static const char *base_of(const struct session *session, const char *url)
{
    return url[0] == '/' ? session->stack.url : "";
}

void about_print_url(const struct session *session, const char *name,
                     const struct document *document, const char *path)
{
    const char *url = document_text(document, path, NULL);
    if (url != NULL) {
        terminal_line(stdout, "%-12s %s%s", name, base_of(session, url), url);
    }
}

void about_print_portrait(struct session *session, const struct document *job)
{
    static const struct row row = {"mediaId", "data.mediaId"};
    static const struct row told = {"mediaId", "data.portrait.mediaId"}; /* to an admin */
    char path[PATH_SIZE];
    const char *character = document_text(job, "data.result.characterId", NULL);
    if (document_text(job, "data.portrait.url", NULL) != NULL) {
        rows_print(job, &told, 1);
        about_print_url(session, "portrait", job, "data.portrait.url");
        return;
    }
    if (character == NULL) {
        return;
    }
    snprintf(path, sizeof path, "/api/v1/characters/%s", character);
    struct document *made = get(session, path);
    if (made != NULL) {
        rows_print(made, &row, 1);
        about_print_url(session, "portrait", made, "data.imageUrl");
    }
    document_destroy(&made);
}

static void print_job(struct session *session, const struct document *job)
{
    static const struct row rows[] = {
        {"characterId", "data.result.characterId"},
        {"mediaId", "data.result.mediaId"},
    };
    rows_print(job, rows, sizeof rows / sizeof rows[0]);
    about_print_url(session, "url", job, "data.result.url");
    about_print_portrait(session, job);
}

/* Prints a line of a list: what was made, its id, of whom it is, and its address. */
static void print_made(const struct session *session, const char *type, const char *id,
                       const char *name, const char *url)
{
    terminal_line(stdout, "%-12s %s%s%s%s%s%s", type, id, name[0] == '\0' ? "" : "  ", name,
                  url[0] == '\0' ? "" : "  ", base_of(session, url), url);
}

static void print_pipeline(const struct session *session, const struct document *pipeline)
{
    static const struct {
        const char *type, *list;
    } lists[] = {{"image", "data.result.images"}, {"video", "data.result.videos"}};
    const char *character = document_text(pipeline, "data.result.characterId", NULL);
    char member[PATH_SIZE];
    if (character != NULL) {
        print_made(session, "character", character, "", "");
    }
    for (size_t list = 0; list < sizeof lists / sizeof lists[0]; list++) {
        size_t count = document_count(pipeline, lists[list].list);
        for (size_t index = 0; index < count; index++) {
            snprintf(member, sizeof member, "%s.%zu.mediaId", lists[list].list, index);
            const char *id = document_text(pipeline, member, "?");
            snprintf(member, sizeof member, "%s.%zu.url", lists[list].list, index);
            print_made(session, lists[list].type, id, "", document_text(pipeline, member, ""));
        }
    }
}

static const char *text_at(const struct document *list, size_t index, const char *name)
{
    char member[PATH_SIZE];
    snprintf(member, sizeof member, "data.%zu.%s", index, name);
    return document_text(list, member, NULL);
}

/* What a job of a batch made, or why it made nothing. */
static void print_item(const struct session *session, const struct document *list, size_t index,
                       const struct members *members)
{
    const char *type = text_at(list, index, "type");
    const char *media = text_at(list, index, "result.mediaId");
    const char *character = text_at(list, index, "result.characterId");
    const char *url = text_at(list, index, "result.url");
    const char *reason = text_at(list, index, "failedReason");
    const char *job = text_at(list, index, "jobId");
    const struct member *member = members_find(members, job == NULL ? "" : job);
    const char *name = member == NULL ? "" : member->name;
    type = type == NULL ? "character" : type;
    if (media != NULL || character != NULL) {
        print_made(session, type, media != NULL ? media : character, name, url == NULL ? "" : url);
    } else {
        const char *status = text_at(list, index, "status");
        terminal_line(stdout, "%-12s %s%s%s, job %s%s%s", status == NULL ? "?" : status, type,
                      name[0] == '\0' ? "" : " ", name, job == NULL ? "?" : job,
                      reason == NULL ? "" : ": ", reason == NULL ? "" : reason);
    }
}

static void print_batch(struct session *session, const char *batch, const struct members *members)
{
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "/api/v1/batches/%s/jobs?limit=%d", batch, JOBS_SHOWN_MAX);
    struct document *list = get(session, path);
    size_t count = list == NULL ? 0 : document_count(list, "data");
    for (size_t index = 0; index < count; index++) {
        print_item(session, list, index, members);
    }
    if (list != NULL && document_flag(list, "pagination.hasMore", false)) {
        printf("and those of %lld jobs more\n",
               (long long)document_integer(list, "pagination.total", 0) - (long long)count);
    }
    document_destroy(&list);
}

/* The jobs as they are now, for whom the batch's own list has nothing. */
static void print_members(struct session *session, const char *family, const char *group)
{
    struct members members = {0};
    if (members_load(session, family, group, &members) == EXIT_CODE_OK) {
        (void)members_print(&members);
    }
    members_fini(&members);
}

static void print_end(struct session *session, const char *family, const char *job,
                      const struct members *members)
{
    char path[PATH_SIZE];
    if (strcmp(family, "batches") == 0) {
        print_batch(session, job, members);
        return;
    }
    if (strcmp(family, "admin/groups") == 0) {
        print_members(session, family, job);
        return;
    }
    snprintf(path, sizeof path, "/api/v1/%s/%s", family, job);
    struct document *document = get(session, path);
    if (document != NULL && strcmp(family, "pipelines") == 0) {
        print_pipeline(session, document);
    } else if (document != NULL) {
        print_job(session, document);
    }
    document_destroy(&document);
}

int about_follow(struct session *session, const struct follow_options *wish,
                 const struct document *about)
{
    struct members members = {0};
    struct follow_options options = *wish;
    bool has_many = options.total > 0;
    if (!options.json && about != NULL) {
        print_begin(session, options.family, options.job, about);
    }
    if (!options.json && has_many) {
        (void)members_load(session, options.family, options.job, &members); /* names alone */
        options.members = &members;
    }
    int code = follow(session, &options);
    if (!options.json && (code == EXIT_CODE_OK || has_many)) {
        print_end(session, options.family, options.job, &members);
    }
    members_fini(&members);
    return code;
}
