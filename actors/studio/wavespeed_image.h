#ifndef TROUPE_ACTORS_STUDIO_WAVESPEED_IMAGE_H
#define TROUPE_ACTORS_STUDIO_WAVESPEED_IMAGE_H

/* The drawing of a picture that was submitted as a prediction. Part of wavespeed.h. */

#include "actors/studio/exchange.h"

/* Hands the work out; the task ends with it. Copies prompt. Returns OK, FULL (the pool) or
 * NO_MEMORY. */
enum status wavespeed_image_start(struct exchange *exchange, struct task *task, struct slice prompt,
                                  uint64_t seed);

#endif
