#ifndef TROUPE_GATEWAY_GROUP_POST_H
#define TROUPE_GATEWAY_GROUP_POST_H

/*
 * One POST of a group of jobs on its way to the broker: gathers the jobs, sends them as one
 * request, and answers. Lives in the exchange's pool.
 */

#include "base/encoding.h"
#include "gateway/exchange.h"
#include "gateway/group_ids.h"
#include "gateway/group_item.h"
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

/* The ids of a job by its place, from 0. */
struct group_ids group_post_ids(const struct group_post *post, uint32_t index);

/* Adds a job. parent: the job that makes what it is made from, or zero; a character job's character
 * is its own. name: of the job, for a problem of it. Returns OK; TOO_LARGE, of the job with the
 * problem noted, or of the whole; NO_MEMORY. */
enum status group_post_add(struct group_post *post, const struct group_item *item,
                           const struct id *parent, const char *name, struct problems *problems);

/* Answers for a body that cannot be sent. */
void group_post_refuse(struct exchange *exchange, enum status status,
                       const struct problems *problems);

/* Counts the jobs against the quota and asks the broker; body: the whole request's. Answers now or
 * later in any case. */
void group_post_send(struct group_post *post, struct slice body);

#endif
