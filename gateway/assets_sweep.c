#include "gateway/assets_sweep.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "gateway/limits.h"

#define PART_ENDING ".part"

enum {
    DIRECTORY_FLAGS = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
};

enum status assets_sweep_begin(struct assets_sweep *sweep, const struct assets *assets)
{
    *sweep = (struct assets_sweep){.characters = NULL};
    int fd = openat(assets->root, "characters", DIRECTORY_FLAGS);
    if (fd < 0) {
        return errno == ENOENT ? STATUS_OK : STATUS_IO;
    }
    sweep->characters = fdopendir(fd);
    if (sweep->characters == NULL) {
        close(fd);
        return STATUS_IO;
    }
    return STATUS_OK;
}

void assets_sweep_fini(struct assets_sweep *sweep)
{
    if (sweep->characters != NULL) {
        closedir(sweep->characters);
        sweep->characters = NULL;
    }
}

static bool is_part(const char *name)
{
    size_t size = strlen(name);
    size_t ending = sizeof(PART_ENDING) - 1;
    return name[0] == '.' && size > ending && strcmp(name + size - ending, PART_ENDING) == 0;
}

static bool is_older(int directory, const char *name, int64_t older_ms)
{
    struct stat stat;
    return fstatat(directory, name, &stat, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(stat.st_mode) &&
           (int64_t)stat.st_mtim.tv_sec * 1000 < older_ms;
}

/* Looks through one character's files, if that is what name is. */
static void directory_sweep(struct assets_sweep *sweep, const char *name, int64_t older_ms)
{
    int fd = openat(dirfd(sweep->characters), name, DIRECTORY_FLAGS);
    DIR *directory = fd < 0 ? NULL : fdopendir(fd);
    struct dirent *entry;
    if (directory == NULL) {
        if (fd >= 0) {
            close(fd);
        }
        return;
    }
    while ((entry = readdir(directory)) != NULL) {
        if (is_part(entry->d_name) && is_older(fd, entry->d_name, older_ms) &&
            unlinkat(fd, entry->d_name, 0) == 0) {
            sweep->removed_count++;
        }
    }
    closedir(directory);
}

enum status assets_sweep_step(struct assets_sweep *sweep, int64_t older_ms)
{
    for (int count = 0; count < SWEEP_DIRECTORIES_MAX; count++) {
        struct dirent *entry = sweep->characters == NULL ? NULL : readdir(sweep->characters);
        if (entry == NULL) {
            assets_sweep_fini(sweep);
            return STATUS_OK;
        }
        if (entry->d_name[0] != '.') {
            directory_sweep(sweep, entry->d_name, older_ms);
        }
    }
    return STATUS_AGAIN;
}
