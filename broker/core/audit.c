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
    emit_reply(core, event, note->request, (struct message_reply){.code = REPLY_CODE_OK});
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

/* Whether the step has made anything durable but its key. */
static bool has_changed(const struct core *core)
{
    for (uint32_t index = 0; index < core->effects->count; index++) {
        enum effect_type type = core->effects->items[index].type;
        if (type <= EFFECT_EVENT && type != EFFECT_KEY) {
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

/* Who asks, as the request says; an action without a word has no line. */
static void set_asker(struct message_audit_line *line, struct slice user, struct slice role,
                      struct slice action, struct slice request_id)
{
    line->user = user;
    line->role = role;
    line->action = action;
    line->request_id = request_id;
}

/* Who asks for what, and what of. Of what owners ask as well there is a line for admins only; of a
 * bulk that is asked for again under its key the answer tells which. Returns NULL for what is asked
 * of no id. */
static const struct id *describe(const struct message *message, const struct message_reply *answer,
                                 struct message_audit_line *line)
{
    switch ((int)message->type) {
    case MESSAGE_TYPE_CANCEL_JOB: {
        const struct message_cancel_job *cancel = &message->cancel_job;
        set_asker(line, cancel->owner, cancel->role, cancel->action, cancel->request_id);
        return &cancel->job;
    }
    case MESSAGE_TYPE_RETRY_JOB: {
        const struct message_retry_job *retry = &message->retry_job;
        set_asker(line, retry->owner, retry->role, retry->action, retry->request_id);
        return &retry->job;
    }
    case MESSAGE_TYPE_CANCEL_GROUP: {
        const struct message_cancel_group *cancel = &message->cancel_group;
        set_asker(line, cancel->owner, cancel->role, cancel->action, cancel->request_id);
        return &cancel->group;
    }
    case MESSAGE_TYPE_DELETE_DOCUMENT: {
        const struct message_delete_document *request = &message->delete_document;
        set_asker(line, request->owner, request->role, request->action, request->request_id);
        return &request->id;
    }
    case MESSAGE_TYPE_SUBMIT: {
        const struct message_submit *submit = &message->submit;
        set_asker(line, submit->user, submit->role, submit->audit, submit->request_id);
        return &submit->like;
    }
    case MESSAGE_TYPE_SET_QUEUE: {
        const struct message_set_queue *set = &message->set_queue;
        set_asker(line, set->user, set->role, set->action, set->request_id);
        line->target = slice_from_string(job_kind_name((enum job_kind)set->kind));
        return NULL;
    }
    case MESSAGE_TYPE_SET_WORKER: {
        const struct message_set_worker *set = &message->set_worker;
        set_asker(line, set->user, set->role, set->action, set->request_id);
        return &set->worker;
    }
    case MESSAGE_TYPE_CHANGE_JOB: {
        const struct message_change_job *change = &message->change_job;
        set_asker(line, change->user, change->role, change->audit, change->request_id);
        return &change->job;
    }
    case MESSAGE_TYPE_START_BULK: {
        const struct message_start_bulk *start = &message->start_bulk;
        set_asker(line, start->user, start->role, start->audit, start->request_id);
        return &answer->job;
    }
    case MESSAGE_TYPE_STOP_BULK: {
        const struct message_stop_bulk *stop = &message->stop_bulk;
        set_asker(line, stop->user, stop->role, stop->audit, stop->request_id);
        return &stop->bulk;
    }
    default:
        return NULL;
    }
}

/* Whose a document is nobody knows who asks for its end: what was one's own, or was not there, is
 * no matter for the log. */
static bool is_of_another(const struct core_event *event)
{
    if (event->message->type != MESSAGE_TYPE_DELETE_DOCUMENT) {
        return true;
    }
    const struct document_facts *document = &event->facts->document;
    return document->found &&
           !slice_equal(document_facts_owner(document), event->message->delete_document.owner);
}

void audit_request(struct core *core, const struct core_event *event)
{
    const struct effect *answer = answer_of(core);
    struct message_audit_line line = {0};
    if (answer == NULL) {
        return; /* it is looked up first, or is none that is answered */
    }
    set_outcome(core, answer, &line);
    const struct id *target = describe(event->message, &answer->reply, &line);
    if (line.action.size == 0 || !is_of_another(event)) {
        return;
    }
    if (target == NULL) {
        emit_line(core, &line);
    } else {
        emit_line_of(core, &line, target);
    }
}
