#include "broker/core/state.h"

/*
 * DELETE_DOCUMENT: ends the live jobs that are made from the document, and then removes it, in one
 * step and so in one commit. When there are more jobs than fit into a step, it ends some and has
 * the request handed in again: the last step removes the document. REMOVED: what the document left
 * behind elsewhere is gone.
 */

/* A media entry is gone with its character: it is looked at as for a video from it. */
static bool is_stale(const struct core *core, const struct message_delete_document *request,
                     const struct facts *facts)
{
    return submit_documents_changed(core, JOB_KIND_VIDEO, &request->character, &request->id,
                                    facts->commit);
}

static struct failure failure_of(const struct message_delete_document *request)
{
    return id_is_zero(&request->character)
               ? FAILURE("character_deleted", "the character was deleted")
               : FAILURE("media_deleted", "the picture that it was to be made from was deleted");
}

/* An active job's worker stops as for a cancel; one that was asked for is carried out. */
static void end_job(struct core *core, uint32_t index, struct failure failure)
{
    const struct job *job = core_job(core, index);
    bool is_cancelling = job_is_cancelling(job);
    if (job->state == JOB_STATE_ACTIVE) {
        lease_cancel(core, index);
    }
    job_end(core, index, is_cancelling ? JOB_STATE_CANCELLED : JOB_STATE_FAILED, RESULT_NONE,
            is_cancelling ? FAILURE_NONE : failure);
}

/* Ends the jobs that are made from the document, as many as a turn's commit should hold. Returns
 * whether none is left. */
static bool end_jobs(struct core *core, const struct message_delete_document *request)
{
    static const struct id none;
    bool of_character = id_is_zero(&request->character);
    const struct id *character = of_character ? &request->id : &request->character;
    const struct id *source = of_character ? &none : &request->id;
    uint32_t index = uses_find(&core->uses, &core->slab, character, source);
    while (index != JOB_NONE && emit_has_room(core, EFFECTS_TICK_MAX)) {
        end_job(core, index, failure_of(request));
        index = uses_find(&core->uses, &core->slab, character, source);
    }
    return index == JOB_NONE;
}

static void remove_document(struct core *core, const struct message_delete_document *request,
                            const struct document_facts *document)
{
    struct effect *effect = emit(core, EFFECT_DELETE);
    effect->id = request->id;
    effect->deleted = document;
    changes_note(&core->changes, CHANGE_DOCUMENT, slice_make(&request->id, ID_SIZE), SLICE_EMPTY,
                 core->commit);
}

void core_delete_document(struct core *core, const struct core_event *event)
{
    const struct message_delete_document *request = &event->message->delete_document;
    const struct facts *facts = event->facts;
    if (facts == NULL || is_stale(core, request, facts)) {
        emit(core, EFFECT_RESOLVE)->peer = event->peer;
        return;
    }
    if (!facts->document.found) {
        emit_reply(core, event, request->request,
                   (struct message_reply){.code = REPLY_CODE_NOT_FOUND});
        return;
    }
    if (!end_jobs(core, request)) {
        emit(core, EFFECT_RESOLVE)->peer = event->peer;
        return;
    }
    remove_document(core, request, &facts->document);
    emit_reply(
        core, event, request->request,
        (struct message_reply){.code = REPLY_CODE_OK, .url = document_facts_url(&facts->document)});
}

void core_removed(struct core *core, const struct core_event *event)
{
    const struct message_removed *removed = &event->message->removed;
    bool is_valid = removed->ids.size % ID_SIZE == 0;
    if (is_valid && removed->ids.size > 0) {
        emit(core, EFFECT_REMOVED)->document = removed->ids;
    }
    emit_reply(core, event, removed->request,
               (struct message_reply){.code = is_valid ? REPLY_CODE_OK : REPLY_CODE_INVALID});
}
