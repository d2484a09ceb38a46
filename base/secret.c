#include "base/secret.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include "base/file.h"
#include "base/log.h"

static bool is_open_to_others(const char *path)
{
    struct stat file;
    struct statvfs mount;
    bool is_closed = stat(path, &file) == 0 && (file.st_mode & (S_IRWXG | S_IRWXO)) == 0;
    return !is_closed && (statvfs(path, &mount) != 0 || (mount.f_flag & ST_RDONLY) == 0);
}

enum status secret_file_read(const char *path, struct buffer *out)
{
    enum status status = file_read(path, out);
    return status == STATUS_OK && is_open_to_others(path) ? STATUS_INVALID : status;
}

void secret_buffer_fini(struct buffer *buffer)
{
    if (buffer->capacity > 0) {
        explicit_bzero(buffer->data, buffer->capacity);
    }
    buffer_fini(buffer);
}

static enum status read_one(const char *name, const char *path, struct buffer *out)
{
    enum status status = secret_file_read(path, out);
    if (status == STATUS_INVALID) {
        log_error("file of a setting is open to others; it must have mode 0600, or be on a "
                  "read-only mount",
                  "name=%s", name);
    } else if (status != STATUS_OK) {
        log_error("file of a setting cannot be read", "name=%s problem=\"%s: %s\"", name, path,
                  status_text(status));
    }
    return status;
}

/* Keys go into headers: a line's end in one would begin another header. */
static bool is_printable(struct slice text)
{
    for (size_t index = 0; index < text.size; index++) {
        if (text.data[index] <= ' ' || text.data[index] > '~') {
            return false;
        }
    }
    return true;
}

enum status secret_read(const char *name, const char *path, const char *text, char **out)
{
    struct buffer content;
    enum status status = STATUS_OK;
    buffer_init(&content, SECRET_SIZE_MAX);
    if (path != NULL) {
        status = read_one(name, path, &content);
    } else if (text != NULL && buffer_append(&content, text, strlen(text)) != STATUS_OK) {
        log_error("setting is too long", "name=%s bytes_max=%d", name, SECRET_SIZE_MAX);
        status = STATUS_INVALID;
    }
    if (status == STATUS_OK) {
        while (content.size > 0 && content.data[content.size - 1] <= ' ') {
            content.size--;
        }
    }
    if (status == STATUS_OK && !is_printable(buffer_slice(&content))) {
        log_error("secret has a blank, a line's end or another byte that keys do not have",
                  "name=%s", name);
        status = STATUS_INVALID;
    }
    if (status == STATUS_OK) {
        *out = strndup(content.size > 0 ? (const char *)content.data : "", content.size);
        status = *out == NULL ? STATUS_NO_MEMORY : STATUS_OK;
    }
    secret_buffer_fini(&content);
    return status == STATUS_OK ? STATUS_OK : STATUS_INVALID;
}

void secret_forget(char **secret)
{
    if (*secret != NULL) {
        explicit_bzero(*secret, strlen(*secret));
        free(*secret);
        *secret = NULL;
    }
}
