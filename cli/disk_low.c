#include "cli/disk_low.h"

#include <stdio.h>
#include "cli/size_text.h"

bool disk_low_write(const struct document *document, char out[DISK_LOW_SIZE])
{
    char left[SIZE_TEXT_SIZE] = "?";
    char least[SIZE_TEXT_SIZE];
    int64_t free_bytes = document_integer(document, "data.disk.freeBytes", 0);
    if (!document_flag(document, "data.diskLow", false)) {
        return false;
    }
    if (free_bytes > 0) {
        size_text_write(free_bytes, left);
    }
    size_text_write(document_integer(document, "data.disk.floorBytes", 0), least);
    snprintf(out, DISK_LOW_SIZE,
             "the disk is nearly full: %s free, new jobs are refused (507) below %s; what was "
             "accepted goes on",
             left, least);
    return true;
}
