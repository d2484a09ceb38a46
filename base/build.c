#include "base/build.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>
#include "base/log.h"

enum {
    LIBRARIES_SIZE_MAX = 512, /* bytes of their names and versions in a log line */
};

struct build_library build_library(const char *name, const char *format, ...)
{
    struct build_library library = {.name = name};
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(library.version, sizeof library.version, format, arguments);
    va_end(arguments);
    return library;
}

const char *build_commit(void)
{
    return TROUPE_COMMIT;
}

const char *build_version(void)
{
    return sizeof TROUPE_COMMIT > 1 ? TROUPE_VERSION "+" TROUPE_COMMIT : TROUPE_VERSION;
}

const char *build_compiler(void)
{
#ifdef __clang__
    return "clang " __clang_version__;
#else
    return "gcc " __VERSION__;
#endif
}

void build_print(const char *program, const struct build_library *libraries, size_t count)
{
    printf("%s %s\n", program, TROUPE_VERSION);
    printf("%-10s %s\n", "commit", build_commit()[0] == '\0' ? "unknown" : build_commit());
    printf("%-10s %s\n", "compiler", build_compiler());
    for (size_t index = 0; index < count; index++) {
        printf("%-10s %s\n", libraries[index].name, libraries[index].version);
    }
}

void build_log(const struct build_library *libraries, size_t count)
{
    char text[LIBRARIES_SIZE_MAX] = "";
    size_t size = 0;
    for (size_t index = 0; index < count && size < sizeof text; index++) {
        size += (size_t)snprintf(text + size, sizeof text - size, "%s%s %s", index > 0 ? ", " : "",
                                 libraries[index].name, libraries[index].version);
    }
    log_info("started", "version=%s commit=%s compiler=\"%s\" libraries=\"%s\" pid=%d",
             TROUPE_VERSION, build_commit()[0] == '\0' ? "unknown" : build_commit(),
             build_compiler(), text, (int)getpid());
}
