#ifndef TROUPE_CLI_POLL_STREAM_H
#define TROUPE_CLI_POLL_STREAM_H

/*
 * Events of jobs in the form of a stream, for whom there is none: made of what the search of the
 * admin API tells of the jobs, again and again. Only what they have become since the last look is
 * told, not each step between. Opaque: made with poll_stream_new, kept over reconnects.
 */

#include "cli/client.h"

struct poll_stream;

/* group: the id is a batch's or pipeline's, and not a job's. Returns OK or NO_MEMORY. */
enum status poll_stream_new(const char *id, bool group, struct poll_stream **out);
void poll_stream_destroy(struct poll_stream **stream);

/* Feeds sse until all jobs that are still there have ended, or stop says so: how those ended that
 * were removed between two looks is not told. Returns as client_stream does; 404 where there was
 * never a job. */
enum status poll_stream_read(struct poll_stream *stream, struct client *client, struct sse *sse,
                             client_stop *stop, void *context, struct client_answer *out);

#endif
