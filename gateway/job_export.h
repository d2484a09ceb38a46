#ifndef TROUPE_GATEWAY_JOB_EXPORT_H
#define TROUPE_GATEWAY_JOB_EXPORT_H

/*
 * GET /api/v1/admin/jobs.ndjson and jobs.csv: the jobs of a search as a file, newest first, a page
 * of the broker's at a time and as fast as the client takes them: neither side holds all of it.
 * A page that finds no place among the broker's searches is asked for again, for a while. What
 * breaks off ends the connection, so that half a file is not taken for a whole one.
 */

#include "gateway/router.h"

route_handler job_export_ndjson;
route_handler job_export_csv;

#endif
