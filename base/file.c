#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    PATH_SIZE_MAX = 4096,
    READ_SIZE = 65536,
};

static enum status status_of(int error)
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
    case EWOULDBLOCK:
        return STATUS_BUSY;
    default:
        return STATUS_IO;
    }
}

enum status file_read(const char *path, struct buffer *out)
{
    uint8_t *room;
    enum status status = STATUS_OK;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return status_of(errno);
    }
    for (;;) {
        /* Near the limit, one byte more than fits tells a file that is too large from one that just
         * fits. */
        size_t room_size = out->size_max - out->size;
        uint8_t extra;
        room_size = room_size < READ_SIZE ? room_size : READ_SIZE;
        status = buffer_reserve(out, room_size, &room);
        if (status != STATUS_OK) {
            break;
        }
        ssize_t size = read(file, room_size > 0 ? room : &extra, room_size > 0 ? room_size : 1);
        if (size < 0 && errno == EINTR) {
            continue;
        }
        if (size <= 0) {
            status = size < 0 ? status_of(errno) : STATUS_OK;
            break;
        }
        if (room_size == 0) {
            status = STATUS_TOO_LARGE;
            break;
        }
        buffer_commit(out, (size_t)size);
    }
    close(file);
    return status;
}

static enum status write_all(int file, struct slice content)
{
    while (content.size > 0) {
        ssize_t size = write(file, content.data, content.size);
        if (size < 0 && errno == EINTR) {
            continue;
        }
        if (size < 0) {
            return status_of(errno);
        }
        content = slice_make(content.data + size, content.size - (size_t)size);
    }
    return STATUS_OK;
}

static enum status sync_directory_of(const char *path)
{
    char directory[PATH_SIZE_MAX];
    const char *slash = strrchr(path, '/');
    int size = slash == NULL ? snprintf(directory, sizeof directory, ".")
               : slash == path
                   ? snprintf(directory, sizeof directory, "/")
                   : snprintf(directory, sizeof directory, "%.*s", (int)(slash - path), path);
    if (size < 0 || size >= PATH_SIZE_MAX) {
        return STATUS_IO;
    }
    int file = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file < 0) {
        return status_of(errno);
    }
    enum status status = fsync(file) == 0 ? STATUS_OK : status_of(errno);
    close(file);
    return status;
}

enum status file_write(const char *path, struct slice content, mode_t mode)
{
    char temporary[PATH_SIZE_MAX];
    int size = snprintf(temporary, sizeof temporary, "%s.XXXXXX", path);
    if (size < 0 || size >= PATH_SIZE_MAX) {
        return STATUS_IO;
    }
    int file = mkostemp(temporary, O_CLOEXEC);
    if (file < 0) {
        return status_of(errno);
    }
    enum status status = write_all(file, content);
    if (status == STATUS_OK && (fchmod(file, mode) != 0 || fsync(file) != 0)) {
        status = status_of(errno);
    }
    close(file);
    if (status == STATUS_OK && rename(temporary, path) != 0) {
        status = status_of(errno);
    }
    if (status != STATUS_OK) {
        unlink(temporary);
        return status;
    }
    return sync_directory_of(path);
}

enum status directory_make(const char *path, mode_t mode)
{
    char part[PATH_SIZE_MAX];
    struct stat information;
    size_t size = strlen(path);
    if (size == 0 || size >= sizeof part) {
        return STATUS_IO;
    }
    memcpy(part, path, size + 1);
    for (size_t index = 1; index <= size; index++) {
        if (part[index] != '/' && part[index] != '\0') {
            continue;
        }
        char end = part[index];
        part[index] = '\0';
        if (mkdir(part, mode) != 0 && errno != EEXIST) {
            return status_of(errno);
        }
        part[index] = end;
    }
    return stat(path, &information) == 0 && S_ISDIR(information.st_mode) ? STATUS_OK : STATUS_IO;
}

enum status file_lock(const char *path, int *fd_out)
{
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) {
        return status_of(errno);
    }
    if (flock(file, LOCK_EX | LOCK_NB) != 0) {
        enum status status = status_of(errno);
        close(file);
        return status;
    }
    *fd_out = file;
    return STATUS_OK;
}
