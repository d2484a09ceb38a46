#include "gateway/batch.h"

#include <stdio.h>
#include "gateway/batch_rules.h"
#include "gateway/group_json.h"
#include "gateway/group_post.h"
#include "gateway/request_body.h"
#include "gateway/respond.h"

enum {
    ACCEPTED_SIZE_MAX = 1024 + GROUP_JOBS_MAX * 40, /* bytes: an id in quotes, and its comma */
};

static void accepted_send(struct exchange *exchange, const struct id *group, uint32_t count)
{
    struct buffer body;
    buffer_init(&body, ACCEPTED_SIZE_MAX);
    if (group_json_accepted(group, count, &body) == STATUS_OK) {
        respond_json(exchange, 202, buffer_slice(&body), SLICE_EMPTY);
    } else {
        respond_error(exchange, &HTTP_ERROR_INTERNAL, NULL);
    }
    buffer_fini(&body);
}

static void member_name(uint32_t index, enum reply_code code, char out[PROBLEM_FIELD_SIZE])
{
    const char *name = code == REPLY_CODE_CHARACTER_NOT_FOUND ? ".characterId"
                       : code == REPLY_CODE_MEDIA_NOT_FOUND || code == REPLY_CODE_SOURCE_UNSUITABLE
                           ? ".mediaId"
                           : "";
    snprintf(out, PROBLEM_FIELD_SIZE, "jobs[%u]%s", index, name);
}

/* Adds all jobs; every problem of every job is noted, as far as there is room. */
static enum status jobs_add(struct group_post *post, const struct body *body,
                            struct problems *problems)
{
    static const struct id none;
    bool private_allowed = post->exchange->gateway->settings.webhook_private;
    struct json_value jobs;
    struct group_item item;
    char name[PROBLEM_FIELD_SIZE];
    enum status status = STATUS_OK;
    if (!batch_jobs(body, &jobs, problems)) {
        return STATUS_OK;
    }
    for (uint32_t index = 0; index < jobs.count && status == STATUS_OK; index++) {
        if (batch_item_read(&jobs, index, private_allowed, &item, problems) &&
            problems->count == 0) {
            snprintf(name, sizeof(name), "jobs[%u]", index);
            status = group_post_add(post, &item, &none, name, problems);
        }
    }
    return status;
}

void batch_post(struct exchange *exchange)
{
    const h2o_req_t *request = exchange->request;
    struct problems problems = {0};
    struct body *body = NULL;
    if (!request_body_take(exchange, &body)) {
        return;
    }
    struct group_post *post = group_post_new(exchange, GROUP_KIND_BATCH);
    post->accepted = accepted_send;
    post->member = member_name;
    enum status status = jobs_add(post, body, &problems);
    body_destroy(&body);
    if (status == STATUS_OK && problems.count == 0) {
        group_post_send(post, slice_make(request->entity.base, request->entity.len));
    } else {
        group_post_refuse(exchange, status, &problems);
    }
}
