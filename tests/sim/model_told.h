#ifndef TROUPE_TESTS_SIM_MODEL_TOLD_H
#define TROUPE_TESTS_SIM_MODEL_TOLD_H

/* What an owner is told of the paid calls of a job: each record once, however often its worker says
 * it. A broker that was started again does not know what it has told last. */

#include "tests/sim/model.h"

/* Of an operation of the step's job that was recorded with these effects. */
void model_told_check(struct world *world, const struct message_operation *operation,
                      const struct effects *effects);

#endif
