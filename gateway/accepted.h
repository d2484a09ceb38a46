#ifndef TROUPE_GATEWAY_ACCEPTED_H
#define TROUPE_GATEWAY_ACCEPTED_H

/* Answers to a POST whose job is durable in the queue: 202, or with Prefer: wait=N the job as it
 * ended, when it ends in time. */

#include "gateway/await.h"
#include "gateway/submit.h"

/* A job that its client waits for. Zeroed, then as it was accepted. */
struct accepted {
    struct await await;
    enum job_kind kind;
    uint32_t wait_s;
    bool preferred; /* the client itself asked for wait_s */
    struct message_reply reply;
};

enum {
    ACCEPTED_URL_SIZE = 64 /* bytes of a status URL */
};

/* Answers as the client prefers. */
submit_accepted accepted_answer;

/* Waits for the job up to wait_s seconds from now, or what the client prefers, then calls done,
 * whose await is the first member of a struct accepted. */
void accepted_wait(struct exchange *exchange, enum job_kind kind, const struct message_reply *reply,
                   uint32_t wait_s, await_done *done);

/* Adds the headers that tell how it came to the answer. */
void accepted_headers(struct accepted *accepted);

/* Answers 202. */
void accepted_send(struct exchange *exchange, enum job_kind kind,
                   const struct message_reply *reply);

/* Writes where the job's status is to be found. */
struct slice accepted_url(enum job_kind kind, const struct id *job, char out[ACCEPTED_URL_SIZE]);

#endif
