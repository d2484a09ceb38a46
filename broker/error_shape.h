#ifndef TROUPE_BROKER_ERROR_SHAPE_H
#define TROUPE_BROKER_ERROR_SHAPE_H

/*
 * What the errors of jobs that have failed alike have in common, and the number of such a group.
 * Bulks under way name groups by their numbers: a change of the rules lets them find no more. Pure.
 */

#include "base/id.h"
#include "proto/messages.h"

/* Writes an error's message (ERROR_TEXT_SIZE_MAX bytes at most) without what is each job's own:
 *
 *   <url>   an address: a scheme, "://" and what follows
 *   <text>  what stands between quotes (", ' or `); to the end when it is cut off
 *   <id>    a UUID
 *   <n>     a number (17) and any other word with a digit (30s, 3fa9, E11000); eight or more
 *           hexadecimal digits, though they are letters (deadbeef); several of these with points
 *           or commas between them (1,024.5)
 *
 * A number of up to five digits stays where it is called a code: behind HTTP, HTTP/1.1, status,
 * statusCode, code, errorCode or errno, with up to three blanks and marks between them (HTTP 503,
 * status=503, "code": 7). A word is ASCII letters and digits; all others stay. White space becomes
 * one blank. Returns its size in bytes. */
size_t error_shape_write(struct slice message, uint8_t out[ERROR_SHAPE_SIZE_MAX]);

/* The number of the group of a queue's errors with this code and shape: a hash that looks like an
 * id. */
struct id error_shape_group(uint8_t kind, struct slice code, struct slice shape);

#endif
