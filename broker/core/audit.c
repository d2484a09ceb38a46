#include "broker/core/state.h"

/* Who did what. A line is emitted in the step that does what it tells of, behind the answer: the
 * shell writes both in one batch, so that there is neither without the other. */

/* A line without its outcome; borrows from the message. */
static struct effect *emit_line(struct core *core, const struct message_audit_line *line)
{
    struct effect *effect = emit(core, EFFECT_AUDIT);
    effect->line = *line;
    effect->line.number = ++core->audit_last;
    effect->line.at = core->now;
    return effect;
}

static void emit_line_of(struct core *core, const struct message_audit_line *line,
                         const struct id *target)
{
    struct effect *effect = emit_line(core, line);
    id_format(target, effect->target);
    effect->line.target = slice_from_string(effect->target);
}

/* ---- what was decided elsewhere ---- */

static void note_backup(struct core *core, const struct core_event *event)
{
    const struct message_make_backup *make = &event->message->make_backup;
    bool is_done = event->code == REPLY_CODE_OK;
    const struct message_audit_line line = {
        .user = make->user,
        .role = make->role,
        .action = make->action,
        .request_id = make->request_id,
        .target = make->name,
        .outcome = is_done ? AUDIT_OUTCOME_OK : AUDIT_OUTCOME_FAILED,
        .code = (uint8_t)event->code,
    };
    if (make->action.size > 0) {
        emit_line(core, &line);
    }
}

void core_note_audit(struct core *core, const struct core_event *event)
{
    const struct message_note_audit *note = &event->message->note_audit;
    if (event->message->type == MESSAGE_TYPE_MAKE_BACKUP) {
        note_backup(core, event);
        return;
    }
    const struct message_audit_line line = {
        .user = note->user,
        .role = note->role,
        .action = note->action,
        .request_id = note->request_id,
        .target = note->target,
        .outcome = note->outcome,
        .left_out = note->left_out,
    };
    struct effect *effect = emit(core, EFFECT_REPLY);
    effect->peer = event->peer;
    effect->reply = (struct message_reply){.request = note->request, .code = REPLY_CODE_OK};
    emit_line(core, &line);
}

/* ---- what this step has done ---- */

/* Each handler answers last, and only when it has decided. */
static const struct effect *answer_of(const struct core *core)
{
    uint32_t count = core->effects->count;
    const struct effect *last = count == 0 ? NULL : &core->effects->items[count - 1];
    return last != NULL && last->type == EFFECT_REPLY ? last : NULL;
}

/* Whether the step has made anything durable. */
static bool has_changed(const struct core *core)
{
    for (uint32_t index = 0; index < core->effects->count; index++) {
        if (core->effects->items[index].type <= EFFECT_EVENT) {
            return true;
        }
    }
    return false;
}

static void set_outcome(const struct core *core, const struct effect *answer,
                        struct message_audit_line *line)
{
    line->code = answer->reply.code;
    line->outcome = AUDIT_OUTCOME_FAILED;
    if (line->code == REPLY_CODE_OK) {
        line->outcome = has_changed(core) ? AUDIT_OUTCOME_OK : AUDIT_OUTCOME_UNCHANGED;
    }
}

static void audit_queue(struct core *core, const struct message_set_queue *set,
                        struct message_audit_line *line)
{
    line->user = set->user;
    line->role = set->role;
    line->action = set->action;
    line->request_id = set->request_id;
    line->target = slice_from_string(job_kind_name((enum job_kind)set->kind));
    if (set->action.size > 0) {
        emit_line(core, line);
    }
}

static void audit_worker(struct core *core, const struct message_set_worker *set,
                         struct message_audit_line *line)
{
    line->user = set->user;
    line->role = set->role;
    line->action = set->action;
    line->request_id = set->request_id;
    if (set->action.size > 0) {
        emit_line_of(core, line, &set->worker);
    }
}

static void audit_cancel(struct core *core, const struct message_cancel_job *cancel,
                         struct message_audit_line *line)
{
    line->user = cancel->owner;
    line->role = cancel->role;
    line->action = cancel->action;
    line->request_id = cancel->request_id;
    if (cancel->action.size > 0) {
        emit_line_of(core, line, &cancel->job);
    }
}

static void audit_retry(struct core *core, const struct message_retry_job *retry,
                        struct message_audit_line *line)
{
    line->user = retry->owner;
    line->role = retry->role;
    line->action = retry->action;
    line->request_id = retry->request_id;
    if (retry->action.size > 0) {
        emit_line_of(core, line, &retry->job);
    }
}

static void audit_change(struct core *core, const struct message_change_job *change,
                         struct message_audit_line *line)
{
    line->user = change->user;
    line->role = change->role;
    line->action = change->audit;
    line->request_id = change->request_id;
    if (change->audit.size > 0) {
        emit_line_of(core, line, &change->job);
    }
}

static void audit_duplicate(struct core *core, const struct message_submit *submit,
                            struct message_audit_line *line)
{
    line->user = submit->user;
    line->role = submit->role;
    line->action = submit->audit;
    line->request_id = submit->request_id;
    if (submit->audit.size > 0) {
        emit_line_of(core, line, &submit->like);
    }
}

/* One that is asked for again under its key is another's: the answer tells whose. */
static void audit_start(struct core *core, const struct message_start_bulk *start,
                        const struct id *bulk, struct message_audit_line *line)
{
    line->user = start->user;
    line->role = start->role;
    line->action = start->audit;
    line->request_id = start->request_id;
    if (start->audit.size > 0) {
        emit_line_of(core, line, bulk);
    }
}

static void audit_stop(struct core *core, const struct message_stop_bulk *stop,
                       struct message_audit_line *line)
{
    line->user = stop->user;
    line->role = stop->role;
    line->action = stop->audit;
    line->request_id = stop->request_id;
    if (stop->audit.size > 0) {
        emit_line_of(core, line, &stop->bulk);
    }
}

static void audit_group(struct core *core, const struct message_cancel_group *cancel,
                        struct message_audit_line *line)
{
    line->user = cancel->owner;
    line->role = cancel->role;
    line->action = cancel->action;
    line->request_id = cancel->request_id;
    if (cancel->action.size > 0) {
        emit_line_of(core, line, &cancel->group);
    }
}

/* Whose a document is nobody knows who asks for its end: what was one's own, or was not there, is
 * no matter for the log. */
static void audit_delete(struct core *core, const struct message_delete_document *request,
                         const struct document_facts *document, struct message_audit_line *line)
{
    bool is_of_another =
        document->found && !slice_equal(document_facts_owner(document), request->owner);
    line->user = request->owner;
    line->role = request->role;
    line->action = request->action;
    line->request_id = request->request_id;
    if (request->action.size > 0 && is_of_another) {
        emit_line_of(core, line, &request->id);
    }
}

void audit_request(struct core *core, const struct core_event *event)
{
    const struct message *message = event->message;
    const struct effect *answer = answer_of(core);
    struct message_audit_line line = {0};
    if (answer == NULL) {
        return; /* it is looked up first, or is none that is answered */
    }
    const struct id bulk = answer->reply.job;
    set_outcome(core, answer, &line);
    if (message->type == MESSAGE_TYPE_SET_QUEUE) {
        audit_queue(core, &message->set_queue, &line);
    } else if (message->type == MESSAGE_TYPE_SET_WORKER) {
        audit_worker(core, &message->set_worker, &line);
    } else if (message->type == MESSAGE_TYPE_CANCEL_JOB) {
        audit_cancel(core, &message->cancel_job, &line);
    } else if (message->type == MESSAGE_TYPE_RETRY_JOB) {
        audit_retry(core, &message->retry_job, &line);
    } else if (message->type == MESSAGE_TYPE_CANCEL_GROUP) {
        audit_group(core, &message->cancel_group, &line);
    } else if (message->type == MESSAGE_TYPE_DELETE_DOCUMENT) {
        audit_delete(core, &message->delete_document, &event->facts->document, &line);
    } else if (message->type == MESSAGE_TYPE_SUBMIT) {
        audit_duplicate(core, &message->submit, &line);
    } else if (message->type == MESSAGE_TYPE_CHANGE_JOB) {
        audit_change(core, &message->change_job, &line);
    } else if (message->type == MESSAGE_TYPE_START_BULK) {
        audit_start(core, &message->start_bulk, &bulk, &line);
    } else if (message->type == MESSAGE_TYPE_STOP_BULK) {
        audit_stop(core, &message->stop_bulk, &line);
    }
}
