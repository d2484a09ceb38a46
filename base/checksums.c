#include "base/checksums.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/file.h"

enum {
    PIECE_SIZE = 64 << 10, /* bytes that are read at once */
    PATH_SIZE = 4096,
    SEPARATOR_SIZE = 2,
};

static bool is_hash(struct slice text)
{
    for (size_t index = 0; index < text.size; index++) {
        if (text.data[index] == '\0' || strchr("0123456789abcdef", text.data[index]) == NULL) {
            return false;
        }
    }
    return text.size == CHECKSUM_SIZE;
}

static bool is_path(struct slice text)
{
    for (size_t index = 0; index < text.size; index++) {
        if (text.data[index] < ' ' || text.data[index] == '\\') {
            return false;
        }
    }
    return text.size > 0;
}

enum status checksum_next(struct slice *list, struct checksum *out)
{
    const size_t head = CHECKSUM_SIZE + SEPARATOR_SIZE;
    if (list->size == 0) {
        return STATUS_NOT_FOUND;
    }
    const uint8_t *end = memchr(list->data, '\n', list->size);
    if (end == NULL || (size_t)(end - list->data) < head) {
        return STATUS_MALFORMED;
    }
    size_t size = (size_t)(end - list->data);
    out->hash = slice_make(list->data, CHECKSUM_SIZE);
    out->path = slice_make(list->data + head, size - head);
    bool is_good = is_hash(out->hash) && is_path(out->path) &&
                   memcmp(list->data + CHECKSUM_SIZE, "  ", SEPARATOR_SIZE) == 0;
    *list = slice_make(end + 1, list->size - size - 1);
    return is_good ? STATUS_OK : STATUS_MALFORMED;
}

static enum status hash_all(int file, struct sha256_stream *stream, const atomic_bool *stop)
{
    uint8_t piece[PIECE_SIZE];
    ssize_t size;
    do {
        if (stop != NULL && atomic_load(stop)) {
            return STATUS_AGAIN;
        }
        size = read(file, piece, sizeof piece);
        if (size > 0) {
            sha256_stream_add(stream, slice_make(piece, (size_t)size));
        }
    } while (size > 0 || (size < 0 && errno == EINTR));
    return size == 0 ? STATUS_OK : STATUS_IO;
}

enum status checksum_of_file(const char *path, const atomic_bool *stop, char out[CHECKSUM_SIZE + 1])
{
    struct sha256_stream stream = {0};
    uint8_t hash[SHA256_SIZE];
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (file < 0) {
        return errno == ENOENT ? STATUS_NOT_FOUND : errno == EACCES ? STATUS_DENIED : STATUS_IO;
    }
    enum status status = sha256_stream_init(&stream);
    if (status == STATUS_OK) {
        status = hash_all(file, &stream, stop);
    }
    if (status == STATUS_OK) {
        sha256_stream_finish(&stream, hash);
        hex_write(slice_make(hash, sizeof hash), out);
    }
    sha256_stream_fini(&stream);
    close(file);
    return status;
}

static enum status append_line(struct buffer *out, const char *directory, const char *prefix,
                               const char *name, const atomic_bool *stop)
{
    char path[PATH_SIZE];
    char line[CHECKSUM_SIZE + SEPARATOR_SIZE + PATH_SIZE];
    char hash[CHECKSUM_SIZE + 1];
    if (!is_path(slice_from_string(name))) {
        return STATUS_INVALID;
    }
    int size = snprintf(path, sizeof path, "%s/%s", directory, name);
    enum status status =
        size < (int)sizeof path ? checksum_of_file(path, stop, hash) : STATUS_TOO_LARGE;
    if (status != STATUS_OK) {
        return status;
    }
    size = snprintf(line, sizeof line, "%s  %s/%s\n", hash, prefix, name);
    return size < (int)sizeof line ? buffer_append(out, line, (size_t)size) : STATUS_TOO_LARGE;
}

static int is_shown(const struct dirent *item)
{
    return item->d_name[0] != '.';
}

enum status checksums_write(const char *directory, const char *prefix, const atomic_bool *stop,
                            const char *path)
{
    struct dirent **items;
    struct buffer list;
    int count = scandir(directory, &items, is_shown, alphasort);
    if (count < 0) {
        return errno == ENOENT ? STATUS_NOT_FOUND : errno == ENOMEM ? STATUS_NO_MEMORY : STATUS_IO;
    }
    enum status status = STATUS_OK;
    buffer_init(&list, CHECKSUMS_SIZE_MAX);
    for (int index = 0; index < count; index++) {
        if (status == STATUS_OK) {
            status = append_line(&list, directory, prefix, items[index]->d_name, stop);
        }
        free(items[index]);
    }
    free(items);
    if (status == STATUS_OK) {
        status = file_write(path, buffer_slice(&list), 0600);
    }
    buffer_fini(&list);
    return status;
}
