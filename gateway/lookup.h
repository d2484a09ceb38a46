#ifndef TROUPE_GATEWAY_LOOKUP_H
#define TROUPE_GATEWAY_LOOKUP_H

/* Finds the job that an exchange is about: in the cache while that is to be believed, or by asking
 * the broker. Checks that it is of the route's family, may be seen by who asks, and is still kept.
 * */

#include "gateway/cache.h"
#include "gateway/exchange.h"
#include "gateway/http_error.h"

enum job_family {
    JOB_FAMILY_CHARACTER, /* /character-jobs */
    JOB_FAMILY_MEDIA,     /* /media-jobs: images and videos */
    JOB_FAMILY_NONE,      /* deliveries of webhooks: not shown as jobs */
    JOB_FAMILY_ANY,       /* for operators: every job, deliveries included */
};

/* Told once, at once or later. Either job or error is NULL; both are borrowed. body of job may be
 * empty: render it then. */
typedef void lookup_done(struct exchange *exchange, const struct cached_job *job,
                         const struct http_error *error);

/* Finds the job whose id is the route's first parameter, at version_min or above if the cache has
 * it (0: any). */
void lookup_job(struct exchange *exchange, enum job_family family, uint32_t version_min,
                lookup_done *done);

/* The same of a job whose id is known otherwise. */
void lookup_job_by_id(struct exchange *exchange, enum job_family family, const struct id *id,
                      uint32_t version_min, lookup_done *done);

enum job_family job_family_of(enum job_kind kind);

#endif
