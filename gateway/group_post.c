#include "gateway/group_post.h"

#include <stdio.h>
#include "base/random.h"
#include "gateway/budget.h"
#include "gateway/quota.h"
#include "gateway/respond.h"
#include "gateway/submit_input.h"

_Static_assert(GROUP_RECORDS_SIZE_MAX < FRAME_SIZE_MAX - FRAME_SIZE_TARGET - 4096,
               "a group fits into a frame that was just below the point where another starts");

static void group_post_dispose(void *memory)
{
    struct group_post *post = memory;
    requests_remove(&post->exchange->gateway->requests, &post->request);
    buffer_fini(&post->records);
}

/* A refusal names the job that is the reason, where there is one. */
static void refused_send(struct group_post *post, const struct message_reply *reply)
{
    const struct http_error *error = http_error_of_reply(reply->code);
    struct problems problems = {0};
    char member[PROBLEM_FIELD_SIZE];
    if (reply->item > 0) {
        post->member(reply->item - 1, (enum reply_code)reply->code, member);
        problems_add(&problems, member, "%s", error->message);
    }
    respond_error(post->exchange, error, &problems);
}

static void on_answer(struct request *request, const struct answer *answer)
{
    struct group_post *post = LIST_OWNER(request, struct group_post, request);
    struct exchange *exchange = post->exchange;
    if (answer->message == NULL) {
        respond_error(exchange, http_error_of_silence(answer->maybe_done), NULL);
        return;
    }
    const struct message_reply *reply = &answer->message->reply;
    if (reply->code == REPLY_CODE_OVER_BUDGET) {
        budget_refuse(exchange, reply);
        return;
    }
    if (reply->code != REPLY_CODE_OK) {
        refused_send(post, reply);
        return;
    }
    if (reply->replayed) {
        submit_input_replayed(exchange, true);
    }
    budget_warn(exchange, reply);
    post->accepted(exchange, &reply->job, request->message.submit_group.count);
}

struct group_post *group_post_new(struct exchange *exchange, enum group_kind kind)
{
    struct group_post *post = exchange_hold(exchange, sizeof(*post), group_post_dispose);
    struct message_submit_group *group = &post->request.message.submit_group;
    uint8_t random[ID_SIZE];
    random_bytes(random, sizeof(random));
    post->exchange = exchange;
    post->request.done = on_answer;
    post->request.message.type = MESSAGE_TYPE_SUBMIT_GROUP;
    group->group = id_make(exchange->slot, random);
    group->owner = exchange->owner;
    group->kind = (uint8_t)kind;
    buffer_init(&post->records, GROUP_RECORDS_SIZE_MAX);
    post->trace = submit_input_trace(exchange, post->trace_text);
    return post;
}

struct group_ids group_post_ids(const struct group_post *post, uint32_t index)
{
    return group_ids(&post->request.message.submit_group.group, index);
}

static enum status job_add(struct group_post *post, const struct message_submit *job)
{
    struct message_submit_group *group = &post->request.message.submit_group;
    const struct group_ids ids = group_post_ids(post, group->count);
    struct message message = {.type = MESSAGE_TYPE_SUBMIT, .submit = *job};
    message.submit.job = ids.job;
    message.submit.media = ids.media;
    message.submit.owner = group->owner;
    message.submit.group = group->group;
    message.submit.trace = post->trace;
    message.submit.request_id = post->exchange->request_id;
    if (job->kind == JOB_KIND_CHARACTER) {
        message.submit.character = ids.character;
        message.submit.display_id = slice_from_string(ids.display_id);
    }
    enum status status = record_write(&post->records, &message);
    group->count += status == STATUS_OK;
    return status;
}

static bool times_are_fit(const struct group_post *post, const struct group_item *item,
                          const struct id *parent, const char *name, struct problems *problems)
{
    char prefix[PROBLEM_FIELD_SIZE];
    size_t before = problems->count;
    snprintf(prefix, sizeof(prefix), "%s.", name);
    problems->prefix = prefix;
    job_options_check_times(&item->options, gateway_now_ms(post->exchange->gateway), problems);
    if (item->options.run_at != 0 && !id_is_zero(parent)) {
        problems_add(problems, "options.runAt", "is when what it is made from is there");
    }
    problems->prefix = NULL;
    return problems->count == before;
}

enum status group_post_add(struct group_post *post, const struct group_item *item,
                           const struct id *parent, const char *name, struct problems *problems)
{
    struct buffer payload;
    struct buffer labels;
    if (!times_are_fit(post, item, parent, name, problems)) {
        return STATUS_OK;
    }
    buffer_init(&payload, PAYLOAD_SIZE_MAX);
    buffer_init(&labels, LABELS_SIZE_MAX);
    enum status status = job_options_labels(item->body, &labels);
    status = status == STATUS_OK ? group_item_payload(item, &payload) : status;
    if (status == STATUS_TOO_LARGE) {
        problems_add(problems, name, "is larger than %d bytes", PAYLOAD_SIZE_MAX);
    } else if (status == STATUS_OK) {
        struct message_submit job = {.kind = (uint8_t)item->kind,
                                     .character = item->character,
                                     .source = item->source,
                                     .parent = *parent,
                                     .payload = buffer_slice(&payload),
                                     .labels = buffer_slice(&labels)};
        job_options_set(&item->options, &job);
        status = job_add(post, &job);
    }
    buffer_fini(&labels);
    buffer_fini(&payload);
    return status;
}

void group_post_refuse(struct exchange *exchange, enum status status,
                       const struct problems *problems)
{
    if (problems->count > 0) {
        respond_error(exchange, &HTTP_ERROR_VALIDATION, problems);
    } else if (status == STATUS_TOO_LARGE) {
        respond_error(exchange, &HTTP_ERROR_BATCH_TOO_LARGE, NULL);
    } else {
        respond_error(exchange, &HTTP_ERROR_INTERNAL, NULL);
    }
}

void group_post_send(struct group_post *post, struct slice body)
{
    struct exchange *exchange = post->exchange;
    struct message_submit_group *group = &post->request.message.submit_group;
    if (!submit_input_key(exchange, body, post->key_hash, &group->key) ||
        !quota_take(exchange, group->count)) {
        return;
    }
    if (group->key.size > 0) {
        group->key_hash = slice_make(post->key_hash, SHA256_SIZE);
    }
    post->request.records = buffer_slice(&post->records);
    post->request.record_count = group->count;
    if (gateway_ask(exchange->gateway, &post->request) != STATUS_OK) {
        respond_error(exchange, &HTTP_ERROR_BUSY, NULL);
    }
}
