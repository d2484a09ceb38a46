#include <assert.h>
#include <string.h>
#include "broker/keys.h"
#include "tests/sim/model.h"
#include "tests/sim/world.h"

/* Deletions: what is deleted is gone with all that was made of it, no live job is left that would
 * be made from it, and nothing of it comes back. */

/* Whether a live job is made from what the request deletes. */
static bool is_made_from(const struct model_job *job, const struct message_delete_document *request)
{
    if (job->kind != JOB_KIND_IMAGE && job->kind != JOB_KIND_VIDEO) {
        return false;
    }
    return id_is_zero(&request->character) ? id_equal(&job->character, &request->id)
                                           : id_equal(&job->source, &request->id);
}

static const struct message_delete_document *deletion_of(const struct core_event *event)
{
    bool is_one =
        event->type == CORE_EVENT_GATEWAY && event->message->type == MESSAGE_TYPE_DELETE_DOCUMENT;
    return is_one ? &event->message->delete_document : NULL;
}

void model_delete_before(struct world *world, const struct core_event *event)
{
    struct model *model = &world->model;
    struct model_step *step = &model->step;
    const struct message_delete_document *request = deletion_of(event);
    const struct model_job *maker = model_find_document(model, &request->id);
    bool of_character = id_is_zero(&request->character);
    bool fits = maker != NULL && model_document_exists(maker, &maker->current, &request->id);
    if (fits && of_character) {
        fits = maker->kind == JOB_KIND_CHARACTER && id_equal(&maker->character, &request->id);
    } else if (fits) {
        fits = id_equal(&maker->media, &request->id) &&
               id_equal(&maker->character, &request->character);
    }
    step->allowed = fits && (request->admin || model_user_of(request->owner) == maker->user);
}

void model_delete_races(struct world *world, const struct model_job *job)
{
    const struct model_job *maker = model_find_document(&world->model, &job->character);
    bool is_use = job->kind != JOB_KIND_CHARACTER && maker != NULL;
    if (is_use && maker->deleted_turn == world->model.turn + 1) {
        world_fault(world, FAULT_DELETE_SAME_TURN);
    }
}

/* A job that fails because of a deletion. */
void model_delete_event(struct world *world, const struct core_event *event,
                        const struct model_job *job, struct slice code)
{
    bool of_character = slice_equal(code, SLICE_LITERAL("character_deleted"));
    if (!of_character && !slice_equal(code, SLICE_LITERAL("media_deleted"))) {
        return;
    }
    const struct message_delete_document *request = deletion_of(event);
    world_check(world, "jobs fail with what they are made from",
                request != NULL && is_made_from(job, request) &&
                    id_is_zero(&request->character) == of_character,
                "job %u", model_job_number(&world->model, job));
    world_seen(world, of_character ? SEEN_CHARACTER_DELETED : SEEN_MEDIA_DELETED);
}

void model_delete_effect(struct world *world, const struct effect *effect)
{
    struct model *model = &world->model;
    struct model_job *maker = model_find_document(model, &effect->id);
    world_check(world, "deletions are of what exists",
                maker != NULL && model_document_exists(maker, &maker->current, &effect->id),
                "a document is deleted that is not there");
    maker->deleted_turn = model->turn + 1;
    if (effect->deleted->type != DOCUMENT_TYPE_CHARACTER) {
        maker->current.media_gone = true;
        model_touch(model, maker);
        return;
    }
    maker->current.character_gone = true;
    for (uint32_t index = 0; index < model->job_count; index++) {
        struct model_job *job = &model->jobs[index];
        if (job->current.exists && id_equal(&job->character, &effect->id)) {
            job->current.media_gone = true;
            model_touch(model, job);
        }
    }
}

void model_delete_answer(struct world *world, const struct core_event *event,
                         const struct message_reply *reply)
{
    const struct model *model = &world->model;
    const struct message_delete_document *request = deletion_of(event);
    enum reply_code expected = model->step.allowed ? REPLY_CODE_OK : REPLY_CODE_NOT_FOUND;
    world_check(world, "deletions are answered",
                reply->code == expected && reply->request == request->request, "%s, should be %s",
                reply_code_name(reply->code), reply_code_name(expected));
    world_check(world, "deletions are answered",
                expected == REPLY_CODE_OK || model->step.writes == 0, "it changed");
    for (uint32_t index = 0; index < model->live_count && expected == REPLY_CODE_OK; index++) {
        const struct model_job *job = &model->jobs[model->live[index]];
        world_check(world, "no job is left of what is deleted", !is_made_from(job, request),
                    "job %u", model->live[index]);
    }
}

/* Nothing is in the store of what was deleted, once all leftovers are removed. */
void model_delete_end(struct world *world)
{
    const struct model *model = &world->model;
    uint8_t key[KEY_BYTES_MAX];
    struct slice value;
    for (uint32_t index = 0; index < model->job_count; index++) {
        const struct model_job *job = &model->jobs[index];
        if (job->durable.media_gone) {
            world_check(
                world, "nothing is orphaned",
                !store_memory_get_durable(&world->store, key_document(key, &job->media), &value),
                "the media entry of job %u is still there", index);
        }
        if (job->durable.character_gone) {
            world_check(world, "nothing is orphaned",
                        !store_memory_get_durable(&world->store,
                                                  key_leftovers(key, &job->character), &value),
                        "the character of job %u has leftovers", index);
        }
    }
}
