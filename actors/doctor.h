#ifndef TROUPE_ACTORS_DOCTOR_H
#define TROUPE_ACTORS_DOCTOR_H

/* `troupe-actor-ROLE --check`: asks each provider of the role for its models, with the settings and
 * the code that jobs are performed with, and prints what is wrong: a line each. */

#include "actors/actor_settings.h"

/* Returns whether all is well. */
bool doctor_run(const struct role *role, const struct actor_settings *settings);

#endif
