#ifndef TROUPE_PROTO_OUTAGE_H
#define TROUPE_PROTO_OUTAGE_H

/*
 * Failures that tell of the provider and not of the job (docs/providers.md). A worker cannot know
 * whether others meet them too, so that its attempt is not counted: it leaves the task of such an
 * attempt alone, also of a last one, and the broker has it dropped if the job ends. Pure.
 */

#include <stdbool.h>
#include "base/slice.h"

/* Whether a failure with this code may be one that everybody meets. */
bool outage_is_possible(struct slice code);

#endif
