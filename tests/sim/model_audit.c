#include "tests/sim/model_audit.h"
#include <assert.h>
#include <string.h>
#include "broker/forget.h"
#include "broker/query_audit.h"
#include "tests/sim/model.h"
#include "tests/sim/model_queue.h"
#include "tests/sim/world.h"

enum {
    PAGE_LINES = 7,
};

/* ---- what a request asks to be written ---- */

/* A line as it must be, but for its number and outcome; false when there must be none. target is
 * where its id is written as text. */
static bool line_wanted(const struct model_audit *audit, const struct core_event *event,
                        const struct message_reply *answer, char target[ID_TEXT_SIZE],
                        struct message_audit_line *out)
{
    const struct message *message = event->message;
    const struct id *id = NULL;
    *out = (struct message_audit_line){0};
#define TAKE(request, asker, word) \
    out->user = (request).asker;   \
    out->role = (request).role;    \
    out->action = (request).word;  \
    out->request_id = (request).request_id
    if (message->type == MESSAGE_TYPE_SET_QUEUE) {
        TAKE(message->set_queue, user, action);
        out->target = slice_from_string(job_kind_name((enum job_kind)message->set_queue.kind));
    } else if (message->type == MESSAGE_TYPE_SET_WORKER) {
        TAKE(message->set_worker, user, action);
        id = &message->set_worker.worker;
    } else if (message->type == MESSAGE_TYPE_CANCEL_JOB) {
        TAKE(message->cancel_job, owner, action);
        id = &message->cancel_job.job;
    } else if (message->type == MESSAGE_TYPE_RETRY_JOB) {
        TAKE(message->retry_job, owner, action);
        id = &message->retry_job.job;
    } else if (message->type == MESSAGE_TYPE_CANCEL_GROUP) {
        TAKE(message->cancel_group, owner, action);
        id = &message->cancel_group.group;
    } else if (message->type == MESSAGE_TYPE_DELETE_DOCUMENT) {
        TAKE(message->delete_document, owner, action);
        out->action = audit->of_another ? out->action : SLICE_EMPTY;
        id = &message->delete_document.id;
    } else if (message->type == MESSAGE_TYPE_CHANGE_JOB) {
        TAKE(message->change_job, user, audit);
        id = &message->change_job.job;
    } else if (message->type == MESSAGE_TYPE_START_BULK) {
        TAKE(message->start_bulk, user, audit);
        id = answer == NULL ? NULL : &answer->job;
    } else if (message->type == MESSAGE_TYPE_STOP_BULK) {
        TAKE(message->stop_bulk, user, audit);
        id = &message->stop_bulk.bulk;
    } else if (message->type == MESSAGE_TYPE_NOTE_AUDIT) {
        TAKE(message->note_audit, user, action);
        out->target = message->note_audit.target;
        out->outcome = message->note_audit.outcome;
        out->left_out = message->note_audit.left_out;
    }
#undef TAKE
    if (id != NULL) {
        id_format(id, target);
        out->target = slice_from_string(target);
    }
    return out->action.size > 0;
}

/* Whether what is asked for is not so already, as far as the model knows by itself. */
static bool is_change(const struct model *model, const struct message *message)
{
    if (message->type == MESSAGE_TYPE_SET_QUEUE) {
        return model->paused[message->set_queue.kind] != message->set_queue.paused;
    }
    return message->type == MESSAGE_TYPE_SET_WORKER &&
           model_orders_of(model, &message->set_worker.worker) != message->set_worker.orders;
}

/* Whether it deletes what is there and another's. */
static bool is_of_another(const struct model *model, const struct message *message)
{
    if (message->type != MESSAGE_TYPE_DELETE_DOCUMENT || !model->step.allowed) {
        return false;
    }
    const struct message_delete_document *request = &message->delete_document;
    return model_find_document(model, &request->id)->user != model_user_of(request->owner);
}

void model_audit_before(struct world *world, const struct core_event *event)
{
    struct model *model = &world->model;
    model->audit.emitted = 0;
    if (event->type == CORE_EVENT_GATEWAY) {
        model->audit.changes = is_change(model, event->message);
        model->audit.of_another = is_of_another(model, event->message);
        model->audit.version = model->step.job == NULL ? 0 : model->step.job->current.version;
    }
}

/* ---- a line ---- */

static uint32_t digest_of(const struct message_audit_line *line)
{
    struct buffer bytes;
    const struct message message = {.type = MESSAGE_TYPE_AUDIT_LINE, .audit_line = *line};
    buffer_init(&bytes, VALUE_SIZE_MAX);
    enum status status = record_write(&bytes, &message);
    assert(status == STATUS_OK);
    uint32_t digest = model_digest(buffer_slice(&bytes));
    buffer_fini(&bytes);
    return digest;
}

void model_audit_effect(struct world *world, const struct effect *effect)
{
    struct model_audit *audit = &world->model.audit;
    const struct message_audit_line *line = &effect->line;
    world_check(world, "lines are gapless", line->number == audit->last + 1,
                "line %llu follows %llu", (unsigned long long)line->number,
                (unsigned long long)audit->last);
    assert(audit->last < MODEL_LINES_MAX);
    audit->lines[audit->last++] = (struct model_line){
        .at = line->at, .digest = digest_of(line), .request = model_digest(line->request_id)};
    audit->emitted++;
    audit->line = *line;
    world->model.written = true;
}

/* Whether the step did what was asked for. */
static bool has_changed(const struct world *world, const struct message *message)
{
    const struct model *model = &world->model;
    if (message->type == MESSAGE_TYPE_CANCEL_JOB || message->type == MESSAGE_TYPE_RETRY_JOB) {
        return model->step.job != NULL && model->step.job->current.version != model->audit.version;
    }
    if (message->type == MESSAGE_TYPE_SET_QUEUE || message->type == MESSAGE_TYPE_SET_WORKER) {
        return model->audit.changes;
    }
    return model->step.writes > 0;
}

static void seen(struct world *world, const struct message_audit_line *line)
{
    static const enum seen by_outcome[AUDIT_OUTCOME_COUNT] = {
        [AUDIT_OUTCOME_OK] = SEEN_AUDITED,
        [AUDIT_OUTCOME_UNCHANGED] = SEEN_AUDITED_UNCHANGED,
        [AUDIT_OUTCOME_FORBIDDEN] = SEEN_AUDITED_REFUSED,
        [AUDIT_OUTCOME_NOT_MEANT] = SEEN_AUDITED_REFUSED,
        [AUDIT_OUTCOME_FAILED] = SEEN_AUDITED_FAILED,
    };
    world_seen(world, by_outcome[line->outcome]);
}

void model_audit_answer(struct world *world, const struct core_event *event,
                        const struct message_reply *answer)
{
    char target[ID_TEXT_SIZE];
    struct message_audit_line wanted;
    const struct model_audit *audit = &world->model.audit;
    bool is_wanted = line_wanted(audit, event, answer, target, &wanted) && answer != NULL;
    world_check(world, "an action has one line", audit->emitted == is_wanted, "%s: %u lines",
                message_type_name(event->message->type), audit->emitted);
    if (!is_wanted) {
        return;
    }
    wanted.number = audit->last;
    wanted.at = world->now;
    if (event->message->type != MESSAGE_TYPE_NOTE_AUDIT) {
        wanted.code = answer->code;
        wanted.outcome = answer->code != REPLY_CODE_OK        ? AUDIT_OUTCOME_FAILED
                         : has_changed(world, event->message) ? AUDIT_OUTCOME_OK
                                                              : AUDIT_OUTCOME_UNCHANGED;
    }
    world_check(world, "a line tells who did what", digest_of(&audit->line) == digest_of(&wanted),
                "%s: %s, should be %s", message_type_name(event->message->type),
                audit_outcome_name((enum audit_outcome)audit->line.outcome),
                audit_outcome_name((enum audit_outcome)wanted.outcome));
    seen(world, &wanted);
}

/* ---- what is durable ---- */

void model_audit_committed(struct model_audit *audit)
{
    audit->durable = audit->last;
}

void model_audit_crashed(struct model_audit *audit)
{
    audit->last = audit->durable;
}

void model_audit_acknowledged(struct world *world, const char *request_id)
{
    const struct model_audit *audit = &world->model.audit;
    uint32_t digest = model_digest(slice_from_string(request_id));
    uint64_t number = audit->durable;
    while (number > 0 && audit->lines[number - 1].request != digest) {
        number--;
    }
    world_check(world, "what is acknowledged is written down", number > 0, "request %s",
                request_id);
}

/* ---- what is told ---- */

static bool is_never(void *context)
{
    (void)context;
    return false;
}

/* Compares a page with the lines below *number, which becomes that of its last. */
static void check_page(struct world *world, struct slice frame, uint64_t *number, int64_t since,
                       struct buffer *cursor)
{
    const struct model_audit *audit = &world->model.audit;
    struct frame_reader reader;
    struct message message;
    enum status status = frame_open(&reader, frame);
    assert(status == STATUS_OK);
    status = frame_next(&reader, &message);
    assert(status == STATUS_OK && message.type == MESSAGE_TYPE_AUDIT_PAGE);
    const struct message_audit_page page = message.audit_page;
    buffer_clear(cursor);
    buffer_append_slice(cursor, page.next);
    while (frame_next(&reader, &message) == STATUS_OK) {
        world_check(world, "the audit log is told as it was written",
                    *number > 0 && message.audit_line.number == *number &&
                        digest_of(&message.audit_line) == audit->lines[*number - 1].digest,
                    "line %llu", (unsigned long long)message.audit_line.number);
        (*number)--;
    }
    bool is_all = *number == 0 || audit->lines[*number - 1].at < since;
    world_check(world, "the audit log is told to its end",
                page.exhausted == (page.next.size == 0) && (!page.exhausted || is_all),
                "%llu lines are left", (unsigned long long)*number);
}

void model_check_audit(struct world *world)
{
    struct store_view view;
    struct buffer cursor;
    uint64_t number = world->model.audit.durable;
    int64_t since = world->now - AUDIT_KEPT_S * INT64_C(1000);
    const struct search_limit limit = {.is_over = is_never};
    buffer_init(&cursor, CURSOR_SIZE_MAX);
    store_view_init(&view, &world->store, world->store.synced, world->store.synced);
    do {
        struct buffer frame;
        struct frame_writer writer;
        const struct message_get_audit get = {
            .request = 1, .limit = PAGE_LINES, .cursor = buffer_slice(&cursor)};
        buffer_init(&frame, FRAME_SIZE_MAX);
        enum status status = frame_begin(&writer, &frame, 0);
        assert(status == STATUS_OK);
        status = query_audit(&view.view, &get, &limit, world->now, &writer);
        world_check(world, "the audit log is told as it was written", status == STATUS_OK, "%s",
                    status_name(status));
        frame_end(&writer);
        check_page(world, buffer_slice(&frame), &number, since, &cursor);
        buffer_fini(&frame);
    } while (cursor.size > 0);
    buffer_fini(&cursor);
}
