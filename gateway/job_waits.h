#ifndef TROUPE_GATEWAY_JOB_WAITS_H
#define TROUPE_GATEWAY_JOB_WAITS_H

/*
 * What the jobs of a page wait for. The page's records are kept while the broker is asked for all
 * that wait by one question (GET_POSITION), and then told with the answer. Who asks embeds it.
 */

#include "gateway/job_json.h"
#include "gateway/requests.h"

struct job_waits {
    struct buffer records; /* JOB_STATE, as they came */
    struct buffer waiting; /* ids of those that wait, in their order */
    /* The POSITIONs of an answer, one after the other. */
    const struct message_position *next; /* NULL: no more, or never told */
    struct slice rest;
    struct message message;
};

void job_waits_init(struct job_waits *waits);
void job_waits_fini(struct job_waits *waits);

/* The records that follow an answer's message. */
struct slice job_waits_records(const struct answer *answer);

/* Keeps the first count records, and which of them wait, instead of what was kept before. Returns
 * OK, MALFORMED or NO_MEMORY. */
enum status job_waits_keep(struct job_waits *waits, uint32_t count, struct slice records);

/* Fills in the question for those that wait; it borrows from waits. Returns whether any does. */
bool job_waits_question(const struct job_waits *waits, struct message *out);

/* Begins with the answer, which may have no message, or be NULL: then nothing is known. */
void job_waits_hear(struct job_waits *waits, const struct answer *answer);

/* What a job waits for: to be asked of each of the page, in order. Zero where it does not wait. */
struct job_wait job_waits_take(struct job_waits *waits, const struct message_job_state *job);

#endif
