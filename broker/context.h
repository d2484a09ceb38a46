#ifndef TROUPE_BROKER_CONTEXT_H
#define TROUPE_BROKER_CONTEXT_H

/*
 * All sockets are made in CZMQ's context, so that its authentication actor can guard them, and
 * driven with plain libzmq calls. The one owner of czmq.h, whose names clash with those of
 * base/log.h.
 */

#include "base/build.h"

/* CZMQ's context of this process, with its signal handlers off; NULL when there can be none. */
void *context_open(void);

/* libzmq, for --version. */
struct build_library context_library(void);

/* Ends it; all sockets must be closed. */
void context_close(void);

#endif
