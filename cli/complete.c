/* `troupe complete`: what a word of the command line may be, for the shells' completions. The names
 * come from the tables that requests are checked with, ids from the stack, which has no long time
 * to answer: who presses a key waits for it. What cannot be had is not told. */

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include "cli/command.h"
#include "cli/filter.h"
#include "cli/session.h"
#include "cli/terminal_text.h"
#include "base/words.h"
#include "proto/poses.h"
#include "proto/word_lists.h"

enum {
    ASK_MS = 500,
    VALUES_MAX = 50,
    MEMBER_SIZE = 96,
};

static const char *const kinds[] = {"queues",     "statuses", "poses",      "filters", "jobs",
                                    "characters", "workers",  "operations", "backups", "groups",
                                    "owners",     "tags",     NULL};

const char usage_complete[] =
    "usage: troupe complete queues|statuses|poses|filters\n"
    "       troupe complete jobs|characters|workers|operations|backups|groups|owners|\n"
    "                       tags [WORD]...\n"
    "Lists what a word may be, for the completions of bash, zsh and fish: names, or\n"
    "ids of what is there, the newest first, each with a tab and what it is. Where no\n"
    "stack answers there is nothing to list. WORD: what stands in the line so far, of\n"
    "which these are heeded:\n"
    "  --data DIR, --user NAME\n";

/* ---- names ---- */

static void print_words(const char *const *words, const char *after)
{
    for (; *words != NULL; words++) {
        printf("%s%s\n", *words, after);
    }
}

static void print_poses(void)
{
    for (size_t index = 0; index < POSE_COUNT; index++) {
        printf("%s\n", POSES[index].id);
    }
}

/* ---- what there is ---- */

struct place {
    const char *data, *user; /* NULL: the usual */
};

/* The value of an option among the words of a line that is not finished. */
static const char *value_of(const char *option, int count, char *const *words)
{
    size_t size = strlen(option);
    for (int index = 0; index < count; index++) {
        if (strncmp(words[index], option, size) != 0) {
            continue;
        }
        if (words[index][size] == '=') {
            return words[index] + size + 1;
        }
        if (words[index][size] == '\0' && index + 1 < count) {
            return words[index + 1];
        }
    }
    return NULL;
}

/* A list of an answer, and what is told of each of its items. */
struct listing {
    const char *path;
    const char *list;
    const char *id;
    const char *about[3]; /* members, as many as there are before NULL */
};

static void print_item(const struct listing *listing, const struct document *document, size_t index)
{
    char member[MEMBER_SIZE];
    char line[MEMBER_SIZE * 4] = "";
    size_t size = 0;
    snprintf(member, sizeof member, "%s.%zu.%s", listing->list, index, listing->id);
    const char *id = document_text(document, member, NULL);
    for (size_t part = 0; part < 3 && listing->about[part] != NULL && size < sizeof line; part++) {
        snprintf(member, sizeof member, "%s.%zu.%s", listing->list, index, listing->about[part]);
        const char *text = document_text(document, member, "");
        size += (size_t)snprintf(line + size, sizeof line - size, "%s%.80s", part == 0 ? "" : " ",
                                 text);
    }
    if (id != NULL) {
        terminal_text(line);
        printf("%s\t%s\n", id, line);
    }
}

static void print_listing(struct session *session, const struct listing *listing)
{
    struct client_answer answer = {0};
    const struct client_request request = {
        .method = "GET", .path = listing->path, .timeout_ms = ASK_MS};
    enum status status = client_perform(session->client, &request, &answer);
    if (status == STATUS_OK && answer.code == 200) {
        size_t count = document_count(answer.document, listing->list);
        for (size_t index = 0; index < count; index++) {
            print_item(listing, answer.document, index);
        }
    }
    document_destroy(&answer.document);
}

/* All users' jobs where the token is made here, or says that it is an admin's or a viewer's, as
 * `troupe show` finds them; to others only their own, for the question might be refused, and that
 * be told in the audit log. */
static void print_jobs(const struct place *place)
{
    static const struct listing all = {
        "/api/v1/admin/jobs?limit=50", "data.jobs", "jobId", {"queue", "status", "owner"}};
    static const struct listing own[] = {
        {"/api/v1/media-jobs?limit=25", "data", "jobId", {"type", "status", "character.name"}},
        {"/api/v1/character-jobs?limit=25", "data", "jobId", {"status", NULL}},
    };
    struct session session;
    if (session_open_admin(&session, place->data, place->user) == STATUS_OK) {
        bool sees_all = session_sees_all(&session);
        for (size_t index = 0; index < (sees_all ? 1 : 2); index++) {
            print_listing(&session, sees_all ? &all : &own[index]);
        }
    }
    session_close(&session);
}

/* Values that jobs have, as they are come to, each told once. */
struct values {
    const char *known[VALUES_MAX + 1];
    size_t count;
};

/* Tells a value that stands in a line as it is: what a shell would take for something else, or for
 * several words, is left out. */
static void print_value(struct values *values, const char *value)
{
    static const char acting[] = " \t\n\"'`$\\&|;<>()*?[]{}#!~^=,";
    bool is_plain = value != NULL && value[0] != '\0' && strpbrk(value, acting) == NULL;
    if (is_plain && values->count < VALUES_MAX && !words_has(values->known, value)) {
        values->known[values->count++] = value;
        terminal_line(stdout, "%s", value);
    }
}

/* What a member of a job is: a text, or a list of them. */
static void print_member(struct values *values, const struct document *document, size_t index,
                         const char *name)
{
    char member[MEMBER_SIZE];
    snprintf(member, sizeof member, "data.jobs.%zu.%s", index, name);
    size_t count = document_count(document, member);
    print_value(values, document_text(document, member, NULL));
    for (size_t part = 0; part < count; part++) {
        snprintf(member, sizeof member, "data.jobs.%zu.%s.%zu", index, name, part);
        print_value(values, document_text(document, member, NULL));
    }
}

/* What the newest jobs, of all users, have of it: their groups, owners, tags. */
static void print_of_jobs(const struct place *place, const char *name)
{
    struct values values = {0};
    struct session session;
    struct client_answer answer = {0};
    const struct client_request request = {
        .method = "GET", .path = "/api/v1/admin/jobs?limit=100", .timeout_ms = ASK_MS};
    if (session_open_admin(&session, place->data, place->user) == STATUS_OK &&
        session_sees_all(&session) &&
        client_perform(session.client, &request, &answer) == STATUS_OK && answer.code == 200) {
        size_t count = document_count(answer.document, "data.jobs");
        for (size_t index = 0; index < count; index++) {
            print_member(&values, answer.document, index, name);
        }
    }
    document_destroy(&answer.document);
    session_close(&session);
}

static void print_of_user(const struct place *place, const struct listing *listing, bool is_admin)
{
    struct session session;
    enum status status = is_admin ? session_open_admin(&session, place->data, place->user)
                                  : session_open(&session, place->data, place->user);
    if (status == STATUS_OK && (!is_admin || session_sees_all(&session))) {
        print_listing(&session, listing);
    }
    session_close(&session);
}

/* Names of directories, which need no stack. */
static void print_backups(const struct place *place)
{
    char data[PATH_SIZE_MAX];
    char path[PATH_SIZE_MAX];
    struct dirent *item;
    DIR *directory = NULL;
    if (stack_data_directory(place->data, data) == STATUS_OK &&
        stack_path(data, "backups", path) == STATUS_OK) {
        directory = opendir(path);
    }
    while (directory != NULL && (item = readdir(directory)) != NULL) {
        if (item->d_name[0] != '.') {
            terminal_line(stdout, "%s", item->d_name);
        }
    }
    if (directory != NULL) {
        closedir(directory);
    }
}

static void print_what_there_is(const char *kind, const struct place *place)
{
    static const struct listing characters = {
        "/api/v1/characters?limit=50", "data", "id", {"name", NULL}};
    static const struct listing workers = {
        "/api/v1/admin/workers", "data.workers", "workerId", {"queue", "host", NULL}};
    static const struct listing operations = {
        "/api/v1/admin/operations", "data.operations", "operationId", {"action", "state", "by"}};
    if (strcmp(kind, "jobs") == 0) {
        print_jobs(place);
    } else if (strcmp(kind, "groups") == 0) {
        print_of_jobs(place, "groupId");
    } else if (strcmp(kind, "owners") == 0) {
        print_of_jobs(place, "owner");
    } else if (strcmp(kind, "tags") == 0) {
        print_of_jobs(place, "tags");
    } else if (strcmp(kind, "backups") == 0) {
        print_backups(place);
    } else if (strcmp(kind, "characters") == 0) {
        print_of_user(place, &characters, false);
    } else {
        print_of_user(place, strcmp(kind, "workers") == 0 ? &workers : &operations, true);
    }
}

int command_complete(int count, char **words)
{
    const char *kind = count > 0 ? words[0] : "";
    const struct place place = {value_of("--data", count, words), value_of("--user", count, words)};
    if (!words_has(kinds, kind)) {
        return count == 0 ? options_wrong(usage_complete, "what to list is missing")
                          : options_wrong(usage_complete, "nothing is called %s", kind);
    }
    if (strcmp(kind, "queues") == 0) {
        print_words(WORD_LIST_QUEUES, "");
    } else if (strcmp(kind, "statuses") == 0) {
        print_words(WORD_LIST_STATUSES, "");
    } else if (strcmp(kind, "filters") == 0) {
        print_words(filter_names, "=");
    } else if (strcmp(kind, "poses") == 0) {
        print_poses();
    } else if (freopen("/dev/null", "w", stderr) != NULL) {
        print_what_there_is(kind, &place);
    }
    return EXIT_CODE_OK;
}
