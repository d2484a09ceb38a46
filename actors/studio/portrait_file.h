#ifndef TROUPE_ACTORS_STUDIO_PORTRAIT_FILE_H
#define TROUPE_ACTORS_STUDIO_PORTRAIT_FILE_H

/* A portrait as a file: what the words say, as a PNG that tells a film where the eyes are. Pure;
 * takes a tenth of a second, so it is done on a thread of the pool. */

#include "base/buffer.h"

/* Appends the PNG. seed is for what the words leave open, and gives way to one in them. Returns OK,
 * TOO_LARGE or NO_MEMORY. */
enum status portrait_file_write(struct slice words, uint64_t seed, struct buffer *out);

#endif
