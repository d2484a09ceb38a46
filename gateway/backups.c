#include "gateway/backups.h"

#include "base/clock.h"
#include "base/json_writer.h"
#include "gateway/audit.h"
#include "gateway/envelope.h"
#include "gateway/request_body.h"
#include "gateway/respond.h"
#include "proto/backup_json.h"

enum {
    PAGE_SIZE_MAX = 256 << 10, /* bytes: BACKUPS_MAX with the longest texts, escaped */
};

static const struct http_error NAME_TAKEN = {409, "backup_exists", "There is a backup of that name",
                                             0};
static const struct http_error RUNNING = {409, "backup_running",
                                          "Another backup is being made; one is made at a time", 0};
static const struct http_error TOO_MANY = {
    409, "too_many_backups", "There are as many backups as are kept; remove one of them", 0};

/* One request about backups on its way. */
struct backup {
    struct request request; /* MAKE_BACKUP or LIST_BACKUPS */
    struct exchange *exchange;
    struct body *body;
    char name[CLOCK_TEXT_SIZE];
};

static void backup_dispose(void *memory)
{
    struct backup *backup = memory;
    requests_remove(&backup->exchange->gateway->requests, &backup->request);
    body_destroy(&backup->body);
}

static struct backup *backup_new(struct exchange *exchange)
{
    struct backup *backup = exchange_hold(exchange, sizeof(*backup), backup_dispose);
    backup->exchange = exchange;
    return backup;
}

static void ask(struct backup *backup, request_done *done)
{
    backup->request.done = done;
    if (gateway_ask(backup->exchange->gateway, &backup->request) != STATUS_OK) {
        respond_error(backup->exchange, &HTTP_ERROR_BUSY, NULL);
    }
}

/* ---- answers ---- */

static void backups_write(struct json_writer *writer, const struct answer *answer)
{
    struct frame_reader records = answer->records;
    struct message record;
    for (uint32_t index = 0; index < answer->message->backup_page.count; index++) {
        if (frame_next(&records, &record) == STATUS_OK && record.type == MESSAGE_TYPE_BACKUP) {
            backup_json_write(writer, &record.backup);
        } else {
            writer->status = STATUS_MALFORMED;
        }
    }
}

/* One of them is the data itself, all of them a list in it. */
static void page_send(struct exchange *exchange, int status, const struct answer *answer)
{
    struct buffer body;
    struct json_writer writer;
    buffer_init(&body, PAGE_SIZE_MAX);
    json_writer_init(&writer, &body);
    envelope_begin(&writer, status, NULL);
    json_name(&writer, "data");
    if (status == 202) {
        backups_write(&writer, answer);
    } else {
        json_object_begin(&writer);
        json_name(&writer, "backups");
        json_array_begin(&writer);
        backups_write(&writer, answer);
        json_array_end(&writer);
        json_object_end(&writer);
    }
    json_object_end(&writer);
    if (json_writer_status(&writer) == STATUS_OK) {
        respond_json(exchange, status, buffer_slice(&body), SLICE_EMPTY);
    } else {
        respond_error(exchange, &HTTP_ERROR_INTERNAL, NULL);
    }
    buffer_fini(&body);
}

static void on_list(struct request *request, const struct answer *answer)
{
    struct exchange *exchange = LIST_OWNER(request, struct backup, request)->exchange;
    if (answer->message == NULL) {
        respond_error(exchange, &HTTP_ERROR_BROKER_UNAVAILABLE, NULL);
    } else if (answer->message->backup_page.code != REPLY_CODE_OK) {
        respond_error(exchange, http_error_of_reply(answer->message->backup_page.code), NULL);
    } else {
        page_send(exchange, 200, answer);
    }
}

/* Which backup is in the way, if any. */
static bool rival_of(const struct answer *answer, struct message_backup *out)
{
    struct frame_reader records = answer->records;
    struct message record;
    bool found = answer->message->backup_page.count == 1 &&
                 frame_next(&records, &record) == STATUS_OK && record.type == MESSAGE_TYPE_BACKUP;
    if (found) {
        *out = record.backup;
    }
    return found;
}

/* A repeated request that finds its own name was the one that began it. */
static void conflict_answer(struct backup *backup, const struct answer *answer)
{
    struct message_backup rival;
    struct slice name = backup->request.message.make_backup.name;
    bool found = rival_of(answer, &rival);
    bool is_own = found && slice_equal(rival.name, name);
    if (is_own && backup->request.repeated) {
        page_send(backup->exchange, 202, answer);
    } else {
        respond_error(backup->exchange, !found ? &TOO_MANY : is_own ? &NAME_TAKEN : &RUNNING, NULL);
    }
}

static void on_made(struct request *request, const struct answer *answer)
{
    struct backup *backup = LIST_OWNER(request, struct backup, request);
    struct exchange *exchange = backup->exchange;
    if (answer->message == NULL) {
        respond_error(exchange, http_error_of_silence(answer->maybe_done), NULL);
        return;
    }
    enum reply_code code = (enum reply_code)answer->message->backup_page.code;
    if (code == REPLY_CODE_OK) {
        respond_header(exchange, "location", SLICE_LITERAL("/api/v1/admin/backups"));
        page_send(exchange, 202, answer);
    } else if (code == REPLY_CODE_CONFLICT) {
        conflict_answer(backup, answer);
    } else if (code == REPLY_CODE_INVALID) {
        struct problems problems = {0};
        problems_add(&problems, "name", "is 1 to %d letters, digits and .-_, not a mark first",
                     BACKUP_NAME_SIZE_MAX);
        respond_error(exchange, &HTTP_ERROR_VALIDATION, &problems);
    } else {
        respond_error(exchange, http_error_of_reply(code), NULL);
    }
}

/* ---- questions ---- */

/* A name by the time: 20260102T030405Z. */
static struct slice name_of_time(struct backup *backup)
{
    char text[CLOCK_TEXT_SIZE];
    size_t size = 0;
    clock_format(gateway_now_ms(backup->exchange->gateway), text);
    for (const char *letter = text; *letter != '.'; letter++) {
        if (*letter != '-' && *letter != ':') {
            backup->name[size++] = *letter;
        }
    }
    backup->name[size++] = 'Z';
    return slice_make(backup->name, size);
}

/* Reads the name, if there is a body with one. Answers and returns false when it is not fit. */
static bool name_take(struct backup *backup, struct slice *name)
{
    static const char *const known[] = {"name", NULL};
    struct problems problems = {0};
    *name = SLICE_EMPTY;
    if (backup->exchange->request->entity.len == 0) {
        return true;
    }
    if (!request_body_take(backup->exchange, &backup->body)) {
        return false;
    }
    const char *stranger = body_stranger(backup->body, known);
    struct json_value value = body_member(backup->body, "name");
    if (stranger != NULL) {
        problems_add(&problems, stranger, "is not known");
    }
    if (value.kind == JSON_KIND_TEXT && value.text.size > 0 &&
        value.text.size <= BACKUP_NAME_SIZE_MAX) {
        *name = value.text;
    } else if (value.kind != JSON_KIND_ABSENT && value.kind != JSON_KIND_NULL) {
        problems_add(&problems, "name", "is a text of 1 to %d characters", BACKUP_NAME_SIZE_MAX);
    }
    if (problems.count > 0) {
        respond_error(backup->exchange, &HTTP_ERROR_VALIDATION, &problems);
    }
    return problems.count == 0;
}

void backups_make(struct exchange *exchange)
{
    struct backup *backup = backup_new(exchange);
    struct slice name;
    if (name_take(backup, &name)) {
        struct message *message = &backup->request.message;
        message->type = MESSAGE_TYPE_MAKE_BACKUP;
        const struct audit_by by = audit_by(exchange, SLICE_EMPTY);
        message->make_backup.name = name.size > 0 ? name : name_of_time(backup);
        message->make_backup.user = by.user;
        message->make_backup.role = by.role;
        message->make_backup.action = by.action;
        message->make_backup.request_id = by.request_id;
        ask(backup, on_made);
    }
}

void backups_list(struct exchange *exchange)
{
    struct backup *backup = backup_new(exchange);
    backup->request.message.type = MESSAGE_TYPE_LIST_BACKUPS;
    ask(backup, on_list);
}
