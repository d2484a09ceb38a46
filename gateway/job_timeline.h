#ifndef TROUPE_GATEWAY_JOB_TIMELINE_H
#define TROUPE_GATEWAY_JOB_TIMELINE_H

/* Answers with the status of one job and its timeline. */

#include "gateway/job_send.h"

/* Answers 304 when the client knows this version, otherwise 200 once the broker has told the job's
 * events, and what it waits for. job is borrowed. */
void job_timeline_send(struct exchange *exchange, const struct cached_job *job);

#endif
