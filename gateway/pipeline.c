#include "gateway/pipeline.h"

#include <stdio.h>
#include "gateway/group_post.h"
#include "gateway/pipeline_json.h"
#include "gateway/request_body.h"
#include "gateway/respond.h"

enum {
    ACCEPTED_SIZE_MAX = 8192, /* bytes: 21 jobs with three ids each */
};

static void accepted_send(struct exchange *exchange, const struct id *group, uint32_t count)
{
    const struct pipeline *pipeline = exchange->handler_data;
    struct buffer body;
    (void)count;
    buffer_init(&body, ACCEPTED_SIZE_MAX);
    if (pipeline_json_accepted(group, pipeline, &body) == STATUS_OK) {
        respond_json(exchange, 202, buffer_slice(&body), SLICE_EMPTY);
    } else {
        respond_error(exchange, &HTTP_ERROR_INTERNAL, NULL);
    }
    buffer_fini(&body);
}

/* The queue can refuse only what was there before: the character. */
static void member_name(uint32_t index, enum reply_code code, char out[PROBLEM_FIELD_SIZE])
{
    (void)index;
    snprintf(out, PROBLEM_FIELD_SIZE, "%s",
             code == REPLY_CODE_CHARACTER_NOT_FOUND ? "characterId" : "body");
}

/* Tells the job what it is made from, whose ids are fixed before there is any of it. Gives the job
 * that makes it. */
static struct id join(const struct group_post *post, const struct pipeline *pipeline,
                      uint32_t index, struct group_item *item)
{
    uint32_t parent;
    struct id parent_job = {{0}};
    if (item->kind != JOB_KIND_CHARACTER) {
        item->character =
            pipeline->makes_character ? group_post_ids(post, 0).character : pipeline->character;
    }
    if (pipeline_parent(pipeline, index, &parent)) {
        const struct group_ids ids = group_post_ids(post, parent);
        parent_job = ids.job;
        if (item->kind == JOB_KIND_VIDEO) {
            item->source = ids.media;
        }
    }
    return parent_job;
}

static enum status jobs_add(struct group_post *post, const struct body *body,
                            struct pipeline *pipeline, struct problems *problems)
{
    bool private_allowed = post->exchange->gateway->settings.webhook_private;
    char name[PROBLEM_FIELD_SIZE];
    struct group_item item;
    enum status status = STATUS_OK;
    if (!pipeline_read(body, pipeline, problems)) {
        return STATUS_OK;
    }
    for (uint32_t index = 0; index < pipeline_count(pipeline) && status == STATUS_OK; index++) {
        pipeline_item_read(pipeline, index, private_allowed, &item, problems);
        if (problems->count == 0) {
            const struct id parent = join(post, pipeline, index, &item);
            pipeline_name(pipeline, index, name);
            status = group_post_add(post, &item, &parent, name, problems);
        }
    }
    return status;
}

void pipeline_post(struct exchange *exchange)
{
    const h2o_req_t *request = exchange->request;
    struct problems problems = {0};
    struct body *body = NULL;
    if (!request_body_take(exchange, &body)) {
        return;
    }
    struct pipeline *pipeline = exchange_allocate(exchange, sizeof(*pipeline));
    struct group_post *post = group_post_new(exchange, GROUP_KIND_PIPELINE);
    exchange->handler_data = pipeline;
    post->accepted = accepted_send;
    post->member = member_name;
    enum status status = jobs_add(post, body, pipeline, &problems);
    body_destroy(&body);
    if (status == STATUS_OK && problems.count == 0) {
        group_post_send(post, slice_make(request->entity.base, request->entity.len));
    } else {
        group_post_refuse(exchange, status, &problems);
    }
}
