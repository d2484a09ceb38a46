#ifndef TROUPE_GATEWAY_JOB_RULES_H
#define TROUPE_GATEWAY_JOB_RULES_H

/* What the bodies of the three queue POSTs may contain. Pure. Members without a rule are kept and
 * passed on to the actor. */

#include "gateway/validate.h"

void job_rules_check(enum job_kind kind, const struct body *body, struct problems *problems);

#endif
