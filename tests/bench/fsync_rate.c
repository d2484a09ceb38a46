/*
 * Method: appends records of 400 bytes to a file in the directory given, each followed by
 * fdatasync, for about a second: how often this disk can make something durable. Prints the rate a
 * second.
 */

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/clock.h"

enum {
    RECORD_SIZE = 400,
    RUN_MS = 1000,
};

int main(int count, char **words)
{
    char path[4096];
    char record[RECORD_SIZE];
    if (count != 2 ||
        snprintf(path, sizeof path, "%s/fsync_rate.tmp", words[1]) >= (int)sizeof path) {
        fprintf(stderr, "usage: fsync_rate DIRECTORY\n");
        return 2;
    }
    memset(record, 'x', sizeof record);
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    int64_t start_ms = clock_monotonic_ms();
    int64_t now_ms = start_ms;
    int64_t writes = 0;
    while (file >= 0 && now_ms - start_ms < RUN_MS) {
        if (write(file, record, sizeof record) != (ssize_t)sizeof record || fdatasync(file) != 0) {
            break;
        }
        writes++;
        now_ms = clock_monotonic_ms();
    }
    unlink(path);
    if (writes == 0) {
        perror("fsync_rate");
        return 1;
    }
    printf("%lld\n", (long long)(writes * 1000 / (now_ms - start_ms)));
    return 0;
}
