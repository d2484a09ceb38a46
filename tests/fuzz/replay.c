/*
 * Runs a fuzz target over files and directories of files: the committed corpus as a test, without
 * libFuzzer, under whatever sanitizers the build has. Method: each file is copied into memory of
 * its very size, so that a read behind it is seen.
 */

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include "base/file.h"
#include "tests/fuzz/fuzz.h"

enum {
    INPUT_SIZE_MAX = 16 << 20, /* bytes of one file */
    PATH_SIZE_MAX = 4096,
};

static size_t replay_file(const char *path)
{
    struct buffer content;
    buffer_init(&content, INPUT_SIZE_MAX);
    enum status status = file_read(path, &content);
    uint8_t *exact = malloc(content.size == 0 ? 1 : content.size);
    if (status != STATUS_OK || exact == NULL) {
        fprintf(stderr, "replay: %s: %s\n", path, status_name(status));
        exit(1);
    }
    if (content.size > 0) {
        memcpy(exact, content.data, content.size);
    }
    LLVMFuzzerTestOneInput(exact, content.size);
    free(exact);
    buffer_fini(&content);
    return 1;
}

static size_t replay_path(const char *path)
{
    DIR *directory = opendir(path);
    struct dirent *entry;
    size_t count = 0;
    if (directory == NULL) {
        return replay_file(path);
    }
    while ((entry = readdir(directory)) != NULL) {
        char inside[PATH_SIZE_MAX];
        if (entry->d_name[0] != '.') {
            snprintf(inside, sizeof(inside), "%s/%s", path, entry->d_name);
            count += replay_file(inside);
        }
    }
    closedir(directory);
    return count;
}

int main(int argc, char **argv)
{
    size_t count = 0;
    for (int index = 1; index < argc; index++) {
        count += replay_path(argv[index]);
    }
    printf("%zu inputs\n", count);
    return count > 0 ? 0 : 1;
}
