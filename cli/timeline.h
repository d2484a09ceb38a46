#ifndef TROUPE_CLI_TIMELINE_H
#define TROUPE_CLI_TIMELINE_H

/* Prints what happened to a job: its attempts and events, a line each. */

#include "cli/document.h"

/* document: the answer to a status request with include=timeline. */
void timeline_print(const struct document *document);

#endif
