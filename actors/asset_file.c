#include "actors/asset_file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/file.h"

enum {
    NAME_SIZE = 2 * ID_SIZE, /* hexadecimal digits of a file's name */
    DIRECTORY_MODE = 0700,   /* the gateway runs as the same user */
    FILE_MODE = 0600,
    WRITE_OUT_SIZE = 8 << 20, /* bytes: what a slow disk (50 MB/s) takes in a sixth of a second */
};

#define URL_PREFIX "/assets/"

static enum status status_of_errno(void)
{
    switch (errno) {
    case EACCES:
    case EPERM:
    case EROFS:
        return STATUS_DENIED;
    case ENOSPC:
    case EDQUOT:
        return STATUS_FULL;
    default:
        return STATUS_IO;
    }
}

enum status asset_directory_init(struct asset_directory *store, const char *root)
{
    store->root = strdup(root);
    return store->root == NULL ? STATUS_NO_MEMORY : directory_make(root, DIRECTORY_MODE);
}

void asset_directory_fini(struct asset_directory *store)
{
    free(store->root);
    store->root = NULL;
}

/* ---- writing ---- */

bool asset_url(const struct id *character, const uint8_t random[ID_SIZE], const char *extension,
               char out[URL_SIZE_MAX + 1])
{
    char text[ID_TEXT_SIZE];
    char name[NAME_SIZE + 1];
    id_format(character, text);
    hex_write(slice_make(random, ID_SIZE), name);
    return snprintf(out, URL_SIZE_MAX + 1, URL_PREFIX "characters/%s/%s.%s", text, name,
                    extension) <= URL_SIZE_MAX;
}

void asset_url_set_extension(char url[URL_SIZE_MAX + 1], const char *extension)
{
    char *dot = strrchr(url, '.');
    assert(dot != NULL);
    int room = (int)(url + URL_SIZE_MAX + 1 - dot);
    int size = snprintf(dot, (size_t)room, ".%s", extension);
    assert(size < room); /* of a few bytes, behind a name of less than a hundred */
}

static bool name_part(struct file_writer *writer, const char *directory,
                      const uint8_t random[ID_SIZE], const char *extension)
{
    char name[NAME_SIZE + 1];
    hex_write(slice_make(random, ID_SIZE), name);
    return snprintf(writer->path_part, sizeof(writer->path_part), "%s/.%s.%s.part", directory, name,
                    extension) < (int)sizeof(writer->path_part);
}

enum status file_writer_begin(struct file_writer *writer, const struct asset_directory *store,
                              const struct id *character, const uint8_t random[ID_SIZE],
                              const char *extension, uint64_t size_max)
{
    assert(!writer->open);
    char directory[ASSET_PATH_SIZE_MAX];
    char text[ID_TEXT_SIZE];
    id_format(character, text);
    *writer = (struct file_writer){.store = store, .size_max = size_max};
    int size = snprintf(directory, sizeof(directory), "%s/characters/%s", store->root, text);
    if (size >= (int)sizeof(directory) || !asset_url(character, random, extension, writer->url) ||
        !name_part(writer, directory, random, extension)) {
        return STATUS_TOO_LARGE;
    }
    enum status status = directory_make(directory, DIRECTORY_MODE);
    if (status != STATUS_OK) {
        return status;
    }
    status = sha256_stream_init(&writer->hash);
    if (status != STATUS_OK) {
        return status;
    }
    writer->fd = open(writer->path_part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);
    if (writer->fd < 0) {
        status = status_of_errno();
        sha256_stream_fini(&writer->hash);
        return status;
    }
    writer->open = true;
    return STATUS_OK;
}

/* Whether the system or the file system merely cannot do it. */
static bool is_unsupported(int error)
{
    return error == ENOSYS || error == EINVAL || error == ESPIPE || error == EOPNOTSUPP;
}

/* Has the disk write each step while the next one is being filled, and waits for the one before:
 * the sync at the end, which holds the loop, has two of them at most to wait for and not a whole
 * video. An error is told only once, so that the sync at the end would not tell it again. */
static enum status write_out(struct file_writer *writer)
{
    while (writer->size - writer->asked_size >= WRITE_OUT_SIZE) {
        off_t at = (off_t)writer->asked_size;
        writer->asked_size += WRITE_OUT_SIZE;
        int result = sync_file_range(writer->fd, at, WRITE_OUT_SIZE, SYNC_FILE_RANGE_WRITE);
        if (result == 0 && at >= WRITE_OUT_SIZE) {
            result = sync_file_range(writer->fd, at - WRITE_OUT_SIZE, WRITE_OUT_SIZE,
                                     SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE |
                                         SYNC_FILE_RANGE_WAIT_AFTER);
        }
        if (result != 0 && !is_unsupported(errno)) {
            return status_of_errno();
        }
    }
    return STATUS_OK;
}

enum status file_writer_add(struct file_writer *writer, struct slice bytes)
{
    assert(writer->open);
    if (bytes.size > writer->size_max - writer->size) {
        return STATUS_TOO_LARGE;
    }
    sha256_stream_add(&writer->hash, bytes);
    writer->size += bytes.size;
    while (bytes.size > 0) {
        ssize_t written = write(writer->fd, bytes.data, bytes.size);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return status_of_errno();
        }
        bytes = slice_make(bytes.data + written, bytes.size - (size_t)written);
    }
    return write_out(writer);
}

static enum status sync_directory(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return status_of_errno();
    }
    enum status status = fsync(fd) == 0 ? STATUS_OK : status_of_errno();
    close(fd);
    return status;
}

/* The file's own directory, then the one that may have got a new entry for it. */
static enum status sync_directories(const char *path)
{
    char directory[ASSET_PATH_SIZE_MAX];
    snprintf(directory, sizeof(directory), "%s", path);
    for (int level = 0; level < 2; level++) {
        char *slash = strrchr(directory, '/');
        assert(slash != NULL);
        *slash = '\0';
        enum status status = sync_directory(directory);
        if (status != STATUS_OK) {
            return status;
        }
    }
    return STATUS_OK;
}

static void path_of_url(const struct asset_directory *store, const char *url,
                        char path[ASSET_PATH_SIZE_MAX])
{
    int size =
        snprintf(path, ASSET_PATH_SIZE_MAX, "%s/%s", store->root, url + sizeof(URL_PREFIX) - 1);
    assert(size < ASSET_PATH_SIZE_MAX);
}

enum status file_writer_commit(struct file_writer *writer, struct asset *out)
{
    assert(writer->open);
    char path[ASSET_PATH_SIZE_MAX];
    path_of_url(writer->store, writer->url, path);
    if (fsync(writer->fd) != 0 || rename(writer->path_part, path) != 0) {
        return status_of_errno();
    }
    writer->open = false;
    close(writer->fd);
    uint8_t hash[SHA256_SIZE];
    sha256_stream_finish(&writer->hash, hash);
    sha256_stream_fini(&writer->hash);
    enum status status = sync_directories(path);
    if (status != STATUS_OK) {
        unlink(path);
        return status;
    }
    memcpy(out->url, writer->url, sizeof(out->url));
    out->size = writer->size;
    hex_write(slice_make(hash, sizeof(hash)), out->sha256);
    return STATUS_OK;
}

void asset_directory_remove(const struct asset_directory *store, const char *url)
{
    char path[ASSET_PATH_SIZE_MAX];
    path_of_url(store, url, path);
    unlink(path);
}

void file_writer_fini(struct file_writer *writer)
{
    sha256_stream_fini(&writer->hash);
    if (writer->open) {
        writer->open = false;
        close(writer->fd);
        unlink(writer->path_part);
    }
}

/* ---- finding ---- */

static bool is_name_byte(uint8_t byte)
{
    return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || byte == '-';
}

/* characters/<id>/<name>.<extension>, of harmless letters only: nothing that climbs out of the
 * directory. */
bool asset_url_is_ours(struct slice url)
{
    static const char prefix[] = URL_PREFIX "characters/";
    size_t prefix_size = sizeof(prefix) - 1;
    if (url.size <= prefix_size || url.size > URL_SIZE_MAX ||
        memcmp(url.data, prefix, prefix_size) != 0) {
        return false;
    }
    size_t slashes = 0;
    size_t dots = 0;
    for (size_t index = prefix_size; index < url.size; index++) {
        uint8_t byte = url.data[index];
        if (byte == '/' && slashes == 0 && index > prefix_size) {
            slashes++;
        } else if (byte == '.' && slashes == 1 && dots == 0 && url.data[index - 1] != '/') {
            dots++;
        } else if (!is_name_byte(byte)) {
            return false;
        }
    }
    return slashes == 1 && dots == 1;
}

enum status asset_directory_find(const struct asset_directory *store, struct slice url,
                                 char path_out[ASSET_PATH_SIZE_MAX])
{
    if (!asset_url_is_ours(url)) {
        return STATUS_MALFORMED;
    }
    int size = snprintf(path_out, ASSET_PATH_SIZE_MAX, "%s/%.*s", store->root,
                        (int)(url.size - sizeof(URL_PREFIX) + 1),
                        (const char *)url.data + sizeof(URL_PREFIX) - 1);
    if (size >= ASSET_PATH_SIZE_MAX) {
        return STATUS_MALFORMED;
    }
    return access(path_out, R_OK) == 0 ? STATUS_OK : STATUS_NOT_FOUND;
}
