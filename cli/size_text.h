#ifndef TROUPE_CLI_SIZE_TEXT_H
#define TROUPE_CLI_SIZE_TEXT_H

/* A number of bytes as people read it. Pure. */

#include <stdint.h>

enum {
    SIZE_TEXT_SIZE = 32,
};

/* Writes 512 B, 1.5 KiB, 20.0 GiB. Returns out. */
const char *size_text_write(int64_t bytes, char out[SIZE_TEXT_SIZE]);

#endif
