#include "cli/session.h"

#include <stdio.h>
#include <string.h>
#include "base/id.h"
#include "cli/command.h"
#include "cli/refusal.h"
#include "cli/terminal_text.h"

enum {
    CODE_NO_ROOM = 507, /* new work is refused while the disk is nearly full; all else goes on */
};

static enum status open_as(struct session *session, const char *data, const char *user,
                           enum token_role role)
{
    memset(session, 0, sizeof *session);
    enum status status = stack_find(data, user, role, &session->stack);
    if (status == STATUS_OK) {
        status = client_new(&session->stack, &session->client);
    }
    return status;
}

enum status session_open(struct session *session, const char *data, const char *user)
{
    return open_as(session, data, user, TOKEN_ROLE_USER);
}

enum status session_open_admin(struct session *session, const char *data, const char *user)
{
    return open_as(session, data, user, TOKEN_ROLE_ADMIN);
}

void session_close(struct session *session)
{
    client_destroy(&session->client);
}

/* Says which token was needed, where it is not made here. Viewers read what admins do. */
static void tell_role(const struct session *session, const struct client_answer *answer)
{
    const char *code =
        answer->document == NULL ? "" : document_text(answer->document, "error.code", "");
    if (strcmp(code, "forbidden") != 0 || session->stack.data[0] != '\0') {
        return;
    }
    bool may_be_viewer = answer->is_to_read && session->stack.role == TOKEN_ROLE_USER;
    fprintf(stderr,
            "  TROUPE_TOKEN is %s %s's; this takes %san admin's, which the stack's machine makes:\n"
            "  troupe token --user NAME --role %s\n",
            session->stack.role == TOKEN_ROLE_ADMIN ? "an" : "a",
            token_role_name(session->stack.role), may_be_viewer ? "a viewer's or " : "",
            may_be_viewer ? "viewer" : "admin");
}

int session_judge(const struct session *session, enum status status,
                  const struct client_answer *answer)
{
    if (status == STATUS_AGAIN) {
        return EXIT_CODE_INTERRUPTED; /* who stopped it knows */
    }
    if (status != STATUS_OK) {
        fprintf(stderr, "troupe: no answer from %s: %s\n", session->stack.url,
                client_error(session->client)[0] != '\0' ? client_error(session->client)
                                                         : status_text(status));
        return EXIT_CODE_FAILED;
    }
    if (answer->code >= 200 && answer->code < 300 && answer->document != NULL) {
        return EXIT_CODE_OK;
    }
    refusal_print(stderr, answer->code, answer->document, answer->retry_after_s);
    tell_role(session, answer);
    bool is_refused = (answer->code >= 400 && answer->code < 500) || answer->code == CODE_NO_ROOM;
    return is_refused ? EXIT_CODE_REFUSED : EXIT_CODE_FAILED;
}

int session_perform(struct session *session, const struct client_request *request,
                    struct client_answer *answer)
{
    return session_judge(session, client_perform(session->client, request, answer), answer);
}

/* Whether an answer says that there is nothing of the id, and not that the job is there and what it
 * was to be made from is gone. */
static bool is_unknown(const struct client_answer *answer)
{
    const char *code =
        answer->document == NULL ? "" : document_text(answer->document, "error.code", "");
    return answer->code == 404 && strcmp(code, "character_not_found") != 0 &&
           strcmp(code, "media_not_found") != 0;
}

/* Asks each family until one knows the job. Returns NOT_FOUND when none does, or a status of
 * client_perform. */
static enum status ask_families(struct session *session, const char *method, const char *job,
                                const char **family_out, struct client_answer *answer)
{
    static const char *const families[] = {"character-jobs", "media-jobs", "batches", "pipelines"};
    char path[128];
    const struct client_request request = {.method = method, .path = path};
    for (size_t index = 0; index < sizeof families / sizeof families[0]; index++) {
        document_destroy(&answer->document);
        snprintf(path, sizeof path, "/api/v1/%s/%s", families[index], job);
        *family_out = families[index];
        enum status status = client_perform(session->client, &request, answer);
        if (status != STATUS_OK || !is_unknown(answer)) {
            return status;
        }
    }
    return STATUS_NOT_FOUND;
}

/* Goes on as an admin, where the token is made here. Returns whether that is another role. */
static bool become_admin(struct session *session)
{
    struct stack *stack = &session->stack;
    bool is_made_here = stack->data[0] != '\0';
    if (!is_made_here || stack->role == TOKEN_ROLE_ADMIN) {
        return false;
    }
    stack->role = TOKEN_ROLE_ADMIN;
    return stack_renew(stack) == STATUS_OK;
}

bool session_sees_all(struct session *session)
{
    return become_admin(session) || session->stack.role != TOKEN_ROLE_USER;
}

/* Cancels (DELETE) or sends again (POST, of ID/retry) what is no job of a user's, but a delivery of
 * a webhook, by the admin API. */
static enum status change_delivery(struct session *session, const char *method, const char *job,
                                   const char **family_out, struct client_answer *answer)
{
    char path[128];
    const struct client_request request = {.method = "POST", .path = path};
    const char *action = strcmp(method, "DELETE") == 0 ? "/cancel" : "";
    document_destroy(&answer->document);
    snprintf(path, sizeof path, "/api/v1/admin/jobs/%s%s", job, action);
    *family_out = "media-jobs";
    enum status status = client_perform(session->client, &request, answer);
    return status == STATUS_OK && is_unknown(answer) ? STATUS_NOT_FOUND : status;
}

/* Reads what the admin API has of anybody's job, delivery, batch or pipeline, where it may be
 * asked. Returns NOT_FOUND when it has none, or a status of client_perform. */
static enum status ask_any(struct session *session, const char *id, const char **family_out,
                           struct client_answer *answer)
{
    static const char *const families[] = {"admin/jobs", "admin/groups"};
    char path[128];
    const struct client_request request = {.method = "GET", .path = path};
    size_t count = session_sees_all(session) ? sizeof families / sizeof families[0] : 0;
    for (size_t index = 0; index < count; index++) {
        document_destroy(&answer->document);
        snprintf(path, sizeof path, "/api/v1/%s/%s", families[index], id);
        *family_out = families[index];
        enum status status = client_perform(session->client, &request, answer);
        if (status != STATUS_OK || answer->code != 404) {
            return status;
        }
    }
    return STATUS_NOT_FOUND;
}

/* Whether an id is of a batch or pipeline that the session sees. */
static bool is_group(struct session *session, const char *id)
{
    struct client_answer answer = {0};
    const char *family;
    enum status status = ask_families(session, "GET", id, &family, &answer);
    bool is_some = status == STATUS_OK && answer.code == 200 &&
                   document_integer(answer.document, "data.total", 0) > 0;
    document_destroy(&answer.document);
    return is_some;
}

/* Says that nobody knows an id, or, to who retries a batch or pipeline, what to type. */
static int tell_unknown(struct session *session, const char *method, const char *job)
{
    char id[ID_TEXT_SIZE];
    bool is_retry = strcmp(method, "POST") == 0;
    snprintf(id, sizeof id, "%s", job); /* without what is behind it */
    if (is_retry && is_group(session, id)) {
        fprintf(stderr,
                "troupe: that is no job but a batch or pipeline, whose jobs are tried again by\n"
                "  troupe retry --where groupId=%s status=failed\n",
                id);
    } else {
        fprintf(stderr, "troupe: 404 There is no such job%s\n",
                is_retry ? "" : ", batch or pipeline");
    }
    return EXIT_CODE_REFUSED;
}

int session_find_job(struct session *session, const char *method, const char *job,
                     const char **family_out, struct client_answer *answer)
{
    enum status status = ask_families(session, method, job, family_out, answer);
    if (status == STATUS_NOT_FOUND && become_admin(session)) {
        status = ask_families(session, method, job, family_out, answer);
    }
    if (status == STATUS_NOT_FOUND && strcmp(method, "GET") != 0 && session_sees_all(session)) {
        status = change_delivery(session, method, job, family_out, answer);
    }
    if (status == STATUS_NOT_FOUND && strcmp(method, "GET") == 0) {
        status = ask_any(session, job, family_out, answer);
    }
    return status == STATUS_NOT_FOUND ? tell_unknown(session, method, job)
                                      : session_judge(session, status, answer);
}

/* The family of a job that the admin API tells of. */
static const char *family_of(const struct document *job)
{
    const char *queue = document_text(job, "data.queue", "");
    return strcmp(queue, "character") == 0 ? "character-jobs" : "media-jobs";
}

int session_show_job(struct session *session, const char *job, bool timeline,
                     const char **family_out, struct client_answer *answer)
{
    char path[128];
    const struct client_request request = {.method = "GET", .path = path};
    if (session_sees_all(session)) {
        snprintf(path, sizeof path, "/api/v1/admin/jobs/%s", job);
        enum status status = client_perform(session->client, &request, answer);
        if (status != STATUS_OK || answer->code != 404) {
            int code = session_judge(session, status, answer);
            *family_out = code == EXIT_CODE_OK ? family_of(answer->document) : NULL;
            return code;
        }
    }
    if (session->stack.role == TOKEN_ROLE_VIEWER) { /* to whom a batch's own path tells nothing */
        document_destroy(&answer->document);
        *family_out = "admin/groups";
        snprintf(path, sizeof path, "/api/v1/admin/groups/%s", job);
        enum status status = client_perform(session->client, &request, answer);
        if (status != STATUS_OK || answer->code != 404) {
            return session_judge(session, status, answer);
        }
    }
    snprintf(path, sizeof path, "%s%s", job, timeline ? "?include=timeline" : "");
    return session_find_job(session, "GET", path, family_out, answer);
}

void session_reach(struct session *session, const char *path)
{
    struct client_answer answer = {0};
    const struct client_request request = {.method = "GET", .path = path};
    if (session->stack.data[0] == '\0') {
        return;
    }
    enum status status = client_perform(session->client, &request, &answer);
    if (status == STATUS_OK && answer.code == 404) {
        (void)become_admin(session); /* else it is told that there is none */
    }
    document_destroy(&answer.document);
}

bool session_is_id(const char *word)
{
    struct id id;
    size_t size = strlen(word);
    if (id_parse(slice_from_string(word), &id) == STATUS_OK) {
        return true;
    }
    if (size > 0 && size < ID_TEXT_SIZE - 1 && strspn(word, ID_CHARACTERS) == size) {
        fprintf(stderr,
                "troupe: %s is not a whole id; `troupe jobs q=%s` looks for jobs that have it\n",
                word, word);
    } else {
        terminal_line(stderr, "troupe: %s is not an id", word);
    }
    return false;
}
