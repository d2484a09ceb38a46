#ifndef TROUPE_CLI_WAITING_H
#define TROUPE_CLI_WAITING_H

/* Why what is followed waits: asked for beside its stream, because events do not tell it. */

#include "cli/bars.h"
#include "cli/client.h"
#include "cli/wait_reason.h"

/* Asks for a job, and writes why it waits; "" when it does not, or nobody answers in a second. */
void waiting_ask_job(struct client *client, const char *family, const char *job,
                     char out[WAIT_REASON_SIZE]);

/* Asks for the jobs of a batch or pipeline, and has each bar tell why its job waits. */
void waiting_ask_group(struct client *client, const char *family, const char *group,
                       struct bars *bars);

#endif
