#ifndef TROUPE_TESTS_FUZZ_FUZZ_H
#define TROUPE_TESTS_FUZZ_FUZZ_H

/* What a fuzz target defines (https://llvm.org/docs/LibFuzzer.html): called with any bytes; it must
 * come back, and leave nothing behind. Returns 0. */

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
