#ifndef TROUPE_GATEWAY_ADMIN_JOBS_H
#define TROUPE_GATEWAY_ADMIN_JOBS_H

/* The search over all users' jobs. */

#include "base/json_writer.h"
#include "gateway/router.h"
#include "proto/messages.h"

route_handler admin_jobs_search;

/* Writes what an operator is told of a job besides its status object. */
void admin_job_members(struct json_writer *writer, const struct message_job_state *job);

#endif
