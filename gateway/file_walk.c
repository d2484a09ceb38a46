#include "gateway/file_walk.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static DIR *directory_open(int parent, const char *name)
{
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *directory = fd < 0 ? NULL : fdopendir(fd);
    if (directory == NULL && fd >= 0) {
        close(fd);
    }
    return directory;
}

enum status file_walk_begin(struct file_walk *walk, const struct assets *assets)
{
    assert(walk->characters == NULL);
    walk->characters = directory_open(assets->root, "characters");
    return walk->characters != NULL || errno == ENOENT ? STATUS_OK : STATUS_IO;
}

static void directory_close(DIR **directory)
{
    if (*directory != NULL) {
        closedir(*directory);
        *directory = NULL;
    }
}

void file_walk_fini(struct file_walk *walk)
{
    directory_close(&walk->directory);
    directory_close(&walk->characters);
}

/* What stands among the characters and is none: it may be gone, or somebody else's. */
static enum status stranger(struct stored_asset *out)
{
    *out = (struct stored_asset){.is_ours = false};
    return STATUS_OK;
}

static enum status next_character(struct file_walk *walk, struct stored_asset *out)
{
    const struct dirent *entry = walk->characters == NULL ? NULL : readdir(walk->characters);
    if (entry == NULL) {
        file_walk_fini(walk);
        return STATUS_NOT_FOUND;
    }
    if (entry->d_name[0] == '.') {
        return STATUS_AGAIN;
    }
    if (!stored_asset_character(slice_from_string(entry->d_name), &walk->character)) {
        return stranger(out);
    }
    walk->directory = directory_open(dirfd(walk->characters), entry->d_name);
    return walk->directory != NULL || errno == ENOENT ? STATUS_AGAIN : stranger(out);
}

enum status file_walk_next(struct file_walk *walk, struct stored_asset *out)
{
    struct stat stat;
    if (walk->directory == NULL) {
        return next_character(walk, out);
    }
    const struct dirent *entry = readdir(walk->directory);
    if (entry == NULL) {
        directory_close(&walk->directory);
        return STATUS_AGAIN;
    }
    if (entry->d_name[0] == '.') {
        return STATUS_AGAIN;
    }
    stored_asset_read(&walk->character, slice_from_string(entry->d_name), out);
    if (fstatat(dirfd(walk->directory), entry->d_name, &stat, AT_SYMLINK_NOFOLLOW) != 0) {
        return STATUS_AGAIN; /* it is gone */
    }
    out->is_ours = out->is_ours && S_ISREG(stat.st_mode);
    out->at_ms = (int64_t)stat.st_mtim.tv_sec * 1000 + stat.st_mtim.tv_nsec / 1000000;
    out->size = (uint64_t)stat.st_size;
    return STATUS_OK;
}

enum status file_walk_remove(struct file_walk *walk, const struct stored_asset *asset)
{
    assert(walk->directory != NULL && asset->is_ours);
    bool is_gone = unlinkat(dirfd(walk->directory), asset->name, 0) == 0 || errno == ENOENT;
    return is_gone ? STATUS_OK : STATUS_IO;
}
