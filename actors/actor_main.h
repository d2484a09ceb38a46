#ifndef TROUPE_ACTORS_ACTOR_MAIN_H
#define TROUPE_ACTORS_ACTOR_MAIN_H

#include "actors/role.h"

/* The whole of an actor program but its role: settings, parts, signals. Returns the exit code. */
int actor_main(const struct role *role, int argc, char **argv);

#endif
