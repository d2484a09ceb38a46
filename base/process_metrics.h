#ifndef TROUPE_BASE_PROCESS_METRICS_H
#define TROUPE_BASE_PROCESS_METRICS_H

/*
 * What every program tells of itself: its version, and what it uses of the machine, under the names
 * that Prometheus' own libraries have. Reads /proc; any thread.
 */

#include "base/metrics.h"

/* Writes them. What the system does not tell is left out. */
void process_metrics_write(struct metrics_writer *writer, const char *program);

#endif
