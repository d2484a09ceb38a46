#include "gateway/assets.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include "gateway/limits.h"

/* A character's directory is renamed first: no URL leads to a name that begins with a dot. */

enum {
    HIDDEN_NAME_SIZE = ID_TEXT_SIZE + 1,
};

#define CHARACTERS "characters"
#define URL_PREFIX "/assets/" CHARACTERS "/"

static int directory_open(int parent, const char *name)
{
    return openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static enum status status_of_missing(void)
{
    return errno == ENOENT ? STATUS_OK : STATUS_IO;
}

static bool is_entry(const char *name)
{
    return strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

/* Removes the files of a directory, whose descriptor it takes over. */
static enum status files_remove(int fd, uint32_t *left)
{
    DIR *directory = fdopendir(fd);
    struct dirent *entry;
    enum status status = STATUS_OK;
    if (directory == NULL) {
        close(fd);
        return STATUS_IO;
    }
    while (status == STATUS_OK && (entry = readdir(directory)) != NULL) {
        if (!is_entry(entry->d_name)) {
            continue;
        }
        if (*left == 0) {
            status = STATUS_AGAIN;
        } else if (unlinkat(fd, entry->d_name, 0) != 0) {
            status = status_of_missing();
        } else {
            (*left)--;
        }
    }
    closedir(directory);
    return status;
}

static enum status hidden_remove(int characters, const char *hidden, uint32_t *left)
{
    int fd = directory_open(characters, hidden);
    if (fd < 0) {
        return status_of_missing();
    }
    enum status status = files_remove(fd, left);
    if (status == STATUS_OK && unlinkat(characters, hidden, AT_REMOVEDIR) != 0) {
        status = status_of_missing();
    }
    return status;
}

enum status assets_remove_character(const struct assets *assets, const struct id *character,
                                    uint32_t *left)
{
    char hidden[HIDDEN_NAME_SIZE] = ".";
    id_format(character, hidden + 1);
    int characters = directory_open(assets->root, CHARACTERS);
    if (characters < 0) {
        return status_of_missing();
    }
    enum status status = STATUS_OK;
    if (renameat(characters, hidden + 1, characters, hidden) != 0 && errno != ENOENT) {
        /* What was hidden before is still there: this one's turn comes after it. */
        status = errno == ENOTEMPTY || errno == EEXIST ? STATUS_AGAIN : STATUS_IO;
    }
    enum status removed = hidden_remove(characters, hidden, left);
    close(characters);
    return removed == STATUS_OK ? status : removed;
}

/* The name of a file in the character's directory; NULL when the URL is no such file's. */
static const char *name_of(const struct id *character, const char *url)
{
    char prefix[sizeof(URL_PREFIX) + ID_TEXT_SIZE] = URL_PREFIX;
    id_format(character, prefix + sizeof(URL_PREFIX) - 1);
    size_t size = strlen(prefix);
    if (strncmp(url, prefix, size) != 0 || url[size] != '/') {
        return NULL;
    }
    const char *name = url + size + 1;
    return *name == '.' || *name == '\0' || strchr(name, '/') != NULL ? NULL : name;
}

enum status assets_remove(const struct assets *assets, const struct id *character, struct slice url)
{
    char text[ASSET_PATH_SIZE_MAX + sizeof(URL_PREFIX)];
    char directory[ID_TEXT_SIZE];
    if (url.size >= sizeof(text)) {
        return STATUS_OK;
    }
    memcpy(text, url.data, url.size);
    text[url.size] = '\0';
    const char *name = name_of(character, text);
    if (name == NULL) {
        return STATUS_OK;
    }
    id_format(character, directory);
    int characters = directory_open(assets->root, CHARACTERS);
    int fd = characters < 0 ? -1 : directory_open(characters, directory);
    enum status status = fd < 0 || unlinkat(fd, name, 0) != 0 ? status_of_missing() : STATUS_OK;
    if (characters >= 0) {
        close(characters);
    }
    if (fd >= 0) {
        close(fd);
    }
    return status;
}
