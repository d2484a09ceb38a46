#ifndef TROUPE_CLI_DISK_LOW_H
#define TROUPE_CLI_DISK_LOW_H

/* That the broker refuses new work for want of space on its disk, from answers about queues.
 * Pure. */

#include "cli/document.h"

enum {
    DISK_LOW_SIZE = 256,
};

/* Writes what is refused, and until when. Returns false, and writes nothing, while the disk has
 * room. */
bool disk_low_write(const struct document *document, char out[DISK_LOW_SIZE]);

#endif
