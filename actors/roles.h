#ifndef TROUPE_ACTORS_ROLES_H
#define TROUPE_ACTORS_ROLES_H

/* The roles. Each is one table of steps in its own file; how to write one is told in
 * role.h. */

#include "actors/role.h"

extern const struct role role_character;
extern const struct role role_image;
extern const struct role role_video;
extern const struct role role_webhook;

#endif
