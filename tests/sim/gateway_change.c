#include <string.h>
#include "tests/sim/gateway_model.h"
#include "tests/sim/world.h"

/* The messages by which clients change what is there. */

/* Others than those of new jobs: the model has a table of them for itself. */
static const char *const keys[MODEL_KEYS + 1] = {
    "", "again-1", "again-2", "again-3", "again-4", "again-5", "again-6", "again-7", "again-8"};

static void group_request(const struct world *world, const struct request *request, bool resent,
                          struct message *out)
{
    if (request->is_cancel) {
        out->type = MESSAGE_TYPE_CANCEL_GROUP;
        out->cancel_group.request = request->number;
        out->cancel_group.group =
            model_group_of(&world->model, &world->model.jobs[request->job])->id;
        out->cancel_group.owner = model_user(request->user);
        out->cancel_group.admin = request->admin;
    } else {
        gateway_group_message(world, request->job, out);
        out->submit_group.request = request->number;
        out->submit_group.resent = resent;
    }
}

static void endpoint_message(const struct world *world, const struct request *request, bool resent,
                             struct message *out)
{
    static const uint8_t secret[WEBHOOK_SECRET_SIZE_MIN] = {1, 2, 3};
    const struct model_endpoint *endpoint = &world->model.endpoints[request->endpoint];
    if (request->is_delete) {
        out->type = MESSAGE_TYPE_DELETE_ENDPOINT;
        out->delete_endpoint = (struct message_delete_endpoint){.request = request->number,
                                                                .endpoint = endpoint->id,
                                                                .owner = model_user(request->user)};
        return;
    }
    out->type = MESSAGE_TYPE_PUT_ENDPOINT;
    out->put_endpoint = (struct message_put_endpoint){
        .request = request->number,
        .endpoint = endpoint->id,
        .owner = model_user(request->user),
        .url = SLICE_LITERAL("https://receiver.test/hook"),
        .secret = slice_make(secret, sizeof(secret)),
        .events = request->events,
        .version = request->version,
        .disabled = (request->events & 1u << EVENT_KIND_WAITING) == 0,
        .resent = resent,
    };
    if (request->key != 0) {
        out->put_endpoint.key = slice_from_string(keys[request->key]);
        out->put_endpoint.key_hash = slice_make(request->key_hash, HASH_SIZE);
    }
}

static void retry_request(const struct world *world, const struct request *request, bool resent,
                          struct message *out)
{
    out->type = MESSAGE_TYPE_RETRY_JOB;
    out->retry_job = (struct message_retry_job){
        .request = request->number,
        .job = world->model.jobs[request->job].id,
        .owner = model_user(request->user),
        .retries = request->retries,
        .admin = request->admin,
        .resent = resent,
    };
    if (request->endpoint < world->model.endpoint_count) {
        out->retry_job.endpoint = world->model.endpoints[request->endpoint].id;
    } else if (request->reporter != 0) {
        out->retry_job.reporter = world->model.jobs[request->reporter - 1].id;
    }
    if (request->key != 0) {
        out->retry_job.key = slice_from_string(keys[request->key]);
        out->retry_job.key_hash = slice_make(request->key_hash, HASH_SIZE);
    }
}

static void delete_request(const struct world *world, const struct request *request,
                           struct message *out)
{
    const struct model_job *job = &world->model.jobs[request->job];
    const struct id *id = request->of_media ? &job->media : &job->character;
    if (request->is_removed) {
        out->type = MESSAGE_TYPE_REMOVED;
        out->removed.request = request->number;
        out->removed.ids = slice_make(id, ID_SIZE);
        return;
    }
    out->type = MESSAGE_TYPE_DELETE_DOCUMENT;
    out->delete_document.request = request->number;
    out->delete_document.id = *id;
    out->delete_document.owner = model_user(request->user);
    out->delete_document.admin = request->admin;
    if (request->of_media) {
        out->delete_document.character = job->character;
    }
}

bool gateway_change_message(const struct world *world, const struct request *request, bool resent,
                            struct message *out)
{
    if (request->is_put || request->is_delete) {
        endpoint_message(world, request, resent, out);
    } else if (request->is_delete_document) {
        delete_request(world, request, out);
    } else if (request->is_group) {
        group_request(world, request, resent, out);
    } else if (request->is_retry) {
        retry_request(world, request, resent, out);
    } else if (request->is_cancel) {
        out->type = MESSAGE_TYPE_CANCEL_JOB;
        out->cancel_job.request = request->number;
        out->cancel_job.job = world->model.jobs[request->job].id;
        out->cancel_job.owner = model_user(request->user);
        out->cancel_job.admin = request->admin;
    } else {
        return false;
    }
    return true;
}
