#include "broker/store_status.h"

#include <stdbool.h>
#include <string.h>

enum status store_status(const char *error)
{
    /* The kind of an error stands at its beginning, what the system said of it further on: of
     * "Corruption: block checksum mismatch: … in /var/lib/lock/000012.sst" only the first word
     * counts. */
    static const struct {
        const char *kind;
        const char *words;
        enum status status;
    } known[] = {
        {"Corruption", "", STATUS_MALFORMED},
        {"Invalid argument", "", STATUS_MALFORMED},
        {"IO error", "No space left", STATUS_FULL},
        {"IO error", "Disk quota exceeded", STATUS_FULL},
        {"IO error", "Permission denied", STATUS_DENIED},
        {"IO error", "Read-only file system", STATUS_DENIED},
        {"IO error: lock hold by current process", "", STATUS_BUSY},
        {"IO error: While lock file", "", STATUS_BUSY},
    };
    for (size_t index = 0; index < sizeof known / sizeof known[0]; index++) {
        bool is_kind = strncmp(error, known[index].kind, strlen(known[index].kind)) == 0;
        if (is_kind && strstr(error, known[index].words) != NULL) {
            return known[index].status;
        }
    }
    return STATUS_IO;
}

enum status store_read_status(const char *error)
{
    return store_status(error) == STATUS_MALFORMED ? STATUS_MALFORMED : STATUS_IO;
}
