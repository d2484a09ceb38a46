#ifndef TROUPE_GATEWAY_CREATE_H
#define TROUPE_GATEWAY_CREATE_H

/* The handler of the synchronous POST of a character: queues it like the others and answers with
 * the character when it is made in time, with the job otherwise. */

#include "gateway/router.h"

route_handler create_character;

#endif
