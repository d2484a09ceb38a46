/* `troupe backup`: copies the store of a running stack, and lists the copies. */

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/json_writer.h"
#include "base/settings.h"
#include "cli/backup_list.h"
#include "cli/command.h"
#include "cli/rows.h"
#include "cli/session.h"
#include "cli/terminal_text.h"

enum {
    POLL_MS = 200, /* between looks whether it is whole */
    BODY_SIZE_MAX = 4096,
    PATH_IN_ANSWER_SIZE = 64,
};

const char usage_backup[] =
    "usage: troupe backup [NAME] [--json] [--user NAME] [--data DIR]\n"
    "       troupe backup --list [DIRECTORY] [--json] [--user NAME] [--data DIR]\n"
    "Copies the queue's store while it runs, reads the copy back, and says what it\n"
    "holds. NAME is letters, digits and .-_; without one it is the time. The copy is\n"
    "in DATA/backups/NAME on the broker's host, and goes by removing that directory.\n"
    "`troupe restore` takes it. --list asks the stack, or reads DATA/backups where\n"
    "none runs or answers; DIRECTORY, a path with a slash, is read without asking. It\n"
    "says which it did.\n";

static const char *const path = "/api/v1/admin/backups";

struct wish {
    const char *data, *user;
    const char *name; /* NULL: the time; of a list, the directory that has them */
    bool json, list;
};

/* Begins one. Returns an exit code; the answer is the caller's. */
static int begin(struct session *session, const char *name, struct client_answer *answer)
{
    struct buffer body;
    struct json_writer writer;
    buffer_init(&body, BODY_SIZE_MAX);
    json_writer_init(&writer, &body);
    json_object_begin(&writer);
    if (name != NULL) {
        json_member_text(&writer, "name", slice_from_string(name));
    }
    json_object_end(&writer);
    int code = EXIT_CODE_FAILED;
    if (json_writer_status(&writer) == STATUS_OK) {
        const struct client_request request = {
            .method = "POST", .path = path, .body = buffer_slice(&body)};
        code = session_perform(session, &request, answer);
    } else {
        fprintf(stderr, "troupe: the name is too long\n");
    }
    buffer_fini(&body);
    return code;
}

/* Where a backup stands in a list of them; -1 when it is not there. */
static int place_of(const struct document *list, const char *name)
{
    char member[PATH_IN_ANSWER_SIZE];
    size_t count = document_count(list, "data.backups");
    for (size_t index = 0; index < count; index++) {
        snprintf(member, sizeof member, "data.backups.%zu.name", index);
        if (strcmp(document_text(list, member, ""), name) == 0) {
            return (int)index;
        }
    }
    return -1;
}

static const char *member_of(const struct document *list, int place, const char *name)
{
    char member[PATH_IN_ANSWER_SIZE];
    snprintf(member, sizeof member, "data.backups.%d.%s", place, name);
    return document_text(list, member, "");
}

/* Looks until it is not being made any more; answer becomes the list, and *place its place there.
 */
static int wait_for(struct session *session, const char *name, struct client_answer *answer,
                    int *place)
{
    const struct client_request request = {.method = "GET", .path = path};
    for (;;) {
        document_destroy(&answer->document);
        int code = session_perform(session, &request, answer);
        *place = code == EXIT_CODE_OK ? place_of(answer->document, name) : -1;
        if (code != EXIT_CODE_OK) {
            return code;
        }
        if (*place < 0) {
            fprintf(stderr, "troupe: the backup %s is gone: the broker was restarted\n", name);
            return EXIT_CODE_FAILED;
        }
        if (strcmp(member_of(answer->document, *place, "state"), "running") != 0) {
            return EXIT_CODE_OK;
        }
        poll(NULL, 0, POLL_MS);
    }
}

static int print_one(const struct document *list, int place, bool json)
{
    static const struct {
        const char *name;
        const char *member;
    } members[] = {
        {"backup", "name"},        {"state", "state"}, {"created", "createdAt"}, {"jobs", "jobs"},
        {"not ended", "liveJobs"}, {"keys", "keys"},   {"bytes", "bytes"},       {"error", "error"},
    };
    char member[PATH_IN_ANSWER_SIZE];
    bool failed = strcmp(member_of(list, place, "state"), "completed") != 0;
    if (json) {
        snprintf(member, sizeof member, "data.backups.%d", place);
        int code = rows_print_json_at(list, member);
        return failed ? EXIT_CODE_FAILED : code;
    }
    for (size_t index = 0; index < sizeof members / sizeof members[0]; index++) {
        snprintf(member, sizeof member, "data.backups.%d.%s", place, members[index].member);
        rows_print(list, &(struct row){members[index].name, member}, 1);
    }
    return failed ? EXIT_CODE_FAILED : EXIT_CODE_OK;
}

/* ---- lists ---- */

static int print_list(const struct document *list, bool json)
{
    if (json) {
        return rows_print_json(list);
    }
    return backup_list_print(list) == STATUS_OK ? EXIT_CODE_OK : EXIT_CODE_FAILED;
}

/* Lists what is in a directory, and says that, and why it is not the stack that was asked. */
static int list_directory(const char *directory, const char *why, bool json)
{
    struct document *list = NULL;
    enum status status = backup_list_read(directory, &list);
    int code = EXIT_CODE_FAILED;
    if (status == STATUS_OK) {
        fprintf(stderr, "troupe: %sread from the directory %s\n", why, directory);
        code = print_list(list, json);
    } else {
        fprintf(stderr, "troupe: cannot read %s: %s\n", directory, status_text(status));
    }
    document_destroy(&list);
    return code;
}

/* What the stack tells, which knows of one that is being made. */
static int list_of_stack(const struct wish *wish, bool *is_reached)
{
    const struct client_request request = {.method = "GET", .path = path};
    struct session session;
    struct client_answer answer = {0};
    int code = EXIT_CODE_FAILED;
    if (session_open_admin(&session, wish->data, wish->user) == STATUS_OK) {
        code = session_perform(&session, &request, &answer);
    }
    *is_reached = answer.code != 0;
    if (code == EXIT_CODE_OK) {
        fprintf(stderr, "troupe: told by the stack at %s\n", session.stack.url);
        code = print_list(answer.document, wish->json);
    }
    document_destroy(&answer.document);
    session_close(&session);
    return code;
}

/* Of a directory that is named; otherwise of the stack, or, where it is of this machine and does
 * not answer, of its data directory. */
static int list_all(const struct wish *wish)
{
    char data[PATH_SIZE_MAX];
    char directory[PATH_SIZE_MAX];
    struct stack_state state;
    bool is_reached = false;
    bool is_remote = wish->data == NULL && settings_text("TROUPE_URL", NULL) != NULL;
    if (wish->name != NULL && access(wish->name, F_OK) != 0) { /* a stack's comes with its first */
        terminal_line(stderr, "troupe: cannot read %s: %s", wish->name, strerror(errno));
        return EXIT_CODE_FAILED;
    }
    if (wish->name != NULL) {
        return list_directory(wish->name, "", wish->json);
    }
    if (is_remote) {
        return list_of_stack(wish, &is_reached);
    }
    if (stack_data_directory(wish->data, data) != STATUS_OK ||
        stack_path(data, "backups", directory) != STATUS_OK) {
        return EXIT_CODE_USAGE;
    }
    if (stack_read(data, &state) != STATUS_OK) {
        return list_directory(directory, "no stack is running: ", wish->json);
    }
    int code = list_of_stack(wish, &is_reached);
    return is_reached ? code : list_directory(directory, "", wish->json);
}

static int make_one(struct session *session, const struct wish *wish, struct client_answer *answer)
{
    char name[BODY_SIZE_MAX];
    int place = -1;
    int code = begin(session, wish->name, answer);
    if (code == EXIT_CODE_OK) {
        snprintf(name, sizeof name, "%s", document_text(answer->document, "data.name", ""));
        code = wait_for(session, name, answer, &place);
    }
    return code == EXIT_CODE_OK ? print_one(answer->document, place, wish->json) : code;
}

int command_backup(int count, char **words)
{
    struct wish wish = {0};
    struct session session;
    struct client_answer answer = {0};
    const struct option_rule rules[] = {
        {"--data", &wish.data, NULL},
        {"--user", &wish.user, NULL},
        {"--json", NULL, &wish.json},
        {"--list", NULL, &wish.list},
    };
    int others = options_take(count, words, rules, sizeof rules / sizeof rules[0]);
    if (others < 0 || others > 1 || (wish.list && others == 1 && strchr(words[0], '/') == NULL)) {
        return others == 1 ? options_wrong(usage_backup, "%s is no path with a slash", words[0])
                           : options_words(usage_backup, "NAME", 0, 1, others, words);
    }
    wish.name = others == 1 ? words[0] : NULL;
    if (wish.list) {
        return list_all(&wish);
    }
    int code = EXIT_CODE_FAILED;
    if (session_open_admin(&session, wish.data, wish.user) == STATUS_OK) {
        code = make_one(&session, &wish, &answer);
    }
    document_destroy(&answer.document);
    session_close(&session);
    return code;
}
