/* `troupe restore`: puts a backup in the place of a data directory's store, which is kept. */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "base/checksums.h"
#include "base/clock.h"
#include "base/file.h"
#include "cli/command.h"
#include "cli/json_line.h"
#include "cli/layout.h"

#define STORE_NAME "broker" /* of the copy in a backup, and of the store in a data directory */

enum {
    COPY_SIZE = 64 << 10, /* bytes that are read at once */
};

const char usage_restore[] =
    "usage: troupe restore BACKUP [--data DIR] [--json]\n"
    "Puts a backup in the place of the store of DIR, where nothing may be running.\n"
    "BACKUP is a name of DIR/backups, or the path of such a directory; its files must\n"
    "be as they were made. The store that is there is kept beside it, as\n"
    "DIR/broker.replaced-TIME. Pictures and videos are no part of it.\n";

static enum status write_all(int to, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t written = write(to, bytes, size);
        if (written < 0 && errno != EINTR) {
            return errno == ENOSPC ? STATUS_FULL : STATUS_IO;
        }
        bytes += written > 0 ? written : 0;
        size -= written > 0 ? (size_t)written : 0;
    }
    return STATUS_OK;
}

/* Copies from where the descriptors stand to the end of from, through this process. */
static enum status copy_through(int from, int to)
{
    char bytes[COPY_SIZE];
    enum status status = STATUS_OK;
    ssize_t size = 1;
    while (status == STATUS_OK && size != 0) {
        size = read(from, bytes, sizeof bytes);
        if (size < 0 && errno != EINTR) {
            return STATUS_IO;
        }
        status = size > 0 ? write_all(to, bytes, (size_t)size) : STATUS_OK;
    }
    return status;
}

/* The same within the kernel, which shares the blocks where it can. From one file system to another
 * many kernels do not do it, and some file systems not at all. */
static enum status copy_bytes(int from, int to)
{
    ssize_t size;
    enum status status = STATUS_OK;
    do {
        size = copy_file_range(from, NULL, to, NULL, 1 << 30, 0);
    } while (size > 0 || (size < 0 && errno == EINTR));
    if (size < 0) {
        bool is_unable =
            errno == EXDEV || errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP;
        status = is_unable ? copy_through(from, to) : errno == ENOSPC ? STATUS_FULL : STATUS_IO;
    }
    return status != STATUS_OK ? status : fsync(to) == 0 ? STATUS_OK : STATUS_IO;
}

static enum status copy_file(const char *from, const char *to)
{
    int source = open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    int target = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    enum status status = source >= 0 && target >= 0 ? copy_bytes(source, target) : STATUS_IO;
    if (source >= 0) {
        close(source);
    }
    if (target >= 0 && close(target) != 0) {
        status = STATUS_IO;
    }
    return status;
}

/* Copies the files of a directory, which has no others in it, into a new one. */
static enum status copy_directory(const char *from, const char *to)
{
    char source[PATH_SIZE_MAX];
    char target[PATH_SIZE_MAX];
    struct dirent *item;
    DIR *directory = opendir(from);
    enum status status = directory == NULL ? STATUS_NOT_FOUND : directory_make(to, 0700);
    while (status == STATUS_OK && (item = readdir(directory)) != NULL) {
        if (item->d_name[0] == '.') {
            continue;
        }
        status = stack_path(from, item->d_name, source);
        if (status == STATUS_OK) {
            status = stack_path(to, item->d_name, target);
        }
        if (status == STATUS_OK) {
            status = copy_file(source, target);
        }
    }
    if (directory != NULL) {
        closedir(directory);
    }
    return status == STATUS_OK ? directory_sync(to) : status;
}

/* Compares a file of the copy with its line. */
static enum status check_file(const char *copy, const struct checksum *line)
{
    static const char prefix[] = STORE_NAME "/";
    const size_t prefix_size = sizeof prefix - 1;
    char name[PATH_SIZE_MAX];
    char path[PATH_SIZE_MAX];
    char hash[CHECKSUM_SIZE + 1];
    const char *rest = (const char *)line->path.data;
    bool is_file = line->path.size > prefix_size && line->path.size < sizeof name &&
                   memcmp(rest, prefix, prefix_size) == 0 &&
                   memchr(rest + prefix_size, '/', line->path.size - prefix_size) == NULL;
    if (!is_file) {
        return STATUS_MALFORMED;
    }
    snprintf(name, sizeof name, "%.*s", SLICE_PRINT(line->path));
    enum status status = stack_path(copy, name + prefix_size, path);
    if (status == STATUS_OK) {
        status = checksum_of_file(path, NULL, hash);
    }
    if (status == STATUS_NOT_FOUND) {
        fprintf(stderr, "troupe: the backup is not whole: %s is missing\n", name);
    } else if (status == STATUS_OK && !slice_equal(slice_from_string(hash), line->hash)) {
        fprintf(stderr, "troupe: the backup is damaged: %s is not as it was made\n", name);
        status = STATUS_MALFORMED;
    }
    return status;
}

static size_t count_files(const char *path)
{
    size_t count = 0;
    struct dirent *item;
    DIR *directory = opendir(path);
    while (directory != NULL && (item = readdir(directory)) != NULL) {
        count += item->d_name[0] != '.';
    }
    if (directory != NULL) {
        closedir(directory);
    }
    return count;
}

static enum status check_files(const char *copy, struct slice list)
{
    struct checksum line;
    size_t count = 0;
    enum status status;
    while ((status = checksum_next(&list, &line)) == STATUS_OK) {
        status = check_file(copy, &line);
        if (status != STATUS_OK) {
            return status;
        }
        count++;
    }
    if (status == STATUS_MALFORMED) {
        fprintf(stderr, "troupe: the backup is damaged: its SHA256SUMS is no list of checksums\n");
    } else if (count != count_files(copy)) {
        fprintf(stderr,
                "troupe: the backup is damaged: it has files that its SHA256SUMS does not\n");
        return STATUS_MALFORMED;
    }
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

/* Compares the copy of a backup's store with the checksums that stand beside that. */
static enum status check_copy(const char *store, const char *copy)
{
    char path[PATH_SIZE_MAX];
    struct buffer list;
    int size = snprintf(path, sizeof path, "%.*sSHA256SUMS",
                        (int)(strlen(store) - (sizeof STORE_NAME - 1)), store);
    buffer_init(&list, CHECKSUMS_SIZE_MAX);
    enum status status = size < PATH_SIZE_MAX ? file_read(path, &list) : STATUS_TOO_LARGE;
    if (status == STATUS_OK) {
        status = check_files(copy, buffer_slice(&list));
    } else if (status == STATUS_NOT_FOUND) {
        fprintf(stderr, "troupe: the backup is not whole: its SHA256SUMS is missing\n");
    }
    buffer_fini(&list);
    return status;
}

/* The store of the backup that a word names: a path when it has a slash. */
static enum status find_backup(const char *data, const char *word, char out[PATH_SIZE_MAX])
{
    char backups[PATH_SIZE_MAX];
    char backup[PATH_SIZE_MAX];
    char current[PATH_SIZE_MAX];
    struct stat about;
    enum status status = stack_path(data, "backups", backups);
    if (status == STATUS_OK && strchr(word, '/') == NULL) {
        status = stack_path(backups, word, backup);
    } else if (status == STATUS_OK) {
        int size = snprintf(backup, sizeof backup, "%s", word);
        status = size < PATH_SIZE_MAX ? STATUS_OK : STATUS_INVALID;
    }
    if (status == STATUS_OK) {
        status = stack_path(backup, STORE_NAME, out);
    }
    if (status == STATUS_OK) {
        status = stack_path(out, "CURRENT", current);
    }
    if (status == STATUS_OK && stat(current, &about) != 0) {
        fprintf(stderr, "troupe: there is no backup %s\n", backup);
        return STATUS_NOT_FOUND;
    }
    return status;
}

/* Takes the locks of `troupe up` and of the broker, which end with this process. */
static int lock_data(const char *data)
{
    static const char *const names[] = {"stack.lock", "broker/broker.lock"};
    char path[PATH_SIZE_MAX];
    int lock;
    for (size_t index = 0; index < sizeof names / sizeof names[0]; index++) {
        if (stack_path(data, names[index], path) != STATUS_OK) {
            return EXIT_CODE_FAILED;
        }
        enum status status = file_lock(path, &lock);
        if (status == STATUS_BUSY) {
            fprintf(stderr, "troupe: the data directory %s is in use: stop the stack first\n",
                    data);
            return EXIT_CODE_IN_USE;
        }
        if (status != STATUS_OK && status != STATUS_NOT_FOUND) {
            fprintf(stderr, "troupe: cannot lock %s: %s\n", path, status_text(status));
            return EXIT_CODE_FAILED;
        }
    }
    return EXIT_CODE_OK;
}

/* Exchanges the copy and the store in two steps, where the file system cannot do it in one: the
 * store goes back when the copy cannot take its place. */
static enum status exchange_slowly(const char *copy, const char *store, const char *kept)
{
    if (rename(store, kept) != 0) {
        return STATUS_IO;
    }
    if (rename(copy, store) == 0) {
        return STATUS_OK;
    }
    if (rename(kept, store) != 0) {
        fprintf(stderr,
                "troupe: there is no store now: the one that was there is %s, move it to %s\n",
                kept, store);
    }
    return STATUS_IO;
}

/* The copy takes the place of the store, which is then at kept; or nothing has changed. kept is
 * empty when there was no store. Under the store's later name the copy is whole at each moment, and
 * no later try takes it for its own and removes it. */
static enum status replace(const char *data, const char *copy, char kept[PATH_SIZE_MAX])
{
    char store[PATH_SIZE_MAX];
    char name[64];
    struct clock clock;
    clock_init(&clock, 0);
    snprintf(name, sizeof name, "broker.replaced-%lld", (long long)clock_now_ms(&clock));
    enum status status = stack_path(data, STORE_NAME, store);
    if (status == STATUS_OK) {
        status = stack_path(data, name, kept);
    }
    if (status != STATUS_OK || rename(copy, kept) != 0) {
        return STATUS_IO;
    }
    if (renameat2(AT_FDCWD, kept, AT_FDCWD, store, RENAME_EXCHANGE) == 0) {
        return directory_sync(data);
    }
    bool is_first = errno == ENOENT;
    bool is_unable = errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP;
    if (rename(kept, is_first ? store : copy) != 0) {
        status = STATUS_IO;
    } else if (is_first) {
        kept[0] = '\0';
    } else {
        status = is_unable ? exchange_slowly(copy, store, kept) : STATUS_IO;
    }
    return status == STATUS_OK ? directory_sync(data) : status;
}

/* kept is empty when there was no store. */
static int tell(const char *backup, const char *kept, bool json)
{
    struct json_line line;
    if (!json) {
        printf("%-12s %s\n", "restored", backup);
        if (kept[0] != '\0') {
            printf("%-12s %s\n", "kept", kept);
        }
        return EXIT_CODE_OK;
    }
    json_line_begin(&line);
    json_member_text(&line.json, "restored", slice_from_string(backup));
    json_member_text_or_null(&line.json, "kept", slice_from_string(kept));
    return json_line_end(&line);
}

static int restore(const char *data, const char *word, bool json)
{
    char backup[PATH_SIZE_MAX];
    char copy[PATH_SIZE_MAX];
    char kept[PATH_SIZE_MAX] = "";
    if (find_backup(data, word, backup) != STATUS_OK) {
        return EXIT_CODE_FAILED;
    }
    int code = lock_data(data);
    if (code != EXIT_CODE_OK) {
        return code;
    }
    enum status status = stack_path(data, "broker.restoring", copy);
    if (status == STATUS_OK) {
        status = directory_remove(copy); /* of a try that was cut off */
    }
    if (status == STATUS_OK) {
        status = copy_directory(backup, copy);
    }
    if (status == STATUS_OK) {
        status = check_copy(backup, copy);
    }
    if (status == STATUS_OK) {
        status = replace(data, copy, kept);
    }
    if (status != STATUS_OK) {
        fprintf(stderr, "troupe: cannot restore to %s: %s\n", data, status_text(status));
        directory_remove(copy);
        if (kept[0] != '\0' && access(kept, F_OK) == 0) {
            fprintf(stderr, "troupe: %s is left of it\n", kept);
        }
        return EXIT_CODE_FAILED;
    }
    return tell(backup, kept, json);
}

int command_restore(int count, char **words)
{
    const char *given = NULL;
    bool json = false;
    char data[PATH_SIZE_MAX];
    const struct option_rule rules[] = {{"--data", &given, NULL}, {"--json", NULL, &json}};
    int others = options_take(count, words, rules, 2);
    if (others == 1 && words[0][0] == '\0') {
        return options_wrong(usage_restore, "BACKUP is empty");
    }
    if (others != 1) {
        return options_words(usage_restore, "BACKUP", 1, 1, others, words);
    }
    if (stack_data_directory(given, data) != STATUS_OK) {
        return EXIT_CODE_USAGE;
    }
    return layout_make(data) == STATUS_OK ? restore(data, words[0], json) : EXIT_CODE_FAILED;
}
