#include "gateway/batch.h"

#include <stdio.h>
#include "gateway/batch_rules.h"
#include "gateway/group_json.h"
#include "gateway/group_post.h"
#include "gateway/respond.h"
#include "gateway/submit_input.h"

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

/* Adds one job. Returns OK, or TOO_LARGE or NO_MEMORY: of the whole, or with the problem noted. */
static enum status job_add(struct group_post *post, const struct batch_item *item, uint32_t index,
                           struct problems *problems)
{
    char member[PROBLEM_FIELD_SIZE];
    struct buffer payload;
    buffer_init(&payload, PAYLOAD_SIZE_MAX);
    enum status status = batch_item_payload(item, &payload);
    if (status == STATUS_TOO_LARGE) {
        snprintf(member, sizeof(member), "jobs[%u]", index);
        problems_add(problems, member, "is larger than %d bytes", PAYLOAD_SIZE_MAX);
    } else if (status == STATUS_OK) {
        struct message_submit job = {.kind = (uint8_t)item->kind,
                                     .character = item->character,
                                     .source = item->source,
                                     .payload = buffer_slice(&payload)};
        job_options_set(&item->options, &job);
        status = group_post_add(post, &job);
    }
    buffer_fini(&payload);
    return status;
}

/* Adds all jobs; every problem of every job is noted, as far as there is room. */
static enum status jobs_add(struct group_post *post, const struct body *body,
                            struct problems *problems)
{
    bool private_allowed = post->exchange->gateway->settings.webhook_private;
    struct json_value jobs;
    struct batch_item item;
    enum status status = STATUS_OK;
    if (!batch_jobs(body, &jobs, problems)) {
        return STATUS_OK;
    }
    for (uint32_t index = 0; index < jobs.count && status == STATUS_OK; index++) {
        if (batch_item_read(&jobs, index, private_allowed, &item, problems) &&
            problems->count == 0) {
            status = job_add(post, &item, index, problems);
        }
    }
    return status;
}

static void refuse(struct exchange *exchange, enum status status, const struct problems *problems)
{
    if (problems->count > 0) {
        respond_error(exchange, &HTTP_ERROR_VALIDATION, problems);
    } else if (status == STATUS_TOO_LARGE) {
        respond_error(exchange, &HTTP_ERROR_BATCH_TOO_LARGE, NULL);
    } else {
        respond_error(exchange, &HTTP_ERROR_INTERNAL, NULL);
    }
}

void batch_post(struct exchange *exchange)
{
    const h2o_req_t *request = exchange->request;
    struct slice bytes = slice_make(request->entity.base, request->entity.len);
    struct problems problems = {0};
    char reason[BODY_ERROR_SIZE];
    struct body *body = NULL;
    enum status status = STATUS_OK;
    if (!submit_input_is_json(exchange)) {
        return;
    }
    struct group_post *post = group_post_new(exchange, GROUP_KIND_BATCH);
    post->accepted = accepted_send;
    post->member = member_name;
    if (bytes.size == 0) {
        problems_add(&problems, "body", "is required");
    } else if (body_parse(bytes, &body, reason) != STATUS_OK) {
        problems_add(&problems, "body", "%s", reason);
    } else {
        status = jobs_add(post, body, &problems);
    }
    body_destroy(&body);
    if (status == STATUS_OK && problems.count == 0) {
        group_post_send(post, bytes);
    } else {
        refuse(exchange, status, &problems);
    }
}
