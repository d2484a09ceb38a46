#include "tests/unit/memory.h"

#include <stdbool.h>
#include <stdlib.h>

/* The linker's names: __real_x is the x of the library, __wrap_x is what callers of x reach. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);

static size_t asked;
static size_t failing_nth;
static bool failing_always;

static void start(size_t nth, bool always)
{
    asked = 0;
    failing_nth = nth;
    failing_always = always;
}

void memory_fail_at(size_t nth)
{
    start(nth, false);
}

void memory_fail_always(void)
{
    start(0, true);
}

void memory_fail_never(void)
{
    start(0, false);
}

size_t memory_asked(void)
{
    return asked;
}

static bool fails_now(void)
{
    asked++;
    return failing_always || asked == failing_nth;
}

void *__wrap_malloc(size_t size)
{
    return fails_now() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails_now() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
    return fails_now() ? NULL : __real_realloc(memory, size);
}
