#include <string.h>
#include "tests/sim/gateway_model.h"
#include "tests/sim/world.h"

/* The messages by which clients change what is there. */

/* Others than those of new jobs: the model has a table of them for itself. */
static const char *const keys[MODEL_KEYS + 1] = {
    "", "again-1", "again-2", "again-3", "again-4", "again-5", "again-6", "again-7", "again-8"};

/* Who asks, and what for; nothing of a request that is not to be written down. */
struct by {
    struct slice user;
    struct slice role;
    struct slice action;
    struct slice request_id;
};

static struct by by_of(const struct request *request, const char *action)
{
    if (!request->audited) {
        return (struct by){0};
    }
    return (struct by){.user = model_user(request->user),
                       .role = SLICE_LITERAL("admin"),
                       .action = slice_from_string(action),
                       .request_id = slice_from_string(request->request_id)};
}

static void group_request(const struct world *world, const struct request *request, bool resent,
                          struct message *out)
{
    if (request->is_cancel) {
        const struct by by = by_of(request, "cancel_batch");
        out->type = MESSAGE_TYPE_CANCEL_GROUP;
        out->cancel_group.request = request->number;
        out->cancel_group.group =
            model_group_of(&world->model, &world->model.jobs[request->job])->id;
        out->cancel_group.owner = model_user(request->user);
        out->cancel_group.admin = request->admin;
        out->cancel_group.role = by.role;
        out->cancel_group.action = by.action;
        out->cancel_group.request_id = by.request_id;
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
    const struct by by = by_of(request, "retry");
    out->type = MESSAGE_TYPE_RETRY_JOB;
    out->retry_job = (struct message_retry_job){
        .request = request->number,
        .job = world->model.jobs[request->job].id,
        .owner = model_user(request->user),
        .retries = request->retries,
        .admin = request->admin,
        .resent = resent,
        .role = by.role,
        .action = by.action,
        .request_id = by.request_id,
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
    const struct by by = by_of(request, request->of_media ? "delete_media" : "delete_character");
    out->type = MESSAGE_TYPE_DELETE_DOCUMENT;
    out->delete_document.request = request->number;
    out->delete_document.id = *id;
    out->delete_document.owner = model_user(request->user);
    out->delete_document.admin = request->admin;
    out->delete_document.role = by.role;
    out->delete_document.action = by.action;
    out->delete_document.request_id = by.request_id;
    if (request->of_media) {
        out->delete_document.character = job->character;
    }
}

static void orders_request(const struct request *request, struct message *out)
{
    const struct by by = by_of(request, worker_orders_name((enum worker_orders)request->orders));
    out->type = MESSAGE_TYPE_SET_WORKER;
    out->set_worker = (struct message_set_worker){.request = request->number,
                                                  .worker = request->worker,
                                                  .orders = request->orders,
                                                  .user = by.user,
                                                  .role = by.role,
                                                  .action = by.action,
                                                  .request_id = by.request_id};
}

static void queue_request(const struct request *request, struct message *out)
{
    const struct by by = by_of(request, request->paused ? "pause" : "resume");
    out->type = MESSAGE_TYPE_SET_QUEUE;
    out->set_queue = (struct message_set_queue){.request = request->number,
                                                .kind = request->kind,
                                                .paused = request->paused,
                                                .user = by.user,
                                                .role = by.role,
                                                .action = by.action,
                                                .request_id = by.request_id};
}

static void cancel_request(const struct world *world, const struct request *request,
                           struct message *out)
{
    const struct by by = by_of(request, "cancel");
    out->type = MESSAGE_TYPE_CANCEL_JOB;
    out->cancel_job = (struct message_cancel_job){.request = request->number,
                                                  .job = world->model.jobs[request->job].id,
                                                  .owner = model_user(request->user),
                                                  .admin = request->admin,
                                                  .role = by.role,
                                                  .action = by.action,
                                                  .request_id = by.request_id};
}

static void change_request(const struct world *world, const struct request *request,
                           struct message *out)
{
    const struct by by = by_of(request, job_action_name((enum job_action)request->action));
    out->type = MESSAGE_TYPE_CHANGE_JOB;
    out->change_job = (struct message_change_job){.request = request->number,
                                                  .job = world->model.jobs[request->job].id,
                                                  .action = request->action,
                                                  .user = model_user(request->user),
                                                  .priority = request->priority,
                                                  .role = by.role,
                                                  .audit = by.action,
                                                  .request_id = by.request_id};
}

static void note_request(const struct request *request, struct message *out)
{
    const struct by by = by_of(request, "pause");
    out->type = MESSAGE_TYPE_NOTE_AUDIT;
    out->note_audit = (struct message_note_audit){.request = request->number,
                                                  .user = by.user,
                                                  .role = by.role,
                                                  .action = by.action,
                                                  .request_id = by.request_id,
                                                  .target = SLICE_LITERAL("image"),
                                                  .outcome = AUDIT_OUTCOME_FORBIDDEN,
                                                  .left_out = (uint32_t)request->number % 3};
}

static void bulk_request(const struct world *world, const struct request *request,
                         struct message *out, struct id ids[MODEL_BULK_JOBS_MAX])
{
    const struct model_bulk *bulk = &world->model.bulks[request->bulk];
    const struct by by = by_of(request, request->is_delete ? "stop" : "operation");
    if (request->is_delete) {
        out->type = MESSAGE_TYPE_STOP_BULK;
        out->stop_bulk = (struct message_stop_bulk){.request = request->number,
                                                    .bulk = bulk->id,
                                                    .user = model_user(request->user),
                                                    .role = by.role,
                                                    .audit = by.action,
                                                    .request_id = by.request_id};
        return;
    }
    out->type = MESSAGE_TYPE_START_BULK;
    out->start_bulk = (struct message_start_bulk){
        .request = request->number,
        .bulk = bulk->id,
        .action = bulk->action,
        .priority = bulk->priority,
        .user = model_user(bulk->user),
        .kinds = bulk->kinds,
        .states = bulk->states,
        .owner = bulk->owner == 0 ? SLICE_EMPTY : model_user(bulk->owner - 1u),
        .error_group = bulk->error_group,
        .where = model_bulk_where(bulk),
        .role = by.role,
        .audit = by.action,
        .request_id = by.request_id,
    };
    for (uint32_t index = 0; index < bulk->job_count; index++) {
        ids[index] = world->model.jobs[bulk->jobs[index]].id;
    }
    if (bulk->job_count > 0) {
        out->start_bulk.jobs = slice_make(ids, bulk->job_count * sizeof(ids[0]));
    }
    if (request->key != 0) {
        out->start_bulk.key = slice_from_string(keys[request->key]);
        out->start_bulk.key_hash = slice_make(request->key_hash, HASH_SIZE);
    }
}

bool gateway_change_message(const struct world *world, const struct request *request, bool resent,
                            struct id ids[MODEL_BULK_JOBS_MAX], struct message *out)
{
    if (request->is_bulk) {
        bulk_request(world, request, out, ids);
    } else if (request->is_change) {
        change_request(world, request, out);
    } else if (request->is_put || request->is_delete) {
        endpoint_message(world, request, resent, out);
    } else if (request->is_orders) {
        orders_request(request, out);
    } else if (request->is_queue) {
        queue_request(request, out);
    } else if (request->is_note) {
        note_request(request, out);
    } else if (request->is_delete_document) {
        delete_request(world, request, out);
    } else if (request->is_group) {
        group_request(world, request, resent, out);
    } else if (request->is_retry) {
        retry_request(world, request, resent, out);
    } else if (request->is_cancel) {
        cancel_request(world, request, out);
    } else {
        return false;
    }
    return true;
}

bool gateway_change_is_written(const struct world *world, const struct request *request,
                               const struct message_reply *reply)
{
    if (!request->is_delete_document) {
        return request->audited && reply->code != REPLY_CODE_BUSY;
    }
    return request->audited && reply->code == REPLY_CODE_OK &&
           request->user != world->model.jobs[request->job].user;
}
