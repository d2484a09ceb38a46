#ifndef TROUPE_BROKER_CHARACTER_NAME_H
#define TROUPE_BROKER_CHARACTER_NAME_H

/* The name in a character document, which is JSON made by an actor, or in what a user asked to be
 * made: not trusted. Pure. */

#include "proto/messages.h"

/* Writes the top-level member `name` into out and returns the slice of it, cut to NAME_SIZE_MAX
 * bytes; empty when the document is not an object with such a text. */
struct slice character_name(struct slice document, uint8_t out[NAME_SIZE_MAX]);

#endif
