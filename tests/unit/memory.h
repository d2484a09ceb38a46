#ifndef TROUPE_TESTS_UNIT_MEMORY_H
#define TROUPE_TESTS_UNIT_MEMORY_H

/*
 * Makes allocations of the code under test fail. Method: link test_memory, whose linker options
 * send every malloc, calloc and realloc of our objects (not those inside shared libraries) through
 * here.
 *
 *     for (size_t nth = 1; nth <= COUNT; nth++) {
 *         memory_fail_at(nth);
 *         ... expect STATUS_NO_MEMORY, and nothing changed ...
 *     }
 *     memory_fail_never();
 */

#include <stddef.h>

/* The nth allocation from now on fails, once; 1 is the next one. */
void memory_fail_at(size_t nth);

/* Every allocation from now on fails. */
void memory_fail_always(void);

void memory_fail_never(void);

/* Allocations asked for since the last call of a function above. */
size_t memory_asked(void);

#endif
