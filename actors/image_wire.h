#ifndef TROUPE_ACTORS_IMAGE_WIRE_H
#define TROUPE_ACTORS_IMAGE_WIRE_H

/* OpenAI-compatible images: POST {base}/v1/images/generations. response_format is never sent:
 * gpt-image models do not know it, and both kinds of answer are taken. Pure. */

#include "actors/limits.h"
#include "actors/provider_error.h"
#include "base/buffer.h"

/* Appends the request's body. Returns OK, TOO_LARGE or NO_MEMORY. */
enum status image_wire_request(const char *model, struct slice prompt, struct buffer *out);

/* What the answer holds: one of the two. */
struct image_answer {
    struct buffer bytes;             /* of the picture; owned */
    char url[HTTP_URL_SIZE_MAX + 1]; /* where it is to be had */
};

/* Reads a 200's body. true: fills in one of out's members (buffer_fini it); false: failure_out
 * explains, in the provider's own words when it tells an error there, without secret (a key, may
 * be NULL). */
bool image_wire_answer(struct slice body, const char *secret, struct image_answer *out,
                       struct provider_failure *failure_out);

#endif
