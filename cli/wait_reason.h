#ifndef TROUPE_CLI_WAIT_REASON_H
#define TROUPE_CLI_WAIT_REASON_H

/* Why a job waits, in words that have room beside a bar. Pure. */

#include "cli/document.h"

enum {
    WAIT_REASON_SIZE = 40, /* bytes of the words, the NUL included */
};

/* Writes the words for the waitReason of the job at a path of an answer ("data"), with its place in
 * the line; "" when it has none. One that is not known here is told as it is. */
void wait_reason_write(const struct document *answer, const char *path, char out[WAIT_REASON_SIZE]);

#endif
