#ifndef TROUPE_GATEWAY_JOB_CSV_H
#define TROUPE_GATEWAY_JOB_CSV_H

/* Jobs as lines of comma-separated values (RFC 4180), for spreadsheets. Pure. */

#include "base/buffer.h"
#include "proto/messages.h"

/* Appends the line that names the columns. Returns OK, TOO_LARGE or NO_MEMORY. */
enum status job_csv_head(struct buffer *out);

/* Appends the line of a job. Texts of others that a spreadsheet would take for a formula have an
 * apostrophe before them. Returns as above. */
enum status job_csv_write(const struct message_job_state *job, struct buffer *out);

#endif
