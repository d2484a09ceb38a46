#include "gateway/assets.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/file.h"
#include "base/log.h"
#include "gateway/limits.h"

enum status assets_init(struct assets *assets, const char *path)
{
    *assets = (struct assets){.root = -1};
    if (directory_make(path, 0700) == STATUS_OK) {
        assets->root = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    }
    if (assets->root < 0) {
        log_error("cannot open the assets directory", "path=%s errno=%d", path, errno);
        return STATUS_IO;
    }
    return STATUS_OK;
}

void assets_init_bucket(struct assets *assets, const struct s3_bucket *bucket,
                        const struct s3_bucket *visitors)
{
    *assets = (struct assets){.bucket = bucket, .visitors = visitors, .root = -1};
}

void assets_fini(struct assets *assets)
{
    if (assets->root >= 0) {
        close(assets->root);
    }
    assets->root = -1;
}

static bool byte_is_fit(uint8_t byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '-' || byte == '_' || byte == '.';
}

/* Opens one segment below directory and closes directory. Returns the descriptor or -1. */
static int segment_open(int directory, const char *name, bool last)
{
    int flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | (last ? 0 : O_DIRECTORY);
    int fd = openat(directory, name, flags);
    int error = errno;
    close(directory);
    errno = error;
    return fd;
}

static bool file_is_plain(int fd)
{
    struct stat stat;
    return fstat(fd, &stat) == 0 && S_ISREG(stat.st_mode);
}

/* Cuts path into segments ended by NULs, in place. Returns false when it is no path of ours. */
static bool path_is_fit(char *path, size_t size)
{
    bool begins = true;
    for (size_t index = 0; index < size; index++) {
        if (path[index] == '/' && !begins) {
            path[index] = '\0';
            begins = true;
        } else if (!byte_is_fit((uint8_t)path[index]) || (begins && path[index] == '.')) {
            return false;
        } else {
            begins = false;
        }
    }
    return !begins;
}

bool assets_path_is_fit(struct slice path)
{
    char text[ASSET_PATH_SIZE_MAX];
    if (path.size > sizeof(text)) {
        return false;
    }
    memcpy(text, path.data, path.size);
    return path_is_fit(text, path.size);
}

/* A file that is there and cannot be opened is not to be taken for one that is not. */
static enum status status_of_errno(void)
{
    switch (errno) {
    case ENOENT:
    case ENOTDIR:
    case ELOOP:
    case ENAMETOOLONG:
        return STATUS_NOT_FOUND;
    case EMFILE:
    case ENFILE:
    case ENOMEM:
        return STATUS_BUSY;
    default:
        return STATUS_IO;
    }
}

enum status assets_open(const struct assets *assets, struct slice path, int *fd)
{
    char text[ASSET_PATH_SIZE_MAX + 1];
    if (path.size > ASSET_PATH_SIZE_MAX) {
        return STATUS_NOT_FOUND;
    }
    memcpy(text, path.data, path.size);
    text[path.size] = '\0';
    if (!path_is_fit(text, path.size)) {
        return STATUS_NOT_FOUND;
    }
    int found = fcntl(assets->root, F_DUPFD_CLOEXEC, 0);
    size_t offset = 0;
    while (found >= 0 && offset < path.size) {
        const char *name = text + offset;
        offset += strlen(name) + 1;
        found = segment_open(found, name, offset > path.size);
    }
    if (found < 0) {
        return status_of_errno();
    }
    if (!file_is_plain(found)) {
        close(found);
        return STATUS_NOT_FOUND;
    }
    *fd = found;
    return STATUS_OK;
}
