#ifndef TROUPE_TESTS_SIM_MODEL_FAIL_H
#define TROUPE_TESTS_SIM_MODEL_FAIL_H

/* What becomes of a job whose attempt has failed or was handed back: the rest is in model.h. */

#include "tests/sim/model.h"
#include "tests/sim/world.h"

/* Its worker has told why. */
void model_fail_check(struct world *world, const struct message_fail *fail);

/* Its worker has it no longer, and nothing went wrong. */
void model_fail_handed_back(struct world *world);

#endif
