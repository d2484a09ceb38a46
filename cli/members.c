#include "cli/members.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "cli/command.h"
#include "cli/filter.h"
#include "cli/rows.h"
#include "cli/table.h"
#include "cli/terminal.h"

enum {
    PAGE_MAX = 100,   /* jobs of one request */
    JOBS_MAX = 1000,  /* of one group: the API's contract */
    PATH_SIZE = 1024, /* with a cursor */
    MEMBER_PATH_SIZE = 96,
    TEXT_SIZE_MAX = 32 << 20,
};

/* ---- one job ---- */

static const char *text_at(const struct document *document, const char *place, const char *name)
{
    char path[MEMBER_PATH_SIZE];
    snprintf(path, sizeof path, "%s.%s", place, name);
    return document_text(document, path, "");
}

/* Copies a text; what is cut ends with a whole character. */
static void copy_text(char *out, size_t size, const char *text)
{
    size_t length = strlen(text);
    if (length >= size) {
        length = size - 1;
        while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80) {
            length--;
        }
    }
    memcpy(out, text, length);
    out[length] = '\0';
}

static const char *error_of(const struct document *document, const char *place)
{
    const char *last = text_at(document, place, "lastError.message");
    return last[0] != '\0' ? last : text_at(document, place, "failedReason");
}

/* type: what it makes, where it does not tell that itself. */
static void read_member(const struct document *document, const char *place, const char *type,
                        struct member *out)
{
    char path[MEMBER_PATH_SIZE];
    const char *queue = text_at(document, place, "queue");
    const char *told = queue[0] != '\0' ? queue : text_at(document, place, "type");
    const char *character = text_at(document, place, "characterId");
    snprintf(path, sizeof path, "%s.progress", place);
    out->progress = (int)document_integer(document, path, 0);
    copy_text(out->job, sizeof out->job, text_at(document, place, "jobId"));
    copy_text(out->type, sizeof out->type, told[0] != '\0' ? told : type);
    copy_text(out->status, sizeof out->status, text_at(document, place, "status"));
    copy_text(out->name, sizeof out->name, text_at(document, place, "character.name"));
    copy_text(out->error, sizeof out->error, error_of(document, place));
    copy_text(out->character, sizeof out->character,
              character[0] != '\0' ? character : text_at(document, place, "result.characterId"));
    buffer_init(&out->json, TEXT_SIZE_MAX);
}

static enum status add(struct members *members, const struct document *document, const char *place,
                       const char *type)
{
    if (members->count == members->capacity) {
        size_t capacity = members->capacity == 0 ? PAGE_MAX : 2 * members->capacity;
        struct member *items = realloc(members->items, capacity * sizeof items[0]);
        if (items == NULL) {
            return STATUS_NO_MEMORY;
        }
        members->items = items;
        members->capacity = capacity;
    }
    struct member *member = &members->items[members->count++];
    read_member(document, place, type, member);
    return document_write(document, place, false, &member->json);
}

static enum status add_list(struct members *members, const struct document *document,
                            const char *list, const char *type)
{
    char place[MEMBER_PATH_SIZE];
    enum status status = STATUS_OK;
    size_t count = document_count(document, list);
    for (size_t index = 0; index < count && status == STATUS_OK; index++) {
        snprintf(place, sizeof place, "%s.%zu", list, index);
        status = add(members, document, place, type);
    }
    return status;
}

/* ---- asking ---- */

/* How far a list was read. */
struct walk {
    struct session *session;
    struct members *members;
    char path[PATH_SIZE];
    bool more;
};

static int ask(struct walk *walk, struct client_answer *answer)
{
    const struct client_request request = {.method = "GET", .path = walk->path};
    return session_perform(walk->session, &request, answer);
}

static int judge(enum status status)
{
    if (status != STATUS_OK) {
        fprintf(stderr, "troupe: the jobs cannot be listed: %s\n", status_text(status));
    }
    return status == STATUS_OK ? EXIT_CODE_OK : EXIT_CODE_FAILED;
}

/* Writes the path of the next page of all users' jobs. */
static enum status next_path(struct walk *walk, const char *group, const char *cursor)
{
    struct buffer path;
    buffer_init(&path, sizeof walk->path - 1);
    enum status status = buffer_append_format(&path, "/api/v1/admin/jobs?groupId=%s&limit=%d%s",
                                              group, PAGE_MAX, cursor[0] == '\0' ? "" : "&cursor=");
    if (status == STATUS_OK) {
        status = filter_escape(cursor, &path);
    }
    if (status == STATUS_OK) {
        snprintf(walk->path, sizeof walk->path, "%.*s", SLICE_PRINT(buffer_slice(&path)));
    }
    buffer_fini(&path);
    return status;
}

static void turn_round(struct members *members)
{
    for (size_t index = 0; index < members->count / 2; index++) {
        struct member *other = &members->items[members->count - 1 - index];
        struct member member = members->items[index];
        members->items[index] = *other;
        *other = member;
    }
}

/* From the search of all users' jobs, which has the newest first. */
static int load_all(struct walk *walk, const char *group)
{
    int code = judge(next_path(walk, group, ""));
    do {
        struct client_answer answer = {0};
        code = code == EXIT_CODE_OK ? ask(walk, &answer) : code;
        if (code == EXIT_CODE_OK) {
            code = judge(add_list(walk->members, answer.document, "data.jobs", "?"));
        }
        if (code == EXIT_CODE_OK) {
            const char *cursor = document_text(answer.document, "pagination.nextCursor", "");
            walk->more = cursor[0] != '\0' && walk->members->count < JOBS_MAX;
            code = judge(next_path(walk, group, cursor));
        }
        document_destroy(&answer.document);
    } while (code == EXIT_CODE_OK && walk->more);
    turn_round(walk->members);
    return code;
}

/* From the batch's own list; characters' jobs tell no type there. */
static int load_batch(struct walk *walk, const char *group)
{
    int code;
    do {
        struct client_answer answer = {0};
        snprintf(walk->path, sizeof walk->path, "/api/v1/batches/%s/jobs?limit=%d&skip=%zu", group,
                 PAGE_MAX, walk->members->count);
        code = ask(walk, &answer);
        if (code == EXIT_CODE_OK) {
            code = judge(add_list(walk->members, answer.document, "data", "character"));
            walk->more = document_flag(answer.document, "pagination.hasMore", false);
        }
        document_destroy(&answer.document);
    } while (code == EXIT_CODE_OK && walk->more);
    return code;
}

static int load_pipeline(struct walk *walk, const char *group)
{
    struct client_answer answer = {0};
    snprintf(walk->path, sizeof walk->path, "/api/v1/pipelines/%s", group);
    int code = ask(walk, &answer);
    enum status status = STATUS_OK;
    if (code == EXIT_CODE_OK && text_at(answer.document, "data.character", "jobId")[0] != '\0') {
        status = add(walk->members, answer.document, "data.character", "character");
    }
    if (code == EXIT_CODE_OK && status == STATUS_OK) {
        status = add_list(walk->members, answer.document, "data.images", "image");
    }
    if (code == EXIT_CODE_OK && status == STATUS_OK) {
        status = add_list(walk->members, answer.document, "data.videos", "video");
    }
    document_destroy(&answer.document);
    return code == EXIT_CODE_OK ? judge(status) : code;
}

/* Whether the search of all users' jobs may be asked; *admin is open then and to be closed. */
static bool open_admin(const struct session *session, struct session *admin)
{
    const struct stack *stack = &session->stack;
    return stack->data[0] != '\0' &&
           session_open_admin(admin, stack->data, stack->owner) == STATUS_OK;
}

/* What is made of a character that is not there yet has its name from the job that makes it. */
static void hand_names_on(struct members *members)
{
    for (size_t index = 0; index < members->count; index++) {
        struct member *member = &members->items[index];
        for (size_t other = 0;
             other < members->count && member->name[0] == '\0' && member->character[0] != '\0';
             other++) {
            if (other != index && strcmp(members->items[other].character, member->character) == 0) {
                memcpy(member->name, members->items[other].name, sizeof member->name);
            }
        }
    }
}

int members_load(struct session *session, const char *family, const char *group,
                 struct members *out)
{
    struct session admin = {0};
    struct walk walk = {.session = session, .members = out};
    int code;
    if (session->stack.role != TOKEN_ROLE_USER) {
        code = load_all(&walk, group);
    } else if (open_admin(session, &admin)) {
        walk.session = &admin;
        code = load_all(&walk, group);
    } else if (strcmp(family, "batches") == 0) {
        code = load_batch(&walk, group);
    } else {
        code = load_pipeline(&walk, group);
    }
    session_close(&admin);
    hand_names_on(out);
    return code;
}

void members_fini(struct members *members)
{
    for (size_t index = 0; index < members->count; index++) {
        buffer_fini(&members->items[index].json);
    }
    free(members->items);
    *members = (struct members){0};
}

/* ---- telling ---- */

const struct member *members_find(const struct members *members, const char *job)
{
    for (size_t index = 0; index < members->count; index++) {
        if (strcmp(members->items[index].job, job) == 0) {
            return &members->items[index];
        }
    }
    return NULL;
}

void members_label(const struct member *member, char out[MEMBER_LABEL_SIZE])
{
    snprintf(out, MEMBER_LABEL_SIZE, "%s%s%s", member->type, member->name[0] == '\0' ? "" : " ",
             member->name);
}

static enum table_colour colour_of(const char *status)
{
    return strcmp(status, "completed") == 0 ? TABLE_GREEN
           : strcmp(status, "failed") == 0  ? TABLE_RED
           : strcmp(status, "active") == 0  ? TABLE_CYAN
                                            : TABLE_YELLOW;
}

int members_print(const struct members *members)
{
    static const char *const names[] = {"JOB",  "TYPE",  "STATUS", "#PROGRESS",
                                        "NAME", "ERROR", NULL};
    static const struct table_step steps[] = {
        {"PROGRESS", 0}, {"NAME", 24}, {"NAME", 12}, {NULL, 0}};
    struct table table;
    table_init(&table, names);
    table_narrow(&table, steps);
    table_flow(&table, 2);
    for (size_t index = 0; index < members->count; index++) {
        const struct member *member = &members->items[index];
        table_put(&table, TABLE_PLAIN, "%s", member->job);
        table_put(&table, TABLE_PLAIN, "%s", member->type);
        table_put(&table, colour_of(member->status), "%s", member->status);
        table_put(&table, TABLE_PLAIN, "%d%%", member->progress);
        table_put(&table, TABLE_PLAIN, "%s", member->name);
        table_put(&table, TABLE_PLAIN, "%s", member->error);
    }
    enum status status = terminal_table(&table, false, "it has no jobs any more");
    table_fini(&table);
    return judge(status);
}

/* Opens the object of the group again, for one more member. */
static enum status add_jobs(const struct members *members, struct buffer *text)
{
    text->size--;
    enum status status = buffer_append_format(text, ",\"jobs\":[");
    for (size_t index = 0; index < members->count && status == STATUS_OK; index++) {
        struct slice json = buffer_slice(&members->items[index].json);
        status = index > 0 ? buffer_append_byte(text, ',') : STATUS_OK;
        if (status == STATUS_OK) {
            status = buffer_append(text, json.data, json.size);
        }
    }
    return status == STATUS_OK ? buffer_append_format(text, "]}") : status;
}

int members_print_json(const struct members *members, const struct document *group)
{
    struct buffer text;
    struct document *whole = NULL;
    int code = EXIT_CODE_FAILED;
    buffer_init(&text, TEXT_SIZE_MAX);
    enum status status = document_write(group, "data", false, &text);
    if (status == STATUS_OK && text.size > 0 && text.data[text.size - 1] == '}') {
        status = add_jobs(members, &text);
    }
    if (status == STATUS_OK) {
        status = document_parse(buffer_slice(&text), &whole);
    }
    code = status == STATUS_OK ? rows_print_json_at(whole, "") : judge(status);
    document_destroy(&whole);
    buffer_fini(&text);
    return code;
}
