#include "base/file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    READ_SIZE = 65536, /* bytes asked for at once: /proc and pipes do not tell their size */
};

static enum status status_of_errno(int error)
{
    switch (error) {
    case ENOENT:
    case ENOTDIR:
        return STATUS_NOT_FOUND;
    case EACCES:
    case EPERM:
    case EROFS:
        return STATUS_DENIED;
    case ENOSPC:
    case EDQUOT:
        return STATUS_FULL;
    case ENOMEM:
        return STATUS_NO_MEMORY;
    case EWOULDBLOCK:
        return STATUS_BUSY;
    default:
        return STATUS_IO;
    }
}

/* Appends up to READ_SIZE bytes; *size_out is 0 at the end of the file. The limit is known to be
 * passed only when one more byte than it allows was there to read. */
static enum status read_some(int fd, struct buffer *out, size_t *size_out)
{
    size_t room = out->size_max - out->size;
    size_t wanted = room < READ_SIZE ? room : READ_SIZE;
    uint8_t probe;
    uint8_t *place = &probe;
    if (wanted > 0) {
        enum status status = buffer_reserve(out, wanted, &place);
        if (status != STATUS_OK) {
            return status;
        }
    }
    ssize_t size;
    do {
        size = read(fd, place, wanted > 0 ? wanted : sizeof(probe));
    } while (size < 0 && errno == EINTR);
    if (size < 0) {
        return status_of_errno(errno);
    }
    if (wanted == 0 && size > 0) {
        return STATUS_TOO_LARGE;
    }
    buffer_commit(out, (size_t)size);
    *size_out = (size_t)size;
    return STATUS_OK;
}

enum status file_read(const char *path, struct buffer *out)
{
    assert(out->size <= out->size_max);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return status_of_errno(errno);
    }
    size_t size_before = out->size;
    size_t size = 0;
    enum status status;
    do {
        status = read_some(fd, out, &size);
    } while (status == STATUS_OK && size > 0);
    close(fd);
    if (status != STATUS_OK) {
        out->size = size_before;
    }
    return status;
}

static enum status write_all(int fd, struct slice content)
{
    while (content.size > 0) {
        ssize_t size = write(fd, content.data, content.size);
        if (size < 0 && errno == EINTR) {
            continue;
        }
        if (size < 0) {
            return status_of_errno(errno);
        }
        content = slice_make(content.data + size, content.size - (size_t)size);
    }
    return STATUS_OK;
}

/* Makes the directory's entries durable. */
enum status directory_sync(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return status_of_errno(errno);
    }
    enum status status = fsync(fd) == 0 ? STATUS_OK : status_of_errno(errno);
    close(fd);
    return status;
}

/* Fills, syncs and closes an open temporary file. */
static enum status fill_file(int fd, struct slice content, mode_t mode)
{
    enum status status = write_all(fd, content);
    if (status == STATUS_OK && (fchmod(fd, mode) != 0 || fsync(fd) != 0)) {
        status = status_of_errno(errno);
    }
    if (close(fd) != 0 && status == STATUS_OK) {
        status = status_of_errno(errno);
    }
    return status;
}

enum status file_write(const char *path, struct slice content, mode_t mode)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash == NULL ? path : slash + 1;
    char directory[PATH_MAX];
    char temporary[PATH_MAX];
    int directory_size = snprintf(directory, sizeof(directory), "%.*s", (int)(name - path), path);
    int size = snprintf(temporary, sizeof(temporary), "%s.%s.XXXXXX", directory, name);
    if (directory_size >= PATH_MAX || size >= PATH_MAX) {
        return STATUS_IO;
    }
    int fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0) {
        return status_of_errno(errno);
    }
    enum status status = fill_file(fd, content, mode);
    if (status == STATUS_OK && rename(temporary, path) != 0) {
        status = status_of_errno(errno);
    }
    if (status != STATUS_OK) {
        unlink(temporary);
        return status;
    }
    return directory_sync(directory[0] == '\0' ? "." : directory);
}

static bool is_directory(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

static enum status make_one(const char *path, mode_t mode)
{
    if (mkdir(path, mode) == 0) {
        return STATUS_OK;
    }
    int error = errno;
    return is_directory(path) ? STATUS_OK : status_of_errno(error);
}

enum status directory_make(const char *path, mode_t mode)
{
    char part[PATH_MAX];
    size_t size = strlen(path);
    if (size == 0 || size >= sizeof(part)) {
        return STATUS_IO;
    }
    memcpy(part, path, size + 1);
    enum status status = STATUS_OK;
    for (size_t index = 1; index < size && status == STATUS_OK; index++) {
        if (part[index] == '/') {
            part[index] = '\0';
            status = make_one(part, mode);
            part[index] = '/';
        }
    }
    if (status == STATUS_OK) {
        status = make_one(part, mode);
    }
    /* A file where a directory should be is no missing thing. */
    return status == STATUS_NOT_FOUND ? STATUS_IO : status;
}

static int remove_one(const char *path, const struct stat *about, int type, struct FTW *place)
{
    (void)about;
    (void)type;
    (void)place;
    return remove(path);
}

enum status directory_remove(const char *path)
{
    enum {
        DESCRIPTORS_MAX = 16
    };
    if (nftw(path, remove_one, DESCRIPTORS_MAX, FTW_DEPTH | FTW_PHYS) == 0 || errno == ENOENT) {
        return STATUS_OK;
    }
    return status_of_errno(errno);
}

enum status file_lock(const char *path, int *fd_out)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        return status_of_errno(errno);
    }
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        enum status status = status_of_errno(errno);
        close(fd);
        return status;
    }
    *fd_out = fd;
    return STATUS_OK;
}
