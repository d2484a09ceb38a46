#ifndef TROUPE_CLI_DURATION_H
#define TROUPE_CLI_DURATION_H

/* Spans of time as somebody types them: 90s, 30m, 24h, 7d. Pure. */

#include <stdint.h>

/* Reads one into milliseconds; 0 when it is none, or more than ten years. */
int64_t duration_parse(const char *text);

#endif
