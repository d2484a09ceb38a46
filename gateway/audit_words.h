#ifndef TROUPE_GATEWAY_AUDIT_WORDS_H
#define TROUPE_GATEWAY_AUDIT_WORDS_H

/* The words of the audit log, from a route: what is done, and upon what. Pure. */

#include "gateway/router.h"
#include "proto/messages.h"

/* The name of what a route does: its last word when that stands behind what it is done upon
 * (…/queues/:queue/pause: pause), one of the things when it makes one (POST …/backups: backup), and
 * that with its method before it otherwise (DELETE …/jobs/:jobId: delete_job). Returns a slice of
 * out; names too long for it are cut. */
struct slice audit_action(const struct route *route, char out[ACTION_SIZE_MAX]);

/* The last parameter of the route, as far as it is text and fits; empty when it has none. */
struct slice audit_target(const struct route_match *match);

#endif
