#ifndef TROUPE_BASE_RANDOM_H
#define TROUPE_BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* Randomness for shells: ids, keys, tokens. Pure modules are given their random bytes. */

/* Fills out from the kernel's generator; a kernel that cannot ends the process with a message. */
void random_bytes(void *out, size_t size);

#endif
