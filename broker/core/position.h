#ifndef TROUPE_BROKER_CORE_POSITION_H
#define TROUPE_BROKER_CORE_POSITION_H

/* Why a queue starts nothing: what its jobs' own reasons are made of. Pure. */

#include "broker/core/state.h"

/* What keeps a queue from starting jobs that wait; NONE: nothing but their turns. */
enum wait_reason position_held(const struct core *core, uint8_t kind, int64_t now);

#endif
