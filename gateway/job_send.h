#ifndef TROUPE_GATEWAY_JOB_SEND_H
#define TROUPE_GATEWAY_JOB_SEND_H

/* Answers with the status of one job. */

#include "gateway/cache.h"
#include "gateway/exchange.h"

/* Answers 304 when the client knows this version, otherwise 200 with the job. The broker is asked
 * first what one that has not started waits for, unless it told within POSITION_FRESH_MS. With a
 * message: 200 at once. job is borrowed. */
void job_send(struct exchange *exchange, const struct cached_job *job, const char *message);

/* Answers 200 with a body that tells this version of a job. */
void job_body_send(struct exchange *exchange, uint32_t version, struct slice body);

/* Whether If-None-Match names this version of the job. */
bool job_etag_is_known(const struct exchange *exchange, uint32_t version);

#endif
