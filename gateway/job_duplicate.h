#ifndef TROUPE_GATEWAY_JOB_DUPLICATE_H
#define TROUPE_GATEWAY_JOB_DUPLICATE_H

/*
 * POST /api/v1/admin/jobs/:jobId/duplicate: another job like this one, for the same user: what went
 * in, priority, tags and metadata. Times, groups, webhooks and dedupe keys are the first one's own.
 */

#include "gateway/router.h"

route_handler job_duplicate;

#endif
