#ifndef TROUPE_GATEWAY_GROUP_POST_H
#define TROUPE_GATEWAY_GROUP_POST_H

/*
 * One POST of a group of jobs on its way to the broker: gathers the jobs, sends them as one
 * request, and answers. Lives in the exchange's pool.
 */

#include "base/encoding.h"
#include "gateway/exchange.h"
#include "gateway/group_ids.h"
#include "gateway/http_error.h"
#include "proto/traceparent.h"

struct group_post;

/* Answers for a group that is accepted: this one, or the first one of the idempotency key. */
typedef void group_accepted(struct exchange *exchange, const struct id *group, uint32_t count);

/* Names the member of the body that a refused job came from. index counts from 0. */
typedef void group_item_name(uint32_t index, enum reply_code code, char out[PROBLEM_FIELD_SIZE]);

struct group_post {
    struct request request; /* SUBMIT_GROUP */
    struct exchange *exchange;
    struct buffer records; /* SUBMIT */
    struct slice trace;
    group_accepted *accepted;
    group_item_name *member;
    char trace_text[TRACEPARENT_SIZE];
    uint8_t key_hash[SHA256_SIZE];
};

/* Makes one for a new group, with the ids of who asks. */
struct group_post *group_post_new(struct exchange *exchange, enum group_kind kind);

/* The ids of the next job. */
struct group_ids group_post_ids(const struct group_post *post);

/* Adds a job: kind, character, source and payload are set, the rest is filled in. A character job's
 * character is its own. Returns OK, TOO_LARGE or NO_MEMORY. */
enum status group_post_add(struct group_post *post, const struct message_submit *job);

/* Counts the jobs against the quota and asks the broker; body: the whole request's. Answers now or
 * later in any case. */
void group_post_send(struct group_post *post, struct slice body);

#endif
