#ifndef TROUPE_BASE_TIMESTAMP_H
#define TROUPE_BASE_TIMESTAMP_H

/* Moments as text (RFC 3339), read. Pure. json_writer.h writes them. */

#include "base/slice.h"
#include "base/status.h"

/* Reads a date and time with its zone, such as 2026-01-31T10:00:00.250+01:00, of the years 1970 to
 * 9999, to the millisecond; further digits are cut off. *time_ms counts from 1970. Returns OK or
 * MALFORMED. */
enum status timestamp_parse(struct slice text, int64_t *time_ms);

#endif
