#ifndef TROUPE_BASE_BUILD_H
#define TROUPE_BASE_BUILD_H

/* What this program was built from: its version, the commit, the compiler. */

#include <stddef.h>

enum {
    BUILD_LIBRARY_VERSION_SIZE = 32, /* with its NUL */
};

/* A library as it runs. Its owner names it (the table in tests/tidy.py). */
struct build_library {
    const char *name; /* a literal */
    char version[BUILD_LIBRARY_VERSION_SIZE];
};

struct build_library build_library(const char *name, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The version with the commit as build metadata (semver.org): "0.1.0+1a2b3c4d5e6f"; the version
 * alone when it was not built from a git tree. What peers are told. */
const char *build_version(void);

/* The first digits of the commit; "" when it was not built from a git tree. */
const char *build_commit(void);

/* "gcc 12.2.0" */
const char *build_compiler(void);

/* Answers --version: the program and its version on the first line, then a name and a value each.
 */
void build_print(const char *program, const struct build_library *libraries, size_t count);

/* Logs the same as the first line of a run. */
void build_log(const struct build_library *libraries, size_t count);

#endif
