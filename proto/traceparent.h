#ifndef TROUPE_PROTO_TRACEPARENT_H
#define TROUPE_PROTO_TRACEPARENT_H

/* The trace that a request belongs to (W3C Trace Context, traceparent), which SUBMIT and JOB carry.
 * Pure. */

#include "proto/messages.h"

/* Whether text is a traceparent of version 00: lower case hexadecimal, no id all zero. */
bool traceparent_is_valid(struct slice text);

/* Reads a traceparent header of any version; of a later one, what version 00 knows of it. Returns
 * whether it is valid; it stands in out then, as version 00. */
bool traceparent_read(struct slice header, char out[TRACEPARENT_SIZE]);

#endif
